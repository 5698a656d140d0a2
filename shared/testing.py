"""What tests of every service need: real databases that are thrown away, keys, callers, the reference data."""

import atexit
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from uuid import uuid4

from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool

from shared.bus import log
from shared.database import Database, migrate
from shared.identity import Caller, Scope
from shared.settings import SERVICES, Settings
from shared.tokens import Keyring, create_keys

ROOT = Path(__file__).parent.parent
DATA = ROOT.parent / "shared" / "data"
"""Real data to test with; it is no part of the repository and may be absent."""

POSTGRESQL = os.environ.get("CSEM_TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432")
RABBITMQ = os.environ.get("CSEM_TEST_RABBITMQ", "amqp://guest:guest@127.0.0.1:5672//")


@contextmanager
def postgresql_url(template: str = "template0") -> Iterator[str]:
    """The address of a new PostgreSQL database, a copy of `template`, that is dropped afterwards."""
    name = f"csem_test_{uuid4().hex[:12]}"
    server = create_engine(
        POSTGRESQL.replace("postgresql://", "postgresql+psycopg://") + "/postgres", isolation_level="AUTOCOMMIT"
    )
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    try:
        yield f"{POSTGRESQL}/{name}"
    finally:
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        server.dispose()


Filling = Callable[[Session], object]


@contextmanager
def database_of(service: str, folder: Path, kind: str, filled: Filling | None = None) -> Iterator[Database]:
    """The migrated database of a service, empty or with what `filled` put into it: `kind` is `sqlite` (a file in
    `folder`) or `postgresql`. Migrations and each filling run once in a process; every database is a copy with a log
    of its own.
    """
    if kind == "postgresql":
        with postgresql_url(template=_postgresql_template(service, filled)) as url:
            yield from _fresh(url)
    else:
        path = folder / f"{service}.sqlite"
        shutil.copyfile(_sqlite_template(service, filled), path)
        yield from _fresh(f"sqlite:///{path}")


def _fresh(url: str) -> Iterator[Database]:
    database = Database(url)
    try:
        with database.transaction() as session:
            log.renew(session)
        yield database
        if isinstance(pool := database.engine.pool, QueuePool):
            assert pool.checkedout() == 0, "a session was left open"
    finally:
        database.dispose()


def fill(database: Database, service: str) -> None:
    """Put the migrated, empty tables of a service into a new database that its application opened."""
    path = database.engine.url.database
    if not database.is_sqlite or path is None or Path(path).exists():
        migrate(database, service)
        return
    shutil.copyfile(_sqlite_template(service), path)
    with database.transaction() as session:
        log.renew(session)


@cache
def _sqlite_template(service: str, filled: Filling | None = None) -> Path:
    folder = tempfile.mkdtemp(prefix="csem-test-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = Path(folder) / f"{service}.sqlite"
    if filled:
        shutil.copyfile(_sqlite_template(service), path)
    database = Database(f"sqlite:///{path}")
    _make(database, service, filled)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
    return path


@cache
def _postgresql_template(service: str, filled: Filling | None = None) -> str:
    kept = ExitStack()
    atexit.register(kept.close)
    url = kept.enter_context(postgresql_url(_postgresql_template(service) if filled else "template0"))
    database = Database(url)
    _make(database, service, filled)
    database.dispose()
    return url.rpartition("/")[2]


def _make(database: Database, service: str, filled: Filling | None) -> None:
    if filled is None:
        migrate(database, service)
        return
    with database.transaction() as session:
        filled(session)


def keyrings(folder: Path) -> dict[str, Keyring]:
    """A key for each service, in `folder`; a process that tests makes them once."""
    shutil.copytree(_key_template(), folder, dirs_exist_ok=True)
    return {service: Keyring(folder, service) for service in SERVICES}


@cache
def _key_template() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="csem-test-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for service in SERVICES:
        create_keys(folder, service)
    return folder


def settings_of(service: str, home: Path, **environ: str) -> Settings:
    """The settings of `service` with everything under `home`."""
    return Settings.read(service, {"CSEM_HOME": str(home), "CSEM_LOG_FORMAT": "console"} | environ)


def person(
    *roles: str, scope: str | tuple[str, ...] = "*", subject: str = "", name: str = "Persona de prueba"
) -> Caller:
    """A signed-in person with these roles, working in `scope`."""
    units = (scope,) if isinstance(scope, str) else scope
    return Caller(subject or f"test-{'-'.join(roles)}", name, frozenset(roles), Scope.of(*units))


def headers(keyrings_: dict[str, Keyring], caller: Caller, **extra: str) -> dict[str, str]:
    """The request headers with which `caller` speaks."""
    return {"Authorization": f"Bearer {keyrings_['portal'].sign(caller, seconds=600)}", **extra}


@contextmanager
def rabbitmq_url() -> Iterator[str]:
    """The address of an empty virtual host that is removed afterwards."""
    server, _, _ = RABBITMQ.partition("//")[2].partition("/")
    name = f"csem-test-{uuid4().hex[:12]}"
    for command in (("add_vhost", name), ("set_permissions", "-p", name, "guest", ".*", ".*", ".*")):
        subprocess.run(["rabbitmqctl", *command], check=True, capture_output=True)  # noqa: S603, S607
    try:
        yield f"amqp://{server}/{name}"
    finally:
        subprocess.run(["rabbitmqctl", "delete_vhost", name], check=True, capture_output=True)  # noqa: S603, S607
