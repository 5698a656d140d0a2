"""Rubrics, profiles with their tier, and the steps by which records are checked."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database import UtcDateTime

revision = "0007_profiles"
down_revision = "0006_duplicates"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
TABLES = ("rubric", "enterprise_profile", "profile_level", "validation_step")
"""In the order in which they are made; they are dropped the other way round."""
INDEXES = ("validation", "tier")

# When a record was checked was not written down until now. The day it was recorded is the earliest it can have been:
# it is asked for again rather too soon than too late.
CHECKED = "UPDATE enterprise SET checked_on = recorded_on WHERE validation <> 'captured'"


def upgrade() -> None:
    op.add_column("enterprise", sa.Column("checked_on", sa.Date))
    op.add_column("enterprise", sa.Column("tier", sa.String(12)))
    for column in INDEXES:
        op.create_index(f"ix_enterprise_{column}", "enterprise", [column, "id"])
    op.execute(CHECKED)
    _rubrics()
    _profiles()
    _steps()


def _rubrics() -> None:
    op.create_table(
        "rubric",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("centre_id", sa.Uuid, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("source", sa.String(500), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("adopted_at", UtcDateTime, nullable=False),
        sa.Column("adopted_by", sa.String(120), nullable=False),
        sa.Column("adopted_by_name", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name="fk_rubric_centre_id"),
        sa.PrimaryKeyConstraint("id", name="pk_rubric"),
    )
    op.create_index("ix_rubric_centre", "rubric", ["centre_id", "valid_from", "id"])


def _profiles() -> None:
    op.create_table(
        "enterprise_profile",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("enterprise_id", sa.Uuid, nullable=False),
        sa.Column("rubric_id", sa.Uuid),
        sa.Column("import_id", sa.Uuid),
        sa.Column("edition", sa.Date, nullable=False),
        sa.Column("assessed_on", sa.Date, nullable=False),
        sa.Column("score", sa.Integer, nullable=False),
        sa.Column("tier", sa.String(12), nullable=False),
        sa.Column("recorded_at", UtcDateTime, nullable=False),
        sa.Column("assessor", sa.String(120), nullable=False),
        sa.Column("assessor_name", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name="fk_enterprise_profile_enterprise_id"),
        sa.ForeignKeyConstraint(["rubric_id"], ["rubric.id"], name="fk_enterprise_profile_rubric_id"),
        sa.ForeignKeyConstraint(["import_id"], ["import_run.id"], name="fk_enterprise_profile_import_id"),
        sa.PrimaryKeyConstraint("id", name="pk_enterprise_profile"),
    )
    op.create_index("ix_enterprise_profile_latest", "enterprise_profile", ["enterprise_id", "assessed_on", "id"])
    for column in ("rubric_id", "import_id"):
        op.create_index(f"ix_enterprise_profile_{column}", "enterprise_profile", [column])
    op.create_table(
        "profile_level",
        sa.Column("profile_id", sa.Uuid, nullable=False),
        sa.Column("subject", sa.String(16), nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("level", sa.Integer, nullable=False),
        sa.Column("evidence", sa.Text),
        sa.Column("file_id", sa.Uuid),
        sa.ForeignKeyConstraint(
            ["profile_id"], ["enterprise_profile.id"], name="fk_profile_level_profile_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("profile_id", "subject", name="pk_profile_level"),
    )


def _steps() -> None:
    op.create_table(
        "validation_step",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("enterprise_id", sa.Uuid, nullable=False),
        sa.Column("import_id", sa.Uuid),
        sa.Column("state_before", sa.String(12), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("evidence", sa.String(12)),
        sa.Column("evidence_on", sa.Date, nullable=False),
        sa.Column("words", sa.Text),
        sa.Column("taken_at", UtcDateTime, nullable=False),
        sa.Column("taken_by", sa.String(120), nullable=False),
        sa.Column("taken_by_name", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name="fk_validation_step_enterprise_id"),
        sa.ForeignKeyConstraint(["import_id"], ["import_run.id"], name="fk_validation_step_import_id"),
        sa.PrimaryKeyConstraint("id", name="pk_validation_step"),
    )
    op.create_index("ix_validation_step_enterprise", "validation_step", ["enterprise_id", "id"])
    op.create_index("ix_validation_step_import_id", "validation_step", ["import_id"])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    for column in INDEXES:
        op.drop_index(f"ix_enterprise_{column}", "enterprise")
    for column in ("tier", "checked_on"):
        op.drop_column("enterprise", column)
