"""The library of materials, trainers and their licences; learning centres among the partners."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database import UtcDateTime

revision = "0090_library"
down_revision = "0080_curricula"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
TABLES = (
    *("library_material", "library_file", "library_term", "trainer", "trainer_unit"),
    *("trainer_edition", "trainer_candidate", "trainer_proof", "trainer_licence"),
)
ADDED: tuple[tuple[str, str, Any], ...] = (
    ("csr_material", "library_id", sa.Uuid),
    ("training_session", "topic", sa.String(24)),
    ("training_session", "trainer_id", sa.Uuid),
    ("csr_partner", "learning_kind", sa.String(24)),
    ("csr_partner", "address", sa.String(300)),
    ("csr_partner", "phone", sa.String(40)),
    ("csr_partner", "email", sa.String(200)),
    ("csr_partner", "website", sa.String(300)),
    ("csr_agreement", "file_id", sa.Uuid),
    ("csr_agreement", "renews_id", sa.Uuid),
)


def upgrade() -> None:
    _library()
    _trainers()
    _licences()
    for table, name, kind in ADDED:
        op.add_column(table, sa.Column(name, kind, nullable=True))
    op.add_column("csr_agreement", sa.Column("obligations", JSON, nullable=False, server_default="[]"))
    op.create_index("ix_csr_material_library_id", "csr_material", ["library_id"])
    op.create_index("ix_training_session_trainer_id", "training_session", ["trainer_id"])
    op.create_index("uq_csr_agreement_renews_id", "csr_agreement", ["renews_id"], unique=True)


def downgrade() -> None:
    op.drop_index("uq_csr_agreement_renews_id", "csr_agreement")
    op.drop_index("ix_training_session_trainer_id", "training_session")
    op.drop_index("ix_csr_material_library_id", "csr_material")
    op.drop_column("csr_agreement", "obligations")
    for table, name, _kind in reversed(ADDED):
        op.drop_column(table, name)
    for name in reversed(TABLES):
        op.drop_table(name)


def _needed(name: str, kind: Any) -> Any:
    return sa.Column(name, kind, nullable=False)


def _table(
    name: str,
    *columns: Any,
    keys: tuple[str, ...] = ("id",),
    version: bool = False,
    recorded: bool = True,
    refers: dict[str, str] | None = None,
    indexed: tuple[str, ...] = (),
) -> None:
    more = [_needed("version", sa.Integer)] if version else []
    if recorded:
        more += [_needed("recorded_by", sa.String(120)), _needed("recorded_by_name", sa.String(200))]
        more += [_needed("recorded_at", UtcDateTime)]
    foreign = [
        sa.ForeignKeyConstraint([column], [f"{table}.id"], name=f"fk_{name}_{column}_{table}")
        for column, table in (refers or {}).items()
    ]
    first = [_needed("id", sa.Uuid)] if keys == ("id",) else []
    op.create_table(name, *first, *columns, *more, sa.PrimaryKeyConstraint(*keys, name=f"pk_{name}"), *foreign)
    for column in indexed:
        op.create_index(f"ix_{name}_{column}", name, [column])


def _library() -> None:
    _table(
        "library_material",
        _needed("unit", sa.String(6)),
        _needed("title", sa.String(200)),
        _needed("kind", sa.String(24)),
        *(_needed(name, JSON) for name in ("topics", "dimensions", "chains")),
        _needed("language", sa.String(12)),
        _needed("author", sa.String(200)),
        sa.Column("year", sa.Integer),
        _needed("licence", sa.String(20)),
        _needed("summary", sa.String(2000)),
        sa.Column("link", sa.String(500)),
        _needed("reach", sa.String(8)),
        sa.Column("reach_by_name", sa.String(200)),
        sa.Column("reach_on", sa.Date),
        sa.Column("archived_on", sa.Date),
        sa.Column("archived_why", sa.String(400)),
        version=True,
        indexed=("unit",),
    )
    _table(
        "library_file",
        *(_needed("material_id", sa.Uuid), _needed("number", sa.Integer), _needed("file_id", sa.Uuid)),
        *(_needed("sha256", sa.String(64)), _needed("name", sa.String(200)), _needed("media_type", sa.String(120))),
        *(_needed("size", sa.Integer), _needed("note", sa.String(400))),
        sa.UniqueConstraint("material_id", "number", name="uq_library_file_material_id_number"),
        refers={"material_id": "library_material"},
    )
    _table(
        "library_term",
        *(_needed("material_id", sa.Uuid), _needed("term", sa.String(60)), _needed("weight", sa.Integer)),
        keys=("material_id", "term"),
        recorded=False,
        refers={"material_id": "library_material"},
    )
    op.create_index("ix_library_term_term", "library_term", ["term", "material_id"])


def _trainers() -> None:
    _table(
        "trainer",
        _needed("unit", sa.String(6)),
        sa.Column("account", sa.String(120)),
        *(_needed("name", sa.String(120)), _needed("name_key", sa.String(480))),
        *(_needed(name, JSON) for name in ("topics", "languages", "slots")),
        sa.Column("partner_id", sa.Uuid),
        sa.Column("left_on", sa.Date),
        sa.UniqueConstraint("account", name="uq_trainer_account"),
        version=True,
        refers={"partner_id": "csr_partner"},
        indexed=("unit", "name_key", "partner_id"),
    )
    _table(
        "trainer_unit",
        *(_needed("trainer_id", sa.Uuid), _needed("unit", sa.String(6))),
        keys=("trainer_id", "unit"),
        recorded=False,
        refers={"trainer_id": "trainer"},
        indexed=("unit",),
    )


def _licences() -> None:
    _table(
        "trainer_edition",
        *(_needed("unit", sa.String(6)), _needed("name", sa.String(160)), _needed("level", sa.String(20))),
        *(_needed("topics", JSON), _needed("starts_on", sa.Date), _needed("ends_on", sa.Date)),
        version=True,
        indexed=("unit",),
    )
    _table(
        "trainer_candidate",
        *(_needed("edition_id", sa.Uuid), _needed("trainer_id", sa.Uuid)),
        sa.UniqueConstraint("edition_id", "trainer_id", name="uq_trainer_candidate_edition_id_trainer_id"),
        version=True,
        refers={"edition_id": "trainer_edition", "trainer_id": "trainer"},
        indexed=("trainer_id",),
    )
    _table(
        "trainer_proof",
        *(_needed("candidate_id", sa.Uuid), _needed("number", sa.Integer), _needed("kind", sa.String(12))),
        _needed("on", sa.Date),
        *(sa.Column("minutes", sa.Integer), sa.Column("percent", sa.Integer), _needed("marks", JSON)),
        *(sa.Column("session_id", sa.Uuid), _needed("note", sa.String(400)), sa.Column("struck_why", sa.String(400))),
        keys=("candidate_id", "number"),
        refers={"candidate_id": "trainer_candidate"},
    )
    _table(
        "trainer_licence",
        _needed("number", sa.String(20)),
        _needed("trainer_id", sa.Uuid),
        *(sa.Column("candidate_id", sa.Uuid), sa.Column("renews_id", sa.Uuid)),
        *(_needed("unit", sa.String(6)), _needed("level", sa.String(20)), _needed("topics", JSON)),
        *(_needed("valid_from", sa.Date), _needed("valid_until", sa.Date)),
        *(_needed("state", sa.String(10)), _needed("state_since", sa.Date), sa.Column("reason", sa.String(400))),
        *(sa.UniqueConstraint(name, name=f"uq_trainer_licence_{name}")
          for name in ("number", "candidate_id", "renews_id")),
        version=True,
        refers={"trainer_id": "trainer", "candidate_id": "trainer_candidate", "renews_id": "trainer_licence"},
        indexed=("trainer_id", "unit", "valid_until"),
    )  # fmt: skip
