"""Events given up are known by their ids, whatever log they come from; an attempt that the database broke off says so."""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "0005_discarded_events"
down_revision = "0004_history_salt"
branch_labels = None
depends_on = None

REMEMBER_THOSE_OF_BEFORE = """
INSERT INTO event_discarded (event_id, subject, discarded_at)
SELECT id, subject, discarded_at FROM event_parked WHERE discarded_at IS NOT NULL
"""


def upgrade() -> None:
    op.create_table(
        "event_discarded",
        sa.Column("event_id", sa.Uuid),
        sa.Column("subject", sa.Uuid, nullable=False),
        sa.Column("discarded_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("event_id", name="pk_event_discarded"),
    )
    op.execute(REMEMBER_THOSE_OF_BEFORE)
    op.add_column("event_cursor", sa.Column("failure", sa.Text))
