"""A package says whether it holds only what was added to those before it.

Of a case with several packages these are the later ones that were read after an erasure of the same submission.

Revision 0026, after 0019.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("package", sa.Column("added", sa.Boolean(), nullable=False, server_default=sa.false()))
    package = sa.table("package", *(sa.column(name) for name in ("id", "case_id", "read_at", "added")))
    case = sa.table("case", *(sa.column(name) for name in ("id", "submission_id", "right", "answered_at")))
    before, hers, erasure = package.alias("before"), case.alias("hers"), case.alias("erasure")
    second = sa.exists().where(before.c.case_id == package.c.case_id, before.c.id < package.c.id)
    erased = sa.exists().where(
        hers.c.id == package.c.case_id,
        erasure.c.submission_id == hers.c.submission_id,
        erasure.c.right == "erasure",
        erasure.c.answered_at < package.c.read_at,
    )
    op.execute(sa.update(package).where(second, erased).values(added=sa.true()))
