"""Sessions whose refresh token a browser keeps in a cookie."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "91bc20b13ba9"
down_revision: str | None = "90fe261fe4de"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.add_column("session", sa.Column("cookie_key", sa.Uuid(), nullable=True))


def downgrade() -> None:
    op.drop_column("session", "cookie_key")
