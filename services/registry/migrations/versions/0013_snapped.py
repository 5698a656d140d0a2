"""How far outside of its municipality a point lies that was given to it."""

import sqlalchemy as sa
from alembic import op

revision = "0013_snapped"
down_revision = "0012_drafts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("enterprise", sa.Column("snapped_m", sa.Double()))


def downgrade() -> None:
    op.drop_column("enterprise", "snapped_m")
