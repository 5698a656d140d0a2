"""The file of an application: what was found on site, guarantees, attachments, members of a group."""

revision = "0010_files"
down_revision = "0009_bodies"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
