"""Imports that staff do in the browser: handed in, mapped, checked, confirmed, undone. The worker's part: import_jobs.

Every step is taken on the row as it is then, locked: of two people who confirm at once, one does and the other is told.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import IO

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.indexing.sessions import Sessions, writing
from portal.models import ImportSource, ImportState, Job, JobState, WebImport, now
from portal.register.catalogue import Catalogue
from portal.register.importing.guessing import guess
from portal.register.importing.making import stored
from portal.register.importing.mapping import Mapping
from portal.register.importing.naming import NAMES
from portal.register.importing.peeking import peek
from portal.register.importing.targets import SourceKind
from portal.register.importing.undoing import Later, touched_later
from portal.workspace import jobs
from portal.workspace.jobs import Owner

KIND = "import"
KEPT = timedelta(days=30)
"""How long a file waits that was handed in and never imported, and one whose import was removed or undone."""

CHUNK = 1 << 20
BUSY = frozenset({ImportState.CHECKING, ImportState.RUNNING, ImportState.UNDOING})
NEVER_RAN = frozenset({ImportState.MAPPING, ImportState.CHECKING, ImportState.CHECKED})


class Why(StrEnum):
    """Why a step cannot be taken."""

    BUSY = "busy"
    CONFIRMED = "confirmed"
    CHANGED = "changed"
    NOTHING = "nothing"
    RANKING = "ranking"
    TOUCHED = "touched"
    UNDONE = "undone"
    NOT_RUN = "not_run"


class Refused(Exception):
    """A step that cannot be taken (any more). `later`: the firms that something touched after the import."""

    def __init__(self, why: Why, later: Later | None = None) -> None:
        super().__init__(why.value)
        self.why = why
        self.later = later


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that was handed in."""

    hash: str
    size: int


@dataclass(frozen=True, slots=True)
class Uploads:
    """The folder of files that were handed in. Each is named by its hash, never by what its owner calls it."""

    folder: Path

    def keep(self, file: IO[bytes]) -> Kept:
        """Keep a file. It appears under its name once it is whole."""
        self.folder.mkdir(parents=True, exist_ok=True)
        digest, size = hashlib.sha256(), 0
        part = self.folder / f".{hashlib.sha256(str(now()).encode()).hexdigest()[:24]}.part"
        try:
            with part.open("wb") as out:
                while some := file.read(CHUNK):
                    digest.update(some)
                    size += len(some)
                    out.write(some)
            part.replace(self.folder / digest.hexdigest())
        finally:
            part.unlink(missing_ok=True)
        return Kept(digest.hexdigest(), size)

    def list_of(self, web: WebImport) -> Path:
        """The file of an import."""
        return self.folder / web.file_hash

    def results_of(self, web: WebImport) -> Path:
        """The folder of what became of its rows."""
        return self.folder / f"import-{web.id}"

    def fates_of(self, web: WebImport) -> Path:
        """The table of what becomes of each row."""
        return self.results_of(web) / "rows.csv"

    def refused_of(self, web: WebImport) -> Path:
        """The refused rows, to be mended."""
        return self.results_of(web) / "refused.csv"


def listed(session: Session, most: int, offset: int = 0) -> Sequence[WebImport]:
    """The imports, newest first; staff of all organisations of the programme see them."""
    wanted = select(WebImport).where(WebImport.removed_at.is_(None)).order_by(WebImport.id.desc())
    return session.scalars(wanted.limit(most).offset(offset)).all()


def locked(session: Session, identifier: int) -> WebImport | None:
    """The import for a step, in a transaction that writes; None where there is none."""
    wanted = select(WebImport).where(WebImport.id == identifier, WebImport.removed_at.is_(None))
    return session.scalars(wanted.with_for_update()).one_or_none()


def job_of(session: Session, web: WebImport) -> Job | None:
    """The job that is or was at it last."""
    return session.get(Job, web.job_id) if web.job_id else None


def busy(web: WebImport, job: Job | None) -> bool:
    """Whether the worker is at it, or will be."""
    return web.state in BUSY and job is not None and job.state in {JobState.WAITING, JobState.RUNNING}


def given_up(web: WebImport, job: Job | None) -> bool:
    """Whether the worker was at it and died over it too often, or met a fault."""
    return web.state in BUSY and job is not None and job.state == JobState.FAILED


class Look(msgspec.Struct, frozen=True):
    """What was seen of a file: its headings with the first cells below each, and what the columns seem to hold."""

    form: str
    about: int
    headings: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    kind: SourceKind
    source: str
    fields: tuple[str, ...]
    constants: dict[str, str]


def look(path: Path, sources: Map[str, Mapping], catalogue: Catalogue) -> Look:
    """Look at a file. Raises ImportFileError for what is no list."""
    known = [word for source in sources.values() for word in source.headings()]
    found = peek(path, [*known, *(word for names in NAMES.values() for word in names)])
    guessed = guess(found, sources, catalogue)
    columns = [found.column(place) for place in range(len(found.headings))]
    return Look(
        form=found.form,
        about=found.about,
        headings=found.headings,
        cells=tuple(tuple(list(dict.fromkeys(cell[:60] for cell in column))[:3]) for column in columns),
        kind=guessed.kind,
        source=guessed.source,
        fields=guessed.fields,
        constants=dict(guessed.constants),
    )


