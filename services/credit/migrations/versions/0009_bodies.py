"""Committees and their sessions: alternates, notices, attendance, conditions, observations."""

revision = "0009_bodies"
down_revision = "0008_books"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
