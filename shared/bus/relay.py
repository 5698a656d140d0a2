"""Numbers what a service has committed and hands it to the broker, in order.

    event_log rows           turn "relay" held, one transaction                 the broker's exchange
    seq  position
    41   17            ->    rows without position, by seq: 18, 19, 20 …  ->    18, 19, 20 … in this order
    43   (none)              head = 20                                          published_through = 20, a little later
    44   (none)

One relay per log at a time. It does not promise that a message arrives, nor that it is sent once: after a kill
between publishing and remembering it, the same positions are sent again.
"""

import threading
import time
from contextlib import ExitStack
from typing import Any, Final

import psycopg
from sqlalchemy import bindparam, exists, func, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from shared import logs
from shared.bus import broker, log, metrics
from shared.bus.broker import Broker
from shared.bus.failpoints import passing
from shared.bus.failures import told
from shared.bus.locks import Turn
from shared.bus.tables import event_log, event_log_state
from shared.database import Database

POLL_SECONDS: Final = 1.0
CHUNK: Final = 500
_BROKER_PAUSE = 2.0
_SLICE = 0.2

_unnumbered = (
    select(event_log.c.seq, func.row_number().over(order_by=event_log.c.seq).label("nth"))
    .where(event_log.c.position.is_(None))
    .subquery("unnumbered")
)
_NUMBER = (
    update(event_log)
    .values(position=bindparam("head") + _unnumbered.c.nth)
    .where(event_log.c.seq == _unnumbered.c.seq)
    .execution_options(synchronize_session=False)
)
# Made once: this is the way of every event.
_LOOK = select(
    event_log_state.c.head, exists().where(event_log.c.position.is_(None)).select_from(event_log).label("waiting")
)
_LOCK = select(event_log_state.c.head).with_for_update()
_REMEMBER = update(event_log_state)


class Relay:
    """The relay of the service called `source`. Run it in any number of processes: one works, the others wait."""

    def __init__(self, database: Database, bus: Broker, source: str) -> None:
        self._database = database
        self._bus = bus
        self._source = source
        self.name = f"{source}-relay"
        self._log = logs.logger(relay=source)
        self._outlet = _Outlet(bus, source)
        self._published = 0
        self._remembered = 0
        self._remembered_at = 0.0

    def run(self, stop: threading.Event) -> None:
        """Relay until `stop` is set; a database or broker that is away is waited for. What is not published by then
        is published by whoever comes next.
        """
        turn = Turn(self._database, "relay")
        while not stop.is_set():
            try:
                with turn.held() as mine:
                    if mine:
                        self._work(turn, stop)
            except (SQLAlchemyError, psycopg.Error, OSError) as error:
                self._log.warning("relay waits for its database", error=told(error))
                turn.close()
                stop.wait(POLL_SECONDS)
        turn.close()
        self._outlet.close()

    def _work(self, turn: Turn, stop: threading.Event) -> None:
        bell = _Bell(self._database, turn)
        with self._database.reading() as session:
            state = session.execute(select(event_log_state)).one()
        self._published = self._remembered = state.published_through
        while not stop.is_set():
            bell.silence()
            head = self._number()
            passing("relay.numbered")
            if not self._publish(head):
                bell.wait(stop)
        if self._remembered != self._published:
            self._number(force=True)

    def _number(self, *, force: bool = False) -> int:
        """Give positions to the committed rows that have none; comes back with the log's head."""
        with self._database.reading() as session:
            seen = session.execute(_LOOK).one()
        late = force or time.monotonic() - self._remembered_at >= POLL_SECONDS
        if not seen.waiting and not (late and self._remembered != self._published):
            return int(seen.head)
        with self._database.transaction() as session:
            head = number(session, published_through=self._published)
        self._remembered, self._remembered_at = self._published, time.monotonic()
        metrics.LOG_HEAD.labels(self._source).set(head)
        metrics.PUBLISHED_THROUGH.labels(self._source).set(self._published)
        return head

    def _publish(self, head: int) -> bool:
        """Hand over the next chunk; False when there is none or no broker."""
        if self._published >= head:
            self._outlet.keep()
            return False
        with self._database.reading() as session:
            envelopes = log.read(session, self._source, after=self._published, limit=CHUNK)
        for envelope in envelopes:
            if not self._outlet.send(envelope):
                return False
            self._published = envelope.position
        passing("relay.published")
        metrics.PUBLISHED.labels(self._source).inc(len(envelopes))
        return bool(envelopes)


def number(session: Session, **also: int) -> int:
    """Number the rows without position, in the order of `seq`; comes back with the new head. `also` sets other
    columns of the state.

    The row of `event_log_state` is locked first: two that number at once do it one after the other.
    """
    head: int = session.execute(_LOCK).scalar_one()
    given: Any = session.execute(_NUMBER, {"head": head})
    head += given.rowcount
    session.execute(_REMEMBER, {"head": head, **also})
    return head


class _Outlet:
    """The relay's connection to the broker: made when needed, given up when it fails, tried again after a pause."""

    def __init__(self, bus: Broker, source: str) -> None:
        self._bus = bus
        self._log = logs.logger(relay=source)
        self._open = ExitStack()
        self._connection: Any = None
        self._channel: Any = None
        self._not_before = 0.0

    def send(self, envelope: Any) -> bool:
        """False when there is no broker now."""
        try:
            if self._channel is None and not self._connect():
                return False
            self._bus.publish(self._channel, envelope)
        except broker.ERRORS as error:
            self._give_up(error)
            return False
        return True

    def keep(self) -> None:
        """Answer the broker's heartbeat; notice that it closed the connection."""
        if self._connection is None or self._bus.in_memory:
            return
        try:
            self._bus.listen(self._connection, 0.001)
        except broker.ERRORS as error:
            self._give_up(error)

    def close(self) -> None:
        self._open.close()
        self._connection = self._channel = None

    def _connect(self) -> bool:
        if time.monotonic() < self._not_before:
            return False
        self._connection = self._open.enter_context(self._bus.connected())
        self._channel = self._connection.default_channel
        return True

    def _give_up(self, error: BaseException) -> None:
        self._log.warning("relay waits for the broker", error=repr(error))
        self._not_before = time.monotonic() + _BROKER_PAUSE
        self.close()


class _Bell:
    """Rings when a transaction with events was committed: in this process, or (PostgreSQL) in any."""

    def __init__(self, database: Database, turn: Turn) -> None:
        self._listening: Any = None
        self._signal = log.signal_of(database.engine)
        if not database.is_sqlite:
            self._listening = turn.listening
            self._listening.execute("LISTEN event_log")

    def silence(self) -> None:
        self._signal.clear()

    def wait(self, stop: threading.Event) -> None:
        """Until it rings, the poll is due, or (noticed within a fraction of a second) `stop` is set."""
        until = time.monotonic() + POLL_SECONDS
        while time.monotonic() < until and not stop.is_set() and not self._rings(_SLICE):
            pass

    def _rings(self, seconds: float) -> bool:
        if self._listening is None:
            return self._signal.wait(seconds)
        return any(True for _ in self._listening.notifies(timeout=seconds, stop_after=1))
