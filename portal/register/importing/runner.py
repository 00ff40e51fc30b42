"""An import from file to register: check everything, then write in batches, each a transaction of its own.

How far it came is written in the same transaction as the facts (ImportRun.next_row), so an import that is interrupted,
by `kill -9` or a power cut, is taken up by importing the same file again: nothing is doubled, nothing lost. The file is
known by its hash together with the mapping's.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy import select

from portal.models import ImportRun, now
from portal.models.database import begin_write
from portal.register.facts import SupplierRecord
from portal.register.importing import journal
from portal.register.importing.checking import MOST_REJECTED, Checked, Checker
from portal.register.importing.cleaning import shown
from portal.register.importing.fates import Fate, FateKind
from portal.register.importing.job import ImportJob
from portal.register.importing.journal import Noticed
from portal.register.importing.mapping import Mapping
from portal.register.importing.problems import CellProblem, ImportFileError, RowError
from portal.register.importing.publishing import publish_rankings
from portal.register.importing.reading import Row, Table, open_table
from portal.register.importing.records import Ranked, RecordMaker
from portal.register.importing.report import ImportReport, RejectedFile
from portal.register.importing.targets import SourceKind
from portal.register.problems import FactProblem, Outcome, WriteError
from portal.register.writer import Journal

RULE = "rows that speak of the same thing are merged if they say the same, and all refused if they do not"


def run_import(job: ImportJob) -> ImportReport:
    """Import a file. Raises ImportFileError when it cannot be imported at all, before anything is written.

    A dry run does all of it and rolls every batch back.
    """
    if job.rejected is not None and job.rejected.resolve() == job.path.resolve():
        raise ImportFileError(f"{job.path}: the refused rows would overwrite the list itself")
    job.progress("check", 0, 0)
    table = open_table(job.path, job.mapping.headings())
    maker = RecordMaker(job.mapping, job.catalogue, table.headings)
    checker = _checker(job, maker)
    checked = checker.rows(table, job.progress)
    report = ImportReport(job.mapping.name, job.shown, table.form, RULE, job.dry_run)
    report.rows, report.merged, report.unused = (
        checked.rows,
        len(checked.merged - checked.problems.keys()),
        maker.unused,
    )
    if not checked.rows:
        raise ImportFileError(f"{job.shown}: there are no rows below the headings")
    if job.mapping.kind is SourceKind.RANKINGS:
        publish_rankings(job, table, maker, checked, report)
    else:
        _Writing(job, checker, checked, report).rows(table)
    _report_rejected(job, table, checked, report)
    if job.fates is not None:
        _tell_fates(job, table, maker, checked)
    return report


def _checker(job: ImportJob, maker: RecordMaker) -> Checker:
    try:
        by_writer = job.writer("").check
    except WriteError as error:
        raise ImportFileError(f"{job.mapping.name}: {error}") from None

    def check(record: SupplierRecord) -> Sequence[FactProblem]:
        return (*by_writer(record), *job.permitted(record))

    return Checker(maker, check)


def _report_rejected(job: ImportJob, table: Table, checked: Checked, report: ImportReport) -> None:
    with RejectedFile(job.rejected, table.headings) as file:
        for place, row in enumerate(table.rows()) if checked.problems else ():
            if place in checked.problems:
                report.reject(row.line, checked.problems[place])
                file.add(row.line, row.cells, checked.problems[place])


def _tell_fates(job: ImportJob, table: Table, maker: RecordMaker, checked: Checked) -> None:
    tell = job.fates or (lambda _fate: None)
    number, name_zh, name_en = maker.places("supplier.number", "supplier.name_zh", "supplier.name_en")
    for place, row in enumerate(table.rows()):
        if problems := checked.problems.get(place, ()):
            kind = FateKind.REFUSED
        else:
            kind = FateKind.MERGED if place in checked.merged else checked.fates[place]
        name = _cell(row, name_zh) or _cell(row, name_en)
        tell(Fate(row.line, kind, _cell(row, number), name, problems))


def _cell(row: Row, place: int | None) -> str:
    return shown(row.cells[place])[:200] if place is not None and place < len(row.cells) else ""


class _Writing:
    """The second pass."""

    def __init__(self, job: ImportJob, checker: Checker, checked: Checked, report: ImportReport) -> None:
        self._job, self._checker, self._checked, self._report = job, checker, checked, report
        self._noticed = Noticed()
        self._late: list[int] = []
        self._run_id: int | None = None
        self._start = 0
        self._again: frozenset[int] = frozenset()

    def rows(self, table: Table) -> None:
        if not self._job.dry_run:
            self._take_up()
        batch: list[tuple[int, Row, SupplierRecord]] = []
        for place, row, record in self._to_write(table):
            batch.append((place, row, record))
            if len(batch) == self._job.batch:
                self._write(batch, place + 1)
                batch.clear()
        self._write(batch, self._checked.rows, finished=True)
        noticed = self._noticed
        self._report.firms = {"made": len(noticed.made), "changed": len(noticed.changed)}
        self._report.fields = noticed.fields

    def _to_write(self, table: Table) -> Iterator[tuple[int, Row, SupplierRecord]]:
        for place, row in enumerate(table.rows()):
            if place < self._start and place not in self._again:
                continue
            if place in self._checked.problems or place in self._checked.merged:
                continue
            try:
                facts = self._checker.make(row)  # the writer checks them again
            except RowError as error:  # the file has changed under our hands
                self._checked.problems[place] = error.problems
                continue
            if not isinstance(facts, Ranked):
                yield place, row, facts

    def _take_up(self) -> None:
        """Find the interrupted run of this file, or begin one."""
        job, session = self._job, self._job.session
        stamp = file_hash(job.path, job.mapping, job.salt)
        begin_write(session)
        unfinished = select(ImportRun).where(
            ImportRun.file_hash == stamp, ImportRun.source == job.mapping.name, ImportRun.finished_at.is_(None)
        )
        run = session.scalars(unfinished.order_by(ImportRun.id.desc()).limit(1)).first()
        if run is None:
            run = ImportRun(source=job.mapping.name[:60], file_name=job.shown[:300], file_hash=stamp, counts={})
            session.add(run)
            session.flush()
        self._run_id, self._start = run.id, run.next_row
        self._report.resumed_at = run.next_row
        self._report.outcomes = Counter(run.counts.get("outcomes", {}))
        self._again = frozenset(run.counts.get("late", ()))
        self._report.run_id = run.id
        job.guard(session, run.id)
        session.commit()

    def _write(
        self, batch: Sequence[tuple[int, Row, SupplierRecord]], next_row: int, *, finished: bool = False
    ) -> None:
        job = self._job
        begin_write(job.session)
        outcomes = self._write_accepted(list(batch))
        if self._run_id is not None:
            job.guard(job.session, self._run_id)
            run = job.session.get_one(ImportRun, self._run_id)
            run.next_row = max(next_row, self._start)
            total = self._report.outcomes + outcomes
            still = {place for place in self._again if batch and place > batch[-1][0]}
            run.counts = {"outcomes": dict(total), "late": sorted(still.union(self._late))}
            if finished:
                run.finished_at = now()
                run.counts |= {"rows": self._report.rows, "merged": self._report.merged}
                run.counts |= {"rejected": len(self._checked.problems)}
        if job.dry_run:
            job.session.rollback()
        else:
            job.session.commit()
        job.session.expunge_all()
        self._report.outcomes += outcomes
        job.progress("write", next_row, self._checked.rows)

    def _write_accepted(self, batch: list[tuple[int, Row, SupplierRecord]]) -> Counter[str]:
        """Write what the register accepts of a batch; rows it refuses (nothing was written then) are taken out."""
        while batch:
            lines = f"lines {batch[0][1].line}-{batch[-1][1].line}"
            writer = self._job.writer(f"{self._job.shown[:150]} {lines}", self._journal())
            try:
                return self._counted(batch, writer.write([record for _, _, record in batch]))
            except WriteError as error:
                refused: dict[int, list[CellProblem]] = {}
                for problem in error.problems:
                    if problem.index is None:
                        raise ImportFileError(str(problem)) from None
                    refused.setdefault(problem.index, []).append(self._checker.blame(problem))
                self._refuse(batch, refused)
                batch = [item for index, item in enumerate(batch) if index not in refused]
        return Counter()

    def _journal(self) -> Journal | None:
        if self._run_id is None:
            return self._noticed
        return journal.kept(self._run_id) if self._job.journal else None

    def _counted(self, batch: Sequence[tuple[int, Row, SupplierRecord]], outcomes: list[Outcome]) -> Counter[str]:
        """The outcomes by kind. A dry run's firm that an earlier batch made is not made again."""
        counts: Counter[str] = Counter()
        for (place, _row, record), outcome in zip(batch, outcomes, strict=True):
            found = outcome
            if self._job.dry_run and outcome is Outcome.CREATED:
                found = Outcome.CHANGED if record.supplier.key in self._noticed.again else outcome
            counts[found] += 1
            self._checked.fates.set(place, found)
        return counts

    def _refuse(self, batch: Sequence[tuple[int, Row, SupplierRecord]], refused: dict[int, list[CellProblem]]) -> None:
        for index, problems in refused.items():
            place = batch[index][0]
            self._checked.problems[place] = tuple(problems)
            self._late.append(place)
        if len(self._late) > MOST_REJECTED:
            raise ImportFileError(f"more than {MOST_REJECTED} rows are refused by the register")


def file_hash(path: Path, mapping: Mapping, salt: str = "") -> str:
    """What an import is known by: the file's content and how it is read, and what tells it from others of the same."""
    with path.open("rb") as file:
        content = hashlib.file_digest(file, "sha256")
    content.update(f"{mapping.fingerprint}{salt}".encode())
    return content.hexdigest()
