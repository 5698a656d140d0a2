"""Money that comes in and does not: reversals, overpayments, slips, files of payments, collection."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database import UtcDateTime

revision = "0012_payments"
down_revision = "0011_appraisals"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
REPAYMENT = (
    sa.Column("excess", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("slip", sa.String(40)),
    sa.Column("reversed_on", sa.Date),
    sa.Column("reason", sa.String(200), nullable=False, server_default=""),
)
TABLES = ("overpayment_use", "payment_layout", "payment_file", "payment_line", "collection_action")
"""In the order in which they are made; they are dropped the other way round."""


def upgrade() -> None:
    for column in REPAYMENT:
        op.add_column("repayment", column)
    # SQLite adds a column that refers to a table only so.
    kind = sa.Uuid().compile(dialect=op.get_bind().dialect)
    op.execute(
        f"ALTER TABLE repayment ADD COLUMN reverses_id {kind} "
        "CONSTRAINT fk_repayment_reverses_id REFERENCES repayment (id)"
    )
    op.create_index("uq_repayment_reverses_id", "repayment", ["reverses_id"], unique=True)
    stands = sa.text("slip IS NOT NULL AND reversed_on IS NULL")
    op.create_index(
        "uq_repayment_fund_id_slip",
        "repayment",
        ["fund_id", "slip"],
        unique=True,
        postgresql_where=stands,
        sqlite_where=stands,
    )
    _overpayments()
    _files()
    _lines()
    _collection()


def _overpayments() -> None:
    op.create_table(
        "overpayment_use",
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("fund_id", sa.Uuid, nullable=False),
        sa.Column("loan_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("used_on", sa.Date, nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("repayment_id", sa.Uuid),
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.Column("made_by", sa.String(100), nullable=False),
        sa.Column("made_by_name", sa.String(200), nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name="fk_overpayment_use_fund_id"),
        sa.ForeignKeyConstraint(["loan_id"], ["loan.id"], name="fk_overpayment_use_loan_id"),
        sa.ForeignKeyConstraint(["repayment_id"], ["repayment.id"], name="fk_overpayment_use_repayment_id"),
        sa.ForeignKeyConstraint(["entry_id"], ["ledger_entry.id"], name="fk_overpayment_use_entry_id"),
        sa.PrimaryKeyConstraint("id", name="pk_overpayment_use"),
        sa.UniqueConstraint("number", name="uq_overpayment_use_number"),
    )
    for column in ("fund_id", "loan_id", "repayment_id"):
        op.create_index(f"ix_overpayment_use_{column}", "overpayment_use", [column])


def _files() -> None:
    op.create_table(
        "payment_layout",
        sa.Column("fund_id", sa.Uuid, nullable=False),
        sa.Column("source", sa.String(10), nullable=False),
        sa.Column("titles", JSON, nullable=False),
        sa.Column("layout", JSON, nullable=False),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name="fk_payment_layout_fund_id"),
        sa.PrimaryKeyConstraint("fund_id", "source", name="pk_payment_layout"),
    )
    op.create_table(
        "payment_file",
        sa.Column("fund_id", sa.Uuid, nullable=False),
        sa.Column("source", sa.String(10), nullable=False),
        sa.Column("file_id", sa.Uuid),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("layout", JSON, nullable=False),
        sa.Column("uploaded_at", UtcDateTime, nullable=False),
        sa.Column("uploaded_by", sa.String(100), nullable=False),
        sa.Column("uploaded_by_name", sa.String(200), nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name="fk_payment_file_fund_id"),
        sa.PrimaryKeyConstraint("id", name="pk_payment_file"),
        sa.UniqueConstraint("fund_id", "source", "sha256", name="uq_payment_file_fund_id_source_sha256"),
    )


def _lines() -> None:
    op.create_table(
        "payment_line",
        sa.Column("file_id", sa.Uuid, nullable=False),
        sa.Column("fund_id", sa.Uuid, nullable=False),
        sa.Column("source", sa.String(10), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("row", sa.Integer, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("charge", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(10), nullable=False),
        sa.Column("reference", sa.String(200), nullable=False),
        sa.Column("payer", sa.String(200), nullable=False),
        sa.Column("transaction", sa.String(60), nullable=False),
        sa.Column("claimed", sa.String(60)),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("loan_id", sa.Uuid),
        sa.Column("repayment_id", sa.Uuid),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("decided_at", UtcDateTime),
        sa.Column("decided_by", sa.String(100)),
        sa.Column("decided_by_name", sa.String(200)),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["payment_file.id"], name="fk_payment_line_file_id"),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name="fk_payment_line_fund_id"),
        sa.ForeignKeyConstraint(["loan_id"], ["loan.id"], name="fk_payment_line_loan_id"),
        sa.ForeignKeyConstraint(["repayment_id"], ["repayment.id"], name="fk_payment_line_repayment_id"),
        sa.PrimaryKeyConstraint("id", name="pk_payment_line"),
        sa.UniqueConstraint("file_id", "position", name="uq_payment_line_file_id_position"),
        sa.UniqueConstraint("fund_id", "source", "claimed", name="uq_payment_line_fund_id_source_claimed"),
    )
    for column in ("loan_id", "repayment_id", "state"):
        op.create_index(f"ix_payment_line_{column}", "payment_line", [column])


def _collection() -> None:
    op.create_table(
        "collection_action",
        sa.Column("loan_id", sa.Uuid, nullable=False),
        sa.Column("fund_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("result", sa.String(40), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("done_on", sa.Date, nullable=False),
        sa.Column("promised_on", sa.Date),
        sa.Column("promised_amount", sa.BigInteger),
        sa.Column("next_on", sa.Date),
        sa.Column("noted_at", UtcDateTime, nullable=False),
        sa.Column("noted_by", sa.String(100), nullable=False),
        sa.Column("noted_by_name", sa.String(200), nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["loan_id"], ["loan.id"], name="fk_collection_action_loan_id"),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name="fk_collection_action_fund_id"),
        sa.PrimaryKeyConstraint("id", name="pk_collection_action"),
    )
    op.create_index("ix_collection_action_loan_id", "collection_action", ["loan_id"])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_index("uq_repayment_fund_id_slip", "repayment")
    op.drop_index("uq_repayment_reverses_id", "repayment")
    op.drop_column("repayment", "reverses_id")
    for column in reversed(REPAYMENT):
        op.drop_column("repayment", column.name)
