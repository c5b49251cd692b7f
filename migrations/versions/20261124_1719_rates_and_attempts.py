"""Rates and failed attempts: what is asked for, and guessed at, too often."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "789d2b832a13"
down_revision: str | None = "525d46f9eb77"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_table(
        "attempt",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clear_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_attempt")),
    )
    op.create_table(
        "rate",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("clear_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_rate")),
        prefixes=["UNLOGGED"],
    )


def downgrade() -> None:
    op.drop_table("rate")
    op.drop_table("attempt")
