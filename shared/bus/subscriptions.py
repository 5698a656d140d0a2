"""Which events a service listens for: copies it keeps of others' facts, and reactions that start something of its own.

A copy writes `copy_*` tables and nothing else, knows no clock and no randomness, and is replayed at will. A reaction
runs once per event id, ever, and is never replayed. Order holds per source, not between sources: what refers to
something of another source that has not arrived yet makes a stub row of it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import Table, insert, select
from sqlalchemy.orm import Session

from shared import events, logs
from shared.bus.envelope import Envelope
from shared.bus.sources import Feed
from shared.bus.tables import event_reacted
from shared.database import Database
from shared.events import Event
from shared.events.registry import EntrepreneurWithdrawn
from shared.kernel import clock

Handler = Callable[[Session, Any, Envelope], object]


@dataclass(frozen=True)
class Subscriptions:
    """The two tables of `consumer`'s `subscriptions.py`, and the tables its copies live in."""

    consumer: str
    copies: Mapping[type[Event], Handler]
    reactions: Mapping[type[Event], Handler] = field(default_factory=dict)
    copy_tables: Sequence[Table] = ()

    @cached_property
    def types(self) -> dict[str, type[Event]]:
        return {cls.type: cls for cls in (*self.copies, *self.reactions)}

    @cached_property
    def sources(self) -> list[str]:
        """The services listened to: the third word of `org.csem.credit.loan-disbursed.v1`."""
        return sorted({event_type.split(".")[2] for event_type in self.types})

    def wants(self, event_type: str) -> bool:
        return event_type in self.types

    def handle(self, session: Session, envelope: Envelope, *, replaying: bool = False) -> None:
        """Run the copy and (not when replaying, and not a second time) the reaction for a wanted event."""
        event = events.load(envelope.type, envelope.data)
        with logs.tracing(envelope.traceparent):
            if copy := self.copies.get(type(event)):  # type: ignore[arg-type]
                copy(session, event, envelope)
            reaction = self.reactions.get(type(event))  # type: ignore[arg-type]
            if reaction and not replaying and _first_time(session, envelope.id):
                reaction(session, event, envelope)
            session.flush()


@dataclass(frozen=True)
class Consumer:
    """One service as a listener: its database, what it listens for, and the feed of each source."""

    database: Database
    subscriptions: Subscriptions
    feeds: Mapping[str, Feed]

    @property
    def name(self) -> str:
        return self.subscriptions.consumer


def withdrawn_subjects(envelope: Envelope) -> frozenset[UUID]:
    """Whom an `entrepreneur-withdrawn` is about, her enterprises included; empty for every other event. Raises
    `ValidationError` when it does not say so as its schema wants it.
    """
    if envelope.type != EntrepreneurWithdrawn.type:
        return frozenset()
    event = events.load(envelope.type, envelope.data)
    assert isinstance(event, EntrepreneurWithdrawn)
    return frozenset({envelope.subject, event.entrepreneur_id, *event.enterprise_ids})


def _first_time(session: Session, event_id: UUID) -> bool:
    known = session.scalar(select(event_reacted.c.event_id).where(event_reacted.c.event_id == event_id))
    if known is None:
        session.execute(insert(event_reacted).values(event_id=event_id, reacted_at=clock.now()))
    return known is None
