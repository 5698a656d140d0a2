"""A fault soak: a broker that loses, doubles and shuffles, processes that are killed all the time; what was lost at the end?

    python -m tests.bus.soak --events 20000 --database postgresql --bus rabbitmq

One relay and two competing consumers (all three in one process with memory://) are killed with SIGKILL at random while
writers record facts about many subjects, each numbered 1, 2, 3 … The end is reached when every position was taken.
"""

import multiprocessing
import os
import random
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path
from uuid import UUID, uuid4

import click
import kombu
from sqlalchemy import Column, Integer, MetaData, Table, Uuid, insert, select

from shared import logs
from shared.bus import inbox, log, parking
from shared.bus.broker import Broker
from shared.bus.envelope import Envelope
from shared.bus.relay import Relay
from shared.bus.sources import LocalFeed
from shared.bus.subscriber import loops
from shared.bus.subscriptions import Consumer, Subscriptions
from shared.database import Database
from shared.events.registry import EnterpriseChanged
from shared.kernel import uuid7
from shared.testing import RABBITMQ, database_of
from tests.bus.house import Mischief
from tests.bus.toy import changed

applied = Table(
    "soak_applied",
    MetaData(),
    Column("nth", Integer, primary_key=True),
    Column("subject", Uuid, nullable=False),
    Column("n", Integer, nullable=False),
)


def remember(session, event: EnterpriseChanged, envelope: Envelope) -> None:
    session.execute(insert(applied).values(subject=event.facts.enterprise_id, n=event.facts.jobs_women))


SUBSCRIPTIONS = Subscriptions("soak", copies={EnterpriseChanged: remember}, copy_tables=[applied])


