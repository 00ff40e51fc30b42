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
from portal.models.base import Base, Instant, now, table_of
from portal.models.condition import Conditions, ConditionsVersion
from portal.models.export import Export
from portal.models.job import Job, JobState
from portal.models.operation import AuditEntry, DeadLetter, Fact, ImportRun, Lease, OutboxRow
from portal.models.own_list import OwnList, OwnRow, RowState
from portal.models.provenance import Provenance
from portal.models.ranking import Edition, Ranking
from portal.models.recent import RecentSearch
from portal.models.record import RecordPart, SourcingRecord
from portal.models.reminder import Reminder, ReminderKind
from portal.models.review import CaseKind, CaseStage, CaseState, ReviewCase, ReviewStep, StepAction
from portal.models.shortlist import EntryStatus, Shortlist, ShortlistEntry, ShortlistNote, Undo
from portal.models.snapshot import Snapshot
from portal.models.supplier import Achievement, Assessment, Certificate, ImportUndo, Recognition, Supplier
from portal.models.target import CoverageTarget
from portal.models.web_import import ImportSource, ImportState, ImportTouch, WebImport

__all__ = [
    "ROLES",
    "Achievement",
    "Alert",
    "AlertChannel",
    "AlertDelivery",
    "AlertDigest",
    "Assessment",
    "AuditEntry",
    "Base",
    "Cadence",
    "CaseKind",
    "CaseStage",
    "CaseState",
    "Certificate",
    "ChangeNote",
    "Conditions",
    "ConditionsVersion",
    "CoverageTarget",
    "DeadLetter",
    "DeliveryState",
    "Edition",
    "EntryStatus",
    "Export",
    "Fact",
    "FirmImage",
    "ImportRun",
    "ImportSource",
    "ImportState",
    "ImportTouch",
    "ImportUndo",
    "Instant",
    "Job",
    "JobState",
    "Lease",
    "Lockout",
    "Message",
    "Organisation",
    "OrganisationKind",
    "OrganisationState",
    "OutboxRow",
    "OwnList",
    "OwnRow",
    "Provenance",
    "Ranking",
    "RecentSearch",
    "Recognition",
    "RecordPart",
    "RecoveryCode",
    "Reminder",
    "ReminderKind",
    "ReviewCase",
    "ReviewStep",
    "Role",
    "RowState",
    "Shortlist",
    "ShortlistEntry",
    "ShortlistNote",
    "Snapshot",
    "SourcingRecord",
    "StepAction",
    "Supplier",
    "Token",
    "TokenKind",
    "Undo",
    "User",
    "UserSession",
    "WebImport",
    "now",
    "table_of",
]
