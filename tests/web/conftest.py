"""The sample service on each database, and who calls it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from shared.database import Database
from shared.testing import database_of, headers, keyrings, person
from shared.tokens import Keyring
from tests.conftest import DATABASES
from tests.web.sample import ROOT, Payment, Stall, new_stall, sample_app


@dataclass
class Fair:
    """The sample service with what a test needs of it."""

    app: Flask
    database: Database
    keys: dict[str, Keyring]

    def client(self) -> FlaskClient:
        return self.app.test_client()

    def headers(self, *roles: str, scope: str = "*", subject: str = "", **extra: str) -> dict[str, str]:
        return headers(self.keys, person(*(roles or ("coordinator",)), scope=scope, subject=subject), **extra)

    def register(self, **changes: Any) -> dict[str, Any]:
        answer = self.client().post(f"{ROOT}/stalls", json=new_stall(**changes), headers=self.headers())
        assert answer.status_code == 201, answer.text
        return answer.json

    def payments(self) -> int:
        with self.database.reading() as session:
            return session.scalar(select(func.count()).select_from(Payment)) or 0

    def stalls(self) -> int:
        with self.database.reading() as session:
            return session.scalar(select(func.count()).select_from(Stall)) or 0


@pytest.fixture
def fair(open_database: Callable[[str], Database], keys: dict[str, Keyring]) -> Fair:
    database = open_database("sample")
    return Fair(sample_app(database, keys["portal"]), database, keys)


@pytest.fixture(scope="module", params=DATABASES)
def standing_fair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fair]:
    """One service for a whole module, for tests after which nothing differs."""
    folder = tmp_path_factory.mktemp("fair")
    keys = keyrings(folder / "keys")
    with database_of("sample", folder, request.param) as database:
        yield Fair(sample_app(database, keys["portal"]), database, keys)
