"""The form of /firm/why: a filter of its own in the grammar's parameters, or an address pasted from the lookup."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, urlsplit

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from portal.company.why import conditions
from portal.web.addresses import bare
from portal.web.grammar import BY_NAME
from portal.web.parameters import ParameterError, Search, parse
from portal.web.presenters.context import Context
from portal.web.presenters.naming import Naming
from search.contract import LevelChoice, Sort

ADDRESS = "address"
FIELDS = ("q", "region", "level_min", "valid_through", "criteria", "top")
"""What the form offers; whatever else is asked goes along with it."""

MAX_ADDRESS = 8_000


@dataclass(slots=True)
class Asked:
    """What the page was asked. `search` None: nothing, or something refused, as `errors` say at their fields."""

    values: Mapping[str, str]
    search: Search | None = None
    errors: dict[str, str] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    pasted: bool = False


def asked(args: MultiDict[str, str], at: Context) -> Asked:
    """The search that is asked about; one that was pasted comes before the form's."""
    text = args.get(ADDRESS, "").strip()
    values = {name: ",".join(filter(None, map(str.strip, args.getlist(name)))) for name in (*BY_NAME, ADDRESS)}
    found = Asked(values, pasted=bool(text))
    given = MultiDict(_pasted(text)) if text else MultiDict((k, v) for k, v in args.items(multi=True) if k != ADDRESS)
    if text and not given:
        found.errors[ADDRESS] = _("This is no address of a search in this portal.")
        return found
    try:
        search = parse(given, at.catalogue, at.editions)
    except ParameterError as error:
        found.errors[ADDRESS if text else error.parameter] = error.message
        return found
    if conditions(search.query, at.vocabulary):
        found.search = bare(replace(search, query=replace(search.query, nice=(), sort=Sort.RELEVANCE)))
    elif text:
        found.errors[ADDRESS] = _("This address asks for nothing: every firm of the register appears there.")
    found.notices += _left_out(search)
    return found


def _pasted(text: str) -> list[tuple[str, str]]:
    """The parameters of an address, whole or from its question mark on."""
    try:
        query = urlsplit(text[:MAX_ADDRESS]).query or (
            text if "=" in text and "/" not in text.partition("=")[0] else ""
        )
    except ValueError:
        return []
    return parse_qsl(query)


def _left_out(search: Search) -> list[str]:
    """What was in the address and cannot be judged."""
    notices = []
    if search.ignored:
        notices.append(_("Not looked at: %(names)s.", names=", ".join(search.ignored)))
    if search.mine:
        notices.append(_("The buyer's own list of suppliers is the buyer's alone; it is not looked at."))
    return notices


Options = list[tuple[str, str]]


def options(name: str, chosen: str, at: Context) -> Options:
    """The values of a list to choose from, an empty one first; what is asked is among them."""
    naming = Naming(at)
    if name == "region":
        found = [(region.code, region.name(at.lang)) for region in at.catalogue.regions.values() if not region.parent]
    else:
        choices = [LevelChoice(s.code, level.code) for s in at.catalogue.schemes.values() for level in s.levels]
        found = [(f"{choice.scheme}:{choice.level}", naming.least(choice)) for choice in choices]
    if chosen and chosen not in dict(found):
        named = naming.code(name, chosen) if name == "region" else chosen
        found.append((chosen, named))
    return [("", _("any")), *found]
