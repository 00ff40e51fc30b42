"""Inquiries: threads between buyers and firms, blocks and reports; and when an account was deleted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "inquiry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("supplier_id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("product", sa.String(length=200), nullable=False),
        sa.Column("quantity", sa.String(length=100), nullable=False),
        sa.Column("needed_by", sa.Date(), nullable=True),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("for_buyer", sa.Boolean(), nullable=False),
        sa.Column("for_firm", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["firm_id"], ["organisation.id"], name=op.f("fk_inquiry_firm_id_organisation")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_inquiry_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["supplier_id"], ["supplier.id"], name=op.f("fk_inquiry_supplier_id_supplier")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_inquiry_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inquiry")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("inquiry", schema=None) as batch_op:
        batch_op.create_index("ix_inquiry_firm_id_changed_at", ["firm_id", "changed_at"], unique=False)
        batch_op.create_index("ix_inquiry_organisation_id_created_at", ["organisation_id", "created_at"], unique=False)
        batch_op.create_index(
            "ix_inquiry_organisation_id_supplier_id", ["organisation_id", "supplier_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_inquiry_supplier_id"), ["supplier_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_inquiry_user_id"), ["user_id"], unique=False)

    op.create_table(
        "inquiry_block",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("buyer_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["buyer_id"], ["organisation.id"], name=op.f("fk_inquiry_block_buyer_id_organisation")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_inquiry_block_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_inquiry_block_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inquiry_block")),
        sa.UniqueConstraint("organisation_id", "buyer_id", name=op.f("uq_inquiry_block_organisation_id_buyer_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("inquiry_block", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_inquiry_block_buyer_id"), ["buyer_id"], unique=False)

    op.create_table(
        "inquiry_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("inquiry_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["inquiry_id"], ["inquiry.id"], name=op.f("fk_inquiry_message_inquiry_id_inquiry")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_inquiry_message_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_inquiry_message_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inquiry_message")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("inquiry_message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_inquiry_message_inquiry_id"), ["inquiry_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_inquiry_message_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_inquiry_message_user_id"), ["user_id"], unique=False)

    op.create_table(
        "inquiry_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("inquiry_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("buyer_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["buyer_id"], ["organisation.id"], name=op.f("fk_inquiry_report_buyer_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["user_account.id"], name=op.f("fk_inquiry_report_decided_by_id_user_account")
        ),
        sa.ForeignKeyConstraint(["inquiry_id"], ["inquiry.id"], name=op.f("fk_inquiry_report_inquiry_id_inquiry")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_inquiry_report_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_inquiry_report_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inquiry_report")),
        sa.UniqueConstraint("inquiry_id", name=op.f("uq_inquiry_report_inquiry_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("inquiry_report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_inquiry_report_buyer_id"), ["buyer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_inquiry_report_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index("ix_inquiry_report_state_at", ["state", "at"], unique=False)

    with op.batch_alter_table("user_account", schema=None) as batch_op:
        batch_op.add_column(sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("user_account", schema=None) as batch_op:
        batch_op.drop_column("erased_at")

    with op.batch_alter_table("inquiry_report", schema=None) as batch_op:
        batch_op.drop_index("ix_inquiry_report_state_at")
        batch_op.drop_index(batch_op.f("ix_inquiry_report_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_inquiry_report_buyer_id"))

    op.drop_table("inquiry_report")
    with op.batch_alter_table("inquiry_message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_inquiry_message_user_id"))
        batch_op.drop_index(batch_op.f("ix_inquiry_message_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_inquiry_message_inquiry_id"))

    op.drop_table("inquiry_message")
    with op.batch_alter_table("inquiry_block", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_inquiry_block_buyer_id"))

    op.drop_table("inquiry_block")
    with op.batch_alter_table("inquiry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_inquiry_user_id"))
        batch_op.drop_index(batch_op.f("ix_inquiry_supplier_id"))
        batch_op.drop_index("ix_inquiry_organisation_id_supplier_id")
        batch_op.drop_index("ix_inquiry_organisation_id_created_at")
        batch_op.drop_index("ix_inquiry_firm_id_changed_at")

    op.drop_table("inquiry")
