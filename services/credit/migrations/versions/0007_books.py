"""The books of a fund: where its money comes from, statements of the trustee, shares of its income."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database import UtcDateTime

revision = "0007_books"
down_revision = "0006_merged"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
TABLES = ("withdrawal", "income_share", "income_part", "trustee_statement", "statement_line", "drawer_count")
"""In the order in which they are made; they are dropped the other way round."""


def upgrade() -> None:
    op.add_column("fund", sa.Column("kind", sa.String(20), nullable=False, server_default="revolving"))
    op.add_column("ledger_entry", sa.Column("memo", sa.String(200), nullable=False, server_default=""))
    _withdrawals()
    _income()
    _statements()
    _drawer()


def _withdrawals() -> None:
    op.create_table(
        "withdrawal",
        sa.Column("fund_id", sa.Uuid, nullable=False),
        sa.Column("contribution_id", sa.Uuid, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("interest", sa.BigInteger, nullable=False),
        sa.Column("paid_on", sa.Date, nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("recorded_by", sa.String(100), nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name="fk_withdrawal_fund_id"),
        sa.ForeignKeyConstraint(["contribution_id"], ["contribution.id"], name="fk_withdrawal_contribution_id"),
        sa.ForeignKeyConstraint(["entry_id"], ["ledger_entry.id"], name="fk_withdrawal_entry_id"),
        sa.PrimaryKeyConstraint("id", name="pk_withdrawal"),
    )
    for column in ("fund_id", "contribution_id"):
        op.create_index(f"ix_withdrawal_{column}", "withdrawal", [column])


def _income() -> None:
    op.create_table(
        "income_share",
        sa.Column("fund_id", sa.Uuid, nullable=False),
        sa.Column("began_on", sa.Date, nullable=False),
        sa.Column("ends_on", sa.Date, nullable=False),
        sa.Column("regulations_id", sa.Uuid, nullable=False),
        sa.Column("result", sa.BigInteger, nullable=False),
        sa.Column("carried", sa.BigInteger, nullable=False),
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("recorded_at", UtcDateTime, nullable=False),
        sa.Column("recorded_by", sa.String(100), nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name="fk_income_share_fund_id"),
        sa.ForeignKeyConstraint(["regulations_id"], ["regulations.id"], name="fk_income_share_regulations_id"),
        sa.ForeignKeyConstraint(["entry_id"], ["ledger_entry.id"], name="fk_income_share_entry_id"),
        sa.PrimaryKeyConstraint("id", name="pk_income_share"),
        sa.UniqueConstraint("fund_id", "ends_on", name="uq_income_share_fund_id_ends_on"),
    )
    op.create_table(
        "income_part",
        sa.Column("share_id", sa.Uuid, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("receiver", sa.String(200), nullable=False),
        sa.Column("percent", sa.String(10), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("paid_on", sa.Date, nullable=True),
        sa.Column("entry_id", sa.Uuid, nullable=True),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["share_id"], ["income_share.id"], name="fk_income_part_share_id"),
        sa.ForeignKeyConstraint(["entry_id"], ["ledger_entry.id"], name="fk_income_part_entry_id"),
        sa.PrimaryKeyConstraint("id", name="pk_income_part"),
        sa.UniqueConstraint("share_id", "position", name="uq_income_part_share_id_position"),
    )


def _statements() -> None:
    op.create_table(
        "trustee_statement",
        sa.Column("fund_id", sa.Uuid, nullable=False),
        sa.Column("file_id", sa.Uuid, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("layout", JSON, nullable=False),
        sa.Column("first_day", sa.Date, nullable=True),
        sa.Column("last_day", sa.Date, nullable=True),
        sa.Column("opening", sa.BigInteger, nullable=True),
        sa.Column("closing", sa.BigInteger, nullable=True),
        sa.Column("repeated", sa.Integer, nullable=False),
        sa.Column("uploaded_at", UtcDateTime, nullable=False),
        sa.Column("uploaded_by", sa.String(100), nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name="fk_trustee_statement_fund_id"),
        sa.PrimaryKeyConstraint("id", name="pk_trustee_statement"),
        sa.UniqueConstraint("fund_id", "sha256", name="uq_trustee_statement_fund_id_sha256"),
    )
    op.create_table(
        "statement_line",
        sa.Column("statement_id", sa.Uuid, nullable=False),
        sa.Column("fund_id", sa.Uuid, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("description", sa.String(200), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("balance", sa.BigInteger, nullable=True),
        sa.Column("entry_id", sa.Uuid, nullable=True),
        sa.Column("confirmed_at", UtcDateTime, nullable=True),
        sa.Column("confirmed_by", sa.String(100), nullable=True),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["statement_id"], ["trustee_statement.id"], name="fk_statement_line_statement_id"),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name="fk_statement_line_fund_id"),
        sa.ForeignKeyConstraint(["entry_id"], ["ledger_entry.id"], name="fk_statement_line_entry_id"),
        sa.PrimaryKeyConstraint("id", name="pk_statement_line"),
        sa.UniqueConstraint("statement_id", "position", name="uq_statement_line_statement_id_position"),
        sa.UniqueConstraint("entry_id", name="uq_statement_line_entry_id"),
    )
    op.create_index("ix_statement_line_fund_id", "statement_line", ["fund_id"])


def _drawer() -> None:
    op.create_table(
        "drawer_count",
        sa.Column("fund_id", sa.Uuid, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("book", sa.BigInteger, nullable=False),
        sa.Column("counted", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("entry_id", sa.Uuid, nullable=True),
        sa.Column("counted_at", UtcDateTime, nullable=False),
        sa.Column("counted_by", sa.String(100), nullable=False),
        sa.Column("counted_by_name", sa.String(200), nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name="fk_drawer_count_fund_id"),
        sa.ForeignKeyConstraint(["entry_id"], ["ledger_entry.id"], name="fk_drawer_count_entry_id"),
        sa.PrimaryKeyConstraint("id", name="pk_drawer_count"),
    )
    op.create_index("ix_drawer_count_fund_id", "drawer_count", ["fund_id"])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_column("ledger_entry", "memo")
    op.drop_column("fund", "kind")
