"""What buyers search by, and how often firms appear."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "asked_query",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=32), nullable=False),
        sa.Column("query", sa.JSON(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asked_query")),
        sa.UniqueConstraint("hash", name=op.f("uq_asked_query_hash")),
    )
    op.create_table(
        "search_count",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("query_id", sa.Integer(), nullable=False),
        sa.Column("organisation", sa.String(length=30), nullable=False),
        sa.Column("searches", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["query_id"], ["asked_query.id"], name=op.f("fk_search_count_query_id_asked_query")),
        sa.PrimaryKeyConstraint("day", "query_id", "organisation", name=op.f("pk_search_count")),
    )
    with op.batch_alter_table("search_count", schema=None) as batch_op:
        batch_op.create_index("ix_search_count_query_id", ["query_id"], unique=False)

    op.create_table(
        "appearance",
        sa.Column("supplier_id", sa.Integer(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.Column("shortlisted", sa.Integer(), nullable=False),
        sa.Column("exported", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["supplier_id"], ["supplier.id"], name=op.f("fk_appearance_supplier_id_supplier")),
        sa.PrimaryKeyConstraint("supplier_id", "week", name=op.f("pk_appearance")),
    )
    op.create_table(
        "counted_file",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counted_file")),
    )


def downgrade() -> None:
    op.drop_table("counted_file")
    op.drop_table("appearance")
    with op.batch_alter_table("search_count", schema=None) as batch_op:
        batch_op.drop_index("ix_search_count_query_id")

    op.drop_table("search_count")
    op.drop_table("asked_query")
