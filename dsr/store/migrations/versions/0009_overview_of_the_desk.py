"""Indexes for the first page of the desk.

Revision 0009, after 0008.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

FEW = (
    ("ix_case_answered", ["controller", "answered_at"], "answered_at IS NOT NULL", "answered_at IS NOT NULL"),
    (
        "ix_case_assignee",
        ["assignee", "controller", "sort_on"],
        "assignee IS NOT NULL",
        "assignee IS NOT NULL",
    ),
    ("ix_case_failed", ["controller", "sort_on"], "failed IS 1", "failed IS true"),
    ("ix_case_bounced", ["controller", "sort_on"], "bounced IS 1", "bounced IS true"),
)


def upgrade() -> None:
    """Apply."""
    op.create_index("ix_submission_received", "submission", ["controller", "received_at", "country"])
    op.create_index("ix_case_received", "case", ["controller", "received_on", "right"])
    for name, columns, sqlite, postgresql in FEW:
        op.create_index(name, "case", columns, sqlite_where=text(sqlite), postgresql_where=text(postgresql))
