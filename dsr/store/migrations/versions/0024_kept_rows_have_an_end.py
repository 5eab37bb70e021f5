"""The first day until which an erasure kept something: when it is past, somebody takes it away.

Revision 0024, after 0026.
"""

from __future__ import annotations

import json
from datetime import date

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0026"
branch_labels = None
depends_on = None

KEEPS = sa.text("kept_until IS NOT NULL")


def upgrade() -> None:
    """Apply."""
    op.add_column("case", sa.Column("kept_until", sa.Date()))
    op.create_index(
        "ix_case_kept",
        "case",
        ["controller", "kept_until"],
        sqlite_where=KEEPS,
        postgresql_where=KEEPS,
    )
    _erasures(op.get_bind())


def _erasures(connection: sa.Connection) -> None:
    case = sa.table(
        "case", *(sa.column(name) for name in ("id", "right", "ending")), sa.column("kept_until", sa.Date())
    )
    work = sa.table("work", sa.column("case_id"), sa.column("outcome", sa.JSON()))
    wanted = (
        sa.select(work.c.case_id, work.c.outcome)
        .join(case, case.c.id == work.c.case_id)
        .where(case.c.right == "erasure", case.c.ending == "partly")
    )
    ends: dict[int, str] = {}
    for number, outcome in connection.execute(wanted).all():
        said = json.loads(outcome) if isinstance(outcome, str) else outcome
        for item in (said or {}).get("items", []):
            if item["kept"] and item["until"]:
                ends[number] = min(ends.get(number, item["until"]), item["until"])
    for number, until in ends.items():
        chosen = sa.update(case).where(case.c.id == number)
        connection.execute(chosen.values(kept_until=date.fromisoformat(until)))
