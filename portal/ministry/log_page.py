"""Entries of the log as pages show them: who, when, what, before → after in words, from where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import select

from portal.ministry.log_values import Values
from portal.ministry.log_words import action_labels, actor_labels, field_labels, subject_labels
from portal.models import AuditEntry, Edition, Organisation, Supplier, User
from portal.register.loading import by_keys
from portal.web.presenters.context import Context
from portal.web.tree import Struct

STATED = frozenset({"actors", "actions", "firms", "problems", "subjects"})
"""Lists that an entry states: not before and after."""

SHOWN = 4
"""Changes of an entry that are seen without unfolding the rest."""


class ChangeLine(Struct, frozen=True, kw_only=True):
    """A changed field; `before` None: there was none, or the entry only states something; `of`: whose field it is."""

    of: str
    label: str
    before: str | None
    after: str


class EntryView(Struct, frozen=True, kw_only=True):
    """An entry. `second`: the registration number of a firm; `url`: where the subject is; `sealed`: in the chain."""

    id: int
    at: datetime
    actor: str
    origin: str
    action: str
    subject: str
    second: str
    url: str
    changes: tuple[ChangeLine, ...]
    more: tuple[ChangeLine, ...]
    seal: int | None


@dataclass(frozen=True, slots=True)
class _Named:
    """A subject or actor in words, and where it is."""

    name: str
    url: str = ""
    second: str = ""


def entry_views(rows: Sequence[AuditEntry], at: Context) -> tuple[EntryView, ...]:
    """The entries in words, with a handful of statements for all."""
    names = _names({row.subject for row in rows} | {row.actor for row in rows}, at)
    values = Values(at, (row.changes for row in rows))
    return tuple(_view(row, names, values) for row in rows)


def _view(row: AuditEntry, names: Mapping[str, _Named], values: Values) -> EntryView:
    about = names.get(row.subject) or _Named(row.subject)
    who = names.get(row.actor)
    changes = tuple(lines(row.changes, values))
    return EntryView(
        id=row.id,
        at=row.at,
        actor=who.name if who else actor_labels().get(row.actor, row.actor),
        origin=row.origin,
        action=action_labels().get(row.action, row.action),
        subject=subject_labels().get(row.subject) or about.name,
        second=about.second,
        url=about.url,
        changes=changes[:SHOWN],
        more=changes[SHOWN:],
        seal=row.seal,
    )


def lines(changes: Mapping[str, Any], values: Values) -> Iterator[ChangeLine]:
    """Each changed field: {field: [before, after]}, {kind: {which: {field: [before, after]}}}, {name: statement}."""
    for name, change in changes.items():
        if isinstance(change, dict) and all(isinstance(fields, dict) for fields in change.values()):
            for which, fields in change.items():
                yield from _of_child(name, which, fields, values)
        else:
            yield _line("", name, change, values)


def _of_child(kind: str, which: str, fields: Mapping[str, Any], values: Values) -> Iterator[ChangeLine]:
    of = f"{field_labels().get(kind, kind)} {values.which(kind, which)}"
    for name, change in fields.items():
        if name == "results" and isinstance(change, dict):
            for code, result in change.items():
                yield _line(of, code, result, values)
        else:
            yield _line(of, name, change, values)


def _line(of: str, name: str, change: object, values: Values) -> ChangeLine:
    label = field_labels().get(name, name)
    if isinstance(change, list) and len(change) == 2 and name not in STATED:
        before, after = change
        said = None if before in (None, "", [], {}) else values.text(name, before)
        return ChangeLine(of=of, label=label, before=said, after=values.text(name, after))
    return ChangeLine(of=of, label=label, before=None, after=values.text(name, change))


def _names(codes: set[str], at: Context) -> dict[str, _Named]:
    """Those that the database knows."""
    found = {code: _case(code) for code in codes if code.startswith("case/")}
    ids: dict[str, list[int]] = {"user": [], "organisation": []}
    keys, editions = [], []
    for code in codes:
        kind, _slash, rest = code.partition("/")
        if kind in ids and rest.isascii() and rest.isdigit():
            ids[kind].append(int(rest))
        elif code.startswith("edition:"):
            editions.append(code.removeprefix("edition:"))
        elif rest:
            keys.append(code)
    for user in at.session.execute(select(User.id, User.name).where(User.id.in_(ids["user"]))):
        found[f"user/{user.id}"] = _Named(user.name)
    organisations = select(Organisation.id, Organisation.name).where(Organisation.id.in_(ids["organisation"]))
    for organisation in at.session.execute(organisations):
        found[f"organisation/{organisation.id}"] = _Named(organisation.name)
    for edition in at.session.scalars(select(Edition).where(Edition.code.in_(editions))):
        url = url_for("lookup.edition", code=edition.code)
        found[f"edition:{edition.code}"] = _Named(at.edition_label(edition), url, edition.code)
    return found | (_firms(keys, at) if keys else {})


def _case(code: str) -> _Named:
    number = code.removeprefix("case/")
    return _Named(_("Case %(id)s", id=number), f"{url_for('ministry.reviews')}/{number}")


def _firms(keys: Sequence[str], at: Context) -> dict[str, _Named]:
    wanted = select(Supplier.scheme, Supplier.number, Supplier.name_zh, Supplier.name_en).where(by_keys(keys))
    found = {}
    for row in at.session.execute(wanted):
        name = (row.name_en or row.name_zh) if at.lang == "en" else (row.name_zh or row.name_en)
        url = url_for("ministry.supplier", scheme=row.scheme, number=row.number)
        found[f"{row.scheme}/{row.number}"] = _Named(name, url, row.number)
    return found
