"""The audit log by months: it is kept for good, so that its table grows for good."""

from collections.abc import Sequence

from alembic import op

revision: str = "5b0e7f3ac914"
down_revision: str | None = "7c41d09be352"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# Ids are UUIDv7, so that the months of a log are ranges of its primary key. (These two are there
# already where an attempt has failed after its first half.)
LEAST_ID = """
CREATE OR REPLACE FUNCTION least_id(moment timestamptz) RETURNS uuid
  LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
  rpad(lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0'), 32, '0')::uuid
"""
MOMENT_OF = """
CREATE OR REPLACE FUNCTION moment_of(id uuid) RETURNS timestamptz
  LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
  to_timestamp(('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint / 1000.0)
"""
# Months that are closed have both bounds; `audit_entry_later` has whatever comes after the last
# one, so that nothing is ever refused for want of a month. It is empty unless no server has
# looked for months: then it becomes the month of what it has, however long that was.
# By the owner, for servers may not make tables; whoever calls it can do nothing else with it.
MAKE_MONTHS = """
CREATE FUNCTION make_audit_months() RETURNS void LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
  SET "TimeZone" = 'UTC' SET lock_timeout = '1s' AS $$
DECLARE
  ahead CONSTANT timestamptz := date_trunc('month', now()) + interval '4 months';
  later CONSTANT text := 'SELECT public.moment_of(substring(pg_get_expr(relpartbound, oid)'
    ' FROM $a$FROM \\(''(.{36})''\\)$a$)::uuid) FROM pg_class'
    ' WHERE oid = ''months.audit_entry_later''::regclass';
  since timestamptz;
  newest uuid;
  month text;
BEGIN
  EXECUTE later INTO since;
  IF since >= ahead THEN RETURN; END IF;
  LOCK TABLE public.audit_entry IN ACCESS EXCLUSIVE MODE;
  EXECUTE later INTO since;  -- another server may have been first
  IF since >= ahead THEN RETURN; END IF;

  ALTER TABLE public.audit_entry DETACH PARTITION months.audit_entry_later;
  SELECT id INTO newest FROM months.audit_entry_later ORDER BY id DESC LIMIT 1;
  IF newest IS NULL THEN
    DROP TABLE months.audit_entry_later;
  ELSE
    month := to_char(since, '"audit_entry_"YYYY_MM');
    EXECUTE format('ALTER TABLE months.audit_entry_later RENAME TO %I', month);
    EXECUTE format('ALTER TABLE public.audit_entry ATTACH PARTITION months.%I
      FOR VALUES FROM (%L) TO (%L)', month, public.least_id(since),
      public.least_id(date_trunc('month', public.moment_of(newest)) + interval '1 month'));
    since := date_trunc('month', public.moment_of(newest)) + interval '1 month';
  END IF;
  WHILE since < ahead LOOP
    month := to_char(since, '"audit_entry_"YYYY_MM');
    EXECUTE format('CREATE TABLE months.%I PARTITION OF public.audit_entry
      FOR VALUES FROM (%L) TO (%L)', month, public.least_id(since),
      public.least_id(since + interval '1 month'));
    EXECUTE format('CREATE TRIGGER audit_entry_is_never_emptied BEFORE TRUNCATE ON months.%I
      FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change()', month);
    since := since + interval '1 month';
  END LOOP;
  EXECUTE format('CREATE TABLE months.audit_entry_later PARTITION OF public.audit_entry
    FOR VALUES FROM (%L) TO (MAXVALUE)', public.least_id(since));
  CREATE TRIGGER audit_entry_is_never_emptied BEFORE TRUNCATE ON months.audit_entry_later
    FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();
END $$
"""
# What was there until now becomes the first month of all, as it is. That it has nothing later is
# looked at beforehand, while everybody goes on writing; servers have two days until that ends.
BOUND = """
DO $$ BEGIN
  SET LOCAL lock_timeout = '3s';
  SET LOCAL TimeZone = 'UTC';
  ALTER TABLE audit_entry DROP CONSTRAINT IF EXISTS audit_entry_until;
  EXECUTE format('ALTER TABLE audit_entry
    ADD CONSTRAINT audit_entry_until CHECK (id < %L) NOT VALID',
    least_id(date_trunc('month', greatest(now() + interval '2 days', moment_of(
      (SELECT id FROM audit_entry ORDER BY id DESC LIMIT 1)))) + interval '1 month'));
END $$
"""
GUARD_EACH = """
CREATE TRIGGER audit_entry_is_append_only BEFORE UPDATE OR DELETE ON audit_entry
  FOR EACH ROW EXECUTE FUNCTION refuse_change()
"""
GUARD_ALL = """
CREATE TRIGGER audit_entry_is_never_emptied BEFORE TRUNCATE ON audit_entry
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""
# Whoever was admitted to the one table is to the other, and has no more of the first than of the
# months to come.
ADMIT = """
DO $$ DECLARE it record; BEGIN
  FOR it IN SELECT DISTINCT grantee::regrole::text AS role FROM pg_class, aclexplode(relacl)
             WHERE pg_class.oid = '{before}'::regclass AND grantee NOT IN (0, relowner) LOOP
    EXECUTE format('REVOKE ALL ON {before}, {now} FROM %s', it.role);
    EXECUTE format('GRANT SELECT, INSERT ON {now} TO %s', it.role);
  END LOOP;
