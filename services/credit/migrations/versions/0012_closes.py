"""The close of each day: arrears, accruals, allowance."""

revision = "0012_closes"
down_revision = "0011_servicing"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
