"""Diplomas, the keys that signed them, and the links that lead to them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database import UtcDateTime

revision = "0050_diplomas"
down_revision = "0040_learning"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
TABLES = ("diploma_key", "diploma_number", "diploma_batch", "diploma_left_out", "diploma", "diploma_link")
"""In the order in which they are made; they are dropped the other way round."""


def upgrade() -> None:
    op.create_table(
        "diploma_key",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("public", sa.String(64), nullable=False),
        sa.Column("first_used_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_diploma_key"),
    )
    number = op.create_table(
        "diploma_number",
        sa.Column("one", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("last", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("one", name="pk_diploma_number"),
    )
    op.bulk_insert(number, [{"one": 1, "last": 0}])
    _batches()
    _diplomas()
    op.create_table(
        "diploma_link",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("diploma_id", sa.Uuid, nullable=False),
        sa.Column("expires_on", sa.Date, nullable=False),
        sa.Column("revoked_on", sa.Date),
        sa.Column("made_by", sa.String(120), nullable=False),
        sa.Column("made_by_name", sa.String(200), nullable=False),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_diploma_link"),
        sa.ForeignKeyConstraint(["diploma_id"], ["diploma.id"], name="fk_diploma_link_diploma_id"),
    )
    op.create_index("ix_diploma_link_diploma_id", "diploma_link", ["diploma_id"])


def _batches() -> None:
    op.create_table(
        "diploma_batch",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("subjects", JSON, nullable=False),
        sa.Column("issued", sa.Integer, nullable=False),
        sa.Column("job_id", sa.Uuid),
        sa.Column("file_id", sa.Uuid),
        sa.Column("made_by", sa.String(120), nullable=False),
        sa.Column("made_by_name", sa.String(200), nullable=False),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_diploma_batch"),
    )
    op.create_index("ix_diploma_batch_made_by", "diploma_batch", ["made_by"])
    op.create_table(
        "diploma_left_out",
        sa.Column("batch_id", sa.Uuid, nullable=False),
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("holder_id", sa.Uuid, nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.PrimaryKeyConstraint("batch_id", "subject_id", "holder_id", name="pk_diploma_left_out"),
        sa.ForeignKeyConstraint(["batch_id"], ["diploma_batch.id"], name="fk_diploma_left_out_batch_id"),
    )
    op.create_index("ix_diploma_left_out_holder_id", "diploma_left_out", ["holder_id"])


def _diplomas() -> None:
    op.create_table(
        "diploma",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("number", sa.String(24), nullable=False),
        sa.Column("batch_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("subject_kind", sa.String(12), nullable=False),
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("municipality", sa.String(6), nullable=False),
        sa.Column("holder_id", sa.Uuid),
        sa.Column("name", sa.String(240)),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("tenths", sa.Integer, nullable=False),
        sa.Column("attended", sa.Integer, nullable=False),
        sa.Column("ended_on", sa.Date, nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("rule_from", sa.Date, nullable=False),
        sa.Column("issued_on", sa.Date, nullable=False),
        sa.Column("issued_at", UtcDateTime, nullable=False),
        sa.Column("issued_by", sa.String(120), nullable=False),
        sa.Column("issued_by_name", sa.String(200), nullable=False),
        sa.Column("key_id", sa.String(40), nullable=False),
        sa.Column("payload", sa.Text),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("replaces_id", sa.Uuid),
        sa.Column("revoked_on", sa.Date),
        sa.Column("revoked_reason", sa.String(20)),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_diploma"),
        sa.ForeignKeyConstraint(["batch_id"], ["diploma_batch.id"], name="fk_diploma_batch_id"),
        sa.ForeignKeyConstraint(["key_id"], ["diploma_key.id"], name="fk_diploma_key_id"),
        sa.ForeignKeyConstraint(["replaces_id"], ["diploma.id"], name="fk_diploma_replaces_id"),
        sa.UniqueConstraint("number", name="uq_diploma_number"),
        sa.UniqueConstraint("hash", name="uq_diploma_hash"),
        sa.UniqueConstraint("replaces_id", name="uq_diploma_replaces_id"),
    )
    for name in ("batch_id", "municipality", "holder_id"):
        op.create_index(f"ix_diploma_{name}", "diploma", [name])
    op.create_index("ix_diploma_subject", "diploma", ["subject_id", "holder_id"])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
