"""The transaction in which events of one source are taken and the cursor moves past them.

    1. begin     cursor row locked; "trying through 57" written; committed           the attempt is on record
    2. take      cursor row locked; each event handled, or parked;
                 cursor = 57, attempt struck out; committed                          effects and cursor, together

A batch is first handled without savepoints (each would cost two round trips); when one of its events fails, all is
rolled back and done again with a savepoint for each.

Whoever dies between 1 and 2 leaves the attempt on record; an error of the database does so too, and is put beside it.
What was tried is then tried one event at a time, and an event that never let its attempt end is parked unhandled after
the third: it kills its process, or the database will not have it.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from marshmallow import ValidationError
from sqlalchemy import bindparam, insert, select, text, update
from sqlalchemy.engine import RowMapping
from sqlalchemy.orm import Session, SessionTransaction

from shared.bus import metrics, parking
from shared.bus.envelope import Envelope
from shared.bus.failpoints import passing
from shared.bus.failures import is_of_the_database, told
from shared.bus.subscriptions import Consumer, Subscriptions
from shared.bus.tables import event_cursor
from shared.database import Database
from shared.kernel import clock

MAXIMUM_TRIES: Final = 3
TURN: Final = "inbox"
"""Who takes events in a database takes this turn first, whatever the source: handlers never race one another, and an
attempt that is found on record was really left behind.
"""


# Made once: this is the way of every event.
_CURSOR = select(event_cursor).where(event_cursor.c.source == bindparam("its_source"))
_LOCKED = _CURSOR.with_for_update()
_MOVE = update(event_cursor).where(event_cursor.c.source == bindparam("its_source"))
_SOON_ENOUGH = text("SET LOCAL synchronous_commit TO off")


class OtherLogError(Exception):
    """The source shows a log that is not the one this consumer has followed."""


class SpoiltError(Exception):
    """One event of several that were taken together failed."""


Handle = Callable[[Session, Subscriptions, Envelope], str | None]


@dataclass(frozen=True, slots=True)
class Attempt:
    """What may be taken now: events that follow the cursor at `position` without a gap (none: look again).

    A single event may have been tried before: `tries` counts this attempt too, and `verdict` says why it is the last.
    """

    position: int
    events: Sequence[Envelope]
    tries: int = 0
    verdict: str | None = None


def cursor_of(session: Session, source: str) -> RowMapping | None:
    return session.execute(_CURSOR, {"its_source": source}).mappings().one_or_none()


def locked_cursor(session: Session, source: str) -> RowMapping:
    """The cursor row, locked to the end of the transaction: every writer of the cursor holds it, so one at a time."""
    return session.execute(_LOCKED, {"its_source": source}).mappings().one()


def open_cursor(session: Session, source: str, log_id: UUID) -> None:
    """A new consumer begins before the first event of the log it was shown."""
    row = {"source": source, "log_id": log_id, "position": 0, "tries": 0, "careful_through": 0, "head": 0}
    session.execute(insert(event_cursor).values(row | {"changed_at": clock.now()}))


def begin(database: Database, source: str, events: Sequence[Envelope]) -> Attempt:
    """Put an attempt at `events` (in order) on record; comes back with those that may be tried in it."""
    with database.transaction() as session:
        _soon_enough(session)
        cursor = locked_cursor(session, source)
        position: int = cursor["position"]
        fresh = [event for event in events if event.position > position]
        if fresh and fresh[0].log_id != cursor["log_id"]:
            raise OtherLogError(f"the cursor follows {cursor['log_id']}, the event is of {fresh[0].log_id}")
        if not fresh or fresh[0].position != position + 1:
            return Attempt(position, ())
        careful = max(cursor["careful_through"], cursor["trying_through"] or 0)
        if position < careful:
            fresh = fresh[:1]
        tries = cursor["tries"] + 1 if len(fresh) == 1 else 0
        failure = cursor["failure"] if tries > 1 else None
        attempt = {"trying_through": fresh[-1].position, "tries": tries, "failure": failure}
        _move(session, source, careful_through=careful, **attempt)
    passing("inbox.begun")
    if tries <= MAXIMUM_TRIES:
        return Attempt(position, fresh, tries)
    return Attempt(position, fresh, MAXIMUM_TRIES, failure or "its handler ended the process each time it was tried")


def take(consumer: Consumer, source: str, attempt: Attempt) -> int:
    """Take the events of `attempt`; comes back with the cursor's position.

    First all together, without savepoints; if one of them fails, that transaction is rolled back and each event gets
    its savepoint. An error that is no fault of the event's is raised; the attempt then stays on record, and the error
    with it.
    """
    try:
        position, outcomes = _take_or_spoil(consumer, source, attempt)
    except Exception as error:
        with consumer.database.transaction() as session:
            _move(session, source, failure=told(error))
        raise
    passing("inbox.committed")
    for outcome, count in Counter(outcomes).items():
        metrics.TAKEN.labels(consumer.name, source, outcome).inc(count)
    metrics.CURSOR.labels(consumer.name, source).set(position)
    return position


def _take_or_spoil(consumer: Consumer, source: str, attempt: Attempt) -> tuple[int, list[str]]:
    try:
        return _take_all(consumer, source, attempt, handle=_handle_or_spoil)
    except SpoiltError:
        return _take_all(consumer, source, attempt, handle=try_handling)


def _take_all(consumer: Consumer, source: str, attempt: Attempt, *, handle: Handle) -> tuple[int, list[str]]:
    outcomes = []
    with consumer.database.transaction() as session:
        position: int = locked_cursor(session, source)["position"]
        held = parking.waiting_subjects(session, source)
        given_up = parking.discarded(session, attempt.events)
        for event in attempt.events:
            if event.position != position + 1:
                continue
            wanted = event.id not in given_up
            outcomes.append(_take_one(session, consumer, attempt, event, held, handle) if wanted else "skipped")
            position = event.position
            passing("inbox.taken")
        _move(session, source, position=position, trying_through=None, tries=0, failure=None)
        passing("inbox.uncommitted")
    return position, outcomes


def _handle_or_spoil(session: Session, subscriptions: Subscriptions, event: Envelope) -> None:
    outer = session.get_transaction()
    try:
        subscriptions.handle(session, event)
    except (Exception, SystemExit) as error:
        if is_of_the_database(error):
            raise
        raise SpoiltError from error
    _same_transaction(session, outer, event)


def try_handling(session: Session, subscriptions: Subscriptions, event: Envelope) -> str | None:
    """Handle `event` in a savepoint: None, or what went wrong, with nothing of it left in the session.

    When it is the database that fails (away, deadlock, disk full), the error is raised: it is no fault of the event.
    """
    outer = session.get_transaction()
    failure: str | None = None
    try:
        with session.begin_nested():
            subscriptions.handle(session, event)
    except (Exception, SystemExit) as error:
        if is_of_the_database(error):
            raise
        failure = told(error)
    _same_transaction(session, outer, event)
    return failure


def _same_transaction(session: Session, outer: SessionTransaction | None, event: Envelope) -> None:
    if session.get_transaction() is not outer:
        raise RuntimeError(f"the handler of {event.type} ended the transaction it was called in")


def note_head(session: Session, source: str, head: int, stopped: str | None) -> None:
    """Remember, for who looks from outside, where the source's log ends and why it is refused."""
    session.execute(update(event_cursor).where(event_cursor.c.source == source).values(head=head, stopped=stopped))


def _take_one(
    session: Session, consumer: Consumer, attempt: Attempt, event: Envelope, held: set[UUID], handle: Handle
) -> str:
    try:
        held -= parking.erase(session, event)
        failure = attempt.verdict
    except ValidationError as error:
        failure = told(error)
    if not consumer.subscriptions.wants(event.type):
        return "skipped"
    if event.subject in held:
        parking.hold(session, event)
        return "held"
    failure = failure or handle(session, consumer.subscriptions, event)
    if failure is None:
        return "applied"
    parking.park(session, event, failure, attempts=max(attempt.tries, 1))
    held.add(event.subject)
    return "parked"


def _move(session: Session, source: str, **columns: Any) -> None:
    session.execute(_MOVE, {**columns, "changed_at": clock.now(), "its_source": source})


def _soon_enough(session: Session) -> None:
    """The record of an attempt must outlive the process, not a power cut: PostgreSQL need not wait for its disk."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_SOON_ENOUGH)
