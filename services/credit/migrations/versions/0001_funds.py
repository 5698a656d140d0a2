"""Trust funds with their books and regulations, committees, and the enterprises they may lend to."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database import UtcDateTime

revision = "0001_funds"
down_revision = None
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
TABLES = (
    "fund",
    "counter",
    "ledger_entry",
    "ledger_line",
    "contribution",
    "regulations",
    "committee",
    "seat",
    "declared_interest",
    "copy_enterprise",
)
"""In the order in which they are made; they are dropped the other way round."""


def upgrade() -> None:
    _funds()
    _committees()
    _enterprises()


def _funds() -> None:
    op.create_table(
        "fund",
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("centre", sa.String(200), nullable=False),
        sa.Column("host", sa.String(200), nullable=False),
        sa.Column("trustee", sa.String(200), nullable=False),
        sa.Column("trustee_account", sa.String(40), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("units", JSON, nullable=False),
        sa.Column("reserve", sa.BigInteger, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_fund"),
        sa.UniqueConstraint("code", name="uq_fund_code"),
    )
    op.create_table(
        "counter",
        sa.Column("fund_id", sa.Uuid, nullable=False),
        sa.Column("series", sa.String(20), nullable=False),
        sa.Column("year", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name="fk_counter_fund_id"),
        sa.PrimaryKeyConstraint("fund_id", "series", "year", name="pk_counter"),
    )
    op.create_table(
        "ledger_entry",
        sa.Column("fund_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("reference", sa.Uuid, nullable=False),
        sa.Column("booked_on", sa.Date, nullable=False),
        sa.Column("recorded_at", UtcDateTime, nullable=False),
        sa.Column("recorded_by", sa.String(100), nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name="fk_ledger_entry_fund_id"),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_entry"),
        sa.UniqueConstraint("fund_id", "number", name="uq_ledger_entry_fund_id_number"),
    )
    op.create_index("ix_ledger_entry_reference", "ledger_entry", ["reference"])
    op.create_table(
        "ledger_line",
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("position", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("account", sa.String(10), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.CheckConstraint("amount <> 0", name="ck_ledger_line_moves_something"),
        sa.ForeignKeyConstraint(["entry_id"], ["ledger_entry.id"], name="fk_ledger_line_entry_id"),
        sa.PrimaryKeyConstraint("entry_id", "position", name="pk_ledger_line"),
    )
    op.create_table(
        "contribution",
        sa.Column("fund_id", sa.Uuid, nullable=False),
        sa.Column("funder", sa.String(200), nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("repayable", sa.Boolean, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("received_on", sa.Date, nullable=False),
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("recorded_by", sa.String(100), nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["ledger_entry.id"], name="fk_contribution_entry_id"),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name="fk_contribution_fund_id"),
        sa.PrimaryKeyConstraint("id", name="pk_contribution"),
    )
    op.create_index("ix_contribution_fund_id", "contribution", ["fund_id"])
    op.create_table(
        "regulations",
        sa.Column("fund_id", sa.Uuid, nullable=False),
        sa.Column("edition", sa.Integer, nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("signatories", JSON, nullable=False),
        sa.Column("parameters", JSON, nullable=False),
        sa.Column("recorded_at", UtcDateTime, nullable=False),
        sa.Column("recorded_by", sa.String(100), nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name="fk_regulations_fund_id"),
        sa.PrimaryKeyConstraint("id", name="pk_regulations"),
        sa.UniqueConstraint("fund_id", "edition", name="uq_regulations_fund_id_edition"),
        sa.UniqueConstraint("fund_id", "valid_from", name="uq_regulations_fund_id_valid_from"),
    )


def _committees() -> None:
    op.create_table(
        "committee",
        sa.Column("fund_id", sa.Uuid, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name="fk_committee_fund_id"),
        sa.PrimaryKeyConstraint("id", name="pk_committee"),
    )
    op.create_index("ix_committee_fund_id", "committee", ["fund_id"])
    op.create_table(
        "seat",
        sa.Column("committee_id", sa.Uuid, nullable=False),
        sa.Column("constituency", sa.String(40), nullable=False),
        sa.Column("position", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(100), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("organization", sa.String(200), nullable=False),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("until", sa.Date, nullable=True),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["committee_id"], ["committee.id"], name="fk_seat_committee_id"),
        sa.PrimaryKeyConstraint("id", name="pk_seat"),
    )
    op.create_index("ix_seat_committee_id", "seat", ["committee_id"])
    op.create_index("ix_seat_subject", "seat", ["subject"])
    op.create_table(
        "declared_interest",
        sa.Column("seat_id", sa.Uuid, nullable=False),
        sa.Column("entrepreneur_id", sa.Uuid, nullable=False),
        sa.Column("relation", sa.String(12), nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name="fk_declared_interest_seat_id"),
        sa.PrimaryKeyConstraint("id", name="pk_declared_interest"),
        sa.UniqueConstraint("seat_id", "entrepreneur_id", name="uq_declared_interest_seat_id_entrepreneur_id"),
    )
    op.create_index("ix_declared_interest_entrepreneur_id", "declared_interest", ["entrepreneur_id"])


def _enterprises() -> None:
    op.create_table(
        "copy_enterprise",
        sa.Column("enterprise_id", sa.Uuid, nullable=False),
        sa.Column("municipality", sa.String(6), nullable=False),
        sa.Column("chain", sa.String(40), nullable=False),
        sa.Column("owner_ids", JSON, nullable=False),
        sa.Column("needs", JSON, nullable=False),
        sa.Column("validation", sa.String(40), nullable=False),
        sa.Column("consent_credit", sa.Boolean, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("enterprise_id", name="pk_copy_enterprise"),
    )
    op.create_index("ix_copy_enterprise_municipality", "copy_enterprise", ["municipality"])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
