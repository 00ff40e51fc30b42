"""What changed of a firm between two of its images: everything that its page shows, field by field. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from portal.indexing.images import Image
from portal.register.catalogue import Catalogue
from portal.workspace.changes import GRAVEST_FIRST, Change, What, changes
from portal.workspace.facts import Facts, of_image, that_can_end
from search.contract import SupplierDocument


def differences(before: Image, after: Image, catalogue: Catalogue) -> tuple[Change, ...]:
    """All of them, the worse ones first, of those the gravest."""
    facts = that_can_end(of_image(before, catalogue)), of_image(after, catalogue)
    first, second = before.document, after.document
    found = [*changes(*facts, catalogue), *_ends(*facts), *_names(before, after)]
    found += [
        *_kinds(What.TIER, first.tiers, second.tiers),
        *_kinds(What.CRITERIA, first.criteria_met, second.criteria_met),
    ]
    found += _codes(first, second)
    return tuple(sorted(found, key=lambda change: (not change.worse, GRAVEST_FIRST[change.what])))


def _ends(before: Facts, after: Facts) -> Iterator[Change]:
    """Another end of a level that stands."""
    for scheme, level in before.levels.items():
        first, second = before.until[scheme], after.until.get(scheme)
        if after.levels.get(scheme) != level or first == second:
            continue
        worse = (second or date.max) < (first or date.max)
        yield Change(what=What.UNTIL, worse=worse, subject=scheme, before=_day(first), after=_day(second))


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _names(before: Image, after: Image) -> Iterator[Change]:
    for language, first, second in (
        ("zh", before.name_zh, after.name_zh),
        ("en", before.name_en, after.name_en),
    ):
        if first != second:
            yield Change(what=What.NAME, worse=False, subject=language, before=first or None, after=second or None)


def _kinds(what: What, before: Iterable[str], after: Iterable[str]) -> Iterator[Change]:
    """Which of several came and went."""
    first, second = set(before), set(after)
    if gone := sorted(first - second):
        yield Change(what=what, worse=True, before=",".join(gone))
    if come := sorted(second - first):
        yield Change(what=what, worse=False, after=",".join(come))


def _codes(before: SupplierDocument, after: SupplierDocument) -> Iterator[Change]:
    """Codes of the catalogue that are neither better nor worse; of a path its last one."""
    for what, first, second in (
        (What.SECTOR, [before.sector], [after.sector]),
        (What.INDUSTRY, _last(before.industries), _last(after.industries)),
        (What.PROCESS, before.processes, after.processes),
        (What.REGION, _last(before.regions), _last(after.regions)),
        (What.SIZE, [before.size or ""], [after.size or ""]),
    ):
        if set(first) != set(second):
            texts = (",".join(filter(None, codes)) or None for codes in (first, second))
            yield Change(what=what, worse=False, before=next(texts), after=next(texts))


def _last(paths: Iterable[tuple[str, ...]]) -> list[str]:
    return [path[-1] for path in paths]
