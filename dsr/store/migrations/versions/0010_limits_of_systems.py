"""What a system bears: openings at once and calls a minute; who cannot be reached is looked at by the clock.

Revision 0010, after 0009.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import dsr.store.columns

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "allowance",
        sa.Column("system", sa.String(64), primary_key=True),
        sa.Column("open", dsr.store.columns.PlainJson(), nullable=False),
        sa.Column("taken", dsr.store.columns.PlainJson(), nullable=False),
    )
    op.add_column(
        "system_state", sa.Column("silent", sa.Boolean(), nullable=False, server_default=sa.false())
    )