def look_of(web: WebImport) -> Look:
    """What was seen of an import's file."""
    return msgspec.convert(web.look, Look)


def hand_in(session: Session, owner: Owner, kept: Kept, name: str, seen: Look) -> WebImport:
    """Begin an import of a file that is kept."""
    made = WebImport(
        organisation_id=owner.organisation_id,
        user_id=owner.id,
        file_name=name[:200],
        file_hash=kept.hash,
        size=kept.size,
        look=msgspec.to_builtins(seen),
    )
    session.add(made)
    session.flush()
    return made


def check(session: Session, owner: Owner, web: WebImport, mapping: Mapping, source: str) -> None:
    """Have the file checked with this mapping, and every row's fate found. Raises Refused."""
    _require_idle(session, web)
    if web.state not in NEVER_RAN:
        raise Refused(Why.CONFIRMED)
    web.mapping, web.source, web.report = stored(mapping), source[:60], {}
    _begin(session, owner, web, ImportState.CHECKING)


def confirm(session: Session, owner: Owner, web: WebImport, checked: str) -> None:
    """Have it imported, or taken up where it stopped. `checked`: `token` of what was seen. Raises Refused."""
    _require_idle(session, web)
    if web.state not in {ImportState.CHECKED, ImportState.RUNNING}:
        raise Refused(Why.CONFIRMED if web.state not in NEVER_RAN else Why.CHANGED)
    if web.state == ImportState.CHECKED:
        if checked != token(web):
            raise Refused(Why.CHANGED)
        if not web.report.get("writes"):
            raise Refused(Why.NOTHING)
        web.confirmed_by = owner.id
    _begin(session, owner, web, ImportState.RUNNING)


def token(web: WebImport) -> str:
    """Stands for the mapping that was checked."""
    return str(web.mapping.get("fingerprint", ""))


def undo(session: Session, owner: Owner, web: WebImport) -> None:
    """Have the whole import undone, or the undo taken up. Raises Refused."""
    _require_idle(session, web)
    if web.state not in {ImportState.DONE, ImportState.RUNNING, ImportState.UNDOING}:
        raise Refused(Why.UNDONE if web.state == ImportState.UNDONE else Why.NOT_RUN)
    if web.mapping.get("kind") == SourceKind.RANKINGS:
        raise Refused(Why.RANKING)
    if web.run_id is None:
        raise Refused(Why.NOT_RUN)
    if web.state != ImportState.UNDOING:
        later = touched_later(session, web.run_id)
        if later.count:
            raise Refused(Why.TOUCHED, later)
    web.undone_by = owner.id
    _begin(session, owner, web, ImportState.UNDOING)


def remove(session: Session, web: WebImport) -> None:
    """Take an import that never ran, or that was undone, off the list; its files go later. Raises Refused."""
    _require_idle(session, web)
    if web.state not in {*NEVER_RAN, ImportState.UNDONE}:
        raise Refused(Why.CONFIRMED)
    web.removed_at = now()


def save_source(session: Session, owner: Owner, name: str, mapping: Mapping) -> None:
    """Keep a mapping as a source of that name, in place of one that has it."""
    there = session.scalars(select(ImportSource).where(ImportSource.name == name)).one_or_none()
    found = there or ImportSource(name=name)
    found.mapping, found.user_id, found.saved_at = stored(mapping), owner.id, now()
    session.add(found)
    session.flush()


def purge(sessions: Sessions, uploads: Uploads, at: datetime) -> None:
    """Remove files that no import has any more, or that waited too long. For the worker's housekeeping."""
    with writing(sessions) as session:
        old = select(WebImport).where(
            WebImport.removed_at.is_(None), WebImport.created_at < at - KEPT, WebImport.state.in_(NEVER_RAN - BUSY)
        )
        for web in session.scalars(old):
            web.removed_at = at
        held: set[str] = set()
        for web in session.scalars(select(WebImport).where(WebImport.removed_at.is_(None))):
            held |= {web.file_hash, uploads.results_of(web).name}
    for path in uploads.folder.iterdir() if uploads.folder.is_dir() else ():
        if path.name not in held and path.stat().st_mtime < at.timestamp() - KEPT.total_seconds():
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def count(session: Session) -> int:
    """How many imports are listed."""
    return session.scalar(select(func.count(WebImport.id)).where(WebImport.removed_at.is_(None))) or 0


def _require_idle(session: Session, web: WebImport) -> None:
    if busy(web, job_of(session, web)):
        raise Refused(Why.BUSY)


def _begin(session: Session, owner: Owner, web: WebImport, state: ImportState) -> None:
    before = job_of(session, web)
    web.state, web.problem = state, ""
    web.job_id = jobs.enqueue(session, owner, KIND, {"import": web.id, "do": state.value})
    session.flush()
    if before is not None:
        session.delete(before)
