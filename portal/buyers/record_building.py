"""A shortlist and the conditions it came from, as a sourcing record: everything that the file will say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.buyers.record_words import start_said, step_address, step_parameter, step_said
from portal.identity.people import names_of
from portal.models import Conditions as KeptConditions
from portal.models import Shortlist, SourcingRecord
from portal.services import services
from portal.web.addresses import Addresses, bare, to_args
from portal.web.parameters import Search
from portal.web.presenters.context import Context
from portal.workspace import record_entries
from portal.workspace.conditions import versions
from portal.workspace.facts import Reader, stored
from portal.workspace.funnel import Step, funnel
from portal.workspace.record_codes import written
from portal.workspace.record_entries import Beside, china, key_of
from portal.workspace.record_facts import FactsReader, Sources, labelled
from portal.workspace.record_tree import (
    Basis,
    Both,
    Conditions,
    Earlier,
    Facts,
    Kept,
    Made,
    Nice,
    Record,
    Standing,
    StepView,
)
from portal.workspace.records import Public
from portal.workspace.standing import standings


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the buyer says of it. `search`: where the list came from; None where its firms were chosen by hand."""

    title: str
    reference: str = ""
    statement: str = ""
    notes: bool = False
    search: Search | None = None
    replaces: SourcingRecord | None = None


@dataclass(frozen=True, slots=True)
class Built:
    """A record without code and time; what was public of its firms; whether it stands on anything private."""

    record: Record
    public: list[Public]
    private: bool


def build(shortlist: Shortlist, wanted: Wanted, made: Made, at: Context) -> Built:
    """Put it together. Raises EngineUnavailable where there are conditions to be counted."""
    session = at.session
    rows = record_entries.rows(session, shortlist)
    steps = funnel(wanted.search.query) if wanted.search else []
    reader = FactsReader(session, at.catalogue, at.today, _asked(wanted.search), Sources())
    facts = reader.facts(row.supplier_id for row in rows)
    beside = Beside(
        names=names_of(session, record_entries.people_of(rows)),
        notes=record_entries.notes(session, rows) if wanted.notes else {},
        facts=facts,
        standings=_standings(rows, facts, steps, wanted.search),
    )
    record = Record(
        title=wanted.title,
        reference=wanted.reference,
        statement=wanted.statement,
        made=made,
        basis=_basis(at),
        fictional=reader.sources.fictional,
        replaces=_earlier(wanted.replaces),
        shortlist=shortlist.name,
        conditions=_conditions(wanted.search, steps, at) if wanted.search else None,
        entries=tuple(map(beside.entry, rows)),
        taken_off=record_entries.taken_off(session, shortlist),
        with_notes=wanted.notes,
        sources=reader.sources.named(),
    )
    return Built(record, _public(rows, at), private=not shortlist.shared or _is_private(wanted.search, at))


def _public(rows: Sequence[Any], at: Context) -> list[Public]:
    """What is public of each firm, to be compared with later."""
    facts = Reader(at.session, at.catalogue, at.today).facts(row.supplier_id for row in rows)
    return [Public(row.supplier_id, row.name_zh or row.name_en, stored(facts[row.supplier_id])) for row in rows]


def _asked(search: Search | None) -> tuple[str, ...]:
    """The criteria that are asked for in any way, each once."""
    if search is None:
        return ()
    query = search.query
    return tuple(dict.fromkeys((*query.criteria, *query.criteria_not, *(code for code, _weight in query.nice))))


def _is_private(search: Search | None, at: Context) -> bool:
    kept = at.session.get(KeptConditions, search.stored.id) if search and search.stored else None
    return kept is not None and not kept.shared


def _basis(at: Context) -> Basis:
    catalogue = at.catalogue
    return Basis(
        data_version=at.data_version,
        valid_on=at.today,
        catalogue=Both(zh=catalogue.title_zh, en=catalogue.title_en),
        catalogue_version=catalogue.version,
        catalogue_demonstration=catalogue.demonstration,
        fingerprint=at.vocabulary.fingerprint,
    )


def _earlier(record: SourcingRecord | None) -> Earlier | None:
    if record is None:
        return None
    return Earlier(code=written(record.code), title=record.title, made_at=china(record.made_at))


def _conditions(search: Search, steps: Sequence[Step], at: Context) -> Conditions:
    """The funnel, counted in one request."""
    totals = services().engine().counts([step.query for step in steps])
    views = [
        StepView(
            number=number,
            parameter=step_parameter(step.asks),
            said=step_said(step.asks, at),
            address=step_address(step.asks),
            before=totals[number - 1],
            after=totals[number],
        )
        for number, step in enumerate(steps[1:], start=1)
    ]
    return Conditions(
        kept=_kept(search, at),
        address=Addresses(bare(search), "/suppliers").of(mine=search.mine),
        start=start_said(steps[0].asks, at),
        total=totals[0],
        steps=tuple(views),
        nices=tuple(
            Nice(code=code, name=labelled(code, at.catalogue.criteria).name, weight=weight)
            for code, weight in sorted(search.query.nice, key=lambda one: (-one[1], one[0]))
        ),
        found=totals[-1],
        stale=tuple(f"{name}={value}" for name, value in (search.stored.stale if search.stored else ())),
    )


def _kept(search: Search, at: Context) -> Kept | None:
    if search.stored is None:
        return None
    stands_on = search.stored
    [signed] = [one for one in versions(at.session, stands_on.id) if one.version.number == stands_on.version]
    return Kept(
        name=stands_on.name,
        version=stands_on.version,
        author=signed.author,
        at=china(signed.version.at),
        extended=bool(search.mine) or dict(to_args(bare(search))) != dict(stands_on.args),
    )


def _standings(
    rows: Sequence[Any], facts: Mapping[int, Facts], steps: Sequence[Step], search: Search | None
) -> dict[str, Standing]:
    """Of those that are still in the register."""
    if search is None:
        return {}
    met = {
        key_of(row): {one.code for one in told.asked if one.result == "met"} if told else set()
        for row in rows
        if row.withdrawn_at is None
        for told in (facts[row.supplier_id].assessment,)
    }
    return standings(steps, met, search.query, services().engine())
