"""The content of a profile: the structs it is typed by, and the table of groups and columns that follows from them.

A group is what is shown or kept back, compared, joined and reviewed as one. Forms, checks, differences and pages go by
`GROUPS`; a column's kind and length stand in its type here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, get_type_hints

import msgspec
from msgspec import Meta, Struct


class Kind(StrEnum):
    """What a column holds. PLACE and PROCESS are codes of the catalogue, "" for none."""

    LINE = "line"
    TEXT = "text"
    NUMBER = "number"
    DAY = "day"
    URL = "url"
    PHONE = "phone"
    EMAIL = "email"
    PLACE = "place"
    PROCESS = "process"
    SOURCING = "sourcing"
    ACHIEVEMENT = "achievement"


def _text(kind: Kind, most: int) -> Any:
    return Meta(extra={"kind": kind, "most": most})


Line40 = Annotated[str, _text(Kind.LINE, 40)]
Line80 = Annotated[str, _text(Kind.LINE, 80)]
Line120 = Annotated[str, _text(Kind.LINE, 120)]
Line200 = Annotated[str, _text(Kind.LINE, 200)]
Text1000 = Annotated[str, _text(Kind.TEXT, 1000)]
Text3000 = Annotated[str, _text(Kind.TEXT, 3000)]
Url = Annotated[str, _text(Kind.URL, 300)]
Phone = Annotated[str, _text(Kind.PHONE, 40)]
Email = Annotated[str, _text(Kind.EMAIL, 120)]
Place = Annotated[str, _text(Kind.PLACE, 120)]
ProcessCode = Annotated[str, _text(Kind.PROCESS, 40)]
Sourcing = Annotated[str, _text(Kind.SOURCING, 20)]
AchievementKind = Annotated[str, _text(Kind.ACHIEVEMENT, 20)]
Number = Annotated[int | None, _text(Kind.NUMBER, 7)]
Day = Annotated[str, _text(Kind.DAY, 10)]

SOURCINGS = ("in_house", "subcontracted")
ACHIEVEMENTS = ("in_use", "on_offer", "wanted")


class Description(Struct, frozen=True):
    """What the firm is."""

    zh: Text3000 = ""
    en: Text3000 = ""


class Product(Struct, frozen=True):
    """What it makes."""

    zh: Line80 = ""
    en: Line120 = ""


class Process(Struct, frozen=True):
    """What it can do: a process of the catalogue, in its own works or not, how much, and in how many days."""

    code: ProcessCode = ""
    sourcing: Sourcing = "in_house"
    capacity: Line80 = ""
    lead_days: Number = None


class Market(Struct, frozen=True):
    """Where or to whom it sells."""

    zh: Line80 = ""
    en: Line120 = ""


class Reference(Struct, frozen=True):
    """A client that may be named, and what it was supplied with."""

    zh: Line120 = ""
    en: Line120 = ""
    supplied: Line200 = ""


class Equipment(Struct, frozen=True):
    """Machines of one kind."""

    name: Line120 = ""
    number: Number = None
    year: Number = None


class Site(Struct, frozen=True):
    """Where it produces."""

    region: Place = ""
    name: Line120 = ""
    address: Line200 = ""


class OwnCertificate(Struct, frozen=True):
    """A certificate that is not of the catalogue, or that no list states: nobody has checked it."""

    name: Line120 = ""
    issuer: Line120 = ""
    number: Line80 = ""
    issued_on: Day = ""
    expires_on: Day = ""


class OwnAchievement(Struct, frozen=True):
    """A scientific or technological result in use, on offer or wanted."""

    kind: AchievementKind = "in_use"
    title_zh: Line120 = ""
    title_en: Line120 = ""
    description_zh: Text1000 = ""
    description_en: Text1000 = ""


class Website(Struct, frozen=True):
    """Its own page."""

    url: Url = ""


class Telephone(Struct, frozen=True):
    """The firm's own number, nobody's in person."""

    number: Phone = ""


class Contact(Struct, frozen=True):
    """A person to turn to. The phone is masked until that person agrees."""

    person: Line40 = ""
    function: Line80 = ""
    phone: Phone = ""
    email: Email = ""


class Content(Struct, frozen=True, omit_defaults=True):
    """What a firm says of itself. `buyers_only`: the groups that only signed-in buyers see."""

    description: Description = Description()
    products: tuple[Product, ...] = ()
    processes: tuple[Process, ...] = ()
    sites: tuple[Site, ...] = ()
    markets: tuple[Market, ...] = ()
    references: tuple[Reference, ...] = ()
    equipment: tuple[Equipment, ...] = ()
    certificates: tuple[OwnCertificate, ...] = ()
    achievements: tuple[OwnAchievement, ...] = ()
    website: Website = Website()
    telephone: Telephone = Telephone()
    contacts: tuple[Contact, ...] = ()
    buyers_only: tuple[str, ...] = ()


NOTHING = Content()


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a group: what it holds and the most characters (digits) it may have."""

    name: str
    kind: Kind
    most: int
    default: str


