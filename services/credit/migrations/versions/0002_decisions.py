"""Applications with their appraisals, and the sessions that decide on them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database import UtcDateTime

revision = "0002_decisions"
down_revision = "0001_funds"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
TABLES = (
    "application",
    "appraisal",
    "committee_session",
    "roll_seat",
    "agenda_item",
    "vote",
    "recusal",
    "resolution",
    "acta",
)
"""In the order in which they are made; they are dropped the other way round."""


def upgrade() -> None:
    _applications()
    _sessions()
    _resolutions()


def _applications() -> None:
    op.create_table(
        "application",
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("fund_id", sa.Uuid, nullable=False),
        sa.Column("regulations_id", sa.Uuid, nullable=False),
        sa.Column("enterprise_id", sa.Uuid, nullable=False),
        sa.Column("municipality", sa.String(6), nullable=False),
        sa.Column("chain", sa.String(40), nullable=False),
        sa.Column("product", sa.String(40), nullable=False),
        sa.Column("purpose", sa.String(40), nullable=False),
        sa.Column("project", sa.Text, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("instalments", sa.Integer, nullable=False),
        sa.Column("grace", sa.Integer, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("submitted_on", sa.Date, nullable=False),
        sa.Column("submitted_by", sa.String(100), nullable=False),
        sa.Column("submitted_by_name", sa.String(200), nullable=False),
        sa.Column("approved_amount", sa.BigInteger, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name="fk_application_fund_id"),
        sa.ForeignKeyConstraint(["regulations_id"], ["regulations.id"], name="fk_application_regulations_id"),
        sa.PrimaryKeyConstraint("id", name="pk_application"),
        sa.UniqueConstraint("number", name="uq_application_number"),
    )
    op.create_index("ix_application_enterprise_id", "application", ["enterprise_id"])
    op.create_index("ix_application_fund_id", "application", ["fund_id"])
    op.create_index("ix_application_municipality", "application", ["municipality"])
    op.create_index("ix_application_state", "application", ["state"])
    op.create_table(
        "appraisal",
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("appraised_by", sa.String(100), nullable=False),
        sa.Column("appraised_by_name", sa.String(200), nullable=False),
        sa.Column("appraised_on", sa.Date, nullable=False),
        sa.Column("visited_on", sa.Date, nullable=False),
        sa.Column("monthly_income", sa.BigInteger, nullable=False),
        sa.Column("monthly_expense", sa.BigInteger, nullable=False),
        sa.Column("monthly_debts", sa.BigInteger, nullable=False),
        sa.Column("guarantees", sa.Text, nullable=False),
        sa.Column("remarks", sa.Text, nullable=False),
        sa.Column("assistance_needs", JSON, nullable=False),
        sa.Column("recommendation", sa.String(40), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("instalments", sa.Integer, nullable=False),
        sa.Column("grace", sa.Integer, nullable=False),
        sa.Column("conditions", sa.Text, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name="fk_appraisal_application_id"),
        sa.PrimaryKeyConstraint("id", name="pk_appraisal"),
    )
    op.create_index("ix_appraisal_application_id", "appraisal", ["application_id"])


def _sessions() -> None:
    op.create_table(
        "committee_session",
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("fund_id", sa.Uuid, nullable=False),
        sa.Column("committee_id", sa.Uuid, nullable=False),
        sa.Column("regulations_id", sa.Uuid, nullable=True),
        sa.Column("scheduled_for", UtcDateTime, nullable=False),
        sa.Column("place", sa.String(200), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("convened_by", sa.String(100), nullable=False),
        sa.Column("opened_at", UtcDateTime, nullable=True),
        sa.Column("opened_by", sa.String(100), nullable=True),
        sa.Column("closed_at", UtcDateTime, nullable=True),
        sa.Column("closed_by", sa.String(100), nullable=True),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["committee_id"], ["committee.id"], name="fk_committee_session_committee_id"),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name="fk_committee_session_fund_id"),
        sa.ForeignKeyConstraint(["regulations_id"], ["regulations.id"], name="fk_committee_session_regulations_id"),
        sa.PrimaryKeyConstraint("id", name="pk_committee_session"),
        sa.UniqueConstraint("number", name="uq_committee_session_number"),
    )
    op.create_index("ix_committee_session_committee_id", "committee_session", ["committee_id"])
    op.create_index("ix_committee_session_fund_id", "committee_session", ["fund_id"])
    op.create_index("ix_committee_session_state", "committee_session", ["state"])
    op.create_table(
        "roll_seat",
        sa.Column("session_id", sa.Uuid, nullable=False),
        sa.Column("seat_id", sa.Uuid, nullable=False),
        sa.Column("constituency", sa.String(40), nullable=False),
        sa.Column("position", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(100), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("organization", sa.String(200), nullable=False),
        sa.Column("arrived_at", UtcDateTime, nullable=True),
        sa.Column("left_at", UtcDateTime, nullable=True),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name="fk_roll_seat_seat_id"),
        sa.ForeignKeyConstraint(["session_id"], ["committee_session.id"], name="fk_roll_seat_session_id"),
        sa.PrimaryKeyConstraint("id", name="pk_roll_seat"),
        sa.UniqueConstraint("session_id", "subject", name="uq_roll_seat_session_id_subject"),
    )
    op.create_index("ix_roll_seat_session_id", "roll_seat", ["session_id"])
    op.create_table(
        "agenda_item",
        sa.Column("session_id", sa.Uuid, nullable=False),
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("instalments", sa.Integer, nullable=False),
        sa.Column("grace", sa.Integer, nullable=False),
        sa.Column("conditions", sa.Text, nullable=False),
        sa.Column("outcome", sa.String(10), nullable=True),
        sa.Column("decided_at", UtcDateTime, nullable=True),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name="fk_agenda_item_application_id"),
        sa.ForeignKeyConstraint(["session_id"], ["committee_session.id"], name="fk_agenda_item_session_id"),
        sa.PrimaryKeyConstraint("id", name="pk_agenda_item"),
        sa.UniqueConstraint("session_id", "application_id", name="uq_agenda_item_session_id_application_id"),
    )
    op.create_index("ix_agenda_item_application_id", "agenda_item", ["application_id"])
    op.create_table(
        "vote",
        sa.Column("item_id", sa.Uuid, nullable=False),
        sa.Column("roll_seat_id", sa.Uuid, nullable=False),
        sa.Column("subject", sa.String(100), nullable=False),
        sa.Column("choice", sa.String(40), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("cast_at", UtcDateTime, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["agenda_item.id"], name="fk_vote_item_id"),
        sa.ForeignKeyConstraint(["roll_seat_id"], ["roll_seat.id"], name="fk_vote_roll_seat_id"),
        sa.PrimaryKeyConstraint("id", name="pk_vote"),
        sa.UniqueConstraint("item_id", "roll_seat_id", name="uq_vote_item_id_roll_seat_id"),
    )
    op.create_table(
        "recusal",
        sa.Column("item_id", sa.Uuid, nullable=False),
        sa.Column("roll_seat_id", sa.Uuid, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("declared_at", UtcDateTime, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["agenda_item.id"], name="fk_recusal_item_id"),
        sa.ForeignKeyConstraint(["roll_seat_id"], ["roll_seat.id"], name="fk_recusal_roll_seat_id"),
        sa.PrimaryKeyConstraint("id", name="pk_recusal"),
        sa.UniqueConstraint("item_id", "roll_seat_id", name="uq_recusal_item_id_roll_seat_id"),
    )


def _resolutions() -> None:
    op.create_table(
        "resolution",
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("fund_id", sa.Uuid, nullable=False),
        sa.Column("session_id", sa.Uuid, nullable=False),
        sa.Column("item_id", sa.Uuid, nullable=False),
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.Column("regulations_id", sa.Uuid, nullable=False),
        sa.Column("outcome", sa.String(10), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("instalments", sa.Integer, nullable=False),
        sa.Column("grace", sa.Integer, nullable=False),
        sa.Column("conditions", sa.Text, nullable=False),
        sa.Column("tally", JSON, nullable=False),
        sa.Column("decided_at", UtcDateTime, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name="fk_resolution_application_id"),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name="fk_resolution_fund_id"),
        sa.ForeignKeyConstraint(["item_id"], ["agenda_item.id"], name="fk_resolution_item_id"),
        sa.ForeignKeyConstraint(["regulations_id"], ["regulations.id"], name="fk_resolution_regulations_id"),
        sa.ForeignKeyConstraint(["session_id"], ["committee_session.id"], name="fk_resolution_session_id"),
        sa.PrimaryKeyConstraint("id", name="pk_resolution"),
        sa.UniqueConstraint("item_id", name="uq_resolution_item_id"),
        sa.UniqueConstraint("number", name="uq_resolution_number"),
    )
    op.create_index("ix_resolution_application_id", "resolution", ["application_id"])
    op.create_index("ix_resolution_fund_id", "resolution", ["fund_id"])
    op.create_index("ix_resolution_session_id", "resolution", ["session_id"])
    op.create_table(
        "acta",
        sa.Column("session_id", sa.Uuid, nullable=False),
        sa.Column("committee_id", sa.Uuid, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=True),
        sa.Column("file_id", sa.Uuid, nullable=False),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["committee_id"], ["committee.id"], name="fk_acta_committee_id"),
        sa.ForeignKeyConstraint(["session_id"], ["committee_session.id"], name="fk_acta_session_id"),
        sa.PrimaryKeyConstraint("id", name="pk_acta"),
        sa.UniqueConstraint("committee_id", "sequence", name="uq_acta_committee_id_sequence"),
        sa.UniqueConstraint("hash", name="uq_acta_hash"),
        sa.UniqueConstraint("number", name="uq_acta_number"),
        sa.UniqueConstraint("session_id", name="uq_acta_session_id"),
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
