"""What changes a running loan: another tranche, a new plan, another loan that pays it off, its end in the books."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0013_resolutions"
down_revision = "0012_payments"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
COLUMNS = (
    ("application", sa.Column("kind", sa.String(40), nullable=False, server_default="loan")),
    ("application", sa.Column("committed", sa.BigInteger, nullable=False, server_default="0")),
    ("appraisal", sa.Column("first_due", sa.Date)),
    ("appraisal", sa.Column("change", JSON)),
    ("loan", sa.Column("plan", sa.Integer, nullable=False, server_default="1")),
    ("loan", sa.Column("capitalised", sa.BigInteger, nullable=False, server_default="0")),
    ("loan", sa.Column("written_off_on", sa.Date)),
    ("loan", sa.Column("refinances", sa.Uuid)),
    ("instalment", sa.Column("accrues", sa.BigInteger, nullable=False, server_default="0")),
    ("instalment", sa.Column("plan", sa.Integer, nullable=False, server_default="1")),
    ("instalment", sa.Column("moved_principal", sa.BigInteger, nullable=False, server_default="0")),
    ("instalment", sa.Column("moved_interest", sa.BigInteger, nullable=False, server_default="0")),
    ("repayment", sa.Column("recovery", sa.Boolean, nullable=False, server_default=sa.false())),
)
CARRIED = sa.text("penalty > 0")


def upgrade() -> None:
    for table, column in COLUMNS:
        op.add_column(table, column)
    # SQLite adds a column that refers to a table only so.
    kind = sa.Uuid().compile(dialect=op.get_bind().dialect)
    op.execute(
        f"ALTER TABLE application ADD COLUMN loan_id {kind} CONSTRAINT fk_application_loan_id REFERENCES loan (id)"
    )
    op.create_index("ix_application_loan_id", "application", ["loan_id"])
    if op.get_bind().dialect.name == "postgresql":  # SQLite holds no text to a length
        op.alter_column("loan", "state", type_=sa.String(12))
    op.create_index("ix_instalment_penalty", "instalment", ["loan_id"], postgresql_where=CARRIED, sqlite_where=CARRIED)
    op.execute("UPDATE application SET committed = approved_amount WHERE state = 'approved'")
    op.execute("UPDATE instalment SET accrues = interest")
    _changes()


def _changes() -> None:
    op.create_table(
        "loan_change",
        sa.Column("loan_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.Column("resolution_id", sa.Uuid, nullable=False),
        sa.Column("plan", sa.Integer, nullable=False),
        sa.Column("done_on", sa.Date, nullable=False),
        sa.Column("done_by", sa.String(100), nullable=False),
        sa.Column("done_by_name", sa.String(200), nullable=False),
        sa.Column("entry_id", sa.Uuid),
        sa.Column("journal", sa.Integer, nullable=False),
        sa.Column("principal", sa.BigInteger, nullable=False),
        sa.Column("interest", sa.BigInteger, nullable=False),
        sa.Column("charges", sa.BigInteger, nullable=False),
        sa.Column("terms", JSON, nullable=False),
        sa.Column("replaced", JSON, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name="fk_loan_change_application_id"),
        sa.ForeignKeyConstraint(["entry_id"], ["ledger_entry.id"], name="fk_loan_change_entry_id"),
        sa.ForeignKeyConstraint(["loan_id"], ["loan.id"], name="fk_loan_change_loan_id"),
        sa.ForeignKeyConstraint(["resolution_id"], ["resolution.id"], name="fk_loan_change_resolution_id"),
        sa.PrimaryKeyConstraint("id", name="pk_loan_change"),
    )
    op.create_index("ix_loan_change_loan_id", "loan_change", ["loan_id"])


def downgrade() -> None:
    op.drop_table("loan_change")
    op.drop_index("ix_instalment_penalty", "instalment")
    op.drop_index("ix_application_loan_id", "application")
    op.drop_column("application", "loan_id")
    for table, column in reversed(COLUMNS):
        op.drop_column(table, column.name)
