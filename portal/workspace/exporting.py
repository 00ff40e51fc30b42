"""The job that writes an export: every hit of a query, or the rows of a list, each with what the register says of it.

The file is written in a folder of the attempt and moved to its place when whole, and only then is it offered. An
attempt that died leaves nothing but that folder, and the next one begins anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from sqlalchemy import update

from portal.indexing.facts import data_version
from portal.models import Export, Job, now
from portal.register.clock import CHINA, today_china
from portal.register.loading import chunks
from portal.register.sample.generator import PROVENANCE
from portal.usage.notes import Appeared, How, monday, written
from portal.usage.spool import Spool
from portal.workspace import export_firms
from portal.workspace.export_columns import COLUMNS, RANKS, Labels
from portal.workspace.export_files import Headed, Table, opened
from portal.workspace.exports import file_of
from portal.workspace.jobs import Run
from portal.workspace.sheets import Cell
from search.contract import MAX_HITS, MAX_PER_PAGE, SearchEngine, SearchQuery

DONE = frozenset({"export"})
"""What is left of the payload of an export that was written."""

BATCH = 1000
"""Firms read at once, written in one step."""

Noting = Callable[[bytes], object]

Row = tuple[str | None, Sequence[Cell]]
"""A firm's key, None where the row is no firm of the register; the cells of the list it stands on."""


