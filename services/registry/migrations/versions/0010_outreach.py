"""Campaigns and fairs: what was done to be known, and what came of it."""

revision = "0010_outreach"
down_revision = "0009_searching"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
