"""Reports of departments and territories can be verified as those of municipalities are; packs of reports."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database import UtcDateTime

revision = "0013_reports"
down_revision = "0012_selection"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    with op.batch_alter_table("issued_report") as table:
        table.alter_column("municipality", new_column_name="units", type_=sa.String(300), existing_type=sa.String(6))
        table.alter_column("number", type_=sa.String(340), existing_type=sa.String(20))
        table.add_column(sa.Column("kind", sa.String(12), nullable=False, server_default="municipal"))
    with op.batch_alter_table("issued_report") as table:
        table.alter_column("kind", server_default=None, existing_type=sa.String(12), existing_nullable=False)
    op.create_table(
        "report_pack",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("units", JSON, nullable=False),
        sa.Column("kinds", JSON, nullable=False),
        sa.Column("form", sa.String(4), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("monthly", sa.Boolean, nullable=False),
        sa.Column("asked_month", sa.String(7), nullable=False),
        sa.Column("job_id", sa.Uuid),
        sa.Column("file_id", sa.Uuid),
        sa.Column("file_month", sa.String(7)),
        sa.Column("made_by", sa.String(120), nullable=False),
        sa.Column("made_by_name", sa.String(200), nullable=False),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_report_pack"),
    )
    op.create_index("ix_report_pack_made_by", "report_pack", ["made_by"])


def downgrade() -> None:
    op.drop_table("report_pack")
    op.execute("DELETE FROM issued_report WHERE kind <> 'municipal'")
    with op.batch_alter_table("issued_report") as table:
        table.drop_column("kind")
        table.alter_column("number", type_=sa.String(20), existing_type=sa.String(340))
        table.alter_column("units", new_column_name="municipality", type_=sa.String(6), existing_type=sa.String(300))