@dataclass(frozen=True, slots=True)
class Group:
    """A part of the content. `many`: the most items of a list, 0 for a part that is no list.

    `needs`: an item that says anything must say one of these.
    """

    name: str
    item: type[Struct]
    columns: tuple[Column, ...]
    many: int
    needs: tuple[str, ...]


_PARTS: tuple[tuple[str, type[Struct], int, tuple[str, ...]], ...] = (
    ("description", Description, 0, ()),
    ("products", Product, 60, ("zh", "en")),
    ("processes", Process, 40, ("code",)),
    ("sites", Site, 20, ("region",)),
    ("equipment", Equipment, 60, ("name",)),
    ("markets", Market, 30, ("zh", "en")),
    ("references", Reference, 30, ("zh", "en")),
    ("certificates", OwnCertificate, 30, ("name",)),
    ("achievements", OwnAchievement, 30, ("title_zh", "title_en")),
    ("website", Website, 0, ()),
    ("telephone", Telephone, 0, ()),
    ("contacts", Contact, 10, ("person",)),
)


def _columns(item: type[Struct]) -> tuple[Column, ...]:
    defaults = item()
    found = []
    for name, hint in get_type_hints(item, include_extras=True).items():
        extra = next(meta.extra for meta in hint.__metadata__ if isinstance(meta, Meta)) or {}
        found.append(Column(name, extra["kind"], extra["most"], getattr(defaults, name) or ""))
    return tuple(found)


GROUPS: Mapping[str, Group] = {
    name: Group(name, item, _columns(item), many, needs) for name, item, many, needs in _PARTS
}
"""By name, in the order of the form."""


def decoded(stored: Mapping[str, Any]) -> Content:
    """A content as the database holds it."""
    return msgspec.convert(stored, Content, strict=False)


def encoded(content: Content) -> dict[str, Any]:
    """As the database holds it: without what is empty."""
    plain: dict[str, Any] = msgspec.to_builtins(content)
    return plain


def items_of(content: Content, group: Group) -> tuple[Struct, ...]:
    """The items of a group; a part that is no list is one item."""
    value = getattr(content, group.name)
    return value if group.many else (value,)


def with_items(content: Content, changed: Mapping[str, Any]) -> Content:
    """The content with some of its parts replaced."""
    return msgspec.structs.replace(content, **changed)


def same_part(one: Content, other: Content, name: str) -> bool:
    """Whether a group says the same, to the same people; nothing is nothing, whoever may see it."""
    if getattr(one, name) != getattr(other, name):
        return False
    return not says_anything(one, name) or (name in one.buyers_only) == (name in other.buyers_only)


def changed_parts(before: Content, after: Content) -> tuple[str, ...]:
    """The groups that differ, in the order of the form."""
    return tuple(name for name in GROUPS if not same_part(before, after, name))


def take_parts(onto: Content, source: Content, names: tuple[str, ...]) -> Content:
    """`onto` with these groups as `source` has them, and shown to whom they are there."""
    values = {name: getattr(source, name) for name in names}
    kept = {name for name in onto.buyers_only if name not in names} | {n for n in source.buyers_only if n in names}
    return with_items(onto, values | {"buyers_only": tuple(name for name in GROUPS if name in kept)})


def says_anything(content: Content, name: str) -> bool:
    """Whether the firm says anything in a group."""
    return bool(getattr(content, name) != getattr(NOTHING, name))
