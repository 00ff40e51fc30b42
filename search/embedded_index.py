"""The embedded index on disk: one directory a build, a pointer file to the live one, one kept writer.

    <root>/current          the live build's name; replaced atomically
    <root>/<build>/         tantivy's files and build.json, which holds the fingerprint it was built by

Readers compare the pointer's and meta.json's file identity before each search (two `stat` calls) and open what is new;
an index opened before a fork, or moved, would never see changes (notes: rule 6). A reader keeps its files mapped, so a
swapped-out directory may be removed under it.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from tantivy import Index, Schema, SchemaBuilder, Searcher, SearchResult

from search.contract import EngineUnavailable, IndexMissing
from search.fields import Field, FieldTable, Kind
from search.plan import Tally

POINTER = "current"
MARK = "build.json"
_LOCK = ".tantivy-writer.lock"

Signature = tuple[int, int, int]


def build_schema(table: FieldTable) -> Schema:
    """The tantivy schema of the field table."""
    builder = SchemaBuilder()
    for item in table.fields:
        _add_field(builder, item)
    return builder.build()


def _add_field(builder: SchemaBuilder, item: Field) -> None:
    """One field. Raw text keeps tokens whole; text fields split at spaces and keep positions only where asked."""
    match item.kind:
        case Kind.INT | Kind.SORT:
            builder.add_integer_field(item.name, indexed=item.kind is Kind.INT, fast=True)
        case Kind.TEXT:
            option = "position" if item.positions else "freq"
            builder.add_text_field(item.name, tokenizer_name="whitespace", index_option=option)
        case Kind.LABEL:
            builder.add_bytes_field(item.name, stored=True)
        case Kind.TOKEN | Kind.SORT_TEXT | Kind.PLACE:
            stored, fast = item.name == "id", item.facet is not None or item.kind is Kind.SORT_TEXT
            builder.add_text_field(item.name, stored=stored, fast=fast, tokenizer_name="raw", index_option="basic")


@dataclass(frozen=True)
class Snapshot:
    """The live index as of a moment. `counted` keeps the counts of all firms by tally: they cannot change."""

    build: str
    fingerprint: str
    index: Index
    searcher: Searcher
    signature: Signature
    counted: dict[Tally, dict[str, int]] = field(default_factory=dict)


def total(result: SearchResult) -> int:
    """How many documents matched; 0 where they were not counted."""
    return int(result.count or 0)  # type: ignore[attr-defined]  # missing in tantivy's stub


def signature(path: Path) -> Signature:
    """What changes when a file is replaced. Raises FileNotFoundError."""
    status = path.stat()
    return status.st_ino, status.st_mtime_ns, status.st_size


class Directory:
    """The root directory: names of builds, the pointer, marks."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def live(self) -> str:
        """The live build's name. Raises IndexMissing."""
        try:
            return (self.root / POINTER).read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            raise IndexMissing(f"no search index in {self.root}: run `flask index rebuild`") from None

    def create(self, schema: Schema, fingerprint: str) -> str:
        """A new empty build; its name."""
        name = f"build-{time.time_ns():x}-{secrets.token_hex(2)}"
        path = self.root / name
        path.mkdir(parents=True)
        (path / MARK).write_text(json.dumps({"fingerprint": fingerprint}), encoding="utf-8")
        Index(schema, path=str(path))
        return name

    def fingerprint(self, build: str) -> str:
        """What the build was built by. Raises FileNotFoundError when it is gone."""
        mark = json.loads((self.root / build / MARK).read_text(encoding="utf-8"))
        return str(mark["fingerprint"])

    def point_to(self, build: str) -> None:
        """Make the build the live one and remove the one before."""
        pointer, fresh = self.root / POINTER, self.root / f"{POINTER}.new"
        before = pointer.read_text(encoding="utf-8").strip() if pointer.exists() else None
        with fresh.open("w", encoding="utf-8") as file:
            file.write(build)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(pointer)
        if before and before != build:
            self.remove(before)

    def remove(self, build: str) -> None:
        """Delete a build's files."""
        shutil.rmtree(self.root / build, ignore_errors=True)

    def remove_orphans(self) -> None:
        """Delete every build that is neither live nor being written."""
        if not self.root.exists():
            return
        pointer = self.root / POINTER
        live = pointer.read_text(encoding="utf-8").strip() if pointer.exists() else ""
        for path in self.root.glob("build-*"):
            if path.name != live and not _is_locked(path / _LOCK):
                shutil.rmtree(path, ignore_errors=True)


def _is_locked(path: Path) -> bool:
    """Whether a writer holds the file's lock; the kernel drops it with its process."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


class Reader:
    """Gives the live index's newest snapshot; safe for threads."""

    def __init__(self, directory: Directory) -> None:
        self.directory = directory
        self._lock = threading.Lock()
        self._snapshot: Snapshot | None = None
        self._pointer: Signature | None = None

    def snapshot(self) -> Snapshot:
        """The newest committed state. Raises IndexMissing, EngineUnavailable."""
        with self._lock:
            for attempt in (1, 2):
                try:
                    return self._refreshed()
                except FileNotFoundError as error:
                    self._snapshot = None
                    if attempt == 2:
                        raise EngineUnavailable(f"the search index cannot be opened: {error}") from error
                except (ValueError, OSError) as error:
                    self._snapshot = None
                    raise EngineUnavailable(f"the search index cannot be opened: {error}") from error
        raise AssertionError("unreachable")

    def _refreshed(self) -> Snapshot:
        held, root = self._snapshot, self.directory.root
        try:
            pointer = signature(root / POINTER)
        except FileNotFoundError:
            self._snapshot = None
            raise IndexMissing(f"no search index in {root}: run `flask index rebuild`") from None
        if held is None or pointer != self._pointer:
            held = self._opened(self.directory.live())
            self._pointer = pointer
        else:
            meta = signature(root / held.build / "meta.json")
            if meta == held.signature:
                return held
            held.index.reload()
            held = Snapshot(held.build, held.fingerprint, held.index, held.index.searcher(), meta)
        self._snapshot = held
        return held

    def _opened(self, build: str) -> Snapshot:
        path = self.directory.root / build
        meta = signature(path / "meta.json")
        index = Index.open(str(path))
        index.config_reader("manual")
        return Snapshot(build, self.directory.fingerprint(build), index, index.searcher(), meta)

    def close(self) -> None:
        """Let the files go."""
        with self._lock:
            self._snapshot = None
            self._pointer = None
