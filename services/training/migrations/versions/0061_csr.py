"""Workshops and dialogues on social responsibility, who came, partners, agreements, commitments, reports."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database import UtcDateTime

revision = "0061_csr"
down_revision = "0060_workshops"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
TABLES = (
    *("csr_partner", "csr_activity", "csr_activity_dates", "csr_activity_partner", "csr_material", "csr_participant"),
    *("csr_agreement", "csr_agreement_partner", "csr_commitment", "csr_commitment_note", "issued_csr_report"),
)


def upgrade() -> None:
    _activities()
    _around()
    _issued()


def downgrade() -> None:
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
        sa.ForeignKeyConstraint([column], [f"{table}.id"], name=f"fk_{name}_{column}")
        for column, table in (refers or {}).items()
    ]
    first = [_needed("id", sa.Uuid)] if keys == ("id",) else []
    op.create_table(name, *first, *columns, *more, sa.PrimaryKeyConstraint(*keys, name=f"pk_{name}"), *foreign)
    for column in indexed:
        op.create_index(f"ix_{name}_{column}", name, [column])


def _activities() -> None:
    _table(
        "csr_partner",
        _needed("unit", sa.String(6)),
        _needed("country", sa.String(2)),
        _needed("name", sa.String(200)),
        _needed("name_key", sa.String(800)),
        _needed("kind", sa.String(24)),
        sa.UniqueConstraint("country", "name_key", name="uq_csr_partner_country_name_key"),
        version=True,
        indexed=("unit",),
    )
    _table(
        "csr_activity",
        _needed("kind", sa.String(20)),
        _needed("unit", sa.String(6)),
        _needed("city", sa.String(120)),
        _needed("title", sa.String(200)),
        _needed("topics", sa.Text),
        _needed("starts_on", sa.Date),
        _needed("days", sa.Integer),
        _needed("state", sa.String(10)),
        _needed("state_since", sa.Date),
        sa.Column("capacity", sa.Integer),
        _needed("agenda", JSON),
        _needed("gender_module", sa.Boolean),
        sa.Column("registration_id", sa.Uuid),
        sa.Column("registration_until", sa.Date),
        _needed("present", JSON),
        _needed("conclusions", sa.Text),
        sa.UniqueConstraint("registration_id", name="uq_csr_activity_registration_id"),
        version=True,
        indexed=("unit", "starts_on"),
    )
    _table(
        "csr_activity_dates",
        _needed("activity_id", sa.Uuid),
        _needed("number", sa.Integer),
        _needed("starts_on", sa.Date),
        _needed("reason", sa.String(500)),
        keys=("activity_id", "number"),
        refers={"activity_id": "csr_activity"},
    )
    _table(
        "csr_activity_partner",
        _needed("activity_id", sa.Uuid),
        _needed("partner_id", sa.Uuid),
        keys=("activity_id", "partner_id"),
        recorded=False,
        refers={"activity_id": "csr_activity", "partner_id": "csr_partner"},
    )
    _table(
        "csr_material",
        _needed("activity_id", sa.Uuid),
        _needed("title", sa.String(200)),
        _needed("address", sa.String(500)),
        refers={"activity_id": "csr_activity"},
        indexed=("activity_id",),
    )


def _around() -> None:
    _table(
        "csr_participant",
        _needed("activity_id", sa.Uuid),
        _needed("sme_id", sa.Uuid),
        sa.Column("name", sa.String(200)),
        sa.Column("name_key", sa.String(800)),
        _needed("sex", sa.String(8)),
        sa.Column("email", sa.String(200)),
        sa.Column("phone", sa.String(40)),
        _needed("source", sa.String(4)),
        _needed("attended", JSON),
        sa.Column("forgotten_at", UtcDateTime),
        refers={"activity_id": "csr_activity", "sme_id": "sme"},
        indexed=("activity_id", "sme_id"),
    )
    _table(
        "csr_agreement",
        _needed("unit", sa.String(6)),
        _needed("title", sa.String(200)),
        _needed("purpose", sa.String(2000)),
        _needed("contribution", sa.String(12)),
        _needed("signed_on", sa.Date),
        sa.Column("ends_on", sa.Date),
        sa.Column("activity_id", sa.Uuid),
        version=True,
        refers={"activity_id": "csr_activity"},
        indexed=("unit", "signed_on", "activity_id"),
    )
    _table(
        "csr_agreement_partner",
        _needed("agreement_id", sa.Uuid),
        _needed("partner_id", sa.Uuid),
        keys=("agreement_id", "partner_id"),
        recorded=False,
        refers={"agreement_id": "csr_agreement", "partner_id": "csr_partner"},
    )
    _table(
        "csr_commitment",
        _needed("activity_id", sa.Uuid),
        _needed("unit", sa.String(6)),
        _needed("what", sa.String(1000)),
        _needed("owner", sa.String(200)),
        _needed("due_on", sa.Date),
        _needed("state", sa.String(10)),
        version=True,
        refers={"activity_id": "csr_activity"},
        indexed=("activity_id", "unit", "due_on"),
    )
    _table(
        "csr_commitment_note",
        _needed("commitment_id", sa.Uuid),
        _needed("number", sa.Integer),
        _needed("day", sa.Date),
        _needed("state", sa.String(10)),
        _needed("note", sa.String(1000)),
        keys=("commitment_id", "number"),
        refers={"commitment_id": "csr_commitment"},
    )


def _issued() -> None:
    _table(
        "issued_csr_report",
        _needed("hash", sa.String(64)),
        _needed("unit", sa.String(200)),
        _needed("as_of", sa.Date),
        _needed("issued_on", sa.Date),
        keys=("hash",),
        recorded=False,
    )
