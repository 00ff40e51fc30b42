"""The operation log's chain: whatever is altered, removed or put in is found, on SQLite and PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, func, insert, select, update

from portal.indexing import leases
from portal.indexing.sessions import Sessions, writing
from portal.models import AuditEntry, Fact, now, table_of
from portal.register.audit import Actor
from portal.register.auditing import pruning, sealing
from portal.register.auditing.chain import HEAD, START, Link, hash_after, read_end
from portal.register.auditing.pruning import TooYoung, Unsound, prune
from portal.register.auditing.reading import Filter, Place, all_entries, entries, later, newest_id
from portal.register.auditing.sealing import NoHead, Sealer, sign_anew
from portal.register.auditing.verifying import Kind, Report, verify
from portal.register.catalogue import Catalogue
from portal.register.clock import today_china
from portal.register.writer import Writer
from tests.factories import record, supplier_key

KEY = "a key of the portal"
LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)
ACTOR = Actor("tester", "192.0.2.1")


def seal(sessions: Sessions, key: str = KEY) -> int:
    return Sealer(sessions, key, threading.Event()).seal_all()


def write(sessions: Sessions, count: int, start: datetime = LONG_AGO, subject: str = "firm") -> None:
    """So many entries, a minute apart, and sealed."""
    at = [start + timedelta(minutes=place) for place in range(count)]
    rows = [ACTOR.entry(one, "done", subject, {"b": [None, place], "a": ["旧", "新"]}) for place, one in enumerate(at)]
    with writing(sessions) as session:
        session.execute(insert(table_of(AuditEntry)), rows)
    seal(sessions)


def check(sessions: Sessions, key: str = KEY, **options: Any) -> Report:
    with sessions() as session:
        return verify(session, key, **options)


def kinds(report: Report) -> list[tuple[Kind, int]]:
    return [(problem.kind, problem.seal) for problem in report.problems]


def head_of(sessions: Sessions) -> Link:
    with sessions() as session:
        return read_end(session, HEAD)


def tamper(sessions: Sessions, *statements: Any) -> None:
    """By hand, past the portal."""
    with writing(sessions) as session:
        for statement in statements:
            session.execute(statement)


def test_what_the_writer_logs_is_sealed_in_order_and_whole(sessions: Sessions, catalogue: Catalogue) -> None:
    with writing(sessions) as session:
        Writer(session, catalogue, actor="import", origin="list.csv").write([record(number) for number in range(1, 6)])
    with writing(sessions) as session:
        Writer(session, catalogue, actor="user/1").withdraw(supplier_key(2), "closed")
    assert check(sessions).waiting == 6
    assert seal(sessions) == 6
    assert seal(sessions) == 0
    report = check(sessions)
    assert (report.sound, report.entries, report.end.seal, report.waiting) == (True, 6, 6, 0)
    with sessions() as session:
        assert list(session.scalars(select(AuditEntry.seal).order_by(AuditEntry.id))) == [1, 2, 3, 4, 5, 6]


def test_batches_are_one_chain(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BATCH", 3)
    write(sessions, 8)
    write(sessions, 4, now())
    assert check(sessions).sound
    assert head_of(sessions).seal == 12


ALTER: dict[str, dict[str, Any]] = {
    "who": {"actor": "another"},
    "from where": {"origin": "elsewhere"},
    "when": {"at": LONG_AGO + timedelta(minutes=2, microseconds=1)},
    "what": {"action": "other"},
    "of whom": {"subject": "other"},
    "before and after": {"changes": {"a": ["旧", "假"], "b": [None, 2]}},
}


@pytest.mark.parametrize("values", ALTER.values(), ids=ALTER)
def test_an_altered_entry_is_found(sessions: Sessions, values: dict[str, Any]) -> None:
    write(sessions, 6)
    tamper(sessions, update(AuditEntry).where(AuditEntry.seal == 3).values(**values))
    report = check(sessions)
    assert (kinds(report), report.faults) == ([(Kind.ALTERED, 3)], 1)


def test_an_altered_entry_with_a_hash_to_match_is_found_at_the_next(sessions: Sessions) -> None:
    write(sessions, 6)
    with sessions() as session:
        before = session.scalars(select(AuditEntry.hash).where(AuditEntry.seal == 2)).one()
        row = session.scalars(select(AuditEntry).where(AuditEntry.seal == 3)).one()
        forged = hash_after(before or "", (row.id, row.at, "other", row.origin, row.action, row.subject, row.changes))
    tamper(sessions, update(AuditEntry).where(AuditEntry.seal == 3).values(actor="other", hash=forged))
    assert kinds(check(sessions)) == [(Kind.ALTERED, 4)]


def test_removed_entries_are_found_in_front_in_the_middle_and_at_the_end(sessions: Sessions) -> None:
    write(sessions, 9)
    tamper(sessions, delete(AuditEntry).where(AuditEntry.seal.in_([1, 4, 5, 9])))
    report = check(sessions)
    assert [(found.kind, found.seal, found.last) for found in report.problems] == [
        (Kind.REMOVED, 1, 1),
        (Kind.REMOVED, 4, 5),
        (Kind.REMOVED, 9, 9),
    ]


def test_entries_put_in_are_found(sessions: Sessions) -> None:
    write(sessions, 5)
    forged = ACTOR.entry(LONG_AGO, "forged", "firm", {})
    tamper(sessions, insert(table_of(AuditEntry)).values(**forged, seal=6, hash="0" * 64))
    assert {kind for kind, _ in kinds(check(sessions))} == {Kind.ALTERED, Kind.INSERTED}


def test_an_entry_put_in_with_an_older_date_is_found_though_it_was_sealed(sessions: Sessions) -> None:
    write(sessions, 5)
    tamper(
        sessions, insert(table_of(AuditEntry)).values(**ACTOR.entry(LONG_AGO - timedelta(days=3), "forged", "f", {}))
    )
    seal(sessions)
    assert kinds(check(sessions)) == [(Kind.BACKDATED, 6)]


def test_an_entry_whose_seal_was_taken_off_leaves_a_gap(sessions: Sessions) -> None:
    write(sessions, 5)
    tamper(sessions, update(AuditEntry).where(AuditEntry.seal == 2).values(seal=None, hash=None))
    seal(sessions)
    assert kinds(check(sessions))[0] == (Kind.REMOVED, 2)


def test_entries_that_nobody_seals_are_told_of_only_after_a_while(sessions: Sessions) -> None:
    write(sessions, 2, now() - timedelta(hours=2))
    with writing(sessions) as session:
        session.execute(insert(table_of(AuditEntry)), [ACTOR.entry(now(), "done", "firm", {})])
    report = check(sessions)
    assert (report.sound, report.waiting) == (True, 1)
    tamper(sessions, update(AuditEntry).where(AuditEntry.seal.is_(None)).values(at=now() - timedelta(hours=1)))
    assert kinds(check(sessions)) == [(Kind.UNSEALED, 0)]


def make_anew(sessions: Sessions, key: str) -> None:
    """The whole chain, over what is there, by someone with that key."""
    tamper(
        sessions,
        update(AuditEntry).values(seal=None, hash=None),
        delete(Fact).where(Fact.name == HEAD),
    )
    seal(sessions, key)


def test_a_chain_made_anew_is_found_by_its_signature(sessions: Sessions) -> None:
    write(sessions, 5)
    tamper(sessions, update(AuditEntry).where(AuditEntry.seal == 3).values(actor="other"))
    make_anew(sessions, "not the portal's")
    assert kinds(check(sessions)) == [(Kind.SIGNATURE, 5)]
    write(sessions, 1, now())
    assert kinds(check(sessions)) == [(Kind.SIGNATURE, 6)], "the worker must not sign another's chain"


def test_a_chain_made_anew_with_the_key_is_found_by_a_head_kept_elsewhere(sessions: Sessions) -> None:
    write(sessions, 5)
    kept = head_of(sessions)
    write(sessions, 2, now())
    assert check(sessions, anchor=kept).sound
    tamper(sessions, update(AuditEntry).where(AuditEntry.seal == 3).values(actor="other"))
    make_anew(sessions, KEY)
    assert check(sessions).sound
    assert kinds(check(sessions, anchor=kept)) == [(Kind.ANCHOR, 5)]
    assert kinds(check(sessions, anchor=Link(99, "0" * 64))) == [(Kind.ANCHOR, 99)]


def test_a_removed_head_stops_the_sealing_until_it_is_signed_anew(sessions: Sessions) -> None:
    write(sessions, 3)
    tamper(sessions, delete(Fact).where(Fact.name == HEAD))
    with writing(sessions) as session:
        session.execute(insert(table_of(AuditEntry)), [ACTOR.entry(now(), "done", "firm", {})])
    with pytest.raises(NoHead):
        seal(sessions)
    assert kinds(check(sessions)) == [(Kind.HEAD, 3)]
    with writing(sessions) as session:
        assert sign_anew(session, KEY).seal == 3
    assert seal(sessions) == 1
    assert check(sessions).sound


def test_after_a_change_of_the_key_the_head_is_signed_anew(sessions: Sessions) -> None:
    write(sessions, 3)
    assert kinds(check(sessions, "the new key")) == [(Kind.SIGNATURE, 3)]
    with writing(sessions) as session:
        sign_anew(session, "the new key")
    assert check(sessions, "the new key").sound


def test_only_one_process_seals(sessions: Sessions) -> None:
    assert leases.acquire(sessions, sealing.LEASE, "another")
    write(sessions, 3)
    assert check(sessions).waiting == 3


def test_many_writers_at_once_make_one_chain(sessions: Sessions, catalogue: Catalogue) -> None:
    def work(first: int) -> None:
        for number in range(first, first + 5):
            with writing(sessions) as session:
                Writer(session, catalogue, actor=f"user/{first}").write([record(number)])

    stop = threading.Event()
    sealers = [Sealer(sessions, KEY, stop).start() for _ in range(2)]
    writers = [threading.Thread(target=work, args=(first,)) for first in (1, 11, 21)]
    for thread in writers:
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    for thread in sealers:
        thread.join()
    seal(sessions)
    report = check(sessions)
    assert (report.sound, report.entries) == (True, 15)


def old_and_new(sessions: Sessions) -> None:
    write(sessions, 12, now() - timedelta(days=400))
    write(sessions, 3, now() - timedelta(days=1))


def test_pruning_keeps_the_rest_verifiable(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "BATCH", 5)
    old_and_new(sessions)
    done = prune(sessions, KEY, today_china() - timedelta(days=200), ACTOR)
    assert (done.entries, done.upto.seal) == (12, 12)
    seal(sessions)
    report = check(sessions)
    assert (report.sound, report.start.seal, report.entries, report.end.seal) == (True, 12, 4, 16)
    with sessions() as session:
        pruned = entries(session, Filter(actions=("audit.pruned",)), 5)
    assert [(one.actor, one.changes["entries"]) for one in pruned] == [("tester", 12)]
    assert prune(sessions, KEY, today_china() - timedelta(days=200), ACTOR).entries == 0


def test_pruning_keeps_six_months(sessions: Sessions) -> None:
    old_and_new(sessions)
    with pytest.raises(TooYoung, match="183 days"):
        prune(sessions, KEY, today_china() - timedelta(days=182), ACTOR)
    assert check(sessions).entries == 15


def test_a_log_that_is_not_whole_is_not_pruned(sessions: Sessions) -> None:
    old_and_new(sessions)
    tamper(sessions, update(AuditEntry).where(AuditEntry.seal == 2).values(actor="other"))
    with pytest.raises(Unsound):
        prune(sessions, KEY, today_china() - timedelta(days=200), ACTOR)
    with sessions() as session:
        assert session.scalar(select(func.count(AuditEntry.id))) == 15


def test_pruning_by_hand_is_found(sessions: Sessions) -> None:
    old_and_new(sessions)
    with sessions() as session:
        last = session.scalars(select(AuditEntry).where(AuditEntry.seal == 12)).one()
    forged = Fact(name="audit_checkpoint", value=f'{{"seal":12,"hash":"{last.hash}","signature":"x"}}')
    with writing(sessions) as session:
        session.execute(delete(AuditEntry).where(AuditEntry.seal <= 12))
        session.add(forged)
    assert kinds(check(sessions)) == [(Kind.CHECKPOINT, 12)]


def test_entries_put_back_among_the_pruned_are_found(sessions: Sessions) -> None:
    old_and_new(sessions)
    prune(sessions, KEY, today_china() - timedelta(days=200), ACTOR)
    tamper(sessions, insert(table_of(AuditEntry)).values(**ACTOR.entry(LONG_AGO, "forged", "f", {}), seal=4, hash=""))
    assert kinds(check(sessions)) == [(Kind.INSERTED, 4)]


def test_an_empty_log_is_whole(sessions: Sessions) -> None:
    report = check(sessions)
    assert (report.sound, report.end, report.entries) == (True, START, 0)


@given(st.dictionaries(st.text(), st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text()), st.randoms())
def test_the_hash_does_not_depend_on_the_order_of_keys(changes: dict[str, Any], chance: Any) -> None:
    shuffled = list(changes.items())
    chance.shuffle(shuffled)
    assert hash_after("", (1, LONG_AGO, changes)) == hash_after("", (1, LONG_AGO, dict(shuffled)))


@pytest.fixture
def log(sessions: Sessions) -> Callable[..., list[int]]:
    """`log(**filter)`: ids found, newest first."""
    rows = [
        ACTOR.entry(LONG_AGO + timedelta(hours=place // 4), ("made", "changed")[place % 2], f"firm {place % 3}", {})
        for place in range(24)
    ]
    with writing(sessions) as session:
        session.execute(insert(table_of(AuditEntry)), rows)

    def read(**wanted: Any) -> list[int]:
        with sessions() as session:
            return [entry.id for some in all_entries(session, Filter(**wanted), 5) for entry in some]

    return read


def test_pages_hold_every_entry_once_newest_first(log: Callable[..., list[int]]) -> None:
    assert log() == sorted(log(), reverse=True)
    assert len(log()) == len(set(log())) == 24


def test_filters_hold_together(log: Callable[..., list[int]]) -> None:
    assert len(log(actions=("made",))) == 12
    assert len(log(actions=("made",), subjects=("firm 0",))) == 4
    assert len(log(subjects=("firm 0", "firm 1"))) == 16
    assert log(actors=("nobody",)) == log(subjects=()) == []
    assert len(log(first=date(2025, 1, 1), last=date(2025, 1, 1))) == 24
    assert log(first=date(2025, 1, 2)) == log(last=date(2024, 12, 31)) == []


def test_what_came_after_an_entry_was_seen(sessions: Sessions, log: Callable[..., list[int]]) -> None:
    with sessions() as session:
        seen = newest_id(session, "firm 1")
        assert later(session, "firm 1", seen) == []
        assert len(later(session, "firm 1", 0)) == 8
        assert newest_id(session, "nobody") == 0


def test_a_place_as_text_comes_back() -> None:
    place = Place(datetime(2026, 2, 3, 4, 5, 6, 789012, tzinfo=UTC), 42)
    assert Place.of(str(place)) == place
    assert Place.of("x") is Place.of("1-") is Place.of("1-2-3") is None
