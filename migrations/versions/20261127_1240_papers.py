"""Papers that doctors issue: what they say, by whom they are, whether they are signed"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "25a5f4049267"
down_revision: str | None = "cf8c87c27872"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

KINDS = "kind IN ('UPLOADED', 'CERTIFICATE', 'PRESCRIPTION')"
SIGNATURES = "signature IN ('UNSIGNED', 'SIGNED')"
ISSUED = "(kind = 'UPLOADED') = (issuer_id IS NULL) AND (kind = 'UPLOADED') = (signature IS NULL)"
# The doctor's own, for a patient whom he sees or has seen.
MINE = "issuer_id = viewer_id()"
SEEN = """
EXISTS (SELECT FROM appointment AS visit
         WHERE visit.doctor_id = viewer_id() AND visit.patient_id = {table}.patient_id
           AND visit.status IN ('IN_PROGRESS', 'COMPLETED') {more})
"""
SEEN_BY_ME = SEEN.format(table="document", more="")
OF_A_VISIT = SEEN.format(table="paper", more="AND visit.id = paper.appointment_id")
AVAILABLE = "status = 'AVAILABLE'"
HERE = "status IN ('UPLOADING', 'AVAILABLE')"
POLICIES = (
    f"issued ON document FOR SELECT USING ({MINE} AND {HERE})",
    f"issue ON document FOR INSERT WITH CHECK ({MINE} AND status = 'UPLOADING' AND {SEEN_BY_ME})",
    f"sign ON document FOR UPDATE USING ({MINE} AND {HERE}) WITH CHECK ({MINE} AND {AVAILABLE})",
    "own ON paper FOR SELECT USING (patient_id = viewer_id())",
    "issued ON paper FOR SELECT USING (doctor_id = viewer_id())",
    f"issue ON paper FOR INSERT WITH CHECK (doctor_id = viewer_id() AND {OF_A_VISIT})",
)
# For whoever is handed a paper, and is nobody to us: nothing of the patient, nor what it says.
OF_CODE = """
CREATE FUNCTION paper_of_code(sought text)
  RETURNS TABLE (kind text, signature text, sha256 text, issued_at timestamptz, doctor_id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
  AS $$ SELECT it.kind, it.signature, it.sha256, paper.issued_at, paper.doctor_id
          FROM public.paper JOIN public.document AS it ON it.id = paper.id
         WHERE paper.code = $1 AND it.status IN ('AVAILABLE', 'HIDDEN') $$
"""
# What a server's role was given of a new table, and what it was not.
ADMITTED = """
DO $$ DECLARE role text; BEGIN
  FOR role IN SELECT DISTINCT grantee::regrole::text FROM pg_class, aclexplode(relacl)
               WHERE pg_class.oid = 'paper'::regclass AND grantee NOT IN (0, relowner) LOOP
    EXECUTE format('REVOKE UPDATE, DELETE ON paper FROM %s', role);
    EXECUTE format('GRANT EXECUTE ON FUNCTION paper_of_code(text) TO %s', role);
  END LOOP;
END $$
"""
# Whoever is admitted later; what other migrations have made of the function remains.
TABLES = ("DELETE ON share_document", "DELETE ON paper, share_document")
FUNCTIONS = (
    "ON FUNCTION owner_of_document(uuid)",
    "ON FUNCTION paper_of_code(text), owner_of_document(uuid)",
)
ADMIT = """
DO $$ DECLARE it text := pg_get_functiondef('admit_servers(regrole)'::regprocedure); BEGIN
  IF strpos(it, '{tables[0]}') = 0 OR strpos(it, '{functions[0]}') = 0 THEN
    RAISE EXCEPTION 'admit_servers is not as it was';
  END IF;
  EXECUTE replace(replace(it, '{tables[0]}', '{tables[1]}'), '{functions[0]}', '{functions[1]}');
END $$
"""
NO_PAPERS = """
DO $$ BEGIN
  IF EXISTS (SELECT FROM paper) THEN RAISE EXCEPTION 'there are papers'; END IF;
END $$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.add_column(
        "document", sa.Column("kind", sa.Text(), server_default="UPLOADED", nullable=False)
    )
    op.add_column("document", sa.Column("issuer_id", sa.Uuid(), nullable=True))
    op.add_column("document", sa.Column("signature", sa.Text(), nullable=True))
    op.create_foreign_key("fk_document_issuer_id", "document", "doctor", ["issuer_id"], ["id"])
    op.create_check_constraint("document_kind", "document", KINDS)
    op.create_check_constraint("document_signature", "document", SIGNATURES)
    op.create_check_constraint("what_is_issued_is_by_somebody", "document", ISSUED)
    op.create_index(
        "ix_document_issuer_id_id",
        "document",
        ["issuer_id", "id"],
        postgresql_where=sa.text("issuer_id IS NOT NULL"),
    )
    op.create_table(
        "paper",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("doctor_id", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name="fk_paper_appointment_id"
        ),
        sa.ForeignKeyConstraint(["doctor_id"], ["doctor.id"], name="fk_paper_doctor_id"),
        sa.ForeignKeyConstraint(["id"], ["document.id"], name="fk_paper_id"),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name="fk_paper_patient_id"),
        sa.PrimaryKeyConstraint("id", name="pk_paper"),
        sa.UniqueConstraint("code", name="uq_paper_code"),
        sa.UniqueConstraint("doctor_id", "key", name="uq_paper_doctor_id_key"),
    )
    op.create_index("ix_paper_appointment_id", "paper", ["appointment_id"])
    op.create_index("ix_paper_patient_id", "paper", ["patient_id"])
    for policy in POLICIES:
        op.execute(f"CREATE POLICY {policy}")
    op.execute("ALTER TABLE paper ENABLE ROW LEVEL SECURITY")
    op.execute(OF_CODE)
    op.execute("REVOKE EXECUTE ON FUNCTION paper_of_code(text) FROM PUBLIC")
    op.execute(ADMITTED)
    op.execute(ADMIT.format(tables=TABLES, functions=FUNCTIONS))


def downgrade() -> None:
    """Only where nothing was issued: no document is ever lost."""
    op.execute(NO_PAPERS)
    op.execute(ADMIT.format(tables=TABLES[::-1], functions=FUNCTIONS[::-1]))
    op.execute("DROP FUNCTION paper_of_code(text)")
    op.drop_table("paper")
    for policy in POLICIES:
        name, _, table, *_ = policy.split()
        if table == "document":
            op.execute(f"DROP POLICY {name} ON document")
    for constraint in ("what_is_issued_is_by_somebody", "document_signature", "document_kind"):
        op.drop_constraint(constraint, "document")
    for column in ("signature", "issuer_id", "kind"):
        op.drop_column("document", column)
