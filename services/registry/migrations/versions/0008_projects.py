"""Project cases, visits asked for by arrears, and business plans."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database import UtcDateTime

revision = "0008_projects"
down_revision = "0007_profiles"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
OF_A_CASE = ("title", "aim", "resolved_needs", "financed_how")
OF_A_VISIT = ("place", "photo_id", "loan_id", "arrears_since")


def upgrade() -> None:
    op.add_column("accompaniment", sa.Column("title", sa.String(200)))
    op.add_column("accompaniment", sa.Column("aim", sa.Text))
    op.add_column("accompaniment", sa.Column("resolved_needs", JSON, nullable=False, server_default="[]"))
    op.add_column("accompaniment", sa.Column("financed_how", sa.Text))
    op.add_column("visit", sa.Column("place", sa.String(300)))
    op.add_column("visit", sa.Column("photo_id", sa.Uuid))
    op.add_column("visit", sa.Column("loan_id", sa.Uuid))
    op.add_column("visit", sa.Column("arrears_since", sa.Date))
    op.create_index("uq_visit_arrears", "visit", ["loan_id", "arrears_since"], unique=True)
    op.create_index("ix_visit_due_on", "visit", ["due_on", "id"])
    _steps()
    _plans()


def _steps() -> None:
    op.create_table(
        "case_step",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("accompaniment_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("happened_on", sa.Date, nullable=False),
        sa.Column("phase", sa.String(16), nullable=False),
        sa.Column("technician_name", sa.String(200)),
        sa.Column("reason", sa.Text),
        sa.Column("recorded_by", sa.String(120), nullable=False),
        sa.Column("recorded_by_name", sa.String(200), nullable=False),
        sa.Column("recorded_at", UtcDateTime, nullable=False),
        sa.ForeignKeyConstraint(["accompaniment_id"], ["accompaniment.id"], name="fk_case_step_accompaniment_id"),
        sa.PrimaryKeyConstraint("id", name="pk_case_step"),
    )
    op.create_index("ix_case_step_accompaniment", "case_step", ["accompaniment_id", "id"])


def _plans() -> None:
    op.create_table(
        "business_plan",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("accompaniment_id", sa.Uuid, nullable=False),
        sa.Column("enterprise_id", sa.Uuid, nullable=False),
        sa.Column("municipality", sa.String(6), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("months", sa.Integer, nullable=False),
        sa.Column("sections", JSON, nullable=False),
        sa.Column("lines", JSON, nullable=False),
        sa.Column("written_by_name", sa.String(200), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("ready_on", sa.Date),
        sa.Column("ready_by_name", sa.String(200)),
        sa.Column("version", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["accompaniment_id"], ["accompaniment.id"], name="fk_business_plan_accompaniment_id"),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name="fk_business_plan_enterprise_id"),
        sa.PrimaryKeyConstraint("id", name="pk_business_plan"),
    )
    op.create_index("uq_business_plan_number", "business_plan", ["accompaniment_id", "number"], unique=True)
    op.create_index("ix_business_plan_enterprise_id", "business_plan", ["enterprise_id"])
    op.create_index("ix_business_plan_municipality", "business_plan", ["municipality", "id"])
    op.create_table(
        "issued_plan",
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("plan_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("dated", sa.Date, nullable=False),
        sa.Column("issued_at", UtcDateTime, nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["business_plan.id"], name="fk_issued_plan_plan_id"),
        sa.PrimaryKeyConstraint("hash", name="pk_issued_plan"),
    )
    op.create_index("ix_issued_plan_plan_id", "issued_plan", ["plan_id"])


def downgrade() -> None:
    for table in ("issued_plan", "business_plan", "case_step"):
        op.drop_table(table)
    op.drop_index("ix_visit_due_on", "visit")
    op.drop_index("uq_visit_arrears", "visit")
    for table, columns in (("visit", OF_A_VISIT), ("accompaniment", OF_A_CASE)):
        for column in columns:
            op.drop_column(table, column)
