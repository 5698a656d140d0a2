"""The facts of a history entry are hashed with a salt, so that a hash tells nothing once the facts are erased."""

import sqlalchemy as sa
from alembic import op

revision = "0004_history_salt"
down_revision = "0003_web"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("history", sa.Column("salt", sa.String(32)))
