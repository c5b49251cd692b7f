"""Mail that is to be sent, the links in it, and which addresses are confirmed."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "79ca806af474"
down_revision: str | None = "589e6e7cfa6d"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_table(
        "mail",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('RESET_PASSWORD', 'CONFIRM_EMAIL', 'PASSWORD_CHANGED', 'ALREADY_REGISTERED')",
            name="mail_kind",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
    )
    op.create_index(
        "ix_mail_due_at", "mail", ["due_at"], unique=False, postgresql_where="due_at IS NOT NULL"
    )
    op.create_table(
        "link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("email", sa.LargeBinary(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("spent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("purpose IN ('RESET_PASSWORD', 'CONFIRM_EMAIL')", name="link_purpose"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_link_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link")),
    )
    op.create_index(
        "ix_link_account_id", "link", ["account_id", "purpose", "created_at"], unique=False
    )
    op.create_index("ix_link_expires_at", "link", ["expires_at"], unique=False)
    op.add_column("account", sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_account_email_hash", "account", ["email_hash"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_account_email_hash", table_name="account")
    op.drop_column("account", "confirmed_at")
    op.drop_index("ix_link_expires_at", table_name="link")
    op.drop_index("ix_link_account_id", table_name="link")
    op.drop_table("link")
    op.drop_index("ix_mail_due_at", table_name="mail", postgresql_where="due_at IS NOT NULL")
    op.drop_table("mail")
