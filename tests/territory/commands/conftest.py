"""The commands of `csem territory` as somebody types them, on a service as it is composed."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from services.territory.cli import group
from shared.kernel import clock
from tests.territory.own_tables.conftest import the_gulf

NOW = clock.now()
Run = Callable[..., str]


@pytest.fixture(autouse=True)
def same_day() -> Iterator[None]:
    """No test runs past midnight."""
    with clock.frozen(NOW):
        yield


@pytest.fixture
def gulf(service: SimpleNamespace) -> SimpleNamespace:
    with service.database.transaction() as session:
        the_gulf(session)
    return service


@pytest.fixture
def run(service: SimpleNamespace) -> Run:
    """Runs a command; comes back with what it said."""
    place = SimpleNamespace(service=lambda _name: service.built)

    def done(*words: object, code: int = 0) -> str:
        found = CliRunner().invoke(group, [str(word) for word in words], obj=place, catch_exceptions=False)
        assert found.exit_code == code, found.output
        return found.output

    return done
