"""The only writer of official facts.

What a write does to a firm, all in the caller's transaction: the row is locked, the stated facts are compared with what
is there, and only if something differs the changed columns are written, `index_version` rises by one, the operation log
gets one entry with before → after of the changed fields, and the outbox one row (notes/search.md, rule 1).
A firm of which nothing changed is left alone entirely, so the same file twice changes nothing.

What is stated last holds. None is "not stated". Lists of a firm's own row are replaced whole; risks and the results of
an assessment are replaced by kind and by criterion. A row keeps the provenance of the document that last changed it.
An official statement of a field takes it off the firm's `self_declared` list, unless the record declares it anew.
What a list states of a firm that was merged into another one goes to that one, but for the facts of the firm's own row.
A new firm needs a name; its sector, if not stated, follows from its first industry, else it is "other".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.models import AuditEntry, Certificate, Edition, ImportUndo, now
from portal.models.database import begin_write
from portal.register import editions, merging
from portal.register.applying import Applier, leftover_problems
from portal.register.audit import Actor
from portal.register.auditing.reading import newest_id
from portal.register.catalogue import Catalogue
from portal.register.changing import UNDOABLE, facts_of, put_back, rename
from portal.register.checks import Checker, check_provenance
from portal.register.facts import (
    CertificateState,
    EditionFacts,
    ProvenanceFacts,
    RankingFacts,
    RiskFact,
    SupplierFacts,
    SupplierRecord,
)
from portal.register.images import Image, image_of, revive
from portal.register.loading import load_firms, split_key, touched
from portal.register.merging import followed
from portal.register.problems import FactProblem, Outcome, Stale, WriteError
from portal.register.saving import save, write_firms
from portal.register.source import Source
from portal.register.state import CHILDREN, Child, Firm, Row
from portal.register.stored import risk_value

__all__ = ["FactProblem", "Outcome", "Stale", "WriteError", "Writer"]

REASON_LENGTH = 400

Journal = Callable[[Session, Sequence[tuple[Firm, Image | None]]], None]
"""Told of the firms that `Writer.write` changed, with what was there before, in the same transaction."""


@dataclass(frozen=True, slots=True)
class Merged:
    """A merge, or its undo: the ids of both firms and of the log's entry; `before`: what an undo of it puts back."""

    kept_id: int
    merged_id: int
    entry_id: int
    before: Mapping[str, Image | None]


