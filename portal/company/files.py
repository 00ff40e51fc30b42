"""Files that prove what a firm says (营业执照, 盖章授权书): checked, kept by their hash, removed when not needed.

A file is taken as PDF, JPEG or PNG by its content, never by its name, and only where portal.company.looking finds no
fault. It lies below DATA_DIR/proofs under its SHA-256; who handed in what for which case is a row (`Proof`). Its bytes
stay as they were handed in, as proof; so it is only ever sent as a download, and only to those who decide the case.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path, PurePath
from tempfile import NamedTemporaryFile
from typing import IO, Protocol

import msgspec
from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from portal.company.looking import Fault, Refused
from portal.models import CaseState, Proof, ReviewCase
from portal.models.database import begin_write

__all__ = [
    "MOST_FILES",
    "SUFFIXES",
    "Fault",
    "Owner",
    "Refused",
    "Store",
    "Taken",
    "attach",
    "path_in",
    "proofs_of",
    "purge",
    "shown_name",
]

ROOT = Path(__file__).resolve().parents[2]
LOOK_SECONDS = 20
CHUNK = 1 << 20
MOST_FILES = 8
"""Files of one organisation for one case."""

LONGEST_NAME = 120
SUFFIXES = {"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}
"""The types that are taken, and how their names end."""

ORPHANED = timedelta(days=1)
"""How long a file may lie without a row: longer than the request takes that brought it."""


class Owner(Protocol):
    """A user, who hands in a file."""

    @property
    def id(self) -> int:
        """Of the user."""

    @property
    def organisation_id(self) -> int:
        """Of the user's organisation."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that was looked at and kept; `name` as its owner calls it."""

    name: str
    type: str
    pages: int
    size: int
    sha256: str


class _Answer(msgspec.Struct):
    """What `portal.company.looking` prints."""

    type: str = ""
    pages: int = 0
    fault: Fault | None = None


def path_in(folder: PurePath, sha256: str) -> PurePath:
    """Where the file of that hash lies in the folder of all."""
    return folder / sha256[:2] / sha256


@dataclass(frozen=True, slots=True)
class Store:
    """The folder, and what a file may be: at most so many bytes, and of a PDF so many pages."""

    folder: Path
    most_bytes: int
    most_pages: int

    def path_of(self, sha256: str) -> Path:
        """Where the file of that hash lies."""
        return Path(path_in(self.folder, sha256))

    def take(self, file: IO[bytes], name: str) -> Taken:
        """Check a file and keep it; it appears under its hash once it is whole. Raises Refused."""
        self.folder.mkdir(parents=True, exist_ok=True)
        digest, size = hashlib.sha256(), 0
        with NamedTemporaryFile(dir=self.folder, prefix="part-", delete=False) as part:
            path = Path(part.name)
            try:
                while some := file.read(CHUNK):
                    size += len(some)
                    if size > self.most_bytes:
                        raise Refused(Fault.TOO_LARGE)
                    digest.update(some)
                    part.write(some)
                part.flush()
                os.fsync(part.fileno())
                found = self._look(path)
                target = self.path_of(digest.hexdigest())
                target.parent.mkdir(exist_ok=True)
                path.replace(target)
            finally:
                path.unlink(missing_ok=True)
        return Taken(shown_name(name, found.type), found.type, found.pages, size, digest.hexdigest())

    def _look(self, path: Path) -> _Answer:
        """In a process of its own, as its parsers meet bytes that someone chose. One that dies has met a bad file."""
        command = [sys.executable, "-m", "portal.company.looking", str(path), str(self.most_pages)]
        try:
            done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=LOOK_SECONDS, check=True)  # noqa: S603
            answer = msgspec.json.decode(done.stdout, type=_Answer)
        except (subprocess.SubprocessError, msgspec.DecodeError):
            raise Refused(Fault.BROKEN) from None
        if answer.fault is not None:
            raise Refused(answer.fault)
        return answer


def shown_name(name: str, type_: str) -> str:
    """A name to show: its last part, without what is invisible or turns the writing round; it ends as its type does.

    What nothing is left of is called "file".
    """
    last = name[-4000:].replace("\\", "/").rpartition("/")[2]
    kept = "".join(" " if unicodedata.category(character).startswith("C") else character for character in last)
    stem, suffix = " ".join(kept.split()), SUFFIXES[type_]
    known = next((end for end in (suffix, ".jpeg") if stem.lower().endswith(end)), "")
    stem = stem[: len(stem) - len(known)].strip(" .")[: LONGEST_NAME - len(suffix)]
    return f"{stem or 'file'}{suffix}"


def attach(session: Session, owner: Owner, case_id: int, taken: Sequence[Taken], at: datetime) -> list[Proof]:
    """Put files to a case, the same one once. Raises Refused where it has too many then."""
    there = {
        proof.sha256: proof for proof in proofs_of(session, case_id) if proof.organisation_id == owner.organisation_id
    }
    for one in taken:
        if one.sha256 not in there:
            there[one.sha256] = Proof(
                case_id=case_id,
                organisation_id=owner.organisation_id,
                user_id=owner.id,
                name=one.name,
                type=one.type,
                pages=one.pages,
                size=one.size,
                sha256=one.sha256,
                at=at,
            )
    if len(there) > MOST_FILES:
        raise Refused(Fault.TOO_MANY)
    session.add_all(there.values())
    session.flush()
    return list(there.values())


def proofs_of(session: Session, case_id: int) -> list[Proof]:
    """The files of a case, in the order they came."""
    return list(session.scalars(select(Proof).where(Proof.case_id == case_id).order_by(Proof.id)))


def purge(sessions: Callable[[], Session], store: Store, kept: timedelta, at: datetime) -> int:
    """Remove the files of cases that ended longer than `kept` ago, and files that no case has; how many files went.

    For the worker's housekeeping. The rows go first: what dies in between leaves files that the next time finds.
    """
    ended = select(ReviewCase.id).where(
        ReviewCase.state.not_in([CaseState.OPEN, CaseState.RETURNED]),
        or_(ReviewCase.decided_at < at - kept, ReviewCase.decided_at.is_(None) & (ReviewCase.since < at - kept)),
    )
    with sessions() as session, session.begin():
        begin_write(session)
        session.execute(delete(Proof).where(Proof.case_id.in_(ended)))
        held = set(session.scalars(select(Proof.sha256).distinct()))
    gone = 0
    for path in store.folder.rglob("*") if store.folder.is_dir() else ():
        if path.name not in held and path.is_file() and path.stat().st_mtime < (at - ORPHANED).timestamp():
            path.unlink(missing_ok=True)
            gone += 1
    return gone
