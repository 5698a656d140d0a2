"""A service as production runs it: gunicorn with its own settings, and a worker of its own, as real processes."""

import os
import re
import runpy
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy.engine import make_url

from deploy.probe import Probe
from deploy.wsgi import create
from shared.database import Database, migrate
from shared.identity import Caller
from shared.settings import SERVICES, SettingsError
from shared.testing import RABBITMQ, ROOT, keyrings, person, postgresql_url
from tests.bus.proxy import Proxy

pytestmark = pytest.mark.services
BIN = Path(sys.executable).parent


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@contextmanager
def process(*command: str, environ: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A child process that is gone afterwards, whatever happened."""
    with log.open("ab") as out:
        child = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environ}, stdout=out, stderr=out)
    try:
        yield child
    finally:
        if child.poll() is None:
            child.kill()
        child.wait(20)


def eventually(look: Callable[[], object], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.1)


def status(url: str) -> int:
    try:
        return httpx.get(url, timeout=10, trust_env=False).status_code
    except httpx.HTTPError:
        return 0


class Production:
    """The registry with its database behind a proxy that can be cut, and the others nowhere."""

    def __init__(self, url: str, database: Proxy, broker: Proxy, home: Path) -> None:
        self.database, self.broker, self.home = database, broker, home
        self.log = home / "log"
        self.port = free_port()
        self.keys = keyrings(home / "keys")
        nowhere = {f"CSEM_{name.upper()}_URL": f"http://127.0.0.1:{free_port()}" for name in SERVICES}
        self.environ = nowhere | {
            "CSEM_HOME": str(home),
            "CSEM_DATABASE_URL": make_url(url).set(port=database.port).render_as_string(hide_password=False),
            "CSEM_BUS_URL": f"amqp://guest:guest@127.0.0.1:{broker.port}//",
            "CSEM_BIND": f"127.0.0.1:{self.port}",
            "TMPDIR": str(home / "tmp"),
        }
        (home / "tmp").mkdir()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def web(self) -> AbstractContextManager[subprocess.Popen[bytes]]:
        command = (f"{BIN}/gunicorn", "-c", "deploy/gunicorn.conf.py", "deploy.wsgi:create('registry')")
        return process(*command, environ=self.environ, log=self.log)

    def worker(self) -> AbstractContextManager[subprocess.Popen[bytes]]:
        command = (sys.executable, "-m", "deploy.csem", "worker", "registry", "--probe", f"127.0.0.1:{self.port}")
        return process(*command, environ=self.environ, log=self.log)

    def headers(self, caller: Caller) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys['portal'].sign(caller, seconds=600)}"}


@pytest.fixture
def production(tmp_path: Path) -> Iterator[Production]:
    with ExitStack() as stack:
        url = stack.enter_context(postgresql_url())
        opened = Database(url)
        migrate(opened, "registry")
        opened.dispose()
        database = stack.enter_context(Proxy("127.0.0.1", make_url(url).port or 5432))
        broker = stack.enter_context(Proxy("127.0.0.1", make_url(RABBITMQ).port or 5672))
        yield Production(url, database, broker, tmp_path)


def test_the_web_starts_before_its_database_and_is_ready_when_that_has_come(production: Production) -> None:
    production.database.cut()
    with production.web():
        eventually(lambda: status(production.url("/livez")) == 200)
        assert status(production.url("/readyz")) == 503
        production.database.mend()
        eventually(lambda: status(production.url("/readyz")) == 200, 20)


def test_the_web_survives_its_database_for_a_while(production: Production) -> None:
    headers = production.headers(person("technician"))
    with production.web(), httpx.Client(headers=headers, timeout=30, trust_env=False) as client:
        eventually(lambda: status(production.url("/readyz")) == 200)
        enterprises = production.url("/api/registry/v1/enterprises")
        assert client.get(enterprises).status_code == 200
        production.database.cut()
        assert client.get(enterprises).status_code == 503
        assert client.get(enterprises).headers["Content-Type"] == "application/problem+json"
        production.database.mend()
        assert client.get(enterprises).status_code == 200


def test_metrics_are_those_of_all_processes_and_leave_nothing_behind(production: Production) -> None:
    counted = re.compile(
        r'csem_requests_total\{operation="enterprises[.]list[a-z_]*",service="registry",status="401"\} (.+)'
    )
    with production.web() as gunicorn:
        eventually(lambda: status(production.url("/readyz")) == 200)
        for _ in range(40):
            assert status(production.url("/api/registry/v1/enterprises")) == 401
        for _ in range(6):
            exposition = httpx.get(production.url("/metrics"), trust_env=False).text
            assert [float(value) for value in counted.findall(exposition)] == [40.0], exposition
        gunicorn.send_signal(signal.SIGTERM)
        assert gunicorn.wait(30) == 0
    assert list((production.home / "tmp").glob("csem-metrics-*")) == []


def test_a_process_serves_as_long_as_it_is_well(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each process leaves its files of metrics behind for the sums: replaced by the number of requests, they pile up."""
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    settings = runpy.run_path(str(ROOT / "deploy" / "gunicorn.conf.py"))
    assert settings.get("max_requests", 0) == 0


def test_a_worker_waits_for_its_database_and_broker_and_stops_when_told(production: Production) -> None:
    production.database.cut()
    production.broker.cut()
    with production.worker() as worker:
        eventually(lambda: status(production.url("/livez")) == 200)
        time.sleep(1)
        production.database.mend()
        production.broker.mend()
        eventually(lambda: production.broker.connections > 0 and production.database.connections > 0, 40)
        assert status(production.url("/livez")) == 200
        assert "csem_bus_log_head" in httpx.get(production.url("/metrics"), trust_env=False).text
        assert status(production.url("/readyz")) == 404
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(30) == 0


def test_a_service_of_its_own_needs_the_addresses_of_the_others(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CSEM_HOME", str(tmp_path))
    with pytest.raises(SettingsError) as refused:
        create("credit")
    told = str(refused.value)
    assert "CSEM_BUS_URL" in told
    assert [name for name in SERVICES if f"CSEM_{name.upper()}_URL" in told] == [
        name for name in SERVICES if name != "credit"
    ]


def test_a_secret_file_that_cannot_be_read_is_a_mistake_that_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CSEM_HOME", str(tmp_path))
    monkeypatch.setenv("CSEM_DATABASE_URL_FILE", str(tmp_path / "absent"))
    with pytest.raises(SettingsError, match="CSEM_DATABASE_URL_FILE: cannot be read"):
        create("credit")


def test_the_probe_tells_when_a_loop_has_ended() -> None:
    alive = [True]
    probe = Probe(("127.0.0.1", 0), lambda: alive[0])
    try:
        assert status(f"http://127.0.0.1:{probe.port}/livez") == 200
        alive[0] = False
        assert status(f"http://127.0.0.1:{probe.port}/livez") == 503
    finally:
        probe.close()
