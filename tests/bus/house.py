"""Two services and a bus between them, to be started, stopped, killed and looked into by a test."""

import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select

from shared.bus import inbox, log, metrics, parked
from shared.bus.broker import Broker
from shared.bus.envelope import Envelope
from shared.bus.relay import Relay, number
from shared.bus.replay import canonical
from shared.bus.sources import Feed, LocalFeed
from shared.bus.subscriber import loops
from shared.bus.subscriptions import Consumer, Subscriptions
from shared.database import Database
from shared.events import Event
from shared.identity import Caller
from shared.service import Loop, Worker
from tests.bus import toy
from tests.bus.process import started

PATIENCE = 20.0
OPERATOR = Caller.operator("ana")
REASONS = ("duplicate", "malformed", "beyond_head", "other_log")


def eventually(condition: Callable[[], object], what: str = "", seconds: float = PATIENCE) -> None:
    """Wait until `condition` holds; fail, saying `what` was awaited, when it does not in time."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, f"in vain: {what or condition}"
        time.sleep(0.02)


class Mischief(Broker):
    """A broker that loses, doubles and delays by script: `script` maps the messages handed over to those sent."""

    def __init__(self, broker: Broker, script: Callable[[Envelope], Sequence[Envelope]]) -> None:
        super().__init__(broker.url, broker.prefix)
        self._script = script

    def publish(self, channel: object, envelope: Envelope) -> None:
        for sent in self._script(envelope):
            super().publish(channel, sent)


class Switch:
    """A feed that can be away."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self.away = False
        self.asked = 0

    def head(self) -> log.Head:
        self._check()
        return self._feed.head()

    def read(self, after: int, limit: int):
        self._check()
        return self._feed.read(after, limit)

    def _check(self) -> None:
        from shared.bus.sources import FeedAwayError

        self.asked += 1
        if self.away:
            raise FeedAwayError("switched off")


@dataclass
class House:
    """`registry` announces, `toy` listens; `credit` is a second source where a test opens it."""

    registry: Database
    toy: Database
    bus: Broker
    home: Path
    subscriptions: Subscriptions = toy.REGISTRY_ONLY
    credit: Database | None = None
    workers: list[Worker] = field(default_factory=list)
    processes: list[BaseProcess] = field(default_factory=list)
    dropped_before: dict[str, float] = field(default_factory=lambda: {reason: _dropped(reason) for reason in REASONS})

    # -- what happens ----------------------------------------------------------------------------------------------

    def record(self, *events: Event, subject: UUID | None = None, database: Database | None = None) -> None:
        """One use case that announces `events`, committed."""
        with (database or self.registry).transaction() as session:
            for event in events:
                log.append(session, event, subject=subject or subject_of(event))

    def number(self) -> list[Envelope]:
        """Give positions without a relay; comes back with the whole log."""
        with self.registry.transaction() as session:
            number(session)
            return log.read(session, "registry", after=0, limit=10_000)

    def cure(self) -> None:
        (self.home / "cured").touch()

    def tries(self, activity: str) -> int:
        tally = self.home / f"tried-{activity}"
        return len(tally.read_text()) if tally.exists() else 0

    # -- who runs --------------------------------------------------------------------------------------------------

    def consumer(self, feed: Feed | None = None) -> Consumer:
        feeds = {"registry": feed or LocalFeed(self.registry, "registry")}
        if self.credit is not None:
            feeds["credit"] = LocalFeed(self.credit, "credit")
        return Consumer(self.toy, self.subscriptions, feeds)

    def listen(
        self, *, feed: Feed | None = None, poll: float = 0.2, batch: int = 200, bus: Broker | None = None
    ) -> Worker:
        running = self._run(loops(self.consumer(feed), bus or self.bus, poll_seconds=poll, batch=batch))
        self._declare_queues()
        return running

    def relay(self, bus: Broker | None = None) -> Worker:
        return self._run([Relay(self.registry, bus or self.bus, "registry")])

    def spawn(self, *roles: str, failpoints: str = "", poll: float = 0.2, bus: Broker | None = None) -> BaseProcess:
        """A process of its own with the loops of `roles` (relay, listen) or a command (replay)."""
        process = started(
            roles=roles,
            registry=self.registry.url,
            toy=self.toy.url,
            bus=(bus or self.bus).url,
            prefix=self.bus.prefix,
            home=str(self.home),
            poll=poll,
            failpoints=failpoints,
        )
        self.processes.append(process)
        return process

    def stop(self) -> None:
        for worker in self.workers:
            worker.stop()
        self.workers.clear()
        for process in self.processes:
            process.kill()
            process.join()
        self.processes.clear()

    def _run(self, wanted: Sequence[Loop]) -> Worker:
        worker = Worker(wanted)
        worker.start()
        self.workers.append(worker)
        return worker

    def _declare_queues(self) -> None:
        """What is published from now on reaches the listener: its ear would get round to that a little later."""
        with self.bus.connected() as connection:
            for source in self.subscriptions.sources:
                self.bus.queue(self.subscriptions.consumer, source)(connection.default_channel).declare()

    # -- what came of it -------------------------------------------------------------------------------------------

    def trail(self, enterprise: UUID) -> list[int]:
        """The numbers that were applied to the copy of `enterprise`, in the order in which they were."""
        with self.toy.reading() as session:
            wanted = select(toy.copy_enterprise.c.trail).where(toy.copy_enterprise.c.enterprise_id == enterprise)
            return session.scalar(wanted) or []

    def visits(self) -> int:
        with self.toy.reading() as session:
            return session.scalar(select(func.count()).select_from(toy.visit))

    def cursor(self, source: str = "registry"):
        with self.toy.reading() as session:
            return inbox.cursor_of(session, source)

    def taken(self, position: int, source: str = "registry") -> bool:
        cursor = self.cursor(source)
        return cursor is not None and cursor["position"] >= position

    def parked(self, **options: object) -> list[tuple[int, str]]:
        with self.toy.reading() as session:
            return [(row["position"], row["state"]) for row in parked.listed(session, **options)]

    def copies(self) -> str:
        with self.toy.reading() as session:
            return canonical(session, self.subscriptions.copy_tables)

    def dropped(self, reason: str) -> int:
        """How many messages were dropped for this `reason` since the house was built."""
        return int(_dropped(reason) - self.dropped_before[reason])

    def head(self) -> log.Head:
        with self.registry.reading() as session:
            return log.head(session)


def subject_of(event: Event) -> UUID:
    facts = getattr(event, "facts", None)
    if facts is not None:
        return facts.enterprise_id
    return getattr(event, "entrepreneur_id", None) or event.enterprise_id


def killed(process: BaseProcess) -> bool:
    """Wait for the end of `process`; whether SIGKILL ended it."""
    process.join(PATIENCE)
    return process.exitcode == -signal.SIGKILL


def _dropped(reason: str) -> float:
    return metrics.DROPPED.labels("toy", "registry", reason)._value.get()
