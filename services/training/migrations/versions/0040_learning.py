"""Tests and surveys and what the women of a group answered; how their enterprises stood on which day."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database import UtcDateTime

revision = "0040_learning"
down_revision = "0030_sessions"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
TABLES = (
    "learning_instrument",
    "measurement",
    "learner_code",
    "answer_sheet",
    "copy_standing",
    "copy_credit_day",
    "issued_donor_report",
)


def upgrade() -> None:
    op.create_table(
        "learning_instrument",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("edition", sa.Integer, nullable=False),
        sa.Column("title", sa.String(160), nullable=False),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("questions", sa.Text, nullable=False),
        sa.Column("items", JSON, nullable=False),
        sa.Column("written_on", sa.Date, nullable=False),
        sa.Column("written_by", sa.String(120), nullable=False),
        sa.Column("written_by_name", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_learning_instrument"),
        sa.UniqueConstraint("code", "edition", name="uq_learning_instrument_code_edition"),
    )
    op.create_table(
        "measurement",
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("group_id", sa.Uuid, nullable=False),
        sa.Column("instrument_id", sa.Uuid, nullable=False),
        sa.Column("moment", sa.String(8), nullable=False),
        sa.Column("opened_on", sa.Date, nullable=False),
        sa.Column("closes_on", sa.Date, nullable=False),
        sa.Column("closed_on", sa.Date),
        sa.Column("withdrawn", sa.Integer, nullable=False),
        sa.Column("opened_by", sa.String(120), nullable=False),
        sa.Column("opened_by_name", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_measurement"),
        sa.ForeignKeyConstraint(["group_id"], ["training_group.id"], name="fk_measurement_group_id"),
        sa.ForeignKeyConstraint(["instrument_id"], ["learning_instrument.id"], name="fk_measurement_instrument_id"),
        sa.UniqueConstraint("group_id", "instrument_id", "moment", name="uq_measurement_group_id_instrument_id_moment"),
    )
    for column in ("group_id", "instrument_id"):
        op.create_index(f"ix_measurement_{column}", "measurement", [column])
    op.create_table(
        "learner_code",
        sa.Column("group_id", sa.Uuid, nullable=False),
        sa.Column("entrepreneur_id", sa.Uuid, nullable=False),
        sa.Column("code", sa.String(8), nullable=False),
        sa.PrimaryKeyConstraint("group_id", "entrepreneur_id", name="pk_learner_code"),
        sa.ForeignKeyConstraint(["group_id"], ["training_group.id"], name="fk_learner_code_group_id"),
        sa.UniqueConstraint("group_id", "code", name="uq_learner_code_group_id_code"),
    )
    op.create_table(
        "answer_sheet",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("measurement_id", sa.Uuid, nullable=False),
        sa.Column("entrepreneur_id", sa.Uuid, nullable=False),
        sa.Column("answers", JSON, nullable=False),
        sa.Column("saved_at", UtcDateTime),
        sa.Column("handed_in_at", UtcDateTime),
        sa.Column("revoked_on", sa.Date),
        sa.PrimaryKeyConstraint("id", name="pk_answer_sheet"),
        sa.ForeignKeyConstraint(["measurement_id"], ["measurement.id"], name="fk_answer_sheet_measurement_id"),
        sa.UniqueConstraint("measurement_id", "entrepreneur_id", name="uq_answer_sheet_measurement_id_entrepreneur_id"),
    )
    for table in ("learner_code", "answer_sheet"):
        op.create_index(f"ix_{table}_entrepreneur_id", table, ["entrepreneur_id"])
    op.create_table(
        "copy_standing",
        sa.Column("enterprise_id", sa.Uuid, nullable=False),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("jobs", sa.Integer, nullable=False),
        sa.Column("formal", sa.Boolean, nullable=False),
        sa.Column("sector", sa.String(1), nullable=False),
        sa.Column("sales_low", sa.BigInteger),
        sa.PrimaryKeyConstraint("enterprise_id", "since", name="pk_copy_standing"),
    )
    op.create_table(
        "copy_credit_day",
        sa.Column("loan_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("enterprise_id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("loan_id", "kind", "day", name="pk_copy_credit_day"),
    )
    op.create_index("ix_copy_credit_day_enterprise_id", "copy_credit_day", ["enterprise_id"])
    op.create_table(
        "issued_donor_report",
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("unit", sa.String(200), nullable=False),
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("issued_on", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_issued_donor_report"),
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
