"""A printed report may be of forty municipalities: their codes take 318 letters."""

import sqlalchemy as sa
from alembic import op

revision = "0018_issued_units"
down_revision = "0017_own_tables"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("issued_report") as table:
        table.alter_column("units", type_=sa.String(320), existing_type=sa.String(300), existing_nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("issued_report") as table:
        table.alter_column("units", type_=sa.String(300), existing_type=sa.String(320), existing_nullable=False)
