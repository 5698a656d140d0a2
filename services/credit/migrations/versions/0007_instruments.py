"""What the instruments of a fund say: the agreement letter, signatures, files."""

revision = "0007_instruments"
down_revision = "0006_merged"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
