"""Rows set aside for a restriction go when they were given back and never by a date.

Only values set aside out of rows that the law keeps have a date: that of these rows. Earlier versions wrote
the date of blocked rows beside all of them.

Revision 0014, after 0013.
"""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("UPDATE vault_seal SET destroy_on = NULL WHERE purpose = 'set_aside'")
