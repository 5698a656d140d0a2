"""What an import changed, so that it can be undone."""

revision = "0004_imports_undone"
down_revision = "0003_lowered_validations"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
