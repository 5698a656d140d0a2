"""Copies dropped and rebuilt from the first event: the proof that they are nothing but what others have said."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Table, delete, select, update
from sqlalchemy.engine import RowMapping
from sqlalchemy.orm import Session

from shared.bus import inbox, parking
from shared.bus.failpoints import passing
from shared.bus.locks import Turn
from shared.bus.sources import FeedAwayError
from shared.bus.subscriptions import Consumer
from shared.bus.tables import event_cursor, event_discarded, event_parked
from shared.kernel import Refused, clock

_PAGE: Final = 500


def replay(consumer: Consumer, *, accept_other_log: bool = False) -> dict[str, int]:
    """Rebuild all copies of `consumer`; comes back with the events handled per source.

    One transaction: readers see the old copies until the new ones are complete, and a failure leaves the old ones.
    Reactions do not run; what was discarded stays out. Refuses while an event is parked, a source that is away, and a
    source whose log is another than the one followed, unless that is accepted: then its copies are dropped, and it is
    followed from position 0 like a new source, except that what was reacted to stays reacted to, and what was
    discarded stays discarded.
    """
    turn = Turn(consumer.database, inbox.TURN)
    try:
        with turn.held() as mine:
            if not mine:
                raise Refused("events.busy")
            with consumer.database.transaction() as session:
                return _rebuild_all(session, consumer, accept_other_log=accept_other_log)
    finally:
        turn.close()


def canonical(session: Session, tables: Iterable[Table]) -> str:
    """What the tables hold, the same text for the same rows: tables by name, rows by primary key, columns by name."""
    lines: list[str] = []
    for table in sorted(tables, key=lambda table: table.name):
        rows = session.execute(select(table).order_by(*table.primary_key.columns)).mappings()
        lines += [json.dumps([table.name, dict(row)], sort_keys=True, default=str, ensure_ascii=False) for row in rows]
    return "\n".join(lines)


def _rebuild_all(session: Session, consumer: Consumer, *, accept_other_log: bool) -> dict[str, int]:
    cursors = _cursors(session, consumer)
    _refuse_parked(session, cursors, accept_other_log)
    _drop_copies(session, consumer.subscriptions.copy_tables)
    passing("replay.dropped")
    return {
        cursor["source"]: _rebuild_one(session, consumer, cursor, accept_other_log=accept_other_log)
        for cursor in cursors
    }


def _cursors(session: Session, consumer: Consumer) -> list[RowMapping]:
    known = [source for source in consumer.subscriptions.sources if inbox.cursor_of(session, source) is not None]
    return [inbox.locked_cursor(session, source) for source in known]


def _refuse_parked(session: Session, cursors: Sequence[RowMapping], accept_other_log: bool) -> None:
    waiting = {cursor["source"]: parking.waiting_count(session, cursor["source"]) for cursor in cursors}
    if any(waiting.values()) and not accept_other_log:
        raise Refused("events.parked_first", waiting=sum(waiting.values()))


def _drop_copies(session: Session, tables: Sequence[Table]) -> None:
    if not tables:
        return
    for table in reversed(tables[0].metadata.sorted_tables):
        if table in tables:
            session.execute(delete(table))


def _rebuild_one(session: Session, consumer: Consumer, cursor: RowMapping, *, accept_other_log: bool) -> int:
    try:
        return _rebuild(session, consumer, cursor, accept_other_log=accept_other_log)
    except FeedAwayError as error:
        raise Refused("events.feed_away", source=cursor["source"]) from error


def _rebuild(session: Session, consumer: Consumer, cursor: RowMapping, *, accept_other_log: bool) -> int:
    source = cursor["source"]
    head = consumer.feeds[source].head()
    if head.log_id != cursor["log_id"] or head.position < cursor["position"]:
        if not accept_other_log:
            raise Refused("events.other_log", source=source, followed=cursor["log_id"], shown=head.log_id)
        _follow_anew(session, source, head.log_id)
        return 0
    return _handle_again(session, consumer, cursor)


def _handle_again(session: Session, consumer: Consumer, cursor: RowMapping) -> int:
    source, end = cursor["source"], cursor["position"]
    left_out = _set_aside(session, source)
    handled, position = 0, 0
    while position < end:
        page = consumer.feeds[source].read(position, min(_PAGE, end - position))
        if not page.events:
            raise FeedAwayError(f"{source} shows nothing after {position}")
        for event in page.events:
            if event.log_id != cursor["log_id"]:
                raise Refused("events.other_log", source=source, followed=cursor["log_id"], shown=event.log_id)
            if consumer.subscriptions.wants(event.type) and event.id not in left_out:
                consumer.subscriptions.handle(session, event, replaying=True)
                handled += 1
        position = page.events[-1].position
    return handled


def _set_aside(session: Session, source: str) -> set[UUID]:
    """What was discarded, and what still waits to be tried (when another source's log is accepted)."""
    waiting = select(event_parked.c.id).where(event_parked.c.source == source)
    return set(session.scalars(waiting.union(select(event_discarded.c.event_id))))


def _follow_anew(session: Session, source: str, log_id: Any) -> None:
    """Positions of the other log mean nothing in this one: what is parked under them goes too. What was discarded is
    known by its id.
    """
    session.execute(delete(event_parked).where(event_parked.c.source == source))
    attempt = {"trying_through": None, "tries": 0, "failure": None, "careful_through": 0}
    anew = {"log_id": log_id, "position": 0, "head": 0, "stopped": None, "changed_at": clock.now(), **attempt}
    session.execute(update(event_cursor).where(event_cursor.c.source == source).values(anew))
