"""What a merge would make of two firms, side by side: made in memory by the same code as the merge."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from portal.ministry.log_values import Values
from portal.ministry.log_words import field_labels
from portal.models import Ranking, Supplier, now
from portal.register import merging
from portal.register.audit import label
from portal.register.loading import load_firms
from portal.register.state import CHILDREN, Firm
from portal.web.presenters.context import Context

FIELDS = (
    "name_zh",
    "name_en",
    "former_names",
    "sector",
    "size",
    "status",
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
    "risks",
)


@dataclass(frozen=True, slots=True)
class Line:
    """A fact of both, and of what they will be; `taken`: the kept firm changes by it."""

    label: str
    kept: str
    merged: str
    after: str
    taken: bool


@dataclass(frozen=True, slots=True)
class Belonging:
    """Certificates, say: what the kept firm has, what comes to it, what both have."""

    label: str
    kept: tuple[str, ...]
    comes: tuple[str, ...]
    both: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """The page. `rankings`: how many places in editions come along."""

    lines: tuple[Line, ...]
    belongings: tuple[Belonging, ...]
    rankings: int


def preview(kept: Supplier, merged: Supplier, at: Context) -> Preview:
    """What the merge would make of them; changes nothing."""
    keys = [(row.scheme, row.number) for row in (kept, merged)]
    firms = load_firms(at.session, keys, tuple(CHILDREN), lock=False)
    first, second = firms[kept.key], firms[merged.key]
    values = Values(at, ())
    belongings = tuple(_belongings(first, second, values))
    before, other = dict(first.supplier.values), dict(second.supplier.values)
    merging.merge(first, second, now(), at.today, "")
    lines = tuple(_lines(before, other, first.supplier.values, values))
    return Preview(lines, belongings, _rankings(kept, merged, at))


def _lines(kept: dict[str, Any], merged: dict[str, Any], after: dict[str, Any], values: Values) -> Iterator[Line]:
    labels = field_labels()
    for name in FIELDS:
        if any(one[name] for one in (kept, merged)):
            before, other, then = (values.text(name, _plain(one[name])) for one in (kept, merged, after))
            yield Line(labels[name], before, other, then, kept[name] != after[name])


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _belongings(kept: Firm, merged: Firm, values: Values) -> Iterator[Belonging]:
    for model, kind in CHILDREN.items():
        own, others = kept.rows(model), merged.rows(model)
        if own or others:
            both = own.keys() & others.keys()
            parts = (own.keys() - both, others.keys() - both, both)
            named = (tuple(sorted(values.which(kind, label(key)) for key in keys)) for keys in parts)
            yield Belonging(field_labels()[kind], *named)


def _rankings(kept: Supplier, merged: Supplier, at: Context) -> int:
    held = select(Ranking.edition_id).where(Ranking.supplier_id == kept.id)
    comes = select(func.count(Ranking.id)).where(Ranking.supplier_id == merged.id, Ranking.edition_id.not_in(held))
    return at.session.scalar(comes) or 0
