"""What is known of enterprises beyond their place: levels, sales, markets and trade; editions of the criteria."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database import UtcDateTime

revision = "0005_facts"
down_revision = "0004_plans"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
SUBJECTS = ("credit", "certifications", "market", "quality", "training", "innovation", "scaling")
OF_ENTERPRISE = (
    ("tier", sa.String(12)),
    ("sales_low_minor", sa.BigInteger),
    ("sales_high_minor", sa.BigInteger),
    ("sales_currency", sa.String(3)),
)


def upgrade() -> None:
    op.add_column("copy_as_of", sa.Column("taken", sa.BigInteger, nullable=False, server_default="0"))
    for name, kind in OF_ENTERPRISE:
        op.add_column("copy_enterprise", sa.Column(name, kind))
    _of_enterprise(
        "copy_profile",
        *(sa.Column(subject, sa.Integer) for subject in SUBJECTS),
        sa.Column("score", sa.Integer),
        sa.Column("assessed_on", sa.Date, nullable=False),
        key=(),
    )
    _of_enterprise("copy_market", sa.Column("market", sa.String(20), nullable=False), key=("market",))
    _of_enterprise(
        "copy_trade",
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("side", sa.String(8), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("partner_id", sa.Uuid),
        sa.Column("share", sa.Integer),
        key=("rank",),
    )
    op.create_index("ix_copy_trade_partner_id", "copy_trade", ["partner_id"])
    op.create_table(
        "criteria_edition",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("unit", sa.String(6)),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("source", sa.String(500), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("adopted_at", UtcDateTime, nullable=False),
        sa.Column("adopted_by", sa.String(120), nullable=False),
        sa.Column("adopted_by_name", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_criteria_edition"),
    )
    op.create_index("ix_criteria_edition_in_force", "criteria_edition", ["kind", "valid_from", "id"])


def _of_enterprise(table: str, *columns: Any, key: tuple[str, ...]) -> None:
    op.create_table(
        table,
        sa.Column("enterprise_id", sa.Uuid, nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("enterprise_id", *key, name=f"pk_{table}"),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["copy_enterprise.id"], name=f"fk_{table}_enterprise_id", ondelete="CASCADE"
        ),
    )


def downgrade() -> None:
    for table in ("criteria_edition", "copy_trade", "copy_market", "copy_profile"):
        op.drop_table(table)
    for name, _ in reversed(OF_ENTERPRISE):
        op.drop_column("copy_enterprise", name)
    op.drop_column("copy_as_of", "taken")
