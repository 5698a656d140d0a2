"""Project cases, business plans, studies and opportunities."""

revision = "0008_projects"
down_revision = "0007_profiles"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
