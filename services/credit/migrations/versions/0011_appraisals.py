"""The detail and the score of appraisals; guarantees; groups whose members answer for each other."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0011_appraisals"
down_revision = "0010_files"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
APPRAISAL = (
    sa.Column("figures", JSON),
    sa.Column("score", JSON),
    sa.Column("score_reason", sa.Text, nullable=False, server_default=""),
)
TABLES = ("guarantee", "credit_group", "group_member")


def upgrade() -> None:
    for column in APPRAISAL:
        op.add_column("appraisal", column)
    _guarantees()
    _groups()


def _guarantees() -> None:
    op.create_table(
        "guarantee",
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("value", sa.BigInteger, nullable=False),
        sa.Column("guarantor_id", sa.Uuid),
        sa.Column("enterprise_id", sa.Uuid),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("fingerprint", sa.String(64)),
        sa.Column("file_id", sa.Uuid),
        sa.Column("added_on", sa.Date, nullable=False),
        sa.Column("added_by", sa.String(100), nullable=False),
        sa.Column("added_by_name", sa.String(200), nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name="fk_guarantee_application_id"),
        sa.PrimaryKeyConstraint("id", name="pk_guarantee"),
    )
    for column in ("application_id", "fingerprint", "guarantor_id"):
        op.create_index(f"ix_guarantee_{column}", "guarantee", [column])


def _groups() -> None:
    op.create_table(
        "credit_group",
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("fund_id", sa.Uuid, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("formed_on", sa.Date, nullable=False),
        sa.Column("formed_by", sa.String(100), nullable=False),
        sa.Column("formed_by_name", sa.String(200), nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name="fk_credit_group_fund_id"),
        sa.PrimaryKeyConstraint("id", name="pk_credit_group"),
        sa.UniqueConstraint("number", name="uq_credit_group_number"),
    )
    op.create_index("ix_credit_group_fund_id", "credit_group", ["fund_id"])
    op.create_table(
        "group_member",
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.Column("group_id", sa.Uuid, nullable=False),
        sa.Column("joined_on", sa.Date, nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name="fk_group_member_application_id"),
        sa.ForeignKeyConstraint(["group_id"], ["credit_group.id"], name="fk_group_member_group_id"),
        sa.PrimaryKeyConstraint("application_id", name="pk_group_member"),
    )
    op.create_index("ix_group_member_group_id", "group_member", ["group_id"])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    for column in reversed(APPRAISAL):
        op.drop_column("appraisal", column.name)
