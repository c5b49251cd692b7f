"""Administrators"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "914340914adc"
down_revision: str | None = "79ca806af474"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_ROLES = ("DOCTOR", "PATIENT", "ADMINISTRATOR")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    _hold_roles_to(_ROLES)
    op.create_index(
        "an_administrators_email_is_his_alone",
        "account",
        ["email_hash"],
        unique=True,
        postgresql_where=sa.text("role = 'ADMINISTRATOR'"),
    )


def downgrade() -> None:
    op.drop_index("an_administrators_email_is_his_alone", table_name="account")
    _hold_roles_to(_ROLES[:2])


def _hold_roles_to(roles: Sequence[str]) -> None:
    op.drop_constraint("account_role", "account", type_="check")
    allowed = ", ".join(f"'{role}'" for role in roles)
    op.create_check_constraint("account_role", "account", f"role IN ({allowed})")
