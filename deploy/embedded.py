"""Everything in one process: five applications behind one port, their workers as threads."""

import sys
from collections.abc import Callable, Iterable
from typing import Any

from gunicorn.app.base import BaseApplication

from deploy.house import House
from shared.settings import SERVICES

THREADS = 16


class OnePort:
    """Sends `/api/<service>/…` to that service and everything else to the portal; `/internal` goes nowhere."""

    def __init__(self, house: House) -> None:
        self._apps = {name: house.service(name).web for name in SERVICES}

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        parts = environ.get("PATH_INFO", "/").split("/")
        if parts[1:2] == ["internal"]:
            environ["PATH_INFO"] = "/not-served-here"
        name = parts[2] if len(parts) > 3 and parts[1] == "api" else "portal"
        return self._apps.get(name, self._apps["portal"])(environ, start_response)


class Embedded(BaseApplication):  # type: ignore[misc]
    """One gunicorn worker with threads; the loops of all services start and stop with it."""

    def __init__(self, house: House, *, port: int, ready: Callable[[], None]) -> None:
        self._house, self._port, self._ready = house, port, ready
        super().__init__()

    def load_config(self) -> None:
        self.cfg.set("bind", f"127.0.0.1:{self._port}")
        self.cfg.set("worker_class", "gthread")
        self.cfg.set("workers", 1)
        self.cfg.set("threads", THREADS)
        self.cfg.set("timeout", 120)
        self.cfg.set("graceful_timeout", 5)
        self.cfg.set("loglevel", "warning")
        self.cfg.set("control_socket_disable", True)
        self.cfg.set("post_worker_init", self._start)
        self.cfg.set("worker_exit", self._stop)

    def load(self) -> OnePort:
        return OnePort(self._house)

    def _start(self, _worker: object) -> None:
        for name in SERVICES:
            self._house.service(name).worker.start()
        self._ready()
        sys.stdout.flush()

    def _stop(self, _server: object, _worker: object) -> None:
        workers = [self._house.service(name).worker for name in SERVICES]
        for worker in workers:
            worker.ask_to_stop()
        for worker in workers:
            worker.stop(timeout=4)
