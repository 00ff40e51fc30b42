"""Words of sourcing records: what a condition says in both languages, and what codes in a record are called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from urllib.parse import urlencode

from flask_babel import gettext as _

from portal.buyers.shortlist_labels import status_labels
from portal.web.addresses import SAFE, Addresses, to_args
from portal.web.i18n import speaking
from portal.web.parameters import Search
from portal.web.presenters.chips import chips
from portal.web.presenters.context import Context
from portal.web.presenters.labels import basis_labels, mine_labels, parameter_labels, state_labels
from portal.web.presenters.naming import Naming
from portal.workspace.funnel import Fields
from portal.workspace.record_tree import Both
from search.contract import SearchQuery

_MINE = {"ids": "only", "ids_not": "hide"}


def both(say: Callable[[Context], str], at: Context) -> Both:
    """A text made in both languages."""
    with speaking("zh"):
        zh = say(replace(at, lang="zh"))
    with speaking("en"):
        return Both(zh=zh, en=say(replace(at, lang="en")))


def start_said(asks: Fields, at: Context) -> Both:
    """Where a funnel begins."""
    return both(lambda _at: str(_("all certified suppliers") if asks else _("all suppliers in the register")), at)


def step_parameter(asks: Fields) -> str:
    """The parameter by which an address asks a condition."""
    return "mine" if set(asks) & set(_MINE) else to_args(_search(asks))[0][0]


def step_address(asks: Fields) -> str:
    """The condition as an address has it."""
    mine = next((_MINE[name] for name in asks if name in _MINE), "")
    return f"mine={mine}" if mine else urlencode(to_args(_search(asks)), safe=SAFE)


def step_said(asks: Fields, at: Context) -> Both:
    """The condition in words."""
    return both(lambda there: _said(asks, there), at)


def _said(asks: Fields, at: Context) -> str:
    for name, choice in _MINE.items():
        if name in asks:
            return f"{parameter_labels()['mine']}{_colon(at)}{mine_labels()[choice]}"
    search, naming = _search(asks), Naming(at)
    if search.query.text:
        return f"{naming.parameters['q']}{_colon(at)}“{search.query.text}”"
    values: dict[str, list[str]] = {}
    for chip in chips(search, Addresses(search, "/suppliers"), naming, folded=False):
        values.setdefault(chip.label, []).append(chip.value)
    # Any of several values will do; how many of several criteria stands beside them.
    between = naming.separator if "criteria_mode" in asks else _(" or ")
    lines = (f"{label}{_colon(at)}{between.join(each)}" for label, each in values.items())
    return ("；" if at.lang == "zh" else "; ").join(lines)


def _colon(at: Context) -> str:
    return "：" if at.lang == "zh" else ": "


def _search(asks: Fields) -> Search:
    return Search(query=SearchQuery(**asks))


def labels() -> Mapping[str, Mapping[str, str]]:
    """What codes in a record are called, by kind."""
    return {
        "status": status_labels(),
        "state": state_labels(),
        "basis": basis_labels(),
        "gone": {"withdrawn": _("withdrawn from the register"), "merged": _("merged into another firm")},
        "field": {
            "status": _("Registration status"),
            "sector": _("Sector"),
            "region": _("Region"),
            "sites": _("Place"),
            "address": _("Registered address"),
        },
        "answer": {"yes": _("yes"), "no": _("no"), "not_checked": _("not checked")},
        "result": {
            "met": _("met"),
            "not_met": _("not met"),
            "not_applicable": _("not applicable"),
            "not_assessed": _("not assessed"),
        },
    }
