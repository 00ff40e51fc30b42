"""The ZIP of a sourcing record: the same texts are the same bytes; it lies below a folder by its hash."""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile

from portal.register.clock import CHINA

HTML, JSON, README, ZIP = "record.html", "record.json", "README.txt", "record.zip"


@dataclass(frozen=True, slots=True)
class Packed:
    """A ZIP, its hash, and those of the files in it that can be checked by themselves."""

    content: bytes
    sha256: str
    parts: Mapping[str, str]


def digest(content: bytes) -> str:
    """SHA-256 in hexadecimal, as sha256sum prints it."""
    return hashlib.sha256(content).hexdigest()


def packed(files: Mapping[str, bytes], at: datetime) -> Packed:
    """Put files together, each dated `at`; nothing of this machine or moment comes into the bytes."""
    target = BytesIO()
    stamp = at.astimezone(CHINA).timetuple()[:6]
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, stamp)
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content, compresslevel=6)
    whole = target.getvalue()
    parts = {name: digest(content) for name, content in files.items() if name != README}
    return Packed(whole, digest(whole), parts)


def path_of(folder: Path, sha256: str) -> Path:
    """Where the ZIP of that hash lies."""
    return folder / sha256[:2] / f"{sha256}.zip"


def store(folder: Path, packed: Packed) -> Path:
    """Write it, whole and on the disk before its name is there."""
    path = path_of(folder, packed.sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix="making-", delete=False) as part:
        try:
            part.write(packed.content)
            part.flush()
            os.fsync(part.fileno())
            Path(part.name).replace(path)
        except BaseException:
            Path(part.name).unlink(missing_ok=True)
            raise
    return path


def load(folder: Path, sha256: str) -> bytes | None:
    """The ZIP, if it is there and is what it was."""
    try:
        content = path_of(folder, sha256).read_bytes()
    except OSError:
        return None
    return content if digest(content) == sha256 else None


def unpacked(content: bytes, name: str) -> bytes:
    """A file out of the ZIP."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return archive.read(name)
