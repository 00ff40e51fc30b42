"""What a firm says of itself follows it when it is merged, and goes back when the merge is taken apart.

The kept firm takes the profile, with its draft and its history, where it has none of its own; never one that staff took
down, as it would be shown again. Agreements of people to be named hold for the firm they are given to, so they follow
in any case. What was written between a merge and its undo goes back with the profile, so that no edit is lost.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from portal.models import ContactAgreement, Profile, ProfileVersion, Supplier, table_of

PROFILE, AGREEMENT = "profile", "contact_agreement"

_QUIET = {"synchronize_session": False}


def follow(session: Session, kept_id: int, merged_id: int) -> dict[str, list[Any]]:
    """Have it follow; what did: the firm whose profile it was, and the phone numbers of agreements."""
    return {
        PROFILE: [merged_id] if _follows(session, kept_id, merged_id) else [],
        AGREEMENT: _hand_agreements(session, merged_id, kept_id),
    }


def go_back(session: Session, kept_id: int, merged_id: int, moved: dict[str, list[Any]]) -> None:
    """Put it back; `moved`: what `follow` gave, or nothing."""
    if moved.get(PROFILE) and _is_free(session, merged_id):
        _hand_profile(session, kept_id, merged_id)
    if phones := moved.get(AGREEMENT):
        _hand_agreements(session, kept_id, merged_id, phones)


def _follows(session: Session, kept_id: int, merged_id: int) -> bool:
    hidden = session.scalar(select(Supplier.profile_hidden_at).where(Supplier.id == merged_id))
    there = session.scalar(select(Profile.supplier_id).where(Profile.supplier_id == merged_id).with_for_update())
    if hidden is not None or there is None or not _is_free(session, kept_id):
        return False
    _hand_profile(session, merged_id, kept_id)
    return True


def _is_free(session: Session, supplier_id: int) -> bool:
    """Whether the firm has no profile; a row that says nothing yet makes room."""
    columns = (Profile.version, Profile.draft, Profile.discarded)
    wanted = select(*columns).where(Profile.supplier_id == supplier_id).with_for_update()
    row = session.execute(wanted).one_or_none()
    if row is not None and (row.version or row.draft is not None or row.discarded is not None):
        return False
    session.execute(delete(Profile).where(Profile.supplier_id == supplier_id), execution_options=_QUIET)
    return True


def _hand_profile(session: Session, giver: int, taker: int) -> None:
    for model in (Profile, ProfileVersion):
        table = table_of(model)
        session.execute(update(table).where(table.c.supplier_id == giver).values(supplier_id=taker))


def _hand_agreements(session: Session, giver: int, taker: int, phones: list[str] | None = None) -> list[str]:
    """Those that the taker has not, of these numbers or of all."""
    table = table_of(ContactAgreement)
    there = select(table.c.phone).where(table.c.supplier_id == taker)
    wanted = [table.c.supplier_id == giver, table.c.phone.not_in(there)]
    if phones is not None:
        wanted.append(table.c.phone.in_(phones))
    found = list(session.scalars(select(table.c.phone).where(*wanted).order_by(table.c.phone)))
    gone = update(table).where(table.c.supplier_id == giver, table.c.phone.in_(found))
    session.execute(gone.values(supplier_id=taker))
    return found
