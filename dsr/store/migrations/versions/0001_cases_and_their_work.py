"""Cases and their work.

Revision 0001, after nothing.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import dsr.store.columns

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "batch",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("controller", sa.String(length=64), nullable=False),
        sa.Column("phase", sa.String(length=16), nullable=False),
        sa.Column("system", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("made_at", dsr.store.columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("wake_at", dsr.store.columns.UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_at", dsr.store.columns.UtcDateTime(timezone=True), nullable=True),
        sa.Column("adoptions", sa.Integer(), nullable=False),
        sa.Column("why", sa.String(length=240), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
    )
    with op.batch_alter_table("batch", schema=None) as batch_op:
        batch_op.create_index("ix_batch_state", ["state", "wake_at"], unique=False)

    op.create_table(
        "submission",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("controller", sa.String(length=64), nullable=False),
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("received_at", dsr.store.columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_at", dsr.store.columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("verified_at", dsr.store.columns.UtcDateTime(timezone=True), nullable=True),
        sa.Column("verified_how", sa.String(length=32), nullable=False),
        sa.Column("behalf", sa.String(length=16), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("proof_key", sa.LargeBinary(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint("reference", name=op.f("uq_submission_reference")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_submission_token_hash")),
    )
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_submission_controller"), ["controller"], unique=False)

    op.create_table(
        "vault_seal",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("controller", sa.String(length=64), nullable=False),
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("system", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("roles", sa.String(length=64), nullable=False),
        sa.Column("made_at", dsr.store.columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("destroy_on", sa.Date(), nullable=True),
        sa.Column("returned_at", dsr.store.columns.UtcDateTime(timezone=True), nullable=True),
        sa.Column("destroyed_at", dsr.store.columns.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vault_seal")),
        sa.UniqueConstraint("key", "purpose", "digest", name=op.f("uq_vault_seal_key_purpose_digest")),
    )
    with op.batch_alter_table("vault_seal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_vault_seal_controller"), ["controller"], unique=False)
        batch_op.create_index(batch_op.f("ix_vault_seal_reference"), ["reference"], unique=False)

    op.create_table(
        "case",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("controller", sa.String(length=64), nullable=False),
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("right", sa.String(length=24), nullable=False),
        sa.Column("local_right", sa.String(length=48), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("ending", sa.String(length=16), nullable=True),
        sa.Column("jurisdiction", sa.String(length=8), nullable=False),
        sa.Column("pack", sa.String(length=48), nullable=False),
        sa.Column("calendar", sa.String(length=64), nullable=False),
        sa.Column("rule", sa.String(length=160), nullable=False),
        sa.Column("received_at", dsr.store.columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("first_due_on", sa.Date(), nullable=True),
        sa.Column("internal_on", sa.Date(), nullable=True),
        sa.Column("sort_on", sa.Date(), nullable=True),
        sa.Column("suspended_on", sa.Date(), nullable=True),
        sa.Column("wake_at", dsr.store.columns.UtcDateTime(timezone=True), nullable=True),
        sa.Column("batch_id", sa.String(length=36), nullable=True),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Boolean(), nullable=False),
        sa.Column("bounced", sa.Boolean(), nullable=False),
        sa.Column("auto", sa.Boolean(), nullable=False),
        sa.Column("waits_for", sa.Integer(), nullable=True),
        sa.Column("doing", sa.String(length=8), nullable=False),
        sa.Column("assignee", sa.Integer(), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("seconded_by", sa.Integer(), nullable=True),
        sa.Column("answered_at", dsr.store.columns.UtcDateTime(timezone=True), nullable=True),
        sa.Column("closed_at", dsr.store.columns.UtcDateTime(timezone=True), nullable=True),
        sa.Column("retain_until", sa.Date(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_case_submission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case")),
        sa.UniqueConstraint("reference", name=op.f("uq_case_reference")),
    )
    with op.batch_alter_table("case", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index("ix_case_due", ["status", "due_on"], unique=False)
        batch_op.create_index("ix_case_queue", ["controller", "status", "sort_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_submission_id"), ["submission_id"], unique=False)
        batch_op.create_index("ix_case_wake", ["wake_at"], unique=False)

    op.create_table(
        "identity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("controller", sa.String(length=64), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("lookup_hash", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("proved_at", dsr.store.columns.UtcDateTime(timezone=True), nullable=True),
        sa.Column("how", sa.String(length=32), nullable=False),
        sa.Column("provenance", sa.String(length=128), nullable=False),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_identity_submission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity")),
    )
    with op.batch_alter_table("identity", schema=None) as batch_op:
        batch_op.create_index("ix_identity_lookup", ["controller", "lookup_hash"], unique=False)
        batch_op.create_index(batch_op.f("ix_identity_submission_id"), ["submission_id"], unique=False)

    op.create_table(
        "vault_chunk",
        sa.Column("seal_id", sa.String(length=36), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["seal_id"], ["vault_seal.id"], name=op.f("fk_vault_chunk_seal_id")),
        sa.PrimaryKeyConstraint("seal_id", "n", name=op.f("pk_vault_chunk")),
    )
    op.create_table(
        "challenge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("controller", sa.String(length=64), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("identity_id", sa.Integer(), nullable=True),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", dsr.store.columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", dsr.store.columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("spent_at", dsr.store.columns.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["identity_id"], ["identity.id"], name=op.f("fk_challenge_identity_id")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_challenge_submission_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_challenge")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_challenge_token_hash")),
    )
    with op.batch_alter_table("challenge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_challenge_submission_id"), ["submission_id"], unique=False)

    op.create_table(
        "decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("controller", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("system", sa.String(length=64), nullable=False),
        sa.Column("record", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("field", sa.String(length=128), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("at", dsr.store.columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_decision_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_decision_case_id"), ["case_id"], unique=False)

    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("controller", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("at", dsr.store.columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("actor", sa.String(length=32), nullable=False),
        sa.Column("data", dsr.store.columns.PlainJson(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_event_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_event_case_id"), ["case_id"], unique=False)

    op.create_table(
        "plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("controller", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", dsr.store.columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("conflicts", sa.Integer(), nullable=False),
        sa.Column("summary", dsr.store.columns.PlainJson(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("approved_by", sa.Integer(), nullable=True),
        sa.Column("approved_at", dsr.store.columns.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_plan_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
        sa.UniqueConstraint("case_id", "generation", name=op.f("uq_plan_case_id_generation")),
    )
    op.create_table(
        "search",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("controller", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("system", sa.String(length=64), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("found", sa.String(length=16), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("proposals", sa.Integer(), nullable=False),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("at", dsr.store.columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("why", dsr.store.columns.PlainJson(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_search_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search")),
        sa.UniqueConstraint(
            "case_id", "generation", "system", name=op.f("uq_search_case_id_generation_system")
        ),
    )
    op.create_table(
        "work",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("controller", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("system", sa.String(length=64), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("verified", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("intended_at", dsr.store.columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("done_at", dsr.store.columns.UtcDateTime(timezone=True), nullable=True),
        sa.Column("check_after", dsr.store.columns.UtcDateTime(timezone=True), nullable=True),
        sa.Column("final_on", sa.Date(), nullable=True),
        sa.Column("retry_at", dsr.store.columns.UtcDateTime(timezone=True), nullable=True),
        sa.Column("why", dsr.store.columns.PlainJson(), nullable=False),
        sa.Column("outcome", dsr.store.columns.PlainJson(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_work_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work")),
        sa.UniqueConstraint("key", name=op.f("uq_work_key")),
    )
    with op.batch_alter_table("work", schema=None) as batch_op:
        batch_op.create_index("ix_work_case", ["case_id", "generation"], unique=False)
        batch_op.create_index("ix_work_check", ["state", "check_after"], unique=False)


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("work", schema=None) as batch_op:
        batch_op.drop_index("ix_work_check")
        batch_op.drop_index("ix_work_case")

    op.drop_table("work")
    op.drop_table("search")
    op.drop_table("plan")
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_event_case_id"))

    op.drop_table("event")
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_decision_case_id"))

    op.drop_table("decision")
    with op.batch_alter_table("challenge", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_challenge_submission_id"))

    op.drop_table("challenge")
    op.drop_table("vault_chunk")
    with op.batch_alter_table("identity", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_identity_submission_id"))
        batch_op.drop_index("ix_identity_lookup")

    op.drop_table("identity")
    with op.batch_alter_table("case", schema=None) as batch_op:
        batch_op.drop_index("ix_case_wake")
        batch_op.drop_index(batch_op.f("ix_case_submission_id"))
        batch_op.drop_index("ix_case_queue")
        batch_op.drop_index("ix_case_due")
        batch_op.drop_index(batch_op.f("ix_case_batch_id"))

    op.drop_table("case")
    with op.batch_alter_table("vault_seal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_vault_seal_reference"))
        batch_op.drop_index(batch_op.f("ix_vault_seal_controller"))

    op.drop_table("vault_seal")
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_submission_controller"))

    op.drop_table("submission")
    with op.batch_alter_table("batch", schema=None) as batch_op:
        batch_op.drop_index("ix_batch_state")

    op.drop_table("batch")
