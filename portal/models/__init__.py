"""The tables. Whoever writes official facts goes through `portal.register.writer`."""

from portal.models.base import Base, Instant, now, table_of
from portal.models.operation import AuditEntry, DeadLetter, Fact, ImportRun, Lease, OutboxRow
from portal.models.provenance import Provenance
from portal.models.ranking import Edition, Ranking
from portal.models.supplier import Achievement, Assessment, Certificate, Recognition, Supplier

__all__ = [
    "Achievement",
    "Assessment",
    "AuditEntry",
    "Base",
    "Certificate",
    "DeadLetter",
    "Edition",
    "Fact",
    "ImportRun",
    "Instant",
    "Lease",
    "OutboxRow",
    "Provenance",
    "Ranking",
    "Recognition",
    "Supplier",
    "now",
    "table_of",
]
