"""Seed capital: milestones and their evidence."""

revision = "0013_seed"
down_revision = "0012_closes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
