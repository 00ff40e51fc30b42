"""Keeping what a buyer searches for, so that the workspace can offer it again."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

from sqlalchemy.exc import DBAPIError

from portal.models import now
from portal.web.addresses import SAFE, bare, to_args
from portal.web.parameters import Search
from portal.web.who import buyer_or_none
from portal.web.writing import writing
from portal.workspace import recent

USUAL = frozenset({"has"})
"""What links to the suppliers carry anyway: nobody searched for that."""


def remember(search: Search, total: int) -> bool:
    """Keep the search of a buyer who is signed in: its first page, if it asks anything. Whether that page is a new one.

    It is none when the last search was this one too: a facet was opened, the order changed, the page loaded anew.
    A database that cannot be written to costs nobody their result.
    """
    buyer = buyer_or_none()
    if buyer is None or search.query.page != 1:
        return True
    asked = to_args(replace(bare(search), stored=search.stored, mine=search.mine))
    if not {name for name, _text in asked} - USUAL:
        return True
    address = "&".join(f"{name}={quote(text, safe=SAFE)}" for name, text in asked)
    try:
        with writing() as session:
            return recent.note(session, buyer.id, address, total, now())
    except DBAPIError:
        return True
