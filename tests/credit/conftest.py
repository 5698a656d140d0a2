"""A fresh credit database on each kind of database, at a moment that stands still."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from services.credit.app import build
from services.credit.directory import Directory
from services.credit.sealing import seal_with
from shared import files
from shared.database import Database
from shared.kernel import clock
from shared.service import Service
from shared.testing import database_of, settings_of
from shared.tokens import Keyring
from shared.web import Peers
from tests.credit.client import Client
from tests.credit.house import TODAY, House, names


@pytest.fixture
def database(database_kind: str, tmp_path: Path, keys: dict[str, Keyring]) -> Iterator[Database]:
    """An empty database of this test's own."""
    with database_of("credit", tmp_path, database_kind) as opened:
        files.keep_in(opened, tmp_path / "files")
        seal_with(opened, keys["credit"])
        yield opened


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with clock.frozen(TODAY):
        yield


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A transaction that is thrown away."""
    connection = database.engine.connect().execution_options(csem_write=True)
    with connection, Session(connection, expire_on_commit=False) as opened:
        yield opened
        opened.rollback()


@pytest.fixture
def house(session: Session) -> House:
    return House.build(session)


@pytest.fixture
def service(
    database: Database, keys: dict[str, Keyring], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Service]:
    """The composed service; the registry answers with an invented name."""
    monkeypatch.setattr(Directory, "borrower", lambda _self, enterprise_id: names(enterprise_id))
    url = database.engine.url.render_as_string(hide_password=False)
    settings = settings_of("credit", tmp_path, CSEM_DATABASE_URL=url)
    built = build(settings, keys["credit"], Peers(settings, keys["credit"], {}))
    files.keep_in(database, settings.files)
    yield built
    built.database.dispose()


@pytest.fixture
def client(service: Service, keys: dict[str, Keyring]) -> Client:
    return Client(service.web.test_client(), keys)


@pytest.fixture
def build_house(database: Database) -> Iterator[Callable[..., Any]]:
    """`build_house(step)`: a house in which `step(house)` was done, committed; comes back with what the step gave. What
    a test asks it afterwards is asked until the test ends.
    """
    with ExitStack() as asked:

        def done(step: Callable[[House], Any] = lambda _house: None, **options: Any) -> Any:
            with database.transaction() as opened:
                asked.callback(opened.close)
                house = House.build(opened, **options)
                return house, step(house)

        yield done
