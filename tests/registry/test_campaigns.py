"""Campaigns: whom they reach, what they cost for each record, and which records came of them."""

import io
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.rules.outreach import each, impossible_reach, media_type_of, standing
from shared.kernel import Money, clock
from shared.testing import person
from tests.registry.house import COORDINATOR, TECHNICIAN, House
from tests.registry.test_institutions import ELSEWHERE, FONSECA, PDF, centre, institution, made, refusal

LEDA = person("leda_viewer", subject="adel")
TODAY = clock.today()


def campaign(**changes: Any) -> dict[str, Any]:
    return {
        "title": "Radio comunitaria de prueba",
        "channel": "radio",
        "begins_on": (TODAY - timedelta(days=30)).isoformat(),
        "ends_on": (TODAY + timedelta(days=30)).isoformat(),
        "currency": "HNL",
        "municipalities": ["HN1709"],
        "planned": {"women": 400, "men": 200, "young_women": 100},
        "reached": {"women": 250, "men": None, "young_women": 90},
        "reached_how": "Audiencia que dice la emisora",
        "costs": [
            {"what": "Cuñas", "amount": {"amount": "1000.00", "currency": "HNL"}, "source": "Presupuesto del CSEM"},
            {"what": "Locución", "amount": {"amount": "250.50", "currency": "HNL"}, "source": "Cooperación"},
        ],
    } | changes


def activity(**changes: Any) -> dict[str, Any]:
    return {
        "held_on": (TODAY - timedelta(days=3)).isoformat(),
        "municipality": "HN1709",
        "what": "Charla en la universidad",
        "reach": {"women": 30, "men": 4, "young_women": 28},
        "how": "Lista firmada",
    } | changes


def link(
    house: House, found: dict[str, Any], enterprise_id: str, kind: str = "brought_in", caller: Any = TECHNICIAN
) -> Any:
    body = {"enterprise_id": enterprise_id, "kind": kind}
    return house.call("POST", f"/campaigns/{found['id']}/records", caller, json=body)


@given(st.integers(0, 10**12), st.integers(1, 10**6))
def test_the_cost_of_each_is_the_nearest_cent(minor: int, count: int) -> None:
    part = each(Money(minor, "HNL"), count)
    assert part is not None
    assert abs(part.minor * count - minor) * 2 <= count


def test_nothing_is_divided_by_nobody_and_what_is_not_known_has_no_part() -> None:
    assert each(Money(100, "HNL"), 0) is None
    assert each(None, 3) is None
    assert each(Money(0, "HNL"), 3) == Money(0, "HNL")
    assert each(Money(5, "HNL"), 2) == Money(3, "HNL")


@pytest.mark.parametrize(
    ("women", "young", "impossible"),
    [(None, None, False), (3, 3, False), (3, 4, True), (None, 0, True), (3, None, False)],
)
def test_young_women_are_among_the_women(women: int | None, young: int | None, impossible: bool) -> None:
    assert impossible_reach(women, young) is impossible


def test_a_campaign_runs_through_its_last_day() -> None:
    day = date(2026, 3, 2)
    assert [standing(day, day, day + timedelta(days=d)) for d in (-1, 0, 1)] == ["future", "running", "over"]
    assert standing(day, None, day + timedelta(days=900)) == "running"


def test_what_a_campaign_cost_for_each_record_is_told_once_there_is_one(house: House) -> None:
    found = made(house, "/campaigns", campaign(), TECHNICIAN)
    assert (found["cost"]["amount"], found["brought_in"], found["cost_per_brought_in"]) == ("1250.50", 0, None)
    first = house.register()["id"]
    second = house.register(owner={**_owner(), "given_names": "Otra Inventada"})["id"]
    assert link(house, found, first).status_code == 201
    told = link(house, found, second).json
    assert (told["brought_in"], told["cost_per_brought_in"]["amount"]) == (2, "625.25")
    assert (told["validated"], told["cost_per_validated"]) == (0, None)
    assert link(house, found, first, "validated").json["cost_per_validated"]["amount"] == "1250.50"
    row = house.call("GET", "/campaigns").json["items"][0]
    assert (row["brought_in"], row["validated"], row["cost_per_brought_in"]["amount"]) == (2, 1, "625.25")
    free = made(house, "/campaigns", campaign(costs=[], title="Sin costos escritos"))
    assert (free["cost"], link(house, free, first).json["cost_per_brought_in"]) == (None, None)
    assert [r["title"] for r in house.call("GET", f"/campaigns?enterprise_id={second}").json["items"]] == [
        "Radio comunitaria de prueba"
    ]


