"""Orders of searches: a page of all doctors is read from an index"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "7c41d09be352"
down_revision: str | None = "1c9d91afceed"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_ORDER = (
    "CASE WHEN rating_count >= 5 THEN -rating_sum::double precision"
    " / rating_count::double precision ELSE '1e+18'::double precision END"
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.add_column(
        "doctor",
        sa.Column("rating_order", sa.Double(), sa.Computed(_ORDER, persisted=True), nullable=True),
    )
    verified = sa.text("status = 'VERIFIED'")
    op.create_index(
        "ix_doctor_rating_order", "doctor", ["rating_order", "id"], postgresql_where=verified
    )
    op.create_index(
        "ix_doctor_name_order", "doctor", ["name_search", "id"], postgresql_where=verified
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.drop_index("ix_doctor_name_order", "doctor")
    op.drop_index("ix_doctor_rating_order", "doctor")
    op.drop_column("doctor", "rating_order")
