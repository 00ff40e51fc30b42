"""A firm's profile while it is written: its draft, which two may edit at once, and what it begins with.

Everything that writes runs in the caller's transaction, which must have begun as one that writes, and locks the
profile's row.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from portal.models import Achievement, Profile, ProfileVersion, Supplier
from portal.profiles.content import (
    NOTHING,
    Content,
    Description,
    OwnAchievement,
    Process,
    Product,
    Site,
    Telephone,
    Website,
    decoded,
    encoded,
)
from portal.profiles.joining import join, prints_of


class Conflict(Exception):
    """Two changed the same groups of a draft: somebody has to choose. `mine` with what `theirs` changed elsewhere."""

    def __init__(self, mine: Content, theirs: Content, groups: tuple[str, ...]) -> None:
        super().__init__(", ".join(groups))
        self.mine, self.theirs, self.groups = mine, theirs, groups


@dataclass(frozen=True, slots=True)
class Hand:
    """Who writes, and when."""

    user_id: int
    at: datetime


def profile_of(session: Session, supplier_id: int) -> Profile | None:
    """The firm's profile; None for a firm that never wrote one."""
    return session.get(Profile, supplier_id)


def locked(session: Session, supplier_id: int) -> Profile:
    """The same to write it, made where it was missing: of two that begin at once, one waits for the other."""
    # both have ON CONFLICT, SQLAlchemy's common insert does not
    insert: Any = sqlite.insert if session.connection().dialect.name == "sqlite" else postgresql.insert
    session.execute(insert(Profile).values(supplier_id=supplier_id, version=0, saved=0).on_conflict_do_nothing())
    wanted = select(Profile).where(Profile.supplier_id == supplier_id).with_for_update()
    return session.scalars(wanted.execution_options(populate_existing=True)).one()


def published_of(profile: Profile | None) -> Content:
    """What is up; nothing before the first time."""
    return NOTHING if profile is None or profile.published is None else decoded(profile.published)


def writing_of(session: Session, firm: Supplier, profile: Profile | None) -> Content:
    """What the form shows: the draft, else what is up, else what lists state as declared by the firm itself."""
    if profile is not None and profile.draft is not None:
        return decoded(profile.draft)
    if profile is not None and profile.published is not None:
        return decoded(profile.published)
    return declared(session, firm)


def save(session: Session, firm: Supplier, base: str, mine: Content, hand: Hand) -> Content:
    """Keep what was written on what `base` has the prints of; with what others wrote meanwhile. What is kept now.

    Raises Conflict where both changed the same group; nothing is kept then.
    """
    profile = locked(session, firm.id)
    now_there = writing_of(session, firm, profile)
    joined = join(base, mine, now_there)
    if joined.conflicts:
        raise Conflict(joined.content, now_there, joined.conflicts)
    begins = profile.draft is None and profile.published is None and joined.content != NOTHING
    if begins or joined.content != now_there:
        _keep(session, profile, joined.content, hand)
    return joined.content


def _keep(session: Session, profile: Profile, content: Content, hand: Hand) -> None:
    back = profile.published is not None and published_of(profile) == content
    profile.draft = None if back else encoded(content)
    profile.discarded = None
    profile.saved += 1
    profile.saved_at, profile.saved_by_id = hand.at, hand.user_id
    session.flush()


def discard(session: Session, firm: Supplier, saved: int, hand: Hand) -> bool:
    """Give the draft up, as it was at `saved`; it waits to be taken back. False where it has changed since."""
    profile = locked(session, firm.id)
    if profile.draft is None or profile.saved != saved:
        return False
    profile.discarded, profile.draft = profile.draft, None
    profile.saved += 1
    profile.saved_at, profile.saved_by_id = hand.at, hand.user_id
    session.flush()
    return True


def take_back(session: Session, firm: Supplier, hand: Hand) -> bool:
    """Have the draft that was given up again. False where another one has begun since."""
    profile = locked(session, firm.id)
    if profile.discarded is None or profile.draft is not None:
        return False
    _keep(session, profile, decoded(profile.discarded), hand)
    return True


def restore(session: Session, firm: Supplier, version: ProfileVersion, hand: Hand) -> bool:
    """Make a version the draft; the one that was there is given up, and can be taken back. False: nothing to do."""
    profile = locked(session, firm.id)
    content, before = decoded(version.content), profile.draft
    if content == writing_of(session, firm, profile):
        return False
    _keep(session, profile, content, hand)
    if before is not None and profile.draft is None:
        profile.discarded = before
    session.flush()
    return True


def versions(session: Session, supplier_id: int) -> list[ProfileVersion]:
    """What was published, newest first."""
    held = select(ProfileVersion).where(ProfileVersion.supplier_id == supplier_id)
    return list(session.scalars(held.order_by(ProfileVersion.number.desc())))


def version_of(session: Session, supplier_id: int, number: int) -> ProfileVersion | None:
    """One of them."""
    held = select(ProfileVersion).where(ProfileVersion.supplier_id == supplier_id, ProfileVersion.number == number)
    return session.scalars(held).one_or_none()


def base_of(session: Session, firm: Supplier, profile: Profile | None) -> str:
    """The prints that a form of what is there now carries."""
    return prints_of(writing_of(session, firm, profile))


def declared(session: Session, firm: Supplier) -> Content:
    """What lists state of a firm as declared by itself: what its first draft begins with."""
    own = {name: getattr(firm, name) for name in firm.self_declared if hasattr(firm, name)}
    held = select(Achievement).where(Achievement.supplier_id == firm.id, Achievement.self_declared.is_(True))
    zh, en = own.get("products_zh", []), own.get("products_en", [])
    return Content(
        buyers_only=("contacts",),  # people's names and addresses are for everyone only where the firm says so
        description=Description(own.get("description_zh", ""), own.get("description_en", "")),
        products=tuple(
            Product(zh[place] if place < len(zh) else "", en[place] if place < len(en) else "")
            for place in range(max(len(zh), len(en)))
        ),
        processes=tuple(
            Process(one["code"], "subcontracted" if one.get("subcontracted") else "in_house")
            for one in own.get("processes", [])
        ),
        sites=tuple(
            Site(one.get("region") or "", one.get("name", ""), one.get("address", "")) for one in own.get("sites", [])
        ),
        achievements=tuple(
            OwnAchievement(one.kind, one.title_zh, one.title_en, one.description)
            for one in session.scalars(held.order_by(Achievement.id))
        ),
        website=Website(own.get("website", "")),
        telephone=Telephone(own.get("phone", "")),
    )
