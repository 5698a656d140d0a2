"""What a process of each service weighs, and how soon it answers after its start."""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from deploy.bench.servers import PRODUCT_VENV, family, megabytes, running
from shared.database import Database, migrate
from shared.settings import SERVICES
from shared.tokens import create_keys

PORT = 8190
RABBITMQ = os.environ.get("CSEM_TEST_RABBITMQ", "amqp://guest:guest@127.0.0.1:5672//")


@dataclass(frozen=True)
class Weighed:
    """Megabytes resident in the largest process of the kind, and seconds from its start to its first answer."""

    megabytes: float
    seconds: float


def weigh(new_database: Callable[[], str]) -> dict[str, dict[str, Weighed]]:
    """`{"credit": {"web": …, "worker": …}}`; a web process is weighed after a hundred requests."""
    found: dict[str, dict[str, Weighed]] = {}
    for service in SERVICES:
        with tempfile.TemporaryDirectory() as name:
            home = Path(name)
            url = new_database()
            database = Database(url)
            migrate(database, service)
            database.dispose()
            for owner in SERVICES:
                create_keys(home / "keys", owner)
            environ = _environ(home, url)
            web = (f"{PRODUCT_VENV}/gunicorn", "-c", "deploy/gunicorn.conf.py", f"deploy.wsgi:create('{service}')")
            worker = (sys.executable, "-m", "deploy.csem", "worker", service, "--probe", f"127.0.0.1:{PORT}")
            found[service] = {
                "web": _weigh(web, environ, home, "/readyz", requests=100),
                "worker": _weigh(worker, environ, home, "/livez", requests=1),
            }
    return found


def _environ(home: Path, url: str) -> dict[str, str]:
    peers = {f"CSEM_{name.upper()}_URL": "http://127.0.0.1:9" for name in SERVICES}
    return peers | {
        "CSEM_HOME": str(home),
        "CSEM_DATABASE_URL": url,
        "CSEM_BUS_URL": RABBITMQ,
        "CSEM_BIND": f"127.0.0.1:{PORT}",
        "CSEM_WEB_WORKERS": "2",
    }


def _weigh(command: tuple[str, ...], environ: dict[str, str], home: Path, path: str, *, requests: int) -> Weighed:
    began = time.perf_counter()
    with running(command, environ, home / "log") as pid:
        while not _answers(path):
            if time.perf_counter() - began > 60:
                raise TimeoutError((home / "log").read_text()[-3000:])
            time.sleep(0.01)
        seconds = time.perf_counter() - began
        for _ in range(requests - 1):
            _answers(path)
        time.sleep(1)
        return Weighed(max(megabytes(member) for member in family(pid)), seconds)


def _answers(path: str) -> bool:
    connection = HTTPConnection("127.0.0.1", PORT, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
