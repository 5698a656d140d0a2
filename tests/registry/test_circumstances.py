"""Circumstances of women as sums for the other services: never of few, never a row."""

import json
from typing import Any
from uuid import uuid4

import pytest

from shared.identity import Caller
from shared.testing import person
from tests.registry.house import House, enterprise
from tests.registry.test_women import ANSWERS, changed

SERVICE = Caller.service("training")
BORN = ("2000-03-31", "2000-04-01", "1965-01-01", "2010-01-01", "1990-06-06")


@pytest.fixture
def women(house: House) -> list[str]:
    """Five women with different days of birth; the third has a disability, heads a household and speaks Lenca too."""
    found = []
    for number, born in enumerate(BORN):
        owner = enterprise()["owner"] | {"id_number": f"1709-1980-{10_000 + number}", "born_on": born}
        woman = house.register(name=f"Quesillos {number}", owner=owner)["owners"][0]
        if number == 2:
            told = {"head_of_household": True, "languages": ["spa", "len"]}
            changed(house, woman, told | {"difficulties": ANSWERS | {"walking": "a_lot"}})
        found.append(woman["id"])
    return found


def ask(house: House, ids: list[str], by: Caller = SERVICE, **more: Any) -> Any:
    told = [{"id": woman, "amounts": [1, 10 + number]} for number, woman in enumerate(ids)]
    body = {"day": "2018-03-31", "age_from": [18, 30, 45], "women": told} | more
    return house.call("POST", "/circumstances/sums", by, json=body)


def test_women_are_counted_and_their_amounts_summed(house: House, women: list[str]) -> None:
    answer = ask(house, [*women, str(uuid4())])
    assert answer.status_code == 200, answer.json
    told = {one["name"]: {row["code"]: row for row in one["rows"]} for one in answer.json["items"]}
    assert {code: row["women"] for code, row in told["age"].items()} == {"18": 2, "45": 1, "under": 2, "unknown": 1}
    assert told["age"]["18"]["sums"] == [2, 10 + 14]
    assert {code: row["women"] for code, row in told["disability"].items()} == {"yes": 1, "unknown": 5}
    assert {code: row["women"] for code, row in told["language"].items()} == {"len": 1, "spa": 1, "unknown": 5}
    assert told["head_of_household"]["yes"]["sums"] == [1, 12]
    for name in ("age", "people", "disability", "head_of_household"):
        assert sum(row["women"] for row in told[name].values()) == 6
    assert not any(woman in json.dumps(answer.json) for woman in women), "no row of a woman goes out"


def test_of_few_women_nothing_is_summed(house: House, women: list[str]) -> None:
    refused = ask(house, women[:4])
    assert (refused.status_code, refused.json["code"]) == (422, "circumstances.too_few")
    twice = ask(house, [*women[:4], women[0]])
    assert (twice.status_code, twice.json["code"]) == (422, "circumstances.twice")
    uneven = [{"id": woman, "amounts": [1] * (1 + number)} for number, woman in enumerate(women)]
    refused = ask(house, women, women=uneven)
    assert (refused.status_code, refused.json["code"]) == (422, "circumstances.uneven")


def test_no_person_may_ask(house: House, women: list[str]) -> None:
    for role in ("technician", "network_coordinator", "admin", "auditor"):
        assert ask(house, women, person(role)).status_code == 403
