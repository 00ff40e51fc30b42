"""The territory that staff are limited to, and assessments found by their age."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("user_account", sa.Column("regions", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("user_account", sa.Column("sectors", sa.JSON(), nullable=False, server_default="[]"))
    op.create_index("ix_assessment_current_assessed_on", "assessment", ["current", "assessed_on"])


def downgrade() -> None:
    op.drop_index("ix_assessment_current_assessed_on", table_name="assessment")
    with op.batch_alter_table("user_account", schema=None) as batch_op:
        batch_op.drop_column("sectors")
        batch_op.drop_column("regions")
