"""A calendar shows the territory of its maker today, not that of the day on which she made it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0170_calendars"
down_revision = "0150_attack"
branch_labels = None
depends_on = None
JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    with op.batch_alter_table("calendar_link") as table:
        table.drop_column("units")


def downgrade() -> None:
    """The territories of before are not known any more: such an address shows nothing."""
    with op.batch_alter_table("calendar_link") as table:
        table.add_column(sa.Column("units", JSON, nullable=False, server_default="[]"))
    with op.batch_alter_table("calendar_link") as table:
        table.alter_column("units", server_default=None)
