"""A whole house in a test: keys, and the migrated, empty databases of its services."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.house import House
from shared.settings import SERVICES
from shared.testing import fill


@contextmanager
def opened_house(home: Path, *names: str, **environ: str) -> Iterator[House]:
    """A house in `home` with the services of these names; with all five where none is named."""
    house = House({"CSEM_HOME": str(home), "CSEM_LOG_FORMAT": "console"} | environ)
    house.create_keys()
    for name in names or SERVICES:
        fill(house.service(name).database, name)
    yield house
    house.dispose()
