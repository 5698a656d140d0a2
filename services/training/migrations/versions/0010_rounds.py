"""Rounds of groups, how women can come, placements, and the levels and gaps that needs are known from."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database import UtcDateTime

revision = "0010_rounds"
down_revision = "0003_completions"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
TABLES = (
    "copy_level",
    "copy_gap",
    "training_round",
    "round_unit",
    "round_venue",
    "woman_profile",
    "woman_pair",
    "placement",
    "placement_group",
    "placement_woman",
    "placement_move",
    "invitation",
)
"""In the order in which they are made; they are dropped the other way round."""


def upgrade() -> None:
    _copies()
    _rounds()
    _women()
    _placements()
    _placed()
    _invitations()
    with op.batch_alter_table("training_group") as table:
        table.alter_column("proposed_group_id", existing_type=sa.Uuid(), nullable=True)


def _copies() -> None:
    op.create_table(
        "copy_level",
        sa.Column("enterprise_id", sa.Uuid, nullable=False),
        sa.Column("need", sa.String(16), nullable=False),
        sa.Column("level", sa.Integer, nullable=False),
        sa.Column("since", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("enterprise_id", "need", name="pk_copy_level"),
    )
    op.create_table(
        "copy_gap",
        sa.Column("unit", sa.String(6), nullable=False),
        sa.Column("chain", sa.String(24), nullable=False),
        sa.Column("subject", sa.String(16), nullable=False),
        sa.Column("women", sa.Integer, nullable=False),
        sa.Column("found_on", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("unit", "chain", "subject", name="pk_copy_gap"),
    )


def _rounds() -> None:
    op.create_table(
        "training_round",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("begins_on", sa.Date, nullable=False),
        sa.Column("ends_on", sa.Date, nullable=False),
        sa.Column("topics", JSON, nullable=False),
        sa.Column("minimum", sa.Integer, nullable=False),
        sa.Column("maximum", sa.Integer, nullable=False),
        sa.Column("reach_km", sa.Integer, nullable=False),
        sa.Column("budget", sa.Integer, nullable=False),
        sa.Column("seed", sa.Integer, nullable=False),
        sa.Column("made_by", sa.String(120), nullable=False),
        sa.Column("made_by_name", sa.String(200), nullable=False),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_training_round"),
    )
    op.create_table(
        "round_unit",
        sa.Column("round_id", sa.Uuid, nullable=False),
        sa.Column("unit", sa.String(6), nullable=False),
        sa.PrimaryKeyConstraint("round_id", "unit", name="pk_round_unit"),
        sa.ForeignKeyConstraint(["round_id"], ["training_round.id"], name="fk_round_unit_round_id"),
    )
    op.create_table(
        "round_venue",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("round_id", sa.Uuid, nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("municipality", sa.String(6), nullable=False),
        sa.Column("lon", sa.Float, nullable=False),
        sa.Column("lat", sa.Float, nullable=False),
        sa.Column("slots", JSON, nullable=False),
        sa.Column("rooms", JSON, nullable=False),
        sa.Column("child_care", JSON, nullable=False),
        sa.Column("facilitators", JSON, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_round_venue"),
        sa.ForeignKeyConstraint(["round_id"], ["training_round.id"], name="fk_round_venue_round_id"),
    )
    op.create_index("ix_round_venue_round_id", "round_venue", ["round_id"])


def _women() -> None:
    op.create_table(
        "woman_profile",
        sa.Column("entrepreneur_id", sa.Uuid, nullable=False),
        sa.Column("slots", JSON, nullable=False),
        sa.Column("languages", JSON, nullable=False),
        sa.Column("children", sa.Integer, nullable=False),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("noted_by_name", sa.String(200), nullable=False),
        sa.Column("noted_at", UtcDateTime, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("entrepreneur_id", name="pk_woman_profile"),
    )
    op.create_table(
        "woman_pair",
        sa.Column("first_id", sa.Uuid, nullable=False),
        sa.Column("second_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.PrimaryKeyConstraint("first_id", "second_id", name="pk_woman_pair"),
    )
    op.create_index("ix_woman_pair_second_id", "woman_pair", ["second_id"])


def _placements() -> None:
    op.create_table(
        "placement",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("round_id", sa.Uuid, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("asked", JSON, nullable=False),
        sa.Column("job_id", sa.Uuid),
        sa.Column("first_placed", sa.Integer, nullable=False),
        sa.Column("considered", sa.Integer, nullable=False),
        sa.Column("in_groups", sa.Integer, nullable=False),
        sa.Column("worth", JSON, nullable=False),
        sa.Column("bound", sa.Integer),
        sa.Column("relaxations", JSON, nullable=False),
        sa.Column("made_by", sa.String(120), nullable=False),
        sa.Column("made_by_name", sa.String(200), nullable=False),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.Column("touched_at", UtcDateTime),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_placement"),
        sa.ForeignKeyConstraint(["round_id"], ["training_round.id"], name="fk_placement_round_id"),
    )
    op.create_index("ix_placement_round_id", "placement", ["round_id"])


def _placed() -> None:
    op.create_table(
        "placement_group",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("placement_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("venue", sa.String(60), nullable=False),
        sa.Column("slot", sa.String(12), nullable=False),
        sa.Column("topic", sa.String(24), nullable=False),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("room", sa.String(80), nullable=False),
        sa.Column("facilitator", sa.String(200), nullable=False),
        sa.Column("exception_by", sa.String(200)),
        sa.Column("exception_why", sa.String(400)),
        sa.Column("training_group_id", sa.Uuid),
        sa.PrimaryKeyConstraint("id", name="pk_placement_group"),
        sa.ForeignKeyConstraint(["placement_id"], ["placement.id"], name="fk_placement_group_placement_id"),
        sa.ForeignKeyConstraint(
            ["training_group_id"], ["training_group.id"], name="fk_placement_group_training_group_id"
        ),
        sa.UniqueConstraint("training_group_id", name="uq_placement_group_training_group_id"),
    )
    op.create_index("ix_placement_group_placement_id", "placement_group", ["placement_id", "number"], unique=True)
    op.create_table(
        "placement_woman",
        sa.Column("placement_id", sa.Uuid, nullable=False),
        sa.Column("entrepreneur_id", sa.Uuid, nullable=False),
        sa.Column("enterprise_id", sa.Uuid, nullable=False),
        sa.Column("municipality", sa.String(6), nullable=False),
        sa.Column("chain", sa.String(24), nullable=False),
        sa.Column("group_number", sa.Integer),
        sa.Column("reason", sa.String(20)),
        sa.Column("facts", JSON, nullable=False),
        sa.PrimaryKeyConstraint("placement_id", "entrepreneur_id", name="pk_placement_woman"),
        sa.ForeignKeyConstraint(["placement_id"], ["placement.id"], name="fk_placement_woman_placement_id"),
    )
    op.create_index("ix_placement_woman_entrepreneur_id", "placement_woman", ["entrepreneur_id"])
    op.create_table(
        "placement_move",
        sa.Column("placement_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("entrepreneur_id", sa.Uuid, nullable=False),
        sa.Column("from_number", sa.Integer),
        sa.Column("to_number", sa.Integer),
        sa.Column("gained", JSON, nullable=False),
        sa.Column("moved_by_name", sa.String(200), nullable=False),
        sa.Column("moved_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("placement_id", "number", name="pk_placement_move"),
        sa.ForeignKeyConstraint(["placement_id"], ["placement.id"], name="fk_placement_move_placement_id"),
    )
    op.create_index("ix_placement_move_entrepreneur_id", "placement_move", ["entrepreneur_id"])


def _invitations() -> None:
    op.create_table(
        "invitation",
        sa.Column("group_id", sa.Uuid, nullable=False),
        sa.Column("entrepreneur_id", sa.Uuid, nullable=False),
        sa.Column("enterprise_id", sa.Uuid, nullable=False),
        sa.Column("municipality", sa.String(6), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("answered_at", UtcDateTime),
        sa.PrimaryKeyConstraint("group_id", "entrepreneur_id", name="pk_invitation"),
        sa.ForeignKeyConstraint(["group_id"], ["training_group.id"], name="fk_invitation_group_id"),
    )
    op.create_index("ix_invitation_entrepreneur_id", "invitation", ["entrepreneur_id"])


def downgrade() -> None:
    with op.batch_alter_table("training_group") as group:
        group.alter_column("proposed_group_id", existing_type=sa.Uuid(), nullable=False)
    for table in reversed(TABLES):
        op.drop_table(table)
