"""The four cells in which the bus must keep its word: {SQLite, PostgreSQL} x {memory, RabbitMQ}."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import kombu
import pytest
from sqlalchemy import create_engine, delete, text

from shared.bus import broker, failpoints, log
from shared.bus.broker import Broker
from shared.bus.tables import event_cursor, event_discarded, event_log, event_parked, event_reacted
from shared.database import Database, migrate
from shared.testing import POSTGRESQL, RABBITMQ
from tests.bus import toy
from tests.bus.house import House


@dataclass(frozen=True)
class Cell:
    """A way to run: which database, which transport."""

    database: str
    transport: str

    def __str__(self) -> str:
        return f"{self.database}-{self.transport}"


CELLS = [Cell(database, transport) for transport in ("memory", "rabbitmq") for database in ("sqlite", "postgresql")]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "not_with(word, why): a case that cannot be, for cells with this word in them")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each case in each cell; one that cannot be is listed in the summary with the reason why (`-ra`), not left out."""
    if "cell" not in metafunc.fixturenames:
        return
    excluded = {mark.args[0]: mark.args[1] for mark in metafunc.definition.iter_markers("not_with")}
    cells = []
    for cell in CELLS:
        marks = [] if str(cell) == "sqlite-memory" else [pytest.mark.services]
        marks += [pytest.mark.xfail(run=False, reason=why) for word, why in excluded.items() if word in str(cell)]
        cells.append(pytest.param(cell, id=str(cell), marks=marks))
    metafunc.parametrize("cell", cells, indirect=True)


@pytest.fixture
def cell(request: pytest.FixtureRequest) -> Cell:
    return request.param


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file, to be copied: migrating anew for each case would take most of the suite's time."""
    path = tmp_path_factory.mktemp("template") / "empty.sqlite"
    database = Database(f"sqlite:///{path}")
    _prepare(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
    return path


@pytest.fixture(scope="session")
def postgresql_databases() -> Iterator[dict[str, Database]]:
    """One database per service for the whole session, emptied before each case: making one takes seconds."""
    opened: dict[str, Database] = {}
    yield opened
    for database in opened.values():
        database.dispose()
        _server(f"DROP DATABASE {database.engine.url.database} WITH (FORCE)")


@pytest.fixture
def new_database(cell: Cell, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[[str], Database]]:
    """`new_database("registry")`: empty, migrated, with a log of its own."""
    with ExitStack() as stack:

        def make(service: str) -> Database:
            if cell.database == "sqlite":
                path = tmp_path / f"{service}.sqlite"
                shutil.copy(request.getfixturevalue("sqlite_template"), path)
                database = Database(f"sqlite:///{path}")
                stack.callback(database.dispose)
            else:
                database = _emptied(request.getfixturevalue("postgresql_databases"), service)
            with database.transaction() as session:
                log.renew(session)
            return database

        yield make


@pytest.fixture
def bus(cell: Cell) -> Iterator[Broker]:
    if cell.transport == "memory":
        broker.forget_memory()
        yield Broker("memory://")
        broker.forget_memory()
        return
    made = Broker(RABBITMQ, prefix=f"bus{uuid4().hex[:8]}")
    yield made
    with kombu.Connection(RABBITMQ) as connection:
        for source in ("registry", "credit"):
            made.queue("toy", source)(connection.default_channel).delete()
        made.exchange(connection.default_channel).delete()


@pytest.fixture
def house(
    new_database: Callable[[str], Database], bus: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[House]:
    """Nobody runs yet."""
    home = tmp_path / "toy"
    home.mkdir()
    monkeypatch.setenv("TOY_HOME", str(home))
    built = House(registry=new_database("registry"), toy=new_database("toy"), bus=bus, home=home)
    yield built
    built.stop()
    failpoints.arm("")


@pytest.fixture
def two_sources(house: House, new_database: Callable[[str], Database]) -> House:
    house.credit = new_database("credit")
    house.subscriptions = toy.SUBSCRIPTIONS
    return house


def _prepare(database: Database) -> None:
    migrate(database, "toy")
    with database.engine.connect().execution_options(csem_write=True) as connection, connection.begin():
        toy.metadata.create_all(connection)


def _emptied(opened: dict[str, Database], service: str) -> Database:
    if service not in opened:
        name = f"bus_{service}_{uuid4().hex[:8]}"
        _server(f"CREATE DATABASE {name} TEMPLATE template0")
        opened[service] = Database(f"{POSTGRESQL}/{name}")
        _prepare(opened[service])
    with opened[service].transaction() as session:
        kept = (event_log, event_cursor, event_parked, event_discarded, event_reacted)
        for table in (*toy.metadata.sorted_tables, *kept):
            session.execute(delete(table))
    return opened[service]


def _server(statement: str) -> None:
    server = create_engine(
        POSTGRESQL.replace("postgresql://", "postgresql+psycopg://") + "/postgres", isolation_level="AUTOCOMMIT"
    )
    with server.connect() as connection:
        connection.execute(text(statement))
    server.dispose()
