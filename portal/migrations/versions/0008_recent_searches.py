"""What a buyer searched for last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recent_search",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_recent_search_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recent_search")),
    )
    with op.batch_alter_table("recent_search", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recent_search_user_id"), ["user_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("recent_search", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recent_search_user_id"))

    op.drop_table("recent_search")
