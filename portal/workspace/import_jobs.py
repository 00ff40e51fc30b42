"""The worker's part of an import in the browser: the check, the import, the undo. The same code as `flask import`.

All of it can be killed at any moment and is taken up by the next attempt: a check begins anew, an import goes on at the
row that its run has reached, an undo at the firms that are still held.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.identity.log import user_subject
from portal.indexing.sessions import Sessions
from portal.models import ImportState, Supplier, User, WebImport, now
from portal.register.audit import Actor
from portal.register.catalogue import Catalogue
from portal.register.facts import SupplierRecord
from portal.register.importing import ImportFileError, ImportJob, ImportReport, run_import
from portal.register.importing.job import anywhere
from portal.register.importing.journal import firms_of
from portal.register.importing.making import restored
from portal.register.importing.runner import file_hash
from portal.register.importing.undoing import hold, still_held, to_do, touched_later, undo_some
from portal.register.problems import FactProblem
from portal.register.territory import territory_of
from portal.workspace.import_fates import FateTable
from portal.workspace.imports import Uploads
from portal.workspace.jobs import Run

UNDONE_AT_ONCE = 200
"""Firms put back in one transaction."""

EVERY = 0.4
"""Seconds between two words on how far it is."""

REASONS = 10


def within_territory(
    sessions: Sessions, catalogue: Catalogue, user_id: int
) -> Callable[[SupplierRecord], Iterable[FactProblem]]:
    """What the user may not write of a record: a firm that lies outside their territory, or would afterwards."""
    with sessions() as session:
        territory = territory_of(session.get_one(User, user_id))
    if not territory.limited:
        return anywhere
    holds = territory.rule(catalogue)

    def problems(record: SupplierRecord) -> Iterable[FactProblem]:
        stated = record.supplier
        key = (Supplier.scheme == stated.scheme, Supplier.number == stated.number)
        with sessions() as session:
            held = session.execute(select(Supplier.region, Supplier.sector).where(*key)).first()
        region, sector = held or (None, None)
        after = (stated.region or region, stated.sector or sector)
        if not holds(*after) or (held is not None and not holds(region, sector)):
            yield FactProblem("supplier.number", stated.number, "lies outside your territory")

    return problems


@dataclass(slots=True)
class _Progress:
    """Says how far it is, now and then. The check of the rows counts as one half, writing them as the other."""

    run: Run
    said: float = field(default_factory=lambda: float("-inf"))

    def __call__(self, phase: str, done: int, total: int) -> None:
        if time.monotonic() < self.said + EVERY and done < total:
            return
        self.said = time.monotonic() if done else self.said  # the first word that says something comes at once
        self.run.at(done if phase == "check" else total + done, 2 * total)


@dataclass(frozen=True, slots=True)
class Importer:
    """Does the jobs of imports."""

    uploads: Uploads

    def run(self, run: Run) -> None:
        """The job."""
        with run.sessions() as session:
            web = session.get(WebImport, run.payload["import"])
            if web is None or web.job_id != run.job_id or web.state != run.payload["do"]:
                return  # removed meanwhile, or done: the worker died between the last step and the end of the job
            session.expunge(web)
        if web.state == ImportState.UNDOING:
            self._undo(run, web)
            return
        try:
            self._require_same_file(web)
            self._check(run, web) if web.state == ImportState.CHECKING else self._import(run, web)
        except ImportFileError as error:
            problem = str(error).replace(web.file_hash, web.file_name)
            self._end(run, web, state=self._before(run, web), problem=problem)

    def _before(self, run: Run, web: WebImport) -> ImportState:
        """Where an import stands that cannot go on: it may have written rows already."""
        if web.state == ImportState.CHECKING:
            return ImportState.MAPPING
        with run.sessions() as session:
            begun = session.scalar(select(WebImport.run_id).where(WebImport.id == web.id)) is not None
        return ImportState.RUNNING if begun else ImportState.CHECKED

    def _require_same_file(self, web: WebImport) -> None:
        path = self.uploads.list_of(web)
        if not path.is_file():
            raise ImportFileError("the file is not there any more: hand it in again")
        if file_hash(path, restored({**web.mapping, "fingerprint": ""})) != web.file_hash:
            raise ImportFileError("the file is not the one that was handed in: hand it in again")

    def _check(self, run: Run, web: WebImport) -> None:
        with ExitStack() as opened, run.sessions() as session:
            fates = opened.enter_context(FateTable(self.uploads.fates_of(web)))
            report = run_import(self._job(run, web, session, dry_run=True, fates=fates))
        self._end(run, web, state=ImportState.CHECKED, report=_told(report))

    def _import(self, run: Run, web: WebImport) -> None:
        def guard(session: Session, run_id: int | None) -> None:
            run.require(session)
            session.execute(update(WebImport).where(WebImport.id == web.id).values(run_id=run_id))

        self.uploads.results_of(web).mkdir(parents=True, exist_ok=True)
        with run.sessions() as session:
            report = run_import(self._job(run, web, session, guard=guard, journal=True))
        told = _told(report)
        if report.run_id is not None:
            with run.sessions() as session:
                made, changed = firms_of(session, report.run_id)
            told["firms"] = {"made": made, "changed": changed}
        self._end(run, web, state=ImportState.DONE, report=told, finished_at=now())

    def _job(self, run: Run, web: WebImport, session: Session, **more: Any) -> ImportJob:
        return ImportJob(
            session=session,
            catalogue=run.catalogue,
            mapping=restored(web.mapping),
            path=self.uploads.list_of(web),
            rejected=self.uploads.refused_of(web),
            actor=user_subject(web.confirmed_by or web.user_id),
            name=f"import {web.id} {web.file_name}",
            salt=f"import {web.id}",
            progress=_Progress(run),
            made_by=web.confirmed_by or web.user_id,
            permitted=within_territory(run.sessions, run.catalogue, web.confirmed_by or web.user_id),
            **more,
        )

    def _undo(self, run: Run, web: WebImport) -> None:
        run_id = web.run_id
        if run_id is None:
            return
        undo: dict[str, int] = dict(web.report.get("undo", {}))
        if not undo:
            with run.step(0, 0) as session:
                later = touched_later(session, run_id)
                if not later.count:
                    undo = {"firms": hold(session, run_id), "done": 0}
                    told = web.report | {"undo": undo}
                    session.execute(update(WebImport).where(WebImport.id == web.id).values(report=told))
            if not undo:
                named = {"later": {"count": later.count, "firms": list(later.firms)}}
                back = ImportState.DONE if web.finished_at else ImportState.RUNNING
                self._end(run, web, state=back, report=web.report | named, problem="touched")
                return
        self._put_back(run, web, run_id, undo["firms"])
        self._end(run, web, state=ImportState.UNDONE, undone_at=now())

    def _put_back(self, run: Run, web: WebImport, run_id: int, total: int) -> None:
        actor = Actor(user_subject(web.undone_by or web.user_id), f"import {web.id} {web.file_name}"[:200])
        reason = f"导入已撤回 · the import that listed it was undone: {web.file_name}"[:400]
        with run.sessions() as session:
            left = still_held(session, run_id)
        while left > 0:
            with run.step(total - left, total) as session:
                some = to_do(session, run_id, UNDONE_AT_ONCE)
                if some:
                    undo_some(session, run_id, some, actor, reason)
            left = left - len(some) if some else 0
        run.at(total, total)

    def _end(self, run: Run, web: WebImport, **values: Any) -> None:
        """Note what came of it, if it is still this job's."""
        with run.step(1, 1) as session:
            mine = (WebImport.id == web.id, WebImport.job_id == run.job_id)
            session.execute(update(WebImport).where(*mine).values(values))


def _told(report: ImportReport) -> dict[str, Any]:
    """The report as a JSON column holds it. `writes`: rows that would change something."""
    return {
        "form": report.form,
        "rows": report.rows,
        "counts": {
            "created": report.created,
            "changed": report.changed,
            "unchanged": report.unchanged,
            "merged": report.merged,
            "refused": report.rejected,
        },
        "writes": report.created + report.changed,
        "firms": report.firms,
        "fields": dict(report.fields.most_common(REASONS)),
        "reasons": report.reasons.most_common(REASONS),
        "unused": list(report.unused),
        "editions": report.editions,
        "resumed_at": report.resumed_at,
    }
