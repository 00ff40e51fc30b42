"""The form of a profile: sections, items and fields as the template shows them, as typed, with what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from portal.models import Supplier
from portal.profiles.content import ACHIEVEMENTS, GROUPS, SOURCINGS, Column, Group, Kind
from portal.profiles.places import place_names
from portal.profiles.reading import Fault, Typed
from portal.profiles.words import choice_words, column_words, group_words
from portal.web.presenters.context import Context


@dataclass(frozen=True, slots=True)
class Field:
    """A field. `choices`: value → label of a select; `lang`: of a text that is in that language whatever the page's."""

    name: str
    label: str
    kind: str
    value: str
    most: int
    error: str
    choices: Mapping[str, str]
    lang: str


@dataclass(frozen=True, slots=True)
class Item:
    """An entry of a section; `remove`: the name of the box that takes it out, "" where it is new or no list's."""

    fields: tuple[Field, ...]
    remove: str
    number: int


@dataclass(frozen=True, slots=True)
class Section:
    """A group. `official`: what lists state about the same; `full`: no further entry fits; `open`: unfolded."""

    name: str
    title: str
    hint: str
    items: tuple[Item, ...]
    many: int
    count: int
    buyers_only: bool
    official: tuple[str, ...]
    error: str
    open: bool
    full: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """What the form is made of: what was typed, what is wrong with it, and the section to unfold."""

    typed: Typed
    faults: Mapping[str, Fault]
    unfold: str = ""


def fault_words(fault: Fault) -> str:
    """What is wrong, in words."""
    words = {
        "long": _("At most %(max)d characters.", max=fault.bound),
        "items": _("At most %(max)d entries.", max=fault.bound),
        "missing": _("This field is required."),
        "url": _("Write a whole web address, such as https://www.example.com."),
        "phone": _("Write a phone number: digits, spaces, - and +."),
        "email": _("Write an e-mail address."),
        "place": _("Choose a place of the list, or write province, city and county in full."),
        "day": _("Write a date such as 2026-03-31."),
        "order": _("This is before the day of issue."),
        "choice": _("Choose one of the list."),
        "number_year": _("Write a year such as 2021."),
        "number_lead_days": _("Write a whole number of days, at most %(max)d.", max=fault.bound),
        "number_number": _("Write a whole number from 1 on."),
    }
    return str(words[fault.code])


def hints() -> Mapping[str, str]:
    """What helps to fill a section in."""
    return {
        "description": _("What you make, for whom, since when; what you are good at. English is optional."),
        "products": _("Your main products first: buyers search by these words."),
        "processes": _("Buyers filter by these."),
        "sites": _("Where you produce, for example “Zhejiang Ningbo” or 浙江省 宁波市."),
        "references": _("Name only clients that agree."),
        "certificates": _("Shown as self-declared, not checked. Those of the catalogue come from official lists."),
        "achievements": _("Results you use or offer, and technology you want (技术需求)."),
        "website": _("Published at once, without a review, unless staff set it otherwise."),
        "telephone": _("Your switchboard, nobody’s own phone. Published at once like the website."),
        "contacts": _("A person’s phone stays masked until that person agrees; you can ask them below."),
    }


def sections(shown: Shown, official: Mapping[str, tuple[str, ...]], at: Context) -> tuple[Section, ...]:
    """All sections, in order; unfolded are the first, the one asked for, and those with something wrong."""
    titles, texts = group_words(_), hints()
    made = _Maker(shown, at)
    return tuple(
        Section(
            name=name,
            title=titles[name],
            hint=texts.get(name, ""),
            items=made.items(group),
            many=group.many,
            count=made.count(group),
            buyers_only=name in shown.typed.buyers_only,
            official=official.get(name, ()),
            error=made.error(name),
            open=name in {"description", shown.unfold} or made.wrong(name),
            full=group.many > 0 and len(shown.typed.items.get(name, ())) >= group.many,
        )
        for name, group in GROUPS.items()
    )


