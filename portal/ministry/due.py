"""GET /ministry/expiring and /ministry/assessments: what is due, by region and sector, page by page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice

from portal.care.due import Part, Queue, stale
from portal.care.due import expiring as ending_soon
from portal.ministry.act_forms import QueueForm
from portal.ministry.blueprint import blueprint
from portal.ministry.within import territory
from portal.register.territory import Territory
from portal.services import services
from portal.web.numbers import asked_page
from portal.web.permissions import Permission, needs
from portal.web.presenters.context import Context, context
from portal.web.presenters.paging import page_links
from portal.web.screens import PageLink
from portal.web.templating import render_template
from portal.web.tree import Name, Struct

PER_PAGE = 50
DAYS = (30, 90)


class DueView(Struct, frozen=True, kw_only=True):
    """A firm that something is due of: `what` (a certificate, an assessor), by `on`; `days` that are left, or None."""

    name: Name
    number: str
    url: str
    sector: str
    place: str
    what: str
    on: date
    days: int | None


@dataclass(frozen=True, slots=True)
class Screen:
    """A page of a queue."""

    rows: tuple[DueView, ...]
    total: int
    pages: tuple[PageLink, ...]


@blueprint.get("/expiring")
@needs(Permission.READ_REGISTER)
def expiring() -> str:
    """`ministry/expiring.html`: `screen`, `form`, `days` chosen, `choices` of days with their addresses."""
    at, form = context(), queue_form()
    asked = request.args.get("days", "")
    days = int(asked) if asked in map(str, DAYS) else DAYS[-1]
    queue = _queue(form, at)
    screen = _screen(
        lambda offset: ending_soon(queue, days, PER_PAGE, offset),
        lambda row: _certificate(row, at),
        lambda page: url_for("ministry.expiring", **_kept(form), days=days, page=page),
    )
    choices = [(choice, url_for("ministry.expiring", **_kept(form), days=choice)) for choice in DAYS]
    return render_template("ministry/expiring.html", screen=screen, form=form, days=days, choices=choices)


@blueprint.get("/assessments")
@needs(Permission.READ_REGISTER)
def assessments() -> str:
    """`ministry/assessments.html`: `screen`, `form`, `months`."""
    at, form = context(), queue_form()
    months = services().settings.assessment_months
    queue = _queue(form, at)
    screen = _screen(
        lambda offset: stale(queue, months, PER_PAGE, offset),
        lambda row: _assessment(row, at),
        lambda page: url_for("ministry.assessments", **_kept(form), page=page),
    )
    return render_template("ministry/assessments.html", screen=screen, form=form, months=months)


def queue_form() -> QueueForm:
    """Provinces and sectors, as far as the territory reaches."""
    form = QueueForm(request.args)
    offer_places(form.region, form.sector)
    return form


def offer_places(region: SelectField, sector: SelectField) -> None:
    """Let a form choose of the provinces and sectors of one's territory; what is none of them is not chosen."""
    at, own = context(), territory()
    provinces = (one.code for one in at.catalogue.regions.values() if one.kind == "province")
    regions = own.regions or tuple(provinces)
    sectors = own.sectors or tuple(at.catalogue.sectors)
    region.choices = [SelectChoice("", _("all")), *_choices(regions, at.catalogue.regions, at)]
    sector.choices = [SelectChoice("", _("all")), *_choices(sectors, at.catalogue.sectors, at)]
    for field, codes in ((region, regions), (sector, sectors)):
        if field.data not in codes:
            field.data = ""


def _choices(codes: tuple[str, ...], names: Any, at: Context) -> list[SelectChoice]:
    return [SelectChoice(code, at.coded(code, names).label) for code in codes]


def _kept(form: QueueForm) -> dict[str, Any]:
    return {name: value for name, value in form.data.items() if value}


def _queue(form: QueueForm, at: Context) -> Queue:
    chosen = Territory(tuple(filter(None, [form.region.data])), tuple(filter(None, [form.sector.data])))
    return Queue(at.session, at.catalogue, at.today, (territory(), chosen))


def _screen(read: Callable[[int], Part], view: Callable[[Any], DueView], url: Callable[[int], str]) -> Screen:
    """The page that the address asks for; one past the end shows the last."""
    page = asked_page()
    part = read((page - 1) * PER_PAGE)
    last = max(1, -(-part.total // PER_PAGE))
    if page > last:
        page, part = last, read((last - 1) * PER_PAGE)
    return Screen(tuple(map(view, part.rows)), part.total, page_links(page, last, url))


def _certificate(row: Any, at: Context) -> DueView:
    scheme = at.catalogue.schemes.get(row.certificate)
    levels = {level.code: level for level in scheme.levels} if scheme else {}
    level = at.coded(row.level, levels).label if row.level else ""
    what = f"{at.coded(row.certificate, at.catalogue.schemes).label} {level}".strip()
    return _due(row, at, what, row.expires_on, (row.expires_on - at.today).days)


def _assessment(row: Any, at: Context) -> DueView:
    return _due(row, at, row.assessor, row.assessed_on, None)


def _due(row: Any, at: Context, what: str, on: date, days: int | None) -> DueView:
    path = at.path(at.catalogue.region_path(row.region or ""), at.catalogue.regions)
    return DueView(
        name=Name(zh=row.name_zh, en=row.name_en),
        number=row.number,
        url=url_for("ministry.supplier", scheme=row.scheme, number=row.number),
        sector=at.coded(row.sector, at.catalogue.sectors).label,
        place=" · ".join(part.label for part in path) or "—",
        what=what,
        on=on,
        days=days,
    )
