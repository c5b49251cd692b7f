"""Mail about passkeys and second factors"""

from collections.abc import Sequence

from alembic import op

revision: str = "c3a7e50d91b6"
down_revision: str | None = "bae19a7f3218"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_BEFORE = (
    *("RESET_PASSWORD", "CONFIRM_EMAIL", "PASSWORD_CHANGED", "ALREADY_REGISTERED"),
    *("REGISTRATION_VERIFIED", "REGISTRATION_SUSPENDED", "VISITS_IN_DOUBT"),
)
_MORE = ("PASSKEY_ADDED", "SECOND_FACTOR_ON", "SECOND_FACTOR_OFF")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    _hold_to(*_BEFORE, *_MORE)


def downgrade() -> None:
    kinds = ", ".join(f"'{kind}'" for kind in _MORE)
    op.execute(f"DELETE FROM mail WHERE kind IN ({kinds})")  # noqa: S608  # our own names
    _hold_to(*_BEFORE)


def _hold_to(*kinds: str) -> None:
    op.drop_constraint("mail_kind", "mail", type_="check")
    allowed = ", ".join(f"'{kind}'" for kind in kinds)
    op.create_check_constraint("mail_kind", "mail", f"kind IN ({allowed})")
