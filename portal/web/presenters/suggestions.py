"""Lines below the search box while one types: firms, industries, processes and trade words."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal
from urllib.parse import quote

from flask_babel import gettext as _
from sqlalchemy import select

from portal.models import Supplier
from portal.register.catalogue import Catalogue, Named
from portal.register.loading import by_keys
from portal.web.presenters.cards import supplier_url
from portal.web.presenters.context import Context
from portal.web.screens import Suggestion
from search.contract import EngineUnavailable, SearchEngine

MAX_FIRMS = 6
MAX_EACH = 3
MAX_TYPED = 60

Kind = Literal["industry", "process", "product"]
Words = Mapping[Kind, list[tuple[str, str]]]
"""Texts as they are compared, with the code or word each stands for."""

_made: dict[str, Words] = {}


def suggest(text: str, at: Context, engine: SearchEngine | None) -> tuple[Suggestion, ...]:
    """What the text may be the beginning of. Without an engine (None, or down) only words of the catalogue."""
    typed = " ".join(text.split())[:MAX_TYPED]
    if not typed:
        return ()
    return (*_catalogue(typed, at), *_firms(typed, at, engine))


def _firms(typed: str, at: Context, engine: SearchEngine | None) -> Iterator[Suggestion]:
    try:
        keys = engine.suggest(typed, MAX_FIRMS) if engine else ()
    except EngineUnavailable:
        return
    if not keys:
        return
    rows = at.session.execute(
        select(Supplier.scheme, Supplier.number, Supplier.name_zh, Supplier.name_en).where(
            by_keys(keys), Supplier.withdrawn_at.is_(None)
        )
    )
    names = {f"{scheme}/{number}": (zh, en) for scheme, number, zh, en in rows}
    for key in keys:
        if key in names:
            first, second = names[key] if at.lang == "zh" else names[key][::-1]
            note = second if first else ""
            yield Suggestion(
                kind="firm", label=first or second, note=note or key.partition("/")[2], url=supplier_url(key)
            )


def _catalogue(typed: str, at: Context) -> Iterator[Suggestion]:
    folded, words = _folded(typed), _words(at.catalogue)
    notes = {"industry": _("industry"), "process": _("process"), "product": _("product")}
    named: tuple[tuple[Kind, Mapping[str, Named]], ...] = (
        ("industry", at.catalogue.industries),
        ("process", at.catalogue.processes),
    )
    for kind, names in named:
        for code in _best(folded, words[kind]):
            url = f"/suppliers?{kind}={code}&has=certificate"
            yield Suggestion(kind=kind, label=names[code].name(at.lang), note=notes[kind], url=url)
    for word in _best(folded, words["product"]):
        url = f"/suppliers?q={quote(word)}&has=certificate"
        yield Suggestion(kind="product", label=word, note=notes["product"], url=url)


def _words(catalogue: Catalogue) -> Words:
    """The catalogue's words as they are compared, made once a catalogue: folding costs more than searching."""
    words = _made.get(catalogue.fingerprint)
    if words is None:
        words = {
            "industry": _texts(catalogue.industries),
            "process": _texts(catalogue.processes),
            "product": [(_folded(word), word) for synonym in catalogue.synonyms for word in synonym.words],
        }
        _made.clear()
        _made[catalogue.fingerprint] = words
    return words


def _texts(names: Mapping[str, Named]) -> list[tuple[str, str]]:
    return [(_folded(text), code) for code, one in names.items() for text in (one.name_zh, one.name_en, code) if text]


def _best(folded: str, texts: Iterable[tuple[str, str]]) -> list[str]:
    """Those that begin with what was typed, then (from two characters) those that hold it; at most MAX_EACH."""
    begin: list[str] = []
    hold: list[str] = []
    for text, item in texts:
        if text.startswith(folded):
            begin.append(item)
        elif len(folded) > 1 and folded in text:
            hold.append(item)
    return list(dict.fromkeys((*begin, *hold)))[:MAX_EACH]


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
