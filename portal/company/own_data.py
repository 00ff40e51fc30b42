"""What the portal holds about a firm with its people, or about one person, as JSON: one table of what belongs to each.

A new thing that is kept about a firm or a person adds its line here; tests/portal/company/test_own_data.py walks all
tables for those without. Passwords, secrets and their hashes are never in it. The same rows give the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec
from sqlalchemy import ColumnElement, or_, select, union
from sqlalchemy.orm import Session

from portal.identity.log import user_subject
from portal.models import (
    Achievement,
    Alert,
    AnnouncementVersion,
    Assessment,
    AuditEntry,
    Base,
    Certificate,
    ClaimCode,
    Conditions,
    ConditionsVersion,
    ContactAgreement,
    DuplicatePair,
    Edition,
    EditionState,
    Export,
    ImportSource,
    Inquiry,
    InquiryBlock,
    InquiryMessage,
    InquiryReport,
    Job,
    Objection,
    Organisation,
    OwnList,
    Profile,
    ProfileVersion,
    Proof,
    Provenance,
    Ranking,
    RecentSearch,
    Recognition,
    RecoveryCode,
    Reminder,
    ReviewCase,
    ReviewStep,
    Shortlist,
    ShortlistEntry,
    ShortlistNote,
    SourcingRecord,
    Supplier,
    Token,
    User,
    UserSession,
    WebImport,
    table_of,
)

SECRET = frozenset({"password_hash", "totp_secret", "totp_step", "hash", "secret", "token", "seal"})
"""Columns that are in no answer, whatever the table."""

AT_ONCE = 500
"""Rows read at a time."""

Of = TypeVar("Of")


@dataclass(frozen=True, slots=True)
class Firm:
    """Whose data: a firm and the organisation that speaks for it."""

    supplier_id: int
    organisation_id: int
    key: str


@dataclass(frozen=True, slots=True)
class Person:
    """Whose data: a user."""

    id: int
    organisation_id: int
    sign_in: str


@dataclass(frozen=True, slots=True)
class Holding(Generic[Of]):
    """A part of the answer: rows of a table under a condition, without some columns.

    `unsaid`: keys of objects inside a column that are left out too.
    """

    name: str
    model: type[Base]
    of: Callable[[Of], ColumnElement[bool]]
    without: frozenset[str] = frozenset()
    unsaid: frozenset[str] = frozenset()


_WRITERS = frozenset({"owner_id", "actor", "origin", "decided_by_id", "answered_by"})
"""Which member of staff did it, and from where: not about the firm."""

_FOR_STAFF = frozenset({"answer", "answered_by"})
"""Of a claim: what the other side told staff about it (portal.company.claims), which only they read."""

_PUBLISHERS = frozenset({"made_by", "noticed_by", "published_by", "taken_back_by", "job_id", "remark"})

_WITH_SOURCES = (Supplier, Certificate, Assessment, Recognition, Achievement)


def _sources(firm: Firm) -> ColumnElement[bool]:
    used: list[Any] = []
    for model in _WITH_SOURCES:
        table = table_of(model)
        of_firm = table.c.id if model is Supplier else table.c.supplier_id
        used.append(select(table.c.provenance_id).where(of_firm == firm.supplier_id))
    return Provenance.id.in_(union(*used))


def _cases(firm: Firm) -> Any:
    return select(ReviewCase.id).where(ReviewCase.organisation_id == firm.organisation_id)


def _in_force(firm: Firm) -> Any:
    """The lists that name the firm and that everybody may read: never a draft."""
    ranked = select(Ranking.edition_id).where(Ranking.supplier_id == firm.supplier_id)
    return select(Edition.id).where(Edition.id.in_(ranked), Edition.state == EditionState.PUBLISHED)


def _received(firm: Firm) -> Any:
    return select(Inquiry.id).where(Inquiry.firm_id == firm.organisation_id)


FIRM: tuple[Holding[Firm], ...] = (
    Holding(
        "firm", Supplier, lambda firm: Supplier.id == firm.supplier_id, frozenset({"index_version", "import_undo"})
    ),
    Holding("certificates", Certificate, lambda firm: Certificate.supplier_id == firm.supplier_id),
    Holding("assessments", Assessment, lambda firm: Assessment.supplier_id == firm.supplier_id),
    Holding("recognitions", Recognition, lambda firm: Recognition.supplier_id == firm.supplier_id),
    Holding("achievements", Achievement, lambda firm: Achievement.supplier_id == firm.supplier_id),
    Holding(
        "rankings",
        Ranking,
        lambda firm: (Ranking.supplier_id == firm.supplier_id) & Ranking.edition_id.in_(_in_force(firm)),
    ),
    Holding("editions", Edition, lambda firm: Edition.id.in_(_in_force(firm)), _PUBLISHERS),
    Holding("sources", Provenance, _sources),
    Holding("organisation", Organisation, lambda firm: Organisation.id == firm.organisation_id),
    Holding("people", User, lambda firm: (User.organisation_id == firm.organisation_id) & User.erased_at.is_(None)),
    Holding("invitations", Token, lambda firm: Token.organisation_id == firm.organisation_id),
    Holding("cases", ReviewCase, lambda firm: ReviewCase.id.in_(_cases(firm)), _WRITERS, _FOR_STAFF),
    Holding("case_steps", ReviewStep, lambda firm: ReviewStep.case_id.in_(_cases(firm)), _WRITERS),
    Holding("inquiries", Inquiry, lambda firm: Inquiry.id.in_(_received(firm))),
    Holding("inquiry_messages", InquiryMessage, lambda firm: InquiryMessage.inquiry_id.in_(_received(firm))),
    Holding("inquiry_blocks", InquiryBlock, lambda firm: InquiryBlock.organisation_id == firm.organisation_id),
    Holding(
        "inquiry_reports", InquiryReport, lambda firm: InquiryReport.organisation_id == firm.organisation_id, _WRITERS
    ),
    Holding("profile", Profile, lambda firm: Profile.supplier_id == firm.supplier_id),
    Holding("profile_versions", ProfileVersion, lambda firm: ProfileVersion.supplier_id == firm.supplier_id),
    Holding("agreements", ContactAgreement, lambda firm: ContactAgreement.supplier_id == firm.supplier_id),
    Holding("proofs", Proof, lambda firm: Proof.organisation_id == firm.organisation_id),
    Holding("claim_codes", ClaimCode, lambda firm: ClaimCode.supplier_id == firm.supplier_id),
    Holding("objections", Objection, lambda firm: Objection.organisation_id == firm.organisation_id, _WRITERS),
    Holding("operation_log", AuditEntry, lambda firm: AuditEntry.subject == firm.key, _WRITERS),
)
"""About a firm and its people, in the order of the answer."""

PERSON: tuple[Holding[Person], ...] = (
    Holding("account", User, lambda me: User.id == me.id),
    Holding(
        "organisation",
        Organisation,
        lambda me: Organisation.id == me.organisation_id,
        frozenset({"supplier_id", "demo", "created_at"}),
    ),
    Holding("sessions", UserSession, lambda me: UserSession.user_id == me.id),
    Holding("links_sent", Token, lambda me: or_(Token.user_id == me.id, Token.recipient == me.sign_in)),
    Holding("recovery_codes", RecoveryCode, lambda me: RecoveryCode.user_id == me.id),
    Holding("shortlists", Shortlist, lambda me: Shortlist.owner_id == me.id),
    Holding("shortlist_entries", ShortlistEntry, lambda me: ShortlistEntry.added_by_id == me.id, frozenset({"facts"})),
    Holding("shortlist_notes", ShortlistNote, lambda me: ShortlistNote.author_id == me.id),
    Holding("sourcing_conditions", Conditions, lambda me: Conditions.owner_id == me.id),
    Holding("sourcing_conditions_versions", ConditionsVersion, lambda me: ConditionsVersion.author_id == me.id),
    Holding("own_supplier_lists", OwnList, lambda me: OwnList.owner_id == me.id),
    Holding("recent_searches", RecentSearch, lambda me: RecentSearch.user_id == me.id),
    Holding("alerts", Alert, lambda me: Alert.owner_id == me.id, frozenset({"members", "uid"})),
    Holding("exports", Export, lambda me: Export.user_id == me.id),
    Holding("sourcing_records", SourcingRecord, lambda me: SourcingRecord.user_id == me.id, frozenset({"facts"})),
    Holding("inquiries", Inquiry, lambda me: Inquiry.user_id == me.id),
    Holding("inquiry_messages", InquiryMessage, lambda me: InquiryMessage.user_id == me.id),
    Holding("inquiry_blocks", InquiryBlock, lambda me: InquiryBlock.user_id == me.id),
    Holding("inquiry_reports", InquiryReport, lambda me: InquiryReport.user_id == me.id, _WRITERS),
    Holding("cases", ReviewCase, lambda me: ReviewCase.user_id == me.id, _WRITERS, _FOR_STAFF),
    Holding("case_steps", ReviewStep, lambda me: ReviewStep.user_id == me.id),
    Holding("imports", WebImport, lambda me: WebImport.user_id == me.id, frozenset({"look", "mapping", "report"})),
    Holding("import_sources", ImportSource, lambda me: ImportSource.user_id == me.id),
    Holding("profile_drafts", Profile, lambda me: Profile.saved_by_id == me.id, frozenset({"published", "case_id"})),
    Holding("profile_versions", ProfileVersion, lambda me: ProfileVersion.user_id == me.id),
    Holding("proofs", Proof, lambda me: Proof.user_id == me.id),
    Holding("objections", Objection, lambda me: Objection.user_id == me.id, _WRITERS),
    Holding("reminders", Reminder, lambda me: Reminder.user_id == me.id),
    Holding("announcements", AnnouncementVersion, lambda me: AnnouncementVersion.by_id == me.id),
    Holding("duplicates_told_apart", DuplicatePair, lambda me: DuplicatePair.by_id == me.id),
    Holding(
        "ranking_lists",
        Edition,
        lambda me: or_(
            *(
                column == me.id
                for column in (Edition.made_by, Edition.noticed_by, Edition.published_by, Edition.taken_back_by)
            )
        ),
    ),
    Holding("jobs", Job, lambda me: Job.user_id == me.id, frozenset({"payload"})),
    Holding(
        "operation_log",
        AuditEntry,
        lambda me: or_(AuditEntry.actor == user_subject(me.id), AuditEntry.subject == user_subject(me.id)),
        frozenset({"changes"}),
    ),
)
"""About one person: the account, and what they made. What colleagues made of it is the organisation's."""


