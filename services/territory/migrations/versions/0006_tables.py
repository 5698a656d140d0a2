"""Tables somebody sent; districts and villages; denominators."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database import UtcDateTime

revision = "0006_tables"
down_revision = "0005_facts"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "table_file",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("purpose", sa.String(12), nullable=False),
        sa.Column("file_id", sa.Uuid, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("choice", JSON, nullable=False),
        sa.Column("reading", JSON, nullable=False),
        sa.Column("problem", JSON, nullable=False),
        sa.Column("job_id", sa.Uuid),
        sa.Column("sent_by", sa.String(120), nullable=False),
        sa.Column("sent_by_name", sa.String(120), nullable=False),
        sa.Column("sent_at", UtcDateTime, nullable=False),
        sa.Column("adopted_at", UtcDateTime),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_table_file"),
    )
    op.create_index("ix_table_file_purpose", "table_file", ["purpose"])
    op.create_table(
        "unit_edition",
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("level", sa.String(12), nullable=False),
        sa.Column("parent", sa.String(20), nullable=False),
        sa.Column("valid_from", sa.Date),
        sa.Column("valid_to", sa.Date),
        sa.Column("file_id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("code", "number", name="pk_unit_edition"),
        sa.ForeignKeyConstraint(["file_id"], ["table_file.id"], name="fk_unit_edition_file_id_table_file"),
    )
    op.create_index("ix_unit_edition_parent", "unit_edition", ["parent"])
    _denominators()


def _denominators() -> None:
    op.create_table(
        "denominator_set",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("indicator", sa.String(40), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("title_es", sa.String(200), nullable=False),
        sa.Column("title_en", sa.String(200), nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("licence", sa.String(200), nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("level", sa.String(12), nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("report", JSON, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("file_id", sa.Uuid, nullable=False),
        sa.Column("adopted_by_name", sa.String(120), nullable=False),
        sa.Column("adopted_at", UtcDateTime, nullable=False),
        sa.Column("ended_at", UtcDateTime),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_denominator_set"),
        sa.ForeignKeyConstraint(["file_id"], ["table_file.id"], name="fk_denominator_set_file_id_table_file"),
    )
    op.create_index("ix_denominator_set_indicator", "denominator_set", ["indicator"])
    op.create_table(
        "denominator",
        sa.Column("set_id", sa.Uuid, nullable=False),
        sa.Column("unit", sa.String(6), nullable=False),
        sa.Column("sex", sa.String(6), nullable=False),
        sa.Column("age", sa.String(12), nullable=False),
        sa.Column("ciiu", sa.String(4), nullable=False),
        sa.Column("size", sa.String(12), nullable=False),
        sa.Column("value", sa.Float, nullable=False),
        sa.Column("low", sa.Float),
        sa.Column("high", sa.Float),
        sa.PrimaryKeyConstraint("set_id", "unit", "sex", "age", "ciiu", "size", name="pk_denominator"),
        sa.ForeignKeyConstraint(
            ["set_id"], ["denominator_set.id"], name="fk_denominator_set_id_denominator_set", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_denominator_unit", "denominator", ["unit"])


def downgrade() -> None:
    for table in ("denominator", "denominator_set", "unit_edition", "table_file"):
        op.drop_table(table)
