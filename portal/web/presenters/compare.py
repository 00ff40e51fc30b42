"""Two to five suppliers side by side: rows by group, what differs, and what two of them share that they should not."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from urllib.parse import quote

from flask_babel import gettext as _

from portal.models import Supplier
from portal.web.presenters import supplier as one
from portal.web.presenters.context import Context
from portal.web.presenters.supplier import Moved, find
from portal.web.tree import Coded, LevelHeld
from portal.web.tree_sheet import CompareRow, Comparison, SupplierSheet

MAX_COMPARED = 5
MAX_KEY = 100
MAX_ASKED = 50
"""More ids than these are not even looked at: they are left out."""

_SIGNS = re.compile(r"[\W_]+")
Cell = Callable[[SupplierSheet], str]


def comparison(ids: Iterable[str], at: Context) -> Comparison:
    """The suppliers of these keys in this order (comma lists too), at most MAX_COMPARED; the others are named."""
    keys = list(dict.fromkeys(key.strip()[:MAX_KEY] for text in ids for key in text.split(",") if key.strip()))
    found: dict[str, Supplier] = {}
    missing: list[str] = []
    for key in keys[:MAX_ASKED]:
        if supplier := _present(key, at):
            found.setdefault(supplier.key, supplier)
        else:
            missing.append(key)
    suppliers = tuple(one.sheet(supplier, at) for supplier in list(found.values())[:MAX_COMPARED])
    return Comparison(
        suppliers=suppliers,
        rows=tuple(_rows(suppliers, at)) if suppliers else (),
        warnings=_warnings(suppliers, at.lang),
        missing=tuple(missing),
        left_out=(*list(found)[MAX_COMPARED:], *keys[MAX_ASKED:]),
    )


def _present(key: str, at: Context) -> Supplier | None:
    """The supplier of that key, or the one it was merged into."""
    found = find(key, at)
    if isinstance(found, Moved):
        found = find(found.key, at)
    return found if isinstance(found, Supplier) else None


def compare_url(keys: Iterable[str], *, differences: bool = False) -> str:
    """The address of a comparison."""
    query = "&".join(f"id={quote(key, safe='/')}" for key in keys)
    parts = [part for part in (query, "differences=1" if differences else "") if part]
    return f"/compare?{'&'.join(parts)}" if parts else "/compare"


def remove_urls(shown: Comparison, differences: bool) -> tuple[str, ...]:
    """For each supplier the address of the comparison without it."""
    keys = [supplier.id for supplier in shown.suppliers]
    return tuple(compare_url((other for other in keys if other != key), differences=differences) for key in keys)


def _rows(sheets: Sequence[SupplierSheet], at: Context) -> Iterator[CompareRow]:
    joined = ("、" if at.lang == "zh" else ", ").join
    yield from _facts(sheets, joined)
    yield from _levels(sheets)
    yield from _criteria(sheets)
    yield from _rankings(sheets)


def _row(sheets: Sequence[SupplierSheet], group: str, label: str, cell: Cell) -> CompareRow:
    cells = tuple(cell(sheet) for sheet in sheets)
    return CompareRow(group=group, label=label, cells=cells, same=len(set(cells)) == 1)


def _facts(sheets: Sequence[SupplierSheet], joined: Callable[[Iterable[str]], str]) -> Iterator[CompareRow]:
    words = {"yes": _("yes"), "no": _("no"), "not_checked": _("not checked")}
    makes, firm, risk = _("What it makes and where"), _("The firm"), _("Can I buy from them?")

    def of_risk(place: int) -> Cell:
        return lambda sheet: words.get(sheet.risks[place].answer, sheet.risks[place].answer)

    yield _row(sheets, risk, _("Registration status"), lambda sheet: sheet.status.label)
    for place, fact in enumerate(sheets[0].risks):
        yield _row(sheets, risk, fact.kind.label, of_risk(place))
    yield _row(sheets, makes, _("Products"), lambda sheet: joined(sheet.products))
    yield _row(sheets, makes, _("Industries"), lambda sheet: joined(path[-1].label for path in sheet.industries))
    yield _row(sheets, makes, _("Processes"), lambda sheet: joined(process.label for process in sheet.processes))
    yield _row(sheets, makes, _("Sites"), lambda sheet: joined(_place(site.region) for site in sheet.sites))
    yield _row(sheets, firm, _("Sector"), lambda sheet: sheet.sector.label)
    yield _row(sheets, firm, _("Size"), lambda sheet: sheet.size.label if sheet.size else "")
    yield _row(sheets, firm, _("Registered place"), lambda sheet: _place(sheet.region))
    yield _row(
        sheets, firm, _("Established"), lambda sheet: sheet.established_on.isoformat() if sheet.established_on else ""
    )
    yield _row(sheets, firm, _("Legal representative"), lambda sheet: sheet.legal_representative)
    yield _row(sheets, firm, _("Tier"), lambda sheet: joined(tier.label for tier in sheet.tiers))


def _place(path: Iterable[Coded]) -> str:
    return " ".join(coded.label for coded in path)


def _levels(sheets: Sequence[SupplierSheet]) -> Iterator[CompareRow]:
    """A row a scheme that one of them holds."""
    group = _("Certification")
    schemes = dict.fromkeys(held.scheme for sheet in sheets for held in sheet.levels)
    labels = {
        certificate.scheme.code: certificate.scheme.label for sheet in sheets for certificate in sheet.certificates
    }

    def of_scheme(scheme: str) -> Cell:
        return lambda sheet: next((_held(held) for held in sheet.levels if held.scheme == scheme), "")

    for scheme in schemes:
        yield _row(sheets, group, labels.get(scheme, scheme), of_scheme(scheme))


def _held(held: LevelHeld) -> str:
    if held.expires_on is None:
        return held.label
    return str(_("%(level)s, to %(day)s", level=held.label, day=held.expires_on.isoformat()))


def _criteria(sheets: Sequence[SupplierSheet]) -> Iterator[CompareRow]:
    """Met of assessed by group; then the criteria whose results differ."""
    if not any(sheet.assessment for sheet in sheets):
        return
    words = {
        "met": _("met"),
        "not_met": _("not met"),
        "not_applicable": _("not applicable"),
        "not_assessed": _("not assessed"),
    }
    by_group, apart = _("Criteria met, of those assessed"), _("Criteria that differ")
    groups: dict[str, str] = {}
    names: dict[str, str] = {}
    results: list[dict[str, str]] = []
    tallies: list[dict[str, str]] = []
    for sheet in sheets:
        found = sheet.assessment.groups if sheet.assessment else ()
        groups.update({group.code: group.label for group in found})
        tallies.append({group.code: f"{group.met} / {group.met + group.not_met}" for group in found})
        names.update({criterion.code: criterion.label for group in found for criterion in group.criteria})
        results.append({criterion.code: criterion.result for group in found for criterion in group.criteria})
    for code, label in groups.items():
        yield _cells(by_group, label, (tally.get(code, "") for tally in tallies))
    for code, name in names.items():
        each = [words[result.get(code, "not_assessed")] for result in results]
        if len(set(each)) > 1:
            yield _cells(apart, f"{code} {name}", each)


def _cells(group: str, label: str, cells: Iterable[str]) -> CompareRow:
    made = tuple(cells)
    return CompareRow(group=group, label=label, cells=made, same=len(set(made)) == 1)


def _rankings(sheets: Sequence[SupplierSheet]) -> Iterator[CompareRow]:
    """A row an edition in which two or more of them are ranked, or the only one's newest."""
    group = _("Ranking")
    labels = {rank.edition: rank.label for sheet in sheets for rank in sheet.rankings}

    def of_edition(code: str) -> Cell:
        return lambda sheet: next(
            (
                _("No. %(position)s of %(peers)s", position=f"{rank.position:,}", peers=f"{rank.peers:,}")
                for rank in sheet.rankings
                if rank.edition == code
            ),
            "",
        )

    for code, label in labels.items():
        yield _row(sheets, group, label, of_edition(code))


