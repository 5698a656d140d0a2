"""What a committee lets through although a rule is not met, and why; the days on which one loan is paid back;
what fee was kept back of a loan; since when the needs of an enterprise are known.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0017_exceptions"
down_revision = "0016_balances"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
COLUMNS = (
    ("agenda_item", sa.Column("exceptions", JSON)),
    ("agenda_item", sa.Column("exception_reason", sa.Text, nullable=False, server_default="")),
    ("resolution", sa.Column("exceptions", JSON)),
    ("resolution", sa.Column("exception_reason", sa.Text, nullable=False, server_default="")),
    ("appraisal", sa.Column("due_dates", JSON)),
    ("loan", sa.Column("withheld", sa.BigInteger, nullable=False, server_default="0")),
    ("copy_enterprise", sa.Column("needs_on", sa.Date)),
)


def upgrade() -> None:
    for table, column in COLUMNS:
        op.add_column(table, column)


def downgrade() -> None:
    for table, column in COLUMNS:
        op.drop_column(table, column.name)
