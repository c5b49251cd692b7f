"""The main job: accounts, doctors, patients, slots, appointments, reviews, audit and event log."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import UserDefinedType

revision: str = "e38c101baaa4"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

EXTENSIONS = ("btree_gist", "cube", "earthdistance", "pg_trgm", "unaccent")
# `unaccent` is only STABLE, since its dictionary could be changed; an index needs IMMUTABLE.
PLAIN_TEXT = """
CREATE FUNCTION plain_text(text) RETURNS text
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN lower(public.unaccent('public.unaccent'::regdictionary, $1))
"""
APPEND_ONLY = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql
  AS $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$
"""
GUARD_AUDIT = """
CREATE TRIGGER audit_entry_is_append_only BEFORE UPDATE OR DELETE ON audit_entry
  FOR EACH ROW EXECUTE FUNCTION refuse_change()
"""
GUARD_ALL_OF_AUDIT = """
CREATE TRIGGER audit_entry_is_never_emptied BEFORE TRUNCATE ON audit_entry
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""


class Cube(UserDefinedType[Any]):
    def get_col_spec(self, **_: Any) -> str:
        return "cube"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    for extension in EXTENSIONS:
        op.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
    op.execute(PLAIN_TEXT)
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("email", sa.LargeBinary(), nullable=False),
        sa.Column("email_hash", sa.LargeBinary(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("role IN ('DOCTOR', 'PATIENT')", name="account_role"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
    )
    op.create_index(
        "a_patients_email_is_his_alone",
        "account",
        ["email_hash"],
        unique=True,
        postgresql_where=sa.text("role = 'PATIENT'"),
    )
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_index(op.f("ix_audit_entry_user_id"), "audit_entry", ["user_id"], unique=False)
    op.create_table(
        "event",
        sa.Column(
            "tx",
            sa.BigInteger(),
            server_default=sa.text("(pg_current_xact_id()::text::bigint)"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("row", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("doctor_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("slot_id", sa.Uuid(), nullable=True),
        sa.Column("appointment_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("tx", "row", name=op.f("pk_event")),
    )
    op.create_index("ix_event_at", "event", ["at"], unique=False, postgresql_using="brin")
    op.create_index("ix_event_doctor_id", "event", ["doctor_id", "tx", "row"], unique=False)
    op.create_index("ix_event_patient_id", "event", ["patient_id", "tx", "row"], unique=False)
    op.create_table(
        "event_log_edge",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("tx", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_log_edge")),
    )
    op.create_table(
        "doctor",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("crm", sa.Text(), nullable=False),
        sa.Column("uf", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("specialties", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("rating_count", sa.Integer(), nullable=False),
        sa.Column("rating_sum", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "name_search", sa.Text(), sa.Computed("plain_text(name)", persisted=True), nullable=True
        ),
        sa.Column(
            "place",
            Cube(),
            sa.Computed("(ll_to_earth(latitude, longitude))::cube", persisted=True),
            nullable=True,
        ),
        sa.CheckConstraint("status IN ('PENDING', 'VERIFIED', 'SUSPENDED')", name="doctor_status"),
        sa.CheckConstraint("rating_count >= 0 AND rating_sum >= rating_count", name="rating"),
        sa.ForeignKeyConstraint(["id"], ["account.id"], name=op.f("fk_doctor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_doctor")),
        sa.UniqueConstraint("crm", "uf", name="a_crm_is_registered_once"),
    )
    op.create_index(
        "ix_doctor_name_search",
        "doctor",
        ["name_search"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"name_search": "gin_trgm_ops"},
    )
    op.create_index("ix_doctor_place", "doctor", ["place"], unique=False, postgresql_using="gist")
    op.create_index(
        "ix_doctor_specialties", "doctor", ["specialties"], unique=False, postgresql_using="gin"
    )
    op.create_table(
        "idempotency_key",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("answer", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["account.id"], name=op.f("fk_idempotency_key_user_id")
        ),
        sa.PrimaryKeyConstraint("user_id", "key", name=op.f("pk_idempotency_key")),
    )
    op.create_table(
        "patient",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("cpf", sa.LargeBinary(), nullable=False),
        sa.Column("cpf_hash", sa.LargeBinary(), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["account.id"], name=op.f("fk_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient")),
        sa.UniqueConstraint("cpf_hash", name=op.f("uq_patient_cpf_hash")),
    )
    op.create_table(
        "session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("refresh_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["account.id"], name=op.f("fk_session_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("refresh_hash", name=op.f("uq_session_refresh_hash")),
    )
    op.create_index(op.f("ix_session_user_id"), "session", ["user_id"], unique=False)
    op.create_table(
        "slot",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("doctor_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("held_by", sa.Uuid(), nullable=True),
        sa.Column("lapses_at", sa.DateTime(timezone=True), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("doctor_id"), "="),
            (sa.text("tstzrange(starts_at, ends_at)"), "&&"),
            where=sa.text("status <> 'WITHDRAWN'"),
            using="gist",
            name="slots_of_a_doctor_never_overlap",
        ),
        sa.CheckConstraint("(status = 'HELD') = (held_by IS NOT NULL)", name="slot_held_by_one"),
        sa.CheckConstraint("lapses_at IS NULL OR status IN ('HELD', 'BOOKED')", name="slot_lapses"),
        sa.CheckConstraint("status IN ('OPEN', 'HELD', 'BOOKED', 'WITHDRAWN')", name="slot_status"),
        sa.CheckConstraint("starts_at < ends_at", name="slot_takes_time"),
        sa.ForeignKeyConstraint(["doctor_id"], ["doctor.id"], name=op.f("fk_slot_doctor_id")),
        sa.ForeignKeyConstraint(["held_by"], ["patient.id"], name=op.f("fk_slot_held_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot")),
    )
    op.create_index("ix_slot_doctor_id_starts_at", "slot", ["doctor_id", "starts_at"], unique=False)
    op.create_index(
        "ix_slot_held_by",
        "slot",
        ["held_by"],
        unique=False,
        postgresql_where=sa.text("held_by IS NOT NULL"),
    )
    op.create_index(
        "ix_slot_lapses_at",
        "slot",
        ["lapses_at"],
        unique=False,
        postgresql_where=sa.text("lapses_at IS NOT NULL"),
    )
    op.create_table(
        "appointment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("doctor_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("slot_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("justification", sa.LargeBinary(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("respond_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("consented_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("doctor_id"), "="),
            (sa.text("tstzrange(starts_at, ends_at)"), "&&"),
            where=sa.text("status IN ('REQUESTED', 'CONFIRMED', 'IN_PROGRESS')"),
            using="gist",
            name="appointments_of_a_doctor_never_overlap",
        ),
        postgresql.ExcludeConstraint(
            (sa.column("patient_id"), "="),
            (sa.text("tstzrange(starts_at, ends_at)"), "&&"),
            where=sa.text("status IN ('REQUESTED', 'CONFIRMED', 'IN_PROGRESS')"),
            using="gist",
            name="appointments_of_a_patient_never_overlap",
        ),
        sa.CheckConstraint(
            "ended_by IN ('DOCTOR', 'PATIENT', 'SYSTEM')", name="appointment_ended_by"
        ),
        sa.CheckConstraint(
            "status IN ('REQUESTED', 'CONFIRMED', 'DECLINED', 'CANCELLED',"
            " 'EXPIRED', 'IN_PROGRESS', 'COMPLETED', 'NO_SHOW')",
            name="appointment_status",
        ),
        sa.CheckConstraint("respond_by <= starts_at", name="appointment_answered_before_start"),
        sa.CheckConstraint("starts_at < ends_at", name="appointment_takes_time"),
        sa.ForeignKeyConstraint(
            ["doctor_id"], ["doctor.id"], name=op.f("fk_appointment_doctor_id")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_appointment_patient_id")
        ),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_appointment_slot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment")),
    )
    op.create_index(
        "a_slot_has_one_active_appointment",
        "appointment",
        ["slot_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('REQUESTED', 'CONFIRMED', 'IN_PROGRESS')"),
    )
    op.create_index(
        "ix_appointment_doctor_id_starts_at_id",
        "appointment",
        ["doctor_id", "starts_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_appointment_patient_id_starts_at_id",
        "appointment",
        ["patient_id", "starts_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_appointment_respond_by",
        "appointment",
        ["respond_by"],
        unique=False,
        postgresql_where=sa.text("status = 'REQUESTED'"),
    )
    op.create_index(op.f("ix_appointment_slot_id"), "appointment", ["slot_id"], unique=False)
    op.create_table(
        "review",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("doctor_id", sa.Uuid(), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("reviewed_on", sa.Date(), nullable=False),
        sa.CheckConstraint("stars BETWEEN 1 AND 5", name="stars"),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_review_appointment_id")
        ),
        sa.ForeignKeyConstraint(["doctor_id"], ["doctor.id"], name=op.f("fk_review_doctor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        sa.UniqueConstraint("appointment_id", name=op.f("uq_review_appointment_id")),
    )
    op.create_index("ix_review_doctor_id_id", "review", ["doctor_id", "id"], unique=False)
    op.execute(APPEND_ONLY)
    op.execute(GUARD_AUDIT)
    op.execute(GUARD_ALL_OF_AUDIT)
    op.execute("INSERT INTO event_log_edge (id, tx) VALUES (1, 0)")


def downgrade() -> None:
    tables = "review, appointment, slot, session, patient, idempotency_key, doctor, account"
    op.execute(f"DROP TABLE {tables}, event, event_log_edge, audit_entry")
    op.execute("DROP FUNCTION refuse_change")
    op.execute("DROP FUNCTION plain_text")
