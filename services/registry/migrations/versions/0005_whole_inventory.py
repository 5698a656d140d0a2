"""Centres, institutions and agreements; all that is asked of a woman and of her enterprise."""

revision = "0005_whole_inventory"
down_revision = "0004_imports_undone"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
