"""When a doctor first answered a request, for his statistics"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "1c9d91afceed"
down_revision: str | None = "2170b1e387fd"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.add_column(
        "appointment", sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True)
    )


def downgrade() -> None:
    op.drop_column("appointment", "answered_at")
