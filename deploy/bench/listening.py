"""Both ends of the measured bus: one process relays a log, another applies it; or both are threads of one (embedded).

python -m deploy.bench.listening relay|apply, with BENCH_SOURCE, BENCH_TARGET (databases), BENCH_BUS, BENCH_SEEN (file)
"""

import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Column, String, Table, Uuid, insert

from shared import logs
from shared.bus import inbox
from shared.bus.broker import Broker
from shared.bus.envelope import Envelope
from shared.bus.relay import Relay
from shared.bus.sources import LocalFeed
from shared.bus.subscriber import loops
from shared.bus.subscriptions import Consumer, Subscriptions
from shared.database import Database, Json, new_metadata
from shared.events.registry import EnterpriseRegistered
from shared.service import Worker

metadata = new_metadata()
copies = Table(
    "copy_bench_enterprise",
    metadata,
    Column("enterprise_id", Uuid, primary_key=True),
    Column("municipality", String(6), nullable=False, index=True),
    Column("chain", String(40), nullable=False),
    Column("facts", Json, nullable=False),
)
_COPY = insert(copies)


def keep_copy(session: Any, event: EnterpriseRegistered, envelope: Envelope) -> None:
    """What territory and the others do: a row of their own for each enterprise."""
    facts = event.facts
    row = {"enterprise_id": facts.enterprise_id, "municipality": facts.municipality, "chain": facts.chain}
    session.execute(_COPY, row | {"facts": envelope.data["facts"]})


class Seen:
    """When a position had become visible in the consumer's database: the moment after the commit."""

    def __init__(self) -> None:
        self.moments: list[tuple[int, float]] = []
        take = inbox.take

        def taking(*args: Any) -> int:
            position = take(*args)
            self.moments.append((position, time.time()))
            return position

        inbox.take = taking  # type: ignore[assignment]


def relaying(source: Database, bus: Broker) -> Worker:
    return Worker([Relay(source, bus, "registry")])


def applying(source: Database, target: Database, bus: Broker) -> Worker:
    subscriptions = Subscriptions("bench", {EnterpriseRegistered: keep_copy}, copy_tables=[copies])
    consumer = Consumer(target, subscriptions, {"registry": LocalFeed(source, "registry")})
    return Worker(loops(consumer, bus))


def bus(url: str) -> Broker:
    """Exchange and queues of the bench only."""
    return Broker(url, prefix="bench")


def position_of(target: Database) -> int:
    with target.reading() as session:
        cursor = inbox.cursor_of(session, "registry")
    return int(cursor["position"]) if cursor else -1


def main() -> None:
    logs.configure("json")
    source, target = Database(os.environ["BENCH_SOURCE"]), Database(os.environ["BENCH_TARGET"])
    seen = Seen()
    given = bus(os.environ["BENCH_BUS"])
    worker = relaying(source, given) if sys.argv[1] == "relay" else applying(source, target, given)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    worker.start()
    stop.wait()
    worker.stop()
    if sys.argv[1] == "apply":
        lines = [f"{position} {moment}" for position, moment in seen.moments]
        Path(os.environ["BENCH_SEEN"]).write_text("\n".join(lines))


def enterprise_id(number: int) -> UUID:
    return UUID(int=0x018F6F3A8E2B7C119D5A << 48 | number)


if __name__ == "__main__":
    main()
