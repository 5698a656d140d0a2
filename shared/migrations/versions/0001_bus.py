"""The notification log, and how far the logs of others were taken."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.database import UtcDateTime
from shared.kernel import uuid7

revision = "0001_bus"
down_revision = None
branch_labels = None
depends_on = None

POSITION = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")

WAKE_THE_RELAY = """
CREATE FUNCTION event_log_appended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('event_log', '');
  RETURN NULL;
END $$;
CREATE TRIGGER event_log_appended AFTER INSERT ON event_log
  FOR EACH STATEMENT EXECUTE FUNCTION event_log_appended();
"""


def upgrade() -> None:
    _log()
    _cursor_and_parking_place()
    if op.get_bind().dialect.name == "postgresql":
        op.execute(WAKE_THE_RELAY)


def _log() -> None:
    op.create_table(
        "event_log",
        sa.Column("seq", POSITION, autoincrement=True),
        sa.Column("position", POSITION),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("type", sa.String(120), nullable=False),
        sa.Column("subject", sa.Uuid, nullable=False),
        sa.Column("time", UtcDateTime, nullable=False),
        sa.Column("data", JSON, nullable=False),
        sa.Column("traceparent", sa.String(55)),
        sa.PrimaryKeyConstraint("seq", name="pk_event_log"),
        sa.UniqueConstraint("position", name="uq_event_log_position"),
        sa.UniqueConstraint("id", name="uq_event_log_id"),
    )
    op.create_index("ix_event_log_subject", "event_log", ["subject"])
    unnumbered = sa.text("position IS NULL")
    op.create_index(
        "ix_event_log_unnumbered", "event_log", ["seq"], sqlite_where=unnumbered, postgresql_where=unnumbered
    )
    state = op.create_table(
        "event_log_state",
        sa.Column("one", sa.Integer, autoincrement=False),
        sa.Column("log_id", sa.Uuid, nullable=False),
        sa.Column("head", POSITION, nullable=False),
        sa.Column("published_through", POSITION, nullable=False),
        sa.PrimaryKeyConstraint("one", name="pk_event_log_state"),
    )
    op.bulk_insert(state, [{"one": 1, "log_id": uuid7(), "head": 0, "published_through": 0}])


def _cursor_and_parking_place() -> None:
    op.create_table(
        "event_cursor",
        sa.Column("source", sa.String(40)),
        sa.Column("log_id", sa.Uuid, nullable=False),
        sa.Column("position", POSITION, nullable=False),
        sa.Column("trying_through", POSITION),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("careful_through", POSITION, nullable=False),
        sa.Column("head", POSITION, nullable=False),
        sa.Column("stopped", sa.Text),
        sa.Column("changed_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("source", name="pk_event_cursor"),
    )
    op.create_table(
        "event_parked",
        sa.Column("source", sa.String(40)),
        sa.Column("position", POSITION, autoincrement=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("type", sa.String(120), nullable=False),
        sa.Column("subject", sa.Uuid, nullable=False),
        sa.Column("envelope", JSON, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_attempt", UtcDateTime),
        sa.Column("parked_at", UtcDateTime, nullable=False),
        sa.Column("discarded_at", UtcDateTime),
        sa.Column("discarded_by", sa.String(120)),
        sa.Column("discard_reason", sa.Text),
        sa.PrimaryKeyConstraint("source", "position", name="pk_event_parked"),
    )
    op.create_index("ix_event_parked_subject", "event_parked", ["source", "subject"])
    op.create_table(
        "event_reacted",
        sa.Column("event_id", sa.Uuid),
        sa.Column("reacted_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("event_id", name="pk_event_reacted"),
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER event_log_appended ON event_log; DROP FUNCTION event_log_appended()")
    for table in ("event_reacted", "event_parked", "event_cursor", "event_log_state", "event_log"):
        op.drop_table(table)
