"""Sourcing conditions and their versions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "conditions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_conditions_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["user_account.id"], name=op.f("fk_conditions_owner_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conditions")),
    )
    with op.batch_alter_table("conditions", schema=None) as batch_op:
        batch_op.create_index("ix_conditions_organisation_id", ["organisation_id", "deleted_at"], unique=False)

    op.create_table(
        "conditions_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conditions_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("query", sa.JSON(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("restored", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["author_id"], ["user_account.id"], name=op.f("fk_conditions_version_author_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["conditions_id"],
            ["conditions.id"],
            name=op.f("fk_conditions_version_conditions_id_conditions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conditions_version")),
    )
    with op.batch_alter_table("conditions_version", schema=None) as batch_op:
        batch_op.create_index("ix_conditions_version_conditions_id", ["conditions_id", "number"], unique=True)


def downgrade() -> None:
    with op.batch_alter_table("conditions_version", schema=None) as batch_op:
        batch_op.drop_index("ix_conditions_version_conditions_id")

    op.drop_table("conditions_version")
    with op.batch_alter_table("conditions", schema=None) as batch_op:
        batch_op.drop_index("ix_conditions_organisation_id")

    op.drop_table("conditions")
