"""What goes with a person who leaves: what only they saw. What is shared stays with the organisation."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from portal.models import Alert, Conditions, Export, RecentSearch, Shortlist, Undo
from portal.workspace import exports


def forget_private(session: Session, user_id: int, exports_dir: Path, at: datetime) -> None:
    """Remove a user's alerts, files, searches and undos; their private lists and conditions as if they deleted them.

    Sourcing records stay: they are evidence for an award, fixed on their day.
    """
    session.execute(delete(Alert).where(Alert.owner_id == user_id))
    session.execute(delete(RecentSearch).where(RecentSearch.user_id == user_id))
    session.execute(delete(Undo).where(Undo.user_id == user_id))
    for export in session.scalars(select(Export).where(Export.user_id == user_id)).all():
        exports.remove(session, exports_dir, export)
    for model in (Shortlist, Conditions):
        private = (model.owner_id == user_id, model.shared.is_(False), model.deleted_at.is_(None))
        session.execute(update(model).where(*private).values(deleted_at=at))
