"""Boundaries, copies of the other services' facts, published figures; on PostgreSQL real geometry beside them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database import UtcDateTime

revision = "0001_territory"
down_revision = None
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
UNIT = sa.String(6)
POSSIBLE = """
SELECT installed_version IS NOT NULL OR (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
FROM pg_available_extensions WHERE name = 'postgis'
"""
GEOMETRY = """
CREATE EXTENSION IF NOT EXISTS postgis;
ALTER TABLE boundary_shape ADD COLUMN IF NOT EXISTS geom geometry(MultiPolygon, 4326)
  GENERATED ALWAYS AS (ST_Multi(ST_GeomFromWKB(wkb, 4326))) STORED;
CREATE INDEX IF NOT EXISTS ix_boundary_shape_geom ON boundary_shape USING gist (geom);
ALTER TABLE copy_enterprise ADD COLUMN IF NOT EXISTS geom geometry(Point, 4326)
  GENERATED ALWAYS AS (ST_SetSRID(ST_MakePoint(lon, lat), 4326)) STORED;
CREATE INDEX IF NOT EXISTS ix_copy_enterprise_geom ON copy_enterprise USING gist (geom);
"""


def upgrade() -> None:
    _boundaries()
    _inventory()
    _credit_and_training()
    _published()
    _geometry(op.get_bind())


def downgrade() -> None:
    for table in (
        "publication", "copy_as_of", "copy_accompaniment", "copy_group_member", "copy_group", "copy_loan",
        "copy_application", "copy_withdrawn", "copy_need", "copy_link", "copy_enterprise", "boundary_shape",
        "boundary_set", "boundary_file",
    ):  # fmt: skip
        op.drop_table(table)


def _geometry(connection: sa.Connection) -> None:
    """Where PostGIS is loaded or may be; elsewhere `csem territory geometry` adds them later."""
    if connection.dialect.name == "postgresql" and connection.execute(sa.text(POSSIBLE)).scalar():
        connection.execute(sa.text(GEOMETRY))


def _boundaries() -> None:
    op.create_table(
        "boundary_file",
        sa.Column("id", sa.Uuid),
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
        sa.PrimaryKeyConstraint("id", name="pk_boundary_file"),
    )
    op.create_table(
        "boundary_set",
        sa.Column("id", sa.Uuid),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("valid_to", sa.Date),
        sa.Column("adopted_by", sa.String(120), nullable=False),
        sa.Column("adopted_at", UtcDateTime, nullable=False),
        sa.Column("shapes", sa.Integer, nullable=False),
        sa.Column("report", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_boundary_set"),
    )
    op.create_index("ix_boundary_set_country", "boundary_set", ["country"])
    in_force = sa.text("valid_to IS NULL")
    op.create_index(
        "uq_boundary_set_in_force", "boundary_set", ["country"], unique=True,
        sqlite_where=in_force, postgresql_where=in_force,
    )  # fmt: skip
    op.create_table(
        "boundary_shape",
        sa.Column("set_id", sa.Uuid, nullable=False),
        sa.Column("code", UNIT, nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("wkb", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("set_id", "code", name="pk_boundary_shape"),
        sa.ForeignKeyConstraint(["set_id"], ["boundary_set.id"], name="fk_boundary_shape_set_id", ondelete="CASCADE"),
    )


def _inventory() -> None:
    op.create_table(
        "copy_enterprise",
        sa.Column("id", sa.Uuid),
        sa.Column("municipality", UNIT, nullable=False),
        sa.Column("place_state", sa.String(12), nullable=False),
        sa.Column("lon", sa.Double),
        sa.Column("lat", sa.Double),
        sa.Column("accuracy_m", sa.Double),
        sa.Column("chain", sa.String(40), nullable=False),
        sa.Column("activity", sa.String(10), nullable=False),
        sa.Column("jobs_women", sa.Integer, nullable=False),
        sa.Column("jobs_men", sa.Integer, nullable=False),
        sa.Column("home_based", sa.Boolean, nullable=False),
        sa.Column("formal", sa.Boolean, nullable=False),
        sa.Column("started_year", sa.Integer),
        sa.Column("validation", sa.String(12), nullable=False),
        sa.Column("consent_credit", sa.Boolean, nullable=False),
        sa.Column("consent_map", sa.Boolean, nullable=False),
        sa.Column("recorded_on", sa.Date, nullable=False),
        sa.Column("counted", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_copy_enterprise"),
    )
    op.create_index("ix_copy_enterprise_municipality", "copy_enterprise", ["municipality"])
    op.create_index("ix_copy_enterprise_chain", "copy_enterprise", ["chain"])
    for table, column in (("copy_link", "link"), ("copy_need", "need")):
        op.create_table(
            table,
            sa.Column("enterprise_id", sa.Uuid, nullable=False),
            sa.Column(column, sa.String(20), nullable=False),
            sa.PrimaryKeyConstraint("enterprise_id", column, name=f"pk_{table}"),
            sa.ForeignKeyConstraint(
                ["enterprise_id"], ["copy_enterprise.id"], name=f"fk_{table}_enterprise_id", ondelete="CASCADE"
            ),
        )
    op.create_table(
        "copy_withdrawn",
        sa.Column("enterprise_id", sa.Uuid),
        sa.PrimaryKeyConstraint("enterprise_id", name="pk_copy_withdrawn"),
    )
    op.create_table(
        "copy_accompaniment",
        sa.Column("id", sa.Uuid),
        sa.Column("enterprise_id", sa.Uuid),
        sa.Column("municipality", UNIT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_copy_accompaniment"),
    )
    op.create_table(
        "copy_as_of",
        sa.Column("source", sa.String(20)),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("time", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("source", name="pk_copy_as_of"),
    )


def _credit_and_training() -> None:
    op.create_table(
        "copy_application",
        sa.Column("id", sa.Uuid),
        sa.Column("enterprise_id", sa.Uuid),
        sa.Column("municipality", UNIT, nullable=False),
        sa.Column("outcome", sa.String(12), nullable=False),
        sa.Column("submitted_on", sa.Date),
        sa.Column("decided_on", sa.Date),
        sa.PrimaryKeyConstraint("id", name="pk_copy_application"),
    )
    op.create_table(
        "copy_loan",
        sa.Column("id", sa.Uuid),
        sa.Column("enterprise_id", sa.Uuid),
        sa.Column("municipality", UNIT, nullable=False),
        sa.Column("chain", sa.String(40), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.Column("outstanding_minor", sa.BigInteger, nullable=False),
        sa.Column("disbursed_on", sa.Date, nullable=False),
        sa.Column("settled_on", sa.Date),
        sa.PrimaryKeyConstraint("id", name="pk_copy_loan"),
    )
    op.create_table(
        "copy_group",
        sa.Column("id", sa.Uuid),
        sa.Column("chain", sa.String(40), nullable=False),
        sa.Column("need", sa.String(20), nullable=False),
        sa.Column("municipality", UNIT, nullable=False),
        sa.Column("formed_on", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_copy_group"),
    )
    op.create_table(
        "copy_group_member",
        sa.Column("group_id", sa.Uuid, nullable=False),
        sa.Column("enterprise_id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("group_id", "enterprise_id", name="pk_copy_group_member"),
        sa.ForeignKeyConstraint(
            ["group_id"], ["copy_group.id"], name="fk_copy_group_member_group_id", ondelete="CASCADE"
        ),
    )
    for table in ("copy_accompaniment", "copy_application", "copy_loan", "copy_group_member"):
        op.create_index(f"ix_{table}_enterprise_id", table, ["enterprise_id"])
    for table in ("copy_accompaniment", "copy_application", "copy_loan", "copy_group"):
        op.create_index(f"ix_{table}_municipality", table, ["municipality"])


def _published() -> None:
    op.create_table(
        "publication",
        sa.Column("id", sa.Uuid),
        sa.Column("department", sa.String(4), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.Column("made_by", sa.String(120), nullable=False),
        sa.Column("as_of", UtcDateTime),
        sa.Column("figures", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_publication"),
    )
    op.create_index("ix_publication_latest", "publication", ["department", "made_at"])
