"""A service's own history of what happened in it, written in the transaction in which it happened.

Positions are given later, by the relay: a row without one is committed or not yet, and nobody else sees it. Rows are
never deleted; a withdrawal blanks the personal fields in place.
"""

import threading
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, bindparam, func, select, true, update
from sqlalchemy.engine import RowMapping
from sqlalchemy.orm import Session

from shared import logs
from shared.bus.envelope import Envelope
from shared.bus.tables import event_log, event_log_state
from shared.database import after_commit, insert_many
from shared.events import Event, personal_paths
from shared.kernel import clock, uuid7

_READ = (
    select(event_log, event_log_state.c.log_id)
    .select_from(event_log.join(event_log_state, true()))
    .where(event_log.c.position > bindparam("after"))
    .order_by(event_log.c.position)
    .limit(bindparam("many"))
)

_appended: dict[str, threading.Event] = defaultdict(threading.Event)


@dataclass(frozen=True, slots=True)
class Head:
    """Which log this is, and its last position (0 when it is empty)."""

    log_id: UUID
    position: int


def append(session: Session, event: Event, subject: UUID) -> UUID:
    """Record `event` about `subject`; comes back with the event's id.

    The last statement of a use case, after the subject's row was locked: two events of one subject then stand in the
    order of their transactions. That the event is *seen* by anybody is not promised here.
    """
    return append_all(session, [(event, subject)])[0]


def append_all(session: Session, events: Iterable[tuple[Event, UUID]]) -> list[UUID]:
    """Record many events in their order, each about its subject; comes back with their ids."""
    session.flush()
    rows = rows_of(events, at=clock.now(), traceparent=logs.traceparent())
    insert_many(session, event_log, rows)
    ring(session)
    return [row["id"] for row in rows]


def rows_of(events: Iterable[tuple[Event, UUID]], *, at: datetime, traceparent: str | None) -> list[dict[str, Any]]:
    """The rows of `append_all`, for who writes them herself: her last statement, and then she must `ring`."""
    return [
        {
            "id": uuid7(),
            "type": event.type,
            "subject": subject,
            "time": at,
            "data": event.payload(),
            "traceparent": traceparent,
        }
        for event, subject in events
    ]


def ring(session: Session) -> None:
    """Wake the relay once the transaction is committed."""
    after_commit(session, signal_of(session.get_bind().engine).set)


def signal_of(engine: Engine) -> threading.Event:
    """Set in this process after each commit that appended to the log of this database."""
    return _appended[str(engine.url)]


def head(session: Session) -> Head:
    row = session.execute(select(event_log_state.c.log_id, event_log_state.c.head)).one()
    return Head(row.log_id, row.head)


def read(session: Session, source: str, *, after: int, limit: int) -> list[Envelope]:
    """Up to `limit` events that follow position `after`, in order; `source` is the name of this service."""
    rows = session.execute(_READ, {"after": after, "many": limit}).mappings()
    return [_envelope(source, row) for row in rows]


def blank_personal(session: Session, subjects: Collection[UUID]) -> int:
    """Blank the personal fields of all events about `subjects`, in place; comes back with how many were blanked.

    Position, id and type stay, and today's schemas and a replay accept the blank.
    """
    wanted = event_log.c.subject.in_(subjects)
    blanked = 0
    for row in session.execute(select(event_log.c.seq, event_log.c.type, event_log.c.data).where(wanted)):
        data = without_personal(row.type, row.data)
        if data != row.data:
            session.execute(update(event_log).where(event_log.c.seq == row.seq).values(data=data))
            blanked += 1
    return blanked


def without_personal(event_type: str, data: dict[str, Any]) -> dict[str, Any]:
    """A copy of `data` in which each personal field that is present reads None."""
    for path in personal_paths(event_type):
        data = _blanked(data, path)
    return data


def renew(session: Session) -> UUID:
    """Give the log a new identity, after a restore or a reset: consumers that know the old one stop and say so."""
    log_id = uuid7()
    last = select(func.coalesce(func.max(event_log.c.position), 0)).scalar_subquery()
    session.execute(update(event_log_state).values(log_id=log_id, head=last, published_through=0))
    return log_id


def _blanked(data: dict[str, Any], path: Sequence[str]) -> dict[str, Any]:
    key, *rest = path
    if data.get(key) is None or (rest and not isinstance(data[key], dict)):
        return data
    return {**data, key: _blanked(data[key], rest) if rest else None}


def _envelope(source: str, row: RowMapping) -> Envelope:
    return Envelope(
        source=source,
        log_id=row["log_id"],
        position=row["position"],
        id=row["id"],
        type=row["type"],
        subject=row["subject"],
        time=row["time"],
        data=row["data"],
        traceparent=row["traceparent"],
    )
