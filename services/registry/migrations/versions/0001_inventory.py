"""The inventory: women, enterprises, imports of the field form, accompaniments."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database import UtcDateTime

revision = "0001_inventory"
down_revision = None
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
POSITION = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = (
    "entrepreneur",
    "consent",
    "enterprise",
    "owner",
    "enterprise_tag",
    "product",
    "import_run",
    "import_problem",
    "submission",
    "accompaniment",
    "visit",
    "copy_loan",
)
"""In the order in which they are made; they are dropped the other way round."""

GEOMETRY = """
CREATE EXTENSION IF NOT EXISTS postgis;
ALTER TABLE enterprise ADD COLUMN geom geometry(Point, 4326)
  GENERATED ALWAYS AS (ST_SetSRID(ST_MakePoint(lon, lat), 4326)) STORED;
CREATE INDEX ix_enterprise_geom ON enterprise USING gist (geom);
"""


def upgrade() -> None:
    _people()
    _enterprises()
    _imports()
    _accompaniments()
    if _has_postgis():
        op.execute(GEOMETRY)


def _has_postgis() -> bool:
    """PostGIS is for who looks at the database with a GIS; the service itself does without."""
    bind = op.get_bind()
    if bind.dialect.name != "postgresql":
        return False
    found = sa.text("SELECT count(*) FROM pg_available_extensions WHERE name = 'postgis'")
    return bool(bind.execute(found).scalar())


def _people() -> None:
    op.create_table(
        "entrepreneur",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("given_names", sa.String(200), nullable=False),
        sa.Column("surnames", sa.String(200), nullable=False),
        sa.Column("search_text", sa.String(500), nullable=False),
        sa.Column("id_kind", sa.String(8)),
        sa.Column("id_sealed", sa.LargeBinary),
        sa.Column("id_fingerprint", sa.String(64)),
        sa.Column("born_on", sa.Date),
        sa.Column("phone", sa.String(40)),
        sa.Column("people", sa.String(12)),
        sa.Column("withdrawn_on", sa.Date),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_entrepreneur"),
    )
    op.create_index("ix_entrepreneur_id_fingerprint", "entrepreneur", ["id_fingerprint"])
    op.create_table(
        "consent",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("entrepreneur_id", sa.Uuid, nullable=False),
        sa.Column("purpose", sa.String(12), nullable=False),
        sa.Column("granted", sa.Boolean, nullable=False),
        sa.Column("given_on", sa.Date, nullable=False),
        sa.Column("channel", sa.String(12), nullable=False),
        sa.Column("recorded_by", sa.String(120), nullable=False),
        sa.Column("recorded_at", UtcDateTime, nullable=False),
        sa.ForeignKeyConstraint(["entrepreneur_id"], ["entrepreneur.id"], name="fk_consent_entrepreneur_id"),
        sa.PrimaryKeyConstraint("id", name="pk_consent"),
    )
    op.create_index("ix_consent_entrepreneur", "consent", ["entrepreneur_id"])


def _enterprises() -> None:
    op.create_table(
        "enterprise",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("search_text", sa.String(1000), nullable=False),
        sa.Column("municipality", sa.String(6), nullable=False),
        sa.Column("derived_municipality", sa.String(6)),
        sa.Column("place_state", sa.String(12), nullable=False),
        sa.Column("place_boundaries", sa.String(12)),
        sa.Column("lon", sa.Double()),
        sa.Column("lat", sa.Double()),
        sa.Column("accuracy_m", sa.Double()),
        sa.Column("point_source", sa.String(12)),
        sa.Column("site", sa.String(12)),
        sa.Column("activity", sa.String(5)),
        sa.Column("chain", sa.String(24), nullable=False),
        sa.Column("chain_declared", sa.Boolean, nullable=False),
        sa.Column("started_year", sa.Integer),
        sa.Column("jobs_women", sa.Integer, nullable=False),
        sa.Column("jobs_men", sa.Integer, nullable=False),
        sa.Column("sales_minor", sa.BigInteger),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("formal", sa.Boolean, nullable=False),
        sa.Column("validation", sa.String(12), nullable=False),
        sa.Column("consent_credit", sa.Boolean, nullable=False),
        sa.Column("consent_map", sa.Boolean, nullable=False),
        sa.Column("recorded_on", sa.Date, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("changed_at", UtcDateTime, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_enterprise"),
    )
    op.create_index("ix_enterprise_chain", "enterprise", ["chain", "id"])
    op.create_index("ix_enterprise_municipality", "enterprise", ["municipality", "id"])
    op.create_index("ix_enterprise_place_state", "enterprise", ["place_state", "id"])
    op.create_index("ix_enterprise_point", "enterprise", ["lon", "lat"])
    op.create_table(
        "owner",
        sa.Column("enterprise_id", sa.Uuid, nullable=False),
        sa.Column("entrepreneur_id", sa.Uuid, nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name="fk_owner_enterprise_id"),
        sa.ForeignKeyConstraint(["entrepreneur_id"], ["entrepreneur.id"], name="fk_owner_entrepreneur_id"),
        sa.PrimaryKeyConstraint("enterprise_id", "entrepreneur_id", name="pk_owner"),
    )
    op.create_index("ix_owner_entrepreneur_id", "owner", ["entrepreneur_id"])
    op.create_table(
        "enterprise_tag",
        sa.Column("enterprise_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("code", sa.String(20), nullable=False),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name="fk_enterprise_tag_enterprise_id"),
        sa.PrimaryKeyConstraint("enterprise_id", "kind", "code", name="pk_enterprise_tag"),
    )
    op.create_index("ix_enterprise_tag_code", "enterprise_tag", ["kind", "code", "enterprise_id"])
    op.create_table(
        "product",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("enterprise_id", sa.Uuid, nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("unit", sa.String(200)),
        sa.Column("price_minor", sa.BigInteger),
        sa.Column("currency", sa.String(3)),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name="fk_product_enterprise_id"),
        sa.PrimaryKeyConstraint("id", name="pk_product"),
    )
    op.create_index("ix_product_enterprise", "product", ["enterprise_id", "rank"])


def _imports() -> None:
    op.create_table(
        "import_run",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("dry_run", sa.Boolean, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("file_id", sa.Uuid),
        sa.Column("file_name", sa.String(200), nullable=False),
        sa.Column("file_sha256", sa.String(64), nullable=False),
        sa.Column("job_id", sa.Uuid),
        sa.Column("started_by", sa.String(120), nullable=False),
        sa.Column("started_by_name", sa.String(200), nullable=False),
        sa.Column("scope", JSON, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("finished_at", UtcDateTime),
        sa.Column("records", sa.Integer, nullable=False),
        sa.Column("done", sa.Integer, nullable=False),
        sa.Column("created", sa.Integer, nullable=False),
        sa.Column("updated", sa.Integer, nullable=False),
        sa.Column("unchanged", sa.Integer, nullable=False),
        sa.Column("refusal", sa.String(60)),
        sa.Column("refusal_facts", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_import_run"),
    )
    op.create_index("ix_import_run_sha256", "import_run", ["file_sha256"])
    op.create_table(
        "import_problem",
        sa.Column("number", POSITION, autoincrement=True, nullable=False),
        sa.Column("import_id", sa.Uuid, nullable=False),
        sa.Column("submission", sa.String(200)),
        sa.Column("sheet", sa.String(200)),
        sa.Column("row", sa.Integer),
        sa.Column("column", sa.String(200)),
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["import_run.id"], name="fk_import_problem_import_id"),
        sa.PrimaryKeyConstraint("number", name="pk_import_problem"),
    )
    op.create_index("ix_import_problem_import", "import_problem", ["import_id", "number"])
    op.create_index("ix_import_problem_submission", "import_problem", ["submission"])
    op.create_table(
        "submission",
        sa.Column("identity", sa.String(200), nullable=False),
        sa.Column("enterprise_id", sa.Uuid, nullable=False),
        sa.Column("entrepreneur_id", sa.Uuid, nullable=False),
        sa.Column("import_id", sa.Uuid, nullable=False),
        sa.Column("fingerprint", sa.String(64)),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("withdrawn", sa.Boolean, nullable=False),
        sa.Column("taken_at", UtcDateTime, nullable=False),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name="fk_submission_enterprise_id"),
        sa.ForeignKeyConstraint(["entrepreneur_id"], ["entrepreneur.id"], name="fk_submission_entrepreneur_id"),
        sa.ForeignKeyConstraint(["import_id"], ["import_run.id"], name="fk_submission_import_id"),
        sa.PrimaryKeyConstraint("identity", name="pk_submission"),
    )
    op.create_index("ix_submission_enterprise_id", "submission", ["enterprise_id"])
    op.create_index("ix_submission_entrepreneur_id", "submission", ["entrepreneur_id"])


def _accompaniments() -> None:
    op.create_table(
        "accompaniment",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("enterprise_id", sa.Uuid, nullable=False),
        sa.Column("loan_id", sa.Uuid),
        sa.Column("municipality", sa.String(6), nullable=False),
        sa.Column("phase", sa.String(16), nullable=False),
        sa.Column("needs", JSON, nullable=False),
        sa.Column("technician", sa.String(120)),
        sa.Column("technician_name", sa.String(200)),
        sa.Column("opened_on", sa.Date, nullable=False),
        sa.Column("closed_on", sa.Date),
        sa.Column("reviewed_at", UtcDateTime),
        sa.Column("version", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name="fk_accompaniment_enterprise_id"),
        sa.PrimaryKeyConstraint("id", name="pk_accompaniment"),
        sa.UniqueConstraint("loan_id", name="uq_accompaniment_loan_id"),
    )
    op.create_index("ix_accompaniment_enterprise_id", "accompaniment", ["enterprise_id"])
    op.create_index("ix_accompaniment_municipality", "accompaniment", ["municipality", "id"])
    op.create_index("ix_accompaniment_technician", "accompaniment", ["technician"])
    op.create_table(
        "visit",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("accompaniment_id", sa.Uuid, nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("purposes", JSON, nullable=False),
        sa.Column("needs", JSON, nullable=False),
        sa.Column("made_on", sa.Date),
        sa.Column("minutes", sa.Integer),
        sa.Column("notes", sa.Text),
        sa.Column("agreements", sa.Text),
        sa.Column("made_by", sa.String(120)),
        sa.Column("made_by_name", sa.String(200)),
        sa.ForeignKeyConstraint(["accompaniment_id"], ["accompaniment.id"], name="fk_visit_accompaniment_id"),
        sa.PrimaryKeyConstraint("id", name="pk_visit"),
    )
    op.create_index("ix_visit_accompaniment", "visit", ["accompaniment_id", "due_on"])
    # ### end Alembic commands ###
    op.create_table(
        "copy_loan",
        sa.Column("loan_id", sa.Uuid, nullable=False),
        sa.Column("enterprise_id", sa.Uuid, nullable=False),
        sa.Column("municipality", sa.String(6), nullable=False),
        sa.Column("chain", sa.String(24)),
        sa.Column("amount_minor", sa.BigInteger),
        sa.Column("outstanding_minor", sa.BigInteger),
        sa.Column("currency", sa.String(3)),
        sa.Column("term_months", sa.Integer),
        sa.Column("disbursed_on", sa.Date),
        sa.Column("last_repayment_on", sa.Date),
        sa.Column("settled_on", sa.Date),
        sa.PrimaryKeyConstraint("loan_id", name="pk_copy_loan"),
    )
    op.create_index("ix_copy_loan_enterprise_id", "copy_loan", ["enterprise_id"])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
