"""Each appraisal, motion and resolution says under which edition of the regulations its money is lent."""

import sqlalchemy as sa
from alembic import op

revision = "0004_editions"
down_revision = "0003_loans"
branch_labels = None
depends_on = None

COLUMNS = (
    ("appraisal", "regulations_id", "regulations"),
    ("agenda_item", "appraisal_id", "appraisal"),
    ("resolution", "lent_under_id", "regulations"),
)


def upgrade() -> None:
    # They may be empty, because SQLite adds no other column that refers to a table; none of them ever is.
    kind = sa.Uuid().compile(dialect=op.get_bind().dialect)
    for table, column, target in COLUMNS:
        name = f"fk_{table}_{column}"
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind} CONSTRAINT {name} REFERENCES {target} (id)")
    belongs = "(SELECT regulations_id FROM application WHERE application.id = {}.application_id)"
    last = (
        "(SELECT id FROM appraisal WHERE appraisal.application_id = agenda_item.application_id"
        " ORDER BY position DESC LIMIT 1)"
    )
    op.execute(f"UPDATE appraisal SET regulations_id = {belongs.format('appraisal')}")
    op.execute(f"UPDATE agenda_item SET appraisal_id = {last}")
    op.execute(f"UPDATE resolution SET lent_under_id = {belongs.format('resolution')}")


def downgrade() -> None:
    for table, column, _target in reversed(COLUMNS):
        op.drop_column(table, column)
