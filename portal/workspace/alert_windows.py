"""What changed for each of many alerts, each since it looked last: its query put to the images of changed firms.

A firm's notes are its history. What it was when an alert looked last is the oldest note since then; what it is now, its
image. All of them, of every window, stand in one index in memory, which is asked each distinct query once.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.indexing.images import Image, unpacked
from portal.indexing.vocabulary import vocabulary
from portal.models import ChangeNote, FirmImage, ShortlistEntry, Supplier
from portal.register.catalogue import Catalogue
from portal.register.loading import chunks
from portal.workspace.buyer import Buyer
from portal.workspace.changes import Change
from portal.workspace.differences import differences
from portal.workspace.digests import Found, Kind, Told, Why
from portal.workspace.own_lists import mine_among
from search.contract import SearchQuery

FIRMS = 5_000
"""Looked at together: bounds what is held in memory when everyone's rank changes."""

CATALOGUE = "catalogue"
"""The trouble of conditions that name what the catalogue does not know any more."""


@dataclass(frozen=True, slots=True)
class Question:
    """What an alert asks: a query, among or without one's own suppliers (`mine`), or which firms of a shortlist."""

    owner: Buyer
    last_seq: int
    query: SearchQuery | None = None
    mine: str = ""
    shortlist_id: int | None = None
    members: frozenset[int] = frozenset()


@dataclass(slots=True)
class Result:
    """The answer: what was found, the firms on the shortlist by now, or why there is none."""

    found: Found = field(default_factory=Found)
    members: frozenset[int] = frozenset()
    trouble: str = ""


def results(session: Session, catalogue: Catalogue, questions: Sequence[Question]) -> list[Result]:
    """The answers, in the order of the questions; the session must see one state of the database throughout."""
    # Only the worker gets here: a web process beside another engine is spared tantivy (see search.engine).
    from search.matching import Matcher  # noqa: PLC0415

    answers = [Result() for _ in questions]
    asked = list(zip(questions, answers, strict=True))
    _look_at_lists(session, asked)
    queries = list(dict.fromkeys(question.query for question in questions if question.query is not None))
    numbers = {query: number for number, query in enumerate(queries)}
    matcher = Matcher(vocabulary(catalogue), queries)
    for firms in chunks(_changed_since(session, min(question.last_seq for question in questions)), FIRMS):
        history = History.read(session, catalogue, firms)
        matched = list(matcher.places([image.document for image in history.images]))
        mine = _Mine(session, history)
        for question, answer in asked:
            if question.query is None:
                _compare_list(question, answer, history)
                continue
            places = matched[numbers[question.query]]
            if places is None:
                answer.trouble = CATALOGUE
            elif places:
                _compare(question, answer.found, history, mine.among(question, places))
    return answers


def _changed_since(session: Session, seq: int) -> list[int]:
    wanted = select(ChangeNote.supplier_id).where(ChangeNote.seq > seq).group_by(ChangeNote.supplier_id)
    return list(session.scalars(wanted.order_by(func.min(ChangeNote.id))))


@dataclass(slots=True)
class History:
    """Images of some firms, and by firm: when each of its notes was made, the places of those, and of what it is now.

    A place None: there was no such firm, or there is none any more. `firms`: by place.
    """

    catalogue: Catalogue
    images: list[Image] = field(default_factory=list)
    firms: list[int] = field(default_factory=list)
    seqs: dict[int, list[int]] = field(default_factory=dict)
    places: dict[int, list[int | None]] = field(default_factory=dict)
    now: dict[int, int | None] = field(default_factory=dict)
    merged: frozenset[int] = frozenset()
    _told: dict[tuple[int, int], tuple[Change, ...]] = field(default_factory=dict)

    @classmethod
    def read(cls, session: Session, catalogue: Catalogue, firms: Sequence[int]) -> History:
        """The history of these firms."""
        made = cls(catalogue)
        for some in chunks(firms):
            columns = select(ChangeNote.supplier_id, ChangeNote.seq, ChangeNote.before)
            notes = columns.where(ChangeNote.supplier_id.in_(some)).order_by(ChangeNote.seq, ChangeNote.id)
            for firm, seq, before in session.execute(notes):
                made.seqs.setdefault(firm, []).append(seq)
                made.places.setdefault(firm, []).append(made._place(firm, before))
            present = select(FirmImage.supplier_id, FirmImage.image).where(FirmImage.supplier_id.in_(some))
            for firm, image in session.execute(present):
                made.now[firm] = made._place(firm, image)
            gone = select(Supplier.id).where(Supplier.id.in_(some), Supplier.merged_into_id.is_not(None))
            made.merged |= frozenset(session.scalars(gone))
        return made

    def _place(self, firm: int, kept: bytes | None) -> int | None:
        if kept is None:
            return None
        self.images.append(unpacked(kept))
        self.firms.append(firm)
        return len(self.images) - 1

    def ends(self, firm: int, last_seq: int) -> tuple[int | None, int | None] | None:
        """The places of what the firm was after `last_seq` and of what it is; None where nothing was noted since."""
        number = bisect_right(self.seqs[firm], last_seq)
        return None if number == len(self.seqs[firm]) else (self.places[firm][number], self.now.get(firm))

    def told(self, kind: Kind, firm: int, before: int | None, after: int | None) -> Told:
        """What to tell of a firm that has an image before or after."""
        place = before if after is None else after
        assert place is not None  # noqa: S101  (one of them matched)
        image = self.images[place]
        why = None
        if after is None:
            why = Why.MERGED if firm in self.merged else Why.WITHDRAWN
        elif before is None:
            why = Why.NEW
        changes = () if before is None or after is None else self.changes(before, after)
        document = image.document
        return Told(kind=kind, key=document.id, name_zh=image.name_zh, name_en=image.name_en, why=why, changes=changes)

    def changes(self, before: int, after: int) -> tuple[Change, ...]:
        """What is otherwise, worked out once."""
        pair = before, after
        if pair not in self._told:
            self._told[pair] = differences(self.images[before], self.images[after], self.catalogue)
        return self._told[pair]


