"""What searches and saved views stand on."""

revision = "0009_searching"
down_revision = "0008_projects"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
