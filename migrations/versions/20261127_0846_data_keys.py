"""The keys that columns are sealed with, wrapped."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "987c36de218e"
down_revision: str | None = "5f0940648b98"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_table(
        "data_key",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("current_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("purpose IN ('HASHING', 'SEALING')", name="data_key_purpose"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_key")),
    )


def downgrade() -> None:
    op.drop_table("data_key")
