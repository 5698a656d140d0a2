"""Studies made with universities, and a register of opportunities."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database import UtcDateTime

revision = "0011_knowledge"
down_revision = "0010_outreach"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
TABLES = (
    "study",
    "study_municipality",
    "study_file",
    "study_record",
    "opportunity",
    "opportunity_unit",
    "opportunity_follow_up",
)
"""In the order in which they are made; they are dropped the other way round."""


def upgrade() -> None:
    _studies()
    _of_a_study()
    _opportunities()
    _follow_ups()


def _studies() -> None:
    op.create_table(
        "study",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("subject", sa.String(1000), nullable=False),
        sa.Column("method", sa.String(2000)),
        sa.Column("findings", sa.String(8000)),
        sa.Column("institution_id", sa.Uuid, nullable=False),
        sa.Column("team", JSON, nullable=False),
        sa.Column("begins_on", sa.Date, nullable=False),
        sa.Column("ends_on", sa.Date),
        sa.Column("search_text", sa.String(14000), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("changed_at", UtcDateTime, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name="fk_study_institution_id"),
        sa.PrimaryKeyConstraint("id", name="pk_study"),
    )
    op.create_index("ix_study_begins", "study", ["begins_on", "id"])
    op.create_index("ix_study_institution_id", "study", ["institution_id"])


def _of_a_study() -> None:
    op.create_table(
        "study_municipality",
        sa.Column("study_id", sa.Uuid, nullable=False),
        sa.Column("municipality", sa.String(6), nullable=False),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name="fk_study_municipality_study_id"),
        sa.PrimaryKeyConstraint("study_id", "municipality", name="pk_study_municipality"),
    )
    op.create_index("ix_study_municipality", "study_municipality", ["municipality", "study_id"])
    op.create_table(
        "study_file",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("study_id", sa.Uuid, nullable=False),
        sa.Column("file_id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name="fk_study_file_study_id"),
        sa.PrimaryKeyConstraint("id", name="pk_study_file"),
    )
    op.create_index("ix_study_file_study_id", "study_file", ["study_id"])
    op.create_table(
        "study_record",
        sa.Column("study_id", sa.Uuid, nullable=False),
        sa.Column("enterprise_id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name="fk_study_record_study_id"),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name="fk_study_record_enterprise_id"),
        sa.PrimaryKeyConstraint("study_id", "enterprise_id", name="pk_study_record"),
    )
    op.create_index("ix_study_record_enterprise_id", "study_record", ["enterprise_id"])


def _opportunities() -> None:
    op.create_table(
        "opportunity",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("description", sa.String(4000)),
        sa.Column("source", sa.String(300), nullable=False),
        sa.Column("institution_id", sa.Uuid),
        sa.Column("link", sa.String(500)),
        sa.Column("deadline", sa.Date),
        sa.Column("currency", sa.String(3)),
        sa.Column("amount_min_minor", sa.BigInteger),
        sa.Column("amount_max_minor", sa.BigInteger),
        sa.Column("conditions_said", JSON, nullable=False),
        sa.Column("search_text", sa.String(6000), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("changed_at", UtcDateTime, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name="fk_opportunity_institution_id"),
        sa.PrimaryKeyConstraint("id", name="pk_opportunity"),
    )
    op.create_index("ix_opportunity_deadline", "opportunity", ["deadline", "id"])
    op.create_index("ix_opportunity_institution_id", "opportunity", ["institution_id"])
    op.create_table(
        "opportunity_unit",
        sa.Column("opportunity_id", sa.Uuid, nullable=False),
        sa.Column("unit", sa.String(6), nullable=False),
        sa.ForeignKeyConstraint(["opportunity_id"], ["opportunity.id"], name="fk_opportunity_unit_opportunity_id"),
        sa.PrimaryKeyConstraint("opportunity_id", "unit", name="pk_opportunity_unit"),
    )
    op.create_index("ix_opportunity_unit", "opportunity_unit", ["unit", "opportunity_id"])


def _follow_ups() -> None:
    op.create_table(
        "opportunity_follow_up",
        sa.Column("opportunity_id", sa.Uuid, nullable=False),
        sa.Column("enterprise_id", sa.Uuid, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("told_on", sa.Date, nullable=False),
        sa.Column("told_by", sa.String(120), nullable=False),
        sa.Column("told_by_name", sa.String(200), nullable=False),
        sa.Column("applied_on", sa.Date),
        sa.Column("decided_on", sa.Date),
        sa.Column("version", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["opportunity_id"], ["opportunity.id"], name="fk_opportunity_follow_up_opportunity_id"),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name="fk_opportunity_follow_up_enterprise_id"),
        sa.PrimaryKeyConstraint("opportunity_id", "enterprise_id", name="pk_opportunity_follow_up"),
    )
    op.create_index("ix_opportunity_follow_up_enterprise_id", "opportunity_follow_up", ["enterprise_id"])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
