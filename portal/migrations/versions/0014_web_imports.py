"""Imports in the browser, saved sources, and what an import did to each firm."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The default stays: to take it off, SQLite would have to make the table anew under all that refers to it.
    op.add_column("supplier", sa.Column("import_undo", sa.String(length=10), nullable=False, server_default=""))
    op.create_table(
        "import_source",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_import_source_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_source")),
        sa.UniqueConstraint("name", name=op.f("uq_import_source_name")),
    )
    op.create_table(
        "import_touch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("supplier_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["import_run.id"], name=op.f("fk_import_touch_run_id_import_run")),
        sa.ForeignKeyConstraint(["supplier_id"], ["supplier.id"], name=op.f("fk_import_touch_supplier_id_supplier")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_touch")),
    )
    with op.batch_alter_table("import_touch", schema=None) as batch_op:
        batch_op.create_index("ix_import_touch_run_id_supplier_id", ["run_id", "supplier_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_import_touch_supplier_id"), ["supplier_id"], unique=False)
    op.create_table(
        "web_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("file_hash", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("look", sa.JSON(), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("confirmed_by", sa.Integer(), nullable=True),
        sa.Column("undone_by", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["confirmed_by"], ["user_account.id"], name=op.f("fk_web_import_confirmed_by_user_account")),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_web_import_job_id_job")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_web_import_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["import_run.id"], name=op.f("fk_web_import_run_id_import_run")),
        sa.ForeignKeyConstraint(["undone_by"], ["user_account.id"], name=op.f("fk_web_import_undone_by_user_account")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_web_import_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_web_import")),
    )
    with op.batch_alter_table("web_import", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_web_import_file_hash"), ["file_hash"], unique=False)
        batch_op.create_index(batch_op.f("ix_web_import_organisation_id"), ["organisation_id"], unique=False)


def downgrade() -> None:
    op.drop_table("web_import")
    op.drop_table("import_touch")
    op.drop_table("import_source")
    op.drop_column("supplier", "import_undo")