class _Mine:
    """Which of the changed firms are own suppliers of whom, looked up once an organisation and owner."""

    def __init__(self, session: Session, history: History) -> None:
        self._session = session
        self._history = history
        self._of: dict[Buyer, frozenset[int]] = {}

    def among(self, question: Question, places: frozenset[int]) -> frozenset[int]:
        if not question.mine:
            return places
        mine = self._places(question.owner)
        return places & mine if question.mine == "only" else places - mine

    def _places(self, buyer: Buyer) -> frozenset[int]:
        if buyer not in self._of:
            keys = [image.document.id for image in self._history.images]
            own: set[str] = set()
            for some in chunks(dict.fromkeys(keys)):
                own |= mine_among(self._session, buyer, some)
            self._of[buyer] = frozenset(place for place, key in enumerate(keys) if key in own)
        return self._of[buyer]


def _compare(question: Question, found: Found, history: History, matched: frozenset[int]) -> None:
    """Firms of which an image matches: in the result before, now, or both."""
    for firm in dict.fromkeys(history.firms[place] for place in sorted(matched)):
        ends = history.ends(firm, question.last_seq)
        if ends is not None:
            _judge(found, history, firm, ends, (ends[0] in matched, ends[1] in matched))


def _judge(
    found: Found, history: History, firm: int, ends: tuple[int | None, int | None], inside: tuple[bool, bool]
) -> None:
    if inside == (True, True):
        told = history.told(Kind.CHANGED, firm, *ends)
        if told.changes:
            found.add(told)
    elif inside != (False, False):
        found.add(history.told(Kind.LEFT if inside[0] else Kind.ENTERED, firm, *ends))


def _compare_list(question: Question, answer: Result, history: History) -> None:
    """Firms that stand on the list now as they did before."""
    for firm in sorted(question.members & answer.members & history.seqs.keys()):
        ends = history.ends(firm, question.last_seq)
        if ends is not None:
            _judge(answer.found, history, firm, ends, (ends[0] is not None, ends[1] is not None))


def _look_at_lists(session: Session, asked: Iterable[tuple[Question, Result]]) -> None:
    """Who stands on the lists now; whom somebody has put there, and taken away, is told first."""
    mine = [(question, answer) for question, answer in asked if question.shortlist_id is not None]
    members: dict[int, set[int]] = {}
    for some in chunks({question.shortlist_id for question, _ in mine}):
        entries = select(ShortlistEntry.shortlist_id, ShortlistEntry.supplier_id)
        for shortlist, firm in session.execute(entries.where(ShortlistEntry.shortlist_id.in_(some))):
            members.setdefault(shortlist, set()).add(firm)
    moved: set[int] = set()
    for question, answer in mine:
        answer.members = frozenset(members.get(question.shortlist_id or 0, ()))
        moved |= answer.members ^ question.members
    names = dict(_named(session, moved))
    for question, answer in mine:
        for kind, why, firms in (
            (Kind.ENTERED, Why.LISTED, answer.members - question.members),
            (Kind.LEFT, Why.UNLISTED, question.members - answer.members),
        ):
            for firm in sorted(firms & names.keys()):
                answer.found.add(_moved(kind, why, names[firm]))


def _named(session: Session, firms: Iterable[int]) -> Iterator[tuple[int, tuple[str, str, str]]]:
    for some in chunks(firms):
        wanted = select(Supplier.id, Supplier.scheme, Supplier.number, Supplier.name_zh, Supplier.name_en)
        for firm, scheme, number, name_zh, name_en in session.execute(wanted.where(Supplier.id.in_(some))):
            yield firm, (f"{scheme}/{number}", name_zh, name_en)


def _moved(kind: Kind, why: Why, named: tuple[str, str, str]) -> Told:
    key, name_zh, name_en = named
    return Told(kind=kind, key=key, name_zh=name_zh, name_en=name_en, why=why)
