"""The dashboard: its figures are those of the lists they lead to, and small ones are told to the team alone."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.rules import suppression
from services.registry.rules.suppression import LEAST
from shared.identity import Caller
from shared.testing import person
from tests.registry import pairs
from tests.registry.house import House, enterprise

TEAM = person("coordinator", scope=("HN", "SV"), subject="equipo")
VIEWER = person("leda_viewer", scope=("HN", "SV"))


def furnish(house: House) -> None:
    for number in range(9):
        house.register(
            caller=TEAM,
            name=f"Negocio {number}",
            municipality="HN1709" if number < 6 else "HN0601",
            point=None,
            chain="dairy" if number < 7 else "honey",
            owner=enterprise()["owner"] | {"id_kind": None, "id_number": None},
        )


def board(house: House, caller: Any = TEAM, query: str = "") -> Any:
    answer = house.call("GET", f"/dashboard{query}", caller)
    assert answer.status_code == 200, answer.json
    return answer.json


def cells(rows: list[dict[str, Any]]) -> dict[str, int | None]:
    return {row["code"]: row["count"] for row in rows if row["count"] != 0}


def test_every_figure_is_that_of_its_list(house: House) -> None:
    furnish(house)
    told = board(house)
    assert told["total"] == 9
    assert cells(told["municipalities"]) == {"HN1709": 6, "HN0601": 3}
    counted = 0
    for one in [*told["groups"], *told["consents"]]:
        for cell in one["cells"]:
            listed = house.call("GET", f"/enterprises/count?{one['name']}={cell['code']}", TEAM).json["all"]
            assert (one["name"], cell["code"], cell["count"]) == (one["name"], cell["code"], listed)
            counted += listed
    assert counted == 9 * 5
    assert [month["count"] for month in told["months"]] == [0] * 11 + [9]
    last = told["months"][-1]
    path = f"/enterprises/count?recorded_from={last['first']}&recorded_to={last['last']}"
    assert house.call("GET", path, TEAM).json["all"] == 9


def test_a_centre_has_its_own_and_another_territory_none(house: House) -> None:
    furnish(house)
    body = {"name": "CSEM", "country": "HN", "municipalities": ["HN0601"]}
    centre = house.call("POST", "/centres", TEAM, json=body).json["id"]
    told = board(house, query=f"?centre={centre}")
    assert (told["centre_name"], told["total"]) == ("CSEM", 3)
    far = person("coordinator", scope="GT01")
    assert board(house, far)["total"] == 0
    refused = house.call("GET", f"/dashboard?centre={centre}", far)
    assert (refused.status_code, refused.json["code"]) == (403, "permission.outside_scope")
    none = house.call("GET", "/dashboard?centre=01890000-0000-7000-8000-000000000000", TEAM)
    assert (none.status_code, none.json["code"]) == (404, "centre.unknown")
    for role in ("planner", "trainer", "credit_officer", "admin"):
        assert house.call("GET", "/dashboard", person(role)).status_code == 403


def test_small_counts_are_not_told_to_who_is_not_of_the_team(sqlite_house: House) -> None:
    furnish(sqlite_house)
    told = board(sqlite_house, VIEWER)
    assert told["total"] == 9
    assert cells(told["municipalities"]) == {"HN1709": None, "HN0601": None}
    chains = next(one for one in told["groups"] if one["name"] == "chain")
    assert cells(chains["cells"]) == {"dairy": None, "honey": None}
    states = next(one for one in told["groups"] if one["name"] == "validation")
    assert cells(states["cells"]) == {"captured": 9}
    assert told["imports"] == []


@pytest.mark.parametrize("role", ["leda_viewer", "auditor", "credit_officer", "trainer"])
def test_neither_are_those_of_a_search_while_its_list_is_as_long_as_it_is(sqlite_house: House, role: str) -> None:
    furnish(sqlite_house)
    reader = person(role)

    def counted(query: str, caller: Caller = reader) -> dict[str, int | None]:
        found: dict[str, int | None] = sqlite_house.call("GET", f"/enterprises/count{query}", caller).json
        return found

    some = "?municipality=HN0601"
    assert 0 < (counted(some, TEAM)["all"] or 0) < LEAST
    few = counted(some)
    assert (few["all"], few["captured"], few["missing"], few["contradicted"]) == (None, None, None, 0)
    assert len(sqlite_house.call("GET", f"/enterprises{some}", reader).json["items"]) == counted(some, TEAM)["all"]
    assert counted(some + "&at_most=2")["all"] is None
    assert (counted("")["all"], counted("")["captured"]) == (9, 9)
    assert counted("?municipality=SV1409")["all"] == 0


@given(st.lists(st.sampled_from(["missing", "contradicted", "pending", "settled"]), max_size=40), st.data())
def test_what_is_withheld_of_a_search_cannot_be_told_from_the_rest(states: list[str], data: st.DataObject) -> None:
    captured = data.draw(st.integers(0, len(states)))
    counts = {"all": len(states), "captured": captured, "taken_back": data.draw(st.integers(0, 9))}
    counts |= {state: states.count(state) for state in ("missing", "contradicted", "pending")}
    shown = suppression.found(counts, (("missing", "contradicted", "pending"), ("captured",)))
    assert all(count is None or count == 0 or count >= LEAST for count in shown.values())
    assert all(count in (None, counts[name]) for name, count in shown.items())
    for part in (("missing", "contradicted", "pending"), ("captured",)):
        if shown["all"] is not None and all(shown[name] is not None for name in part):
            rest = counts["all"] - sum(counts[name] for name in part)
            assert rest == 0 or rest >= LEAST


def test_what_waits_for_the_team_is_told_to_the_team_alone(sqlite_house: House) -> None:
    pairs.twice(sqlite_house)
    assert cells(board(sqlite_house)["waiting"]) == {"duplicates": 1}
    assert board(sqlite_house, VIEWER)["waiting"] == []
    assert cells(board(sqlite_house, person("coordinator", scope="GT01"))["waiting"]) == {}


def test_visits_and_accompaniments_are_counted(house: House) -> None:
    shown = house.register(caller=TEAM)
    opened = house.call("POST", "/accompaniments", TEAM, json={"enterprise_id": shown["id"], "begins_on": "2026-01-10"})
    assert opened.status_code == 201, opened.json
    told = board(house)
    assert cells(told["phases"]) == {opened.json["phase"]: 1}
    late = [visit for visit in opened.json["visits"] if visit["overdue"]]
    assert late
    assert (told["visits_made"], told["visits_late"]) == (0, len(late))


@given(st.dictionaries(st.text(min_size=1, max_size=3), st.integers(0, 30), max_size=8))
def test_what_is_hidden_is_never_one_cell_alone_nor_few_together(counts: dict[str, int]) -> None:
    told = suppression.table(counts)
    hidden = [code for code, count in told.items() if count is None]
    assert all(told[code] == counts[code] for code in counts if code not in hidden)
    assert not [code for code, count in counts.items() if 0 < count < suppression.LEAST and code not in hidden]
    shown = [code for code, count in counts.items() if count and code not in hidden]
    if hidden and shown:
        assert len(hidden) > 1
        assert sum(counts[code] for code in hidden) >= suppression.LEAST
