"""Wrong tokens of form servers lately, by form and by address."""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "0015_hook_attempts"
down_revision = "0014_cancelled_visits"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hook_attempts",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("since", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_hook_attempts"),
    )
    op.create_index("ix_hook_attempts_since", "hook_attempts", ["since"])


def downgrade() -> None:
    op.drop_table("hook_attempts")
