"""Answers of the inventory survey.

Revision 0006, after 0005.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "survey_answer",
        sa.Column("controller", sa.String(length=64), nullable=False),
        sa.Column("area", sa.String(length=32), nullable=False),
        sa.Column("present", sa.String(length=8), nullable=False),
        sa.Column("by", sa.String(length=32), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("again_on", sa.Date(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("controller", "area", name=op.f("pk_survey_answer")),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("survey_answer")
