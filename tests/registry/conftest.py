"""A registry in a fresh database of each kind."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shared.database import Database
from shared.tokens import Keyring
from tests.registry.house import EXPORT, House, by_official_polygons, open_house


@pytest.fixture
def house(open_database: Callable[[str], Database], keys: dict[str, Keyring], tmp_path: Path) -> Iterator[House]:
    opened = open_house(open_database("registry"), keys, tmp_path)
    yield opened
    opened.database.dispose()


@pytest.fixture
def sqlite_house(keys: dict[str, Keyring], tmp_path: Path) -> Iterator[House]:
    """For what does not depend on the kind of database."""
    from shared.testing import database_of

    with database_of("registry", tmp_path, "sqlite") as database:
        opened = open_house(database, keys, tmp_path)
        yield opened
        opened.database.dispose()


@pytest.fixture(params=[pytest.param("postgresql", marks=pytest.mark.services)])
def postgresql_house(request: pytest.FixtureRequest, keys: dict[str, Keyring], tmp_path: Path) -> Iterator[House]:
    """For what PostgreSQL alone does."""
    from shared.testing import database_of

    with database_of("registry", tmp_path, request.param) as database:
        opened = open_house(database, keys, tmp_path)
        yield opened
        opened.database.dispose()


@pytest.fixture
def export(reference_data: Path) -> bytes:
    """The genuine KoboToolbox export."""
    del reference_data
    return EXPORT.read_bytes()


@pytest.fixture
def truthful(house: House, reference_data: Path) -> House:
    """The registry beside a territory that knows the official polygons."""
    del reference_data
    house.territory.answer = by_official_polygons
    return house
