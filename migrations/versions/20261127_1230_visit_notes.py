"""Visit notes"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "24713fdce6af"
down_revision: str | None = "91bc20b13ba9"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# As in the migration `second_wall`, but for the whole record alone: a list has documents in it.
WHOLE_RECORD_NOW = """
EXISTS (
  SELECT FROM share LEFT JOIN appointment AS visit ON visit.id = share.appointment_id
   WHERE share.patient_id = visit_note.patient_id AND share.doctor_id = viewer_id()
     AND share.includes_future AND share.revoked_at IS NULL
     AND greatest(share.valid_from, visit.starts_at - share.opens_before) <= now()
     AND least(share.valid_until, visit.ends_at + share.lasts_after) > now()
     AND (visit.id IS NULL OR visit.status NOT IN ('DECLINED', 'CANCELLED', 'EXPIRED', 'NO_SHOW')
       AND (visit.status <> 'REQUESTED' OR visit.respond_by > now())))
OR EXISTS (
  SELECT FROM emergency_access AS open
   WHERE open.patient_id = visit_note.patient_id AND open.doctor_id = viewer_id()
     AND open.opened_at <= now() AND open.ends_at > now())
"""
VERIFIED = "EXISTS (SELECT FROM doctor WHERE doctor.id = viewer_id() AND status = 'VERIFIED')"
OF_A_VISIT = """
EXISTS (
  SELECT FROM appointment AS visit
   WHERE visit.id = visit_note.appointment_id AND visit.status IN ('IN_PROGRESS', 'COMPLETED')
     AND visit.doctor_id = visit_note.doctor_id AND visit.patient_id = visit_note.patient_id)
"""
BY_ITS_DOCTOR = f"doctor_id = viewer_id() AND {VERIFIED} AND {OF_A_VISIT}"
POLICIES = (
    "own ON visit_note FOR SELECT USING (patient_id = viewer_id())",
    "written_by_me ON visit_note FOR SELECT USING (doctor_id = viewer_id())",
    f"shared_now ON visit_note FOR SELECT USING ({VERIFIED} AND ({WHOLE_RECORD_NOW}))",
    f"by_its_doctor ON visit_note FOR INSERT WITH CHECK ({BY_ITS_DOCTOR})",
)
# Sealed anew under a new key it says what it said.
GUARD = """
CREATE FUNCTION refuse_change_but_of_text() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'text' = to_jsonb(OLD) - 'text' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$
"""
GUARD_EACH = """
CREATE TRIGGER visit_note_is_append_only BEFORE UPDATE OR DELETE ON visit_note
  FOR EACH ROW EXECUTE FUNCTION refuse_change_but_of_text()
"""
GUARD_ALL = """
CREATE TRIGGER visit_note_is_never_emptied BEFORE TRUNCATE ON visit_note
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""
# Whoever was admitted already was given all of a new table; whoever will be is not.
TAKE_BACK = """
DO $$ DECLARE role text; BEGIN
  FOR role IN SELECT DISTINCT grantee::regrole::text FROM pg_class, aclexplode(relacl)
               WHERE pg_class.oid = 'visit_note'::regclass AND grantee NOT IN (0, relowner)
  LOOP
    EXECUTE format('REVOKE UPDATE, DELETE ON visit_note FROM %s', role);
  END LOOP;
END $$
"""
NO_NOTES = """
DO $$ BEGIN
  IF EXISTS (SELECT FROM visit_note) THEN RAISE EXCEPTION 'there are visit notes'; END IF;
END $$
"""
ADMIT = """
CREATE OR REPLACE FUNCTION admit_servers(role regrole) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
  EXECUTE format('GRANT USAGE ON SCHEMA public TO %1$s;
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO %1$s;
    GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO %1$s;
    ALTER DEFAULT PRIVILEGES IN SCHEMA public
      GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO %1$s;
    ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO %1$s;
    REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM %1$s;
    REVOKE UPDATE, DELETE ON audit_entry, data_key, record_access, standing{more} FROM %1$s;
    REVOKE DELETE ON access_request, document, emergency_access, share FROM %1$s;
    REVOKE UPDATE, DELETE ON share_document FROM %1$s;
    GRANT EXECUTE ON FUNCTION owner_of_document(uuid), record_access_head(uuid) TO %1$s', role);
END $$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_table(
        "visit_note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("doctor_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("amends", sa.Uuid(), nullable=True),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "version >= 1 AND (version = 1) = (amends IS NULL)", name="a_later_version_amends_one"
        ),
        sa.ForeignKeyConstraint(["amends"], ["visit_note.id"], name=op.f("fk_visit_note_amends")),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_visit_note_appointment_id")
        ),
        sa.ForeignKeyConstraint(["doctor_id"], ["doctor.id"], name=op.f("fk_visit_note_doctor_id")),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_visit_note_patient_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_note")),
        sa.UniqueConstraint("amends", name=op.f("uq_visit_note_amends")),
        sa.UniqueConstraint("appointment_id", "version", name="each_version_is_written_once"),
    )
    op.create_index("ix_visit_note_patient_id_id", "visit_note", ["patient_id", "id"], unique=False)
    op.add_column("record_access", sa.Column("note_id", sa.Uuid(), nullable=True))
    for policy in POLICIES:
        op.execute(f"CREATE POLICY {policy}")
    op.execute("ALTER TABLE visit_note ENABLE ROW LEVEL SECURITY")
    for statement in (GUARD, GUARD_EACH, GUARD_ALL, TAKE_BACK):
        op.execute(statement)
    op.execute(ADMIT.replace("{more}", ", visit_note"))


def downgrade() -> None:
    """Not once there is a note: it is of the record, and the log says that it was written."""
    op.execute(NO_NOTES)
    op.execute(ADMIT.replace("{more}", ""))
    op.drop_column("record_access", "note_id")
    op.drop_table("visit_note")
    op.execute("DROP FUNCTION refuse_change_but_of_text()")
