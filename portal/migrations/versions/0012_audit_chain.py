"""Entries of the operation log chained by hash, and found by who, what and whom."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

SEALED, UNSEALED = sa.text("seal IS NOT NULL"), sa.text("seal IS NULL")


def upgrade() -> None:
    # Plain statements, not a batch: SQLite adds columns in place, and a batch would copy the whole log.
    op.add_column("audit_entry", sa.Column("seal", sa.Integer(), nullable=True))
    op.add_column("audit_entry", sa.Column("hash", sa.String(length=64), nullable=True))
    op.drop_index("ix_audit_entry_subject", table_name="audit_entry")
    op.create_index("ix_audit_entry_subject", "audit_entry", ["subject", "at"])
    op.create_index("ix_audit_entry_actor", "audit_entry", ["actor", "at"])
    op.create_index("ix_audit_entry_action", "audit_entry", ["action", "at"])
    op.create_index(
        "ix_audit_entry_seal", "audit_entry", ["seal"], unique=True, sqlite_where=SEALED, postgresql_where=SEALED
    )
    op.create_index("ix_audit_entry_unsealed", "audit_entry", ["id"], sqlite_where=UNSEALED, postgresql_where=UNSEALED)


def downgrade() -> None:
    op.execute("DELETE FROM fact WHERE name IN ('audit_head', 'audit_checkpoint')")
    for name in ("unsealed", "seal", "action", "actor", "subject"):
        op.drop_index(f"ix_audit_entry_{name}", table_name="audit_entry")
    op.create_index("ix_audit_entry_subject", "audit_entry", ["subject"])
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.drop_column("hash")
        batch_op.drop_column("seal")
