"""Groups are proposed in rounds alone: the tables of the way before are dropped. Groups that were formed stay as they are;
proposals of which no group was formed are given up. A round planned anew keeps what its groups were.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database import UtcDateTime

revision = "0110_one_way"
down_revision = "0100_stories"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
TABLES = ("left_out", "proposed_member", "proposed_group", "proposal_unit", "proposal")
"""In the order in which they are dropped."""


def upgrade() -> None:
    with op.batch_alter_table("training_group") as table:
        table.drop_constraint("fk_training_group_proposed_group_id", type_="foreignkey")
        table.drop_constraint("uq_training_group_proposed_group_id", type_="unique")
        table.drop_column("proposed_group_id")
    for table_ in TABLES:
        op.drop_table(table_)
    _planned_anew()


def _planned_anew() -> None:
    """What a round planned anew keeps of the groups formed before."""
    with op.batch_alter_table("placement") as table:
        table.add_column(sa.Column("keeps", sa.Boolean, nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("carried_out_at", UtcDateTime))
    with op.batch_alter_table("placement_group") as table:
        table.add_column(sa.Column("continues_id", sa.Uuid))
        table.create_foreign_key("fk_placement_group_continues_id", "training_group", ["continues_id"], ["id"])
    with op.batch_alter_table("placement_woman") as table:
        table.add_column(sa.Column("was", JSON, nullable=False, server_default="{}"))
    with op.batch_alter_table("training_group") as table:
        table.add_column(sa.Column("dissolved_on", sa.Date))
    for name, column in (("placement", "keeps"), ("placement_woman", "was")):
        with op.batch_alter_table(name) as table:
            table.alter_column(column, server_default=None)


def downgrade() -> None:
    """The tables come back empty."""
    with op.batch_alter_table("training_group") as table:
        table.drop_column("dissolved_on")
    with op.batch_alter_table("placement_woman") as table:
        table.drop_column("was")
    with op.batch_alter_table("placement_group") as table:
        table.drop_constraint("fk_placement_group_continues_id", type_="foreignkey")
        table.drop_column("continues_id")
    with op.batch_alter_table("placement") as table:
        table.drop_column("carried_out_at")
        table.drop_column("keeps")
    _proposals()
    with op.batch_alter_table("training_group") as table:
        table.add_column(sa.Column("proposed_group_id", sa.Uuid))
        table.create_unique_constraint("uq_training_group_proposed_group_id", ["proposed_group_id"])
        table.create_foreign_key("fk_training_group_proposed_group_id", "proposed_group", ["proposed_group_id"], ["id"])


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
