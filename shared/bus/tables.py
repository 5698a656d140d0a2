"""What the bus keeps in every service's database: the log it publishes, and how far it has taken the logs of others."""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text, Uuid, text

from shared.database import Json, UtcDateTime, platform

_Position = BigInteger().with_variant(Integer(), "sqlite")

event_log: Final = Table(
    "event_log",
    platform,
    Column("seq", _Position, primary_key=True, autoincrement=True),
    Column("position", _Position, unique=True),
    Column("id", Uuid, nullable=False, unique=True),
    Column("type", String(120), nullable=False),
    Column("subject", Uuid, nullable=False, index=True),
    Column("time", UtcDateTime, nullable=False),
    Column("data", Json, nullable=False),
    Column("traceparent", String(55)),
)
"""The service's public history: appended, numbered by the relay, never deleted."""

Index(
    "ix_event_log_unnumbered",
    event_log.c.seq,
    sqlite_where=text("position IS NULL"),
    postgresql_where=text("position IS NULL"),
)

event_log_state: Final = Table(
    "event_log_state",
    platform,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("log_id", Uuid, nullable=False),
    Column("head", _Position, nullable=False),
    Column("published_through", _Position, nullable=False),
)
"""One row: which log this is, its last position, and how far it was handed to the broker."""

event_cursor: Final = Table(
    "event_cursor",
    platform,
    Column("source", String(40), primary_key=True),
    Column("log_id", Uuid, nullable=False),
    Column("position", _Position, nullable=False),
    Column("trying_through", _Position),
    Column("tries", Integer, nullable=False),
    Column("failure", Text),
    Column("careful_through", _Position, nullable=False),
    Column("head", _Position, nullable=False),
    Column("stopped", Text),
    Column("changed_at", UtcDateTime, nullable=False),
)
"""One row per source: the last position taken, and the attempt under way with what has broken it off before."""

event_parked: Final = Table(
    "event_parked",
    platform,
    Column("source", String(40), primary_key=True),
    Column("position", _Position, primary_key=True, autoincrement=False),
    Column("id", Uuid, nullable=False),
    Column("type", String(120), nullable=False),
    Column("subject", Uuid, nullable=False),
    Column("envelope", Json, nullable=False),
    Column("error", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt", UtcDateTime),
    Column("parked_at", UtcDateTime, nullable=False),
    Column("discarded_at", UtcDateTime),
    Column("discarded_by", String(120)),
    Column("discard_reason", Text),
    Index("ix_event_parked_subject", "source", "subject"),
)
"""Events whose handler failed, and those held behind them; a discarded one stays, with who gave it up and why."""

event_discarded: Final = Table(
    "event_discarded",
    platform,
    Column("event_id", Uuid, primary_key=True),
    Column("subject", Uuid, nullable=False),
    Column("discarded_at", UtcDateTime, nullable=False),
)
"""Events this service has given up: never taken, not in a replay, not from a restored log either."""

event_reacted: Final = Table(
    "event_reacted",
    platform,
    Column("event_id", Uuid, primary_key=True),
    Column("reacted_at", UtcDateTime, nullable=False),
)
"""Events this service has reacted to: once each, for ever."""
