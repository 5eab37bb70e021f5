"""Columns that nothing wrote and nothing read go: who holds a system stands in the log, and a suppression has no end.

Revision 0017, after 0018.
"""

from __future__ import annotations

from alembic import op

revision = "0017"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.drop_column("system_state", "held_by")
    op.drop_column("suppression", "until_on")
