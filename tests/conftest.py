"""Fixtures for every area: the databases a test runs on, keys, and the reference data."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import structlog
from hypothesis import settings

from shared import logs
from shared.database import Database
from shared.testing import DATA, database_of, keyrings
from shared.tokens import Keyring
from tests import quick

DATABASES = [
    pytest.param("sqlite", id="sqlite"),
    pytest.param("postgresql", id="postgresql", marks=pytest.mark.services),
]


# How long an example takes is the machine's affair; figures are taken by the benches.
settings.register_profile("house", deadline=None)
settings.load_profile("house")


def pytest_configure(config: pytest.Config) -> None:
    logs.configure("console")
    quick.prepare(config)


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """A command that a test runs writes its log lines where that command says; the next test finds them as before."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.fixture(params=DATABASES)
def database_kind(request: pytest.FixtureRequest) -> str:
    """Every test that opens a database runs on both."""
    return request.param


@pytest.fixture
def open_database(database_kind: str, tmp_path: Path) -> Iterator[Callable[[str], Database]]:
    """`open_database("credit")`: the migrated, empty database of a service."""
    with ExitStack() as stack:
        yield lambda service: stack.enter_context(database_of(service, tmp_path, database_kind))


@pytest.fixture
def keys(tmp_path: Path) -> dict[str, Keyring]:
    return keyrings(tmp_path / "keys")


@pytest.fixture
def reference_data() -> Path:
    """The folder of real data beside the repository; in CI its absence is a failure."""
    if not DATA.is_dir():
        if os.environ.get("CI"):
            pytest.fail(f"{DATA} is absent")
        pytest.skip("the real data is not beside this checkout")
    return DATA
