"""Campaigns and fairs: what was done to be known, and what came of it."""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "0010_outreach"
down_revision = "0009_searching"
branch_labels = None
depends_on = None

TABLES = (
    "campaign",
    "campaign_municipality",
    "campaign_partner",
    "campaign_cost",
    "campaign_activity",
    "campaign_file",
    "campaign_record",
    "fair",
    "fair_stand",
)
"""In the order in which they are made; they are dropped the other way round."""


def upgrade() -> None:
    _campaigns()
    _of_a_campaign()
    _activities()
    _records()
    _fairs()
    _stands()


def _campaigns() -> None:
    op.create_table(
        "campaign",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("channel", sa.String(24), nullable=False),
        sa.Column("centre_id", sa.Uuid),
        sa.Column("begins_on", sa.Date, nullable=False),
        sa.Column("ends_on", sa.Date),
        sa.Column("currency", sa.String(3), nullable=False),
        *(
            sa.Column(f"{when}_{who}", sa.Integer)
            for when in ("planned", "reached")
            for who in ("women", "men", "young_women")
        ),
        sa.Column("reached_how", sa.String(300)),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("changed_at", UtcDateTime, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name="fk_campaign_centre_id"),
        sa.PrimaryKeyConstraint("id", name="pk_campaign"),
    )
    op.create_index("ix_campaign_begins", "campaign", ["begins_on", "id"])
    op.create_index("ix_campaign_centre_id", "campaign", ["centre_id"])


def _of_a_campaign() -> None:
    op.create_table(
        "campaign_municipality",
        sa.Column("campaign_id", sa.Uuid, nullable=False),
        sa.Column("municipality", sa.String(6), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name="fk_campaign_municipality_campaign_id"),
        sa.PrimaryKeyConstraint("campaign_id", "municipality", name="pk_campaign_municipality"),
    )
    op.create_index("ix_campaign_municipality", "campaign_municipality", ["municipality", "campaign_id"])
    op.create_table(
        "campaign_partner",
        sa.Column("campaign_id", sa.Uuid, nullable=False),
        sa.Column("institution_id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name="fk_campaign_partner_campaign_id"),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name="fk_campaign_partner_institution_id"),
        sa.PrimaryKeyConstraint("campaign_id", "institution_id", name="pk_campaign_partner"),
    )
    op.create_index("ix_campaign_partner_institution_id", "campaign_partner", ["institution_id"])
    op.create_table(
        "campaign_cost",
        sa.Column("campaign_id", sa.Uuid, nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("what", sa.String(200), nullable=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name="fk_campaign_cost_campaign_id"),
        sa.PrimaryKeyConstraint("campaign_id", "rank", name="pk_campaign_cost"),
    )


def _activities() -> None:
    op.create_table(
        "campaign_activity",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("campaign_id", sa.Uuid, nullable=False),
        sa.Column("held_on", sa.Date, nullable=False),
        sa.Column("municipality", sa.String(6), nullable=False),
        sa.Column("what", sa.String(300), nullable=False),
        sa.Column("women", sa.Integer),
        sa.Column("men", sa.Integer),
        sa.Column("young_women", sa.Integer),
        sa.Column("how", sa.String(300)),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name="fk_campaign_activity_campaign_id"),
        sa.PrimaryKeyConstraint("id", name="pk_campaign_activity"),
    )
    op.create_index("ix_campaign_activity", "campaign_activity", ["campaign_id", "held_on"])
    op.create_table(
        "campaign_file",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("campaign_id", sa.Uuid, nullable=False),
        sa.Column("file_id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name="fk_campaign_file_campaign_id"),
        sa.PrimaryKeyConstraint("id", name="pk_campaign_file"),
    )
    op.create_index("ix_campaign_file_campaign_id", "campaign_file", ["campaign_id"])


def _records() -> None:
    op.create_table(
        "campaign_record",
        sa.Column("campaign_id", sa.Uuid, nullable=False),
        sa.Column("enterprise_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("linked_by", sa.String(120), nullable=False),
        sa.Column("linked_by_name", sa.String(200), nullable=False),
        sa.Column("linked_at", UtcDateTime, nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name="fk_campaign_record_campaign_id"),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name="fk_campaign_record_enterprise_id"),
        sa.PrimaryKeyConstraint("campaign_id", "enterprise_id", "kind", name="pk_campaign_record"),
    )
    op.create_index("ix_campaign_record_enterprise_id", "campaign_record", ["enterprise_id"])


def _fairs() -> None:
    op.create_table(
        "fair",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("centre_id", sa.Uuid),
        sa.Column("organizer_id", sa.Uuid),
        sa.Column("municipality", sa.String(6), nullable=False),
        sa.Column("venue", sa.String(200)),
        sa.Column("begins_on", sa.Date, nullable=False),
        sa.Column("ends_on", sa.Date, nullable=False),
        sa.Column("visitors", sa.Integer),
        sa.Column("visitors_how", sa.String(300)),
        sa.Column("closed_at", UtcDateTime),
        sa.Column("closed_by_name", sa.String(200)),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name="fk_fair_centre_id"),
        sa.ForeignKeyConstraint(["organizer_id"], ["institution.id"], name="fk_fair_organizer_id"),
        sa.PrimaryKeyConstraint("id", name="pk_fair"),
    )
    op.create_index("ix_fair_begins", "fair", ["begins_on", "id"])
    op.create_index("ix_fair_centre_id", "fair", ["centre_id"])
    op.create_index("ix_fair_organizer_id", "fair", ["organizer_id"])


def _stands() -> None:
    op.create_table(
        "fair_stand",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("fair_id", sa.Uuid, nullable=False),
        sa.Column("enterprise_id", sa.Uuid, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("place", sa.String(40)),
        sa.Column("products", sa.String(500)),
        sa.Column("women", sa.Integer),
        sa.Column("sales_minor", sa.BigInteger),
        sa.Column("sales_unknown", sa.Boolean, nullable=False),
        sa.Column("orders", sa.Integer),
        sa.Column("orders_minor", sa.BigInteger),
        sa.Column("contacts", sa.Integer),
        sa.Column("costs_minor", sa.BigInteger),
        sa.Column("notes", sa.String(1000)),
        sa.Column("version", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["fair_id"], ["fair.id"], name="fk_fair_stand_fair_id"),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprise.id"], name="fk_fair_stand_enterprise_id"),
        sa.PrimaryKeyConstraint("id", name="pk_fair_stand"),
        sa.UniqueConstraint("fair_id", "enterprise_id", name="uq_fair_stand"),
    )
    op.create_index("ix_fair_stand_enterprise_id", "fair_stand", ["enterprise_id"])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
