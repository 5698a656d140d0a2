"""Papers made on demand, by the hash of what they say."""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "0005_issued_documents"
down_revision = "0004_editions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "issued_document",
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("fund_id", sa.Uuid, nullable=False),
        sa.Column("dated", sa.Date, nullable=False),
        sa.Column("issued_at", UtcDateTime, nullable=False),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name="fk_issued_document_fund_id"),
        sa.PrimaryKeyConstraint("hash", name="pk_issued_document"),
    )


def downgrade() -> None:
    op.drop_table("issued_document")
