"""Profiles, tiers, validations, campaigns and fairs."""

revision = "0007_profiles"
down_revision = "0006_duplicates"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
