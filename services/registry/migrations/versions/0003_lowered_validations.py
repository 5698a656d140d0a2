"""How many validations of an import were not for its bringer to give."""

import sqlalchemy as sa
from alembic import op

revision = "0003_lowered_validations"
down_revision = "0002_agreement"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("import_run", sa.Column("lowered", sa.Integer, nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("import_run", "lowered")
