"""Pairs of records that may be one, and merges that can be undone."""

revision = "0006_duplicates"
down_revision = "0005_whole_inventory"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
