"""Notes: none is lost, none is read twice, and a broken one spoils no other."""

from __future__ import annotations

import threading
from datetime import date
from pathlib import Path

import pytest

from portal.usage import notes
from portal.usage.notes import Appeared, How
from portal.usage.pseudonyms import Pseudonyms, quarter
from portal.usage.spool import Spool, read

MONDAY = date(2026, 11, 23)


def lines(spool: Spool) -> list[bytes]:
    found: list[bytes] = []
    for file in spool.take():
        found += [line.strip() for line in read(file) if line.strip()]
        file.unlink()
    return found


def test_what_was_noted_is_taken_once(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "usage")
    assert not spool.waiting()
    spool.note(b"one")
    spool.note(b"two\nthree")
    assert spool.waiting()
    assert lines(spool) == [b"one", b"two", b"three"]
    assert lines(spool) == []
    assert not spool.waiting()


def test_nothing_is_lost_while_the_worker_takes_files_from_under_the_writers(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    taken: list[bytes] = []

    def write(who: int) -> None:
        for number in range(200):
            spool.note(f"{who}:{number}".encode())

    writers = [threading.Thread(target=write, args=(who,)) for who in range(4)]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        taken += lines(spool)
    taken += lines(spool)
    assert sorted(taken) == sorted(f"{who}:{number}".encode() for who in range(4) for number in range(200))


def test_a_file_that_a_dead_worker_had_taken_is_given_to_the_next(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.note(b"one")
    [first] = spool.take()
    assert Spool(tmp_path).take() == [first]


def test_a_draft_counts_when_it_is_done_and_not_when_it_failed(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    with spool.draft() as note:
        note(b"kept")
        assert spool.take() == []

    def fail() -> None:
        with spool.draft() as note:
            note(b"lost")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert lines(spool) == [b"kept"]
    assert list(tmp_path.iterdir()) == []


def test_a_large_draft_is_many_small_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.usage.spool.PART_BYTES", 100)
    spool = Spool(tmp_path)
    with spool.draft() as note:
        for number in range(50):
            note(str(number).encode() * 10)
    assert len(list(tmp_path.iterdir())) > 5
    assert sorted(lines(spool)) == sorted(str(number).encode() * 10 for number in range(50))


def test_a_line_cut_off_by_a_full_disk_spoils_no_other() -> None:
    whole = Appeared(MONDAY, How.SHOWN, ["CN-USCC/1"])
    line = notes.written([whole])
    assert list(notes.read([line[:20] + b"\n", line + b"\n", b"\n", b"{}\n"])) == [None, whole, None]


def test_an_organisation_has_one_pseudonym_a_quarter_and_another_in_the_next(tmp_path: Path) -> None:
    first, other_process = Pseudonyms(tmp_path), Pseudonyms(tmp_path)
    autumn, winter = date(2026, 12, 31), date(2027, 1, 1)
    assert (quarter(autumn), quarter(winter)) == ("2026Q4", "2027Q1")
    assert first.of(7, autumn) == other_process.of(7, autumn)
    assert len({first.of(7, autumn), first.of(8, autumn), first.of(7, winter), first.of(8, winter)}) == 4
    assert first.of(7, autumn) == other_process.of(7, autumn), "an older quarter's is found again"


def test_when_the_quarter_is_over_its_key_goes_and_nobody_can_make_its_pseudonyms_any_more(tmp_path: Path) -> None:
    before = Pseudonyms(tmp_path).of(7, date(2026, 12, 31))
    Pseudonyms(tmp_path).forget(date(2026, 12, 31))
    assert Pseudonyms(tmp_path).of(7, date(2026, 12, 31)) == before
    Pseudonyms(tmp_path).forget(date(2027, 1, 1))
    assert list(tmp_path.iterdir()) == []
    assert Pseudonyms(tmp_path).of(7, date(2026, 12, 31)) != before


def test_the_key_is_for_the_portal_alone(tmp_path: Path) -> None:
    Pseudonyms(tmp_path).of(7, MONDAY)
    Spool(tmp_path).note(b"one")
    assert {file.stat().st_mode & 0o077 for file in tmp_path.iterdir()} == {0}
