"""The published table of establishments: what is told of each cell, protected once."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database import UtcDateTime

revision = "0015_establishments"
down_revision = "0014_changes"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "establishment_table",
        sa.Column("set_id", sa.Uuid, nullable=False),
        sa.Column("job_id", sa.Uuid),
        sa.Column("made_at", UtcDateTime),
        sa.Column("criteria_from", sa.Date),
        sa.Column("lost", JSON, nullable=False),
        sa.PrimaryKeyConstraint("set_id", name="pk_establishment_table"),
        sa.ForeignKeyConstraint(
            ["set_id"],
            ["denominator_set.id"],
            name="fk_establishment_table_set_id_denominator_set",
            ondelete="CASCADE",
        ),
    )
    op.create_table(
        "establishment_cell",
        sa.Column("set_id", sa.Uuid, nullable=False),
        sa.Column("place", sa.String(6), nullable=False),
        sa.Column("ciiu", sa.String(4), nullable=False),
        sa.Column("size", sa.String(12), nullable=False),
        sa.Column("value", sa.Integer),
        sa.Column("low", sa.Integer),
        sa.Column("high", sa.Integer),
        sa.PrimaryKeyConstraint("set_id", "place", "ciiu", "size", name="pk_establishment_cell"),
        sa.ForeignKeyConstraint(
            ["set_id"],
            ["establishment_table.set_id"],
            name="fk_establishment_cell_set_id_establishment_table",
            ondelete="CASCADE",
        ),
    )


def downgrade() -> None:
    op.drop_table("establishment_cell")
    op.drop_table("establishment_table")
