"""Announcements: published, edited as a new version, taken back and put back, each with an entry of the log; read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from sqlalchemy import Select, insert, select
from sqlalchemy.orm import Session

from portal.models import Announcement, AnnouncementLevel, AnnouncementVersion, AuditEntry, now
from portal.register.audit import Actor

MOST_SHOWN = 50
"""On the page of all announcements."""


class Overtaken(Exception):
    """Someone else has edited it, or taken it back, since it was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What is published; see models.AnnouncementVersion."""

    title_zh: str = ""
    title_en: str = ""
    text_zh: str = ""
    text_en: str = ""
    level: str = AnnouncementLevel.NORMAL.value
    audience: tuple[str, ...] = ()
    first_on: date
    last_on: date | None = None

    def title(self, lang: str) -> str:
        """In that language, else in the other."""
        return (self.title_en or self.title_zh) if lang == "en" else (self.title_zh or self.title_en)

    def text(self, lang: str) -> str:
        """In that language, else in the other."""
        return (self.text_en or self.text_zh) if lang == "en" else (self.text_zh or self.text_en)

    def language(self, lang: str) -> str:
        """The language of `title(lang)`."""
        other = "zh" if lang == "en" else "en"
        return lang if getattr(self, f"title_{lang}") else other

    def runs(self, on: date) -> bool:
        """Whether it is shown on that day."""
        return self.first_on <= on and (self.last_on is None or on <= self.last_on)

    def is_for(self, kind: str | None) -> bool:
        """Whether someone of that kind of organisation is shown it; None: whoever is not signed in."""
        return not self.audience or kind in self.audience


@dataclass(frozen=True, slots=True)
class Announced:
    """An announcement as it is now."""

    id: int
    version: int
    content: Content
    taken_back: bool = False

    @property
    def key(self) -> str:
        """What a browser remembers that it need not show any more; another version is shown again."""
        return f"{self.id}.{self.version}"


def publish(session: Session, actor: Actor, user_id: int, content: Content) -> int:
    """Publish one; its id."""
    made = Announcement()
    session.add(made)
    session.flush()
    _add_version(session, made, user_id, content)
    _record(session, actor, made.id, "published", _changes({}, _plain(content)))
    return made.id


def edit(session: Session, actor: Actor, user_id: int, announced: Announced, content: Content) -> bool:
    """Say otherwise from now on; whether that is a change. Raises Overtaken."""
    row = _unchanged(session, announced)
    if content == announced.content:
        return False
    row.version += 1
    _add_version(session, row, user_id, content)
    _record(session, actor, row.id, "edited", _changes(_plain(announced.content), _plain(content)))
    return True


def set_taken_back(session: Session, actor: Actor, announced: Announced, *, back: bool) -> None:
    """Show it to nobody any more, or as before. Raises Overtaken."""
    row = _unchanged(session, announced)
    if announced.taken_back == back:
        raise Overtaken
    row.taken_back_at = now() if back else None
    titles = {name: getattr(announced.content, name) for name in ("title_zh", "title_en")}
    _record(session, actor, row.id, "taken_back" if back else "put_back", titles)


def one(session: Session, identifier: int) -> Announced | None:
    """As it is now."""
    found = session.execute(_wanted().where(Announcement.id == identifier)).one_or_none()
    return None if found is None else _announced(*found)


def all_of_them(session: Session, *, but_taken_back: bool = False, most: int = MOST_SHOWN) -> list[Announced]:
    """The newest ones, newest first."""
    wanted = _wanted().order_by(AnnouncementVersion.first_on.desc(), Announcement.id.desc()).limit(most)
    if but_taken_back:
        wanted = wanted.where(Announcement.taken_back_at.is_(None))
    return [_announced(*found) for found in session.execute(wanted)]


def upcoming(session: Session, today: date) -> list[Announced]:
    """Those that are shown on that day or later."""
    last = AnnouncementVersion.last_on
    wanted = _wanted().where(Announcement.taken_back_at.is_(None), last.is_(None) | (last >= today))
    return [_announced(*found) for found in session.execute(wanted.order_by(Announcement.id.desc()).limit(MOST_SHOWN))]


def versions(session: Session, identifier: int) -> Sequence[AnnouncementVersion]:
    """All of one's, newest first."""
    wanted = select(AnnouncementVersion).where(AnnouncementVersion.announcement_id == identifier)
    return session.scalars(wanted.order_by(AnnouncementVersion.number.desc())).all()


def _wanted() -> Select[Announcement, AnnouncementVersion]:
    newest = (AnnouncementVersion.announcement_id == Announcement.id) & (
        AnnouncementVersion.number == Announcement.version
    )
    return select(Announcement, AnnouncementVersion).join(AnnouncementVersion, newest)


def _announced(row: Announcement, version: AnnouncementVersion) -> Announced:
    values = {field.name: getattr(version, field.name) for field in fields(Content)}
    content = Content(**values | {"audience": tuple(version.audience)})
    return Announced(row.id, row.version, content, row.taken_back_at is not None)


def _unchanged(session: Session, announced: Announced) -> Announcement:
    row = session.get(Announcement, announced.id, with_for_update=True)
    if row is None or row.version != announced.version or (row.taken_back_at is not None) != announced.taken_back:
        raise Overtaken
    return row


def _add_version(session: Session, row: Announcement, user_id: int, content: Content) -> None:
    values = {field.name: getattr(content, field.name) for field in fields(content)}
    number = row.version or 1
    made = AnnouncementVersion(announcement_id=row.id, number=number, by_id=user_id)
    for name, value in values.items():
        setattr(made, name, list(value) if isinstance(value, tuple) else value)
    session.add(made)
    session.flush()


def _plain(content: Content) -> dict[str, Any]:
    """For the log."""
    values = ((field.name, getattr(content, field.name)) for field in fields(content))
    return {
        name: value.isoformat() if isinstance(value, date) else list(value) if isinstance(value, tuple) else value
        for name, value in values
    }


def _changes(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Fields that differ; of a new one, those that are stated."""
    both = {name: [before.get(name), value] for name, value in after.items()}
    return {name: pair for name, pair in both.items() if pair[0] != pair[1] and any(pair)}


def _record(session: Session, actor: Actor, identifier: int, action: str, changes: dict[str, Any]) -> None:
    entry = actor.entry(now(), f"announcement.{action}", f"announcement/{identifier}", changes)
    session.execute(insert(AuditEntry).values(entry))
