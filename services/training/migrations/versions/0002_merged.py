"""Women and enterprises that became part of others."""

import sqlalchemy as sa
from alembic import op

revision = "0002_merged"
down_revision = "0001_groups"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "copy_merged",
        sa.Column("absorbed_id", sa.Uuid, nullable=False),
        sa.Column("survivor_id", sa.Uuid, nullable=False),
        sa.Column("root_id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("absorbed_id", name="pk_copy_merged"),
    )
    for column in ("survivor_id", "root_id"):
        op.create_index(f"ix_copy_merged_{column}", "copy_merged", [column])


def downgrade() -> None:
    op.drop_table("copy_merged")
