"""Firms that may be one: found by a job over the whole register, listed for staff, and told apart for good by them.

By number: the same one in another scheme, written otherwise, or of the same organisation code (组织机构代码, which is
within a credit code and stays when the registering authority changes). By name without its company form, in either
language, former names too. Places only say how likely it is: firms of one name in one place come before others.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import combinations, groupby
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, insert, or_, select
from sqlalchemy.orm import Session, aliased

from portal.indexing.sessions import snapshot
from portal.models import AuditEntry, DuplicatePair, Job, JobState, PairState, Supplier, now, table_of
from portal.register.audit import Actor
from portal.register.catalogue import Catalogue
from portal.register.loading import chunks
from portal.register.registration import OSH, USCC
from portal.register.territory import Territory
from portal.workspace import jobs
from portal.workspace.jobs import Handler, Owner, Run
from portal.workspace.names import NameKeys

KIND = "duplicates"
STREAMED = 2000
MOST_ALIKE = 12
"""Of so many firms of one name nobody can say that two are one: a name that common says nothing."""

SHORTEST_NUMBER = 6
HOW = ("number", "name", "former")
"""How a pair was found, the surest first."""

_SIGNS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two firms, by id, the lower first."""

    first: int
    second: int


class Keys:
    """What firms of one key may be one by: (place in HOW, text)."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._names = NameKeys(catalogue.company_forms)

    def of(self, row: Any) -> Iterator[tuple[int, str]]:
        """Of a firm's row."""
        yield from ((0, key) for key in number_keys(row.scheme, row.number))
        for name in (row.name_zh, row.name_en):
            yield from ((1, key) for key in self._of_name(name))
        for former in row.former_names:
            yield from ((2, key) for key in self._of_name(former["name"]))

    def _of_name(self, name: str) -> Iterator[str]:
        whole, core, _sound = self._names.keys(name)
        if core or whole:
            yield core or whole


def number_keys(scheme: str, number: str) -> Iterator[str]:
    """A registration number in any writing, and the organisation code in a credit code. OSH makes its own: none."""
    bare = _SIGNS.sub("", number).upper()
    if scheme != OSH and len(bare) >= SHORTEST_NUMBER:
        yield bare
        if scheme == USCC and len(bare) == 18:
            yield bare[8:17]


def ask(session: Session, owner: Owner, actor: Actor) -> bool:
    """Have the register searched; with an entry of the log. False while a search is under way."""
    last = newest(session)
    if last is not None and last.state in {JobState.WAITING, JobState.RUNNING}:
        return False
    jobs.enqueue(session, owner, KIND, {})
    session.execute(insert(AuditEntry).values(actor.entry(now(), "duplicates.searched", "duplicates", {})))
    return True


def newest(session: Session) -> Job | None:
    """The search that was asked for last."""
    return session.scalars(select(Job).where(Job.kind == KIND).order_by(Job.id.desc()).limit(1)).first()


def handler() -> Handler:
    """What does the job. Pairs that staff have decided stay as they are; what is no pair any more is left out."""

    def search(run: Run) -> None:
        with snapshot(run.sessions) as session:
            found = pairs(session, run.catalogue, run.at)
        at, total = now(), max(1, len(found))
        for place, some in enumerate(chunks(found.items())):
            with run.step(min(total, (place + 1) * len(some)), total) as session:
                _keep(session, some, at)
        with run.step(total, total) as session:
            old = (DuplicatePair.state == PairState.OPEN, DuplicatePair.found_at < at)
            session.execute(table_of(DuplicatePair).delete().where(*old))

    return search


Found = dict[Pair, tuple[str, bool]]


def pairs(session: Session, catalogue: Catalogue, progress: Any = lambda _done, _total: None) -> Found:
    """Pairs of firms that are listed, with how they were found and whether they are registered in one place."""
    hashes, firms, regions = _hashed(session, catalogue, progress)
    order = sorted(range(len(hashes)), key=hashes.__getitem__)
    found: Found = {}
    for _key, places in groupby(order, key=hashes.__getitem__):
        group = {firm >> 2: firm & 3 for firm in sorted((firms[place] for place in places), reverse=True)}
        if not 1 < len(group) <= MOST_ALIKE:
            continue
        for first, second in combinations(sorted(group), 2):
            how, near = max(group[first], group[second]), _near(regions[first], regions[second])
            known = found.get(Pair(first, second))
            if known is None or HOW.index(known[0]) > how:
                found[Pair(first, second)] = HOW[how], near
    return found