class Writer:
    """Writes facts of one actor from one source, within the caller's transaction; the caller commits.

    `actor`: who, for the log ("import", an account's address); `origin`: from where (a file and line, a request).
    `provenance`: the document the facts come from. Every method begins the transaction as one that writes, so it must
    be the first thing in it (models.database.begin_write). Raises WriteError for a source that cannot be written.
    """

    def __init__(
        self,
        session: Session,
        catalogue: Catalogue,
        *,
        actor: str,
        origin: str = "",
        provenance: ProvenanceFacts | None = None,
        journal: Journal | None = None,
    ) -> None:
        self._session = session
        self._catalogue = catalogue
        self._actor = Actor(actor[:120], origin[:200])
        self._source = Source(provenance)
        self._checker = Checker(catalogue)
        self._journal = journal
        if provenance is not None:
            refuse(check_provenance(provenance))

    def check(self, record: SupplierRecord) -> tuple[FactProblem, ...]:
        """What is wrong with a record by itself, without looking at the database; the same checks as `write`."""
        return self._checker.check(record)

    def write(self, records: Sequence[SupplierRecord]) -> list[Outcome]:
        """Write one batch (some thousands at most); an outcome for each record, in order.

        Records of one firm are applied in order and make one change. Raises WriteError before anything is written.
        """
        refuse(problem.at(index) for index, record in enumerate(records) for problem in self._checker.check(record))
        begin_write(self._session)
        keys = [(record.supplier.scheme, record.supplier.number) for record in records]
        firms = load_firms(self._session, keys, touched(records))
        if any(firm.supplier.values["merged_into_id"] is not None for firm in firms.values()):
            return self.write(followed(self._session, records))
        refuse(problem.at(index) for index, key in enumerate(keys) for problem in _held(firms.get("/".join(key))))
        applier = Applier(self._catalogue, self._source.find(self._session))
        outcomes = [_apply(applier, firms, record) for record in records]
        _refuse_leftovers(firms, records)
        dirty = [firm for firm in firms.values() if firm.dirty]
        if dirty:
            self._source.settle(self._session, dirty)
            self._save(dirty)
        return outcomes

    def _save(self, dirty: Sequence[Firm]) -> None:
        images = [(firm, image_of(firm)) for firm in dirty] if self._journal is not None else []
        save(self._session, self._actor, dirty)
        if self._journal is not None:
            self._journal(self._session, images)

    def set_certificate_state(
        self, key: str, scheme: str, certificate_key: str, state: CertificateState, *, reason: str, on: date
    ) -> Outcome:
        """Suspend, revoke, give up or reinstate a certificate of the firm `key`. Raises WriteError."""
        refuse(_reason_problems(reason))
        firm = self._firm(key, (Certificate,))
        row = firm.rows(Certificate).get((scheme, certificate_key))
        if row is None:
            raise WriteError(
                [FactProblem("certificate", f"{scheme}/{certificate_key}", f"{key} has no such certificate")]
            )
        self._take_source(row, row.set({"state": state.value, "state_on": on, "state_reason": reason}))
        return self._save_one(firm, "certificate.state")

    def require_unchanged(self, key: str, seen: int) -> None:
        """Make sure, to the end of the transaction, that nobody changed the firm after the log's entry `seen`.

        `seen`: the newest entry of the firm when it was read (auditing.reading.newest_id). Raises Stale. The index's
        version would not do: it rises without any change of facts, when an edition is published or a day begins.
        """
        self._firm(key)
        if newest_id(self._session, key) > seen:
            raise Stale(key, seen)

    def rename(self, key: str, name_zh: str, name_en: str, *, reason: str, on: date) -> Outcome:
        """Give the firm other names; those it had are kept as former ones, until that day. Raises WriteError."""
        stated = SupplierRecord(supplier=facts_of(key, name_zh=name_zh, name_en=name_en))
        refuse((*_reason_problems(reason), *self._checker.check(stated)))
        firm = self._firm(key)
        rename(firm.supplier, name_zh, name_en, on)
        self._take_source(firm.supplier, firm.dirty)
        return self._save_one(firm, "supplier.renamed", reason=reason)

    def correct(self, stated: SupplierFacts, *, reason: str) -> Outcome:
        """Put right what the firm showed to be wrong: as stated, a name too, since the wrong one never was the firm's.

        Raises WriteError.
        """
        record = SupplierRecord(supplier=stated)
        refuse((*_reason_problems(reason), *self._checker.check(record)))
        firm = self._firm(stated.key)
        Applier(self._catalogue, self._source.ensure(self._session)).apply(firm, record)
        refuse(leftover_problems(firm))
        return self._save_one(firm, "supplier.corrected", reason=reason)

    def set_status(self, key: str, status: str, *, reason: str, on: date) -> Outcome:
        """Note the registration status as of that day. Raises WriteError."""
        stated = SupplierRecord(supplier=facts_of(key, status=status, status_on=on))
        refuse((*_reason_problems(reason), *self._checker.check(stated)))
        firm = self._firm(key)
        firm.supplier.set({"status": status, "status_on": on})
        self._take_source(firm.supplier, firm.dirty)
        return self._save_one(firm, "supplier.status", reason=reason)

    def set_risk(self, key: str, kind: str, fact: RiskFact | None, *, reason: str) -> Outcome:
        """Note a risk's answer, or with None that it was not checked after all. Raises WriteError."""
        stated = SupplierRecord(supplier=facts_of(key, risks={} if fact is None else {kind: fact}))
        refuse((*_reason_problems(reason), *self._checker.check(stated)))
        firm = self._firm(key)
        kept = {name: value for name, value in firm.supplier.values["risks"].items() if name != kind}
        firm.supplier.set({"risks": kept if fact is None else {**kept, kind: risk_value(fact)}})
        return self._save_one(firm, "supplier.risk", reason=reason)

    def undo(self, key: str, entry_id: int) -> Outcome:
        """Put back what the firm's newest entry of the log changed. Raises Stale if another followed, or WriteError."""
        self.require_unchanged(key, entry_id)
        entry = self._session.get(AuditEntry, entry_id)
        if entry is None or entry.subject != key or entry.action not in UNDOABLE:
            raise WriteError([FactProblem("entry", str(entry_id), "cannot be undone")])
        changes, undone = dict(entry.changes), entry.action
        firm = self._firm(key, (Certificate,))
        put_back(firm, changes)
        return self._save_one(firm, "supplier.undone", undone=undone)

    def merge(self, kept: str, merged: str, *, reason: str, on: date) -> Merged:
        """Make the two firms one: `merged` goes into `kept`. One entry, the kept firm's. Raises WriteError."""
        refuse(_reason_problems(reason))
        both = self._both(kept, merged)
        begun = now()
        merging.merge(*both, begun, on, reason)
        return self._save_both(*both, begun, "supplier.merged", {"merged": [None, merged], "reason": reason})

    def take_apart(self, kept: str, merged: str, before: Mapping[str, Image]) -> Merged:
        """Put back what the merge changed; `before`: its images. Raises WriteError."""
        both = self._both(kept, merged, merged_already=True)
        merging.take_apart(*both, before)
        return self._save_both(*both, now(), "supplier.undone", {"merged": [merged, None], "undone": "supplier.merged"})

    def _both(self, kept: str, merged: str, *, merged_already: bool = False) -> tuple[Firm, Firm]:
        begin_write(self._session)
        found = load_firms(self._session, [split_key(kept), split_key(merged)], tuple(CHILDREN))
        refuse(FactProblem("key", key[:120], "is not in the register") for key in (kept, merged) if key not in found)
        if kept == merged:
            raise WriteError([FactProblem("key", kept, "is the same firm")])
        refuse(_held(found[kept]))
        refuse(
            problem for key in (kept, merged) for problem in _withdrawn(found[key]) if key == kept or not merged_already
        )
        return found[kept], found[merged]

    def _save_both(self, kept: Firm, merged: Firm, at: datetime, action: str, more: Mapping[str, Any]) -> Merged:
        images = {"kept": image_of(kept), "merged": image_of(merged)}
        entry = self._actor.entry(at, action, kept.key, {**more, **merging.told(kept, merged)})
        write_firms(self._session, [kept, merged], at)
        made = insert(AuditEntry).values(entry).returning(AuditEntry.id)
        entry_id = self._session.scalars(made).one()
        self._session.expire_all()
        return Merged(kept.supplier.id or 0, merged.supplier.id or 0, entry_id, images)

    def hide_profile(self, key: str, reason: str) -> Outcome:
        """Keep all that the firm declared itself from being shown until it is put back. Raises WriteError."""
        refuse(_reason_problems(reason))
        firm = self._firm(key)
        if firm.supplier.values["profile_hidden_at"] is not None:
            return Outcome.UNCHANGED
        firm.supplier.set({"profile_hidden_at": now(), "profile_hidden_reason": reason})
        return self._save_one(firm, "profile.hidden")

    def show_profile(self, key: str) -> Outcome:
        """Show it again. Raises WriteError."""
        firm = self._firm(key)
        firm.supplier.set({"profile_hidden_at": None, "profile_hidden_reason": ""})
        return self._save_one(firm, "profile.shown")

    def withdraw(self, key: str, reason: str) -> Outcome:
        """Take the firm out of the register; its address then answers 410 with the reason. Raises WriteError."""
        refuse(_reason_problems(reason))
        firm = self._firm(key)
        withdrawn_at = firm.supplier.values["withdrawn_at"] or now()
        firm.supplier.set({"withdrawn_at": withdrawn_at, "withdrawn_reason": reason})
        return self._save_one(firm, "supplier.withdrawn")

    def restore(self, key: str, reason: str) -> Outcome:
        """Take a withdrawal back; the reason goes into the log. Raises WriteError."""
        refuse(_reason_problems(reason))
        firm = self._firm(key)
        firm.supplier.set({"withdrawn_at": None, "withdrawn_reason": "", "import_undo": ImportUndo.NONE.value})
        return self._save_one(firm, "supplier.restored", reason=reason)

    def publish_edition(self, edition: EditionFacts, rankings: Iterable[RankingFacts]) -> Edition:
        """Publish an edition with its rankings, streamed, and settle which edition of the sector is current.

        Firms in it, and those in the edition that was current until now, become due for the index.
        Raises WriteError; the caller must then roll back, as rankings are written while they are read.
        """
        refuse(editions.check_edition(edition, self._catalogue))
        begin_write(self._session)
        identity = self._source.ensure(self._session)
        return editions.publish(self._session, edition, rankings, actor=self._actor, provenance_id=identity)

    def _firm(self, key: str, models: tuple[Child, ...] = ()) -> Firm:
        begin_write(self._session)
        firm = load_firms(self._session, [split_key(key)], models).get(key)
        if firm is None:
            raise WriteError([FactProblem("key", key[:120], "is not in the register")])
        refuse(_held(firm))
        return firm

    def _take_source(self, row: Row, changed: bool) -> None:
        """Note the document that a changed row comes from, if there is one."""
        identity = self._source.ensure(self._session) if changed else None
        row.set({} if identity is None else {"provenance_id": identity})

    def _save_one(self, firm: Firm, action: str, **more: str | int) -> Outcome:
        if not firm.dirty:
            return Outcome.UNCHANGED
        save(self._session, self._actor, [firm], action, **more)
        return Outcome.CHANGED


