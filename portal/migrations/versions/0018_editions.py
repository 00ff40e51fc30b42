"""How far an edition has come, who took it there, and objections to it. Editions that are there were published."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

PEOPLE = ("made_by", "noticed_by", "published_by", "taken_back_by")


def upgrade() -> None:
    with op.batch_alter_table("edition", schema=None) as batch_op:
        batch_op.add_column(sa.Column("state", sa.String(length=20), nullable=False, server_default="published"))
        batch_op.add_column(sa.Column("made_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("job_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("remark", sa.String(length=20), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("notice_until", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("reason", sa.String(length=400), nullable=False, server_default=""))
        for name in PEOPLE:
            batch_op.add_column(sa.Column(name, sa.Integer(), nullable=True))
    op.execute("UPDATE edition SET made_at = published_at")
    with op.batch_alter_table("edition", schema=None) as batch_op:
        batch_op.alter_column("made_at", existing_type=sa.DateTime(timezone=True), nullable=False)
        batch_op.alter_column("published_at", existing_type=sa.DateTime(timezone=True), nullable=True)
        batch_op.create_check_constraint("current_is_published", "NOT current OR state = 'published'")
        batch_op.create_foreign_key(batch_op.f("fk_edition_job_id_job"), "job", ["job_id"], ["id"])
        for name in PEOPLE:
            batch_op.create_foreign_key(batch_op.f(f"fk_edition_{name}_user_account"), "user_account", [name], ["id"])
    op.create_index("ix_ranking_edition_id_position", "ranking", ["edition_id", "position"])
    op.create_table(
        "objection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("supplier_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["answered_by"], ["user_account.id"], name=op.f("fk_objection_answered_by_user_account")),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_objection_edition_id_edition")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_objection_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["supplier_id"], ["supplier.id"], name=op.f("fk_objection_supplier_id_supplier")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_objection_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objection")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("objection", schema=None) as batch_op:
        batch_op.create_index("ix_objection_edition_id_verdict", ["edition_id", "verdict"], unique=False)
        batch_op.create_index(batch_op.f("ix_objection_organisation_id"), ["organisation_id"], unique=False)


def downgrade() -> None:
    """What was never published is gone afterwards, and so is that anything was taken back."""
    op.drop_table("objection")
    op.drop_index("ix_ranking_edition_id_position", table_name="ranking")
    op.execute("DELETE FROM ranking WHERE edition_id IN (SELECT id FROM edition WHERE published_at IS NULL)")
    op.execute("DELETE FROM edition WHERE published_at IS NULL")
    with op.batch_alter_table("edition", schema=None) as batch_op:
        batch_op.drop_constraint("current_is_published", type_="check")
        for name in PEOPLE:
            batch_op.drop_constraint(batch_op.f(f"fk_edition_{name}_user_account"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_edition_job_id_job"), type_="foreignkey")
        batch_op.alter_column("published_at", existing_type=sa.DateTime(timezone=True), nullable=False)
        gone = ("state", "made_at", "job_id", "remark", "noticed_at", "notice_until", "taken_back_at", "reason")
        for name in (*gone, *PEOPLE):
            batch_op.drop_column(name)
