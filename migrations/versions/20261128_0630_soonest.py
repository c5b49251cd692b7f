"""Who is free soonest is found by slots in the order of time, not by asking each doctor."""

from collections.abc import Sequence

from alembic import op

revision: str = "a94e1c07d2f6"
down_revision: str | None = "5b0e7f3ac914"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

INDEX = """
CREATE INDEX CONCURRENTLY ix_slot_starts_at_doctor_id ON slot (starts_at, doctor_id)
 WHERE status = 'OPEN' OR lapses_at IS NOT NULL
"""


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_slot_starts_at_doctor_id")  # a failed one
        op.execute(INDEX)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.drop_index("ix_slot_starts_at_doctor_id", "slot")
