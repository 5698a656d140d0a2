"""Reports of departments and territories can be verified as those of municipalities are."""

import sqlalchemy as sa
from alembic import op

revision = "0013_reports"
down_revision = "0012_selection"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("issued_report") as table:
        table.alter_column("municipality", new_column_name="units", type_=sa.String(300), existing_type=sa.String(6))
        table.alter_column("number", type_=sa.String(340), existing_type=sa.String(20))
        table.add_column(sa.Column("kind", sa.String(12), nullable=False, server_default="municipal"))
    with op.batch_alter_table("issued_report") as table:
        table.alter_column("kind", server_default=None, existing_type=sa.String(12), existing_nullable=False)


def downgrade() -> None:
    op.execute("DELETE FROM issued_report WHERE kind <> 'municipal'")
    with op.batch_alter_table("issued_report") as table:
        table.drop_column("kind")
        table.alter_column("number", type_=sa.String(20), existing_type=sa.String(340))
        table.alter_column("units", new_column_name="municipality", type_=sa.String(6), existing_type=sa.String(300))