def _owner() -> dict[str, Any]:
    answers = {"registry": True, "credit": True, "map": False, "given_on": "2026-03-01", "channel": "office"}
    return {"given_names": "Elena", "surnames": "Imaginaria", "consents": answers}


def test_a_record_is_linked_once_for_each_reason_and_can_be_unlinked(house: House) -> None:
    found, enterprise = made(house, "/campaigns", campaign()), house.register()["id"]
    assert link(house, found, enterprise).status_code == 201
    assert refusal(link(house, found, enterprise)) == (409, "campaign.linked_already")
    assert link(house, found, enterprise, "validated").status_code == 201
    records = house.call("GET", f"/campaigns/{found['id']}/records", TECHNICIAN).json["items"]
    assert [(r["kind"], r["linked_by_name"]) for r in records] == [
        ("brought_in", "Técnica de prueba"),
        ("validated", "Técnica de prueba"),
    ]
    version = house.call("GET", f"/campaigns/{found['id']}").json["version"]
    path = f"/campaigns/{found['id']}/records/{enterprise}?kind=validated"
    assert refusal(house.call("DELETE", path, version=found["version"])) == (412, "changed_meanwhile")
    assert house.call("DELETE", path, version=version).json["validated"] == 0
    version = house.call("GET", f"/campaigns/{found['id']}").json["version"]
    assert refusal(house.call("DELETE", path, version=version)) == (404, "campaign.not_linked")
    link(house, found, enterprise, "validated")
    version = house.call("GET", f"/campaigns/{found['id']}").json["version"]
    gone = house.call("DELETE", path.partition("?")[0], version=version).json
    assert (gone["brought_in"], gone["validated"]) == (0, 0)


def test_the_activities_add_up_and_one_written_down_wrongly_is_taken_out(house: House) -> None:
    found = made(house, "/campaigns", campaign())
    path = f"/campaigns/{found['id']}/activities"
    assert found["reached_in_activities"] == {"women": None, "men": None, "young_women": None}
    made(house, path, activity(), TECHNICIAN)
    reach = {"women": 10, "men": None, "young_women": None}
    told = made(house, path, activity(reach=reach, held_on=TODAY.isoformat(), what="Recorrido"))
    assert told["reached_in_activities"] == {"women": 40, "men": 4, "young_women": 28}
    assert [one["what"] for one in told["activities"]] == ["Charla en la universidad", "Recorrido"]
    gone = house.call("DELETE", f"{path}/{told['activities'][0]['id']}", version=told["version"]).json
    assert gone["reached_in_activities"] == {"women": 10, "men": None, "young_women": None}
    missing = house.call("DELETE", f"{path}/{told['activities'][0]['id']}", version=gone["version"])
    assert refusal(missing) == (404, "activity.none")


