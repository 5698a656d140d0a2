"""Reports that left the printer can be verified by whoever holds them."""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "0002_issued_reports"
down_revision = "0001_territory"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "issued_report",
        sa.Column("hash", sa.String(64)),
        sa.Column("municipality", sa.String(6), nullable=False),
        sa.Column("number", sa.String(20), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("issued_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_issued_report"),
    )


def downgrade() -> None:
    op.drop_table("issued_report")
