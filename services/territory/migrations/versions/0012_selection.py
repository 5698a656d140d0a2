"""Scores of chains by people; what applications ask for and what is granted."""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "0012_selection"
down_revision = "0011_potential"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "chain_score",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("unit", sa.String(6), nullable=False),
        sa.Column("chain", sa.String(40), nullable=False),
        sa.Column("criterion", sa.String(40), nullable=False),
        sa.Column("score", sa.Integer),
        sa.Column("evidence", sa.String(1000), nullable=False),
        sa.Column("scored_by", sa.String(120), nullable=False),
        sa.Column("scored_by_name", sa.String(200), nullable=False),
        sa.Column("scored_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_chain_score"),
        sa.UniqueConstraint("unit", "chain", "criterion", name="uq_chain_score_place"),
    )
    op.add_column("copy_application", sa.Column("currency", sa.String(3)))
    op.add_column("copy_application", sa.Column("asked_minor", sa.BigInteger))
    op.add_column("copy_application", sa.Column("approved_minor", sa.BigInteger))


def downgrade() -> None:
    for name in ("approved_minor", "asked_minor", "currency"):
        op.drop_column("copy_application", name)
    op.drop_table("chain_score")