END $$
"""
ATTACH = """
DO $$ DECLARE until text; BEGIN
  SELECT substring(pg_get_constraintdef(oid) FROM '''(.{36})''') INTO until FROM pg_constraint
   WHERE conname = 'audit_entry_until' AND conrelid = 'months.audit_entry_before'::regclass;
  EXECUTE format('ALTER TABLE audit_entry ATTACH PARTITION months.audit_entry_before
    FOR VALUES FROM (MINVALUE) TO (%L)', until);
  EXECUTE format('CREATE TABLE months.audit_entry_later PARTITION OF audit_entry
    FOR VALUES FROM (%L) TO (MAXVALUE)', until);
  CREATE TRIGGER audit_entry_is_never_emptied BEFORE TRUNCATE ON months.audit_entry_later
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
  ALTER TABLE months.audit_entry_before DROP CONSTRAINT audit_entry_until;
END $$
"""
INDEXES = {
    "ix_audit_entry_user_id_id": "(user_id, id)",
    "ix_audit_entry_action_id": "(action, id)",
    "ix_audit_entry_subject": "USING gin (subject jsonb_path_ops)",
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute(LEAST_ID)
    op.execute(MOMENT_OF)
    with op.get_context().autocommit_block():
        for index in ("ix_audit_entry_user_id_id", "ix_audit_entry_action_id"):
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {index}")  # of an attempt before
            op.execute(f"CREATE INDEX CONCURRENTLY {index} ON audit_entry {INDEXES[index]}")
        op.execute(BOUND)
        op.execute("ALTER TABLE audit_entry VALIDATE CONSTRAINT audit_entry_until")
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute("CREATE SCHEMA months")
    op.execute("DROP TRIGGER audit_entry_is_append_only ON audit_entry")
    op.execute("ALTER TABLE audit_entry RENAME TO audit_entry_before")
    op.execute("ALTER TABLE audit_entry_before SET SCHEMA months")
    op.execute("DROP INDEX months.ix_audit_entry_user_id")
    _make("PARTITION BY RANGE (id)")
    op.execute(ADMIT.format(before="months.audit_entry_before", now="audit_entry"))
    op.execute(ATTACH)
    op.execute(MAKE_MONTHS)
    op.execute("SELECT make_audit_months()")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute("DROP FUNCTION make_audit_months()")
    op.execute("DROP TRIGGER audit_entry_is_append_only ON audit_entry")
    op.execute("CREATE SCHEMA undone")
    op.execute("ALTER TABLE audit_entry SET SCHEMA undone")
    _make("")
    op.execute("INSERT INTO audit_entry SELECT * FROM undone.audit_entry")
    op.execute("DROP INDEX ix_audit_entry_user_id_id, ix_audit_entry_action_id")
    op.create_index("ix_audit_entry_user_id", "audit_entry", ["user_id"])
    op.execute(ADMIT.format(before="undone.audit_entry", now="audit_entry"))
    op.execute("DROP SCHEMA undone CASCADE")
    op.execute("DROP SCHEMA months CASCADE")
    op.execute("DROP FUNCTION least_id(timestamptz)")
    op.execute("DROP FUNCTION moment_of(uuid)")


def _make(kind: str) -> None:
    """The table, with all that belongs to it."""
    op.execute(f"""
        CREATE TABLE audit_entry (
          id uuid CONSTRAINT pk_audit_entry PRIMARY KEY,
          at timestamptz NOT NULL DEFAULT now(),
          user_id uuid NOT NULL,
          session_id uuid,
          role text NOT NULL,
          action text NOT NULL,
          subject jsonb NOT NULL
        ) {kind}
    """)
    for name, columns in INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON audit_entry {columns}")
    op.execute(GUARD_EACH)
    op.execute(GUARD_ALL)
