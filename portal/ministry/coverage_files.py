"""Tables of coverage as files: all rows and columns, and what the file says of itself."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import xlsxwriter
from flask import Response
from flask_babel import gettext as _

from portal.coverage.axes import NONE
from portal.ministry.coverage_asked import Asked
from portal.ministry.coverage_criteria import criteria_page
from portal.ministry.coverage_demand import demand_cells
from portal.ministry.coverage_places import tiles
from portal.ministry.coverage_table import counted, counts, table_view
from portal.ministry.coverage_targets import target_views
from portal.ministry.coverage_trend import trend_page
from portal.ministry.coverage_words import dimension_words, part_words, slot_label
from portal.services import services
from portal.web.addresses import Addresses
from portal.web.presenters.chips import chips
from portal.web.presenters.context import Context
from portal.web.presenters.naming import Naming
from portal.workspace.export_files import SUFFIXES, TYPES, Headed, opened
from portal.workspace.sheets import Cell, harmless

PARTS = ("targets", "units", "table", "trend", "criteria", "demand")
FORMS = ("xlsx", "csv")
SANDBOX = "sandbox"

Lines = Iterator[Sequence[Cell]]


def file_answer(part: str, form: str, asked: Asked, at: Context) -> Response:
    """The file, to be kept by whoever asked for it. Raises EngineUnavailable."""
    title = part_words()[part]
    headings, lines = _MAKERS[part](asked, at)
    headed = Headed(tuple(headings), tuple(headings), title, _("About this file"))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        with opened(form, path, headed) as file:
            for line in lines:
                file.row(line)
            file.state(_about(part, title, asked, at))
        return _attached(path.read_bytes(), form, f"coverage-{part}-{at.today.isoformat()}.{SUFFIXES[form]}")


def report_answer(parts: Sequence[str], title: str, asked: Asked, at: Context) -> Response:
    """A workbook of several tables, a sheet each; the first says what it is. Raises EngineUnavailable."""
    kept = io.BytesIO()
    with xlsxwriter.Workbook(kept, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        bold = book.add_format({"bold": True})
        about = book.add_worksheet(_("About this file")[:31])
        about.set_column(0, 0, 24)
        about.set_column(1, 1, 90)
        for place, line in enumerate(_about("table", title, asked, at)):
            about.write_row(place, 0, [harmless(cell) for cell in line])
        for part in parts:
            headings, lines = _MAKERS[part](asked, at)
            sheet = book.add_worksheet(part_words()[part][:31])
            sheet.freeze_panes(1, 0)
            sheet.write_row(0, 0, [harmless(heading) for heading in headings], bold)
            for place, cells in enumerate(lines, 1):
                sheet.write_row(place, 0, [harmless(cell) for cell in cells])
    return _attached(kept.getvalue(), "xlsx", f"coverage-report-{at.today.isoformat()}.xlsx")


def _attached(data: bytes, form: str, name: str) -> Response:
    answer = Response(data, mimetype=TYPES[form])
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Content-Security-Policy"] = SANDBOX
    return answer


def _targets(asked: Asked, at: Context) -> tuple[list[str], Lines]:
    headings = [
        *(_("Target"), _("Document"), _("Goal"), _("Done"), _("Gap"), _("Per cent"), _("Expected by now")),
        *(_("Counted from"), _("Due"), _("Furthest behind"), _("To be verified"), _("Address")),
    ]
    origin = services().settings.public_url
    lines = (
        (
            *(view.name, view.document, view.goal, view.done, view.gap, view.per_cent, view.expected),
            *(view.base, view.due, "; ".join(f"{unit.name} -{unit.missing}" for unit in view.worst)),
            *(view.verify, origin + view.url),
        )
        for view in target_views(asked.search.lang, at)
    )
    return headings, lines


def _units(asked: Asked, at: Context) -> tuple[list[str], Lines]:
    origin = services().settings.public_url
    lines = ((tile.code, tile.name, tile.count, origin + tile.url) for tile in tiles(asked, at))
    return [_("Code"), _("Unit of report"), _("Firms"), _("Address")], lines


def _table(asked: Asked, at: Context) -> tuple[list[str], Lines]:
    table = counted(asked, at)
    view = table_view(asked, table, counts(), at, whole=True)
    words = dimension_words()
    corner = f"{words[asked.rows.dimension]} / {words[asked.columns.dimension]}"

    def lines() -> Lines:
        for slot, line in zip(table.rows, view.lines, strict=True):
            code = "" if slot.value == NONE else slot.value
            yield (code, line.label, *(cell.count for cell in line.cells), line.total.count)
        yield ("", _("All"), *(cell.count for cell in view.totals), view.total.count)

    return [_("Code"), corner, *(slot_label(asked.columns, slot, at) for slot in table.columns), _("All")], lines()


def _trend(_asked: Asked, at: Context) -> tuple[list[str], Lines]:
    page = trend_page(at)
    lines = ((series.label, *series.numbers) for series in (*page.stock, *page.targets))
    return [_("Counted"), *(day.isoformat() for day in page.days)], lines


def _criteria(_asked: Asked, at: Context) -> tuple[list[str], Lines]:
    """Every criterion by sector: assessed and met, as numbers."""
    page = criteria_page("sector", "", at, whole=True)
    headings = [_("Code"), _("Criterion"), _("Assessed"), _("Met"), _("Newly met"), _("No longer met")]
    headings += [f"{column}: {word}" for column in page.columns for word in (_("Assessed"), _("Met"))]

    def lines() -> Lines:
        for line in page.criteria:
            numbers = [number for cell in line.cells for number in (cell.assessed, cell.met)]
            yield (line.code, line.label, line.all.assessed, line.all.met, line.gained, line.lost, *numbers)

    return headings, lines()


def _demand(_asked: Asked, at: Context) -> tuple[list[str], Lines]:
    """All that is told, everywhere, by sector and by province."""
    headings = [
        *(_("Kind"), _("Code"), _("Asked for"), _("Where"), _("Code of the place"), _("Place")),
        *(_("Searches, at least"), _("Kept conditions, at least"), _("Firms that meet it"), _("Demand per firm")),
        _("Address"),
    ]
    return headings, demand_cells(at)


_MAKERS = {
    "targets": _targets,
    "units": _units,
    "table": _table,
    "trend": _trend,
    "criteria": _criteria,
    "demand": _demand,
}


def _about(part: str, title: str, asked: Asked, at: Context) -> list[tuple[Cell, Cell]]:
    """Rows of (label, value): what was asked, of which data, and what the totals are."""
    origin = services().settings.public_url
    naming = Naming(at)
    addresses = Addresses(asked.search, "/ministry/coverage", asked.own())
    said: list[tuple[Cell, Cell]] = [
        (_("Table"), title),
        (_("As of"), at.today),
        (_("Data version"), at.data_version),
        (_("Address"), origin + addresses.of()),
    ]
    if part in ("units", "table"):
        counted_are = _("newly gained") if asked.gained else _("stock")
        said.append((_("Counted"), counted_are))
        said += [(chip.label, chip.value) for chip in chips(asked.search, addresses, naming, folded=False)]
    if part == "table":
        said.append((_("Totals"), _("of the search, not sums: a firm may have several values of a dimension")))
    return said
