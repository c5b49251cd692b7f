"""Documents of records, what is shared of them, and who saw what"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "5d90c3ead629"
down_revision: str | None = "bfa321316280"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_table(
        "record_access",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("actor_role", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("share_id", sa.Uuid(), nullable=True),
        sa.Column("purpose", sa.LargeBinary(), nullable=True),
        sa.Column("tx", sa.BigInteger(), nullable=False),
        sa.Column("row", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "action IN ('LISTED', 'OPENED', 'DENIED', 'UPLOADED', 'SHARED', 'REVOKED', 'HIDDEN',"
            " 'EXPORTED')",
            name="record_access_action",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_access")),
        sa.UniqueConstraint("patient_id", "number", name="an_entry_has_a_place_of_its_own"),
    )
    op.create_table(
        "document",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("object_key", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=True),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint(
            "content_type IN ('application/pdf', 'image/jpeg', 'image/png', 'application/dicom')",
            name="document_content_type",
        ),
        sa.CheckConstraint(
            "status IN ('UPLOADING', 'AVAILABLE', 'REJECTED', 'HIDDEN')", name="document_status"
        ),
        sa.CheckConstraint(
            "status IN ('UPLOADING', 'REJECTED')"
            " OR version IS NOT NULL AND uploaded_at IS NOT NULL",
            name="what_is_here_has_been_looked_into",
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_document_patient_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sa.UniqueConstraint("object_key", name=op.f("uq_document_object_key")),
    )
    op.create_index("ix_document_patient_id_id", "document", ["patient_id", "id"], unique=False)
    op.create_index(
        "ix_document_requested_at",
        "document",
        ["requested_at"],
        unique=False,
        postgresql_where=sa.text("status IN ('UPLOADING', 'REJECTED') AND NOT removed"),
    )
    op.create_table(
        "share",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("doctor_id", sa.Uuid(), nullable=False),
        sa.Column("includes_future", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("valid_until > valid_from", name="a_share_lasts"),
        sa.ForeignKeyConstraint(["doctor_id"], ["doctor.id"], name=op.f("fk_share_doctor_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_share_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_share")),
    )
    op.create_index(
        "ix_share_doctor_id",
        "share",
        ["doctor_id", "patient_id"],
        unique=False,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_index("ix_share_patient_id_id", "share", ["patient_id", "id"], unique=False)
    op.create_table(
        "share_document",
        sa.Column("share_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_share_document_document_id")
        ),
        sa.ForeignKeyConstraint(
            ["share_id"], ["share.id"], name=op.f("fk_share_document_share_id")
        ),
        sa.PrimaryKeyConstraint("share_id", "document_id", name=op.f("pk_share_document")),
    )
    op.add_column("event", sa.Column("access_id", sa.Uuid(), nullable=True))
    op.alter_column("event", "doctor_id", existing_type=sa.UUID(), nullable=True)


def downgrade() -> None:
    op.alter_column("event", "doctor_id", existing_type=sa.UUID(), nullable=False)
    op.drop_column("event", "access_id")
    op.drop_table("share_document")
    op.drop_index("ix_share_patient_id_id", table_name="share")
    op.drop_index("ix_share_doctor_id", table_name="share")
    op.drop_table("share")
    op.drop_index("ix_document_requested_at", table_name="document")
    op.drop_index("ix_document_patient_id_id", table_name="document")
    op.drop_table("document")
    op.drop_table("record_access")
