"""The loops with which a service listens: one ear at the broker, one lane per source.

    broker --> ear (connection, heartbeat, acknowledgements) --> lane registry --> inbox, parked
                                                             --> lane credit   --> inbox, parked

The ear never handles an event, so that the heartbeat is answered however long a handler takes; the lanes never touch
the connection. An acknowledgement promises that the cursor has passed the message, or that it is of no use.
"""

import threading
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from typing import Any, Final

import kombu

from shared import logs
from shared.bus import broker, metrics
from shared.bus.broker import Broker
from shared.bus.envelope import Envelope, MalformedError
from shared.bus.failpoints import passing
from shared.bus.lane import BATCH, POLL_SECONDS, Lane
from shared.bus.subscriptions import Consumer

_LISTEN_SECONDS: Final = 0.05
_BROKER_PAUSE: Final = 1.0


def loops(
    consumer: Consumer, bus: Broker, *, poll_seconds: float = POLL_SECONDS, batch: int = BATCH
) -> list["Ear | Lane"]:
    """The ear and the lanes of `consumer`, to be run each in a thread; none when it listens for nothing.

    Several sets may run, in any processes: each event is still taken once.
    """
    sources = consumer.subscriptions.sources
    lanes = [Lane(consumer, source, poll_seconds=poll_seconds, batch=batch) for source in sources]
    return [Ear(consumer.name, bus, lanes), *lanes] if lanes else []


class Ear:
    """Listens at the broker for all sources of one consumer, and acknowledges what the lanes have settled."""

    def __init__(self, consumer: str, bus: Broker, lanes: Sequence[Lane]) -> None:
        self.name = f"{consumer}-ear"
        self._consumer = consumer
        self._bus = bus
        self._lanes = lanes
        self._log = logs.logger(consumer=consumer)
        self._connections = 0

    def run(self, stop: threading.Event) -> None:
        """Listen until `stop` is set; a broker that is away is waited for."""
        while not stop.is_set():
            try:
                self._listen(stop)
            except broker.ERRORS as error:
                self._log.warning("the ear waits for its broker", error=repr(error))
                stop.wait(_BROKER_PAUSE)
            finally:
                self._connections += 1
                for lane in self._lanes:
                    lane.deaf()

    def _listen(self, stop: threading.Event) -> None:
        with self._bus.connected() as connection, ExitStack() as consuming:
            for lane in self._lanes:
                queue = self._bus.queue(self._consumer, lane.source)
                listener = kombu.Consumer(
                    connection.channel(),
                    [queue],
                    on_message=partial(self._hear, lane),
                    prefetch_count=broker.PREFETCH,
                )
                consuming.enter_context(listener)
            while not stop.is_set():
                self._bus.listen(connection, _LISTEN_SECONDS)
                self._acknowledge()

    def _acknowledge(self) -> None:
        for lane in self._lanes:
            for settle in lane.settled():
                passing("ear.acknowledging")
                settle()

    def _hear(self, lane: Lane, message: Any) -> None:
        try:
            event = Envelope.from_bytes(message.body)
            if event.source != lane.source:
                raise MalformedError(f"from {event.source}, in the queue of {lane.source}")
        except MalformedError as error:
            metrics.DROPPED.labels(self._consumer, lane.source, "malformed").inc()
            self._log.warning("a message is not one of our events", source=lane.source, error=str(error))
            message.ack()
        else:
            lane.hear(event, partial(self._settle, message, self._connections))

    def _settle(self, message: Any, connection: int) -> None:
        if connection == self._connections:  # what came on a connection that is gone is delivered again
            message.ack()
