"""When the training of a group ended, and who completed it."""

import sqlalchemy as sa
from alembic import op

revision = "0003_completions"
down_revision = "0002_merged"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("training_group", sa.Column("completed_on", sa.Date))
    op.add_column("group_member", sa.Column("completed", sa.Boolean, nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("group_member", "completed")
    op.drop_column("training_group", "completed_on")
