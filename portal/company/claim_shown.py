"""What staff look at when they decide who speaks for a firm."""

from __future__ import annotations

from sqlalchemy import select

from portal.company.claim_notices import firm_name
from portal.company.claims import Way, disputes, holder_of
from portal.company.files import proofs_of
from portal.models import Organisation, ReviewCase, Supplier, User
from portal.reviews.kinds import Difference, Glass


def differences(case: ReviewCase, glass: Glass) -> tuple[Difference, ...]:
    """The firm beside the organisation that claims it; how it shows that it may; who else there is."""
    _, session = glass, glass.session
    firm, user = session.get_one(Supplier, case.supplier_id), session.get_one(User, case.user_id)
    claimant, holder = session.get_one(Organisation, case.organisation_id), holder_of(session, case.supplier_id)
    way = {
        Way.PAPERS: _("Papers, to be checked"),
        Way.CONTACT: _("A code that the contact on record was sent; it was right"),
        Way.LETTER: _("The code of a printed letter; it was right"),
    }[Way(case.payload["way"])]
    others = [one for one in disputes(session, firm.id, claimant.id) if one.id != case.id]
    lines = [
        Difference(_("Name"), firm_name(firm, glass.language), claimant.name),
        Difference(_("Registration number"), firm.number, claimant.number),
        Difference(_("Person"), None, f"{user.name} · {user.sign_in}"),
        Difference(_("Proof"), None, way),
        Difference(_("Speaks for the firm now"), None, holder.name if holder else _("nobody")),
    ]
    if others:
        names = select(Organisation.name).where(Organisation.id.in_([one.organisation_id for one in others]))
        lines.append(Difference(_("Claims it too"), None, ", ".join(session.scalars(names))))
    if case.payload.get("note"):
        lines.append(Difference(_("What the claimant says"), None, case.payload["note"]))
    if case.payload.get("answer"):
        lines.append(Difference(_("Answer of who speaks for the firm now"), None, case.payload["answer"]))
    theirs = [proof.name for proof in proofs_of(session, case.id) if proof.organisation_id != case.organisation_id]
    if theirs:
        lines.append(Difference(_("Files from who speaks for the firm now"), None, ", ".join(theirs)))
    return tuple(lines)
