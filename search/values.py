"""From a supplier document to the values of its index fields. Pure; what cannot be indexed raises ValueError."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from search.contract import (
    Changes,
    HeldCertificate,
    Prepared,
    PreparedChange,
    Standing,
    SupplierDocument,
    Tombstone,
)
from search.fields import MAX_DEPTH, NOW, FieldTable
from search.text import analyse_document, code_key

Value = str | int | list[str] | dict[str, int]
Values = dict[str, Value]

OPEN_END = date.max.toordinal() + 1
"""The day number of "no end": later than any day that can be asked for."""

MILLION = 1_000_000
MAX_ID = 400
_HALF_PAIR = "[\\ud800-\\udfff]"
MAX_TOKEN = 8_000
_MAX_SORT_NAME = 200
_MAX_LISTED = (1 << 36) - 1
_MAX_CRITERIA = 99_999
_UNRANKED = 2 * MILLION
_SALT = b"xunyuan order 1"


def tie_break(document_id: str) -> int:
    """The number (63 bits) that decides between firms that are otherwise equal (notes: rule 19).

    A salted hash: a credit code begins with its region, so ordering by the id itself would favour some places.
    """
    return int.from_bytes(hashlib.blake2b(document_id.encode(), digest_size=8, key=_SALT).digest(), "big") >> 1


def sort_key(rank: int, tie: int, bits: int = 40) -> int:
    """A number below 2^63 that orders by `rank`, smallest first, then by the first `bits` of `tie`.

    So almost no two firms share a key; engines order those that do by `tie` itself.
    """
    return rank << bits | tie >> (63 - bits)


def tombstone_values(tombstone: Tombstone) -> Values:
    """Only what refuses late older writes (notes: rule 2)."""
    _check_identity(tombstone)
    return {"id": tombstone.id, "version": tombstone.version}


def document_values(document: SupplierDocument, table: FieldTable) -> Values:
    """The values of every field that the document has one for."""
    _check_identity(document)
    tie = tie_break(document.id)
    values: Values = {"id": document.id, "version": document.version, "alive": "1", "tie": tie}
    values["label"] = [*document.names, *document.products]
    for part in (_plain(document), _text(document), _paths(document), _sort_keys(document, tie)):
        values.update(part)
    values.update(_certificates(document.certificates, table, tie))
    values.update(_standings(document.standings, tie))
    _check_tokens(values)
    return values


def prepared(changes: Changes, table: FieldTable, encode: Callable[[Values, str], Any]) -> Prepared:
    """The changes with the rows that `encode` makes of their values and ids; those prepared already as they are."""
    if isinstance(changes, Prepared):
        return changes
    ready: list[PreparedChange] = []
    failed: dict[str, str] = {}
    for change in changes:
        try:
            values = tombstone_values(change) if isinstance(change, Tombstone) else document_values(change, table)
        except ValueError as error:
            failed[change.id] = str(error)
        else:
            ready.append(PreparedChange(change.id, change.version, encode(values, change.id)))
    return Prepared(tuple(ready), failed)


def _check_identity(change: SupplierDocument | Tombstone) -> None:
    if not change.id or len(change.id.encode()) > MAX_ID:
        raise ValueError(f"id: must have 1 to {MAX_ID} bytes")
    if not 0 < change.version < 1 << 62:
        raise ValueError(f"version: {change.version} is not a positive number below 2^62")


def _check_tokens(values: Mapping[str, Value]) -> None:
    """Engines drop or refuse over-long tokens, tantivy without a word, and halves of surrogate pairs.

    All values are looked at in one go; which field is at fault is only worked out for the message.
    """
    tokens = [token for value in values.values() if isinstance(value, list) for token in value]
    try:
        "".join(tokens).encode()
        "".join(value for value in values.values() if isinstance(value, str)).encode()
    except UnicodeEncodeError:
        raise ValueError(f"{_field_of(values, _HALF_PAIR)}: not valid text") from None
    if max(map(len, tokens), default=0) > MAX_TOKEN:
        field = _field_of(
            {name: value for name, value in values.items() if isinstance(value, list)}, f".{{{MAX_TOKEN + 1}}}"
        )
        raise ValueError(f"{field}: a value of more than {MAX_TOKEN} characters")


def _field_of(values: Mapping[str, Value], pattern: str) -> str:
    """The first field with a value that holds the pattern."""
    wrong = re.compile(pattern, re.DOTALL)
    texts = ((name, [value] if isinstance(value, str) else value) for name, value in values.items())
    return next(name for name, found in texts if isinstance(found, list) and any(wrong.search(text) for text in found))


def _distinct(values: Iterable[str]) -> list[str]:
    """Without doubles, and without what is empty, which engines treat differently."""
    return list(dict.fromkeys(filter(None, values)))


def _plain(document: SupplierDocument) -> Values:
    values: Values = {
        "sector": document.sector,
        "process": _distinct(document.processes),
        "tier": _distinct(document.tiers),
        "criteria": _distinct(document.criteria_met),
        "flag": _distinct(document.flags),
        "code": _distinct(map(code_key, document.codes)),
    }
    if document.size:
        values["size"] = document.size
    if document.status:
        values["status"] = document.status
    if document.assessed_on is not None:
        values["assessed_on"] = document.assessed_on.toordinal()
    return values


def _text(document: SupplierDocument) -> Values:
    tokens = analyse_document(document)
    fields = ("name", "product", "body", "chars", "prefix", "spell")
    return {field: text for field in fields if (text := getattr(tokens, field))}


def _paths(document: SupplierDocument) -> Values:
    """Each code of a path under its depth, and all of them in one field to filter by."""
    values: dict[str, list[str]] = {}
    for field, paths in (("industry", document.industries), ("region", document.regions)):
        for path in paths:
            values.setdefault(field, []).extend(path)
            for depth, code in enumerate(path[:MAX_DEPTH], 1):
                values.setdefault(f"{field}_{depth}", []).append(code)
    return {field: _distinct(codes) for field, codes in values.items()}


def _sort_keys(document: SupplierDocument, tie: int) -> Values:
    """Keys that ascend: of what is greatest first, what is missing to the greatest possible."""
    if not 0 <= document.listed <= _MAX_LISTED:
        raise ValueError(f"listed: {document.listed} is not between 0 and 2^36")
    met = len(set(document.criteria_met))
    return {
        "sort_name": document.sort_name[:_MAX_SORT_NAME] or "\x01",
        "sort_newest": sort_key(_MAX_LISTED - document.listed, tie, 27),
        "sort_criteria": sort_key(_MAX_CRITERIA - met, tie),
    }


def _dates(certificates: Sequence[HeldCertificate], suffix: str) -> Values:
    """Latest end and earliest start of some certificates, as day numbers."""
    if not certificates:
        return {}
    return {
        f"until{suffix}": max(OPEN_END if held.until is None else held.until.toordinal() for held in certificates),
        f"since{suffix}": min(held.since.toordinal() for held in certificates),
    }


def _scheme_values(scheme: str, held: Sequence[HeldCertificate], table: FieldTable) -> tuple[Values, list[str], int]:
    """Dates at each level or above, the scheme's cumulative level tokens, and the highest rank (0: without a level)."""
    try:
        ranks = [0 if certificate.level is None else table.rank(scheme, certificate.level) for certificate in held]
        values = _dates(held, table.dates_suffix(scheme, None))
    except (KeyError, ValueError):
        levels = sorted({str(certificate.level) for certificate in held})
        raise ValueError(f"certificates: scheme {scheme!r} with levels {levels} is not in the catalogue") from None
    highest = max(ranks)
    reached = table.vocabulary.schemes[scheme][:highest]
    for rank, level in enumerate(reached, 1):
        above = [certificate for certificate, own in zip(held, ranks, strict=True) if own >= rank]
        values.update(_dates(above, table.dates_suffix(scheme, level)))
    return values, [f"{scheme}:{level}" for level in reached], highest


