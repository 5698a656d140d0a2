"""The books of a fund: where its money comes from, statements of the trustee, shares of its income."""

revision = "0008_books"
down_revision = "0007_instruments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
