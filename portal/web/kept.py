"""Opening stored sourcing conditions: `/suppliers?conditions=12`, alone or with further filters (`portal.web.stored`).

The one place where that is done: only for those who may source, and only their own organisation's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl

from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound

from portal.extensions import db
from portal.models import Conditions, ConditionsVersion
from portal.services import services
from portal.web.addresses import bare, to_args, without
from portal.web.guard import owned, to_sign_in
from portal.web.parameters import ParameterError, Search, parse
from portal.web.permissions import Permission
from portal.web.presenters.context import Context
from portal.web.stored import CONDITIONS, Stored, merged
from portal.web.users import CurrentUser, current_user
from portal.workspace.conditions import Member, version_of, visible_to

_KEY = re.compile(r"([0-9]{1,9})(?:\.([0-9]{1,6}))?")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a stored address asks by the present catalogue; `stale`: parameters and values it does not know any more."""

    search: Search
    stale: tuple[tuple[str, str], ...] = ()


def asked(args: MultiDict[str, str], at: Context) -> Search:
    """The search that an address asks for, its stored conditions opened.

    Raises ParameterError (400), and NotFound (404) for conditions that are not the visitor's.
    """
    per_page = services().settings.page_size
    key = args.get(CONDITIONS, "").strip()
    if not key:
        return parse(args, at.catalogue, at.editions, per_page)
    stored = _open(key, at)
    search = parse(merged(stored.args, args), at.catalogue, at.editions, per_page)
    return replace(search, stored=stored)


def member_of(user: CurrentUser) -> Member:
    """Whose conditions a user sees."""
    return Member(user.organisation_id, user.id)


def read_address(address: str, at: Context) -> Reading:
    """The search of a stored query string. What the catalogue does not know any more is left out, and named."""
    pairs = parse_qsl(address)
    stale: list[tuple[str, str]] = []
    while True:
        try:
            return Reading(parse(MultiDict(pairs), at.catalogue, at.editions), tuple(stale))
        except ParameterError as error:
            rest = without(pairs, error.parameter, error.value)
            if rest == pairs:
                raise
            stale.append((error.parameter, error.value))
            pairs = rest


def stored_search(row: Conditions, version: ConditionsVersion, reading: Reading) -> Search:
    """What a version asks, with addresses that stand on it."""
    newest = version.number == row.version
    stored = Stored(
        key=str(row.id) if newest else f"{row.id}.{version.number}",
        id=row.id,
        version=version.number,
        name=version.name,
        args=dict(to_args(bare(reading.search))),
        newest=newest,
        stale=reading.stale,
    )
    return replace(reading.search, stored=stored)


def _open(key: str, at: Context) -> Stored:
    user = current_user()
    if user is None:
        to_sign_in()
    found = _KEY.fullmatch(key)
    if found is None or Permission.SOURCE not in user.permissions:
        raise NotFound
    row = owned(db.session(), Conditions, int(found[1]), *visible_to(member_of(user)))
    version = version_of(db.session(), row.id, int(found[2] or row.version))
    if version is None:
        raise NotFound
    stored = stored_search(row, version, read_address(version.address, at)).stored
    assert stored is not None, "it was just made"  # noqa: S101
    return stored