def _warnings(sheets: Sequence[SupplierSheet], lang: str) -> tuple[str, ...]:
    """Two that share legal representative, phone or address may be one firm in two names."""
    checked: tuple[tuple[str, Cell], ...] = (
        (_("legal representative"), lambda sheet: sheet.legal_representative),
        (_("telephone"), lambda sheet: sheet.phone),
        (_("address"), lambda sheet: sheet.address),
    )
    warnings = []
    for what, value in checked:
        for same in _sharing(sheets, value):
            names = ("、" if lang == "zh" else ", ").join(_name(sheet, lang) for sheet in same)
            text = _("%(names)s share the same %(what)s: %(value)s.", names=names, what=what, value=value(same[0]))
            warnings.append(text)
    return tuple(warnings)


def _sharing(sheets: Sequence[SupplierSheet], value: Cell) -> list[list[SupplierSheet]]:
    """Groups of two and more with the same value, blind to case, width, spaces and punctuation."""
    by_value: dict[str, list[SupplierSheet]] = {}
    for sheet in sheets:
        if key := _SIGNS.sub("", unicodedata.normalize("NFKC", value(sheet)).casefold()):
            by_value.setdefault(key, []).append(sheet)
    return [same for same in by_value.values() if len(same) > 1]


def _name(sheet: SupplierSheet, lang: str) -> str:
    return (sheet.name.en or sheet.name.zh) if lang == "en" else (sheet.name.zh or sheet.name.en)
