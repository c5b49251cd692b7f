"""In which specialties a doctor is a specialist, and by which RQE"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "1468bfdd1de5"
down_revision: str | None = "634a20f95837"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    texts = postgresql.ARRAY(sa.Text())
    op.add_column("doctor", sa.Column("specialist_in", texts, server_default="{}", nullable=False))
    op.add_column("doctor", sa.Column("rqes", texts, server_default="{}", nullable=False))
    op.create_check_constraint(
        "each_specialty_has_its_rqe", "doctor", "cardinality(specialist_in) = cardinality(rqes)"
    )


def downgrade() -> None:
    op.drop_constraint("each_specialty_has_its_rqe", "doctor")
    op.drop_column("doctor", "rqes")
    op.drop_column("doctor", "specialist_in")
