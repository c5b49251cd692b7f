"""What goes with a pool that keeps passwords."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "bfa321316280"
down_revision: str | None = "e6439cb392b7"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_table(
        "enrolment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("abandoned_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment")),
    )
    op.create_index(op.f("ix_enrolment_begun_at"), "enrolment", ["begun_at"], unique=False)
    op.add_column("session", sa.Column("pool_grant", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("session", "pool_grant")
    op.drop_index(op.f("ix_enrolment_begun_at"), table_name="enrolment")
    op.drop_table("enrolment")
