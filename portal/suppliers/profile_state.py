"""Where a profile stands: what is up, what waits, what was said to it. For the head of its pages and the first page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.company.completeness import Completeness, completeness
from portal.company.profile import profile_of, published_of
from portal.company.profile_publishing import case_of
from portal.models import CaseState, Profile, ReviewCase, ReviewStep, Supplier, User
from portal.profiles.content import changed_parts, decoded
from portal.profiles.visible import Own, stated
from portal.profiles.words import group_words


@dataclass(frozen=True, slots=True)
class State:
    """`version` is up since `published_at`; `changed`: sections in which the draft differs from it.

    `case`: what was handed in last, with what staff said to it. `saved`, `saved_at`, `saved_by`: the draft.
    """

    version: int
    published_at: datetime | None
    draft: bool
    saved: int
    saved_at: datetime | None
    saved_by: str
    changed: tuple[str, ...]
    case: ReviewCase | None
    comment: str
    waiting: tuple[str, ...]


def state_of(session: Session, firm: Supplier) -> State:
    """Of the firm's profile."""
    profile = profile_of(session, firm.id)
    case, words = case_of(session, profile), group_words(_)
    parts = case.payload["parts"] if case is not None and case.state == CaseState.OPEN else ()
    writer = session.get(User, profile.saved_by_id) if profile and profile.saved_by_id else None
    return State(
        version=profile.version if profile else 0,
        published_at=profile.published_at if profile else None,
        draft=profile is not None and profile.draft is not None,
        saved=profile.saved if profile else 0,
        saved_at=profile.saved_at if profile else None,
        saved_by=writer.name if writer else "",
        changed=tuple(words[name] for name in _changed(profile)),
        case=case,
        comment=_comment(session, case),
        waiting=tuple(words[name] for name in parts),
    )


def _changed(profile: Profile | None) -> tuple[str, ...]:
    if profile is None or profile.draft is None:
        return ()
    return changed_parts(published_of(profile), decoded(profile.draft))


def _comment(session: Session, case: ReviewCase | None) -> str:
    if case is None or case.state not in {CaseState.RETURNED, CaseState.REFUSED}:
        return ""
    last = select(ReviewStep.comment).where(ReviewStep.case_id == case.id, ReviewStep.comment != "")
    return session.scalars(last.order_by(ReviewStep.id.desc()).limit(1)).first() or ""


@dataclass(frozen=True, slots=True)
class ToDo:
    """The one thing to do with a profile, and where."""

    text: str
    open: str


@dataclass(frozen=True, slots=True)
class Headline:
    """A profile on the first page: one number, and one thing to do, if there is any."""

    percent: int
    to_do: ToDo | None


def headline(session: Session, firm: Supplier) -> Headline:
    """How much of what is up says what buyers look for, and what helps most now."""
    profile = profile_of(session, firm.id)
    said = published_of(profile)
    own = None if profile is None or profile.published is None else Own(said)
    done = completeness(stated(firm, own), said)
    return Headline(done.percent, to_do(state_of(session, firm), done))


def to_do(state: State, done: Completeness) -> ToDo | None:
    """What helps most now; None where nothing is missing."""
    if state.case is not None and state.case.state == CaseState.RETURNED:
        return ToDo(_("Staff returned your profile with a comment: read it and hand it in again."), "")
    if state.draft and not state.waiting:
        return ToDo(_("Your draft is not handed in yet: look at it and hand it in."), "")
    if done.missing:
        name = group_words(_)[done.missing[0]]
        return ToDo(_("Add what buyers filter by most: %(part)s.", part=name), done.missing[0])
    return None
