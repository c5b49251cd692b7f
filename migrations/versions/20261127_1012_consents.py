"""Shares for an appointment, requests for access, and emergencies"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "8e1f6c02b7d4"
down_revision: str | None = "5d90c3ead629"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_BEFORE = (
    *("RESET_PASSWORD", "CONFIRM_EMAIL", "PASSWORD_CHANGED", "ALREADY_REGISTERED"),
    *("REGISTRATION_VERIFIED", "REGISTRATION_SUSPENDED", "VISITS_IN_DOUBT"),
    *("PASSKEY_ADDED", "SECOND_FACTOR_ON", "SECOND_FACTOR_OFF"),
)
_MORE = ("ACCESS_REQUESTED", "GLASS_BROKEN")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.add_column("share", sa.Column("appointment_id", sa.Uuid(), nullable=True))
    op.add_column("share", sa.Column("opens_before", sa.Interval(), nullable=True))
    op.add_column("share", sa.Column("lasts_after", sa.Interval(), nullable=True))
    op.create_foreign_key(
        op.f("fk_share_appointment_id"), "share", "appointment", ["appointment_id"], ["id"]
    )
    op.create_check_constraint(
        "a_share_for_an_appointment_has_its_times",
        "share",
        "(appointment_id IS NULL) = (opens_before IS NULL)"
        " AND (appointment_id IS NULL) = (lasts_after IS NULL)",
    )
    op.create_table(
        "access_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("doctor_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("message", sa.LargeBinary(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("share_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "share_id IS NULL OR answered_at IS NOT NULL", name="what_is_accepted_is_answered"
        ),
        sa.ForeignKeyConstraint(
            ["doctor_id"], ["doctor.id"], name=op.f("fk_access_request_doctor_id")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_access_request_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["share_id"], ["share.id"], name=op.f("fk_access_request_share_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_request")),
        postgresql.ExcludeConstraint(
            (sa.column("doctor_id"), "="),
            (sa.column("patient_id"), "="),
            (sa.text("tstzrange(requested_at, expires_at)"), "&&"),
            where=sa.text("answered_at IS NULL"),
            using="gist",
            name="one_request_of_these_two_waits",
        ),
    )
    op.create_index(
        "ix_access_request_patient_id_id", "access_request", ["patient_id", "id"], unique=False
    )
    op.create_index(
        "ix_access_request_doctor_id_id", "access_request", ["doctor_id", "id"], unique=False
    )
    op.create_table(
        "emergency_access",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("doctor_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_by", sa.Uuid(), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("ends_at > opened_at", name="an_emergency_lasts"),
        sa.CheckConstraint(
            "(reviewed_at IS NULL) = (reviewed_by IS NULL)"
            " AND (reviewed_at IS NULL) = (note IS NULL)",
            name="a_review_is_by_somebody_who_says_something",
        ),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_emergency_access_appointment_id")
        ),
        sa.ForeignKeyConstraint(
            ["doctor_id"], ["doctor.id"], name=op.f("fk_emergency_access_doctor_id")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_emergency_access_patient_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_access")),
        postgresql.ExcludeConstraint(
            (sa.column("doctor_id"), "="),
            (sa.column("patient_id"), "="),
            (sa.text("tstzrange(opened_at, ends_at)"), "&&"),
            using="gist",
            name="one_emergency_of_these_two_is_open",
        ),
    )
    op.create_index(
        "ix_emergency_access_doctor_id_ends_at",
        "emergency_access",
        ["doctor_id", "ends_at"],
        unique=False,
    )
    _hold_to(*_BEFORE, *_MORE)


def downgrade() -> None:
    kinds = ", ".join(f"'{kind}'" for kind in _MORE)
    op.execute(f"DELETE FROM mail WHERE kind IN ({kinds})")  # noqa: S608  # our own names
    _hold_to(*_BEFORE)
    op.drop_table("emergency_access")
    op.drop_table("access_request")
    # Without its appointment it would be good for longer than its patient has said.
    op.execute(
        "UPDATE share SET revoked_at = now() WHERE appointment_id IS NOT NULL"
        " AND revoked_at IS NULL"
    )
    op.drop_constraint("a_share_for_an_appointment_has_its_times", "share", type_="check")
    op.drop_constraint(op.f("fk_share_appointment_id"), "share", type_="foreignkey")
    for name in ("lasts_after", "opens_before", "appointment_id"):
        op.drop_column("share", name)


def _hold_to(*kinds: str) -> None:
    op.drop_constraint("mail_kind", "mail", type_="check")
    allowed = ", ".join(f"'{kind}'" for kind in kinds)
    op.create_check_constraint("mail_kind", "mail", f"kind IN ({allowed})")
