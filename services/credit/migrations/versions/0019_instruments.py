"""Who signed what was paid back of a contribution, and the editions that were taken back before they began."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database import UtcDateTime

revision = "0019_instruments"
down_revision = "0018_watching"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("withdrawal", sa.Column("signatures", JSON, nullable=False, server_default="[]"))
    op.create_table(
        "taken_back_edition",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("fund_id", sa.Uuid, nullable=False),
        sa.Column("edition", sa.Integer, nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("signatories", JSON, nullable=False),
        sa.Column("parameters", JSON, nullable=False),
        sa.Column("file_id", sa.Uuid),
        sa.Column("recorded_at", UtcDateTime, nullable=False),
        sa.Column("recorded_by", sa.String(100), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("taken_back_at", UtcDateTime, nullable=False),
        sa.Column("taken_back_by", sa.String(100), nullable=False),
        sa.Column("taken_back_by_name", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name="fk_taken_back_edition_fund_id"),
        sa.PrimaryKeyConstraint("id", name="pk_taken_back_edition"),
        sa.UniqueConstraint("fund_id", "edition", name="uq_taken_back_edition_fund_id_edition"),
    )


def downgrade() -> None:
    op.drop_table("taken_back_edition")
    op.drop_column("withdrawal", "signatures")
