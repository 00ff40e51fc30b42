"""Two entries that are one firm made one: the kept firm takes what the other has and it has not.

In memory, on firms that are loaded with all that belongs to them, so that a preview and the merge are one thing. What
both state, the kept firm's holds; of a risk, whichever was checked later. Names of the other become former names, so
that they still find the firm. Certificates, assessments, tiers and achievements change hands with their rows; one that
both have stays with the other, where nobody reads it, until an undo.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import Supplier
from portal.register import images
from portal.register.applying import settle_current
from portal.register.audit import changes_of
from portal.register.facts import SupplierFacts, SupplierRecord
from portal.register.loading import by_keys
from portal.register.state import CHILDREN, Firm, Row
from portal.register.stored import Values

FILLED = (
    "name_zh",
    "name_en",
    "size",
    "established_on",
    "region",
    "address",
    "legal_representative",
    "phone",
    "website",
    "description_zh",
    "description_en",
    "industries",
    "processes",
    "products_zh",
    "products_en",
    "sites",
)
"""Fields that the kept firm takes where it has nothing."""

MOST_LINKS = 20
"""Merges in a row that are followed; there are none in a row unless a database was changed by hand."""


def merge(kept: Firm, merged: Firm, at: datetime, on: date, reason: str) -> None:
    """Make them one, in memory. Each has its row and all children."""
    kept.supplier.set(joined(kept.supplier.values, merged.supplier.values, on))
    for model in CHILDREN:
        own, others = kept.rows(model), merged.rows(model)
        for key in [key for key, row in others.items() if key not in own and not _hidden(merged, row)]:
            row = own[key] = others.pop(key)
            row.set({"supplier_id": kept.supplier.id})
    settle_current(kept)
    settle_current(merged)
    gone: Values = {"withdrawn_at": at, "withdrawn_reason": reason, "merged_into_id": kept.supplier.id}
    merged.supplier.set(gone)


def _hidden(merged: Firm, row: Row) -> bool:
    """Whether a row must not be shown, as the firm's profile was taken down: then it stays where it is."""
    return merged.supplier.values["profile_hidden_at"] is not None and bool(row.values.get("self_declared"))


def joined(kept: Mapping[str, Any], merged: Mapping[str, Any], on: date) -> Values:
    """The columns of the kept firm that the merge states."""
    hidden = merged["self_declared"] if merged["profile_hidden_at"] is not None else ()
    filled = {name: merged[name] for name in FILLED if not kept[name] and merged[name] and name not in hidden}
    if kept["status"] == "unknown" and merged["status"] != "unknown":
        filled |= {"status": merged["status"], "status_on": merged["status_on"]}
    risks = dict(kept["risks"])
    for kind, risk in merged["risks"].items():
        if kind not in risks or _weight(risk) > _weight(risks[kind]):
            risks[kind] = risk
    declared = {*kept["self_declared"], *(name for name in filled if name in merged["self_declared"])}
    names = {kept["name_zh"] or merged["name_zh"], kept["name_en"] or merged["name_en"]}
    former = list(kept["former_names"])
    shown = [name for name in ("name_zh", "name_en") if merged[name] and name not in hidden]
    others = [{"name": merged[name], "until": on.isoformat()} for name in shown]
    for one in (*others, *(() if "former_names" in hidden else merged["former_names"])):
        if one["name"] not in names | {known["name"] for known in former}:
            former.append(one)
    return filled | {"risks": risks, "self_declared": sorted(declared), "former_names": former}


def _weight(risk: Mapping[str, Any]) -> tuple[str, bool]:
    """What was checked later holds; of one day, the graver."""
    return risk["checked_on"], risk["answer"] == "yes"


def take_apart(kept: Firm, merged: Firm, before: Mapping[str, images.Image]) -> None:
    """Put back what was there before the merge: `before` holds the images of both."""
    images.put_back(kept, before["kept"])
    for model in CHILDREN:
        own = kept.rows(model)
        for key in [key for key, row in own.items() if row.values["supplier_id"] == merged.supplier.id]:
            merged.rows(model)[key] = own.pop(key)
    images.put_back(merged, before["merged"])


def told(kept: Firm, merged: Firm) -> dict[str, Any]:
    """What the log says of it: the fields of the kept firm, and by their keys whose each row was and is."""
    changes = _with_keys(changes_of(kept), kept, merged)
    for kind, rows in _with_keys(changes_of(merged), kept, merged).items():
        if kind in CHILDREN.values():  # rows that go back to it when a merge is taken apart
            moved = {which: fields for which, fields in rows.items() if "belongs_to" in fields}
            changes[kind] = changes.get(kind, {}) | moved
    return {name: change for name, change in changes.items() if change}


def _with_keys(changes: dict[str, Any], kept: Firm, merged: Firm) -> dict[str, Any]:
    keys = {firm.supplier.id: firm.key for firm in (kept, merged)}
    for kind in CHILDREN.values():
        for fields in changes.get(kind, {}).values():
            if "supplier_id" in fields:
                fields["belongs_to"] = [keys[identity] for identity in fields.pop("supplier_id")]
    return changes


def heads(session: Session, ids: Sequence[int]) -> dict[int, int]:
    """Firms that were merged → the firm each went into in the end; others are not in it."""
    found: dict[int, int] = {}
    open_ends = {identity: identity for identity in ids}
    for _link in range(MOST_LINKS):
        wanted = select(Supplier.id, Supplier.merged_into_id).where(
            Supplier.id.in_(set(open_ends.values())), Supplier.merged_into_id.is_not(None)
        )
        step = {identity: into for identity, into in session.execute(wanted) if into is not None}
        open_ends = {first: step[last] for first, last in open_ends.items() if last in step}
        if not open_ends:
            break
        found |= open_ends
    return found


def followed(session: Session, records: Sequence[SupplierRecord]) -> list[SupplierRecord]:
    """The records, with those of firms that were merged stating of the kept firm what belongs to it.

    Not the facts of its own row: a list that still knows the old entry would rename the firm.
    """
    wanted = by_keys(record.supplier.key for record in records)
    columns = (Supplier.scheme, Supplier.number, Supplier.id)
    ids = {f"{scheme}/{number}": one for scheme, number, one in session.execute(select(*columns).where(wanted))}
    into = heads(session, list(ids.values()))
    kept = select(*columns).where(Supplier.id.in_(set(into.values())))
    keys = {one: (scheme, number) for scheme, number, one in session.execute(kept)}
    found = []
    for record in records:
        head = into.get(ids.get(record.supplier.key, 0))
        if head is None:
            found.append(record)
        else:
            scheme, number = keys[head]
            found.append(replace(record, supplier=SupplierFacts(scheme=scheme, number=number)))
    return found
