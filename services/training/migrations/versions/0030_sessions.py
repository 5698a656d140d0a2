"""Sessions with their revisions, attendance, printed sheets, calendars and on-site assistance."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database import UtcDateTime

revision = "0030_sessions"
down_revision = "0010_rounds"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
TABLES = (
    "copy_loan",
    "training_session",
    "session_revision",
    "calendar_link",
    "attendance_mark",
    "attendance_sheet",
    "sheet_row",
    "assistance",
    "assistance_visit",
)
"""In the order in which they are made; they are dropped the other way round."""


def upgrade() -> None:
    op.create_table(
        "copy_loan",
        sa.Column("loan_id", sa.Uuid, nullable=False),
        sa.Column("enterprise_id", sa.Uuid, nullable=False),
        sa.Column("municipality", sa.String(6), nullable=False),
        sa.Column("chain", sa.String(24), nullable=False),
        sa.Column("disbursed_on", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("loan_id", name="pk_copy_loan"),
    )
    for column in ("enterprise_id", "municipality"):
        op.create_index(f"ix_copy_loan_{column}", "copy_loan", [column])
    _sessions()
    _calendars()
    _attendance()
    _assistance()


def _timetable() -> list[sa.Column[Any]]:
    return [
        sa.Column("first_day", sa.Date, nullable=False),
        sa.Column("last_day", sa.Date, nullable=False),
        sa.Column("starts", sa.String(5), nullable=False),
        sa.Column("ends", sa.String(5), nullable=False),
        sa.Column("place", sa.String(200), nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False),
    ]


def _sessions() -> None:
    op.create_table(
        "training_session",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("subject_kind", sa.String(10), nullable=False),
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("unit", sa.String(6), nullable=False),
        sa.Column("title", sa.String(160), nullable=False),
        *_timetable(),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("closed_at", UtcDateTime),
        sa.Column("closed_by_name", sa.String(200)),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_training_session"),
    )
    op.create_index("ix_training_session_subject", "training_session", ["subject_kind", "subject_id"])
    op.create_index("ix_training_session_first_day", "training_session", ["first_day", "id"])
    op.create_index("ix_training_session_unit", "training_session", ["unit"])
    op.create_table(
        "session_revision",
        sa.Column("session_id", sa.Uuid, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("action", sa.String(10), nullable=False),
        *_timetable(),
        sa.Column("reason", sa.String(400)),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("by", sa.String(120), nullable=False),
        sa.Column("by_name", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("session_id", "sequence", name="pk_session_revision"),
        sa.ForeignKeyConstraint(["session_id"], ["training_session.id"], name="fk_session_revision_session_id"),
    )


def _calendars() -> None:
    op.create_table(
        "calendar_link",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("owner", sa.String(120), nullable=False),
        sa.Column("units", JSON, nullable=False),
        sa.Column("group_id", sa.Uuid),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("expires_on", sa.Date, nullable=False),
        sa.Column("revoked_on", sa.Date),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_calendar_link"),
        sa.ForeignKeyConstraint(["group_id"], ["training_group.id"], name="fk_calendar_link_group_id"),
    )
    op.create_index("ix_calendar_link_owner", "calendar_link", ["owner"])


def _attendance() -> None:
    op.create_table(
        "attendance_mark",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("session_id", sa.Uuid, nullable=False),
        sa.Column("entrepreneur_id", sa.Uuid, nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.Column("seen", sa.Uuid),
        sa.Column("marked_at", UtcDateTime, nullable=False),
        sa.Column("received_at", UtcDateTime, nullable=False),
        sa.Column("by", sa.String(120), nullable=False),
        sa.Column("by_name", sa.String(200), nullable=False),
        sa.Column("way", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(400)),
        sa.Column("contradicts", sa.Boolean, nullable=False),
        sa.Column("stands", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_attendance_mark"),
        sa.ForeignKeyConstraint(["session_id"], ["training_session.id"], name="fk_attendance_mark_session_id"),
    )
    op.create_index("ix_attendance_mark_session", "attendance_mark", ["session_id", "entrepreneur_id"])
    op.create_index("ix_attendance_mark_entrepreneur_id", "attendance_mark", ["entrepreneur_id"])
    op.create_table(
        "attendance_sheet",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("session_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("expires_on", sa.Date, nullable=False),
        sa.Column("revoked_on", sa.Date),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.Column("made_by", sa.String(120), nullable=False),
        sa.Column("made_by_name", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_attendance_sheet"),
        sa.ForeignKeyConstraint(["session_id"], ["training_session.id"], name="fk_attendance_sheet_session_id"),
    )
    op.create_index("ix_attendance_sheet_session_id", "attendance_sheet", ["session_id"])
    op.create_table(
        "sheet_row",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("sheet_id", sa.Uuid, nullable=False),
        sa.Column("line", sa.Integer, nullable=False),
        sa.Column("entrepreneur_id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sheet_row"),
        sa.ForeignKeyConstraint(["sheet_id"], ["attendance_sheet.id"], name="fk_sheet_row_sheet_id"),
    )
    op.create_index("ix_sheet_row_sheet_id", "sheet_row", ["sheet_id"])
    op.create_index("ix_sheet_row_entrepreneur_id", "sheet_row", ["entrepreneur_id"])


def _assistance() -> None:
    op.create_table(
        "assistance",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("loan_id", sa.Uuid, nullable=False),
        sa.Column("enterprise_id", sa.Uuid, nullable=False),
        sa.Column("unit", sa.String(6), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("topics", JSON, nullable=False),
        sa.Column("goal", sa.String(500), nullable=False),
        sa.Column("planned_minutes", sa.Integer, nullable=False),
        sa.Column("begins_on", sa.Date, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("outcome", sa.String(12)),
        sa.Column("lessons", sa.String(1000)),
        sa.Column("ended_on", sa.Date),
        sa.Column("planned_at", UtcDateTime, nullable=False),
        sa.Column("planned_by", sa.String(120), nullable=False),
        sa.Column("planned_by_name", sa.String(200), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_assistance"),
    )
    for column in ("loan_id", "enterprise_id", "unit"):
        op.create_index(f"ix_assistance_{column}", "assistance", [column])
    op.create_table(
        "assistance_visit",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("assistance_id", sa.Uuid, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.Column("topics", JSON, nullable=False),
        sa.Column("done", sa.String(1000), nullable=False),
        sa.Column("by", sa.String(120), nullable=False),
        sa.Column("by_name", sa.String(200), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_assistance_visit"),
        sa.ForeignKeyConstraint(["assistance_id"], ["assistance.id"], name="fk_assistance_visit_assistance_id"),
    )
    op.create_index("ix_assistance_visit_assistance_id", "assistance_visit", ["assistance_id"])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