def faults_listed(made: tuple[Section, ...]) -> list[tuple[str, str, str]]:
    """(id, label, message) of everything that is wrong, for the head of the page."""
    whole = [(section.name, section.title, section.error) for section in made if section.error]
    return whole + [
        (field.name, f"{section.title}: {field.label}", field.error)
        for section in made
        for item in section.items
        for field in item.fields
        if field.error
    ]


class _Maker:
    def __init__(self, shown: Shown, at: Context) -> None:
        self.typed, self.faults, self.at = shown.typed, shown.faults, at
        self.labels, words = column_words(_), choice_words(_)
        processes = {code: one.name(at.lang) for code, one in at.catalogue.processes.items()}
        self.choices: Mapping[Kind, Mapping[str, str]] = {
            Kind.PROCESS: {"": _("Choose a process"), **processes},
            Kind.SOURCING: {code: words[code] for code in SOURCINGS},
            Kind.ACHIEVEMENT: {code: words[code] for code in ACHIEVEMENTS},
        }

    def items(self, group: Group) -> tuple[Item, ...]:
        """Those that were typed, and an empty one."""
        typed = self.typed.items.get(group.name) or ([] if group.many else [{}])
        found = [self._item(group, place, values, new=False) for place, values in enumerate(typed)]
        if group.many and len(typed) < group.many:
            found.append(self._item(group, len(typed), {}, new=True))
        return tuple(found)

    def count(self, group: Group) -> int:
        """How many entries there are; of a section that is no list, how many fields are filled in."""
        typed = self.typed.items.get(group.name, [])
        return len(typed) if group.many else sum(bool(value.strip()) for item in typed for value in item.values())

    def error(self, name: str) -> str:
        """What is wrong with a whole section."""
        return fault_words(self.faults[name]) if name in self.faults else ""

    def wrong(self, name: str) -> bool:
        """Whether anything in it is."""
        return any(field == name or field.startswith(f"{name}-") for field in self.faults)

    def _item(self, group: Group, place: int, values: Mapping[str, str], *, new: bool) -> Item:
        fields = tuple(self._field(group, place, column, values) for column in group.columns)
        return Item(fields, f"{group.name}-{place}-remove" if group.many and not new else "", place + 1)

    def _field(self, group: Group, place: int, column: Column, values: Mapping[str, str]) -> Field:
        name = f"{group.name}-{place}-{column.name}"
        fault = self.faults.get(name)
        return Field(
            name=name,
            label=self.labels[f"{group.name}-{column.name}"],
            kind=column.kind,
            value=values.get(column.name, column.default),
            most=column.most,
            error=fault_words(fault) if fault else "",
            choices=self.choices.get(column.kind, {}),
            lang={"zh": "zh-CN", "en": "en"}.get(column.name.rpartition("_")[2], ""),
        )


def places_offered(at: Context) -> list[str]:
    """Provinces and cities, for the list below a field of a place."""
    names = place_names(at.catalogue)
    return [names.label(code, at.lang) for code in names.offered]


def official_facts(row: Supplier, at: Context) -> dict[str, tuple[str, ...]]:
    """What lists state of the firm where its profile speaks of the same, by section: locked, and shown beside."""
    names, catalogue = place_names(at.catalogue), at.catalogue
    stated = {
        "description": {"description_zh": [row.description_zh], "description_en": [row.description_en]},
        "products": {"products_zh": row.products_zh, "products_en": row.products_en},
        "processes": {"processes": [at.coded(one["code"], catalogue.processes).label for one in row.processes]},
        "sites": {"sites": [names.label(one["region"], at.lang) for one in row.sites if one.get("region")]},
        "website": {"website": [row.website]},
        "telephone": {"phone": [row.phone]},
    }
    return {
        group: tuple(text for name, texts in fields.items() if name not in row.self_declared for text in texts if text)
        for group, fields in stated.items()
    }
