"""Lists that people keep under a name: their own, shared with a centre, refused, forgotten."""

from typing import Any

import pytest
from sqlalchemy import update

from services.registry.models import SavedView
from shared.testing import person
from tests.registry.house import House

ROSA = person("technician", scope="HN17", subject="rosa", name="Rosa")
BOSS = person("coordinator", scope="HN17", subject="jefa", name="La coordinadora")
FAR = person("technician", scope="SV14", subject="lejos")
VIEWER = person("leda_viewer", scope="HN17", subject="adel")


def keep(house: House, caller: Any = ROSA, **body: Any) -> Any:
    told = {"name": "Sin punto", "query": "place_state=missing&need=credit&sort=-changed"} | body
    return house.call("POST", "/saved-views", caller, json=told)


def centre_of(house: House) -> str:
    body = {"name": "CSEM de prueba", "country": "HN", "municipalities": ["HN1709"]}
    opened: str = house.call("POST", "/centres", BOSS, json=body).json["id"]
    return opened


def problem(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json["code"]


def test_a_list_is_kept_changed_and_forgotten(house: House) -> None:
    kept = keep(house)
    assert kept.status_code == 201, kept.json
    view = kept.json
    assert (view["query"], view["gone"], view["mine"]) == ("place_state=missing&need=credit&sort=-changed", [], True)
    path = f"/saved-views/{view['id']}"
    changed = house.call("PUT", path, ROSA, version=1, json={"name": "Otra", "query": "need=credit"})
    assert (changed.json["name"], changed.json["query"]) == ("Otra", "need=credit")
    assert problem(house.call("PUT", path, ROSA, version=1, json={"name": "X", "query": ""})) == (
        412,
        "changed_meanwhile",
    )
    assert [one["name"] for one in house.call("GET", "/saved-views", ROSA).json["items"]] == ["Otra"]
    assert house.call("GET", f"/enterprises?{changed.json['query']}", ROSA).status_code == 200
    assert house.call("DELETE", path, ROSA, version=changed.json["version"]).status_code == 204
    assert problem(house.call("GET", path, ROSA)) == (404, "view.unknown")


REFUSED: list[tuple[dict[str, Any], int, str]] = [
    ({"query": "q=Maria"}, 422, "view.keeps_no_names"),
    ({"query": "ids=01890000-0000-7000-8000-000000000000"}, 422, "view.keeps_no_names"),
    ({"query": "chain=gold"}, 422, "body.invalid_fields"),
    ({"query": "colour=blue"}, 422, "body.invalid_fields"),
    ({"query": "need=credit&need=market"}, 422, "query.repeated"),
    ({"query": "need=credit&chain"}, 422, "view.unreadable"),
    ({"name": "  "}, 422, "body.invalid_fields"),
    ({"name": "x" * 81}, 422, "body.invalid_fields"),
    ({"centre_id": "01890000-0000-7000-8000-000000000000"}, 403, "view.shared_by_coordinator"),
]


@pytest.mark.parametrize(("body", "status", "code"), REFUSED)
def test_what_cannot_be_kept_is_refused(sqlite_house: House, body: dict[str, Any], status: int, code: str) -> None:
    answer = keep(sqlite_house, **body)
    assert problem(answer) == (status, code)
    assert "…" not in answer.json["detail"]
    assert sqlite_house.call("GET", "/saved-views", ROSA).json["items"] == []


def test_a_name_is_hers_once_and_there_is_an_end_to_them(sqlite_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.registry.use_cases.keep_view.MOST", 2)
    assert keep(sqlite_house).status_code == 201
    assert problem(keep(sqlite_house)) == (422, "view.name_taken")
    assert keep(sqlite_house, BOSS).status_code == 201
    assert keep(sqlite_house, name="Segunda").status_code == 201
    assert problem(keep(sqlite_house, name="Tercera")) == (409, "view.too_many")


def test_nobody_keeps_a_filter_by_what_she_may_not_read(sqlite_house: House) -> None:
    assert problem(keep(sqlite_house, VIEWER, query="sales_band=low")) == (403, "permission.filter_unread")
    assert problem(keep(sqlite_house, VIEWER, query="sort=-name")) == (403, "permission.filter_not_yours")


def test_the_coordinator_shares_with_her_centre_and_nobody_else_changes_it(house: House) -> None:
    centre = centre_of(house)
    view = keep(house, BOSS, centre_id=centre).json
    assert (view["centre_name"], view["mine"]) == ("CSEM de prueba", True)
    seen = house.call("GET", "/saved-views", ROSA).json["items"]
    assert [(one["id"], one["mine"], one["owner_name"]) for one in seen] == [(view["id"], False, "La coordinadora")]
    assert house.call("GET", "/saved-views", FAR).json["items"] == []
    path = f"/saved-views/{view['id']}"
    assert problem(house.call("GET", path, FAR)) == (404, "view.unknown")
    assert problem(house.call("DELETE", path, ROSA, version=1)) == (403, "view.of_another")
    assert problem(house.call("DELETE", path, FAR, version=1)) == (404, "view.unknown")
    mine = keep(house).json
    assert problem(house.call("GET", f"/saved-views/{mine['id']}", BOSS)) == (404, "view.unknown")
    elsewhere = person("coordinator", scope="SV14", subject="otra")
    assert problem(keep(house, elsewhere, centre_id=centre)) == (403, "permission.outside_scope")
    none = keep(house, BOSS, name="X", centre_id="01890000-0000-7000-8000-000000000000")
    assert problem(none) == (422, "centre.not_there")


def test_a_filter_that_is_none_any_more_is_told_and_left_out(house: House) -> None:
    view = keep(house).json
    with house.database.transaction() as session:
        old = {"need": "credit", "colour": "blue", "chain": "gold"}
        session.execute(update(SavedView).values(filters=old))
    shown = house.call("GET", f"/saved-views/{view['id']}", ROSA).json
    assert (shown["query"], shown["gone"]) == ("need=credit", ["chain", "colour"])
