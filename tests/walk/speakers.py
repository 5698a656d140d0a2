"""People who speak to a running house over HTTP, signed in with their user name and password."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

import httpx

from deploy.demonstration.accounts import ACCOUNTS, PASSWORD, open_accounts
from deploy.demonstration.speaker import Speaker
from deploy.house import House
from tests.walk.houses import Running

T = TypeVar("T")


class People:
    """The demonstration's people, working everywhere; `people["tecnica"]` speaks to all services."""

    def __init__(self, house: Running) -> None:
        opened = House(house.environ)
        self.ids = open_accounts(opened, units=("*",))
        opened.service("portal").database.dispose()
        self._house = house
        self._speakers = {account.username: speaker(house, account.username) for account in ACCOUNTS}

    def __getitem__(self, username: str) -> Speaker:
        return self._speakers[username]

    def close(self) -> None:
        for speaker in self._speakers.values():
            speaker.close()

    def token(self, username: str) -> str:
        return token(self._house, username)


def token(house: Running, username: str) -> str:
    """The access token of an account of the demonstration."""
    person = {"username": username, "password": PASSWORD}
    answer = httpx.post(f"{house.urls['portal']}/api/portal/v1/tokens", json=person)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["access_token"])


def speaker(house: Running, username: str) -> Speaker:
    """She speaks to all services of a house."""
    headers = {"Authorization": f"Bearer {token(house, username)}", "Accept-Language": "es"}
    return Speaker(
        username,
        lambda service: httpx.Client(base_url=f"{house.urls[service]}/api/{service}/v1", headers=headers, timeout=30),
    )


def eventually(look: Callable[[], T], wanted: Callable[[T], bool], seconds: float = 30) -> T:
    """What `look` sees once `wanted` holds of it; fails with the last sight."""
    deadline = time.monotonic() + seconds
    while True:
        seen = look()
        if wanted(seen):
            return seen
        assert time.monotonic() < deadline, f"did not come to pass: {str(seen)[:1500]}"
        time.sleep(0.2)


def upload(people: People, username: str, house: Running, service: str, path: str, file: Any, **form: str) -> Any:
    """Posts a file as a browser would."""
    answer = httpx.post(
        f"{house.urls[service]}/api/{service}/v1{path}",
        headers={"Authorization": f"Bearer {people.token(username)}"},
        files={"file": (file.name, file.read_bytes())},
        data=form,
        timeout=30,
    )
    assert answer.is_success, answer.text
    return answer.json()
