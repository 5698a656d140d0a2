"""Single submissions that a form server sends, until somebody has looked at them."""

revision = "0012_drafts"
down_revision = "0011_knowledge"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
