"""GET /firm/claim…: find the firm that one speaks for, choose it, and how to show that one may; the letter to stamp."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from portal.company.claim_codes import shown_contact, waiting
from portal.company.claim_notices import firm_name
from portal.company.claims import holder_of, open_claim
from portal.company.firm import firm_of
from portal.extensions import db
from portal.models import ClaimCode, Organisation, Supplier, now
from portal.services import services
from portal.suppliers.blueprint import blueprint
from portal.suppliers.claim_forms import ClaimCodeForm, PapersForm
from portal.web.forms import ButtonForm
from portal.web.i18n import language
from portal.web.permissions import Permission, needs
from portal.web.presenters.direct import names_exactly
from portal.web.proofs import ACCEPTED
from portal.web.templating import render_template
from portal.web.users import signed_in
from search.contract import EngineUnavailable, QueryError, SearchQuery

MOST = 10
LONGEST_QUESTION = 200


@dataclass(frozen=True, slots=True)
class Choice:
    """A firm to choose, as the list shows it; `taken`: someone speaks for it already."""

    id: int
    name: str
    number: str
    place: str
    taken: bool


@dataclass(frozen=True, slots=True)
class ClaimView:
    """A firm and the ways to claim it. `contact`: masked, "" where there is none; `sent`: a code that waits."""

    firm: Supplier
    name: str
    disputed: bool
    contact: str
    sent: ClaimCode | None


@blueprint.get("/claim")
@needs(Permission.SPEAK_FOR_FIRM)
def claim() -> ResponseReturnValue:
    """`?q=`: number or name; `?code=`: of a letter, to be sent."""
    form = ClaimCodeForm(formdata=None)
    form.code.data = request.args.get("code", "")[:60]
    return claim_page(form)


def claim_page(letter: ClaimCodeForm, status: int = 200) -> ResponseReturnValue:
    """`suppliers/claim.html`: `asked`, `found` and `own` (Choices), `down`: names cannot be searched, `letter` form."""
    if away := _elsewhere():
        return away
    session = db.session()
    asked = " ".join(unicodedata.normalize("NFKC", request.args.get("q", "")).split())[:LONGEST_QUESTION]
    words = any(map(str.isalnum, asked))  # signs alone would ask for every firm
    found, down = _found(session, asked) if words else ([], False)
    mine = session.get_one(Organisation, signed_in().organisation_id)
    same = select(Supplier).where(
        Supplier.scheme == mine.scheme, Supplier.number == mine.number, Supplier.withdrawn_at.is_(None)
    )
    own = [] if asked else list(session.scalars(same))
    page = render_template(
        "suppliers/claim.html",
        asked=asked,
        found=_choices(session, found),
        own=_choices(session, own),
        down=down,
        letter=letter,
    )
    return page, status


def _elsewhere() -> ResponseReturnValue | None:
    """Where to go instead: who speaks for a firm has nothing to claim; a claim is decided before there is another."""
    session, mine = db.session(), signed_in().organisation_id
    if firm_of(session, mine) is not None:
        flash(_("Your organisation speaks for this firm already."))
        return redirect(url_for("suppliers.home"))
    case = open_claim(session, mine)
    return redirect(url_for("suppliers.claim_case", identifier=case.id)) if case is not None else None


def _found(session: Session, asked: str) -> tuple[list[Supplier], bool]:
    """The firm of that number or exact name first, then what the search finds; whether the search is down."""
    there = Supplier.withdrawn_at.is_(None)
    firms = list(session.scalars(select(Supplier).where(names_exactly(asked), there).limit(MOST)))
    try:
        hits = services().engine().search(SearchQuery(text=asked, per_page=MOST)).hits
    except EngineUnavailable:
        return firms, True
    except QueryError:
        return firms, False
    keys = [hit.id for hit in hits]
    numbers = [key.partition("/")[2] for key in keys]
    by_key = {one.key: one for one in session.scalars(select(Supplier).where(Supplier.number.in_(numbers), there))}
    firms += [by_key[key] for key in keys if key in by_key and by_key[key] not in firms]
    return firms[:MOST], False


def _choices(session: Session, firms: list[Supplier]) -> list[Choice]:
    ids = [firm.id for firm in firms]
    taken = set(session.scalars(select(Organisation.supplier_id).where(Organisation.supplier_id.in_(ids))))
    return [Choice(firm.id, firm_name(firm, language()), firm.number, _place(firm), firm.id in taken) for firm in firms]


def _place(firm: Supplier) -> str:
    region = services().catalogue.regions.get(firm.region or "")
    return " · ".join(filter(None, (region.name(language()) if region else "", firm.address)))


def firm_or_404(identifier: int) -> Supplier:
    """The firm, while it is in the register; of one that was merged, where it went. Raises NotFound."""
    found = db.session().get(Supplier, identifier)
    if found is None:
        raise NotFound
    if found.merged_into_id is not None:
        abort(redirect(url_for("suppliers.claim_firm", firm=found.merged_into_id)))
    if found.withdrawn_at is not None:
        raise NotFound
    return found


@blueprint.get("/claim/<int:firm>")
@needs(Permission.SPEAK_FOR_FIRM)
def claim_firm(firm: int) -> ResponseReturnValue:
    """The ways to claim it."""
    return firm_page(firm, PapersForm(formdata=None), ClaimCodeForm(formdata=None))


def firm_page(identifier: int, papers: PapersForm, code: ClaimCodeForm, status: int = 200) -> ResponseReturnValue:
    """`suppliers/claim_firm.html`: `page` ClaimView, `papers`, `code`, `button` forms, `most` MB, `pages`, `accept`."""
    found = firm_or_404(identifier)
    if away := _elsewhere():
        return away
    session, mine = db.session(), signed_in().organisation_id
    view = ClaimView(
        firm=found,
        name=firm_name(found, language()),
        disputed=holder_of(session, found.id) is not None,
        contact=shown_contact(found),
        sent=waiting(session, mine, found.id, now()),
    )
    settings = services().settings
    page = render_template(
        "suppliers/claim_firm.html",
        page=view,
        papers=papers,
        code=code,
        button=ButtonForm(formdata=None),
        most=settings.proof_limit,
        pages=settings.proof_pages,
        accept=ACCEPTED,
    )
    return page, status


@blueprint.get("/claim/<int:firm>/letter")
@needs(Permission.SPEAK_FOR_FIRM)
def claim_template(firm: int) -> ResponseReturnValue:
    """`suppliers/claim_template.html`: the letter of authorisation 盖章授权书 to print, stamp and hand in."""
    found, user = firm_or_404(firm), signed_in()
    return render_template("suppliers/claim_template.html", firm=found, name=firm_name(found, language()), user=user)