class Payload(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be written. Either `query`, all of whose hits, or `rows` with cells under the headings of `extra`,
    whose firms are held against the criteria of `asked`.

    `columns`: of firms, as (code, heading); `extra`: of the list, `extra_first`: they stand in front. `about`: lines of
    (label, value) that say what it is; `words`: the texts that cells and the end of `about` need.
    """

    export: int = 0
    lang: str
    origin: str
    columns: tuple[tuple[str, str], ...]
    words: dict[str, str]
    about: tuple[tuple[str, str], ...]
    query: SearchQuery | None = None
    asked: SearchQuery | None = None
    rows: tuple[tuple[str | None, tuple[str | int | float | None, ...]], ...] = ()
    extra: tuple[tuple[str, str], ...] = ()
    extra_first: bool = False

    @property
    def headed(self) -> Headed:
        """The columns in their order."""
        ordered = (*self.extra, *self.columns) if self.extra_first else (*self.columns, *self.extra)
        return Headed(
            codes=tuple(code for code, _heading in ordered),
            headings=tuple(heading for _code, heading in ordered),
            sheet=self.words["sheet"],
            about=self.words["about"],
        )


@dataclass(slots=True)
class _Told:
    """What the statement tells of the rows, noticed as they go by."""

    rows: int = 0
    computed: bool = False
    fictional: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """What was written: so many rows, of the register at that data version."""

    rows: int
    data_version: int | None


@dataclass(frozen=True, slots=True)
class Exporter:
    """Writes exports to `folder`, and notes in `spool` which firms were in them."""

    folder: Path
    open_engine: Callable[[], SearchEngine]
    spool: Spool

    def run(self, run: Run) -> None:
        """The job that writes firms."""
        if DONE.issuperset(run.payload):
            return  # the worker died between the last step and the end of the job
        payload = msgspec.convert(run.payload, Payload)

        with self.spool.draft() as note:

            def write(table: Table) -> Made:
                with run.sessions() as session:
                    version = data_version(session)
                told = self._write(run, payload, table, note)
                table.state(_statement(payload, told, version))
                return Made(told.rows, version)

            self.make(run, payload.export, payload.headed, write)

    def make(self, run: Run, identifier: int, headed: Headed, write: Callable[[Table], Made]) -> None:
        """Make the file of an export by `write`, and offer it. Nothing if it was removed, or is there."""
        with run.sessions() as session:
            export = session.get(Export, identifier)
            if export is None or export.finished_at is not None:
                return
            path, form = file_of(self.folder, export), export.form
        self.folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=self.folder) as attempt:
            part = Path(attempt) / path.name
            with opened(form, part, headed) as table:
                made = write(table)
            size = part.stat().st_size
            part.replace(path)
        with run.step(made.rows, made.rows) as session:
            session.execute(
                update(Export)
                .where(Export.id == identifier)
                .values(rows=made.rows, size=size, data_version=made.data_version, finished_at=now())
            )
            # The rows of a list are large, and have been written.
            session.execute(update(Job).where(Job.id == run.job_id).values(payload=dict.fromkeys(DONE, identifier)))
            if session.get(Export, identifier) is None:
                path.unlink(missing_ok=True)

    def _write(self, run: Run, payload: Payload, table: Table, note: Noting) -> _Told:
        if payload.query is None:
            return _written(run, payload, table, iter(payload.rows), len(payload.rows), note=note)
        with closing(self.open_engine()) as engine:
            total = engine.counts([payload.query])[0]
            hits: Iterator[Row] = ((key, ()) for key in keys(engine, payload.query, total))
            return _written(run, payload, table, hits, total, note=note)


def keys(engine: SearchEngine, query: SearchQuery, total: int) -> Iterator[str]:
    """Every hit, as of one moment; in the query's order as far as pages go, beyond that in none."""
    if total > MAX_HITS:
        yield from engine.scan(query)
        return
    left = dict.fromkeys(engine.scan(query))
    for number in range(1, -(-total // MAX_PER_PAGE) + 1):
        page = replace(query, facets=(), page=number, per_page=MAX_PER_PAGE)
        for hit in engine.search(page).hits:
            if hit.id in left:
                del left[hit.id]
                yield hit.id
    yield from left


def _written(run: Run, payload: Payload, table: Table, rows: Iterator[Row], total: int, *, note: Noting) -> _Told:
    told, done, today = _Told(), 0, today_china()
    with run.sessions() as session:
        shown = export_firms.editions(session, payload.query.edition if payload.query else None)
    labels = _labels(run, payload, shown)
    cells = [COLUMNS[code] for code, _heading in payload.columns]
    ranks = any(code in RANKS for code, _heading in payload.columns)
    nothing: tuple[Cell, ...] = (None,) * len(cells)
    for some in chunks(rows, BATCH):
        firms = _firms(run, some, today, shown, withdrawn=payload.query is None)
        note(written([Appeared(monday(today), How.EXPORTED, list(firms))]))
        for key, extra in some:
            firm = firms.get(key) if key else None
            if firm is None and payload.query is not None:
                continue  # withdrawn since the index was written
            of_firm = [cell(firm, labels) for cell in cells] if firm else nothing
            table.row([*extra, *of_firm] if payload.extra_first else [*of_firm, *extra])
            told.rows += 1
            if firm:
                _notice(told, firm, shown, ranks=ranks)
        done += len(some)
        run.at(done, max(done, total))
    return told


def _firms(
    run: Run, rows: Sequence[Row], today: date, shown: export_firms.Editions, *, withdrawn: bool
) -> dict[str, export_firms.Firm]:
    with run.sessions() as session:
        wanted = [key for key, _extra in rows if key]
        return export_firms.read(session, wanted, today, shown, withdrawn=withdrawn) if wanted else {}


def _notice(told: _Told, firm: export_firms.Firm, shown: export_firms.Editions, *, ranks: bool) -> None:
    if ranks and firm.rank is not None and not shown.by_id[firm.rank.edition_id].official:
        told.computed = True
    told.fictional = told.fictional or any(source.issuing_body == PROVENANCE.issuing_body for source in firm.sources)


def _labels(run: Run, payload: Payload, shown: export_firms.Editions) -> Labels:
    query = payload.query or payload.asked or SearchQuery()
    return Labels(
        catalogue=run.catalogue,
        lang=payload.lang,
        origin=payload.origin,
        words=payload.words,
        editions=shown,
        codes=query.asked_criteria,
        weights=query.nice,
    )


def _statement(payload: Payload, told: _Told, version: int) -> list[tuple[Cell, Cell]]:
    words = payload.words
    lines: list[tuple[Cell, Cell]] = [
        *payload.about,
        (words["time"], now().astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S +08:00")),
        (words["data_version"], version),
        (words["rows"], told.rows),
    ]
    if told.computed:
        lines.append((words["note"], words["computed_note"]))
    if told.fictional:
        lines.append((words["note"], words["fictional_note"]))
    return lines
