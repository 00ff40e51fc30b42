"""The current assessment as a matrix: every applicable criterion by group, and the bars 质量 · 标准 · 品牌.

What was not assessed is shown as that; it never counts as not met.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.models import Assessment, Supplier
from portal.register.catalogue import Criterion
from portal.web.presenters import labels
from portal.web.presenters.context import Context
from portal.web.presenters.sources import source_of
from portal.web.tree import AssessmentView, Bar, CriteriaCount, CriterionGroupView, CriterionView

NOT_ASSESSED = "not_assessed"
RESULTS = ("met", "not_met", "not_applicable", NOT_ASSESSED)


def assessment_view(row: Supplier, at: Context) -> AssessmentView | None:
    """The firm's current assessment, or None."""
    current = at.session.scalar(
        select(Assessment)
        .where(Assessment.supplier_id == row.id, Assessment.current.is_(True))
        .options(joinedload(Assessment.provenance))
        .limit(1)
    )
    if current is None:
        return None
    criteria = _asked(row, current.results, at)
    groups = _groups(criteria, current.results, at)
    met, not_met = sum(group.met for group in groups), sum(group.not_met for group in groups)
    open_ = sum(group.not_assessed for group in groups)
    return AssessmentView(
        assessed_on=current.assessed_on,
        assessor=current.assessor,
        source=source_of(current.provenance),
        count=CriteriaCount(met=met, applicable=met + not_met + open_, assessed=met + not_met),
        bars=_bars(groups, at),
        groups=groups,
    )


def _asked(row: Supplier, results: Mapping[str, Any], at: Context) -> list[Criterion]:
    """The criteria the firm can be asked for, and those it was assessed by all the same."""
    applicable = at.catalogue.applicable_criteria(row.sector, tuple(row.industries))
    known = {criterion.code for criterion in applicable}
    others = [at.catalogue.criteria[code] for code in results if code not in known and code in at.catalogue.criteria]
    return [*applicable, *others]


def _groups(criteria: Iterable[Criterion], results: Mapping[str, Any], at: Context) -> tuple[CriterionGroupView, ...]:
    by_group: dict[str, list[CriterionView]] = {}
    for criterion in criteria:
        view = _criterion(criterion, results.get(criterion.code), at.lang)
        by_group.setdefault(criterion.group, []).append(view)
    return tuple(
        _group(code, group.name(at.lang), by_group[code])
        for code, group in at.catalogue.groups.items()
        if code in by_group
    )


def _group(code: str, label: str, criteria: list[CriterionView]) -> CriterionGroupView:
    counts = dict.fromkeys(RESULTS, 0)
    for criterion in criteria:
        counts[criterion.result] += 1
    return CriterionGroupView(code=code, label=label, criteria=tuple(criteria), **counts)


def _criterion(criterion: Criterion, result: Mapping[str, Any] | None, lang: str) -> CriterionView:
    result = result or {}
    return CriterionView(
        code=criterion.code,
        label=criterion.name(lang),
        result=result.get("result", NOT_ASSESSED),
        value=_value(result.get("value")),
        unit=criterion.unit_in(lang),
        evidence=result.get("evidence") or "",
        test=criterion.met(lang),
        reference=criterion.reference,
        verified=criterion.verified,
    )


def _value(value: float | str | None) -> str:
    if value is None:
        return ""
    # 15 digits: what was entered, without the tail of binary fractions.
    return format(value, ".15g") if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)


def _bars(groups: Iterable[CriterionGroupView], at: Context) -> tuple[Bar, ...]:
    names = labels.dimension_labels()
    sums: dict[str, list[int]] = {}
    for group in groups:
        tally = sums.setdefault(at.catalogue.groups[group.code].dimension, [0, 0, 0])
        assessed = group.met + group.not_met
        for place, number in enumerate((group.met, assessed, assessed + group.not_assessed)):
            tally[place] += number
    order = [*names, *sorted(set(sums) - set(names))]
    return tuple(
        Bar(code=code, label=names.get(code, code), met=sums[code][0], assessed=sums[code][1], applicable=sums[code][2])
        for code in order
        if code in sums
    )
