"""The results of assessments as one short text, for lists of firms."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BATCH = 1000
SIGNS = {"met": "=", "not_met": "!", "not_applicable": "~"}


def upgrade() -> None:
    with op.batch_alter_table("assessment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("marks", sa.Text(), nullable=False, server_default=""))
    fill(op.get_bind())
    with op.batch_alter_table("assessment", schema=None) as batch_op:
        batch_op.alter_column("marks", server_default=None)


def fill(connection: sa.Connection) -> None:
    """Derive the marks of the rows that are there, some at a time."""
    table = sa.table(
        "assessment", sa.column("id", sa.Integer), sa.column("results", sa.JSON), sa.column("marks", sa.Text)
    )
    change = sa.update(table).where(table.c.id == sa.bindparam("_id")).values(marks=sa.bindparam("_marks"))
    last = 0
    while rows := connection.execute(
        sa.select(table.c.id, table.c.results).where(table.c.id > last).order_by(table.c.id).limit(BATCH)
    ).all():
        connection.execute(change, [{"_id": row.id, "_marks": marks(row.results)} for row in rows])
        last = rows[-1].id


def marks(results: dict[str, dict[str, str]]) -> str:
    """As portal.register.marks has it now; what a migration does must not change with the code."""
    return "".join(f" {code}{SIGNS[result['result']]}" for code, result in results.items())


def downgrade() -> None:
    with op.batch_alter_table("assessment", schema=None) as batch_op:
        batch_op.drop_column("marks")
