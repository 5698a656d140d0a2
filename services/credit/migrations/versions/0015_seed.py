"""Seed capital: plans with their parts, awards, and what comes back of contributions."""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "0015_seed"
down_revision = "0014_instruments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _plans()
    _awards()
    op.create_table(
        "seed_return",
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("award_id", sa.Uuid, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("paid_on", sa.Date, nullable=False),
        sa.Column("posted_at", UtcDateTime, nullable=False),
        sa.Column("posted_by", sa.String(100), nullable=False),
        sa.Column("posted_by_name", sa.String(200), nullable=False),
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["award_id"], ["seed_award.id"], name="fk_seed_return_award_id"),
        sa.ForeignKeyConstraint(["entry_id"], ["ledger_entry.id"], name="fk_seed_return_entry_id"),
        sa.PrimaryKeyConstraint("id", name="pk_seed_return"),
        sa.UniqueConstraint("number", name="uq_seed_return_number"),
    )
    op.create_index("ix_seed_return_award_id", "seed_return", ["award_id"])


def _plans() -> None:
    op.create_table(
        "seed_plan",
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.Column("appraisal", sa.Integer, nullable=False),
        sa.Column("own_contribution", sa.BigInteger, nullable=False),
        sa.Column("proposed_on", sa.Date, nullable=False),
        sa.Column("proposed_by", sa.String(100), nullable=False),
        sa.Column("proposed_by_name", sa.String(200), nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name="fk_seed_plan_application_id"),
        sa.PrimaryKeyConstraint("id", name="pk_seed_plan"),
        sa.UniqueConstraint("application_id", "appraisal", name="uq_seed_plan_application_id_appraisal"),
    )
    op.create_table(
        "seed_milestone",
        sa.Column("plan_id", sa.Uuid, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("evidence_wanted", sa.Text, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("evidence_file_id", sa.Uuid),
        sa.Column("shown_by", sa.String(100)),
        sa.Column("verified_at", UtcDateTime),
        sa.Column("verified_by", sa.String(100)),
        sa.Column("verified_by_name", sa.String(200)),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("paid_on", sa.Date),
        sa.Column("paid_by", sa.String(100)),
        sa.Column("entry_id", sa.Uuid),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["seed_plan.id"], name="fk_seed_milestone_plan_id"),
        sa.ForeignKeyConstraint(["entry_id"], ["ledger_entry.id"], name="fk_seed_milestone_entry_id"),
        sa.PrimaryKeyConstraint("id", name="pk_seed_milestone"),
        sa.UniqueConstraint("plan_id", "position", name="uq_seed_milestone_plan_id_position"),
    )


def _awards() -> None:
    op.create_table(
        "seed_award",
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("fund_id", sa.Uuid, nullable=False),
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.Column("resolution_id", sa.Uuid, nullable=False),
        sa.Column("plan_id", sa.Uuid, nullable=False),
        sa.Column("enterprise_id", sa.Uuid, nullable=False),
        sa.Column("municipality", sa.String(6), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("return_by", sa.Date),
        sa.Column("awarded_on", sa.Date, nullable=False),
        sa.Column("awarded_by", sa.String(100), nullable=False),
        sa.Column("awarded_by_name", sa.String(200), nullable=False),
        sa.Column("agreement_file_id", sa.Uuid, nullable=False),
        sa.Column("agreement_hash", sa.String(64), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("report_file_id", sa.Uuid),
        sa.Column("reported_by", sa.String(100)),
        sa.Column("closed_on", sa.Date),
        sa.Column("closed_by", sa.String(100)),
        sa.Column("closed_by_name", sa.String(200)),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        *(
            sa.ForeignKeyConstraint([f"{name}_id"], [f"{table}.id"], name=f"fk_seed_award_{name}_id")
            for name, table in (
                ("fund", "fund"),
                ("application", "application"),
                ("resolution", "resolution"),
                ("plan", "seed_plan"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name="pk_seed_award"),
        *(sa.UniqueConstraint(name, name=f"uq_seed_award_{name}") for name in _UNIQUE),
    )
    for name in ("fund_id", "enterprise_id", "municipality"):
        op.create_index(f"ix_seed_award_{name}", "seed_award", [name])


_UNIQUE = ("number", "application_id", "plan_id", "agreement_hash")


def downgrade() -> None:
    for table in ("seed_return", "seed_award", "seed_milestone", "seed_plan"):
        op.drop_table(table)
