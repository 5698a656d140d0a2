"""Centres, institutions and agreements; all that is asked of a woman and of her enterprise."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database import UtcDateTime

revision = "0005_whole_inventory"
down_revision = "0004_imports_undone"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def _of_a_woman() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("other_phone", sa.String(40)),
        sa.Column("languages", JSON, nullable=False, server_default="[]"),
        sa.Column("schooling", sa.String(16)),
        sa.Column("dependants", sa.Integer),
        sa.Column("children_under_6", sa.Integer),
        sa.Column("others_in_care", sa.Integer),
        sa.Column("care_hours", sa.Integer),
        sa.Column("head_of_household", sa.Boolean),
        sa.Column("difficulties", JSON),
        sa.Column("id_confirmed_on", sa.Date),
        sa.Column("id_confirmed_by", sa.String(120)),
        sa.Column("id_confirmed_by_name", sa.String(200)),
        sa.Column("id_confirmed_because", sa.String(500)),
    )


def _of_an_enterprise() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("ownership", sa.String(12), nullable=False, server_default="individual"),
        sa.Column("address", sa.String(300)),
        sa.Column("unpaid_women", sa.Integer),
        sa.Column("unpaid_men", sa.Integer),
        sa.Column("sales_band", sa.String(12)),
        sa.Column("assets", JSON, nullable=False, server_default="[]"),
    )


def _of_a_product() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("volume", sa.Double()),
        sa.Column("period", sa.String(8)),
        sa.Column("months", JSON, nullable=False, server_default="[]"),
    )


WIDENED = {"entrepreneur": _of_a_woman, "enterprise": _of_an_enterprise, "product": _of_a_product}
TABLES = ("trade_partner", "formal_step", "institution", "centre", "centre_municipality", "agreement")
"""In the order in which they are made; they are dropped the other way round."""


def upgrade() -> None:
    for table, columns in WIDENED.items():
        for column in columns():
            op.add_column(table, column)
    _trade()
    _formalization()
    _institutions()
    _centres()
    _agreements()


def _trade() -> None:
    op.create_table(
        "trade_partner",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("enterprise_id", sa.Uuid, nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("side", sa.String(8), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("partner_id", sa.Uuid),
        sa.Column("name", sa.String(200)),
        sa.Column("share", sa.Integer),
        sa.Column("product", sa.String(200)),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name="fk_trade_partner_enterprise_id"),
        sa.ForeignKeyConstraint(["partner_id"], ["enterprise.id"], name="fk_trade_partner_partner_id"),
        sa.PrimaryKeyConstraint("id", name="pk_trade_partner"),
    )
    op.create_index("ix_trade_partner_enterprise", "trade_partner", ["enterprise_id", "rank"])
    op.create_index("ix_trade_partner_partner_id", "trade_partner", ["partner_id"])


def _formalization() -> None:
    op.create_table(
        "formal_step",
        sa.Column("enterprise_id", sa.Uuid, nullable=False),
        sa.Column("step", sa.String(20), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("happened_on", sa.Date),
        sa.Column("number_sealed", sa.LargeBinary),
        sa.Column("number_masked", sa.String(40)),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name="fk_formal_step_enterprise_id"),
        sa.PrimaryKeyConstraint("enterprise_id", "step", name="pk_formal_step"),
    )


def _institutions() -> None:
    op.create_table(
        "institution",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("unit", sa.String(6), nullable=False),
        sa.Column("address", sa.String(300)),
        sa.Column("contacts", JSON, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_institution"),
    )
    op.create_index("ix_institution_unit", "institution", ["unit", "id"])


def _centres() -> None:
    op.create_table(
        "centre",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("host_id", sa.Uuid),
        sa.Column("team", JSON, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["host_id"], ["institution.id"], name="fk_centre_host_id"),
        sa.PrimaryKeyConstraint("id", name="pk_centre"),
    )
    op.create_index("ix_centre_host_id", "centre", ["host_id"])
    op.create_table(
        "centre_municipality",
        sa.Column("centre_id", sa.Uuid, nullable=False),
        sa.Column("municipality", sa.String(6), nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name="fk_centre_municipality_centre_id"),
        sa.PrimaryKeyConstraint("centre_id", "municipality", name="pk_centre_municipality"),
    )
    op.create_index("ix_centre_municipality", "centre_municipality", ["municipality", "centre_id"])


def _agreements() -> None:
    op.create_table(
        "agreement",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("institution_id", sa.Uuid, nullable=False),
        sa.Column("centre_id", sa.Uuid),
        sa.Column("purpose", sa.String(500), nullable=False),
        sa.Column("signed_on", sa.Date, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("valid_until", sa.Date),
        sa.Column("file_id", sa.Uuid),
        sa.Column("version", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name="fk_agreement_institution_id"),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name="fk_agreement_centre_id"),
        sa.PrimaryKeyConstraint("id", name="pk_agreement"),
    )
    op.create_index("ix_agreement_institution_id", "agreement", ["institution_id"])
    op.create_index("ix_agreement_centre_id", "agreement", ["centre_id"])
    op.create_index("ix_agreement_until", "agreement", ["valid_until", "id"])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    for table, columns in WIDENED.items():
        for column in columns():
            op.drop_column(table, column.name)
