"""Links to maps for the pages of others."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database import UtcDateTime

revision = "0009_map_links"
down_revision = "0008_councils"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "map_link",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("unit", sa.String(6), nullable=False),
        sa.Column("map", JSON, nullable=False),
        sa.Column("purpose", sa.String(200), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("expires_on", sa.Date, nullable=False),
        sa.Column("revoked_on", sa.Date),
        sa.Column("made_by", sa.String(120), nullable=False),
        sa.Column("made_by_name", sa.String(200), nullable=False),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_map_link"),
    )
    op.create_index("ix_map_link_unit", "map_link", ["unit"])


def downgrade() -> None:
    op.drop_table("map_link")
