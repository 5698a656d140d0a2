"""Introductions that the technical team followed up; the gaps that were announced."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database import UtcDateTime

revision = "0011_potential"
down_revision = "0010_drawn_places"
branch_labels = None
depends_on = None

JSON: Any = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "introduction",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("unit", sa.String(6), nullable=False),
        sa.Column("buyer_id", sa.Uuid, nullable=False),
        sa.Column("supplier_id", sa.Uuid, nullable=False),
        sa.Column("item", sa.String(40), nullable=False),
        sa.Column("mark", sa.String(10), nullable=False),
        sa.Column("note", sa.String(500)),
        sa.Column("marked_by", sa.String(120), nullable=False),
        sa.Column("marked_by_name", sa.String(200), nullable=False),
        sa.Column("marked_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_introduction"),
        sa.UniqueConstraint("buyer_id", "supplier_id", "item", name="uq_introduction_pair"),
    )
    op.create_index("ix_introduction_unit", "introduction", ["unit"])
    op.create_index("ix_introduction_supplier_id", "introduction", ["supplier_id"])

    op.create_table(
        "announced_gap",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("unit", sa.String(6), nullable=False),
        sa.Column("chain", sa.String(40), nullable=False),
        sa.Column("gaps", JSON, nullable=False),
        sa.Column("found_on", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_announced_gap"),
        sa.UniqueConstraint("unit", "chain", name="uq_announced_gap_place"),
    )


def downgrade() -> None:
    op.drop_table("announced_gap")
    op.drop_table("introduction")
