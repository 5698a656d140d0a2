"""Reference layers; on PostgreSQL real geometry beside them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database import UtcDateTime

revision = "0007_layers"
down_revision = "0006_tables"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
POSSIBLE = """
SELECT installed_version IS NOT NULL OR (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
FROM pg_available_extensions WHERE name = 'postgis'
"""
GEOMETRY = """
CREATE EXTENSION IF NOT EXISTS postgis;
ALTER TABLE layer_feature ADD COLUMN IF NOT EXISTS geom geometry(Geometry, 4326)
  GENERATED ALWAYS AS (ST_GeomFromWKB(wkb, 4326)) STORED;
CREATE INDEX IF NOT EXISTS ix_layer_feature_geom ON layer_feature USING gist (geom);
"""


def upgrade() -> None:
    op.create_table(
        "reference_layer",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("licence", sa.String(200), nullable=False),
        sa.Column("file_id", sa.Uuid, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("asked_layer", sa.String(100)),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("problem", JSON, nullable=False),
        sa.Column("report", JSON, nullable=False),
        sa.Column("shape", sa.String(8)),
        sa.Column("features", sa.Integer, nullable=False),
        sa.Column("job_id", sa.Uuid),
        sa.Column("sent_by", sa.String(120), nullable=False),
        sa.Column("sent_by_name", sa.String(120), nullable=False),
        sa.Column("sent_at", UtcDateTime, nullable=False),
        sa.Column("deleted_at", UtcDateTime),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reference_layer"),
    )
    for column in ("kind", "sha256"):
        op.create_index(f"ix_reference_layer_{column}", "reference_layer", [column])
    op.create_table(
        "layer_unit",
        sa.Column("layer_id", sa.Uuid, nullable=False),
        sa.Column("unit", sa.String(6), nullable=False),
        sa.PrimaryKeyConstraint("layer_id", "unit", name="pk_layer_unit"),
        sa.ForeignKeyConstraint(
            ["layer_id"], ["reference_layer.id"], name="fk_layer_unit_layer_id_reference_layer", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_layer_unit_unit", "layer_unit", ["unit"])
    op.create_table(
        "layer_feature",
        sa.Column("layer_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("name", sa.String(200)),
        sa.Column("wkb", sa.LargeBinary, nullable=False),
        sa.Column("properties", JSON, nullable=False),
        sa.Column("west", sa.Float, nullable=False),
        sa.Column("south", sa.Float, nullable=False),
        sa.Column("east", sa.Float, nullable=False),
        sa.Column("north", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("layer_id", "number", name="pk_layer_feature"),
        sa.ForeignKeyConstraint(
            ["layer_id"], ["reference_layer.id"], name="fk_layer_feature_layer_id_reference_layer", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_layer_feature_box", "layer_feature", ["layer_id", "west", "east", "south", "north"])
    _geometry(op.get_bind())


def _geometry(connection: sa.Connection) -> None:
    """Where PostGIS is loaded or may be; elsewhere `csem territory geometry` adds them later."""
    if connection.dialect.name == "postgresql" and connection.execute(sa.text(POSSIBLE)).scalar():
        connection.execute(sa.text(GEOMETRY))


def downgrade() -> None:
    for table in ("layer_feature", "layer_unit", "reference_layer"):
        op.drop_table(table)