def test_an_activity_is_taken_out_by_who_works_where_it_was(sqlite_house: House) -> None:
    found = made(sqlite_house, "/campaigns", campaign(municipalities=["HN1709", "HN0601"]))
    path = f"/campaigns/{found['id']}/activities"
    told = sqlite_house.call("POST", path, json=activity(municipality="HN0601")).json
    here = person("technician", scope="HN17", subject="valle")
    refused = sqlite_house.call("DELETE", f"{path}/{told['activities'][0]['id']}", here, version=told["version"])
    assert (refused.status_code, refused.json["code"]) == (403, "permission.outside_scope")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"held_on": (TODAY - timedelta(days=31)).isoformat()}, "activity.outside_period"),
        ({"held_on": (TODAY + timedelta(days=31)).isoformat()}, "activity.outside_period"),
        ({"held_on": (TODAY + timedelta(days=1)).isoformat()}, "activity.in_the_future"),
        ({"reach": {"women": 1, "men": 1, "young_women": 2}}, "reach.young_women"),
        ({"how": None}, "reach.without_how"),
        ({"municipality": "HN9999"}, "municipality.unknown"),
    ],
)
def test_an_activity_that_cannot_be_is_refused(sqlite_house: House, changes: dict[str, Any], code: str) -> None:
    found = made(sqlite_house, "/campaigns", campaign())
    answer = sqlite_house.call("POST", f"/campaigns/{found['id']}/activities", json=activity(**changes))
    assert refusal(answer) == (422, code)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ends_on": "2020-01-01"}, "campaign.ends_before"),
        ({"currency": "GTQ"}, "campaign.currency"),
        ({"reached": {"women": 1, "young_women": 2}}, "reach.young_women"),
        ({"reached_how": None}, "reach.without_how"),
        ({"municipalities": ["HN9999"]}, "municipality.unknown"),
        ({"municipalities": []}, "body.invalid_fields"),
    ],
)
def test_a_campaign_that_cannot_be_is_refused(sqlite_house: House, changes: dict[str, Any], code: str) -> None:
    assert refusal(sqlite_house.call("POST", "/campaigns", json=campaign(**changes))) == (422, code)


def test_a_campaign_that_has_not_begun_brought_nobody(sqlite_house: House) -> None:
    tomorrow = (TODAY + timedelta(days=1)).isoformat()
    found = made(sqlite_house, "/campaigns", campaign(begins_on=tomorrow, reached={}, reached_how=None))
    refused = link(sqlite_house, found, sqlite_house.register()["id"])
    assert refusal(refused) == (409, "campaign.not_begun")


def test_a_campaign_is_put_right_as_a_whole(house: House) -> None:
    partner = made(house, "/institutions", institution(kind="university", name="Universidad de prueba"))["id"]
    opened = made(house, "/centres", centre())["id"]
    found = made(house, "/campaigns", campaign(partners=[partner], centre_id=opened))
    assert ([p["name"] for p in found["partners"]], found["centre_name"]) == (
        ["Universidad de prueba"],
        "CSEM de prueba",
    )
    body = campaign(title="Otra", costs=campaign()["costs"][1:], municipalities=["HN1706", "HN1709"])
    changed = house.call("PUT", f"/campaigns/{found['id']}", version=found["version"], json=body).json
    assert (changed["partners"], changed["centre_id"], changed["cost"]["amount"]) == ([], None, "250.50")
    assert changed["municipalities"] == ["HN1706", "HN1709"]
    late = house.call("PUT", f"/campaigns/{found['id']}", version=found["version"], json=body)
    assert refusal(late) == (412, "changed_meanwhile")
    assert [r["id"] for r in house.call("GET", "/campaigns?standing=running&channel=radio&q=OTR").json["items"]] == [
        found["id"]
    ]
    assert house.call("GET", "/campaigns?standing=over").json["items"] == []


def test_a_campaign_is_there_for_who_works_in_one_of_its_places_or_in_its_centre(house: House) -> None:
    found = made(house, "/campaigns", campaign(municipalities=["HN0607"]))
    path = f"/campaigns/{found['id']}"
    assert refusal(house.call("GET", path, FONSECA)) == (403, "permission.outside_scope")
    assert house.call("GET", "/campaigns", FONSECA).json["items"] == []
    opened = made(house, "/centres", centre(municipalities=["HN0607", "HN1709"]))["id"]
    house.call("PUT", path, version=found["version"], json=campaign(municipalities=["HN0607"], centre_id=opened))
    assert house.call("GET", path, FONSECA).status_code == 200
    assert [row["id"] for row in house.call("GET", "/campaigns", FONSECA).json["items"]] == [found["id"]]
    moved = campaign(municipalities=["HN0607", "HN0608"], centre_id=opened)
    version = house.call("GET", path).json["version"]
    refused = house.call("PUT", path, FONSECA, version=version, json=moved)
    assert refusal(refused) == (403, "permission.outside_scope")
    assert refusal(house.call("GET", path, ELSEWHERE)) == (403, "permission.outside_scope")
    here = house.register(municipality="HN1709")["id"]
    assert refusal(link(house, found, here, caller=ELSEWHERE)) == (403, "permission.outside_scope")


