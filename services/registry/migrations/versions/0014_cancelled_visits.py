"""Planned visits that will not take place, and why."""

import sqlalchemy as sa
from alembic import op

revision = "0014_cancelled_visits"
down_revision = "0013_snapped"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("visit", sa.Column("cancelled_on", sa.Date()))
    op.add_column("visit", sa.Column("cancelled_by_name", sa.String(200)))
    op.add_column("visit", sa.Column("cancelled_because", sa.Text()))


def downgrade() -> None:
    for name in ("cancelled_because", "cancelled_by_name", "cancelled_on"):
        op.drop_column("visit", name)
