"""Editions from draft to publication and back: who may, what nobody sees, what never changes, what a crash leaves."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session, sessionmaker

from portal.care import objections
from portal.care.edition_preview import preview
from portal.care.objections import Maker, Not, NotTaken
from portal.indexing.firms import read_firms
from portal.indexing.sessions import Sessions, writing
from portal.models import (
    AuditEntry,
    Edition,
    EditionState,
    Job,
    JobState,
    Objection,
    Organisation,
    OutboxRow,
    Ranking,
    Supplier,
    User,
    Verdict,
    WebImport,
)
from portal.register.audit import Actor
from portal.register.catalogue import Catalogue
from portal.register.edition_life import Refused, Step, Why
from portal.register.editions import write_places
from portal.register.problems import WriteError
from portal.register.ranking import RankingRequest
from portal.register.versions import raise_versions
from portal.register.writer import Writer
from portal.workspace import edition_jobs
from portal.workspace.handlers import HANDLERS
from portal.workspace.jobs import Run, Runner
from tests.factories import certificate_facts, credit_code, edition_facts, ranking_facts, record
from tests.portal.test_ranking import firm

TODAY = date(2026, 5, 4)
REQUEST = RankingRequest(sector="machinery", period="2025", as_of=date(2025, 12, 31))
MAKER, SECOND, THIRD = 0, 1, 2


class Office:
    """Three people of the ministry, and a worker that does a job when told."""

    def __init__(self, sessions: Sessions, catalogue: Catalogue) -> None:
        self.sessions, self.catalogue = sessions, catalogue
        with writing(sessions) as session:
            organisation = Organisation(kind="ministry", name="部", state="approved")
            session.add(organisation)
            session.flush()
            people = [
                User(organisation_id=organisation.id, sign_in=str(n), name="王芳", role="staff_publisher")
                for n in range(3)
            ]
            session.add_all(people)
            session.flush()
            self.people = [one.id for one in people]
            self.users = [User(id=one.id, organisation_id=organisation.id) for one in people]

    def maker(self, who: int) -> Maker:
        return Maker(self.people[who], self.users[who].organisation_id, Actor(f"user/{self.people[who]}"))

    def write(self, *numbers: int, met: int = 100) -> None:
        with writing(self.sessions) as session:
            writer = Writer(session, self.catalogue, actor="test")
            writer.write([firm(self.catalogue, number, met - number) for number in numbers])

    def ask(self, request: RankingRequest = REQUEST) -> int:
        with writing(self.sessions) as session:
            return edition_jobs.ask(session, self.users[MAKER], self.catalogue, request, Actor("user/1")).id

    def work(self) -> bool:
        return Runner(self.sessions, self.catalogue, HANDLERS, threading.Event()).run_one()

    def draft(self, code: str = "m-2025", *numbers: int, **stated: Any) -> int:
        with writing(self.sessions) as session:
            writer = Writer(session, self.catalogue, actor="import")
            ranked = [ranking_facts(number, place) for place, number in enumerate(numbers, 1)]
            facts = edition_facts(code, **stated)
            return writer.draft_edition(facts, ranked, made_by=self.people[MAKER]).id

    def step(self, identifier: int, who: int, take: Callable[[Step, Edition], Any], on: date = TODAY) -> Any:
        with writing(self.sessions) as session:
            step = Step(session, self.people[who], Actor(f"user/{self.people[who]}"), on)
            row = step.locked(identifier)
            assert row is not None
            return take(step, row)

    def notice(self, identifier: int, who: int = MAKER) -> None:
        self.step(identifier, who, lambda step, row: step.open_notice(row, 7))

    def publish(self, identifier: int, who: int = SECOND, days: int = 8) -> list[int]:
        on = TODAY + timedelta(days=days)
        found: list[int] = self.step(identifier, who, lambda step, row: step.publish(row), on)
        return found

    def take_back(self, identifier: int, reason: str = "名单有误", who: int = SECOND) -> list[int]:
        found: list[int] = self.step(identifier, who, lambda step, row: step.take_back(row, reason))
        return found

    def object(self, identifier: int, on: date = TODAY, number: str = "", who: int = THIRD) -> int:
        with writing(self.sessions) as session:
            code = session.get_one(Edition, identifier).code
            said = "排名依据的证书已经撤销。"
            return objections.object_to(session, self.maker(who), code, said, number=number, today=on).id

    def answer(self, identifier: int, verdict: Verdict) -> None:
        with writing(self.sessions) as session:
            who = self.people[SECOND]
            objections.answer(session, identifier, verdict, "已核实。", user_id=who, actor=Actor(f"user/{who}"))

    def edition(self, identifier: int) -> Edition:
        with self.sessions() as session:
            return session.get_one(Edition, identifier)

    def places(self, identifier: int) -> list[tuple[int, int, int | None, str]]:
        with self.sessions() as session:
            wanted = select(Ranking.supplier_id, Ranking.position, Ranking.score, Ranking.grade)
            rows = session.execute(wanted.where(Ranking.edition_id == identifier).order_by(Ranking.position))
            return [(row.supplier_id, row.position, row.score, row.grade) for row in rows]

    def count(self, model: type[Any], *where: Any) -> int:
        with self.sessions() as session:
            return session.scalar(select(func.count()).select_from(model).where(*where)) or 0

    def versions(self) -> list[int]:
        with self.sessions() as session:
            return list(session.scalars(select(Supplier.index_version).order_by(Supplier.id)))

    def indexed(self) -> set[str]:
        """Codes of the editions that documents of the index are made from."""
        with self.sessions() as session:
            firms = read_firms(session, session.scalars(select(Supplier.id)).all())
            return {row.code for one in firms for row in one.rankings}


@pytest.fixture
def office(sessions: Sessions, catalogue: Catalogue) -> Office:
    return Office(sessions, catalogue)


@pytest.fixture
def lite(sqlite_database: Engine, catalogue: Catalogue) -> Office:
    return Office(sessionmaker(sqlite_database), catalogue)


def test_from_the_draft_to_the_publication_and_back(office: Office) -> None:
    office.write(1, 2, 3)
    made = office.ask()
    assert (office.edition(made).state, office.places(made)) == (EditionState.MAKING, [])
    assert office.work()
    row = office.edition(made)
    assert (row.code, row.state, row.peers, row.official) == ("machinery-2025-computed", "draft", 3, False)
    assert [place[1] for place in office.places(made)] == [1, 2, 3]
    assert (office.versions(), office.indexed()) == ([1, 1, 1], set())
    office.notice(made)
    assert office.edition(made).notice_until == TODAY + timedelta(days=7)
    assert office.indexed() == set()
    assert office.publish(made) == [made]
    with writing(office.sessions) as session:
        edition_jobs.ask_due(session, office.users[SECOND], session.get_one(Edition, made), [made])
    assert office.work()
    assert (office.versions(), office.indexed()) == ([2, 2, 2], {"machinery-2025-computed"})
    assert office.count(OutboxRow, OutboxRow.version == 2) == 3
    assert office.edition(made).current
    assert office.take_back(made) == [made]
    assert (office.edition(made).current, office.indexed()) == (False, set())
    with office.sessions() as session:
        told = session.scalars(select(AuditEntry.action).where(AuditEntry.subject.startswith("edition:"))).all()
    assert told == ["edition.asked", "edition.drafted", "edition.notice", "edition.published", "edition.taken_back"]


def test_neither_the_maker_nor_who_opened_the_notice_publishes(office: Office) -> None:
    office.write(1)
    made = office.draft("m-2025", 1)
    office.notice(made, SECOND)
    for who in (MAKER, SECOND):
        with pytest.raises(Refused) as refused:
            office.publish(made, who)
        assert refused.value.why is Why.SAME_PERSON
    assert office.publish(made, THIRD) == [made]


@pytest.mark.parametrize(("days", "why"), [(0, Why.NOTICE), (7, Why.NOTICE), (8, None)])
def test_the_notice_runs_for_all_its_days(lite: Office, days: int, why: Why | None) -> None:
    lite.write(1)
    made = lite.draft("m-2025", 1)
    lite.notice(made)
    if why is None:
        assert lite.publish(made, days=days) == [made]
        return
    with pytest.raises(Refused) as refused:
        lite.publish(made, days=days)
    assert refused.value.why is why
    assert lite.edition(made).published_at is None


def test_objections_are_answered_before_the_publication(office: Office) -> None:
    office.write(1, 2)
    made = office.draft("m-2025", 1, 2)
    with pytest.raises(NotTaken) as early:
        office.object(made)  # nobody sees a draft, so nobody objects to it
    assert early.value.why is Not.OVER
    office.notice(made)
    first = office.object(made, TODAY + timedelta(days=7), credit_code(2))
    with pytest.raises(NotTaken) as late:
        office.object(made, TODAY + timedelta(days=8))
    assert late.value.why is Not.OVER
    with pytest.raises(NotTaken) as unknown:
        office.object(made, number="1")
    assert unknown.value.why is Not.UNKNOWN_FIRM
    with pytest.raises(Refused) as refused:
        office.publish(made)
    assert refused.value.why is Why.UNANSWERED
    office.answer(first, Verdict.NOT_UPHELD)
    with pytest.raises(NotTaken) as twice:
        office.answer(first, Verdict.UPHELD)
    assert twice.value.why is Not.ANSWERED
    assert office.publish(made) == [made]
    with office.sessions() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "edition.objection")).all()
    assert [entry.changes for entry in entries] == [{}], "the log tells neither of whom nor what it says"


def test_an_objection_that_is_upheld_bars_the_publication(lite: Office) -> None:
    lite.write(1)
    made = lite.draft("m-2025", 1)
    lite.notice(made)
    lite.answer(lite.object(made), Verdict.UPHELD)
    with pytest.raises(Refused) as refused:
        lite.publish(made)
    assert refused.value.why is Why.UPHELD
    assert lite.take_back(made, "异议成立") == []
    assert (lite.edition(made).state, lite.edition(made).published_at) == (EditionState.TAKEN_BACK, None)
    with pytest.raises(WriteError, match="a code of its own"):
        lite.draft("m-2025", 1)
    corrected = lite.draft("m-2025-2", 1)
    lite.notice(corrected)
    assert lite.publish(corrected) == [corrected]


def test_an_organisation_objects_so_many_times(lite: Office) -> None:
    lite.write(1)
    made = lite.draft("m-2025", 1)
    lite.notice(made)
    for _ in range(objections.MOST_EACH):
        lite.object(made)
    with pytest.raises(NotTaken) as refused:
        lite.object(made)
    assert refused.value.why is Not.TOO_MANY
    assert lite.count(Objection) == objections.MOST_EACH


def test_the_edition_before_is_current_again(office: Office) -> None:
    office.write(1, 2)
    old, new = office.draft("m-2024", 1, period="2024", as_of=date(2024, 12, 31)), office.draft("m-2025", 1, 2)
    for made in (old, new):
        office.notice(made)
    assert office.publish(old) == [old]
    assert office.publish(new) == [new, old]
    assert [office.edition(one).current for one in (old, new)] == [False, True]
    assert office.take_back(new) == [new, old]
    assert [office.edition(one).current for one in (old, new)] == [True, False]


def test_computed_anew_after_it_was_taken_back(lite: Office) -> None:
    lite.write(1)
    made = lite.ask()
    with pytest.raises(WriteError, match="being computed already"):
        lite.ask()
    lite.work()
    with pytest.raises(WriteError, match="as a draft"):
        lite.ask()
    lite.notice(made)
    lite.take_back(made)
    again = lite.ask()
    assert lite.edition(again).code == "machinery-2025-computed-2"


def test_nothing_to_rank_makes_no_draft(lite: Office) -> None:
    made = lite.ask()
    assert lite.work()
    row = lite.edition(made)
    assert (row.state, row.remark) == (EditionState.MAKING, edition_jobs.NOTHING)
    lite.step(made, SECOND, lambda step, row: step.discard(row))
    assert lite.count(Edition) == 0


def test_a_draft_that_is_discarded_leaves_nothing(lite: Office) -> None:
    lite.write(1)
    made = lite.draft("m-2025", 1)
    lite.step(made, SECOND, lambda step, row: step.discard(row))
    assert (lite.count(Edition), lite.count(Ranking)) == (0, 0)
    assert lite.draft("m-2025", 1)


def test_a_published_list_is_not_discarded(lite: Office) -> None:
    lite.write(1)
    made = lite.draft("m-2025", 1)
    lite.notice(made)
    lite.publish(made)
    for take in (lambda step, row: step.discard(row), lambda step, row: step.open_notice(row, 1)):
        with pytest.raises(Refused) as refused:
            lite.step(made, SECOND, take)
        assert refused.value.why is Why.STATE


def dying(turn: int, inner: Callable[..., Any]) -> Callable[..., Any]:
    """`inner`, which kills the worker at that call."""
    calls: Iterator[int] = iter(range(1_000))

    def call(*given: Any, **named: Any) -> Any:
        if next(calls) == turn:
            raise Died
        return inner(*given, **named)

    return call


class Died(BaseException):
    """As by kill -9: nothing is caught, nothing written."""


@pytest.mark.parametrize("turn", range(3))
def test_a_worker_that_dies_leaves_no_half_edition(office: Office, monkeypatch: pytest.MonkeyPatch, turn: int) -> None:
    monkeypatch.setattr(edition_jobs, "AT_ONCE", 2)
    office.write(*range(1, 7))
    made = office.ask()
    write = write_places
    monkeypatch.setattr(edition_jobs, "write_places", dying(turn, write))
    with pytest.raises(Died):
        office.work()
    row = office.edition(made)
    assert (row.state, row.peers, len(office.places(made))) == (EditionState.MAKING, 0, 2 * turn)
    monkeypatch.setattr(edition_jobs, "write_places", write)
    assert office.work()
    assert (office.edition(made).state, len(office.places(made))) == (EditionState.DRAFT, 6)
    assert office.count(AuditEntry, AuditEntry.action == "edition.drafted") == 1


@pytest.mark.parametrize("turn", range(3))
def test_firms_become_due_though_the_worker_dies(office: Office, monkeypatch: pytest.MonkeyPatch, turn: int) -> None:
    monkeypatch.setattr(edition_jobs, "AT_ONCE", 2)
    office.write(*range(1, 7))
    made = office.draft("m-2025", *range(1, 7))
    office.notice(made)
    with writing(office.sessions) as session:
        step = Step(session, office.people[SECOND], Actor("user/2"), TODAY + timedelta(days=8))
        row = session.get_one(Edition, made)
        edition_jobs.ask_due(session, office.users[SECOND], row, step.publish(row))
    raising = raise_versions
    monkeypatch.setattr(edition_jobs, "raise_versions", dying(turn, raising))
    with pytest.raises(Died):
        office.work()
    monkeypatch.setattr(edition_jobs, "raise_versions", raising)
    assert office.work()
    assert min(office.versions()) >= 2
    assert office.count(Job, Job.state == JobState.DONE) == 1


def test_a_draft_that_is_discarded_while_it_is_made(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edition_jobs, "AT_ONCE", 2)
    office.write(*range(1, 7))
    made = office.ask()
    step = Run.step

    def discarding(run: Run, done: int, total: int) -> Any:
        if done == total - 4:  # the first places are written
            office.step(made, SECOND, lambda step, row: step.discard(row))
        return step(run, done, total)

    monkeypatch.setattr(Run, "step", discarding)
    assert office.work()
    assert (office.count(Edition), office.count(Ranking)) == (0, 0)
    assert office.count(Job, Job.state == JobState.DONE) == 1


def test_of_two_who_publish_at_the_very_same_time_one_does(office: Office) -> None:
    office.write(1)
    made = office.draft("m-2025", 1)
    office.notice(made)
    together, told = threading.Barrier(2), []

    def publish(who: int) -> None:
        together.wait(10)
        try:
            office.publish(made, who)
            told.append("done")
        except Refused as refused:
            told.append(refused.why)

    people = [threading.Thread(target=publish, args=(who,)) for who in (SECOND, THIRD)]
    for person in people:
        person.start()
    for person in people:
        person.join(30)
    assert sorted(told) == ["done", Why.STATE]
    assert office.count(AuditEntry, AuditEntry.action == "edition.published") == 1


def test_computed_during_an_import_it_says_so(lite: Office) -> None:
    lite.write(1)
    with writing(lite.sessions) as session:
        who = {"organisation_id": lite.users[MAKER].organisation_id, "user_id": lite.people[MAKER]}
        session.add(WebImport(**who, file_name="a", file_hash="b", size=1, look={}, state="running"))
    made = lite.ask()
    assert lite.work()
    row = lite.edition(made)
    assert (row.state, row.remark) == (EditionState.DRAFT, edition_jobs.IMPORTING)


def test_the_preview_against_the_edition_before(session: Session, writer: Writer) -> None:
    held = {1: certificate_facts(), 2: certificate_facts("Q-9", expires_on=date(2026, 5, 3))}
    firms_of = [record(number, certificates=0) for number in range(1, 12)]
    certified = [replace(one, certificates=(held[n],)) if n in held else one for n, one in enumerate(firms_of, 1)]
    writer.write(certified)
    order = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    before = [ranking_facts(number, place, score=90 - place) for place, number in enumerate(order, 1)]
    writer.publish_edition(edition_facts("m-2024", period="2024", as_of=date(2024, 12, 31)), before)
    order = [4, 1, 2, 3, 5, 6, 7, 8, 11]
    now = [ranking_facts(number, place, score=90 - place) for place, number in enumerate(order[:-1], 1)]
    row = writer.draft_edition(edition_facts("m-2025"), [*now, ranking_facts(11, 9, score=3)])
    seen = preview(session, row, TODAY)

    def firms(lines: Any) -> list[tuple[str, int | None, int | None]]:
        return [(line.number, line.position, line.before) for line in lines]

    assert seen.before is not None
    assert seen.before.code == "m-2024"
    assert firms(seen.up.lines) == [(credit_code(4), 1, 4)]
    assert firms(seen.down.lines) == [(credit_code(n), place, n) for n, place in ((1, 2), (2, 3), (3, 4))]
    assert firms(seen.new.lines) == [(credit_code(11), 9, None)]
    assert firms(seen.gone.lines) == [(credit_code(9), None, 9), (credit_code(10), None, 10)]
    assert (seen.median, seen.bounds) == (85_000, (74_622, 95_378))
    assert firms(seen.outliers.lines) == [(credit_code(11), 9, None)]
    assert seen.uncertified.count == 8
    assert credit_code(1) not in [line.number for line in seen.uncertified.lines]


STEPS = st.tuples(st.sampled_from(["notice", "publish", "back", "discard"]), st.integers(0, 1), st.integers(0, 2))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, max_size=12))
def test_whatever_is_done_what_was_published_never_changes(lite: Office, steps: list[tuple[str, int, int]]) -> None:
    """And whoever publishes is a second person, only what is published is current, and each step is logged once."""
    for number in (1, 2):
        if not lite.count(Supplier, Supplier.number == credit_code(number)):
            lite.write(number)
    run = lite.count(Edition)
    ids = [lite.draft(f"e{run}-{n}", 1, 2, period=f"{n}") for n in range(2)]
    acts: dict[str, Callable[[Step, Edition], Any]] = {
        "notice": lambda step, row: step.open_notice(row, 1),
        "publish": lambda step, row: step.publish(row),
        "back": lambda step, row: step.take_back(row, "错误"),
        "discard": lambda step, row: step.discard(row),
    }
    published: dict[int, Any] = {}
    for act, which, who in steps:
        entries = lite.count(AuditEntry)
        if not lite.count(Edition, Edition.id == ids[which]):
            continue
        try:
            lite.step(ids[which], who, acts[act], TODAY + timedelta(days=0 if act == "notice" else 2))
        except Refused:
            assert lite.count(AuditEntry) == entries
            continue
        assert lite.count(AuditEntry) == entries + 1
        if act == "publish":
            row = lite.edition(ids[which])
            assert row.published_by not in (row.made_by, row.noticed_by)
            published[row.id] = lite.places(row.id)
        assert lite.count(Edition, Edition.current, Edition.state != EditionState.PUBLISHED) == 0
        assert lite.count(Edition, Edition.current) <= 1
    assert all(lite.places(one) == places for one, places in published.items())
