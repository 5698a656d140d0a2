"""A service as it runs: its web application and the loops of its worker."""

import math
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from flask import Flask

from shared import logs
from shared.database import Database
from shared.settings import Settings

_FIRST_WAIT, _DOUBLINGS, _LONGEST_WAIT = 0.5, 6, 30.0
_FAILURES_IN_A_ROW, _STEADY_SECONDS = 5, 60.0


class Loop(Protocol):
    """Work that goes on until it is told to stop: the relay, a subscriber, the jobs."""

    name: str

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; come back soon after."""


@dataclass
class _Health:
    """How one loop fares: failures since it last worked for a minute on end."""

    failures: int = 0
    begun: float = math.inf

    def begin(self) -> None:
        self.begun = time.monotonic()

    def fail(self) -> float:
        """Count a failure; comes back with how many seconds to wait before the next try, twice as long each time."""
        self.failures = 1 if self._steady else self.failures + 1
        self.begun = math.inf
        return min(_FIRST_WAIT * 2.0 ** min(self.failures - 1, _DOUBLINGS), _LONGEST_WAIT)

    @property
    def well(self) -> bool:
        return self.failures < _FAILURES_IN_A_ROW or self._steady

    @property
    def _steady(self) -> bool:
        return time.monotonic() - self.begun >= _STEADY_SECONDS


@dataclass
class Worker:
    """The loops of one service, each in a thread of its own."""

    loops: Sequence[Loop]
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)
    _health: list[_Health] = field(default_factory=list)

    def start(self) -> None:
        for loop in self.loops:
            health = _Health()
            thread = threading.Thread(target=self._keep_running, args=(loop, health), name=loop.name, daemon=True)
            thread.start()
            self._threads.append(thread)
            self._health.append(health)

    def ask_to_stop(self) -> None:
        """Every loop comes to its end soon; `stop` waits for that."""
        self._stop.set()

    def stop(self, timeout: float = 10) -> None:
        """Ask every loop to stop and wait for them."""
        self.ask_to_stop()
        for thread in self._threads:
            thread.join(timeout)

    @property
    def alive(self) -> bool:
        """Whether every loop still has its thread, and none fails again and again."""
        return all(thread.is_alive() for thread in self._threads) and all(health.well for health in self._health)

    def _keep_running(self, loop: Loop, health: _Health) -> None:
        """A loop that fails (database restarted, disk full) is told in the log and begun again."""
        while not self._stop.is_set():
            health.begin()
            try:
                loop.run(self._stop)
                return
            except Exception as error:  # noqa: BLE001 - whatever it was, the loop must go on
                logs.logger(loop=loop.name).error("loop_failed", kind=type(error).__name__, exc_info=error)
                self._stop.wait(health.fail())


@dataclass(frozen=True)
class Service:
    """One service, composed by its `app.py`."""

    settings: Settings
    database: Database
    web: Flask
    worker: Worker

    @property
    def name(self) -> str:
        return self.settings.service
