"""Long work with its schedules, and stored files."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database import UtcDateTime

revision = "0002_jobs_files"
down_revision = "0001_bus"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    _jobs()
    _files()


def _jobs() -> None:
    op.create_table(
        "job",
        sa.Column("id", sa.Uuid),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("payload", JSON, nullable=False),
        sa.Column("checkpoint", JSON, nullable=False),
        sa.Column("result", JSON),
        sa.Column("error", JSON),
        sa.Column("trace", sa.Text),
        sa.Column("done", sa.Integer, nullable=False),
        sa.Column("total", sa.Integer),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("cancel_asked", sa.Boolean, nullable=False),
        sa.Column("owner", sa.String(120), nullable=False),
        sa.Column("caller", JSON, nullable=False),
        sa.Column("worker", sa.Uuid),
        sa.Column("due_at", UtcDateTime, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("started_at", UtcDateTime),
        sa.Column("finished_at", UtcDateTime),
        sa.PrimaryKeyConstraint("id", name="pk_job"),
    )
    open_ = sa.text("state IN ('queued', 'running')")
    op.create_index("ix_job_open", "job", ["due_at"], sqlite_where=open_, postgresql_where=open_)
    op.create_table(
        "job_schedule",
        sa.Column("name", sa.String(60)),
        sa.Column("next_at", UtcDateTime, nullable=False),
        sa.Column("last_job", sa.Uuid),
        sa.PrimaryKeyConstraint("name", name="pk_job_schedule"),
    )


def _files() -> None:
    op.create_table(
        "stored_file",
        sa.Column("id", sa.Uuid),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("media_type", sa.String(120), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("created_by", sa.String(120), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("erased_at", UtcDateTime),
        sa.PrimaryKeyConstraint("id", name="pk_stored_file"),
    )
    op.create_index("ix_stored_file_sha256", "stored_file", ["sha256"])
    op.create_index("ix_stored_file_key", "stored_file", ["key"])


def downgrade() -> None:
    for table in ("stored_file", "job_schedule", "job"):
        op.drop_table(table)
