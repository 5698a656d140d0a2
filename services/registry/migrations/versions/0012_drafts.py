"""Single submissions that a form server sends, until somebody has looked at them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database import UtcDateTime

revision = "0012_drafts"
down_revision = "0011_knowledge"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "form_token",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("form", sa.String(120), nullable=False),
        sa.Column("units", JSON, nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("ends_with", sa.String(4), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("created_by", sa.String(120), nullable=False),
        sa.Column("created_by_name", sa.String(200), nullable=False),
        sa.Column("revoked_at", UtcDateTime),
        sa.Column("revoked_by_name", sa.String(200)),
        sa.Column("used_at", UtcDateTime),
        sa.Column("counted_since", UtcDateTime),
        sa.Column("counted", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_form_token"),
    )
    op.create_table(
        "draft",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("identity", sa.String(200), nullable=False),
        sa.Column("token_id", sa.Uuid, nullable=False),
        sa.Column("municipality", sa.String(6), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("known", sa.Boolean, nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("id_fingerprint", sa.String(64)),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("received_at", UtcDateTime, nullable=False),
        sa.Column("changed_at", UtcDateTime, nullable=False),
        sa.Column("decided_at", UtcDateTime),
        sa.Column("decided_by_name", sa.String(200)),
        sa.Column("reason", sa.String(500)),
        sa.Column("import_id", sa.Uuid),
        sa.Column("version", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["token_id"], ["form_token.id"], name="fk_draft_token_id"),
        sa.ForeignKeyConstraint(["import_id"], ["import_run.id"], name="fk_draft_import_id"),
        sa.PrimaryKeyConstraint("id", name="pk_draft"),
        sa.UniqueConstraint("identity", name="uq_draft_identity"),
    )
    op.create_index("ix_draft_state", "draft", ["state", "municipality"])
    op.create_index("ix_draft_id_fingerprint", "draft", ["id_fingerprint"])
    if op.get_bind().dialect.name == "postgresql":  # SQLite holds no text to a length
        op.alter_column("formal_step", "step", type_=sa.String(24))


def downgrade() -> None:
    op.drop_table("draft")
    op.drop_table("form_token")
