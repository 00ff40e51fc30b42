"""The tables. Whoever writes official facts goes through `portal.register.writer`."""

from portal.models.account import (
    ROLES,
    Lockout,
    Message,
    Organisation,
    OrganisationKind,
    OrganisationState,
    RecoveryCode,
    Role,
    Token,
    TokenKind,
    User,
    UserSession,
)
from portal.models.alert import (
    Alert,
    AlertChannel,
    AlertDelivery,
    AlertDigest,
    Cadence,
    ChangeNote,
    DeliveryState,
    FirmImage,
)
from portal.models.announcement import Announcement, AnnouncementLevel, AnnouncementVersion
from portal.models.base import Base, Instant, now, table_of
from portal.models.catalogue_version import CatalogueVersion
from portal.models.claim import ClaimCode, CodeKind
from portal.models.condition import Conditions, ConditionsVersion
from portal.models.export import Export
from portal.models.inquiry import (
    Inquiry,
    InquiryAct,
    InquiryBlock,
    InquiryMessage,
    InquiryReport,
    InquiryState,
    ReportState,
)
from portal.models.job import Job, JobState
from portal.models.merging import DuplicatePair, PairState, SupplierMerge
from portal.models.operation import AuditEntry, DeadLetter, Fact, ImportRun, Lease, OutboxRow
from portal.models.own_list import OwnList, OwnRow, RowState
from portal.models.profile import ContactAgreement, Profile, ProfileVersion
from portal.models.proof import Proof
from portal.models.provenance import Provenance
from portal.models.ranking import Edition, EditionState, Objection, Ranking, Verdict
from portal.models.recent import RecentSearch
from portal.models.record import RecordPart, SourcingRecord
from portal.models.reminder import Reminder, ReminderKind
from portal.models.review import CaseKind, CaseStage, CaseState, ReviewCase, ReviewStep, StepAction
from portal.models.shortlist import EntryStatus, Shortlist, ShortlistEntry, ShortlistNote, Undo
from portal.models.snapshot import Snapshot
from portal.models.supplier import Achievement, Assessment, Certificate, ImportUndo, Recognition, Supplier
from portal.models.target import CoverageTarget
from portal.models.usage import Appearance, AskedQuery, CountedFile, SearchCount
from portal.models.web_import import ImportSource, ImportState, ImportTouch, WebImport

__all__ = [
    "ROLES",
    "Achievement",
    "Alert",
    "AlertChannel",
    "AlertDelivery",
    "AlertDigest",
    "Announcement",
    "AnnouncementLevel",
    "AnnouncementVersion",
    "Appearance",
    "AskedQuery",
    "Assessment",
    "AuditEntry",
    "Base",
    "Cadence",
    "CaseKind",
    "CaseStage",
    "CaseState",
    "CatalogueVersion",
    "Certificate",
    "ChangeNote",
    "ClaimCode",
    "CodeKind",
    "Conditions",
    "ConditionsVersion",
    "ContactAgreement",
    "CountedFile",
    "CoverageTarget",
    "DeadLetter",
    "DeliveryState",
    "DuplicatePair",
    "Edition",
    "EditionState",
    "EntryStatus",
    "Export",
    "Fact",
    "FirmImage",
    "ImportRun",
    "ImportSource",
    "ImportState",
    "ImportTouch",
    "ImportUndo",
    "Inquiry",
    "InquiryAct",
    "InquiryBlock",
    "InquiryMessage",
    "InquiryReport",
    "InquiryState",
    "Instant",
    "Job",
    "JobState",
    "Lease",
    "Lockout",
    "Message",
    "Objection",
    "Organisation",
    "OrganisationKind",
    "OrganisationState",
    "OutboxRow",
    "OwnList",
    "OwnRow",
    "PairState",
    "Profile",
    "ProfileVersion",
    "Proof",
    "Provenance",
    "Ranking",
    "RecentSearch",
    "Recognition",
    "RecordPart",
    "RecoveryCode",
    "Reminder",
    "ReminderKind",
    "ReportState",
    "ReviewCase",
    "ReviewStep",
    "Role",
    "RowState",
    "SearchCount",
    "Shortlist",
    "ShortlistEntry",
    "ShortlistNote",
    "Snapshot",
    "SourcingRecord",
    "StepAction",
    "Supplier",
    "SupplierMerge",
    "Token",
    "TokenKind",
    "Undo",
    "User",
    "UserSession",
    "Verdict",
    "WebImport",
    "now",
    "table_of",
]
