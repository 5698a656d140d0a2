"""A service as it runs: its web application and the loops of its worker."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from flask import Flask

from shared import logs
from shared.database import Database
from shared.settings import Settings


class Loop(Protocol):
    """Work that goes on until it is told to stop: the relay, a subscriber, the jobs."""

    name: str

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; come back soon after."""


@dataclass
class Worker:
    """The loops of one service, each in a thread of its own."""

    loops: Sequence[Loop]
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        for loop in self.loops:
            thread = threading.Thread(target=self._keep_running, args=(loop,), name=loop.name, daemon=True)
            thread.start()
            self._threads.append(thread)

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
        """Whether every loop still has its thread."""
        return all(thread.is_alive() for thread in self._threads)

    def _keep_running(self, loop: Loop) -> None:
        """A loop that fails (database restarted, disk full) is told in the log and begun again."""
        wait = 0.5
        while not self._stop.is_set():
            try:
                loop.run(self._stop)
                return
            except Exception as error:  # noqa: BLE001 - whatever it was, the loop must go on
                logs.logger(loop=loop.name).error("loop_failed", kind=type(error).__name__, exc_info=error)
                self._stop.wait(wait)
                wait = min(wait * 2, 30)


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
