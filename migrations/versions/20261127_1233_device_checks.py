"""Device checks, the latest of each side of an appointment"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "cf8c87c27872"
down_revision: str | None = "678305626842"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_table(
        "device_check",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("camera", sa.Text(), nullable=False),
        sa.Column("microphone", sa.Text(), nullable=False),
        sa.Column("speaker", sa.Text(), nullable=False),
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("round_trip_ms", sa.Integer(), nullable=True),
        sa.Column("up_kbps", sa.Integer(), nullable=True),
        sa.Column("down_kbps", sa.Integer(), nullable=True),
        sa.Column("browser", sa.LargeBinary(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("camera IN ('OK', 'FAILED', 'NOT_TESTED')", name="device_check_camera"),
        sa.CheckConstraint(
            "microphone IN ('OK', 'FAILED', 'NOT_TESTED')", name="device_check_microphone"
        ),
        sa.CheckConstraint(
            "network IN ('GOOD', 'FAIR', 'POOR', 'NOT_TESTED')", name="device_check_network"
        ),
        sa.CheckConstraint("party IN ('DOCTOR', 'PATIENT')", name="device_check_party"),
        sa.CheckConstraint(
            "speaker IN ('OK', 'FAILED', 'NOT_TESTED')", name="device_check_speaker"
        ),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_device_check_appointment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device_check")),
        sa.UniqueConstraint("appointment_id", "party", name="a_side_has_one_device_check"),
    )


def downgrade() -> None:
    op.drop_table("device_check")
