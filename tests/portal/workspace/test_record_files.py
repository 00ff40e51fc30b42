"""The ZIP of a record: the same bytes again, and not one other."""

from __future__ import annotations

import hashlib
import zipfile
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest

from portal.workspace.record_files import HTML, JSON, README, load, packed, path_of, store, unpacked

AT = datetime(2026, 6, 1, 16, 30, 20, tzinfo=UTC)
FILES = {HTML: "<p>寻源记录</p>".encode(), JSON: b"{}\n", README: b"read me\n"}


def test_the_same_texts_are_the_same_bytes() -> None:
    made = packed(FILES, AT)
    assert made == packed(FILES, AT)
    assert made.sha256 == hashlib.sha256(made.content).hexdigest()
    assert made.parts == {name: hashlib.sha256(FILES[name]).hexdigest() for name in (HTML, JSON)}
    with zipfile.ZipFile(BytesIO(made.content)) as archive:
        assert archive.namelist() == [HTML, JSON, README]
        assert archive.testzip() is None
        assert {entry.date_time for entry in archive.infolist()} == {(2026, 6, 2, 0, 30, 20)}
    assert packed({**FILES, JSON: b"{ }\n"}, AT).sha256 != made.sha256


def test_it_is_kept_by_its_hash_and_a_changed_byte_is_noticed(tmp_path: Path) -> None:
    made = packed(FILES, AT)
    assert load(tmp_path, made.sha256) is None
    path = store(tmp_path, made)
    assert path == path_of(tmp_path, made.sha256)
    assert load(tmp_path, made.sha256) == made.content
    assert unpacked(made.content, HTML) == FILES[HTML]
    changed = bytearray(made.content)
    changed[-30] ^= 1
    path.write_bytes(changed)
    assert load(tmp_path, made.sha256) is None


def test_a_failed_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="no space"):
        store(tmp_path, packed(FILES, AT))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
