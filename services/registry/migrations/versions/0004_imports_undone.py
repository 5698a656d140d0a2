"""What an import changed, so that it can be undone; what the columns of people's own tables are taken for."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database import UtcDateTime

revision = "0004_imports_undone"
down_revision = "0003_lowered_validations"
branch_labels = None
depends_on = None

POSITION = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
OF_RUN = (
    ("mapping", JSON),
    ("undo_job_id", sa.Uuid),
    ("undone_at", UtcDateTime),
    ("undone_by_name", sa.String(200)),
    ("undo_refusal", sa.String(60)),
)


def upgrade() -> None:
    for name, kind in OF_RUN:
        op.add_column("import_run", sa.Column(name, kind))
    op.create_table(
        "import_change",
        sa.Column("number", POSITION, autoincrement=True, nullable=False),
        sa.Column("import_id", sa.Uuid, nullable=False),
        sa.Column("identity", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("enterprise_id", sa.Uuid, nullable=False),
        sa.Column("entrepreneur_id", sa.Uuid, nullable=False),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["import_run.id"], name="fk_import_change_import_id"),
        sa.PrimaryKeyConstraint("number", name="pk_import_change"),
    )
    op.create_index("ix_import_change_import", "import_change", ["import_id", "number"])
    op.create_index("ix_import_change_entrepreneur_id", "import_change", ["entrepreneur_id"])


def downgrade() -> None:
    op.drop_table("import_change")
    for name, _ in reversed(OF_RUN):
        op.drop_column("import_run", name)
