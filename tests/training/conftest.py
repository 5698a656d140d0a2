"""A fresh training database on each kind of database, at a moment that stands still."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy.orm import Session

from shared.database import Database
from shared.kernel import clock
from tests.training.house import TODAY


@pytest.fixture
def database(open_database: Callable[[str], Database]) -> Database:
    return open_database("training")


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
