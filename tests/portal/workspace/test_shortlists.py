"""Lists and what stands on them: added once, given a status, carried about, removed, and all of it taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.indexing.sessions import Sessions, writing
from portal.models import EntryStatus, Organisation, Shortlist, ShortlistEntry, ShortlistNote, Undo, User, now
from portal.register.catalogue import Catalogue
from portal.register.clock import today_china
from portal.register.writer import Writer
from portal.workspace import entries, restoring, shortlists
from portal.workspace.buyer import Buyer, Reason, Refused
from portal.workspace.entries import Hand
from portal.workspace.facts import Reader
from portal.workspace.restoring import Restored
from portal.workspace.rows import row_of
from tests.factories import provenance_facts, record, supplier_key
from tests.portal.workspace.conftest import Keeping


def undo(kept: Keeping, identifier: int | None, buyer: Buyer | None = None) -> Restored:
    assert identifier is not None
    done = restoring.undo(kept.session, buyer or kept.wang, kept.session.get_one(Undo, identifier), kept.now())
    kept.session.flush()
    kept.session.expire_all()
    return done


def everything(kept: Keeping) -> list[object]:
    """Every entry and note, as they are."""
    kept.session.flush()
    kept.session.expire_all()
    entries_ = kept.session.scalars(select(ShortlistEntry).order_by(ShortlistEntry.id))
    notes = kept.session.scalars(select(ShortlistNote).order_by(ShortlistNote.id))
    return [row_of(row) for row in (*entries_, *notes)]


def test_a_firm_is_added_once(kept: Keeping, firms: list[str]) -> None:
    made = kept.make()
    done = entries.add(kept.hand(made), [firms[0], firms[0], firms[1]], kept.reader())
    assert (done.changed, done.there, done.unknown) == (2, 0, ())
    done = entries.add(kept.hand(made, kept.li), [*firms[1:3], "CN-USCC/nothing"], kept.reader())
    assert (done.changed, done.there, done.unknown) == (1, 1, ("CN-USCC/nothing",))
    assert [entry.added_by_id for entry in kept.entries(made)] == [kept.wang.id, kept.wang.id, kept.li.id]
    held = shortlists.holding(kept.session, kept.li, firms)
    assert {key: [name for _id, name in lists] for key, lists in held.items()} == {key: ["轴承"] for key in firms[:3]}
    assert shortlists.holding(kept.session, kept.other, firms) == {}


def test_a_list_that_would_overflow_takes_nothing(
    kept: Keeping, firms: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entries, "MAX_ENTRIES", 2)
    made = kept.make()
    with pytest.raises(Refused) as refused:
        entries.add(kept.hand(made), firms, kept.reader())
    assert (refused.value.reason, refused.value.most) == (Reason.LIST_FULL, 2)
    assert kept.entries(made) == []


def test_so_many_lists_and_no_more_and_each_with_a_name(kept: Keeping, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shortlists, "MAX_LISTS", 3)
    kept.make("一")
    kept.make("私", shared=False)
    with pytest.raises(Refused, match="name_taken"):
        kept.make("一", kept.li)
    kept.make("私", kept.li)  # the other one is not hers to see
    with pytest.raises(Refused, match="too_many_lists"):
        kept.make("四")
    kept.make("一", kept.other)


def test_who_sees_and_manages_which(kept: Keeping) -> None:
    shared, private = kept.make("共"), kept.make("私", shared=False)

    def names(buyer: Buyer) -> set[str]:
        return {each.shortlist.name for each in shortlists.summaries(kept.session, buyer)}

    assert names(kept.wang) == {"共", "私"}
    assert names(kept.li) == {"共"}
    assert names(kept.other) == set()
    admin = Buyer(kept.li.id, kept.li.organisation_id, admin=True)
    with pytest.raises(Refused, match="not_yours"):
        shortlists.delete(kept.session, kept.li, shared, kept.now())
    shortlists.change(kept.session, admin, shared, name="改", note="注", shared=False)
    assert (shared.name, shared.note, shared.shared) == ("改", "注", True)
    shortlists.change(kept.session, kept.wang, private, name="公", note="", shared=True)
    assert names(kept.li) == {"改", "公"}


def test_a_rejection_says_why(kept: Keeping, firms: list[str]) -> None:
    made = kept.make()
    entries.add(kept.hand(made), firms[:2], kept.reader())
    first, second = kept.entries(made)
    with pytest.raises(Refused, match="reason_needed"):
        entries.set_status(kept.hand(made), [first.id], EntryStatus.NOT_RECOMMENDED)
    done = entries.set_status(kept.hand(made, kept.li), [first.id], EntryStatus.NOT_RECOMMENDED, "产能不足")
    assert done.changed == 1
    assert (first.status, first.reason, first.status_by_id) == ("not_recommended", "产能不足", kept.li.id)
    assert second.status == "new"
    again = entries.set_status(kept.hand(made), [first.id], EntryStatus.NOT_RECOMMENDED, "产能不足")
    assert (again.changed, again.there, again.undo) == (0, 1, None)


@pytest.fixture
def full(kept: Keeping, firms: list[str]) -> Shortlist:
    """A list with every firm, some with status and notes."""
    made = kept.make()
    entries.add(kept.hand(made), firms, kept.reader())
    ids = [entry.id for entry in kept.entries(made)]
    entries.set_status(kept.hand(made), ids[:2], EntryStatus.CONTACTED)
    for text in ("已致电", "等待报价"):
        assert entries.write_note(kept.hand(made, kept.li), ids[0], text)
    kept.session.flush()
    return made


def test_every_action_is_taken_back_exactly(kept: Keeping, full: Shortlist) -> None:
    ids = [entry.id for entry in kept.entries(full)]
    target = kept.make("二")
    before = everything(kept)
    actions: list[Callable[[], entries.Done]] = [
        lambda: entries.remove(kept.hand(full), ids[:3]),
        lambda: entries.set_status(kept.hand(full), ids, EntryStatus.RECOMMENDED),
        lambda: entries.move(kept.hand(full), ids, target),
        lambda: entries.copy(kept.hand(full), ids, target),
        lambda: entries.take_note(kept.hand(full), ids, kept.reader()),
    ]
    for act in actions:
        done = act()
        assert everything(kept) != before
        assert undo(kept, done.undo).left == 0
        assert everything(kept) == before


def test_an_undo_works_once_for_who_did_it_and_for_a_day(kept: Keeping, full: Shortlist) -> None:
    done = entries.remove(kept.hand(full), [entry.id for entry in kept.entries(full)][:1])
    assert undo(kept, done.undo) == Restored(possible=True, back=1, list_id=full.id)
    assert not undo(kept, done.undo).possible
    late = entries.remove(kept.hand(full), [entry.id for entry in kept.entries(full)][:1])
    record_ = kept.session.get_one(Undo, late.undo)
    assert not restoring.undo(kept.session, kept.wang, record_, kept.now() + timedelta(days=1)).possible
    assert len(kept.entries(full)) == 4


def test_what_others_did_meanwhile_stays(kept: Keeping, full: Shortlist, firms: list[str]) -> None:
    first, second, third, *_ = (entry.id for entry in kept.entries(full))
    mine = entries.set_status(kept.hand(full), [first, second], EntryStatus.RECOMMENDED)
    entries.set_status(kept.hand(full, kept.li), [second, third], EntryStatus.NOT_RECOMMENDED, "价格高")
    done = undo(kept, mine.undo)
    assert (done.back, done.left) == (1, 1)
    statuses = {entry.id: entry.status for entry in kept.entries(full)}
    assert (statuses[first], statuses[second], statuses[third]) == ("contacted", "not_recommended", "not_recommended")

    removed = entries.remove(kept.hand(full), [first, second])
    entries.add(kept.hand(full, kept.li), firms[:1], kept.reader())
    done = undo(kept, removed.undo)
    assert (done.back, done.left) == (1, 1)
    assert len(kept.entries(full)) == 5
    assert kept.entries(full)[0].added_by_id == kept.li.id

    target = kept.make("二")
    copied = entries.copy(kept.hand(full), [third], target)
    assert entries.write_note(kept.hand(target, kept.li), kept.entries(target)[0].id, "要")
    assert undo(kept, copied.undo).left == 1


def test_a_firm_that_is_there_is_not_moved_or_copied(kept: Keeping, full: Shortlist, firms: list[str]) -> None:
    target = kept.make("二")
    entries.add(kept.hand(target), firms[:1], kept.reader())
    ids = [entry.id for entry in kept.entries(full)]
    done = entries.copy(kept.hand(full), ids[:2], target)
    assert (done.changed, done.there) == (1, 1)
    done = entries.move(kept.hand(full), ids, target)
    assert (done.changed, done.there) == (3, 2)
    assert [entry.id for entry in kept.entries(full)] == ids[:2]


def test_a_copy_takes_its_notes_along(kept: Keeping, full: Shortlist) -> None:
    target = kept.make("二")
    entries.copy(kept.hand(full), [kept.entries(full)[0].id], target)
    copied = kept.entries(target)[0]
    assert copied.status == "contacted"
    notes = kept.session.scalars(select(ShortlistNote).where(ShortlistNote.entry_id == copied.id)).all()
    assert [(note.text, note.author_id) for note in notes] == [("已致电", kept.li.id), ("等待报价", kept.li.id)]


def test_only_the_author_deletes_a_note(kept: Keeping, full: Shortlist) -> None:
    before = everything(kept)
    note = kept.session.scalars(select(ShortlistNote).order_by(ShortlistNote.id)).first()
    assert note is not None
    with pytest.raises(Refused, match="not_yours"):
        entries.delete_note(kept.hand(full), note)
    identifier = entries.delete_note(kept.hand(full, kept.li), note)
    assert len(everything(kept)) == len(before) - 1
    assert undo(kept, identifier, kept.li).back == 1
    assert everything(kept) == before


def test_a_deleted_list_comes_back_or_goes_for_good(kept: Keeping, full: Shortlist) -> None:
    before = everything(kept)
    identifier = shortlists.delete(kept.session, kept.wang, full, kept.now())
    assert shortlists.summaries(kept.session, kept.wang) == []
    assert undo(kept, identifier).possible
    assert everything(kept) == before
    at = kept.now()
    shortlists.delete(kept.session, kept.wang, full, at)
    other = kept.make("二")
    shortlists.delete(kept.session, kept.wang, other, at + timedelta(days=3))
    assert everything(kept) == []
    assert list(kept.session.scalars(select(Shortlist.name))) == ["二"]


def test_the_list_used_last(kept: Keeping, firms: list[str]) -> None:
    assert shortlists.used_last(kept.session, kept.wang) is None
    first, second = kept.make("一"), kept.make("二")
    assert shortlists.used_last(kept.session, kept.li) is None
    assert shortlists.used_last(kept.session, kept.wang) == second
    entries.add(kept.hand(first), firms[:1], kept.reader())
    assert shortlists.used_last(kept.session, kept.wang) == first
    entries.add(kept.hand(second, kept.li), firms[:1], kept.reader())
    assert shortlists.used_last(kept.session, kept.wang) == first
    assert shortlists.used_last(kept.session, kept.li) == second


def test_two_who_add_the_same_firms_at_once_leave_one_entry_each(sessions: Sessions, catalogue: Catalogue) -> None:
    with writing(sessions) as session:
        Writer(session, catalogue, actor="t", provenance=provenance_facts()).write([record(n) for n in range(1, 4)])
        organisation = Organisation(kind="buyer", name="甲集团", state="approved")
        session.add(organisation)
        session.flush()
        users = [User(organisation_id=organisation.id, sign_in=name, name=name, role="buyer") for name in "ab"]
        session.add_all(users)
        session.flush()
        buyers = [Buyer(user.id, organisation.id) for user in users]
        list_id = shortlists.create(session, buyers[0], now(), name="轴承", shared=True).id
    keys = [supplier_key(number) for number in range(1, 4)]
    barrier = Barrier(2, timeout=20)
    found: list[tuple[int, int]] = []

    def add(buyer: Buyer) -> None:
        barrier.wait()
        with writing(sessions) as session:
            hand = Hand(session, buyer, session.get_one(Shortlist, list_id), now())
            done = entries.add(hand, keys, Reader(session, catalogue, today_china()))
            found.append((done.changed, done.there))

    threads = [Thread(target=add, args=(buyer,)) for buyer in buyers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [(0, 3), (3, 0)]
    with sessions() as session:
        assert _count(session) == 3


def _count(session: Session) -> int:
    return session.scalar(select(func.count(ShortlistEntry.id))) or 0
