"""The instruments a fund lends under: signed files of the regulations, Agreement Letters, limits of competence.

What was decided before cites no letter and needed no assent.
"""

import sqlalchemy as sa
from alembic import op

from shared.database import Json, UtcDateTime

revision = "0014_instruments"
down_revision = "0013_resolutions"
branch_labels = None
depends_on = None

COLUMNS = (
    ("regulations", sa.Column("file_id", sa.Uuid)),
    ("resolution", sa.Column("level", sa.String(100), nullable=False, server_default="")),
    ("resolution", sa.Column("assents_needed", sa.Integer, nullable=False, server_default="0")),
)
REFERRING = ("resolution", "loan")


def upgrade() -> None:
    op.create_table(
        "agreement",
        sa.Column("fund_id", sa.Uuid, nullable=False),
        sa.Column("edition", sa.Integer, nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("valid_until", sa.Date),
        sa.Column("trustee", sa.String(200), nullable=False),
        sa.Column("trustee_account", sa.String(40), nullable=False),
        sa.Column("parties", Json, nullable=False),
        sa.Column("signatories", Json, nullable=False),
        sa.Column("parameters", Json, nullable=False),
        sa.Column("file_id", sa.Uuid),
        sa.Column("recorded_at", UtcDateTime, nullable=False),
        sa.Column("recorded_by", sa.String(100), nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name="fk_agreement_fund_id"),
        sa.PrimaryKeyConstraint("id", name="pk_agreement"),
        sa.UniqueConstraint("fund_id", "edition", name="uq_agreement_fund_id_edition"),
        sa.UniqueConstraint("fund_id", "valid_from", name="uq_agreement_fund_id_valid_from"),
    )
    for table, column in COLUMNS:
        op.add_column(table, column)
    # SQLite adds a column that refers to a table only so.
    kind = sa.Uuid().compile(dialect=op.get_bind().dialect)
    for table in REFERRING:
        name = f"fk_{table}_agreement_id"
        op.execute(f"ALTER TABLE {table} ADD COLUMN agreement_id {kind} CONSTRAINT {name} REFERENCES agreement (id)")
    op.create_table(
        "assent",
        sa.Column("resolution_id", sa.Uuid, nullable=False),
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.Column("subject", sa.String(100), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("gives", sa.Boolean, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("said_at", UtcDateTime, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name="fk_assent_application_id"),
        sa.ForeignKeyConstraint(["resolution_id"], ["resolution.id"], name="fk_assent_resolution_id"),
        sa.PrimaryKeyConstraint("id", name="pk_assent"),
        sa.UniqueConstraint("resolution_id", "subject", name="uq_assent_resolution_id_subject"),
    )
    op.create_index("ix_assent_application_id", "assent", ["application_id"])


def downgrade() -> None:
    op.drop_table("assent")
    for table in REFERRING:
        op.drop_column(table, "agreement_id")
    for table, column in reversed(COLUMNS):
        op.drop_column(table, column.name)
    op.drop_table("agreement")
