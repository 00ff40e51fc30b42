"""POST /firm/claim…: claim a firm by papers, by the code that its contact is sent, by the code of a letter."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.company import claim_codes, claims
from portal.company.claim_codes import Entered, Trouble, shown_contact
from portal.company.claim_notices import firm_name
from portal.company.claims import Claimed, Way
from portal.company.files import Refused as NotTaken
from portal.company.files import attach
from portal.models import now
from portal.reviews.kinds import Refused
from portal.suppliers.blueprint import blueprint
from portal.suppliers.claim import claim_page, firm_or_404, firm_page
from portal.suppliers.claim_forms import ClaimCodeForm, PapersForm
from portal.suppliers.claim_words import trouble_words
from portal.web.i18n import language
from portal.web.permissions import Permission, needs, takes
from portal.web.proofs import fault_words, most_bytes
from portal.web.reviewing import desk
from portal.web.users import signed_in
from portal.web.writing import writing

INVALID = 422


@blueprint.post("/claim/<int:firm>/papers")
@needs(Permission.SPEAK_FOR_FIRM)
@takes(most_bytes)
def claim_by_papers(firm: int) -> ResponseReturnValue:
    """Hand in `files` and a `note`; on to the claim's page, or back with what is wrong at the field."""
    found, form = firm_or_404(firm), PapersForm()
    valid = form.validate()
    if not (form.take(needed=True) and valid):
        return firm_page(firm, form, ClaimCodeForm(formdata=None), INVALID)
    try:
        with writing() as session:
            claimed = claims.claim(desk(session), found.id, Way.PAPERS, form.note.data)
            if claimed.case is not None:
                attach(session, signed_in(), claimed.case.id, form.taken, now())
            return _arrived(claimed)
    except NotTaken as refused:
        form.files.errors = [fault_words(refused.fault)]
        return firm_page(firm, form, ClaimCodeForm(formdata=None), INVALID)
    except Refused as refused:
        return _refused(refused, firm)


@blueprint.post("/claim/<int:firm>/send")
@needs(Permission.SPEAK_FOR_FIRM)
def claim_send(firm: int) -> ResponseReturnValue:
    """Send a code to the contact on record."""
    found = firm_or_404(firm)
    try:
        with writing() as session:
            claim_codes.send(desk(session), found.id)
    except Refused as refused:
        return _refused(refused, firm)
    flash(_("A code was sent to %(contact)s.", contact=shown_contact(found)))
    return redirect(url_for("suppliers.claim_firm", firm=firm, _anchor="contact"))


@blueprint.post("/claim/<int:firm>/code")
@needs(Permission.SPEAK_FOR_FIRM)
def claim_by_code(firm: int) -> ResponseReturnValue:
    """Enter that `code`."""
    found, form = firm_or_404(firm), ClaimCodeForm()
    if not form.validate():
        return firm_page(firm, PapersForm(formdata=None), form, INVALID)
    try:
        with writing() as session:
            entered = claim_codes.enter_sent(desk(session), found.id, form.code.data)
            if entered.claimed is not None:
                return _arrived(entered.claimed)
    except Refused as refused:
        return _refused(refused, firm)
    form.code.errors = [trouble_words(entered)]
    return firm_page(firm, PapersForm(formdata=None), form, INVALID)


@blueprint.post("/claim/letter")
@needs(Permission.SPEAK_FOR_FIRM)
def claim_by_letter() -> ResponseReturnValue:
    """Enter the `code` of a printed letter: it says which firm is meant."""
    form = ClaimCodeForm()
    if not form.validate():
        return claim_page(form, INVALID)
    try:
        with writing() as session:
            entered = claim_codes.enter_letter(desk(session), form.code.data, request.remote_addr or "")
            if entered.claimed is not None:
                return _arrived(entered.claimed)
    except Refused as refused:
        flash(refused.said(language()), "warn")
        return redirect(url_for("suppliers.home"))
    form.code.errors = [trouble_words(entered)]
    return claim_page(form, _status(entered))


def _status(entered: Entered) -> int:
    return 429 if entered.trouble is Trouble.WAIT else INVALID


def _arrived(claimed: Claimed) -> ResponseReturnValue:
    """Where a claim leads: home if it holds, else to its page."""
    name = firm_name(claimed.firm, language())
    if claimed.case is None:
        flash(_("Your organisation speaks for %(firm)s now.", firm=name))
        return redirect(url_for("suppliers.home"))
    if claimed.case.payload["dispute"]:
        flash(_("Someone else speaks for this firm or claims it too. Staff decide; both sides are heard."), "warn")
    else:
        flash(_("Handed in. Staff will look at it; you get a message."))
    return redirect(url_for("suppliers.claim_case", identifier=claimed.case.id))


def _refused(refused: Refused, firm: int) -> ResponseReturnValue:
    flash(refused.said(language()), "warn")
    return redirect(url_for("suppliers.claim_firm", firm=firm))
