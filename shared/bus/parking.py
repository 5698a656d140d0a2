"""Where events wait whose handler failed, and behind them the later events of the same subject.

position   17            21            30
subject    loan A        loan A        loan B
state      failing       held          failing       a subject's first is tried, with back-off; the rest wait
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.orm import Session

from shared.bus.envelope import Envelope
from shared.bus.tables import event_parked
from shared.kernel import clock

AUTOMATIC_ATTEMPTS: Final = 15
"""About five hours of trying; afterwards an event waits for a hand."""

_WAITING = event_parked.c.discarded_at.is_(None)

_WAITING_SUBJECTS = (
    select(event_parked.c.subject).distinct().where(event_parked.c.source == bindparam("its_source"), _WAITING)
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


def erase(session: Session, source: str, subjects: Collection[UUID]) -> None:
    """Forget what waits about `subjects`, who withdrew; of what was discarded only the fact stays."""
    theirs = (event_parked.c.source == source) & event_parked.c.subject.in_(subjects)
    session.execute(delete(event_parked).where(theirs, _WAITING))
    session.execute(update(event_parked).where(theirs).values(envelope={}))


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