def refuse(problems: Iterable[FactProblem]) -> None:
    """Raises WriteError if there are any."""
    if found := tuple(problems):
        raise WriteError(found)


def _apply(applier: Applier, firms: dict[str, Firm], record: SupplierRecord) -> Outcome:
    key = record.supplier.key
    firm = firms.get(key)
    if firm is None:
        firm = firms[key] = Firm.new(record.supplier.scheme, record.supplier.number)
        applier.apply(firm, record)
        return Outcome.CREATED
    if firm.supplier.values["import_undo"] == ImportUndo.UNDONE:
        revive(firm)
        applier.apply(firm, record)
        return Outcome.CREATED
    return Outcome.CHANGED if applier.apply(firm, record) else Outcome.UNCHANGED


def _held(firm: Firm | None) -> Iterable[FactProblem]:
    if firm is not None and firm.supplier.values["import_undo"] == ImportUndo.HELD:
        yield FactProblem(
            "supplier", firm.key, "is held: an import that changed it is being undone, so try again later"
        )

    if firm is not None and firm.supplier.values["merged_into_id"] is not None:
        yield FactProblem("supplier", firm.key, "was merged into another firm")


def _withdrawn(firm: Firm) -> Iterable[FactProblem]:
    if firm.supplier.values["withdrawn_at"] is not None:
        yield FactProblem("supplier", firm.key, "is not in the register any more")


def _refuse_leftovers(firms: dict[str, Firm], records: Sequence[SupplierRecord]) -> None:
    last = {record.supplier.key: index for index, record in enumerate(records)}
    refuse(problem.at(last[key]) for key, firm in firms.items() for problem in leftover_problems(firm))


def _reason_problems(reason: str) -> Iterable[FactProblem]:
    if not reason.strip():
        yield FactProblem("reason", "", "is missing")
    elif len(reason) > REASON_LENGTH:
        yield FactProblem("reason", reason[:80], f"longer than {REASON_LENGTH} characters")
