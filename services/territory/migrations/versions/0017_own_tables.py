"""Tables and charts that somebody makes of published figures."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database import UtcDateTime

revision = "0017_own_tables"
down_revision = "0016_features"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "own_table",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("definition", JSON, nullable=False),
        sa.Column("shared", sa.Boolean, nullable=False),
        sa.Column("made_by", sa.String(120), nullable=False),
        sa.Column("made_by_name", sa.String(200), nullable=False),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.Column("changed_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_own_table"),
        sa.UniqueConstraint("made_by", "title", name="uq_own_table_title"),
    )


def downgrade() -> None:
    op.drop_table("own_table")
