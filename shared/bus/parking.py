"""Where events wait whose handler failed, and behind them the later events of the same subject.

position   17            21            30
subject    loan A        loan A        loan B
state      failing       held          failing       a subject's first is tried, with back-off; the rest wait
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, func, insert, literal, select, update
from sqlalchemy.orm import Session

from shared import history
from shared.bus.envelope import Envelope
from shared.bus.subscriptions import withdrawn_subjects
from shared.bus.tables import event_discarded, event_parked
from shared.kernel import clock

AUTOMATIC_ATTEMPTS: Final = 15
"""About five hours of trying; afterwards an event waits for a hand."""
WITHDRAWAL: Final = "withdrawal"
"""Who gives up an event that waits about a woman when she withdraws."""

_WAITING = event_parked.c.discarded_at.is_(None)

_WAITING_SUBJECTS = (
    select(event_parked.c.subject).distinct().where(event_parked.c.source == bindparam("its_source"), _WAITING)
)
_DISCARDED = select(event_discarded.c.event_id).where(
    event_discarded.c.event_id.in_(bindparam("its_ids", expanding=True))
)


def park(session: Session, event: Envelope, error: str, *, attempts: int) -> None:
    """Keep `event` aside after `attempts` failed attempts; it will be tried again."""
    _insert(session, event, error, attempts, next_attempt(attempts))


def hold(session: Session, event: Envelope) -> None:
    """Keep `event` aside, untried, because an earlier one of its subject waits."""
    _insert(session, event, "held behind an earlier event of the same subject", 0, None)


def waiting_subjects(session: Session, source: str) -> set[UUID]:
    return set(session.scalars(_WAITING_SUBJECTS, {"its_source": source}))


def waiting_count(session: Session, source: str) -> int:
    return session.scalar(select(func.count()).where(event_parked.c.source == source, _WAITING)) or 0


def discard(session: Session, which: ColumnElement[bool], *, by: str, reason: str | None) -> None:
    """Give up those that wait among `which`: their ids are remembered, under whatever position they are shown again."""
    now = clock.now()
    moment = literal(now, event_discarded.c.discarded_at.type)
    waiting = select(event_parked.c.id, event_parked.c.subject, moment).where(which, _WAITING)
    session.execute(insert(event_discarded).from_select(["event_id", "subject", "discarded_at"], waiting))
    given_up = {"discarded_at": now, "discarded_by": by, "discard_reason": reason, "next_attempt": None}
    session.execute(update(event_parked).where(which, _WAITING).values(given_up))


def discarded(session: Session, events: Sequence[Envelope]) -> set[UUID]:
    """The ids of those among `events` that were given up."""
    return set(session.scalars(_DISCARDED, {"its_ids": [event.id for event in events]}))


def erase(session: Session, event: Envelope) -> frozenset[UUID]:
    """When `event` is a woman's withdrawal, what was parked about her before it is given up, and only that fact stays.
    Comes back with her and her enterprises; raises what the event's schema refuses.
    """
    subjects = withdrawn_subjects(event)
    if subjects:
        about_her = event_parked.c.subject.in_(subjects)
        earlier = (event_parked.c.source == event.source) & (event_parked.c.position < event.position)
        discard(session, about_her & earlier, by=WITHDRAWAL, reason=None)
        blanked = update(event_parked).values(envelope={}, error="", discard_reason=None)
        session.execute(blanked.where(about_her & earlier))
        ids = select(event_discarded.c.event_id).where(event_discarded.c.subject.in_(subjects))
        for event_id in session.scalars(ids):
            history.erase(session, event_id)
    return subjects


def first_of(session: Session, source: str, subject: UUID) -> int | None:
    """The position of the subject's first waiting event."""
    first: int | None = session.scalar(
        select(func.min(event_parked.c.position)).where(
            event_parked.c.source == source, event_parked.c.subject == subject, _WAITING
        )
    )
    return first


def release_next(session: Session, source: str, subject: UUID) -> None:
    """The subject's first waiting event is due now: what stood before it is done with."""
    first = first_of(session, source, subject)
    session.execute(
        update(event_parked)
        .where(event_parked.c.source == source, event_parked.c.position == first)
        .values(next_attempt=clock.now())
    )


def next_attempt(attempts: int) -> datetime | None:
    """When to try again after `attempts`: 1 s, 2 s, 4 s … an hour; None when only a hand may."""
    if attempts >= AUTOMATIC_ATTEMPTS:
        return None
    return clock.now() + timedelta(seconds=min(2 ** (attempts - 1), 3600))


def _insert(session: Session, event: Envelope, error: str, attempts: int, due: datetime | None) -> None:
    row = {
        "source": event.source,
        "position": event.position,
        "id": event.id,
        "type": event.type,
        "subject": event.subject,
        "envelope": event.to_json(),
        "error": error,
        "attempts": attempts,
        "next_attempt": due,
        "parked_at": clock.now(),
    }
    session.execute(insert(event_parked).values(row))
