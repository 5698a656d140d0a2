"""How one consumer takes the events of one source: from the broker while nothing is missing, from the feed otherwise.

    heard from the broker --> pending {42: ..., 43: ..., 45: ...} --+
                                                                    |   cursor 41: take 42 and 43;
    feed, when a position is missing and every 2 s -----------------+   45 waits until 44 was asked for

A message is settled (acknowledged) when the cursor has passed it, or when it is of no use: a duplicate, of another log,
beyond the feed's head.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from shared import logs
from shared.bus import inbox, metrics, parked, parking
from shared.bus.envelope import Envelope
from shared.bus.failures import told
from shared.bus.inbox import OtherLogError
from shared.bus.locks import Turn
from shared.bus.sources import FeedAwayError, Page
from shared.bus.subscriptions import Consumer

POLL_SECONDS: Final = 2.0
BATCH: Final = 200
_LONGEST_PAUSE = 5.0
_LONGEST_REST = 0.5

Settle = Callable[[], None]


class Lane:
    """Takes the events of `source` for `consumer`, in one thread; what it hears comes from another."""

    def __init__(
        self, consumer: Consumer, source: str, *, poll_seconds: float = POLL_SECONDS, batch: int = BATCH
    ) -> None:
        self.name = f"{consumer.name}-takes-{source}"
        self.source = source
        self.consumer = consumer
        self._feed = consumer.feeds[source]
        self._poll_seconds = poll_seconds
        self._batch = batch
        self._log = logs.logger(consumer=consumer.name, source=source)
        self._news = threading.Condition()
        self._heard: deque[tuple[Envelope, Settle] | None] = deque()
        self._settled: deque[Settle] = deque()
        self._pending: dict[int, tuple[Envelope, Settle]] = {}
        self._strangers: list[Settle] = []
        self._log_id: UUID | None = None
        self._position = 0
        self._more = False
        self._next_poll = 0.0
        self._ask_after = 0.0
        self._failures = 0

    # -- the ear's side ------------------------------------------------------------------------------------------

    def hear(self, event: Envelope, settle: Settle) -> None:
        """A message has come; `settle` will come back from `settled` once it may be acknowledged."""
        with self._news:
            self._heard.append((event, settle))
            self._news.notify()

    def settled(self) -> list[Settle]:
        """What may be acknowledged now, each once."""
        done = []
        while self._settled:
            done.append(self._settled.popleft())
        return done

    def deaf(self) -> None:
        """The connection is gone: the broker will say again whatever was not acknowledged."""
        with self._news:
            self._heard.clear()
            self._heard.append(None)

    # -- the taker's side ----------------------------------------------------------------------------------------

    def run(self, stop: threading.Event) -> None:
        """Take until `stop` is set. A database or feed that is away is waited for; another log is refused, each poll
        anew.
        """
        turn = Turn(self.consumer.database, inbox.TURN)
        while not stop.is_set():
            try:
                worked = self.step(turn, stop)
                self._failures = 0
            except OtherLogError as error:
                self._log.critical("another log: nothing is taken from it until a replay accepts it", told=str(error))
                self._forget_log()
                stop.wait(self._poll_seconds)
            except FeedAwayError as error:
                self._log.warning("the feed is away", error=str(error))
                self._ask_after = time.monotonic() + min(1.0, self._poll_seconds)
                self._next_poll = max(self._next_poll, self._ask_after)
            except (SQLAlchemyError, OSError) as error:
                self._failures += 1
                self._log.warning("the lane waits for its database", error=told(error))
                stop.wait(min(0.1 * 2**self._failures, _LONGEST_PAUSE))
            else:
                if not worked:
                    self._rest(stop)
        turn.close()

    def step(self, turn: Turn, stop: threading.Event) -> bool:
        """Take what can be taken now; False when there was nothing to do. The feed is asked before the turn is
        taken: a source that answers slowly holds up no other.
        """
        self._absorb()
        polling = time.monotonic() >= self._next_poll
        if not (self._pending or self._strangers or self._more or polling):
            return False
        if self._log_id is None:
            self._open()
        if polling:
            self._retry_parked(turn, stop)
        events = self._next_events(polling)
        return bool(events) and self._take(turn, events)

    def _retry_parked(self, turn: Turn, stop: threading.Event) -> None:
        for _ in range(self._batch):
            if stop.is_set() or not parked.is_due(self.consumer, self.source):
                break
            with turn.held() as mine:
                if mine:
                    parked.retry_first_due(self.consumer, self.source)

    def _absorb(self) -> None:
        while self._log_id is not None and self._heard:
            with self._news:
                heard = self._heard.popleft()
            if heard is None:
                self._pending.clear()
                self._strangers.clear()
                continue
            event, settle = heard
            if event.log_id != self._log_id:
                self._strangers.append(settle)
            elif event.position <= self._position or event.position in self._pending:
                self._drop(settle, "duplicate")
            else:
                self._pending[event.position] = (event, settle)

    def _next_events(self, polling: bool) -> list[Envelope]:
        """The events that follow the cursor without a gap. The feed is not asked for what the broker has brought."""
        events: list[Envelope] = []
        while len(events) < self._batch and (known := self._pending.get(self._position + 1 + len(events))):
            events.append(known[0])
        missing = not events and (self._pending or self._more)
        wanted = len(events) < self._batch and (polling or self._strangers or missing)
        if wanted and time.monotonic() >= self._ask_after:
            page = self._ask()
            if len(page.events) > len(events):
                events = page.events
        return events

    def _ask(self) -> Page:
        """The feed's next page, checked against what this consumer follows."""
        self._next_poll = time.monotonic() + self._poll_seconds
        page = self._feed.read(self._position, self._batch)
        stopped = None
        if any(log_id != self._log_id for log_id in (page.head.log_id, *(event.log_id for event in page.events))):
            stopped = f"followed {self._log_id} to {self._position}, is shown {page.head.log_id}"
        elif page.head.position < self._position:
            stopped = f"followed to {self._position}, but the log ends at {page.head.position}"
        self._report(page, stopped)
        if stopped:
            raise OtherLogError(stopped)
        for settle in self._strangers:
            self._drop(settle, "other_log")
        self._strangers.clear()
        for position in [position for position in self._pending if position > page.head.position]:
            self._drop(self._pending.pop(position)[1], "beyond_head")
        self._more = len(page.events) == self._batch
        return page

    def _take(self, turn: Turn, events: list[Envelope]) -> bool:
        with turn.held() as mine:
            if not mine:
                return True
            attempt = inbox.begin(self.consumer.database, self.source, events)
            self._position = attempt.position
            if attempt.events:
                self._position = inbox.take(self.consumer, self.source, attempt)
        for position in [position for position in self._pending if position <= self._position]:
            self._settled.append(self._pending.pop(position)[1])
        return True

    def _open(self) -> None:
        """Find the cursor; a new consumer asks the feed which log it begins to follow."""
        with self.consumer.database.reading() as session:
            cursor = inbox.cursor_of(session, self.source)
        if cursor is None:
            head = self._feed.head()
            with self.consumer.database.transaction() as session:
                inbox.open_cursor(session, self.source, head.log_id)
            self._log_id, self._position = head.log_id, 0
        else:
            self._log_id, self._position = cursor["log_id"], cursor["position"]

    def _report(self, page: Page, stopped: str | None) -> None:
        labels = (self.consumer.name, self.source)
        metrics.FEED_HEAD.labels(*labels).set(page.head.position)
        metrics.STOPPED.labels(*labels).set(stopped is not None)
        with self.consumer.database.reading() as session:
            metrics.PARKED.labels(*labels).set(parking.waiting_count(session, self.source))
            cursor = inbox.cursor_of(session, self.source)
        if cursor is not None and (cursor["head"], cursor["stopped"]) != (page.head.position, stopped):
            with self.consumer.database.transaction() as session:
                inbox.note_head(session, self.source, page.head.position, stopped)

    def _forget_log(self) -> None:
        """Look again at the next poll: a replay may have accepted the other log by then."""
        self._log_id = None
        self._strangers += [settle for _, settle in self._pending.values()]
        self._pending.clear()

    def _drop(self, settle: Settle, reason: str) -> None:
        metrics.DROPPED.labels(self.consumer.name, self.source, reason).inc()
        self._settled.append(settle)

    def _rest(self, stop: threading.Event) -> None:
        with self._news:
            if (self._log_id is None or not self._heard) and not stop.is_set():
                self._news.wait(min(_LONGEST_REST, max(0.0, self._next_poll - time.monotonic())))
