"""A portal in a test: its database, its pages in a browser without a screen, and toy services behind it."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete
from werkzeug.test import TestResponse

from services.portal.app import build
from services.portal.models import Account, Session, SignInAttempts
from services.portal.use_cases.open_account import open_account
from shared.database import Database
from shared.identity import Caller
from shared.service import Service
from shared.testing import fill, keyrings, postgresql_url, settings_of
from shared.tokens import Keyring
from shared.web import Peers

PASSWORD = "mango-lluvia-comal-7"
SETUP = Caller.operator("prueba")


@dataclass
class Browser:
    """Follows links and fills forms as a person does: the CSRF token comes from the page with the form."""

    client: FlaskClient
    last: TestResponse | None = None

    def get(self, path: str, **more: Any) -> TestResponse:
        self.last = self.client.get(path, **more)
        return self.last

    def post(
        self, path: str, form: dict[str, Any] | None = None, *, page: str | None = None, **more: Any
    ) -> TestResponse:
        """Send the form that stands on `page` (on the last page where none is named)."""
        source = (
            self.client.get(page).text if page else (self.last.text if self.last else self.client.get("/sign-in").text)
        )
        self.last = self.client.post(path, data={"csrf_token": token_in(source), **(form or {})}, **more)
        return self.last

    def sign_in(self, username: str, password: str = PASSWORD, **form: str) -> TestResponse:
        return self.post("/sign-in", {"username": username, "password": password, **form}, page="/sign-in")

    def cookie(self, name: str = "csem") -> str | None:
        found = self.client.get_cookie(name)
        return found.value if found else None


def token_in(page: str) -> str:
    match = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert match, "the page has no form"
    return match.group(1)


def text_of(response: TestResponse) -> str:
    """What a reader sees, roughly: the page without its tags."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", response.text)))


@dataclass
class Portal:
    service: Service
    keys: dict[str, Keyring]
    apps: dict[str, Any] = field(default_factory=dict)

    @property
    def database(self) -> Database:
        return self.service.database

    @property
    def web(self) -> Flask:
        return self.service.web

    def browser(self, language: str = "es") -> Browser:
        client = self.web.test_client()
        client.set_cookie("language", language)
        return Browser(client)

    def open(self, username: str, *roles: str, units: tuple[str, ...] = ("*",), **more: Any) -> UUID:
        facts = {
            "name": username.title(),
            "password": PASSWORD,
            "seat": "csem" if "committee_member" in roles else None,
        }
        with self.database.transaction() as session:
            account, _ = open_account(session, SETUP, username=username, roles=roles, units=units, **(facts | more))
            return account.id

    def signed_in(self, *roles: str, username: str = "maria", **more: Any) -> Browser:
        self.open(username, *roles, **more)
        browser = self.browser()
        assert browser.sign_in(username).status_code == 303
        return browser

    def token(self, caller: Caller) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys['portal'].sign(caller, seconds=60)}"}


@contextmanager
def built(kind: str, home: Path, **environ: str) -> Iterator[Portal]:
    """A portal on a database of its own."""
    with ExitStack() as stack:
        if kind == "postgresql":
            environ["CSEM_DATABASE_URL"] = stack.enter_context(postgresql_url())
        settings = settings_of("portal", home, **environ)
        keys = keyrings(settings.keys)
        apps: dict[str, Any] = {}
        service = build(settings, keys["portal"], Peers(settings, keys["portal"], apps))
        stack.callback(service.database.dispose)
        fill(service.database, "portal")
        yield Portal(service, keys, apps)


@pytest.fixture
def make_portal(database_kind: str, tmp_path: Path) -> Iterator[Callable[..., Portal]]:
    """`make_portal(CSEM_PUBLIC_URL=…)`: a portal with settings of its own."""
    with ExitStack() as stack:
        yield lambda **environ: stack.enter_context(built(database_kind, tmp_path, **environ))


@pytest.fixture(scope="session")
def kept_portals(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Portal]]:
    with ExitStack() as stack:
        yield cache(lambda kind: stack.enter_context(built(kind, tmp_path_factory.mktemp(kind))))


@pytest.fixture
def portal(database_kind: str, kept_portals: Callable[[str], Portal]) -> Portal:
    """A portal without accounts; the application is built once, its database is emptied for each test."""
    found = kept_portals(database_kind)
    found.apps.clear()
    with found.database.transaction() as session:
        for table in (Session, SignInAttempts, Account):
            session.execute(delete(table))
    return found
