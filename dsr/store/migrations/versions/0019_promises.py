"""An answer that could not look everywhere promises to go on: which plan it told, and by when.

Cases that were answered so and wait to be closed come under the same rule: their promise is the legal date, or
two weeks from their answer where that is over. They are looked at again at once.

Revision 0019, after 0017.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0017"
branch_labels = None
depends_on = None

DAYS = 14
PROMISED = sa.text("promised_on IS NOT NULL")


def upgrade() -> None:
    """Apply."""
    op.add_column("case", sa.Column("promise_of", sa.Integer()))
    op.add_column("case", sa.Column("promised_on", sa.Date()))
    op.create_index(
        "ix_case_promised",
        "case",
        ["controller", "promised_on"],
        sqlite_where=PROMISED,
        postgresql_where=PROMISED,
    )
    _promises(op.get_bind())


def _promises(connection: sa.Connection) -> None:
    case = sa.table(
        "case",
        *(sa.column(name) for name in ("id", "status", "ending", "doing", "generation", "promise_of")),
        *(sa.column(name, sa.DateTime()) for name in ("answered_at", "wake_at")),
        *(sa.column(name, sa.Date()) for name in ("due_on", "promised_on")),
    )
    search = sa.table("search", *(sa.column(name) for name in ("case_id", "generation", "found")))
    missing = sa.exists().where(
        search.c.case_id == case.c.id,
        search.c.generation == case.c.generation,
        search.c.found.in_(("failed", "not_answered")),
    )
    wanted = sa.select(case.c.id, case.c.generation, case.c.due_on, case.c.answered_at).where(
        case.c.status == "answered",
        case.c.ending.in_(("done", "partly", "nothing")),
        case.c.doing != "lift",
        missing,
    )
    for number, generation, due_on, answered_at in connection.execute(wanted).all():
        values = {"promise_of": generation, "promised_on": _by(due_on, answered_at)}
        chosen = sa.update(case).where(case.c.id == number)
        connection.execute(chosen.values(wake_at=case.c.answered_at, **values))


def _by(due_on: date | None, answered_at: datetime) -> date:
    answered_on = answered_at.date()
    return due_on if due_on and due_on >= answered_on else answered_on + timedelta(days=DAYS)
