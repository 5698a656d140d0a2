"""The Trust Fund Committee as a body, what it watches and gets, and what members answer who were told of a session."""

import sqlalchemy as sa
from alembic import op

from shared.database import UtcDateTime

revision = "0018_watching"
down_revision = "0017_exceptions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("committee", sa.Column("kind", sa.String(40), nullable=False, server_default="credit"))
    for column in (sa.Column("answer", sa.String(10)), sa.Column("answered_at", UtcDateTime)):
        op.add_column("notified", column)
    op.add_column("notified", sa.Column("excuse", sa.Text, nullable=False, server_default=""))
    op.create_table(
        "session_observer",
        sa.Column("session_id", sa.Uuid, nullable=False),
        sa.Column("subject", sa.String(100), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["committee_session.id"], name="fk_session_observer_session_id"),
        sa.PrimaryKeyConstraint("id", name="pk_session_observer"),
        sa.UniqueConstraint("session_id", "subject", name="uq_session_observer_session_id_subject"),
    )
    op.create_table(
        "refused_attempt",
        sa.Column("fund_id", sa.Uuid, nullable=False),
        sa.Column("subject", sa.String(100), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("record_id", sa.Uuid, nullable=False),
        sa.Column("record", sa.String(40), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("times", sa.Integer, nullable=False),
        sa.Column("first_at", UtcDateTime, nullable=False),
        sa.Column("last_at", UtcDateTime, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name="fk_refused_attempt_fund_id"),
        sa.PrimaryKeyConstraint("id", name="pk_refused_attempt"),
        sa.UniqueConstraint(
            "subject", "code", "record_id", "day", name="uq_refused_attempt_subject_code_record_id_day"
        ),
    )
    op.create_index("ix_refused_attempt_fund_id", "refused_attempt", ["fund_id"])
    _reports()


def _reports() -> None:
    op.create_table(
        "compliance_report",
        sa.Column("fund_id", sa.Uuid, nullable=False),
        sa.Column("month", sa.Date, nullable=False),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("file_id", sa.Uuid, nullable=False),
        sa.Column("broken", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("issued_at", UtcDateTime, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name="fk_compliance_report_fund_id"),
        sa.PrimaryKeyConstraint("id", name="pk_compliance_report"),
        sa.UniqueConstraint("fund_id", "month", name="uq_compliance_report_fund_id_month"),
    )
    op.create_table(
        "report_reading",
        sa.Column("report_id", sa.Uuid, nullable=False),
        sa.Column("subject", sa.String(100), nullable=False),
        sa.Column("read_at", UtcDateTime, nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["compliance_report.id"], name="fk_report_reading_report_id"),
        sa.PrimaryKeyConstraint("report_id", "subject", name="pk_report_reading"),
    )


def downgrade() -> None:
    op.drop_table("report_reading")
    op.drop_table("compliance_report")
    op.drop_table("refused_attempt")
    op.drop_table("session_observer")
    for column in ("answer", "answered_at", "excuse"):
        op.drop_column("notified", column)
    op.drop_column("committee", "kind")
