"""Proof of delivery, recipients that are told, and who confirmed a power of representation.

Revision 0008, after 0007.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import dsr.store.columns

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    moment = dsr.store.columns.UtcDateTime(timezone=True)
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("letter", sa.String(length=64), nullable=False, server_default=""))
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.add_column(sa.Column("power_at", moment, nullable=True))
        batch_op.add_column(sa.Column("power_by", sa.String(length=32), nullable=False, server_default=""))
    op.create_table(
        "delivery_proof",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("controller", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("letter", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_delivery_proof_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_proof")),
    )
    with op.batch_alter_table("delivery_proof", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_delivery_proof_case_id"), ["case_id"], unique=False)
    op.create_table(
        "recipient_notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("controller", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("next_at", moment, nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("told_at", moment, nullable=True),
        sa.Column("reminded_at", moment, nullable=True),
        sa.Column("answered_at", moment, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(length=240), nullable=False),
        sa.Column("message_id", sa.String(length=120), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_answer", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_recipient_notice_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recipient_notice")),
        sa.UniqueConstraint("key", name=op.f("uq_recipient_notice_key")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_recipient_notice_token_hash")),
    )
    with op.batch_alter_table("recipient_notice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recipient_notice_case_id"), ["case_id"], unique=False)
        batch_op.create_index("ix_recipient_notice_state", ["state", "next_at"], unique=False)


def downgrade() -> None:
    """Take back."""
    op.drop_table("recipient_notice")
    op.drop_table("delivery_proof")
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.drop_column("power_by")
        batch_op.drop_column("power_at")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_column("letter")
