r"""The one place that speaks kombu: connections, the exchange, and a queue per consumer and source.

                      csem.events (topic, durable)
                        |                        |
    org.csem.registry.# |                        | org.csem.credit.#
                        v                        v
      csem.territory.registry        csem.territory.credit        (quorum queues on RabbitMQ)
                        \                      /
                         territory's ear: one connection, a channel and a prefetch of its own for each queue

| url        | processes | survives a kill | queue                                       | heartbeats  |
|------------|-----------|-----------------|---------------------------------------------|-------------|
| memory://  | one       | no              | in this process, wakes who listens          | none needed |
| amqp(s):// | any       | yes             | quorum, one active consumer, 1 day, bounded | every 10 s  |

A queue is no store: what is dropped from it, or never got there, is a gap, and a gap is filled from the feed.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import amqp
import kombu
from kombu.exceptions import OperationalError

from shared.bus.envelope import MEDIA_TYPE, Envelope

PREFETCH: Final = 500
HEARTBEAT: Final = 20

ERRORS: Final = (OSError, amqp.AMQPError, kombu.exceptions.KombuError, OperationalError)
"""What a broker that is away, restarted or in another mind raises; anything else is a mistake of ours."""

_DAY = 86_400_000


class Broker:
    """How to reach the broker at `url`; `prefix` keeps installations on one broker apart."""

    def __init__(self, url: str, prefix: str = "csem") -> None:
        self.url = url
        self.exchange = kombu.Exchange(f"{prefix}.events", type="topic", durable=True)
        self.prefix = prefix
        self.in_memory = url.startswith("memory:")

    @contextmanager
    def connected(self) -> Iterator[kombu.Connection]:
        """A connection with the exchange declared; raises one of `ERRORS` when there is no broker within 3 s."""
        options: dict[str, Any] = {"polling_interval": 0} if self.in_memory else {"write_timeout": 10}
        connection = kombu.Connection(
            self.url, heartbeat=0 if self.in_memory else HEARTBEAT, connect_timeout=3, transport_options=options
        )
        try:
            connection.ensure_connection(max_retries=1, interval_start=0, interval_step=0, interval_max=0)
            self.exchange(connection.default_channel).declare()
            yield connection
        finally:
            _close(connection)

    def queue(self, consumer: str, source: str) -> kombu.Queue:
        """All that `source` announces, for `consumer`: every type, so that positions are contiguous."""
        return kombu.Queue(
            f"{self.prefix}.{consumer}.{source}",
            exchange=self.exchange,
            routing_key=f"org.csem.{source}.#",
            durable=True,
            queue_arguments={
                "x-queue-type": "quorum",
                "x-single-active-consumer": True,
                "x-message-ttl": _DAY,
                "x-max-length": 1_000_000,
            },
        )

    def publish(self, channel: Any, envelope: Envelope) -> None:
        """Hand over one event. Not confirmed: a message that is lost is a gap."""
        message = channel.prepare_message(
            envelope.to_bytes(),
            content_type=MEDIA_TYPE,
            content_encoding="utf-8",
            properties={"delivery_mode": 2, "message_id": str(envelope.id)},
        )
        channel.basic_publish(message, exchange=self.exchange.name, routing_key=envelope.type)
        if self.in_memory:
            _murmur.say()

    def listen(self, connection: kombu.Connection, seconds: float) -> None:
        """Take in one thing the broker has to say, waiting at most `seconds`, and keep the heartbeat going."""
        said = _murmur.said
        try:
            connection.drain_events(timeout=0 if self.in_memory else seconds)
        except TimeoutError:
            # Nothing was said, which is an answer too.
            if self.in_memory:
                _murmur.wait(said, seconds)
        connection.heartbeat_check()


class _Murmur:
    """Wakes who listens to memory:// when something is said there: kombu itself would only look every so often."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self.said = 0

    def say(self) -> None:
        with self._changed:
            self.said += 1
            self._changed.notify_all()

    def wait(self, beyond: int, seconds: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self.said != beyond, seconds)


_murmur = _Murmur()


def _close(connection: kombu.Connection) -> None:
    try:
        connection.release()
    except ERRORS:
        connection.collect()


def forget_memory() -> None:
    """Empty the memory transport, which is global to the process (between tests)."""
    from kombu.transport import memory

    memory.Channel.queues.clear()
    memory.Transport.global_state.clear()
