"""Exports and erasure"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "634a20f95837"
down_revision: str | None = "8e1f6c02b7d4"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_BEFORE = (
    *("RESET_PASSWORD", "CONFIRM_EMAIL", "PASSWORD_CHANGED", "ALREADY_REGISTERED"),
    *("REGISTRATION_VERIFIED", "REGISTRATION_SUSPENDED", "VISITS_IN_DOUBT"),
    *("PASSKEY_ADDED", "SECOND_FACTOR_ON", "SECOND_FACTOR_OFF"),
    *("ACCESS_REQUESTED", "GLASS_BROKEN"),
)
_MORE = ("EMAIL_CHANGED", "EXPORT_READY", "ACCOUNT_ERASED")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_table(
        "record_export",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("progress", sa.Float(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("object_key", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claim", sa.Uuid(), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "status <> 'READY' OR version IS NOT NULL AND size IS NOT NULL"
            " AND expires_at IS NOT NULL",
            name="what_is_ready_is_there",
        ),
        sa.CheckConstraint(
            "status IN ('REQUESTED', 'RUNNING', 'READY', 'FAILED', 'EXPIRED')",
            name="record_export_status",
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_record_export_patient_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_export")),
        sa.UniqueConstraint("object_key", name=op.f("uq_record_export_object_key")),
    )
    op.create_index(
        "ix_record_export_expires_at",
        "record_export",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("NOT removed"),
    )
    op.create_index(
        "ix_record_export_patient_id_id", "record_export", ["patient_id", "id"], unique=False
    )
    op.create_index(
        "ix_record_export_requested_at",
        "record_export",
        ["requested_at"],
        unique=False,
        postgresql_where=sa.text("status IN ('REQUESTED', 'RUNNING')"),
    )
    op.add_column("patient", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    _hold_to(*_BEFORE, *_MORE)


def downgrade() -> None:
    kinds = ", ".join(f"'{kind}'" for kind in _MORE)
    op.execute(f"DELETE FROM mail WHERE kind IN ({kinds})")  # noqa: S608  # our own names
    _hold_to(*_BEFORE)
    op.drop_column("patient", "erased_at")
    op.drop_index(
        "ix_record_export_requested_at",
        table_name="record_export",
        postgresql_where=sa.text("status IN ('REQUESTED', 'RUNNING')"),
    )
    op.drop_index("ix_record_export_patient_id_id", table_name="record_export")
    op.drop_index(
        "ix_record_export_expires_at",
        table_name="record_export",
        postgresql_where=sa.text("NOT removed"),
    )
    op.drop_table("record_export")


def _hold_to(*kinds: str) -> None:
    op.drop_constraint("mail_kind", "mail", type_="check")
    allowed = ", ".join(f"'{kind}'" for kind in kinds)
    op.create_check_constraint("mail_kind", "mail", f"kind IN ({allowed})")
