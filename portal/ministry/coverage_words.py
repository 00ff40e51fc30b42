"""Words of the coverage pages. Functions, not constants: the language is the request's."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _

from portal.coverage.axes import NONE, Axis, Dimension, Slot
from portal.register.catalogue import Named
from portal.web.i18n import once_a_language
from portal.web.presenters.context import Context
from portal.web.presenters.naming import level_label
from search.contract import LevelChoice


@once_a_language
def dimension_words() -> Mapping[str, str]:
    """The dimensions, as they are offered."""
    return {
        Dimension.PROVINCE: _("Province"),
        Dimension.UNIT: _("Unit of report"),
        Dimension.CITY: _("City"),
        Dimension.SECTOR: _("Sector"),
        Dimension.INDUSTRY: _("Industry"),
        Dimension.LEVEL: _("Certification level"),
        Dimension.SCHEME: _("Certification scheme"),
        Dimension.TIER: _("Tier"),
        Dimension.SIZE: _("Size"),
        Dimension.GROUP: _("Criteria group"),
    }


@once_a_language
def none_words() -> Mapping[str, str]:
    """Firms without any of the dimension's values, as `lacks` finds them."""
    return {
        Dimension.PROVINCE: _("No place stated"),
        Dimension.UNIT: _("No place stated"),
        Dimension.CITY: _("No place stated"),
        Dimension.INDUSTRY: _("No industry stated"),
        Dimension.LEVEL: _("No valid certificate"),
        Dimension.SCHEME: _("No valid certificate"),
        Dimension.TIER: _("No tier in force"),
        Dimension.SIZE: _("No size class stated"),
        Dimension.GROUP: _("Not assessed"),
    }


@once_a_language
def measure_words() -> Mapping[str, str]:
    """What the cells say."""
    return {
        "count": _("Firms"),
        "percent": _("Per cent of a target"),
        "change": _("Change since a day"),
    }


@once_a_language
def meet_words() -> Mapping[str, str]:
    """How many of a group's criteria count as meeting the group."""
    return {
        "any": _("at least one criterion of the group is met"),
        "half": _("at least half of the group's criteria are met"),
        "all": _("all criteria of the group are met"),
    }


@once_a_language
def depth_words() -> Mapping[str, str]:
    """Depths of GB/T 4754."""
    return {"1": _("divisions (2 digits)"), "2": _("groups (3 digits)"), "3": _("classes (4 digits)")}


@once_a_language
def part_words() -> Mapping[str, str]:
    """The tables that go out as files, and of which a report is made."""
    return {
        "targets": _("Targets"),
        "units": _("Units of report"),
        "table": _("Coverage"),
        "trend": _("Trend"),
        "criteria": _("Criteria"),
        "demand": _("Demand and supply"),
    }


def slot_label(axis: Axis, slot: Slot, at: Context) -> str:
    """What a value of an axis is called."""
    if slot.value == NONE:
        return none_words()[axis.dimension]
    if axis.field == "levels":
        scheme, _colon, level = slot.value.partition(":")
        if len([known for known in at.catalogue.schemes.values() if known.levels]) == 1 and level:
            return at.catalogue.schemes[scheme].level(level).name(at.lang)
        return level_label(LevelChoice(scheme, level or None), at.catalogue, at.lang)
    label = at.coded(slot.value, _names(axis, at)).label
    return f"{slot.value} {label}" if axis.dimension is Dimension.INDUSTRY else label


def _names(axis: Axis, at: Context) -> Mapping[str, Named]:
    if axis.dimension is Dimension.UNIT:
        return at.catalogue.units
    if axis.dimension is Dimension.GROUP:
        return at.catalogue.groups
    names: Mapping[str, Named] = getattr(at.catalogue, axis.field)
    return names
