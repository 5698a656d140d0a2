"""Cases and plans are found by the place of their enterprise: indexes on their own place serve nothing."""

from alembic import op

revision = "0016_unused_indexes"
down_revision = "0015_hook_attempts"
branch_labels = None
depends_on = None

_TABLES = ("accompaniment", "business_plan")


def upgrade() -> None:
    for table in _TABLES:
        op.drop_index(f"ix_{table}_municipality", table)


def downgrade() -> None:
    for table in _TABLES:
        op.create_index(f"ix_{table}_municipality", table, ["municipality", "id"])
