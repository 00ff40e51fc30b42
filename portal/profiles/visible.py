"""What of a firm's own words is shown to whom: the one place for that rule, for pages, cards, API, exports and index.

- Only what is published is shown, never a draft. Groups kept for buyers are shown to signed-in buyers alone, on the
  firm's page; everything else (index, cards, API, exports) has the public groups only.
- Where staff took a profile down, nothing of it is shown to anyone; nor what lists state as declared by the firm
  (portal.register.showing, which those who read rows ask first).
- Official facts stay what they are; what the firm says comes after them, or stands where they say nothing. What a list
  states as declared by the firm itself gives way once the firm speaks for itself: so words that it withdrew are gone.
- Contacts are never in the index. A person's phone is masked until that person agreed (`masked`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.identity.names import normalised
from portal.models import ContactAgreement, Profile, Supplier, table_of
from portal.profiles.content import GROUPS, NOTHING, Content, decoded, with_items


class Audience(StrEnum):
    """Who looks."""

    PUBLIC = "public"
    BUYERS = "buyers"


@dataclass(frozen=True, slots=True)
class Own:
    """What a firm says of itself, as one audience sees it."""

    said: Content


Row = TypeVar("Row", bound=NamedTuple)

_PROFILE = table_of(Profile).c

OWN = (_PROFILE.published, table_of(Supplier).c.profile_hidden_at)
"""The columns that `own_of` takes, for statements about firms that join what they say of themselves, if anything."""


def own_of(
    published: dict[str, Any] | None, hidden_at: datetime | None, audience: Audience = Audience.PUBLIC
) -> Own | None:
    """What a firm says of itself, of the columns OWN; None where it never published anything, or it was taken down."""
    return None if published is None or hidden_at is not None else Own(seen_by(decoded(published), audience))


def own_words(session: Session, supplier_id: int, audience: Audience = Audience.PUBLIC) -> Own | None:
    """The same of one firm."""
    joined = select(*OWN).select_from(table_of(Profile).join(table_of(Supplier)))
    found = session.execute(joined.where(_PROFILE.supplier_id == supplier_id)).one_or_none()
    return None if found is None else own_of(found[0], found[1], audience)


def seen_by(content: Content, audience: Audience) -> Content:
    """The groups of a content that an audience sees."""
    if audience is Audience.BUYERS or not content.buyers_only:
        return content
    hidden = {name: getattr(NOTHING, name) for name in content.buyers_only if name in GROUPS}
    return with_items(content, hidden | {"buyers_only": ()})


def agreed_phones(session: Session, supplier_id: int) -> frozenset[str]:
    """The phone numbers whose owners agreed that this firm shows them, by `phone_key`."""
    held = select(ContactAgreement.phone).where(ContactAgreement.supplier_id == supplier_id)
    return frozenset(session.scalars(held))


def phone_key(phone: str) -> str:
    """How an agreement names a number: as sign-in names are written, else by its digits."""
    return (normalised(phone) or "".join(sign for sign in phone if sign.isdigit()))[:40]


def masked(phone: str) -> str:
    """Enough of a number for its owner to know it: the first three and the last two digits."""
    digits = sum(sign.isdigit() for sign in phone)
    seen = 0
    shown = []
    for sign in phone:
        seen += sign.isdigit()
        shown.append("*" if sign.isdigit() and 3 < seen <= digits - 2 else sign)
    return "".join(shown)


MERGED = (
    *("description_zh", "description_en", "products_zh", "products_en"),
    *("processes", "sites", "website", "phone"),
)
"""The columns of a supplier that its own words add to."""


@dataclass(frozen=True, slots=True)
class Stated:
    """What is stated of a firm, officially and by itself. `self_declared`: the names of what is in part its own."""

    description_zh: str = ""
    description_en: str = ""
    products_zh: Sequence[str] = ()
    products_en: Sequence[str] = ()
    processes: Sequence[dict[str, Any]] = ()
    sites: Sequence[dict[str, Any]] = ()
    website: str = ""
    phone: str = ""
    self_declared: Sequence[str] = ()


def stated(row: Any, own: Own | None) -> Stated:
    """What is stated of a firm, as far as its row has the columns."""
    return Stated(**_columns(row, own))


def with_own(row: Row, own: Own | None) -> Row:
    """A named tuple of a firm's columns, with its own words in them; the same one where there are none."""
    return row if own is None else row._replace(**_columns(row, own))


def _columns(row: Any, own: Own | None) -> dict[str, Any]:
    names = [name for name in MERGED if hasattr(row, name)]
    if own is None:
        return {name: getattr(row, name) for name in (*names, "self_declared")}
    official = {name: _official(row, name) for name in names}
    if "products_zh" in official:  # pages show one of the two lists, in which nothing may be missing
        zh, en = official["products_zh"], official["products_en"]
        official |= {"products_zh": zh or en, "products_en": en or zh}
    said = _said(own.said)
    both = {name: _both(value, said[name]) for name, value in official.items()}
    return both | {"self_declared": [name for name in names if both[name] != official[name]]}


def official_only(achievements: Sequence[Any], own: Own | None) -> list[Any]:
    """The register's achievements of a firm, without those that it declared itself once it speaks for itself."""
    return [one for one in achievements if own is None or not one.self_declared]


def texts(said: Content) -> list[str]:
    """What else a firm is found by, of what it says; contacts and addresses on the net are none of it."""
    found = [said.description.zh, said.description.en]
    for achievement in said.achievements:
        found += [achievement.title_zh, achievement.title_en, achievement.description_zh, achievement.description_en]
    for market in said.markets:
        found += [market.zh, market.en]
    for reference in said.references:
        found += [reference.zh, reference.en, reference.supplied]
    found += [one.name for one in said.equipment]
    found += [one.name for one in said.certificates]
    found += [one.capacity for one in said.processes]
    found += [one.name for one in said.sites]
    return [text for text in dict.fromkeys(found) if text]


def _official(row: Any, name: str) -> Any:
    value = getattr(row, name)
    return type(value)() if name in row.self_declared else value


def _said(said: Content) -> Mapping[str, Any]:
    return {
        "description_zh": said.description.zh,
        "description_en": said.description.en,
        "products_zh": [one.zh or one.en for one in said.products],
        "products_en": [one.en or one.zh for one in said.products],
        "processes": [{"code": one.code, "subcontracted": one.sourcing == "subcontracted"} for one in said.processes],
        "sites": [{"region": one.region, "name": one.name, "address": one.address} for one in said.sites],
        "website": said.website.url,
        "phone": said.telephone.number,
    }


def _both(official: Any, said: Any) -> Any:
    """Texts: the official one, else the firm's. Lists: the official items, then the firm's that are not among them."""
    if not isinstance(official, list):
        return official or said
    names = {_name(item) for item in official}
    return [*official, *(item for item in _once(said) if _name(item) not in names)]


def _once(items: Collection[Any]) -> list[Any]:
    return list({_name(item): item for item in reversed(list(items))}.values())[::-1]


def _name(item: Any) -> Any:
    """What tells items of a list apart: two sites in one place may have different addresses."""
    if not isinstance(item, dict):
        return item
    return item["code"] if "code" in item else (item.get("region"), item.get("name"), item.get("address"))
