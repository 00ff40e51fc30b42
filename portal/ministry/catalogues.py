"""GET /ministry/catalogue: every version of the catalogue, one of them table by table, two of them compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from portal.care import catalogues as versions
from portal.care.catalogues import ABOUT, TABLES, Content, Known, Present, Record
from portal.ministry.blueprint import blueprint
from portal.web.i18n import once_a_language
from portal.web.permissions import Permission, needs
from portal.web.presenters.context import Context, context
from portal.web.presenters.paging import page_links
from portal.web.templating import render_template

PER_PAGE = 100
MOST_CHANGES = 500
"""Records of a comparison that are listed a table; the rest are counted."""


@dataclass(frozen=True, slots=True)
class Item:
    """A record: its name, and its other fields in words."""

    code: str
    name: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ChangedItem:
    """A record that changed, field by field: label, before, after."""

    code: str
    name: str
    fields: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A table of a comparison; `cut`: how many records are not listed."""

    table: str
    label: str
    count: int
    added: tuple[Item, ...]
    removed: tuple[Item, ...]
    changed: tuple[ChangedItem, ...]
    cut: int


@blueprint.get("/catalogue")
@needs(Permission.READ_REGISTER)
def catalogues() -> str:
    """`ministry/catalogues.html`: `found`: all versions; `before`, `after`: what a comparison is offered of."""
    at = context()
    used = versions.present(at.catalogue)
    found = versions.known(at.session, used)
    return render_template(
        "ministry/catalogues.html",
        found=found,
        used=used.fingerprint,
        after=found[0].fingerprint,
        before=found[1].fingerprint if len(found) > 1 else "",
    )


