"""Studies made with universities, and a register of opportunities."""

revision = "0011_knowledge"
down_revision = "0010_outreach"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
