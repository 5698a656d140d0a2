"""Copies of women's enterprises and needs, proposals of groups, and groups."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database import UtcDateTime

revision = "0001_groups"
down_revision = None
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
TABLES = (
    "copy_enterprise",
    "copy_owner",
    "copy_need",
    "proposal",
    "proposal_unit",
    "proposed_group",
    "proposed_member",
    "left_out",
    "training_group",
    "group_member",
    "group_number",
)
"""In the order in which they are made; they are dropped the other way round."""


def upgrade() -> None:
    _copies()
    _proposals()
    _groups()


def _copies() -> None:
    op.create_table(
        "copy_enterprise",
        sa.Column("enterprise_id", sa.Uuid, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("municipality", sa.String(6), nullable=False),
        sa.Column("chain", sa.String(24), nullable=False),
        sa.Column("place_state", sa.String(12), nullable=False),
        sa.Column("lon", sa.Float),
        sa.Column("lat", sa.Float),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("enterprise_id", name="pk_copy_enterprise"),
    )
    op.create_index("ix_copy_enterprise_municipality", "copy_enterprise", ["municipality"])
    op.create_table(
        "copy_owner",
        sa.Column("enterprise_id", sa.Uuid, nullable=False),
        sa.Column("entrepreneur_id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("enterprise_id", "entrepreneur_id", name="pk_copy_owner"),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["copy_enterprise.enterprise_id"], name="fk_copy_owner_enterprise_id"
        ),
    )
    op.create_index("ix_copy_owner_entrepreneur_id", "copy_owner", ["entrepreneur_id"])
    op.create_table(
        "copy_need",
        sa.Column("enterprise_id", sa.Uuid, nullable=False),
        sa.Column("need", sa.String(16), nullable=False),
        sa.Column("origin_id", sa.Uuid, nullable=False),
        sa.Column("origin", sa.String(8), nullable=False),
        sa.Column("since", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("enterprise_id", "need", "origin_id", name="pk_copy_need"),
    )


def _proposals() -> None:
    op.create_table(
        "proposal",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("chain", sa.String(24)),
        sa.Column("need", sa.String(16)),
        sa.Column("minimum", sa.Integer, nullable=False),
        sa.Column("maximum", sa.Integer, nullable=False),
        sa.Column("diameter_km", sa.Float, nullable=False),
        sa.Column("considered", sa.Integer, nullable=False),
        sa.Column("placed", sa.Integer, nullable=False),
        sa.Column("left_out", sa.Integer, nullable=False),
        sa.Column("in_groups", sa.Integer, nullable=False),
        sa.Column("made_by", sa.String(120), nullable=False),
        sa.Column("made_by_name", sa.String(200), nullable=False),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_proposal"),
    )
    op.create_table(
        "proposal_unit",
        sa.Column("proposal_id", sa.Uuid, nullable=False),
        sa.Column("unit", sa.String(6), nullable=False),
        sa.PrimaryKeyConstraint("proposal_id", "unit", name="pk_proposal_unit"),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name="fk_proposal_unit_proposal_id"),
    )
    op.create_table(
        "proposed_group",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("proposal_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("chain", sa.String(24), nullable=False),
        sa.Column("need", sa.String(16), nullable=False),
        sa.Column("municipality", sa.String(6), nullable=False),
        sa.Column("diameter_km", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_proposed_group"),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name="fk_proposed_group_proposal_id"),
    )
    op.create_index("ix_proposed_group_proposal_id", "proposed_group", ["proposal_id", "number"], unique=True)
    _people_of_proposals()


def _people_of_proposals() -> None:
    op.create_table(
        "proposed_member",
        sa.Column("group_id", sa.Uuid, nullable=False),
        sa.Column("entrepreneur_id", sa.Uuid, nullable=False),
        sa.Column("enterprise_id", sa.Uuid, nullable=False),
        sa.Column("municipality", sa.String(6), nullable=False),
        sa.Column("placed_by", sa.String(12), nullable=False),
        sa.PrimaryKeyConstraint("group_id", "entrepreneur_id", name="pk_proposed_member"),
        sa.ForeignKeyConstraint(["group_id"], ["proposed_group.id"], name="fk_proposed_member_group_id"),
    )
    op.create_index("ix_proposed_member_entrepreneur_id", "proposed_member", ["entrepreneur_id"])
    op.create_table(
        "left_out",
        sa.Column("proposal_id", sa.Uuid, nullable=False),
        sa.Column("entrepreneur_id", sa.Uuid, nullable=False),
        sa.Column("chain", sa.String(24), nullable=False),
        sa.Column("need", sa.String(16), nullable=False),
        sa.Column("enterprise_id", sa.Uuid, nullable=False),
        sa.Column("municipality", sa.String(6), nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.PrimaryKeyConstraint("proposal_id", "entrepreneur_id", "chain", "need", name="pk_left_out"),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name="fk_left_out_proposal_id"),
    )
    op.create_index("ix_left_out_entrepreneur_id", "left_out", ["entrepreneur_id"])


def _groups() -> None:
    op.create_table(
        "training_group",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("chain", sa.String(24), nullable=False),
        sa.Column("need", sa.String(16), nullable=False),
        sa.Column("municipality", sa.String(6), nullable=False),
        sa.Column("diameter_km", sa.Float, nullable=False),
        sa.Column("formed_on", sa.Date, nullable=False),
        sa.Column("formed_by", sa.String(120), nullable=False),
        sa.Column("formed_by_name", sa.String(200), nullable=False),
        sa.Column("proposed_group_id", sa.Uuid, nullable=False),
        sa.Column("withdrawn", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_training_group"),
        sa.UniqueConstraint("number", name="uq_training_group_number"),
        sa.UniqueConstraint("proposed_group_id", name="uq_training_group_proposed_group_id"),
        sa.ForeignKeyConstraint(
            ["proposed_group_id"], ["proposed_group.id"], name="fk_training_group_proposed_group_id"
        ),
    )
    op.create_index("ix_training_group_municipality", "training_group", ["municipality"])
    op.create_table(
        "group_member",
        sa.Column("group_id", sa.Uuid, nullable=False),
        sa.Column("entrepreneur_id", sa.Uuid, nullable=False),
        sa.Column("enterprise_id", sa.Uuid, nullable=False),
        sa.Column("municipality", sa.String(6), nullable=False),
        sa.PrimaryKeyConstraint("group_id", "entrepreneur_id", name="pk_group_member"),
        sa.ForeignKeyConstraint(["group_id"], ["training_group.id"], name="fk_group_member_group_id"),
    )
    op.create_index("ix_group_member_entrepreneur_id", "group_member", ["entrepreneur_id"])
    op.create_index("ix_group_member_enterprise_id", "group_member", ["enterprise_id"])
    number = op.create_table(
        "group_number",
        sa.Column("one", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("last", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("one", name="pk_group_number"),
    )
    op.bulk_insert(number, [{"one": 1, "last": 0}])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
