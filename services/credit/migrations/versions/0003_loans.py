"""Loans with their instalments, and what is paid back."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database import UtcDateTime

revision = "0003_loans"
down_revision = "0002_decisions"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
TABLES = (
    "loan",
    "instalment",
    "repayment",
    "repayment_part",
)
"""In the order in which they are made; they are dropped the other way round."""


def upgrade() -> None:
    _loans()
    _repayments()


def _loans() -> None:
    op.create_table(
        "loan",
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("fund_id", sa.Uuid, nullable=False),
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.Column("resolution_id", sa.Uuid, nullable=False),
        sa.Column("regulations_id", sa.Uuid, nullable=False),
        sa.Column("enterprise_id", sa.Uuid, nullable=False),
        sa.Column("owner_ids", JSON, nullable=False),
        sa.Column("municipality", sa.String(6), nullable=False),
        sa.Column("chain", sa.String(40), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("principal", sa.BigInteger, nullable=False),
        sa.Column("terms", JSON, nullable=False),
        sa.Column("term_months", sa.Integer, nullable=False),
        sa.Column("allocation_order", JSON, nullable=False),
        sa.Column("payment_in_advance", sa.Boolean, nullable=False),
        sa.Column("disbursed_on", sa.Date, nullable=False),
        sa.Column("disbursed_by", sa.String(100), nullable=False),
        sa.Column("disbursed_by_name", sa.String(200), nullable=False),
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("note_file_id", sa.Uuid, nullable=False),
        sa.Column("note_hash", sa.String(64), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("outstanding_principal", sa.BigInteger, nullable=False),
        sa.Column("outstanding", sa.BigInteger, nullable=False),
        sa.Column("settled_on", sa.Date, nullable=True),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name="fk_loan_application_id"),
        sa.ForeignKeyConstraint(["entry_id"], ["ledger_entry.id"], name="fk_loan_entry_id"),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name="fk_loan_fund_id"),
        sa.ForeignKeyConstraint(["regulations_id"], ["regulations.id"], name="fk_loan_regulations_id"),
        sa.ForeignKeyConstraint(["resolution_id"], ["resolution.id"], name="fk_loan_resolution_id"),
        sa.PrimaryKeyConstraint("id", name="pk_loan"),
        sa.UniqueConstraint("application_id", name="uq_loan_application_id"),
        sa.UniqueConstraint("note_hash", name="uq_loan_note_hash"),
        sa.UniqueConstraint("number", name="uq_loan_number"),
    )
    op.create_index("ix_loan_enterprise_id", "loan", ["enterprise_id"])
    op.create_index("ix_loan_fund_id", "loan", ["fund_id"])
    op.create_index("ix_loan_municipality", "loan", ["municipality"])
    op.create_index("ix_loan_state", "loan", ["state"])
    op.create_table(
        "instalment",
        sa.Column("loan_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("due", sa.Date, nullable=False),
        sa.Column("days", sa.Integer, nullable=False),
        sa.Column("principal", sa.BigInteger, nullable=False),
        sa.Column("interest", sa.BigInteger, nullable=False),
        sa.Column("fee", sa.BigInteger, nullable=False),
        sa.Column("penalty", sa.BigInteger, nullable=False),
        sa.Column("paid_principal", sa.BigInteger, nullable=False),
        sa.Column("paid_interest", sa.BigInteger, nullable=False),
        sa.Column("paid_fee", sa.BigInteger, nullable=False),
        sa.Column("paid_penalty", sa.BigInteger, nullable=False),
        sa.CheckConstraint(
            "paid_principal <= principal AND paid_interest <= interest", name="ck_instalment_not_overpaid"
        ),
        sa.ForeignKeyConstraint(["loan_id"], ["loan.id"], name="fk_instalment_loan_id"),
        sa.PrimaryKeyConstraint("loan_id", "number", name="pk_instalment"),
    )
    op.create_index("ix_instalment_due", "instalment", ["due"])


def _repayments() -> None:
    op.create_table(
        "repayment",
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("fund_id", sa.Uuid, nullable=False),
        sa.Column("loan_id", sa.Uuid, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("principal", sa.BigInteger, nullable=False),
        sa.Column("interest", sa.BigInteger, nullable=False),
        sa.Column("fee", sa.BigInteger, nullable=False),
        sa.Column("penalty", sa.BigInteger, nullable=False),
        sa.Column("outstanding_after", sa.BigInteger, nullable=False),
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("paid_on", sa.Date, nullable=False),
        sa.Column("posted_at", UtcDateTime, nullable=False),
        sa.Column("posted_by", sa.String(100), nullable=False),
        sa.Column("posted_by_name", sa.String(200), nullable=False),
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["ledger_entry.id"], name="fk_repayment_entry_id"),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name="fk_repayment_fund_id"),
        sa.ForeignKeyConstraint(["loan_id"], ["loan.id"], name="fk_repayment_loan_id"),
        sa.PrimaryKeyConstraint("id", name="pk_repayment"),
        sa.UniqueConstraint("number", name="uq_repayment_number"),
    )
    op.create_index("ix_repayment_fund_id", "repayment", ["fund_id"])
    op.create_index("ix_repayment_loan_id", "repayment", ["loan_id"])
    op.create_table(
        "repayment_part",
        sa.Column("repayment_id", sa.Uuid, nullable=False),
        sa.Column("instalment", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("principal", sa.BigInteger, nullable=False),
        sa.Column("interest", sa.BigInteger, nullable=False),
        sa.Column("fee", sa.BigInteger, nullable=False),
        sa.Column("penalty", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["repayment_id"], ["repayment.id"], name="fk_repayment_part_repayment_id"),
        sa.PrimaryKeyConstraint("repayment_id", "instalment", name="pk_repayment_part"),
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
