"""GET /firm/standing: where the firm stands among its peers, and the criteria it does not meet: what they take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from portal.extensions import db
from portal.register.catalogue import Guided
from portal.suppliers.blueprint import blueprint
from portal.suppliers.firm import own_firm
from portal.suppliers.why_page import ahead, firm_facts
from portal.suppliers.why_words import Advice, Words
from portal.web.charts import rank_chart
from portal.web.permissions import Permission, needs
from portal.web.presenters.context import Context, context
from portal.web.presenters.naming import Naming
from portal.web.presenters.supplier import sheet
from portal.web.templating import render_template
from portal.web.tree import AssessmentView, CriterionView, RankView
from portal.web.tree_sheet import SupplierSheet

STEPS = (1, 5, 10, 25, 50)
"""Best shares that buyers ask for, in per cent."""


@dataclass(frozen=True, slots=True)
class Open:
    """The criteria of a group that the firm does not meet, or was not assessed by; what they take."""

    code: str
    label: str
    not_met: tuple[CriterionView, ...]
    not_assessed: tuple[CriterionView, ...]
    advice: tuple[Advice, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """The next best share: within the first `position` places, `away` from here."""

    top: int
    position: int
    away: int


@blueprint.get("/standing")
@needs(Permission.KEEP_PROFILE)
def standing() -> str:
    """`suppliers/standing.html` with `firm`, `sheet`, `current`: RankView|None, `step`: Step|None, `chart`, `open`.

    `ahead`: the next levels. Of a withdrawn firm the facts stand, but there is nothing ahead.
    """
    row, at = own_firm(db.session()), context()
    shown = sheet(row, at)
    current = current_rank(shown, at)
    facts = firm_facts(row, at)
    return render_template(
        "suppliers/standing.html",
        firm=row,
        sheet=shown,
        current=current,
        step=next_step(current) if current else None,
        chart=rank_chart(shown.rankings),
        open=tuple(open_criteria(shown.assessment, at)) if shown.assessment else (),
        ahead=ahead(facts, at) if facts else (),
    )


def current_rank(shown: SupplierSheet, at: Context) -> RankView | None:
    """The firm's place in the current edition of its sector."""
    for rank in shown.rankings:
        edition = at.editions[rank.edition]
        if edition.current and edition.sector == shown.sector.code:
            return rank
    return None


def next_step(rank: RankView) -> Step | None:
    """The next share that buyers may ask for, if the firm is not in the best already (contract: ceil(100·p/n) ≤ x)."""
    for top in reversed(STEPS):
        last = rank.peers * top // 100
        if last and rank.position > last:
            return Step(top, last, rank.position - last)
    return None


def open_criteria(assessment: AssessmentView, at: Context) -> Iterator[Open]:
    """By group, in the catalogue's order."""
    words = Words(Naming(at))
    for group in assessment.groups:
        not_met = tuple(one for one in group.criteria if one.result == "not_met")
        not_assessed = tuple(one for one in group.criteria if one.result == "not_assessed")
        if not_met or not_assessed:
            advice = tuple(words.advice(((Guided.GROUP, group.code),)))
            yield Open(group.code, group.label, not_met, not_assessed, advice)
