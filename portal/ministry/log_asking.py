"""From what staff type to which entries of the log: firms by number or name, people by name or sign-in name."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from portal.ministry.forms import LogForm
from portal.ministry.within import territory
from portal.models import Organisation, Supplier, User
from portal.register.auditing.reading import Filter
from portal.register.loading import by_keys
from portal.services import services
from search.contract import SearchError, SearchQuery

MOST = 100
"""Firms, organisations or people that a name may stand for."""


def filter_of(form: LogForm, session: Session) -> Filter:
    """What a form that holds asks for; of who is limited to a territory, no more than entries of its firms."""
    about, who = form.about.data or "", form.who.data or ""
    return Filter(
        actors=_actors(who, session) if who else None,
        actions=(form.action.data,) if form.action.data else None,
        subjects=_subjects(about, session),
        first=form.first.day,
        last=form.last.day,
    )


def _actors(text: str, session: Session) -> tuple[str, ...]:
    return text, *_users(text, session)


def _subjects(about: str, session: Session) -> tuple[str, ...] | None:
    found = named(about, session) if about else None
    own = territory()
    if not own.limited:
        return found
    inside = select(Supplier.scheme, Supplier.number).where(by_keys(found or ()), own.condition(services().catalogue))
    return tuple(f"{scheme}/{number}" for scheme, number in session.execute(inside))


def named(text: str, session: Session) -> tuple[str, ...]:
    """The subjects that a text may mean: itself, firms, organisations, people."""
    exact = or_(Supplier.number == text.upper(), Supplier.name_zh == text, Supplier.name_en == text)
    firms = select(Supplier.scheme, Supplier.number).where(exact).limit(MOST)
    found = [f"{scheme}/{number}" for scheme, number in session.execute(firms)]
    held = select(Organisation.id).where(_holds(Organisation.name, text)).limit(MOST)
    organisations = [f"organisation/{identity}" for identity in session.scalars(held)]
    return tuple(dict.fromkeys([text, *found, *_searched(text), *organisations, *_users(text, session)]))


def _searched(text: str) -> list[str]:
    """By the search: parts of names, former names, pinyin. While it does not answer, whole names must do."""
    try:
        hits = services().engine().search(SearchQuery(text=text, per_page=MOST)).hits
    except SearchError:
        return []
    return [hit.id for hit in hits]


def _users(text: str, session: Session) -> list[str]:
    named = or_(_holds(User.name, text), func.lower(User.sign_in) == text.lower())
    return [f"user/{identity}" for identity in session.scalars(select(User.id).where(named).limit(MOST))]


def _holds(column: InstrumentedAttribute[str], text: str) -> ColumnElement[bool]:
    return column.contains(text, autoescape=True)