def _hashed(session: Session, catalogue: Catalogue, progress: Any) -> tuple[array[int], array[int], dict[int, str]]:
    """Hashes of keys, and with each the firm's id and how it has that key; a million firms take 150 MB."""
    listed = Supplier.withdrawn_at.is_(None)
    total = session.scalar(select(func.count(Supplier.id)).where(listed)) or 0
    columns = (Supplier.id, Supplier.scheme, Supplier.number, Supplier.name_zh, Supplier.name_en)
    wanted = select(*columns, Supplier.former_names, Supplier.region).where(listed).order_by(Supplier.id)
    keys, hashes, firms, regions = Keys(catalogue), array("q"), array("q"), {}
    for done, row in enumerate(session.execute(wanted.execution_options(yield_per=STREAMED)), start=1):
        regions[row.id] = _place(row.region, catalogue)
        for how, key in set(keys.of(row)):
            kind = "number" if how == 0 else "name"
            digest = blake2b(f"{kind} {key}".encode(), digest_size=8).digest()
            hashes.append(int.from_bytes(digest, signed=True))
            firms.append(row.id << 2 | how)
        if done % STREAMED == 0:
            progress(done, total)
    return hashes, firms, regions


def _place(region: str | None, catalogue: Catalogue) -> str:
    """The prefecture, or what is above it."""
    path = catalogue.region_path(region or "")
    return path[min(1, len(path) - 1)] if path else ""


def _near(first: str, second: str) -> bool:
    return bool(first) and first == second


def _keep(session: Session, some: Iterable[tuple[Pair, tuple[str, bool]]], at: Any) -> None:
    found = dict(some)
    firsts = [pair.first for pair in found]
    there = {
        Pair(row.first_id, row.second_id): row
        for row in session.scalars(select(DuplicatePair).where(DuplicatePair.first_id.in_(firsts)))
    }
    for pair, (how, near) in found.items():
        row = there.get(pair)
        if row is None:
            row = DuplicatePair(first_id=pair.first, second_id=pair.second)
            session.add(row)
        row.how, row.near, row.found_at = how, near, at
        if row.state == PairState.MERGED:  # taken apart since
            row.state = PairState.OPEN


FIRST, SECOND = aliased(Supplier), aliased(Supplier)


def listed(
    catalogue: Catalogue, territories: Sequence[Territory], state: PairState
) -> Select[DuplicatePair, Supplier, Supplier]:
    """Pairs of a state of which both firms are listed and lie in every territory; the likeliest first."""
    conditions = [territory.condition(catalogue, firm) for territory in territories for firm in (FIRST, SECOND)]
    sureness = case({how: place for place, how in enumerate(HOW)}, value=DuplicatePair.how)
    return (
        select(DuplicatePair, FIRST, SECOND)
        .join(FIRST, FIRST.id == DuplicatePair.first_id)
        .join(SECOND, SECOND.id == DuplicatePair.second_id)
        .where(DuplicatePair.state == state, FIRST.withdrawn_at.is_(None), SECOND.withdrawn_at.is_(None), *conditions)
        .order_by(sureness, DuplicatePair.near.desc(), DuplicatePair.id)
    )


def of_firm(session: Session, row: Supplier, limit: int = 5) -> list[Supplier]:
    """Listed firms that may be this one, without the job: by the same names, and by pairs that were found."""
    pairs_of_it = select(DuplicatePair.state, DuplicatePair.first_id, DuplicatePair.second_id).where(
        or_(DuplicatePair.first_id == row.id, DuplicatePair.second_id == row.id)
    )
    others: dict[str, set[int]] = {}
    for state, first, second in session.execute(pairs_of_it):
        others.setdefault(state, set()).add(second if first == row.id else first)
    same: list[ColumnElement[bool]] = [Supplier.id.in_(others.get(PairState.OPEN, ()))]
    same += [Supplier.name_zh == row.name_zh] if row.name_zh else []
    same += [Supplier.name_en == row.name_en] if row.name_en else []
    told_apart = {row.id, *others.get(PairState.DIFFERENT, ())}
    wanted = select(Supplier).where(Supplier.id.not_in(told_apart), Supplier.withdrawn_at.is_(None), or_(*same))
    return list(session.scalars(wanted.order_by(Supplier.id).limit(limit)))


def tell_apart(session: Session, identifier: int, actor: Actor, user_id: int, reason: str) -> bool:
    """Remember that the firms of a pair are two; False where it is not open any more."""
    row = session.get(DuplicatePair, identifier, with_for_update=True)
    if row is None or row.state != PairState.OPEN:
        return False
    row.state, row.reason, row.by_id, row.at = PairState.DIFFERENT, reason, user_id, now()
    _record(session, row, actor, "duplicate.different", {"reason": reason})
    return True


def reopen(session: Session, identifier: int, actor: Actor) -> bool:
    """Take that back."""
    row = session.get(DuplicatePair, identifier, with_for_update=True)
    if row is None or row.state != PairState.DIFFERENT:
        return False
    row.state, row.reason, row.by_id, row.at = PairState.OPEN, "", None, None
    _record(session, row, actor, "duplicate.reopened", {})
    return True


def _record(session: Session, row: DuplicatePair, actor: Actor, action: str, more: dict[str, Any]) -> None:
    keys = [session.get_one(Supplier, one).key for one in (row.first_id, row.second_id)]
    session.execute(insert(AuditEntry).values(actor.entry(now(), action, "duplicates", {"firms": keys} | more)))
