"""Both ends of the measured bus: one process relays a log, another applies it; or both are threads of one (embedded).

The consumer reaches the source's log as every service does: by the broker, and where something is missing over HTTP.

python -m deploy.bench.listening relay|apply, with BENCH_SOURCE, BENCH_TARGET (databases), BENCH_BUS, BENCH_SEEN (file),
BENCH_KEYS (folder), and the source's web application at `source_web()`, bound to `SOURCE`
"""

import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import Column, String, Table, Uuid, insert

from shared import logs
from shared.bus import feed, inbox
from shared.bus.broker import Broker
from shared.bus.envelope import Envelope
from shared.bus.relay import Relay
from shared.bus.sources import HttpFeed
from shared.bus.subscriber import loops
from shared.bus.subscriptions import Consumer, Subscriptions
from shared.database import Database, Json, new_metadata
from shared.events.registry import EnterpriseRegistered
from shared.service import Worker
from shared.settings import Settings
from shared.tokens import Keyring, create_keys
from shared.web import Peers, create_app

SOURCE = "127.0.0.1:8175"
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


def applying(feed: HttpFeed, target: Database, bus: Broker) -> Worker:
    subscriptions = Subscriptions("bench", {EnterpriseRegistered: keep_copy}, copy_tables=[copies])
    return Worker(loops(Consumer(target, subscriptions, {"registry": feed}), bus))


def keys_in(folder: Path) -> Path:
    """Where the keys of both ends are."""
    for service in ("registry", "territory"):
        create_keys(folder / "keys", service)
    return folder / "keys"


def source_app(source: Database, keys: Path) -> Flask:
    """The source's web application, with its feed and nothing else."""
    keyring = Keyring(keys, "registry")
    pages = feed.blueprint(source, "registry", keyring)
    locale = Path(__file__).parent
    return create_app("registry", database=source, keyring=keyring, resources=[], locale=locale, internal=[pages])


def source_web() -> Flask:
    """The same, for a server of its own."""
    logs.configure("json")
    return source_app(Database(os.environ["BENCH_SOURCE"]), Path(os.environ["BENCH_KEYS"]))


def feed_at(url: str, keys: Path, apps: dict[str, Flask] | None = None) -> HttpFeed:
    """The source's feed as the consumer asks it; `apps` are those of this process."""
    settings = Settings.read("territory", {"CSEM_REGISTRY_URL": url, "CSEM_KEYS": str(keys)})
    return HttpFeed(Peers(settings, Keyring(keys, "territory"), apps).internal("registry"))


def bus(url: str) -> Broker:
    """Exchange and queues of the bench only."""
    return Broker(url, prefix="bench")


def position_of(target: Database) -> int:
    with target.reading() as session:
        cursor = inbox.cursor_of(session, "registry")
    return int(cursor["position"]) if cursor else -1


def main() -> None:
    logs.configure("json")
    seen = Seen()
    given = bus(os.environ["BENCH_BUS"])
    if sys.argv[1] == "relay":
        worker = relaying(Database(os.environ["BENCH_SOURCE"]), given)
    else:
        over_http = feed_at(f"http://{SOURCE}", Path(os.environ["BENCH_KEYS"]))
        worker = applying(over_http, Database(os.environ["BENCH_TARGET"]), given)
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
