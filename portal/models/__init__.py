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
from portal.models.base import Base, Instant, now, table_of
from portal.models.condition import Conditions, ConditionsVersion
from portal.models.operation import AuditEntry, DeadLetter, Fact, ImportRun, Lease, OutboxRow
from portal.models.provenance import Provenance
from portal.models.ranking import Edition, Ranking
from portal.models.supplier import Achievement, Assessment, Certificate, Recognition, Supplier

__all__ = [
    "ROLES",
    "Achievement",
    "Assessment",
    "AuditEntry",
    "Base",
    "Certificate",
    "Conditions",
    "ConditionsVersion",
    "DeadLetter",
    "Edition",
    "Fact",
    "ImportRun",
    "Instant",
    "Lease",
    "Lockout",
    "Message",
    "Organisation",
    "OrganisationKind",
    "OrganisationState",
    "OutboxRow",
    "Provenance",
    "Ranking",
    "Recognition",
    "RecoveryCode",
    "Role",
    "Supplier",
    "Token",
    "TokenKind",
    "User",
    "UserSession",
    "now",
    "table_of",
]
