"""Sourcing records for award files."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sourcing_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("shortlist_id", sa.Integer(), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("code", sa.String(length=25), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("reference", sa.String(length=120), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("firms", sa.Integer(), nullable=False),
        sa.Column("data_version", sa.Integer(), nullable=False),
        sa.Column("valid_on", sa.Date(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaces_id", sa.Integer(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by_id", sa.Integer(), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_sourcing_record_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["sourcing_record.id"], name=op.f("fk_sourcing_record_replaces_id_sourcing_record")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_sourcing_record_user_id_user_account")),
        sa.ForeignKeyConstraint(
            ["withdrawn_by_id"], ["user_account.id"], name=op.f("fk_sourcing_record_withdrawn_by_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sourcing_record")),
        sa.UniqueConstraint("code", name=op.f("uq_sourcing_record_code")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_sourcing_record_replaces_id")),
        sa.UniqueConstraint("sha256", name=op.f("uq_sourcing_record_sha256")),
    )
    with op.batch_alter_table("sourcing_record", schema=None) as batch_op:
        batch_op.create_index("ix_sourcing_record_organisation_id_made_at", ["organisation_id", "made_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_sourcing_record_shortlist_id"), ["shortlist_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sourcing_record_user_id"), ["user_id"], unique=False)
    op.create_table(
        "record_part",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["record_id"], ["sourcing_record.id"], name=op.f("fk_record_part_record_id_sourcing_record")
        ),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_record_part")),
    )
    with op.batch_alter_table("record_part", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_record_part_record_id"), ["record_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("record_part", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_record_part_record_id"))
    op.drop_table("record_part")
    with op.batch_alter_table("sourcing_record", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sourcing_record_user_id"))
        batch_op.drop_index(batch_op.f("ix_sourcing_record_shortlist_id"))
        batch_op.drop_index("ix_sourcing_record_organisation_id_made_at")
    op.drop_table("sourcing_record")
