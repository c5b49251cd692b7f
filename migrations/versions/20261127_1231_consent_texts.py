"""To which text a patient has consented"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "3308493f6394"
down_revision: str | None = "24713fdce6af"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_COLUMNS = ("consent_version", "consent_language", "consent_sha256")


def upgrade() -> None:
    """Rows that are there stay without a text: nobody has shown one to these patients."""
    op.execute("SET LOCAL lock_timeout = '3s'")
    for name in _COLUMNS:
        op.add_column("appointment", sa.Column(name, sa.Text(), nullable=True))
    op.create_check_constraint(
        "an_appointments_consent_is_to_a_text",
        "appointment",
        "num_nulls(consent_version, consent_language, consent_sha256) IN (0, 3)",
    )


def downgrade() -> None:
    for name in reversed(_COLUMNS):  # the constraint goes with them
        op.drop_column("appointment", name)
