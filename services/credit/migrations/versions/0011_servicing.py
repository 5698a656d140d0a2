"""After the money is paid: tranches, reversals, files of payments, collection, changes of a loan."""

revision = "0011_servicing"
down_revision = "0010_files"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
