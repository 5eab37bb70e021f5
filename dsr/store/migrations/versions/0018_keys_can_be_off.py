"""Members of staff may turn the single-key shortcuts of the desk off.

Revision 0018, after 0014.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("staff", schema=None) as batch_op:
        batch_op.add_column(sa.Column("shortcuts", sa.Boolean(), nullable=False, server_default=sa.true()))
