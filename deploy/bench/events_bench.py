"""From a commit in one service to the copy in another: events per second while draining, and how late one event is."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import kombu
from sqlalchemy import insert

from deploy.bench import listening
from deploy.bench.ours import registered
from deploy.bench.servers import BENCH_VENV, PRODUCT_VENV, ROOT, cpu_seconds, running
from deploy.bench.table import _row as invented
from shared import logs
from shared.bus import log
from shared.bus.tables import event_log
from shared.database import Database, migrate
from shared.kernel import clock

RABBITMQ = os.environ.get("CSEM_TEST_RABBITMQ", "amqp://guest:guest@127.0.0.1:5672//")
DRAINED = 10_000
RATE = 200
PYTHON = sys.executable
FEED = (f"{PRODUCT_VENV}/gunicorn", "-c", "deploy/gunicorn.conf.py", "deploy.bench.listening:source_web()")


@dataclass
class Ends:
    """The two databases, and a way to make everything that was seen available."""

    source: Database
    target: Database
    seen: Callable[[], list[tuple[int, float]]]
    pids: dict[str, int]


def _event(number: int) -> tuple[object, object]:
    import random

    row = invented(random.Random(number), number) | {"id": listening.enterprise_id(number)}
    return row["id"], registered(row)


def _fresh(source: Database, target: Database) -> None:
    for database in (source, target):
        migrate(database, "bench")
    listening.metadata.create_all(target.engine)


@contextmanager
def apart(new_database: Callable[[], str], folder: Path) -> Iterator[Ends]:
    """PostgreSQL and RabbitMQ; the relay, the source's feed and the consumer are processes of their own."""
    urls = {"BENCH_SOURCE": new_database(), "BENCH_TARGET": new_database()}
    environ = urls | {"BENCH_BUS": RABBITMQ, "BENCH_SEEN": str(folder / "seen")}
    environ |= {"BENCH_KEYS": str(listening.keys_in(folder)), "CSEM_BIND": listening.SOURCE}
    source, target = Database(urls["BENCH_SOURCE"]), Database(urls["BENCH_TARGET"])
    _fresh(source, target)
    stack = ExitStack()
    command = (PYTHON, "-m", "deploy.bench.listening")
    with stack:
        feed = stack.enter_context(running(FEED, environ, folder / "log"))
        apply = stack.enter_context(running((*command, "apply"), environ, folder / "log"))
        _until(lambda: listening.position_of(target) == 0)
        relay = stack.enter_context(running((*command, "relay"), environ, folder / "log"))
        time.sleep(2)

        def seen() -> list[tuple[int, float]]:
            stack.close()
            pairs = (line.split() for line in (folder / "seen").read_text().splitlines())
            return [(int(position), float(moment)) for position, moment in pairs]

        yield Ends(source, target, seen, {"relay": relay, "feed": feed, "consumer": apply})
    source.dispose()
    target.dispose()
    with kombu.Connection(RABBITMQ) as connection:
        connection.default_channel.queue_delete("bench.bench.registry")
        connection.default_channel.exchange_delete("bench.events")


@contextmanager
def embedded(folder: Path) -> Iterator[Ends]:
    """SQLite and the bus in memory; relay, consumer and writer are threads of this process."""
    source = Database(f"sqlite:///{folder}/source.sqlite")
    target = Database(f"sqlite:///{folder}/target.sqlite")
    _fresh(source, target)
    seen = listening.Seen()
    bus = listening.bus("memory://")
    keys = listening.keys_in(folder)
    feed = listening.feed_at("inprocess://registry", keys, {"registry": listening.source_app(source, keys)})
    applying, relaying = listening.applying(feed, target, bus), listening.relaying(source, bus)

    def stop() -> list[tuple[int, float]]:
        relaying.stop()
        applying.stop()
        return seen.moments

    with (folder / "log").open("w") as lines:
        logs.configure("json", lines)
        applying.start()
        _until(lambda: listening.position_of(target) == 0)
        relaying.start()
        time.sleep(1)
        yield Ends(source, target, stop, {"all": os.getpid()})
        stop()
    source.dispose()
    target.dispose()


def drain(ends: Ends, amount: int = DRAINED) -> tuple[float, dict[str, float]]:
    """Events per second from the commit of `amount` events at once to the last one applied; CPU ms per event."""
    rows = []
    for number in range(amount):
        subject, event = _event(number)
        rows.append(
            {
                "id": uuid4(),
                "type": event.type,  # type: ignore[attr-defined]
                "subject": subject,
                "time": clock.now(),
                "data": event.payload(),  # type: ignore[attr-defined]
            }
        )
    before = {name: cpu_seconds(pid) for name, pid in ends.pids.items()}
    with ends.source.transaction() as session:
        session.execute(insert(event_log), rows)
    log.signal_of(ends.source.engine).set()
    began = time.time()
    _until(lambda: listening.position_of(ends.target) >= amount, 300)
    seconds = time.time() - began
    used = {name: (cpu_seconds(pid) - before[name]) / amount * 1000 for name, pid in ends.pids.items()}
    return amount / seconds, used


def lateness(ends: Ends, seconds: int, base: int) -> list[float]:
    """Milliseconds from a commit to its effect being visible, at `RATE` commits per second."""
    committed: list[float] = []
    began = time.perf_counter()
    for number in range(RATE * seconds):
        time.sleep(max(0.0, began + number / RATE - time.perf_counter()))
        subject, event = _event(base + number)
        with ends.source.transaction() as session:
            log.append(session, event, subject)  # type: ignore[arg-type]
        committed.append(time.time())
    _until(lambda: listening.position_of(ends.target) >= base + len(committed), 60)
    late = []
    taken = iter(ends.seen())
    position, moment = next(taken)
    for number, commit in enumerate(committed, base + 1):
        while position < number:
            position, moment = next(taken)
        late.append(max(0.0, (moment - commit) * 1000))
    return late


def quantiles(values: list[float]) -> tuple[float, float]:
    """The median and the 99th percentile."""
    cuts = statistics.quantiles(values, n=100)
    return cuts[49], cuts[98]


def raw_kombu(amount: int = DRAINED) -> float:
    """Messages per second that two processes pass through a quorum queue with kombu alone."""
    return float(_told((PYTHON, "-m", "deploy.bench.peers.plain_kombu", str(amount))))


def nameko(amount: int = 2_000) -> float:
    """Events per second that nameko's dispatcher hands over."""
    return float(_told((str(BENCH_VENV / "python"), "-m", "deploy.bench.peers.nameko_events", str(amount))))


def _told(command: tuple[str, ...]) -> str:
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "BENCH_BUS": RABBITMQ}
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout.split()[-1]


def _until(condition: Callable[[], bool], seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError
        time.sleep(0.01)
