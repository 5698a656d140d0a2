"""Diagnoses of social responsibility, links of enterprises, action plans with their reviews and check-ins."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database import UtcDateTime

revision = "0070_diagnosis"
down_revision = "0061_csr"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
TABLES = ("csr_diagnosis", "sme_link", "csr_plan", "csr_plan_review", "csr_check_in")
"""In the order in which they are made; they are dropped the other way round."""


def upgrade() -> None:
    _diagnoses()
    _plans()


def _recorded() -> list[sa.Column[object]]:
    return [
        sa.Column("recorded_by", sa.String(120), nullable=False),
        sa.Column("recorded_by_name", sa.String(200), nullable=False),
        sa.Column("recorded_at", UtcDateTime, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    ]


def _diagnoses() -> None:
    op.create_table(
        "csr_diagnosis",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("sme_id", sa.Uuid, nullable=False),
        sa.Column("edition", sa.Integer, nullable=False),
        sa.Column("form", sa.String(8), nullable=False),
        sa.Column("mode", sa.String(12), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("size", sa.String(8), nullable=False),
        sa.Column("sector", sa.String(24), nullable=False),
        sa.Column("answers", JSON, nullable=False),
        sa.Column("stakeholders", JSON, nullable=False),
        sa.Column("begun_on", sa.Date, nullable=False),
        sa.Column("handed_in_on", sa.Date),
        sa.Column("verified_on", sa.Date),
        sa.Column("verified_by", sa.String(120)),
        sa.Column("verified_by_name", sa.String(200)),
        sa.Column("verification", sa.String(2000)),
        *_recorded(),
        sa.PrimaryKeyConstraint("id", name="pk_csr_diagnosis"),
        sa.ForeignKeyConstraint(["sme_id"], ["sme.id"], name="fk_csr_diagnosis_sme_id"),
    )
    op.create_index("ix_csr_diagnosis_sme_id", "csr_diagnosis", ["sme_id"])
    op.create_table(
        "sme_link",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("sme_id", sa.Uuid, nullable=False),
        sa.Column("expires_on", sa.Date, nullable=False),
        sa.Column("revoked_on", sa.Date),
        *_recorded(),
        sa.PrimaryKeyConstraint("id", name="pk_sme_link"),
        sa.ForeignKeyConstraint(["sme_id"], ["sme.id"], name="fk_sme_link_sme_id"),
    )
    op.create_index("ix_sme_link_sme_id", "sme_link", ["sme_id"])


def _plans() -> None:
    op.create_table(
        "csr_plan",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("sme_id", sa.Uuid, nullable=False),
        sa.Column("diagnosis_id", sa.Uuid),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("key_actions", JSON, nullable=False),
        sa.Column("begins_on", sa.Date),
        sa.Column("submitted_by", sa.String(120)),
        sa.Column("closing_note", sa.String(2000)),
        *_recorded(),
        sa.PrimaryKeyConstraint("id", name="pk_csr_plan"),
        sa.ForeignKeyConstraint(["sme_id"], ["sme.id"], name="fk_csr_plan_sme_id"),
        sa.ForeignKeyConstraint(["diagnosis_id"], ["csr_diagnosis.id"], name="fk_csr_plan_diagnosis_id"),
    )
    op.create_index("ix_csr_plan_sme_id", "csr_plan", ["sme_id"])
    op.create_index("ix_csr_plan_state", "csr_plan", ["state"])
    op.create_table(
        "csr_plan_review",
        sa.Column("plan_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("recommendations", sa.String(4000), nullable=False),
        sa.Column("reviewed_by", sa.String(120), nullable=False),
        sa.Column("reviewed_by_name", sa.String(200), nullable=False),
        sa.Column("reviewed_on", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("plan_id", "number", name="pk_csr_plan_review"),
        sa.ForeignKeyConstraint(["plan_id"], ["csr_plan.id"], name="fk_csr_plan_review_plan_id"),
    )
    op.create_table(
        "csr_check_in",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("plan_id", sa.Uuid, nullable=False),
        sa.Column("month", sa.Integer, nullable=False),
        sa.Column("progress", JSON, nullable=False),
        sa.Column("notes", sa.String(4000), nullable=False),
        sa.Column("evidence", sa.String(4000), nullable=False),
        sa.Column("told_by", sa.String(120), nullable=False),
        sa.Column("told_by_name", sa.String(200), nullable=False),
        sa.Column("told_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_csr_check_in"),
        sa.ForeignKeyConstraint(["plan_id"], ["csr_plan.id"], name="fk_csr_check_in_plan_id"),
        sa.UniqueConstraint("plan_id", "month", name="uq_csr_check_in_plan_id_month"),
    )
    op.create_index("ix_csr_check_in_plan_id", "csr_check_in", ["plan_id"])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
