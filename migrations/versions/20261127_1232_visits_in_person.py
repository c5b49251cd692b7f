"""Requests for a visit in person"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "678305626842"
down_revision: str | None = "3308493f6394"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_BEFORE = (
    *("RESET_PASSWORD", "CONFIRM_EMAIL", "PASSWORD_CHANGED", "ALREADY_REGISTERED"),
    *("REGISTRATION_VERIFIED", "REGISTRATION_SUSPENDED", "VISITS_IN_DOUBT"),
    *("PASSKEY_ADDED", "SECOND_FACTOR_ON", "SECOND_FACTOR_OFF"),
    *("ACCESS_REQUESTED", "GLASS_BROKEN"),
    *("EMAIL_CHANGED", "EXPORT_READY", "ACCOUNT_ERASED"),
)
_MORE = ("IN_PERSON_ASKED", "IN_PERSON_ANSWERED")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_table(
        "in_person_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("doctor_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("message", sa.LargeBinary(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "answered_at IS NULL OR withdrawn_at IS NULL", name="what_is_answered_is_not_withdrawn"
        ),
        sa.CheckConstraint(
            "num_nulls(answered_at, accepted, answer) IN (0, 3)",
            name="who_answers_says_whether_and_why",
        ),
        sa.ForeignKeyConstraint(
            ["doctor_id"], ["doctor.id"], name=op.f("fk_in_person_request_doctor_id")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_in_person_request_patient_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_in_person_request")),
    )
    op.create_index(
        "ix_in_person_request_doctor_id_id", "in_person_request", ["doctor_id", "id"], unique=False
    )
    op.create_index(
        "ix_in_person_request_patient_id_id",
        "in_person_request",
        ["patient_id", "id"],
        unique=False,
    )
    op.create_index(
        "one_visit_in_person_of_these_two_is_asked_for",
        "in_person_request",
        ["patient_id", "doctor_id"],
        unique=True,
        postgresql_where=sa.text("answered_at IS NULL AND withdrawn_at IS NULL"),
    )
    _hold_to(*_BEFORE, *_MORE)


def downgrade() -> None:
    kinds = ", ".join(f"'{kind}'" for kind in _MORE)
    op.execute(f"DELETE FROM mail WHERE kind IN ({kinds})")  # noqa: S608  # our own names
    _hold_to(*_BEFORE)
    op.drop_table("in_person_request")


def _hold_to(*kinds: str) -> None:
    op.drop_constraint("mail_kind", "mail", type_="check")
    allowed = ", ".join(f"'{kind}'" for kind in kinds)
    op.create_check_constraint("mail_kind", "mail", f"kind IN ({allowed})")
