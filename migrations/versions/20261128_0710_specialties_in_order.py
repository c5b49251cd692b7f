"""Doctors of a specialty in the order of their ratings: the page most asked for, from an index."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "d17c5b82e0fa"
down_revision: str | None = "a94e1c07d2f6"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# Whoever changes a doctor, the release before this one too, changes what is listed of him.
LIST = """
CREATE FUNCTION list_specialties() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$ BEGIN
  IF TG_OP = 'UPDATE' THEN
    DELETE FROM public.doctor_specialty WHERE doctor_id = NEW.id;
  END IF;
  IF NEW.status = 'VERIFIED' THEN
    INSERT INTO public.doctor_specialty (doctor_id, code, rating_order)
      SELECT DISTINCT NEW.id, code, NEW.rating_order FROM unnest(NEW.specialties) AS code;
  END IF;
  RETURN NULL;
END $$
"""
LISTED = """
CREATE TRIGGER specialties_are_listed
  AFTER INSERT OR UPDATE OF status, specialties, rating_count, rating_sum ON doctor
  FOR EACH ROW EXECUTE FUNCTION list_specialties()
"""
FILL = """
INSERT INTO doctor_specialty (doctor_id, code, rating_order)
SELECT DISTINCT id, code, rating_order FROM doctor, unnest(specialties) AS code
 WHERE status = 'VERIFIED'
"""
# The database alone writes it; whoever was admitted already was given all of a new table.
TAKE_BACK = """
DO $$ DECLARE it record; BEGIN
  FOR it IN SELECT DISTINCT grantee::regrole::text AS role FROM pg_class, aclexplode(relacl)
             WHERE pg_class.oid = 'doctor_specialty'::regclass AND grantee NOT IN (0, relowner)
  LOOP
    EXECUTE format('REVOKE INSERT, UPDATE, DELETE ON doctor_specialty FROM %s', it.role);
  END LOOP;
END $$
"""
# Whoever is admitted later; what other migrations have made of the function remains.
TABLES = ("DELETE ON alembic_version", "DELETE ON alembic_version, doctor_specialty")
ADMIT = """
DO $$ DECLARE it text := pg_get_functiondef('admit_servers(regrole)'::regprocedure); BEGIN
  IF strpos(it, '{0}') = 0 THEN RAISE EXCEPTION 'admit_servers is not as it was'; END IF;
  EXECUTE replace(it, '{0}', '{1}');
END $$
"""


def upgrade() -> None:
    """Nobody writes doctors meanwhile: some two seconds for 200,000."""
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_table(
        "doctor_specialty",
        sa.Column("doctor_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("rating_order", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["doctor_id"], ["doctor.id"], name="fk_doctor_specialty_doctor_id"),
        sa.PrimaryKeyConstraint("doctor_id", "code", name="pk_doctor_specialty"),
    )
    op.execute(TAKE_BACK)
    op.execute(ADMIT.format(*TABLES))
    op.execute(LIST)
    op.execute(LISTED)
    op.execute(FILL)
    op.create_index(
        "ix_doctor_specialty_order", "doctor_specialty", ["code", "rating_order", "doctor_id"]
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute("DROP TRIGGER specialties_are_listed ON doctor")
    op.execute("DROP FUNCTION list_specialties()")
    op.execute(ADMIT.format(*reversed(TABLES)))
    op.drop_table("doctor_specialty")
