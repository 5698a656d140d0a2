"""Pairs of records that may be one, and merges that can be undone."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database import UtcDateTime

revision = "0006_duplicates"
down_revision = "0005_whole_inventory"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MERGED = ("entrepreneur", "enterprise")
TABLES = ("duplicate_record", "duplicate_pair", "duplicate_scan", "duplicate_merge")
"""In the order in which they are made; they are dropped the other way round."""


def upgrade() -> None:
    for table in MERGED:
        _lead_on(table)
    _records()
    _pairs()
    _scans()
    _merges()


def _lead_on(table: str) -> None:
    """The row that another became part of. SQLite takes the reference with its column, and not afterwards."""
    name = f"fk_{table}_merged_into"
    if op.get_context().dialect.name == "sqlite":
        op.execute(f"ALTER TABLE {table} ADD COLUMN merged_into CHAR(32) CONSTRAINT {name} REFERENCES {table} (id)")
    else:
        op.add_column(table, sa.Column("merged_into", sa.Uuid))
        op.create_foreign_key(name, table, table, ["merged_into"], ["id"])
    op.create_index(f"ix_{table}_merged_into", table, ["merged_into"])


def _records() -> None:
    op.create_table(
        "duplicate_record",
        sa.Column("number", NUMBER, autoincrement=True, nullable=False),
        sa.Column("entrepreneur_id", sa.Uuid, nullable=False),
        sa.Column("print", sa.BigInteger, nullable=False),
        sa.Column("person", sa.BigInteger, nullable=False),
        sa.Column("compared", sa.BigInteger),
        sa.Column("keys", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["entrepreneur_id"], ["entrepreneur.id"], name="fk_duplicate_record_entrepreneur_id"),
        sa.UniqueConstraint("entrepreneur_id", name="uq_duplicate_record_entrepreneur_id"),
        sa.PrimaryKeyConstraint("number", name="pk_duplicate_record"),
    )


def _pairs() -> None:
    op.create_table(
        "duplicate_pair",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("one_id", sa.Uuid, nullable=False),
        sa.Column("other_id", sa.Uuid, nullable=False),
        sa.Column("one_municipality", sa.String(6), nullable=False),
        sa.Column("other_municipality", sa.String(6), nullable=False),
        sa.Column("points", sa.Double(), nullable=False),
        sa.Column("decision", sa.String(12), nullable=False),
        sa.Column("reasons", JSON, nullable=False),
        *(
            sa.Column(name, sa.BigInteger, nullable=False)
            for name in ("one_print", "other_print", "one_person", "other_person")
        ),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("scan_id", sa.Uuid, nullable=False),
        sa.Column("found_at", UtcDateTime, nullable=False),
        sa.Column("decided_by", sa.String(120)),
        sa.Column("decided_by_name", sa.String(200)),
        sa.Column("decided_at", UtcDateTime),
        sa.Column("because", sa.String(500)),
        sa.Column("version", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["one_id"], ["entrepreneur.id"], name="fk_duplicate_pair_one_id"),
        sa.ForeignKeyConstraint(["other_id"], ["entrepreneur.id"], name="fk_duplicate_pair_other_id"),
        sa.UniqueConstraint("one_id", "other_id", name="uq_duplicate_pair_one_id_other_id"),
        sa.PrimaryKeyConstraint("id", name="pk_duplicate_pair"),
    )
    op.create_index("ix_duplicate_pair_other_id", "duplicate_pair", ["other_id"])
    op.create_index("ix_duplicate_pair_queue", "duplicate_pair", ["state", "points", "id"])


def _scans() -> None:
    op.create_table(
        "duplicate_scan",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("thorough", sa.Boolean, nullable=False),
        sa.Column("edition", sa.String(16), nullable=False),
        sa.Column("started_by_name", sa.String(200), nullable=False),
        sa.Column("started_at", UtcDateTime, nullable=False),
        sa.Column("finished_at", UtcDateTime),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("records", "fresh", "compared", "uncompared")),
        sa.Column("left_out", JSON, nullable=False),
        sa.Column("reached", sa.Uuid),
        sa.PrimaryKeyConstraint("id", name="pk_duplicate_scan"),
    )


def _merges() -> None:
    op.create_table(
        "duplicate_merge",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("pair_id", sa.Uuid),
        sa.Column("survivor_id", sa.Uuid, nullable=False),
        sa.Column("absorbed_id", sa.Uuid, nullable=False),
        sa.Column("municipalities", JSON, nullable=False),
        sa.Column("enterprises", JSON, nullable=False),
        sa.Column("automatic", sa.Boolean, nullable=False),
        sa.Column("merged_by", sa.String(120), nullable=False),
        sa.Column("merged_by_name", sa.String(200), nullable=False),
        sa.Column("merged_at", UtcDateTime, nullable=False),
        sa.Column("undone_at", UtcDateTime),
        sa.Column("undone_by_name", sa.String(200)),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("version", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["survivor_id"], ["entrepreneur.id"], name="fk_duplicate_merge_survivor_id"),
        sa.ForeignKeyConstraint(["absorbed_id"], ["entrepreneur.id"], name="fk_duplicate_merge_absorbed_id"),
        sa.PrimaryKeyConstraint("id", name="pk_duplicate_merge"),
    )
    for column in ("pair_id", "survivor_id", "absorbed_id"):
        op.create_index(f"ix_duplicate_merge_{column}", "duplicate_merge", [column])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    for table in reversed(MERGED):
        op.drop_index(f"ix_{table}_merged_into", table)
        op.drop_column(table, "merged_into")
