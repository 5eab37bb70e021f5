"""The day by which an authority that forwarded a complaint wants its answer.

Revision 0011, after 0010.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

WAITS = text("authority_due_on IS NOT NULL")


def upgrade() -> None:
    """Apply."""
    op.add_column("case", sa.Column("authority_due_on", sa.Date()))
    op.create_index(
        "ix_case_authority",
        "case",
        ["controller", "authority_due_on"],
        sqlite_where=WAITS,
        postgresql_where=WAITS,
    )