class Chaos:
    """5 % of the messages are lost, 5 % doubled, and a third of the batches of ten shuffled."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._batch: list[Envelope] = []

    def __call__(self, event: Envelope) -> Sequence[Envelope]:
        fate = self._random.random()
        self._batch += [] if fate < 0.05 else [event, event] if fate < 0.10 else [event]
        if len(self._batch) < 10:
            return []
        sent, self._batch = self._batch, []
        if self._random.random() < 1 / 3:
            self._random.shuffle(sent)
        return sent


def work(roles: Sequence[str], source: str, target: str, url: str, prefix: str, seed: int) -> None:
    """One process: its loops until it is killed."""
    sys.stderr = open(os.devnull, "w")  # noqa: SIM115, PTH123 - what it says while it is being killed
    logs.configure("console")
    registry, listener = Database(source), Database(target)
    bus = Mischief(Broker(url, prefix), Chaos(seed))
    consumer = Consumer(listener, SUBSCRIPTIONS, {"registry": LocalFeed(registry, "registry")})
    wanted = []
    for role in roles:
        wanted += [Relay(registry, bus, "registry")] if role == "relay" else loops(consumer, bus, poll_seconds=0.5)
    with ThreadPoolExecutor(len(wanted)) as threads:
        for loop in wanted:
            threads.submit(loop.run, threading.Event())


class Crowd:
    """The processes, and who kills them."""

    def __init__(self, teams: Sequence[Sequence[str]], *where: str, seed: int) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["tests.bus.soak"])
        self._teams, self._where = teams, where
        self._random = random.Random(seed)
        self._members = [self._start(team) for team in teams]
        self.kills = 0

    def kill_one(self) -> None:
        victim = self._random.randrange(len(self._members))
        self._members[victim].kill()
        self._members[victim].join()
        self._members[victim] = self._start(self._teams[victim])
        self.kills += 1

    def end(self) -> None:
        for member in self._members:
            member.kill()
            member.join()

    def _start(self, team: Sequence[str]):
        process = self._context.Process(
            target=work, args=(team, *self._where, self._random.randrange(10**6)), daemon=True
        )
        process.start()
        return process


def write(database: Database, subjects: Sequence[UUID], events: int, seed: int, done: threading.Event) -> None:
    """Record `events` facts, some in each transaction, every tenth transaction rolled back."""
    chance, count = random.Random(seed), Counter()
    while sum(count.values()) < events:
        several = [chance.choice(subjects) for _ in range(chance.randint(1, 20))]
        trial = Counter(count)
        try:
            with database.transaction() as session:
                for subject in several:
                    trial[subject] += 1
                    log.append(session, changed(subject, trial[subject]), subject=subject)
                if chance.random() < 0.1:
                    raise KeyError("rolled back")
        except KeyError:
            continue
        count = trial
    done.set()


def judged(registry: Database, listener: Database) -> dict[str, int]:
    """What was recorded against what was applied."""
    with registry.reading() as session:
        numbered = log.read(session, "registry", after=0, limit=10**7)
    with listener.reading() as session:
        rows = session.execute(select(applied).order_by(applied.c.nth)).all()
        parked = parking.waiting_count(session, "registry")
    expected = Counter((event.subject, event.data["facts"]["jobs_women"]) for event in numbered)
    got = Counter((row.subject, row.n) for row in rows)
    trails = defaultdict(list)
    for row in rows:
        trails[row.subject].append(row.n)
    return {
        "recorded": len(numbered),
        "applied": len(rows),
        "lost": sum((expected - got).values()),
        "twice": sum((got - expected).values()),
        "out of order": sum(1 for trail in trails.values() for before, after in pairwise(trail) if after <= before),
        "gaps in positions": sum(1 for n, event in enumerate(numbered, 1) if event.position != n),
        "still parked": parked,
    }


@contextmanager
def _house(database: str, bus: str):
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        registry = stack.enter_context(database_of("soak_source", folder, database))
        listener = stack.enter_context(database_of("soak_target", folder, database))
        with listener.engine.connect().execution_options(csem_write=True) as connection, connection.begin():
            applied.metadata.create_all(connection)
        prefix = f"bussoak{uuid4().hex[:6]}"
        url = RABBITMQ if bus == "rabbitmq" else "memory://"
        yield registry, listener, url, prefix
        if bus == "rabbitmq":
            with kombu.Connection(url) as connection:
                Broker(url, prefix).queue("soak", "registry")(connection.default_channel).delete()
                Broker(url, prefix).exchange(connection.default_channel).delete()


@click.command()
@click.option("--events", default=20_000, show_default=True)
@click.option("--database", default="sqlite", show_default=True, type=click.Choice(["sqlite", "postgresql"]))
@click.option("--bus", default="memory", show_default=True, type=click.Choice(["memory", "rabbitmq"]))
@click.option("--pause", default=0.7, show_default=True, help="Seconds between two kills.")
@click.option("--seed", default=1, show_default=True)
def main(events: int, database: str, bus: str, pause: float, seed: int) -> None:
    """Soak the bus in faults; the exit code says whether every fact arrived once and in order."""
    teams = [["relay"], ["listen"], ["listen"]] if bus == "rabbitmq" else [["relay", "listen", "listen"]]
    with _house(database, bus) as (registry, listener, url, prefix):
        crowd = Crowd(teams, registry.url, listener.url, url, prefix, seed=seed)
        written, began = threading.Event(), time.monotonic()
        subjects = [uuid7() for _ in range(50)]
        threading.Thread(target=write, args=(registry, subjects, events, seed, written), daemon=True).start()
        while not (written.is_set() and _all_taken(registry, listener)):
            time.sleep(pause)
            if crowd.kills < 95 or not written.is_set():
                crowd.kill_one()
            click.echo(f"\r{time.monotonic() - began:5.0f} s  {crowd.kills} kills  {_taken(listener)} taken", nl=False)
        crowd.end()
        told = judged(registry, listener)
    click.echo(f"\n{database} + {bus}, {crowd.kills} SIGKILLs, {time.monotonic() - began:.0f} s")
    for what, count in told.items():
        click.echo(f"{what:>18}: {count}")
    sys.exit(any(told[what] for what in ("lost", "twice", "out of order", "gaps in positions", "still parked")))


def _taken(listener: Database) -> int:
    with listener.reading() as session:
        cursor = inbox.cursor_of(session, "registry")
    return 0 if cursor is None else cursor["position"]


def _all_taken(registry: Database, listener: Database) -> bool:
    with registry.reading() as session:
        recorded = session.query(log.event_log).count()
    with listener.reading() as session:
        return _taken(listener) == recorded and parking.waiting_count(session, "registry") == 0


if __name__ == "__main__":
    main()