@blueprint.get("/catalogue/<fingerprint>")
@needs(Permission.READ_REGISTER)
def one_catalogue(fingerprint: str) -> str:
    """`ministry/one_catalogue.html`: `version`, `tables`, `chosen`, `items`, `find`, `total`, `pages`."""
    at = context()
    version, content = _version(fingerprint, versions.present(at.catalogue), at)
    asked = request.args.get("table", ABOUT)
    chosen = asked if asked in TABLES else ABOUT
    find = request.args.get("find", "").strip()[:100]
    items = [_item(code, record, at.lang) for code, record in content.get(chosen, {}).items()]
    if find:
        items = [item for item in items if find.casefold() in str(item).casefold()]
    last = max(1, -(-len(items) // PER_PAGE))
    page = min(max(1, request.args.get("page", 1, type=int)), last)
    return render_template(
        "ministry/one_catalogue.html",
        version=version,
        tables=[(name, label, len(content.get(name, {}))) for name, label in table_labels().items()],
        chosen=chosen,
        items=items[(page - 1) * PER_PAGE : page * PER_PAGE],
        find=find,
        total=len(items),
        pages=page_links(
            page,
            last,
            lambda number: url_for(
                "ministry.one_catalogue", fingerprint=fingerprint, table=chosen, find=find or None, page=number
            ),
        ),
    )


@blueprint.get("/catalogue/compare")
@needs(Permission.READ_REGISTER)
def compare_catalogues() -> str:
    """`ministry/catalogue_compare.html`: `first`, `second`: versions, `parts`, `found`: all versions."""
    at = context()
    used = versions.present(at.catalogue)
    first, before = _version(request.args.get("before", ""), used, at)
    second, after = _version(request.args.get("after", ""), used, at)
    return render_template(
        "ministry/catalogue_compare.html",
        first=first,
        second=second,
        found=versions.known(at.session, used),
        parts=[_part(one, at.lang) for one in versions.differences(before, after)],
    )


def _version(fingerprint: str, used: Present, at: Context) -> tuple[Known, Content]:
    """Raises NotFound."""
    known = {one.fingerprint: one for one in versions.known(at.session, used)}
    content = versions.content_kept(at.session, used, fingerprint) if fingerprint in known else None
    if content is None:
        raise NotFound
    return known[fingerprint], content


def _part(one: versions.TableDifference, lang: str) -> Part:
    added, removed, changed = one.added[:MOST_CHANGES], one.removed[:MOST_CHANGES], one.changed[:MOST_CHANGES]
    return Part(
        table=one.table,
        label=table_labels()[one.table],
        count=one.count,
        added=tuple(_item(code, record, lang) for code, record in added),
        removed=tuple(_item(code, record, lang) for code, record in removed),
        changed=tuple(
            ChangedItem(each.code, _name(each.code), tuple(_field(*field) for field in each.fields)) for each in changed
        ),
        cut=one.count - len(added) - len(removed) - len(changed),
    )


def _item(code: str, record: Record, lang: str) -> Item:
    """Names stand in front; fields that say nothing are left out."""
    names = [record.get("name_en", ""), record.get("name_zh", "")][:: 1 if lang == "en" else -1]
    left = ("code", "name_zh", "name_en")
    fields = ((_label(name), _said(value)) for name, value in record.items() if name not in left and _said(value))
    return Item(code, next(filter(None, names), _name(code)), tuple(fields))


def _name(code: str) -> str:
    """Of what has no name of its own: the fields of the catalogue's head."""
    return field_labels().get(code, "")


def _field(name: str, before: Any, after: Any) -> tuple[str, str, str]:
    return _label(name), _said(before) or "—", _said(after) or "—"


def _label(name: str) -> str:
    return field_labels().get(name, name)


def _said(value: Any) -> str:
    if value in (None, "", [], {}, ()):
        return ""
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, list | tuple):
        return "; ".join(map(_said, value))
    if isinstance(value, dict):
        return ", ".join(f"{name} {_said(part)}" for name, part in value.items())
    return str(value)


@once_a_language
def table_labels() -> Mapping[str, str]:
    """The tables, in the order of the pages."""
    labels = {
        "about": _("The catalogue itself"),
        "criteria": _("Criteria"),
        "groups": _("Criteria groups"),
        "sectors": _("Sectors"),
        "industries": _("Industries"),
        "processes": _("Processes"),
        "schemes": _("Schemes"),
        "levels": _("Levels"),
        "tiers": _("Tiers"),
        "sizes": _("Sizes"),
        "statuses": _("Registration statuses"),
        "risk_kinds": _("Risks"),
        "regions": _("Regions"),
        "retired_regions": _("Retired region codes"),
        "units": _("Units of report"),
        "targets": _("Targets"),
        "methods": _("Ranking methods"),
        "synonyms": _("Synonyms"),
        "company_forms": _("Company forms"),
    }
    return {name: labels[name] for name in TABLES}


@once_a_language
def field_labels() -> Mapping[str, str]:
    """Fields of all tables."""
    return {
        "name_zh": _("Chinese name"),
        "name_en": _("English name"),
        "title_zh": _("Title in Chinese"),
        "title_en": _("Title in English"),
        "authority": _("Authority"),
        "version": _("Version"),
        "demonstration": _("Demonstration catalogue"),
        "as_of": _("As of"),
        "value": _("Value"),
        "group": _("Group"),
        "sector": _("Sector"),
        "sectors": _("Sectors"),
        "industries": _("Industries"),
        "evidence": _("Evidence"),
        "unit": _("Unit"),
        "unit_en": _("Unit in English"),
        "at_least": _("At least"),
        "at_most": _("At most"),
        "met_zh": _("Met when (Chinese)"),
        "met_en": _("Met when (English)"),
        "reference": _("Reference"),
        "verified": _("Reference looked up"),
        "common": _("Common"),
        "dimension": _("Dimension"),
        "parent": _("Above it"),
        "kind": _("Kind"),
        "rank": _("Rank"),
        "years": _("Years"),
        "bases": _("Bases that count"),
        "territory": _("Territory"),
        "short_zh": _("Short name in Chinese"),
        "short_en": _("Short name in English"),
        "successor": _("Present code"),
        "regions": _("Regions"),
        "column": _("Column"),
        "row": _("Row"),
        "document": _("Document"),
        "search": _("Search"),
        "goal": _("Goal"),
        "base": _("Counted from"),
        "due": _("Due"),
        "verify_zh": _("To verify (Chinese)"),
        "verify_en": _("To verify (English)"),
        "units": _("Units of report"),
        "weights": _("Weights"),
        "grades": _("Grades"),
        "minimum_assessed": _("Least share assessed"),
    }
