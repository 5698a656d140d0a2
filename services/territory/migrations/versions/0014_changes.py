"""Which enterprises the latest changes of the copies touched."""

import sqlalchemy as sa
from alembic import op

revision = "0014_changes"
down_revision = "0013_reports"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "enterprise_change",
        sa.Column("enterprise_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("enterprise_id", name="pk_enterprise_change"),
    )
    op.create_index("ix_enterprise_change_number", "enterprise_change", ["number"])


def downgrade() -> None:
    op.drop_table("enterprise_change")
