"""The demonstration's committee sits in the room under the names of (invented) people."""

from typing import Any

from deploy.demonstration.accounts import ACCOUNTS
from deploy.demonstration.lending import set_up_lending
from shared.identity import Caller
from shared.testing import person
from tests.credit.client import Client

COORDINATOR = person("coordinator", scope="HN", subject="coordinadora")


class Desk:
    """One of the demonstration's people at credit's door."""

    def __init__(self, client: Client, caller: Caller) -> None:
        self._client, self._caller = client, caller

    def post(self, _service: str, path: str, body: Any) -> Any:
        return self._client.post(self._caller, path, body).body


class People:
    def __init__(self, client: Client) -> None:
        self.ids = {account.username: f"account-of-{account.username}" for account in ACCOUNTS}
        self._client = client

    def __getitem__(self, username: str) -> Any:
        role = "admin" if username == "admin" else "coordinator"
        return Desk(self._client, person(role, scope="HN", subject=username))


def test_the_seats_of_the_demonstration_are_held_by_people_not_by_user_names(client: Client) -> None:
    lending = set_up_lending(People(client))
    seats = client.get(COORDINATOR, f"/committees/{lending.committee}").body["seats"]
    assert [seat["name"] for seat in seats] == ["Iris Ficticia", "Jazmín Inventada", "Perla Imaginaria"]
