"""Fairs as the registry tells of them, the groups that get ready for them, and what each enterprise has ready."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database import UtcDateTime

revision = "0120_fairs"
down_revision = "0110_one_way"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
TABLES = ("copy_fair", "copy_fair_stand", "fair_preparation", "fair_readiness")


def upgrade() -> None:
    _copies()
    op.create_table(
        "fair_preparation",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("fair_id", sa.Uuid, nullable=False),
        sa.Column("group_id", sa.Uuid, nullable=False),
        sa.Column("unit", sa.String(6), nullable=False),
        sa.Column("list_from", sa.Date, nullable=False),
        sa.Column("recorded_by", sa.String(120), nullable=False),
        sa.Column("recorded_by_name", sa.String(200), nullable=False),
        sa.Column("recorded_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_fair_preparation"),
        sa.ForeignKeyConstraint(["group_id"], ["training_group.id"], name="fk_fair_preparation_group_id"),
        sa.UniqueConstraint("group_id", name="uq_fair_preparation_group_id"),
    )
    op.create_index("ix_fair_preparation_fair_id", "fair_preparation", ["fair_id"])
    op.create_index("ix_fair_preparation_unit", "fair_preparation", ["unit"])
    op.create_table(
        "fair_readiness",
        sa.Column("preparation_id", sa.Uuid, nullable=False),
        sa.Column("enterprise_id", sa.Uuid, nullable=False),
        sa.Column("fair_id", sa.Uuid, nullable=False),
        sa.Column("items", JSON, nullable=False),
        sa.Column("noted_at", UtcDateTime),
        sa.Column("noted_by_name", sa.String(200)),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("preparation_id", "enterprise_id", name="pk_fair_readiness"),
        sa.ForeignKeyConstraint(["preparation_id"], ["fair_preparation.id"], name="fk_fair_readiness_preparation_id"),
        sa.UniqueConstraint("fair_id", "enterprise_id", name="uq_fair_readiness_fair_id_enterprise_id"),
    )
    op.create_index("ix_fair_readiness_enterprise_id", "fair_readiness", ["enterprise_id"])


def _copies() -> None:
    op.create_table(
        "copy_fair",
        sa.Column("fair_id", sa.Uuid, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("municipality", sa.String(6), nullable=False),
        sa.Column("begins_on", sa.Date, nullable=False),
        sa.Column("ends_on", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("fair_id", name="pk_copy_fair"),
    )
    op.create_index("ix_copy_fair_begins_on", "copy_fair", ["begins_on", "fair_id"])
    op.create_table(
        "copy_fair_stand",
        sa.Column("fair_id", sa.Uuid, nullable=False),
        sa.Column("enterprise_id", sa.Uuid, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.PrimaryKeyConstraint("fair_id", "enterprise_id", name="pk_copy_fair_stand"),
    )
    op.create_index("ix_copy_fair_stand_enterprise_id", "copy_fair_stand", ["enterprise_id"])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
