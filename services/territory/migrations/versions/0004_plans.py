"""Plans of municipalities, departments and countries."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database import UtcDateTime

revision = "0004_plans"
down_revision = "0003_merged"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "development_plan",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("unit", sa.String(6), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("valid_until", sa.Date),
        sa.Column("chains", JSON, nullable=False),
        sa.Column("purposes", JSON, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("declared_by", sa.String(120), nullable=False),
        sa.Column("declared_by_name", sa.String(200), nullable=False),
        sa.Column("declared_at", UtcDateTime, nullable=False),
        sa.Column("withdrawn_on", sa.Date),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_development_plan"),
    )
    op.create_index("ix_development_plan_unit", "development_plan", ["unit"])


def downgrade() -> None:
    op.drop_table("development_plan")
