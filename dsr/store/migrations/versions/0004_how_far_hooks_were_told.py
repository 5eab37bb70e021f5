"""How far each webhook was told.

Revision 0004, after 0003.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("hook", schema=None) as batch_op:
        batch_op.add_column(sa.Column("seen_seq", sa.Integer(), nullable=False, server_default="0"))
        batch_op.create_index("ix_hook_active", ["active", "controller"], unique=False)


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("hook", schema=None) as batch_op:
        batch_op.drop_index("ix_hook_active")
        batch_op.drop_column("seen_seq")
