"""Visits to borrowers at their workplace, as training tells of them."""

import sqlalchemy as sa
from alembic import op

revision = "0120_assistance"
down_revision = "0019_instruments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "copy_assistance",
        sa.Column("visit_id", sa.Uuid, nullable=False),
        sa.Column("loan_id", sa.Uuid, nullable=False),
        sa.Column("enterprise_id", sa.Uuid, nullable=False),
        sa.Column("given_on", sa.Date, nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("visit_id", name="pk_copy_assistance"),
    )
    op.create_index("ix_copy_assistance_loan_id", "copy_assistance", ["loan_id"])
    op.create_index("ix_copy_assistance_enterprise_id", "copy_assistance", ["enterprise_id"])


def downgrade() -> None:
    op.drop_table("copy_assistance")