def as_json(session: Session, holdings: Sequence[Holding[Of]], of: Of) -> Iterator[bytes]:
    """The answer, piece by piece: an object of lists, a row a line; read in batches, however much it is."""
    yield b"{"
    for place, holding in enumerate(holdings):
        yield b",\n" if place else b"\n"
        yield msgspec.json.encode(holding.name) + b": ["
        for row, one in enumerate(_rows(session, holding, of)):
            yield (b",\n  " if row else b"\n  ") + msgspec.json.encode(one)
        yield b"]"
    yield b"\n}\n"


def columns_of(holding: Holding[Any]) -> list[str]:
    """The columns of its table that are in the answer."""
    return [column.name for column in table_of(holding.model).columns if column.name not in SECRET | holding.without]


def _rows(session: Session, holding: Holding[Of], of: Of) -> Iterator[dict[str, Any]]:
    table = table_of(holding.model)
    names = columns_of(holding)
    wanted = select(*(table.c[name] for name in names)).where(holding.of(of)).order_by(*table.primary_key.columns)
    for row in session.execute(wanted.execution_options(yield_per=AT_ONCE)):
        yield {name: _said(value, holding.unsaid) for name, value in zip(names, row, strict=True)}


def _said(value: Any, unsaid: frozenset[str]) -> Any:
    return {key: one for key, one in value.items() if key not in unsaid} if isinstance(value, dict) else value
