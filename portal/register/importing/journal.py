"""What an import does to firms: kept in the database so that it can be undone, or only noticed, by a dry run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from portal.models import ImportTouch, ImportUndo, table_of
from portal.register.images import Image
from portal.register.state import Firm
from portal.register.writer import Journal

Items = Sequence[tuple[Firm, Image | None]]


@dataclass(slots=True)
class Noticed:
    """Which firms a dry run would make and change, and of how many it would change each field (certificates.level).

    Firms are known by the hashes of their keys. `again`: those of the last batch that an earlier one had made.
    """

    made: set[int] = field(default_factory=set)
    changed: set[int] = field(default_factory=set)
    fields: Counter[str] = field(default_factory=Counter)
    again: set[str] = field(default_factory=set)

    def __call__(self, _session: Session, items: Items) -> None:
        """As a `Journal`."""
        self.again.clear()
        for firm, image in items:
            known = hash(firm.key)
            if known in self.made:
                self.again.add(firm.key)  # an earlier batch made it, and was rolled back
                continue
            if image is None or image["supplier"].get("import_undo") == ImportUndo.UNDONE:
                self.made.add(known)
            else:
                self.changed.add(known)
                self.fields.update(_fields(image))


def _fields(image: Image) -> set[str]:
    found = set()
    for group, rows in image.items():
        if group == "supplier":
            found |= {f"supplier.{name}" for name in rows}
            continue
        for row in rows.values():
            found |= {f"{group}.+"} if row is None else {f"{group}.{name}" for name in row}
    return found


def kept(run_id: int) -> Journal:
    """A journal of that run in the database."""

    def keep(session: Session, items: Items) -> None:
        rows = [
            {"run_id": run_id, "supplier_id": firm.supplier.id, "at": firm.supplier.values["updated_at"]}
            | {"before": image}
            for firm, image in items
        ]
        session.execute(insert(table_of(ImportTouch)), rows)

    return keep


def firms_of(session: Session, run_id: int) -> tuple[int, int]:
    """How many firms a run made, and how many it only changed."""
    first = select(func.min(ImportTouch.id)).where(ImportTouch.run_id == run_id).group_by(ImportTouch.supplier_id)
    made = changed = 0
    for (before,) in session.execute(select(ImportTouch.before).where(ImportTouch.id.in_(first))).yield_per(1000):
        made, changed = (made + 1, changed) if before is None else (made, changed + 1)
    return made, changed
