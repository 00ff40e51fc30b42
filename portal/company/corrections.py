"""Corrections: a firm says that an official fact about it is wrong, and shows why; staff put it right, or do not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from portal.identity.log import Act
from portal.models import CaseKind, ReviewCase, Supplier
from portal.register.catalogue import Catalogue
from portal.register.changing import facts_of
from portal.register.writer import Outcome, WriteError, Writer
from portal.reviews.kinds import Difference, Glass, Kind, Refused, Words
from portal.reviews.reading import pending

TEXT_LENGTH = 2_000
"""Characters of what is right, and of why."""


MOST_OPEN = 20
"""Requests of a firm that wait at one time."""


@dataclass(frozen=True, slots=True)
class Reportable:
    """An official fact that may be reported as wrong; `settable`: approval writes what is right into the register.

    `names`: of the catalogue, for a fact that is a code of it.
    """

    field: str
    label: Words
    settable: bool = True
    names: str = ""
    day: bool = False


_ALL = (
    Reportable("name_zh", lambda _: _("Chinese name")),
    Reportable("name_en", lambda _: _("English name")),
    Reportable("sector", lambda _: _("Sector"), names="sectors"),
    Reportable("size", lambda _: _("Size"), names="sizes"),
    Reportable("status", lambda _: _("Registration status"), names="statuses"),
    Reportable("established_on", lambda _: _("Established on"), day=True),
    Reportable("region", lambda _: _("Registered place"), names="regions"),
    Reportable("address", lambda _: _("Registered address")),
    Reportable("legal_representative", lambda _: _("Legal representative")),
    Reportable("industries", lambda _: _("Industries"), settable=False),
    Reportable("sites", lambda _: _("Production sites"), settable=False),
    Reportable("risks", lambda _: _("Risks"), settable=False),
    Reportable("certificates", lambda _: _("Certificates"), settable=False),
    Reportable("recognitions", lambda _: _("Tier"), settable=False),
    Reportable("assessments", lambda _: _("Assessment"), settable=False),
    Reportable("rankings", lambda _: _("Rank"), settable=False),
    Reportable("other", lambda _: _("Something else"), settable=False),
)
REPORTABLE: Mapping[str, Reportable] = {one.field: one for one in _ALL}
"""By field, in the order they are offered."""


def shown(fact: Reportable, value: Any, catalogue: Catalogue, language: str) -> str:
    """The value of a settable fact in words, "" for none."""
    text = "" if value is None else str(value)
    named = getattr(catalogue, fact.names).get(text) if fact.names else None
    return named.name(language) if named else text


def stated(payload: Mapping[str, Any]) -> dict[str, Any]:
    """What an approval writes of the firm: {field: value}; {} for a fact that no approval can write."""
    fact = REPORTABLE[payload["field"]]
    if not fact.settable:
        return {}
    value = payload["right"]
    return {fact.field: date.fromisoformat(value) if fact.day else value}


def open_case(session: Session, supplier_id: int, field: str) -> ReviewCase | None:
    """The request about this fact that is not settled yet: one at a time, or staff would decide one thing twice."""
    mine = pending(session, CaseKind.CORRECTION, supplier_id)
    return next((case for case in mine if case.payload["field"] == field and field != "other"), None)


def require_room(session: Session, supplier_id: int, field: str) -> None:
    """Raises Refused where the firm reported this already, or too much waits."""
    if open_case(session, supplier_id, field) is not None:
        raise Refused(lambda _: _("This has been reported already."))
    if len(pending(session, CaseKind.CORRECTION, supplier_id)) >= MOST_OPEN:
        raise Refused(lambda _: _("%(most)s requests wait already. Let staff decide some first.") % {"most": MOST_OPEN})


def _approve(act: Act, case: ReviewCase, comment: str, catalogue: Catalogue) -> Mapping[str, Any] | None:
    """Write what is right, with the case as its reason. None: the writer left the entry of this decision."""
    firm = act.session.get_one(Supplier, case.supplier_id)
    said, payload = f"case/{case.id}: {comment or case.payload['why']}"[:400], case.payload
    facts = stated(payload)
    if not facts:
        return {"field": payload["field"]}
    if "status" in facts:
        facts["status_on"] = case.created_at.date()
    writer = Writer(act.session, catalogue, actor=act.actor.name, origin=act.actor.origin)
    try:
        outcome = writer.correct(facts_of(f"{firm.scheme}/{firm.number}", **facts), reason=said)
    except WriteError as error:
        problem = error.problems[0]
        raise Refused(lambda _: _("The register does not take it: %(problem)s") % {"problem": problem}) from None
    return None if outcome is Outcome.CHANGED else {"field": payload["field"]}


def _differences(case: ReviewCase, glass: Glass) -> tuple[Difference, ...]:
    _ = glass
    payload, fact = case.payload, REPORTABLE[case.payload["field"]]
    firm = glass.session.get_one(Supplier, case.supplier_id)
    before = shown(fact, getattr(firm, fact.field), glass.catalogue, glass.language) if fact.settable else None
    after = shown(fact, payload["right"], glass.catalogue, glass.language)
    lines = [Difference(fact.label(_), before, after), Difference(_("Why it is wrong"), None, payload["why"])]
    if payload["link"]:
        lines.append(Difference(_("Where this can be seen"), None, payload["link"]))
    return tuple(lines)


KIND = Kind(
    label=lambda _: _("Correction"),
    approve=_approve,
    differences=_differences,
    path=lambda case: f"/firm/corrections/{case.id}",
)
