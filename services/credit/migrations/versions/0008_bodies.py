"""Committees and their sessions: alternates, notices, attendance, conditions, keys, observations."""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "0008_bodies"
down_revision = "0007_books"
branch_labels = None
depends_on = None

COLUMNS = (
    ("seat", sa.Column("mandate_file_id", sa.Uuid)),
    ("declared_interest", sa.Column("degree", sa.Integer)),
    ("committee_session", sa.Column("short_notice", sa.Text, nullable=False, server_default="")),
    ("roll_seat", sa.Column("alternate_for_id", sa.Uuid)),
    ("vote", sa.Column("reason_code", sa.String(40))),
    ("resolution", sa.Column("reason_code", sa.String(40))),
    ("resolution", sa.Column("expires_on", sa.Date)),
    ("application", sa.Column("approved_until", sa.Date)),
    ("acta", sa.Column("public_key", sa.String(64))),
    ("acta", sa.Column("signature", sa.String(128))),
)
TABLES = ("attendance", "notified", "condition", "correction", "committee_key", "suspension", "observation")


def upgrade() -> None:
    for table, column in COLUMNS:
        op.add_column(table, column)
    # SQLite adds a column that refers to a table only so.
    kind = sa.Uuid().compile(dialect=op.get_bind().dialect)
    op.execute(
        f"ALTER TABLE seat ADD COLUMN alternate_for_id {kind} CONSTRAINT fk_seat_alternate_for_id REFERENCES seat (id)"
    )
    _sessions()
    _conditions()
    _oversight()


def _sessions() -> None:
    op.create_table(
        "attendance",
        sa.Column("roll_seat_id", sa.Uuid, nullable=False),
        sa.Column("present", sa.Boolean, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("noted_by", sa.String(100), nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["roll_seat_id"], ["roll_seat.id"], name="fk_attendance_roll_seat_id"),
        sa.PrimaryKeyConstraint("id", name="pk_attendance"),
    )
    op.create_index("ix_attendance_roll_seat_id", "attendance", ["roll_seat_id"])
    op.create_table(
        "notified",
        sa.Column("session_id", sa.Uuid, nullable=False),
        sa.Column("seat_id", sa.Uuid, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("noted_by", sa.String(100), nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name="fk_notified_seat_id"),
        sa.ForeignKeyConstraint(["session_id"], ["committee_session.id"], name="fk_notified_session_id"),
        sa.PrimaryKeyConstraint("id", name="pk_notified"),
        sa.UniqueConstraint("session_id", "seat_id", name="uq_notified_session_id_seat_id"),
    )


def _conditions() -> None:
    op.create_table(
        "condition",
        sa.Column("item_id", sa.Uuid, nullable=False),
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("due_on", sa.Date),
        sa.Column("verifier", sa.String(40), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("evidence_file_id", sa.Uuid),
        sa.Column("met_at", UtcDateTime),
        sa.Column("met_by", sa.String(100)),
        sa.Column("met_by_name", sa.String(200)),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name="fk_condition_application_id"),
        sa.ForeignKeyConstraint(["item_id"], ["agenda_item.id"], name="fk_condition_item_id"),
        sa.PrimaryKeyConstraint("id", name="pk_condition"),
    )
    op.create_index("ix_condition_application_id", "condition", ["application_id"])
    op.create_index("ix_condition_item_id", "condition", ["item_id"])
    op.create_table(
        "correction",
        sa.Column("session_id", sa.Uuid, nullable=False),
        sa.Column("acta_id", sa.Uuid, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("noted_by", sa.String(100), nullable=False),
        sa.Column("noted_at", UtcDateTime, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["acta_id"], ["acta.id"], name="fk_correction_acta_id"),
        sa.ForeignKeyConstraint(["session_id"], ["committee_session.id"], name="fk_correction_session_id"),
        sa.PrimaryKeyConstraint("id", name="pk_correction"),
    )
    op.create_index("ix_correction_acta_id", "correction", ["acta_id"])
    op.create_index("ix_correction_session_id", "correction", ["session_id"])
    op.create_table(
        "committee_key",
        sa.Column("committee_id", sa.Uuid, nullable=False),
        sa.Column("public", sa.String(64), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.ForeignKeyConstraint(["committee_id"], ["committee.id"], name="fk_committee_key_committee_id"),
        sa.PrimaryKeyConstraint("committee_id", name="pk_committee_key"),
    )


def _oversight() -> None:
    op.create_table(
        "suspension",
        sa.Column("fund_id", sa.Uuid, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("suspended_at", UtcDateTime, nullable=False),
        sa.Column("suspended_by", sa.String(100), nullable=False),
        sa.Column("suspended_by_name", sa.String(200), nullable=False),
        sa.Column("resumed_reason", sa.Text, nullable=False),
        sa.Column("resumed_at", UtcDateTime),
        sa.Column("resumed_by", sa.String(100)),
        sa.Column("resumed_by_name", sa.String(200)),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name="fk_suspension_fund_id"),
        sa.PrimaryKeyConstraint("id", name="pk_suspension"),
    )
    op.create_index("ix_suspension_fund_id", "suspension", ["fund_id"])
    op.create_table(
        "observation",
        sa.Column("fund_id", sa.Uuid, nullable=False),
        sa.Column("month", sa.Date, nullable=False),
        sa.Column("rule", sa.String(40)),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.Column("made_by", sa.String(100), nullable=False),
        sa.Column("made_by_name", sa.String(200), nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("answered_at", UtcDateTime),
        sa.Column("answered_by", sa.String(100)),
        sa.Column("answered_by_name", sa.String(200)),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name="fk_observation_fund_id"),
        sa.PrimaryKeyConstraint("id", name="pk_observation"),
    )
    op.create_index("ix_observation_fund_id", "observation", ["fund_id"])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    op.execute("UPDATE application SET state = 'refused' WHERE state = 'lapsed'")
    for table, column in reversed((*COLUMNS, ("seat", sa.Column("alternate_for_id", sa.Uuid)))):
        op.drop_column(table, column.name)
