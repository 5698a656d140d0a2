"""The servers that are measured beside each other, and the processor time each has used."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

ROOT = Path(__file__).parents[2]
BENCH_VENV = ROOT / "var" / "bench-venv" / "bin"
PRODUCT_VENV = Path(sys.executable).parent
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Server:
    """How one server is started; `told` says what it has and has not."""

    name: str
    port: int
    command: tuple[str, ...]
    told: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def gunicorn(app: str, port: int) -> tuple[str, ...]:
    command = f"{BENCH_VENV}/gunicorn --worker-class gthread --workers 2 --threads 8 --log-level warning --bind"
    return (*command.split(), f"127.0.0.1:{port}", "--no-control-socket", "--preload", "--keep-alive", "75", app)


SERVERS = (
    Server(
        "Red CSEM",
        8170,
        (f"{PRODUCT_VENV}/gunicorn", "-c", "deploy/gunicorn.conf.py", "deploy.bench.ours:create()"),
        "gunicorn gthread 2 x 8; authorisation, scope, idempotency, event, metrics, log line on",
    ),
    Server(
        "bare WSGI + psycopg", 8171, gunicorn("deploy.bench.peers.bare:app", 8171), "gunicorn gthread 2 x 8; nothing"
    ),
    Server(
        "FastAPI + asyncpg",
        8172,
        (
            *f"{BENCH_VENV}/uvicorn deploy.bench.peers.fast:app --port 8172 --workers 2".split(),
            *["--no-access-log", "--log-level", "warning", "--loop", "uvloop", "--http", "httptools"],
        ),
        "uvicorn 2 processes, uvloop, httptools; validation, no authorisation, no idempotency, no event",
    ),
    Server(
        "Django REST framework",
        8173,
        gunicorn("deploy.bench.peers.rest:app", 8173),
        "gunicorn gthread 2 x 8; validation, no authorisation, no idempotency, no event",
    ),
)


@contextmanager
def running(command: tuple[str, ...], environ: Mapping[str, str], log: Path) -> Iterator[int]:
    """The process id of `command` while it runs; what it says goes to `log`."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **environ, "PYTHONPATH": str(ROOT)}, stdout=out, stderr=out
        )
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(40)


def wait_for(server: Server, path: str, headers: Mapping[str, str]) -> bytes:
    """The body of the first good answer; raises `TimeoutError` when there is none within 20 seconds."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            connection = HTTPConnection("127.0.0.1", server.port, timeout=5)
            connection.request("GET", path, headers=dict(headers))
            response = connection.getresponse()
            if response.status == 200:
                return response.read()
            raise RuntimeError(f"{server.name}: {response.status} {response.read()[:500]!r}")
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(server.name)


def family(pid: int) -> list[int]:
    """`pid` and all its descendants."""
    parents = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue  # it ended meanwhile
    found, fresh = [pid], [pid]
    while fresh:
        fresh = [child for child, parent in parents.items() if parent in fresh]
        found += fresh
    return found


def cpu_seconds(pid: int) -> float:
    """User and system time of `pid` and its descendants so far."""
    total = 0.0
    for member in family(pid):
        values = Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split()
        total += (int(values[11]) + int(values[12])) / _TICKS
    return total


def megabytes(pid: int) -> float:
    """Resident memory of one process."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE / 1e6
