"""All five services in one process on SQLite, as `make run` has them, for a whole session."""

from collections.abc import Iterator

import pytest

from deploy.house import House
from shared.identity import ROLES
from shared.testing import person
from shared.tokens import Keyring
from tests.house import opened_house


class Everything:
    """The house with its keys: who speaks, and to which service."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.portal = Keyring(house.settings("portal").keys, "portal")

    def headers(self, *roles: str, scope: str | tuple[str, ...] = "*", **extra: str) -> dict[str, str]:
        """The headers of a person with `roles`; of one who may do everything where none is named."""
        caller = person(*(roles or ROLES), scope=scope, subject="01990c1e-0000-7000-8000-000000000abc")
        return {"Authorization": f"Bearer {self.portal.sign(caller, seconds=3600)}", **extra}


@pytest.fixture(scope="session")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Everything]:
    with opened_house(tmp_path_factory.mktemp("house")) as house:
        yield Everything(house)
