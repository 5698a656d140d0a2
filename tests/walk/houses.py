"""The house as it really runs, for the walk: one process with SQLite, or ten with PostgreSQL and RabbitMQ."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from shared.settings import SERVICES
from shared.testing import ROOT, postgresql_url, rabbitmq_url

CSEM = [sys.executable, "-m", "deploy.csem"]


@dataclass(frozen=True)
class Running:
    """A house that answers: the address of each service, and the environment its commands need."""

    urls: Mapping[str, str]
    environ: Mapping[str, str]

    def csem(self, *arguments: str) -> str:
        """What a `csem` command prints; fails the test with its message when it fails."""
        done = subprocess.run([*CSEM, *arguments], env=self.environ, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, f"csem {' '.join(arguments)}: {done.stdout}{done.stderr[-2000:]}"
        return done.stdout


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _environ(home: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CSEM_")}
    return kept | {"CSEM_HOME": str(home), "CSEM_LOG_FORMAT": "json", "LANG": "es_HN.UTF-8"} | more


@contextmanager
def embedded(home: Path, *, demo: bool = False) -> Iterator[Running]:
    """Everything in one process, as `make run` does it."""
    port = _free_port()
    environ = _environ(home)
    with ExitStack() as stack:
        _start(stack, home, "run", [*CSEM, "run", "--port", str(port), "--demo" if demo else "--no-demo"], environ)
        url = f"http://127.0.0.1:{port}"
        _await_ready(home, [url], seconds=300 if demo else 90)
        yield Running(dict.fromkeys(SERVICES, url), environ)


@contextmanager
def separate(home: Path) -> Iterator[Running]:
    """Each service as a web process and a worker of its own, with its own PostgreSQL database, over RabbitMQ."""
    ports = {name: _free_port() for name in SERVICES}
    urls = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
    with ExitStack() as stack:
        environ = _environ(home, CSEM_BUS_URL=stack.enter_context(rabbitmq_url()), CSEM_PUBLIC_URL=urls["portal"])
        for name in SERVICES:
            environ[f"CSEM_{name.upper()}_URL"] = urls[name]
            environ[f"CSEM_{name.upper()}_DATABASE_URL"] = stack.enter_context(postgresql_url())
        house = Running(urls, environ)
        house.csem("keys", "create")
        house.csem("migrate")
        for name in SERVICES:
            web = [
                "gunicorn",
                "-k",
                "gthread",
                "--threads",
                "4",
                "-b",
                f"127.0.0.1:{ports[name]}",
                "--no-control-socket",
            ]
            _start(stack, home, f"{name}-web", [sys.executable, "-m", *web, f"deploy.wsgi:create('{name}')"], environ)
            _start(stack, home, f"{name}-worker", [*CSEM, "worker", name], environ)
        _await_ready(home, urls.values())
        yield house


def _start(stack: ExitStack, home: Path, name: str, command: list[str], environ: Mapping[str, str]) -> None:
    home.mkdir(parents=True, exist_ok=True)
    log = stack.enter_context((home / f"{name}.out").open("wb"))
    process = subprocess.Popen(command, env=environ, cwd=ROOT, stdout=log, stderr=log, start_new_session=True)
    stack.callback(_stop, process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(5)


def _await_ready(home: Path, urls: object, seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    for url in urls:  # type: ignore[attr-defined]
        while True:
            try:
                if httpx.get(f"{url}/readyz", timeout=2).status_code == 200:
                    break
            except httpx.HTTPError:
                pass
            if time.monotonic() > deadline:
                told = "\n".join(f"--- {path.name}\n{path.read_text()[-1500:]}" for path in home.glob("*.out"))
                raise AssertionError(f"{url} does not answer\n{told}")
            time.sleep(0.2)
