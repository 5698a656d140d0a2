"""Curricula in versions with their modules, contributions, acceptances, links and groups; strategies; asked subjects."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database import UtcDateTime

revision = "0080_curricula"
down_revision = "0070_diagnosis"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
TABLES = (
    "curriculum",
    "curriculum_version",
    "curriculum_module",
    "curriculum_contribution",
    "curriculum_acceptance",
    "curriculum_link",
    "group_curriculum",
    "training_strategy",
    "asked_subject",
)
"""In the order in which they are made; they are dropped the other way round."""


def upgrade() -> None:
    _versions()
    _voices()
    _links()
    _strategies()
    _asked()
    op.add_column("training_session", sa.Column("module_id", sa.Uuid, nullable=True))
    op.create_index("ix_training_session_module_id", "training_session", ["module_id"])


def _recorded(*, versioned: bool = True) -> list[sa.Column[object]]:
    columns: list[sa.Column[object]] = [
        sa.Column("recorded_by", sa.String(120), nullable=False),
        sa.Column("recorded_by_name", sa.String(200), nullable=False),
        sa.Column("recorded_at", UtcDateTime, nullable=False),
    ]
    return columns + ([sa.Column("version", sa.Integer, nullable=False)] if versioned else [])


def _speaks() -> list[sa.Column[object]]:
    return [
        sa.Column("voice", sa.String(12), nullable=False),
        sa.Column("by", sa.String(120), nullable=False),
        sa.Column("by_name", sa.String(200)),
        sa.Column("group_id", sa.Uuid),
        sa.Column("entrepreneur_id", sa.Uuid),
        sa.Column("at", UtcDateTime, nullable=False),
    ]


def _indexes(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(f"ix_{table}_{column}", table, [column])


def _versions() -> None:
    op.create_table(
        "curriculum",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("unit", sa.String(6), nullable=False),
        sa.Column("title", sa.String(160), nullable=False),
        sa.Column("topic", sa.String(24), nullable=False),
        sa.Column("type", sa.String(24), nullable=False),
        sa.Column("language", sa.String(12), nullable=False),
        *_recorded(),
        sa.PrimaryKeyConstraint("id", name="pk_curriculum"),
    )
    _indexes("curriculum", "unit", "topic", "type")
    op.create_table(
        "curriculum_version",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("curriculum_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("change", sa.String(2000), nullable=False),
        sa.Column("edits", sa.Integer, nullable=False),
        sa.Column("content_hash", sa.String(64)),
        sa.Column("proposed_at", UtcDateTime),
        sa.Column("proposed_by_name", sa.String(200)),
        sa.Column("accepted_on", sa.Date),
        sa.Column("ended_on", sa.Date),
        sa.Column("ended_reason", sa.String(2000)),
        *_recorded(),
        sa.PrimaryKeyConstraint("id", name="pk_curriculum_version"),
        sa.ForeignKeyConstraint(["curriculum_id"], ["curriculum.id"], name="fk_curriculum_version_curriculum_id"),
        sa.UniqueConstraint("curriculum_id", "number", name="uq_curriculum_version_curriculum_id_number"),
    )
    _indexes("curriculum_version", "state")
    op.create_table(
        "curriculum_module",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version_id", sa.Uuid, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("title", sa.String(160), nullable=False),
        sa.Column("objectives", sa.String(4000), nullable=False),
        sa.Column("contents", sa.String(8000), nullable=False),
        sa.Column("methods", JSON, nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.Column("links", JSON, nullable=False),
        sa.Column("papers", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_curriculum_module"),
        sa.ForeignKeyConstraint(["version_id"], ["curriculum_version.id"], name="fk_curriculum_module_version_id"),
    )
    _indexes("curriculum_module", "version_id")


def _voices() -> None:
    op.create_table(
        "curriculum_contribution",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version_id", sa.Uuid, nullable=False),
        sa.Column("module_id", sa.Uuid),
        sa.Column("text", sa.String(4000), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("answer", sa.String(2000), nullable=False),
        sa.Column("answered_by_name", sa.String(200)),
        sa.Column("answered_at", UtcDateTime),
        *_speaks(),
        sa.PrimaryKeyConstraint("id", name="pk_curriculum_contribution"),
        sa.ForeignKeyConstraint(
            ["version_id"], ["curriculum_version.id"], name="fk_curriculum_contribution_version_id"
        ),
    )
    _indexes("curriculum_contribution", "version_id", "entrepreneur_id")
    op.create_table(
        "curriculum_acceptance",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version_id", sa.Uuid, nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        *_speaks(),
        sa.PrimaryKeyConstraint("id", name="pk_curriculum_acceptance"),
        sa.ForeignKeyConstraint(["version_id"], ["curriculum_version.id"], name="fk_curriculum_acceptance_version_id"),
        sa.UniqueConstraint(
            "version_id", "voice", "group_id", name="uq_curriculum_acceptance_version_id_voice_group_id"
        ),
    )
    _indexes("curriculum_acceptance", "entrepreneur_id")


def _links() -> None:
    op.create_table(
        "curriculum_link",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version_id", sa.Uuid, nullable=False),
        sa.Column("voice", sa.String(12), nullable=False),
        sa.Column("holder_name", sa.String(200)),
        sa.Column("group_id", sa.Uuid),
        sa.Column("entrepreneur_id", sa.Uuid),
        sa.Column("expires_on", sa.Date, nullable=False),
        sa.Column("revoked_on", sa.Date),
        *_recorded(),
        sa.PrimaryKeyConstraint("id", name="pk_curriculum_link"),
        sa.ForeignKeyConstraint(["version_id"], ["curriculum_version.id"], name="fk_curriculum_link_version_id"),
        sa.ForeignKeyConstraint(["group_id"], ["training_group.id"], name="fk_curriculum_link_group_id"),
    )
    op.create_index("ix_curriculum_link_version_id", "curriculum_link", ["version_id", "id"])
    _indexes("curriculum_link", "entrepreneur_id")
    op.create_table(
        "group_curriculum",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("group_id", sa.Uuid, nullable=False),
        sa.Column("version_id", sa.Uuid, nullable=False),
        sa.Column("chosen_by", sa.String(120), nullable=False),
        sa.Column("chosen_by_name", sa.String(200), nullable=False),
        sa.Column("chosen_at", UtcDateTime, nullable=False),
        sa.Column("stands", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_group_curriculum"),
        sa.ForeignKeyConstraint(["group_id"], ["training_group.id"], name="fk_group_curriculum_group_id"),
        sa.ForeignKeyConstraint(["version_id"], ["curriculum_version.id"], name="fk_group_curriculum_version_id"),
    )
    _indexes("group_curriculum", "group_id", "version_id")


def _strategies() -> None:
    op.create_table(
        "training_strategy",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("unit", sa.String(6), nullable=False),
        sa.Column("type", sa.String(24), nullable=False),
        sa.Column("need", sa.String(16), nullable=False),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("form", sa.String(24), nullable=False),
        sa.Column("methods", JSON, nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.Column("smallest", sa.Integer, nullable=False),
        sa.Column("largest", sa.Integer, nullable=False),
        sa.Column("decided_by", sa.String(200), nullable=False),
        sa.Column("source", sa.String(400), nullable=False),
        sa.Column("note", sa.String(2000), nullable=False),
        *_recorded(versioned=False),
        sa.PrimaryKeyConstraint("id", name="pk_training_strategy"),
    )
    op.create_index("ix_training_strategy_need_type", "training_strategy", ["need", "type"])
    _indexes("training_strategy", "unit")


def _asked() -> None:
    op.create_table(
        "asked_subject",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("subject", sa.String(120), nullable=False),
        sa.Column("subject_key", sa.String(480), nullable=False),
        sa.Column("unit", sa.String(6), nullable=False),
        sa.Column("group_id", sa.Uuid),
        sa.Column("entrepreneur_id", sa.Uuid),
        sa.Column("women", sa.Integer, nullable=False),
        sa.Column("source", sa.String(8), nullable=False),
        sa.Column("asked_on", sa.Date, nullable=False),
        sa.Column("note", sa.String(1000), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("curriculum_id", sa.Uuid),
        sa.Column("answer", sa.String(2000), nullable=False),
        sa.Column("answered_by_name", sa.String(200)),
        sa.Column("answered_at", UtcDateTime),
        *_recorded(versioned=False),
        sa.PrimaryKeyConstraint("id", name="pk_asked_subject"),
        sa.ForeignKeyConstraint(["group_id"], ["training_group.id"], name="fk_asked_subject_group_id"),
        sa.ForeignKeyConstraint(["curriculum_id"], ["curriculum.id"], name="fk_asked_subject_curriculum_id"),
    )
    op.create_index("ix_asked_subject_key", "asked_subject", ["subject_key", "id"])
    _indexes("asked_subject", "unit", "entrepreneur_id")


def downgrade() -> None:
    op.drop_index("ix_training_session_module_id", table_name="training_session")
    op.drop_column("training_session", "module_id")
    for table in reversed(TABLES):
        op.drop_table(table)
