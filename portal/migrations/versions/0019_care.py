"""Care of the register: pairs of firms that may be one, merges with what an undo needs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0019"
down_revision = "0017"
branch_labels = None
depends_on = None

MERGED = sa.text("merged_into_id IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "duplicate_pair",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("second_id", sa.Integer(), nullable=False),
        sa.Column("how", sa.String(length=10), nullable=False),
        sa.Column("near", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["user_account.id"], name=op.f("fk_duplicate_pair_by_id_user_account")),
        sa.ForeignKeyConstraint(["first_id"], ["supplier.id"], name=op.f("fk_duplicate_pair_first_id_supplier")),
        sa.ForeignKeyConstraint(["second_id"], ["supplier.id"], name=op.f("fk_duplicate_pair_second_id_supplier")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate_pair")),
        sa.UniqueConstraint("first_id", "second_id", name=op.f("uq_duplicate_pair_first_id_second_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_duplicate_pair_second_id"), "duplicate_pair", ["second_id"])
    op.create_index("ix_duplicate_pair_state_how", "duplicate_pair", ["state", "how"])
    op.create_table(
        "supplier_merge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kept_id", sa.Integer(), nullable=False),
        sa.Column("merged_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["kept_id"], ["supplier.id"], name=op.f("fk_supplier_merge_kept_id_supplier")),
        sa.ForeignKeyConstraint(["merged_id"], ["supplier.id"], name=op.f("fk_supplier_merge_merged_id_supplier")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier_merge")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_supplier_merge_entry_id")),
    )
    op.create_index(op.f("ix_supplier_merge_kept_id"), "supplier_merge", ["kept_id"])
    op.create_index(op.f("ix_supplier_merge_merged_id"), "supplier_merge", ["merged_id"])
    op.add_column("supplier", sa.Column("profile_hidden_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "supplier",
        sa.Column("profile_hidden_reason", sa.String(length=400), server_default="", nullable=False),
    )
    op.create_index(
        "ix_supplier_merged_into_id", "supplier", ["merged_into_id"], sqlite_where=MERGED, postgresql_where=MERGED
    )


def downgrade() -> None:
    op.drop_index("ix_supplier_merged_into_id", table_name="supplier", sqlite_where=MERGED, postgresql_where=MERGED)
    with op.batch_alter_table("supplier") as batch:
        batch.drop_column("profile_hidden_reason")
        batch.drop_column("profile_hidden_at")
    op.drop_table("supplier_merge")
    op.drop_table("duplicate_pair")
