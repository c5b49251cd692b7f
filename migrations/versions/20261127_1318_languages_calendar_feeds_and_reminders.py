"""Languages, calendar feeds and reminders"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2170b1e387fd"
down_revision: str | None = "25a5f4049267"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_BEFORE = (
    *("RESET_PASSWORD", "CONFIRM_EMAIL", "PASSWORD_CHANGED", "ALREADY_REGISTERED"),
    *("REGISTRATION_VERIFIED", "REGISTRATION_SUSPENDED", "VISITS_IN_DOUBT"),
    *("PASSKEY_ADDED", "SECOND_FACTOR_ON", "SECOND_FACTOR_OFF"),
    *("ACCESS_REQUESTED", "GLASS_BROKEN"),
    *("EMAIL_CHANGED", "EXPORT_READY", "ACCOUNT_ERASED"),
    *("IN_PERSON_ASKED", "IN_PERSON_ANSWERED"),
)
_MORE = (
    *("CALENDAR_FEED_MADE", "VISIT_REQUESTED", "VISIT_CONFIRMED", "VISIT_MOVED"),
    *("VISIT_DECLINED", "VISIT_CANCELLED", "VISIT_EXPIRED", "VISIT_SOON"),
)
# For what was confirmed before there were reminders, as those are that are confirmed today.
_PLAN = """
INSERT INTO reminder (appointment_id, due_at)
SELECT id, starts_at - before
  FROM appointment, unnest('{24 hours,1 hour}'::interval[]) AS before
 WHERE status = 'CONFIRMED' AND starts_at - before > now()
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_table(
        "calendar_feed",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["account.id"], name=op.f("fk_calendar_feed_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feed")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_calendar_feed_token_hash")),
        sa.UniqueConstraint("user_id", name=op.f("uq_calendar_feed_user_id")),
    )
    op.create_table(
        "reminder",
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_reminder_appointment_id")
        ),
        sa.PrimaryKeyConstraint("appointment_id", "due_at", name=op.f("pk_reminder")),
    )
    op.create_index(op.f("ix_reminder_due_at"), "reminder", ["due_at"], unique=False)
    op.execute(_PLAN)
    op.add_column(
        "account", sa.Column("language", sa.Text(), server_default="pt-BR", nullable=False)
    )
    op.create_check_constraint("account_language", "account", "language IN ('pt-BR', 'en')")
    op.add_column(
        "patient",
        sa.Column("time_zone", sa.Text(), server_default="America/Sao_Paulo", nullable=False),
    )
    _hold_to(*_BEFORE, *_MORE)


def downgrade() -> None:
    kinds = ", ".join(f"'{kind}'" for kind in _MORE)
    op.execute(f"DELETE FROM mail WHERE kind IN ({kinds})")  # noqa: S608  # our own names
    _hold_to(*_BEFORE)
    op.drop_column("patient", "time_zone")
    op.drop_column("account", "language")
    op.drop_index(op.f("ix_reminder_due_at"), table_name="reminder")
    op.drop_table("reminder")
    op.drop_table("calendar_feed")


def _hold_to(*kinds: str) -> None:
    op.drop_constraint("mail_kind", "mail", type_="check")
    allowed = ", ".join(f"'{kind}'" for kind in kinds)
    op.create_check_constraint("mail_kind", "mail", f"kind IN ({allowed})")
