"""What every account of a fund stands at is kept beside its journal."""

import sqlalchemy as sa
from alembic import op

revision = "0016_balances"
down_revision = "0015_seed"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account_balance",
        sa.Column("fund_id", sa.Uuid, nullable=False),
        sa.Column("account", sa.String(10), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name="fk_account_balance_fund_id"),
        sa.PrimaryKeyConstraint("fund_id", "account", name="pk_account_balance"),
    )
    op.create_index("ix_ledger_entry_fund_id_booked_on", "ledger_entry", ["fund_id", "booked_on"])
    op.execute(
        "INSERT INTO account_balance (fund_id, account, amount) "
        "SELECT entry.fund_id, line.account, sum(line.amount) "
        "FROM ledger_line AS line JOIN ledger_entry AS entry ON entry.id = line.entry_id "
        "GROUP BY entry.fund_id, line.account"
    )


def downgrade() -> None:
    op.drop_index("ix_ledger_entry_fund_id_booked_on", "ledger_entry")
    op.drop_table("account_balance")
