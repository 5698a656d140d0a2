"""Centres, institutions and agreements; all that is asked of a woman and of her enterprise."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005_whole_inventory"
down_revision = "0004_imports_undone"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def _of_a_woman() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("other_phone", sa.String(40)),
        sa.Column("languages", JSON, nullable=False, server_default="[]"),
        sa.Column("schooling", sa.String(16)),
        sa.Column("dependants", sa.Integer),
        sa.Column("children_under_6", sa.Integer),
        sa.Column("others_in_care", sa.Integer),
        sa.Column("care_hours", sa.Integer),
        sa.Column("head_of_household", sa.Boolean),
        sa.Column("difficulties", JSON),
        sa.Column("id_confirmed_on", sa.Date),
        sa.Column("id_confirmed_by", sa.String(120)),
        sa.Column("id_confirmed_by_name", sa.String(200)),
        sa.Column("id_confirmed_because", sa.String(500)),
    )


def upgrade() -> None:
    for column in _of_a_woman():
        op.add_column("entrepreneur", column)


def downgrade() -> None:
    for column in _of_a_woman():
        op.drop_column("entrepreneur", column.name)
