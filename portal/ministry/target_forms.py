"""The form of a target: names, a search, numbers, days, and goals of units; each fault stands at its field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.datastructures import MultiDict
from wtforms import HiddenField, StringField, TextAreaField, ValidationError

from portal.register.catalogue import Target
from portal.web.addresses import bare, to_args
from portal.web.forms import REQUIRED, DayField, Form, at_most
from portal.web.parameters import ParameterError, Search, parse
from portal.web.presenters.context import Context
from search.contract import SearchQuery, Sort

MAX_GOAL = 100_000_000
MAX_ADDRESS = 8_000
OWN_DAYS = ("certified_from", "certified_to")
_LINE = re.compile(r"(.+?)[\s,，:：=]+([0-9]{1,9})")


class TargetForm(Form):
    """`counted`: the address whose number was looked at; `seen`: the version that is changed."""

    seen = HiddenField()
    counted = HiddenField()
    name_zh = StringField(lazy_gettext("Chinese name"), [REQUIRED, at_most(200)])
    name_en = StringField(lazy_gettext("English name"), [at_most(300)])
    document = StringField(lazy_gettext("Document it rests on"), [REQUIRED, at_most(400)])
    address = StringField(lazy_gettext("Address of the search that counts"), [REQUIRED, at_most(MAX_ADDRESS)])
    goal = StringField(lazy_gettext("Goal: number of firms"), [REQUIRED])
    base = DayField(lazy_gettext("Counted from (base day)"), [REQUIRED])
    due = DayField(lazy_gettext("Due day"), [REQUIRED])
    units = TextAreaField(lazy_gettext("Goals of units of report (optional)"), [at_most(4000)])

    at: Context
    search: Search | None = None
    number: int = 0
    goals: Mapping[str, int] = {}

    def validate_address(self, field: StringField) -> None:
        """A search of this portal, by what can be counted."""
        text = field.data or ""
        try:
            query = urlsplit(text).query or (text if "=" in text and "/" not in text.partition("=")[0] else "")
            found = parse(MultiDict(parse_qsl(query)), self.at.catalogue, self.at.editions)
        except ParameterError as error:
            raise ValidationError(error.message) from None
        except ValueError:
            raise ValidationError(_("This is no address of a search in this portal.")) from None
        if not query:
            raise ValidationError(_("This is no address of a search in this portal."))
        if found.ignored or found.mine:
            raise ValidationError(
                _("This cannot be counted for a target: %(names)s.", names=", ".join(found.ignored or ("mine",)))
            )
        if any(getattr(found.query, name) for name in OWN_DAYS):
            raise ValidationError(_("Leave out since when firms are certified: the base day and the due day say it."))
        self.search = bare(Search(query=_plain(found.query)))
        field.data = "&".join(f"{name}={value}" for name, value in to_args(self.search))

    def validate_goal(self, field: StringField) -> None:
        """A whole number above 0; thousands may be set off by commas."""
        text = (field.data or "").replace(",", "").replace("，", "")
        if not (text.isascii() and text.isdigit()) or not 0 < int(text[:12]) <= MAX_GOAL:
            raise ValidationError(_("Enter a whole number above 0."))
        self.number = int(text)

    def validate_due(self, field: DayField) -> None:
        """After the base day."""
        if field.day and self.base.day and field.day <= self.base.day:
            raise ValidationError(_("The due day must be later than the base day."))

    def validate_units(self, field: TextAreaField) -> None:
        """A line each: a unit's code or name, and its goal. Together no more than the whole."""
        known = _unit_names(self.at)
        goals: dict[str, int] = {}
        for line in filter(None, map(str.strip, (field.data or "").splitlines())):
            found = _LINE.fullmatch(line)
            code = known.get(found[1].strip()) if found else None
            if found is None or code is None or code in goals or int(found[2]) < 1:
                raise ValidationError(
                    _("“%(line)s”: each line has a unit of report, once, and a number above 0.", line=line[:60])
                )
            goals[code] = int(found[2])
        if self.number and sum(goals.values()) > self.number:
            raise ValidationError(
                _("The goals of the units add up to %(sum)s, more than the whole.", sum=f"{sum(goals.values()):,}")
            )
        self.goals = goals

    @property
    def seen_version(self) -> int:
        """The version, -1 where the field holds none."""
        text = self.seen.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1

    def stated(self) -> dict[str, Any]:
        """What a valid form says, but for the search."""
        assert self.base.day and self.due.day, "the form holds"  # noqa: S101, PT018
        return {
            "name_zh": self.name_zh.data,
            "name_en": self.name_en.data or "",
            "document": self.document.data,
            "address": self.address.data,
            "goal": self.number,
            "base_on": self.base.day,
            "due_on": self.due.day,
            "units": dict(self.goals),
        }


def _unit_names(at: Context) -> dict[str, str]:
    """Unit by what it may be called: its code, its names, and those of the place it is, with or without 省 or 市."""
    names: dict[str, str] = {}
    for unit in at.catalogue.units.values():
        called = [unit.code, unit.name_zh, unit.name_en, unit.short_zh, unit.short_en]
        if len(unit.regions) == 1:
            region = at.catalogue.regions[unit.regions[0]]
            called += [region.name_zh, region.name_zh.rstrip("省市"), region.name_en]
        names |= {name: unit.code for name in called if name}
    return names


def _plain(query: SearchQuery) -> SearchQuery:
    """What it asks for, not in which order."""
    return SearchQuery(
        **{
            name: getattr(query, name)
            for name in query.__dataclass_fields__
            if name not in ("nice", "sort", "page", "per_page", "facets")
        },
        sort=Sort.RELEVANCE,
    )


def filled(target: Target, address: str) -> dict[str, object]:
    """What stands in the form of a target."""
    return {
        "name_zh": target.name_zh,
        "name_en": target.name_en,
        "document": target.document,
        "address": address,
        "goal": str(target.goal),
        "base": _day(target.base),
        "due": _day(target.due),
        "units": "\n".join(f"{code} {goal}" for code, goal in target.units.items()),
    }


def _day(day: date) -> str:
    return day.isoformat()
