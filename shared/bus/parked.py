"""Events whose handler failed: who they are, trying them again, giving them up.

An attempt is committed before it is made, so that one that kills its process is counted too. Everything that writes
here holds the source's cursor row.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, case, delete, exists, select, update
from sqlalchemy.engine import RowMapping
from sqlalchemy.orm import Session

from shared import history, logs
from shared.bus import inbox, log, metrics, parking
from shared.bus.envelope import Envelope
from shared.bus.failpoints import passing
from shared.bus.subscriptions import Consumer
from shared.bus.tables import event_parked
from shared.identity import Caller
from shared.kernel import NotFound, Refused, clock

_WAITING = event_parked.c.discarded_at.is_(None)
_earlier = event_parked.alias("earlier")
_STATE = case(
    (event_parked.c.discarded_at.is_not(None), "discarded"),
    (
        exists().where(
            _earlier.c.source == event_parked.c.source,
            _earlier.c.subject == event_parked.c.subject,
            _earlier.c.position < event_parked.c.position,
            _earlier.c.discarded_at.is_(None),
        ),
        "held",
    ),
    (event_parked.c.next_attempt.is_not(None), "failing"),
    else_="given_up",
)


def rows(*, source: str | None = None, with_discarded: bool = False) -> Select[Any]:
    """What is parked, without envelopes; `state` is failing, held, given_up or discarded."""
    wanted = select(*(column for column in event_parked.c if column.name != "envelope"), _STATE.label("state"))
    if source is not None:
        wanted = wanted.where(event_parked.c.source == source)
    return wanted if with_discarded else wanted.where(_WAITING)


def listed(session: Session, *, source: str | None = None, with_discarded: bool = False) -> list[RowMapping]:
    """All of `rows`, by source and position."""
    wanted = rows(source=source, with_discarded=with_discarded)
    return list(session.execute(wanted.order_by(event_parked.c.source, event_parked.c.position)).mappings())


def shown(session: Session, source: str, position: int) -> dict[str, Any]:
    """One parked event with its envelope, personal fields left out; refuses what is not parked."""
    row = _parked(session, source, position)
    envelope = row["envelope"]
    if envelope:
        envelope = envelope | {"data": log.without_personal(row["type"], envelope["data"])}
    return {**row, "envelope": envelope}


def retry(session: Session, caller: Caller, source: str, position: int) -> None:
    """The event is due now; the subscriber tries it within seconds. Refuses one that is held: its first goes first."""
    row = _waiting_locked(session, source, position)
    first = parking.first_of(session, source, row["subject"])
    if first != position:
        raise Refused("events.held_behind", position=position, first=first)
    parking.release_next(session, source, row["subject"])
    _remember(session, caller, row, "retry", {})


def discard(session: Session, caller: Caller, source: str, position: int, *, reason: str) -> None:
    """Give the event up: it is never handled, not in a replay either; what was held behind it is due."""
    row = _waiting_locked(session, source, position)
    if not reason.strip():
        raise Refused("events.reason_missing")
    at = (event_parked.c.source == source) & (event_parked.c.position == position)
    parking.discard(session, at, by=caller.name, reason=reason)
    if parking.first_of(session, source, row["subject"]) is not None:
        parking.release_next(session, source, row["subject"])
    _remember(session, caller, row, "discard", {"reason": reason})


def _waiting_locked(session: Session, source: str, position: int) -> Mapping[Any, Any]:
    """The parked event, with the cursor locked; a source that was never read has neither."""
    _waiting(session, source, position)
    inbox.locked_cursor(session, source)
    return _waiting(session, source, position)


def is_due(consumer: Consumer, source: str) -> bool:
    with consumer.database.reading() as session:
        return _due(session, source) is not None


def retry_first_due(consumer: Consumer, source: str) -> None:
    """Try the first event that is due, if one is. The caller holds the inbox's turn."""
    with consumer.database.transaction() as session:
        inbox.locked_cursor(session, source)
        row = _due(session, source)
        if row is None:
            return
        _count_attempt(session, row)
    passing("parked.attempted")
    with consumer.database.transaction() as session:
        inbox.locked_cursor(session, source)
        outcome = _attempt(session, consumer, row)
        passing("parked.uncommitted")
    metrics.RETRIED.labels(consumer.name, source, outcome).inc()
    logs.logger(consumer=consumer.name).info(
        "parked event tried", source=source, position=row["position"], outcome=outcome
    )


def _attempt(session: Session, consumer: Consumer, row: Mapping[Any, Any]) -> str:
    at = (event_parked.c.source == row["source"], event_parked.c.position == row["position"])
    if session.scalar(select(event_parked.c.position).where(*at, _WAITING)) is None:
        return "gone"
    event = Envelope.from_json(row["envelope"])
    failure = inbox.try_handling(session, consumer.subscriptions, event)
    if failure is not None:
        session.execute(update(event_parked).where(*at).values(error=failure))
        return "failed"
    session.execute(delete(event_parked).where(*at))
    parking.erase(session, event)
    parking.release_next(session, row["source"], row["subject"])
    return "applied"


def _count_attempt(session: Session, row: Mapping[Any, Any]) -> None:
    attempts = row["attempts"] + 1
    session.execute(
        update(event_parked)
        .where(event_parked.c.source == row["source"], event_parked.c.position == row["position"])
        .values(attempts=attempts, next_attempt=parking.next_attempt(attempts))
    )


def _due(session: Session, source: str) -> RowMapping | None:
    due = select(event_parked).where(
        event_parked.c.source == source, _WAITING, event_parked.c.next_attempt <= clock.now()
    )
    return session.execute(due.order_by(event_parked.c.position).limit(1)).mappings().first()


def _remember(session: Session, caller: Caller, row: Mapping[Any, Any], action: str, facts: dict[str, Any]) -> None:
    told = {"source": row["source"], "position": row["position"], "type": row["type"], **facts}
    history.record(session, caller, subject=row["id"], kind="parked_event", action=action, after=told)


def _waiting(session: Session, source: str, position: int) -> Mapping[Any, Any]:
    row = _parked(session, source, position)
    if row["discarded_at"] is not None:
        raise Refused("events.discarded_already", position=position)
    return row


def _parked(session: Session, source: str, position: int) -> Mapping[Any, Any]:
    at = (event_parked.c.source == source, event_parked.c.position == position)
    row = session.execute(select(event_parked, _STATE.label("state")).where(*at)).mappings().one_or_none()
    if row is None:
        raise NotFound("events.not_parked", source=source, position=position)
    return row
