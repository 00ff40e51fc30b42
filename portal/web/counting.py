"""Noting what signed-in buyers search by, and which firms they meet. Never who; nobody else is counted.

Visitors are not: they cannot be told from machines, and belong to no organisation that could be counted. A firm's own
people and staff are no buyers. What cannot be noted costs nobody their page.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import structlog

from portal.register.clock import today_china
from portal.services import services
from portal.usage import notes
from portal.usage.notes import Appeared, How, Note, Searched
from portal.web.parameters import Search
from portal.web.who import buyer_or_none

log = structlog.stdlib.get_logger("portal.usage")


def note_search(search: Search, keys: Sequence[str]) -> None:
    """A buyer who is signed in searched, and was shown these firms."""
    buyer = buyer_or_none()
    if buyer is None:
        return
    kept: list[Note] = []
    try:
        if services().settings.search_log and search.query.page == 1:
            kept += _searched(search, buyer.organisation_id)
        _keep([*kept, *_appeared(How.SHOWN, keys)])
    except OSError as error:
        log.warning("a search was not counted", kind=type(error).__name__)


def note_firms(how: How, keys: Sequence[str]) -> None:
    """A buyer who is signed in met these firms in another way."""
    if buyer_or_none() is None:
        return
    try:
        _keep(list(_appeared(how, keys)))
    except OSError as error:
        log.warning("an appearance was not counted", kind=type(error).__name__)


def _searched(search: Search, organisation_id: int) -> Iterable[Note]:
    asked, today = notes.conditions(search.query), today_china()
    if asked is not None:
        organisation = services().pseudonyms.of(organisation_id, today)
        yield Searched(today, organisation, asked, notes.is_whole(search.query))


def _appeared(how: How, keys: Sequence[str]) -> Iterable[Note]:
    if keys:
        yield Appeared(notes.monday(today_china()), how, list(keys))


def _keep(kept: Sequence[Note]) -> None:
    if kept:
        services().spool.note(notes.written(kept))
