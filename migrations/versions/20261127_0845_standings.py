"""What administrators decide of doctors"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "5f0940648b98"
down_revision: str | None = "914340914adc"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_BEFORE = ("RESET_PASSWORD", "CONFIRM_EMAIL", "PASSWORD_CHANGED", "ALREADY_REGISTERED")
_MORE = ("REGISTRATION_VERIFIED", "REGISTRATION_SUSPENDED", "VISITS_IN_DOUBT")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    _hold_mail_to(*_BEFORE, *_MORE)
    op.create_table(
        "standing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("doctor_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status IN ('PENDING', 'VERIFIED', 'SUSPENDED')", name="standing_status"
        ),
        sa.ForeignKeyConstraint(["doctor_id"], ["doctor.id"], name=op.f("fk_standing_doctor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing")),
    )
    op.create_index("ix_standing_doctor_id_id", "standing", ["doctor_id", "id"], unique=False)
    op.create_index(
        "ix_audit_entry_subject",
        "audit_entry",
        ["subject"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"subject": "jsonb_path_ops"},
    )


def downgrade() -> None:
    op.drop_index("ix_audit_entry_subject", table_name="audit_entry")
    op.drop_index("ix_standing_doctor_id_id", table_name="standing")
    op.drop_table("standing")
    _hold_mail_to(*_BEFORE)


def _hold_mail_to(*kinds: str) -> None:
    op.drop_constraint("mail_kind", "mail", type_="check")
    allowed = ", ".join(f"'{kind}'" for kind in kinds)
    op.create_check_constraint("mail_kind", "mail", f"kind IN ({allowed})")
