"""Papers and pictures that firms show beside their diagnosis and the reports of their plan."""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "0130_follow"
down_revision = "0120_fairs"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "csr_evidence",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("sme_id", sa.Uuid, nullable=False),
        sa.Column("diagnosis_id", sa.Uuid),
        sa.Column("indicator", sa.String(20)),
        sa.Column("plan_id", sa.Uuid),
        sa.Column("month", sa.Integer),
        sa.Column("file_id", sa.Uuid, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("media_type", sa.String(60), nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("recorded_by", sa.String(120), nullable=False),
        sa.Column("recorded_by_name", sa.String(200), nullable=False),
        sa.Column("recorded_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_csr_evidence"),
        sa.ForeignKeyConstraint(["sme_id"], ["sme.id"], name="fk_csr_evidence_sme_id"),
        sa.ForeignKeyConstraint(["diagnosis_id"], ["csr_diagnosis.id"], name="fk_csr_evidence_diagnosis_id"),
        sa.ForeignKeyConstraint(["plan_id"], ["csr_plan.id"], name="fk_csr_evidence_plan_id"),
        sa.CheckConstraint("(diagnosis_id IS NULL) <> (plan_id IS NULL)", name="ck_csr_evidence_one_place"),
    )
    for column in ("sme_id", "diagnosis_id", "plan_id"):
        op.create_index(f"ix_csr_evidence_{column}", "csr_evidence", [column])


def downgrade() -> None:
    op.drop_table("csr_evidence")
