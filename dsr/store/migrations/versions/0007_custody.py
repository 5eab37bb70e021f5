"""Legal keys, openings, holds, suppression with reasons, and returning people.

Revision 0007, after 0006.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import dsr.store.columns

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MOMENT = dsr.store.columns.UtcDateTime(timezone=True)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "legal_key",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("controller", sa.String(length=64), nullable=False),
        sa.Column("public", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("retired_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_key")),
    )
    op.create_index(op.f("ix_legal_key_controller"), "legal_key", ["controller"], unique=False)
    op.create_table(
        "vault_opening",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("controller", sa.String(length=64), nullable=False),
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("fetched_at", MOMENT, nullable=True),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vault_opening")),
    )
    op.create_index(op.f("ix_vault_opening_controller"), "vault_opening", ["controller"], unique=False)
    op.create_table(
        "legal_hold",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("controller", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("owner", sa.Integer(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=False),
        sa.Column("set_by", sa.Integer(), nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.Column("released_by", sa.Integer(), nullable=True),
        sa.Column("released_at", MOMENT, nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_legal_hold_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_hold")),
    )
    op.create_index(op.f("ix_legal_hold_controller"), "legal_hold", ["controller"], unique=False)
    op.create_index(op.f("ix_legal_hold_case_id"), "legal_hold", ["case_id"], unique=False)
    op.create_index("ix_legal_hold_review", "legal_hold", ["review_on", "released_at"], unique=False)
    op.create_table(
        "return_sweep",
        sa.Column("controller", sa.String(length=64), nullable=False),
        sa.Column("system", sa.String(length=64), nullable=False),
        sa.Column("cursor", dsr.store.columns.PlainJson(), nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("back", sa.Integer(), nullable=False),
        sa.Column("why", sa.String(length=240), nullable=False),
        sa.PrimaryKeyConstraint("controller", "system", name=op.f("pk_return_sweep")),
    )
    with op.batch_alter_table("vault_seal", schema=None) as batch_op:
        batch_op.add_column(sa.Column("root", sa.String(length=64), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("legal_key", sa.String(length=32), nullable=False, server_default=""))
    with op.batch_alter_table("suppression", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kind", sa.String(length=32), nullable=False, server_default="email"))
        batch_op.add_column(sa.Column("reason", sa.String(length=16), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("by", sa.String(length=32), nullable=False, server_default="system"))
        batch_op.add_column(sa.Column("sealed", sa.LargeBinary(), nullable=True))
    with op.batch_alter_table("case", schema=None) as batch_op:
        batch_op.add_column(sa.Column("follows", sa.String(length=16), nullable=False, server_default=""))
        batch_op.create_index(batch_op.f("ix_case_follows"), ["follows"], unique=False)


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("case", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_follows"))
        batch_op.drop_column("follows")
    with op.batch_alter_table("suppression", schema=None) as batch_op:
        for name in ("sealed", "by", "reason", "kind"):
            batch_op.drop_column(name)
    with op.batch_alter_table("vault_seal", schema=None) as batch_op:
        batch_op.drop_column("legal_key")
        batch_op.drop_column("root")
    op.drop_table("return_sweep")
    op.drop_index("ix_legal_hold_review", table_name="legal_hold")
    op.drop_index(op.f("ix_legal_hold_case_id"), table_name="legal_hold")
    op.drop_index(op.f("ix_legal_hold_controller"), table_name="legal_hold")
    op.drop_table("legal_hold")
    op.drop_index(op.f("ix_vault_opening_controller"), table_name="vault_opening")
    op.drop_table("vault_opening")
    op.drop_index(op.f("ix_legal_key_controller"), table_name="legal_key")
    op.drop_table("legal_key")