def _certificates(certificates: Sequence[HeldCertificate], table: FieldTable, tie: int) -> Values:
    """Level tokens and dates by scheme (notes: rule 10), so that a date never belongs to another certificate."""
    by_scheme: dict[str, list[HeldCertificate]] = {}
    for certificate in certificates:
        by_scheme.setdefault(certificate.scheme, []).append(certificate)
    values: Values = _dates(certificates, "")
    exact: list[str] = []
    cumulative: list[str] = []
    highest: dict[str, int] = {}
    for scheme, held in by_scheme.items():
        dates, reached, highest[scheme] = _scheme_values(scheme, held, table)
        values.update(dates)
        exact += [scheme, *reached[-1:]]
        cumulative += [scheme, *reached]
    for scheme, levels in table.vocabulary.schemes.items():
        if levels:
            values[f"sort_level_{table.numbers[scheme]}"] = sort_key(len(levels) - highest.get(scheme, 0), tie)
    return values | {"level": exact, "level_min": cumulative}


def _check_standings(standings: Sequence[Standing]) -> None:
    """One place an edition and one current edition: only then do grade and top x % speak of the same standing."""
    editions = [standing.edition for standing in standings]
    if len(set(editions)) < len(editions) or sum(standing.current for standing in standings) > 1:
        raise ValueError("standings: two places in one edition, or two current editions")
    for standing in standings:
        if "|" in standing.edition or standing.edition in ("", NOW):
            raise ValueError(f"standings: {standing.edition!r} cannot be an edition's name")
        if not 1 <= standing.position <= standing.peers:
            raise ValueError(f"standings: position {standing.position} of {standing.peers}")


def _standings(standings: Sequence[Standing], tie: int) -> Values:
    """Tokens and places by edition (notes: rule 11)."""
    _check_standings(standings)
    grades: list[str] = []
    tops: list[str] = []
    places: dict[str, int] = {}
    rank = _UNRANKED
    for standing in standings:
        place = standing.position * MILLION // standing.peers
        per_cent = -(-100 * standing.position // standing.peers)
        places[standing.edition] = place
        if standing.current:
            rank = place
        for edition in (standing.edition, NOW) if standing.current else (standing.edition,):
            grades.append(f"{edition}|{standing.grade}")
            tops.append(f"{edition}|p{per_cent}")
    return {"edition": list(places), "grade": grades, "top": tops, "place": places, "sort_rank": sort_key(rank, tie)}
