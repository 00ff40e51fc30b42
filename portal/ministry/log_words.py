"""What the log's codes are called: actions, fields, who acts."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _

from portal.web.i18n import once_a_language


@once_a_language
def action_labels() -> Mapping[str, str]:
    """The actions, in the order they are offered."""
    return {
        "supplier.created": _("firm listed"),
        "supplier.changed": _("firm changed"),
        "supplier.withdrawn": _("firm withdrawn"),
        "supplier.restored": _("firm restored"),
        "supplier.renamed": _("firm renamed"),
        "supplier.status": _("registration status"),
        "supplier.risk": _("risk"),
        "supplier.merged": _("firms merged"),
        "profile.hidden": _("profile taken down"),
        "profile.shown": _("profile put back"),
        "supplier.corrected": _("mistake put right"),
        "supplier.undone": _("change taken back"),
        "duplicates.searched": _("duplicates searched for"),
        "duplicate.different": _("firms told apart"),
        "duplicate.reopened": _("pair of firms opened again"),
        "certificate.state": _("certificate: state"),
        "edition.asked": _("ranking: draft asked for"),
        "edition.drafted": _("ranking: draft made"),
        "edition.notice": _("ranking: public notice opened"),
        "edition.objection": _("ranking: objection"),
        "edition.answered": _("ranking: objection answered"),
        "edition.published": _("ranking published"),
        "edition.taken_back": _("ranking taken back"),
        "edition.discarded": _("ranking: draft discarded"),
        "catalogue.loaded": _("catalogue taken into use"),
        "announcement.published": _("announcement published"),
        "announcement.edited": _("announcement changed"),
        "announcement.taken_back": _("announcement taken back"),
        "announcement.put_back": _("announcement shown again"),
        "review.passed": _("case passed on"),
        "review.approved": _("case approved"),
        "review.returned": _("case returned"),
        "review.refused": _("case refused"),
        "review.taken": _("case taken"),
        "review.released": _("case let go"),
        "target.stated": _("target stated"),
        "target.changed": _("target changed"),
        "target.closed": _("target closed"),
        "target.reopened": _("target reopened"),
        "target.undone": _("target: change taken back"),
        "organisation": _("organisation: state"),
        "claim.held": _("firm claimed by a code"),
        "claim.given_up": _("firm given up"),
        "claim.letters": _("letters printed with codes to claim firms"),
        "created": _("account made"),
        "invited": _("invited"),
        "invitation withdrawn": _("invitation withdrawn"),
        "joined": _("joined"),
        "role": _("role changed"),
        "territory": _("territory changed"),
        "disabled": _("account disabled"),
        "enabled": _("account enabled"),
        "account deleted": _("account deleted"),
        "inquiries stopped": _("contact requests stopped"),
        "inquiries allowed": _("contact requests allowed again"),
        "inquiry report dismissed": _("report of a contact request dismissed"),
        "signed in": _("signed in"),
        "signed out everywhere": _("signed out everywhere"),
        "locked out": _("locked out after failures"),
        "password changed": _("password changed"),
        "password reset": _("password reset"),
        "second step on": _("authenticator set up"),
        "second step off": _("authenticator removed"),
        "recovery codes renewed": _("recovery codes renewed"),
        "audit.checked": _("log checked"),
        "audit.exported": _("log exported"),
        "audit.pruned": _("log pruned"),
        "audit.signed": _("log signed anew"),
    }


@once_a_language
def field_labels() -> Mapping[str, str]:
    """The fields that change, and the kinds of rows that belong to a firm."""
    return {
        "name_zh": _("Chinese name"),
        "name_en": _("English name"),
        "former_names": _("Former names"),
        "sector": _("Sector"),
        "size": _("Size"),
        "status": _("Registration status"),
        "status_on": _("Status checked on"),
        "established_on": _("Established on"),
        "region": _("Registered place"),
        "address": _("Registered address"),
        "legal_representative": _("Legal representative"),
        "phone": _("Telephone"),
        "website": _("Website"),
        "description_zh": _("Description in Chinese"),
        "description_en": _("Description in English"),
        "industries": _("Industries"),
        "processes": _("Processes"),
        "products_zh": _("Products in Chinese"),
        "products_en": _("Products in English"),
        "sites": _("Production sites"),
        "risks": _("Risks"),
        "self_declared": _("Declared by the firm itself"),
        "provenance_id": _("Source"),
        "profile_hidden_at": _("Profile taken down at"),
        "profile_hidden_reason": _("Reason of the take-down"),
        "withdrawn_at": _("Withdrawn at"),
        "withdrawn_reason": _("Reason of the withdrawal"),
        "merged_into_id": _("Merged into"),
        "merged": _("Merged entry"),
        "belongs_to": _("Belongs to"),
        "firms": _("Firms"),
        "certificates": _("Certificate"),
        "assessments": _("Assessment"),
        "recognitions": _("Tier"),
        "achievements": _("Achievement"),
        "level": _("Level"),
        "number": _("Number"),
        "issuer": _("Issuer"),
        "scope": _("Certified scope"),
        "basis": _("Basis"),
        "issued_on": _("Issued on"),
        "expires_on": _("Valid until"),
        "state": _("State"),
        "state_on": _("State since"),
        "state_reason": _("Reason"),
        "results": _("Results"),
        "assessed_on": _("Assessed on"),
        "assessor": _("Assessor"),
        "tier": _("Tier"),
        "recognised_on": _("Recognised on"),
        "kind": _("Kind"),
        "title_zh": _("Title in Chinese"),
        "title_en": _("Title in English"),
        "description": _("Description"),
        "dated": _("Dated"),
        "text_zh": _("Text in Chinese"),
        "text_en": _("Text in English"),
        "audience": _("Shown to"),
        "first_on": _("From the day"),
        "last_on": _("To the day"),
        "version": _("Version"),
        "fingerprint": _("Hash"),
        "reason": _("Reason"),
        "firm": _("Firm"),
        "way": _("Proof"),
        "holder": _("Speaks for the firm"),
        "letters": _("Letters"),
        "document": _("Document"),
        "query": _("Search"),
        "goal": _("Goal"),
        "base_on": _("Base day"),
        "due_on": _("Due day"),
        "units": _("Goals of units"),
        "closed_on": _("Closed on"),
        "removed": _("Removed"),
        "role": _("Role"),
        "regions": _("Regions"),
        "sectors": _("Sectors"),
        "until": _("Until"),
        "undone": _("Taken back"),
        "sign_in": _("E-mail address or phone number"),
        "ranked": _("Ranked firms"),
        "peers": _("Peer group"),
        "current": _("Current edition"),
        "notice_until": _("Public notice until"),
        "left_out": _("Firms left out"),
        "verdict": _("Decision"),
        "period": _("Period"),
        "as_of": _("Facts as of"),
        "due": _("Firms shown anew"),
        "entries": _("Entries"),
        "faults": _("Faults"),
        "seal": _("Number in the chain"),
        "hash": _("Hash"),
        "problems": _("Problems"),
        "before": _("Before"),
        "first": _("From"),
        "last": _("To"),
        "form": _("Form of file"),
        "case": _("Case"),
        "supplier": _("Supplier"),
        "stage": _("Stage"),
        "owner": _("Taken by"),
        "comment": _("Comment"),
        "field": _("Fact"),
        "actors": _("Who"),
        "actions": _("What"),
        "subjects": _("About"),
    }


@once_a_language
def actor_labels() -> Mapping[str, str]:
    """Who acts without being a person who is signed in."""
    return {
        "import": _("import"),
        "sample": _("sample data"),
        "command line": _("command line"),
        "worker": _("worker"),
        "anyone": _("not known yet"),
    }


@once_a_language
def subject_labels() -> Mapping[str, str]:
    """What an entry can be about without being about one firm, organisation, person or edition."""
    return {"audit": _("the log itself"), "catalogue": _("catalogue"), "duplicates": _("duplicates")}


@once_a_language
def kind_labels() -> Mapping[str, str]:
    """What can be wrong with the chain: a sentence with the places of a problem."""
    return {
        "altered": _("Entry %(seal)s was altered: it does not match its hash."),
        "removed": _("Entries %(seal)s to %(last)s were removed."),
        "inserted": _("Entry %(seal)s was put in by hand: nobody gave out its number."),
        "backdated": _("Entry %(seal)s is dated long before entries that were sealed before it."),
        "unsealed": _("%(last)s entries wait for their seal for too long. Does a worker run?"),
        "head": _("The last entry, %(seal)s, is not the one that the head tells of."),
        "signature": _("The head is not signed by this portal's key: the chain was made anew, or the key was changed."),
        "checkpoint": _("The place up to which the log was pruned is not signed by this portal's key."),
        "anchor": _("The chain does not go through the head that was kept elsewhere."),
    }


@once_a_language
def state_acts() -> Mapping[str, str]:
    """What is done to a certificate, by the state it then has."""
    return {
        "valid": _("Restore: it is valid again"),
        "suspended": _("Suspend"),
        "revoked": _("Revoke: the issuer takes it back"),
        "given_up": _("Give up: the firm hands it in"),
    }


@once_a_language
def take_down_reasons() -> Mapping[str, str]:
    """Why a firm's own profile is taken down, as far as one click says it; the log keeps the code."""
    return {
        "unlawful": _("unlawful or offensive content"),
        "false": _("false or misleading statements"),
        "private": _("personal data"),
        "foreign": _("published by someone who does not speak for the firm"),
    }