def test_who_sees_no_names_sees_what_it_adds_up_to(sqlite_house: House) -> None:
    found = made(sqlite_house, "/campaigns", campaign())
    link(sqlite_house, found, sqlite_house.register()["id"])
    send(sqlite_house, found["id"], PDF)
    path = f"/campaigns/{found['id']}"
    shown = sqlite_house.call("GET", path, LEDA).json
    assert (shown["brought_in"], shown["materials"]) == (1, [])
    assert refusal(sqlite_house.call("GET", f"{path}/records", LEDA)) == (403, "permission.role_missing")
    for role in ("network_coordinator", "auditor"):
        assert len(sqlite_house.call("GET", f"{path}/records", person(role)).json["items"]) == 1
        assert refusal(sqlite_house.call("POST", "/campaigns", person(role), json=campaign())) == (
            403,
            "permission.role_missing",
        )
    assert refusal(sqlite_house.call("GET", path, person("planner"))) == (403, "permission.role_missing")


def send(house: House, campaign_id: str, content: bytes, name: str = "cuña.pdf") -> Any:
    form = {"file": (io.BytesIO(content), name)}
    path = f"/campaigns/{campaign_id}/files"
    return house.call("POST", path, TECHNICIAN, data=form, content_type="multipart/form-data")


def test_material_is_known_by_its_bytes_kept_and_erased(house: House) -> None:
    found = made(house, "/campaigns", campaign())
    assert refusal(send(house, found["id"], b"<script>")) == (422, "material.unknown_kind")
    kept = send(house, found["id"], PDF).json
    [material] = kept["materials"]
    assert (material["name"], material["media_type"], material["size"]) == ("cuña.pdf", "application/pdf", len(PDF))
    path = f"/campaigns/{found['id']}/files/{material['id']}"
    answer = house.call("GET", path, TECHNICIAN)
    assert (answer.data, answer.content_type) == (PDF, "application/pdf")
    assert "attachment" in answer.headers["Content-Disposition"]
    other = made(house, "/campaigns", campaign())
    strange = f"/campaigns/{other['id']}/files/{material['id']}"
    assert refusal(house.call("GET", strange)) == (404, "file.unknown")
    assert refusal(house.call("DELETE", strange, version=other["version"])) == (404, "file.unknown")
    assert house.call("DELETE", path, version=kept["version"]).json["materials"] == []
    assert refusal(house.call("GET", path)) == (404, "file.unknown")


@pytest.mark.parametrize("head", [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"ID3\x04", b"OggS\x00"])
def test_pictures_and_sounds_are_material_too(head: bytes) -> None:
    assert media_type_of(head + b"...") is not None
    assert media_type_of(b"GIF89a" + head) is None


def test_a_campaign_keeps_so_many_files_and_no_more(sqlite_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.registry.models.undertaking.MOST_FILES", 1)
    found = made(sqlite_house, "/campaigns", campaign())
    send(sqlite_house, found["id"], PDF)
    assert refusal(send(sqlite_house, found["id"], PDF)) == (409, "campaign.files_full")


def test_who_withdrew_stays_counted_and_is_not_named(house: House) -> None:
    found, enterprise = made(house, "/campaigns", campaign()), house.register()
    link(house, found, enterprise["id"])
    woman = enterprise["owners"][0]["id"]
    version = house.call("GET", f"/entrepreneurs/{woman}").json["version"]
    assert house.call("DELETE", f"/entrepreneurs/{woman}", version=version).status_code == 200
    [row] = house.call("GET", f"/campaigns/{found['id']}/records").json["items"]
    assert (row["enterprise_name"], row["active"]) == ("", False)
    assert house.call("GET", f"/campaigns/{found['id']}").json["brought_in"] == 1
    assert refusal(link(house, found, enterprise["id"], "validated")) == (409, "enterprise.withdrawn")


def test_what_a_coordinator_of_the_gulf_may_not_do_is_said_by_its_code(sqlite_house: House) -> None:
    missing = "0191e8f0-de30-7000-8000-000000000000"
    assert refusal(sqlite_house.call("GET", f"/campaigns/{missing}", COORDINATOR)) == (404, "campaign.unknown")
