"""GET /staff/organisations and what staff decide there: who may begin, who may no longer sign in."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from portal.accounts.blueprint import blueprint
from portal.accounts.words import kind_words, refusal_words, state_words
from portal.extensions import db
from portal.identity.organisations import Refused, set_state
from portal.models import Organisation, OrganisationState, Supplier, User
from portal.web.forms import ButtonForm
from portal.web.permissions import Permission, needs
from portal.web.templating import render_template
from portal.web.users import act_of, signed_in
from portal.web.writing import writing

PER_PAGE = 50
DECISIONS = {
    "approve": OrganisationState.APPROVED,
    "disable": OrganisationState.DISABLED,
}


@dataclass(frozen=True, slots=True)
class Listed:
    """An organisation of the list; `firm`: the supplier of its number in the register, if there is one."""

    organisation: Organisation
    kind: str
    state: str
    people: int
    contact: str
    firm: Supplier | None


@blueprint.get("/staff/organisations")
@needs(Permission.MANAGE_ORGANISATIONS)
def organisations() -> ResponseReturnValue:
    """`accounts/organisations.html`: `listed`, `counts` by state, `state` chosen, `more`: the next page's number."""
    asked = request.args.get("state", OrganisationState.PENDING)
    state = asked if asked in set(OrganisationState) else OrganisationState.PENDING
    page = max(1, request.args.get("page", 1, type=int))
    listed = _listed(db.session(), state, page)
    counts = dict(
        db.session.execute(select(Organisation.state, func.count(Organisation.id)).group_by(Organisation.state)).all()
    )
    return render_template(
        "accounts/organisations.html",
        listed=listed[:PER_PAGE],
        states=[(known.value, state_words(known), counts.get(known.value, 0)) for known in OrganisationState],
        state=state,
        more=page + 1 if len(listed) > PER_PAGE else None,
        button=ButtonForm(formdata=None),
    )


def _listed(session: Session, state: str, page: int) -> list[Listed]:
    """Of that state, oldest first: who waits longest is decided first."""
    people = select(User.organisation_id, func.count(User.id).label("count"), func.min(User.sign_in).label("contact"))
    of_each = people.group_by(User.organisation_id).subquery()
    held = (Supplier.scheme == Organisation.scheme) & (Supplier.number == Organisation.number)
    rows = session.execute(
        select(Organisation, of_each.c.count, of_each.c.contact, Supplier)
        .outerjoin(of_each, of_each.c.organisation_id == Organisation.id)
        .outerjoin(Supplier, held)
        .where(Organisation.state == state)
        .order_by(Organisation.created_at, Organisation.id)
        .limit(PER_PAGE + 1)
        .offset((page - 1) * PER_PAGE)
    )
    return [
        Listed(found, kind_words(found.kind), state_words(found.state), count or 0, contact or "", firm)
        for found, count, contact, firm in rows
    ]


@blueprint.post("/staff/organisations/<int:identifier>/<any(approve, disable):decision>")
@needs(Permission.MANAGE_ORGANISATIONS)
def decide(identifier: int, decision: str) -> ResponseReturnValue:
    """Approve (also one that was disabled) or disable an organisation."""
    try:
        with writing() as session:
            found = session.get(Organisation, identifier, with_for_update=True)
            if found is None:
                raise NotFound
            back = found.state
            set_state(act_of(session, signed_in()), found, DECISIONS[decision])
            told = _("%(name)s: %(state)s.", name=found.name, state=state_words(found.state))
        flash(told)
    except Refused as refused:
        back = request.args.get("state", OrganisationState.PENDING)
        flash(refusal_words(refused.reason), "warn")
    return redirect(url_for("accounts.organisations", state=back))
