"""What registries have said, and the numbers about which they have not."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "e6439cb392b7"
down_revision: str | None = "d04d54c63cf0"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_table(
        "unchecked_number",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["account.id"], name=op.f("fk_unchecked_number_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unchecked_number")),
    )
    op.create_index(
        op.f("ix_unchecked_number_due_at"), "unchecked_number", ["due_at"], unique=False
    )
    op.add_column("patient", sa.Column("cpf_standing", sa.Text(), nullable=True))
    op.create_check_constraint("cpf_standing", "patient", "cpf_standing IN ('VALID', 'VOID')")


def downgrade() -> None:
    op.drop_column("patient", "cpf_standing")
    op.drop_index(op.f("ix_unchecked_number_due_at"), table_name="unchecked_number")
    op.drop_table("unchecked_number")
