"""The inventory over its API: who sees what, who changes what, and every refusal on the way."""

from typing import Any

import pytest

from services.registry.rules.visibility import READERS
from shared.masking import masked_point
from shared.testing import person
from tests.registry.house import COORDINATOR, House, enterprise
from tests.registry.workbooks import submission, workbook

FONSECA = person("technician", scope="HN17", subject="fonseca")
ELSEWHERE = person("technician", scope=("SV", "GT"), subject="elsewhere")


def problem(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json["code"]


def with_owner(**changes: Any) -> dict[str, Any]:
    return enterprise()["owner"] | changes


def test_an_enterprise_written_in_by_hand_is_in_the_inventory(house: House) -> None:
    shown = house.register(caller=FONSECA)
    assert shown["name"] == "Quesillos «La Esperanza»"
    assert shown["municipality_name"] == "San Lorenzo, Valle"
    assert (shown["chain"], shown["chain_declared"], shown["place_state"]) == ("dairy", False, "pending")
    assert shown["sales"] == {"amount": "12500.00", "currency": "HNL"}
    assert shown["owners"][0]["id_number"] == "1709198000123"
    name, data = house.events()[0]
    assert name == "enterprise-registered"
    assert data["facts"]["point"] == {"lon": -87.447, "lat": 13.424, "accuracy_m": 6.0}
    assert house.settle() == 1
    assert house.call("GET", f"/enterprises/{shown['id']}", FONSECA).json["place_state"] == "consistent"


REFUSED = [
    ({"municipality": "HN9999"}, 422, "municipality.unknown"),
    ({"municipality": "SV1423"}, 403, "permission.outside_scope"),
    ({"point": {"lon": 0.0, "lat": 0.0}}, 422, "gps.zero"),
    ({"point": {"lon": 13.4, "lat": -87.4}}, 422, "gps.swapped"),
    ({"sales": {"amount": "10.00", "currency": "USD"}}, 422, "enterprise.currency"),
    ({"products": [{"name": "x", "price": {"amount": "1.00", "currency": "GTQ"}}]}, 422, "enterprise.currency"),
    (
        {"owner": with_owner(consents=enterprise()["owner"]["consents"] | {"registry": False})},
        422,
        "consent.registry_needed",
    ),
    (
        {"owner": with_owner(consents=enterprise()["owner"]["consents"] | {"given_on": "2199-01-01"})},
        422,
        "consent.in_the_future",
    ),
    ({"owner": with_owner(id_kind=None)}, 422, "national_id.kind_needed"),
    ({"owner_id": "01890000-0000-7000-8000-000000000000"}, 422, "enterprise.one_owner"),
    ({"sales": {"amount": 12.5, "currency": "HNL"}}, 422, "body.invalid_fields"),
    ({"jobs_women": 2.0}, 422, "body.invalid_fields"),
    ({"jobs_women": True}, 422, "body.invalid_fields"),
    ({"name": "a\u202eb"}, 422, "text.hostile"),
    ({"name": " "}, 422, "body.invalid_fields"),
    ({"chain": "gold"}, 422, "body.invalid_fields"),
    ({"nobody": 1}, 422, "body.invalid_fields"),
]


@pytest.mark.parametrize(("changes", "status", "code"), REFUSED)
def test_what_cannot_be_right_is_refused_and_changes_nothing(
    sqlite_house: House, changes: dict[str, Any], status: int, code: str
) -> None:
    answer = sqlite_house.call("POST", "/enterprises", FONSECA, json=enterprise(**changes))
    assert problem(answer) == (status, code)
    assert "…" not in answer.json["detail"]
    assert sqlite_house.events() == []


def test_a_woman_known_already_may_own_a_second_enterprise(house: House) -> None:
    owner = house.register()["owners"][0]["id"]
    body = enterprise(name="Segundo negocio", owner_id=owner)
    del body["owner"]
    answer = house.call("POST", "/enterprises", json=body)
    assert answer.status_code == 201
    woman = house.call("GET", f"/entrepreneurs/{owner}").json
    assert [e["name"] for e in woman["enterprises"]] == ["Quesillos «La Esperanza»", "Segundo negocio"]


def test_a_wrong_check_digit_is_a_warning_on_the_record(house: House) -> None:
    shown = house.register(owner=with_owner(id_kind="dui", id_number="00000010-0"), point=None)
    assert [warning["code"] for warning in shown["warnings"]] == ["gps.missing", "national_id.check_digit"]
    english = house.web.get(
        f"/api/registry/v1/enterprises/{shown['id']}",
        headers={
            "Authorization": f"Bearer {house.keys['portal'].sign(COORDINATOR, seconds=60)}",
            "Accept-Language": "en",
        },
    ).json
    assert english["warnings"][0]["detail"] == "There is no GPS point."


def test_a_change_needs_the_version_that_was_looked_at(house: House) -> None:
    shown = house.register()
    path = f"/enterprises/{shown['id']}"
    assert problem(house.call("PATCH", path, json={"jobs_men": 4})) == (428, "precondition.missing")
    changed = house.call("PATCH", path, version=shown["version"], json={"jobs_men": 4})
    assert (changed.status_code, changed.json["jobs_men"]) == (200, 4)
    assert changed.headers["ETag"] == f'"{changed.json["version"]}"'
    assert changed.json["version"] > shown["version"]
    stale = house.call("PATCH", path, version=shown["version"], json={"jobs_men": 5})
    assert problem(stale) == (412, "changed_meanwhile")
    assert house.call("GET", path).json["jobs_men"] == 4
    assert [name for name, _ in house.events()] == ["enterprise-registered", "enterprise-changed"]


def test_a_place_that_moves_is_settled_anew(house: House) -> None:
    shown = house.register()
    house.settle()
    path = f"/enterprises/{shown['id']}"
    version = house.call("GET", path).json["version"]
    point = {"lon": -87.2, "lat": 13.3, "accuracy_m": 40}
    moved = house.call("PATCH", path, version=version, json={"point": point}).json
    assert moved["place_state"] == "pending"
    house.territory.answer = lambda _lon, _lat, _declared: ("HN0607", True)
    house.settle()
    shown = house.call("GET", path).json
    assert (shown["place_state"], shown["derived_municipality_name"]) == ("contradicted", "Marcovia, Choluteca")
    assert {w["code"] for w in shown["warnings"]} == {"gps.inaccurate", "place.contradicted_here"}


def test_a_point_at_sea_counts_for_the_municipality_beside_it_and_the_record_says_so(house: House) -> None:
    house.territory.snapped_m = 840.4
    by_hand = house.register()
    house.settle()
    house.report(workbook([submission(1)]))
    brought = house.call("GET", "/enterprises?validation=captured,verified,validated").json["items"]
    for record in {by_hand["id"], *(row["id"] for row in brought)}:
        shown = house.call("GET", f"/enterprises/{record}").json
        assert (shown["place_state"], shown["snapped_m"]) == ("consistent", 840.4)
        told = next(w for w in shown["warnings"] if w["code"] == "place.snapped_here")
        assert told["detail"].startswith("El punto GPS está 840 m fuera de su municipio")
    version = house.call("GET", f"/enterprises/{by_hand['id']}").json["version"]
    ashore = {"point": {"lon": -87.2, "lat": 13.3, "accuracy_m": 4}}
    moved = house.call("PATCH", f"/enterprises/{by_hand['id']}", version=version, json=ashore).json
    assert (moved["place_state"], moved["snapped_m"]) == ("pending", None)


def test_a_point_that_moved_while_territory_was_asked_keeps_waiting(house: House) -> None:
    shown = house.register()
    path = f"/enterprises/{shown['id']}"

    def answer(_lon: float, _lat: float, declared: str) -> tuple[str, bool]:
        house.territory.answer = lambda _a, _b, d: (d, False)
        house.call("PATCH", path, version=shown["version"], json={"point": {"lon": -87.3, "lat": 13.5}})
        return declared, True

    house.territory.answer = answer
    assert house.settle() == 0
    assert house.call("GET", path).json["place_state"] == "pending"


def test_boundaries_that_were_replaced_judge_every_point_of_the_country_anew(house: House) -> None:
    house.register()
    house.settle()
    house.territory.answer = lambda _lon, _lat, _declared: ("HN1706", True)
    assert house.settle() == 0
    assert house.settle("SV") == 0
    assert house.settle("HN") == 1


def test_nobody_changes_what_lies_outside_her_territory(house: House) -> None:
    shown = house.register()
    path = f"/enterprises/{shown['id']}"
    for method, options in (("GET", {}), ("PATCH", {"version": shown["version"], "json": {"formal": True}})):
        assert problem(house.call(method, path, ELSEWHERE, **options)) == (403, "permission.outside_scope")
    moved = house.call(
        "PATCH", path, FONSECA, version=shown["version"], json={"municipality": "SV1423", "sales": None, "products": []}
    )
    assert problem(moved) == (403, "permission.outside_scope")
    assert house.call("GET", "/enterprises", ELSEWHERE).json["items"] == []


def test_the_chain_follows_the_products_until_somebody_says_otherwise(house: House) -> None:
    shown = house.register(products=[{"name": "Pan dulce"}, {"name": "Semita de pan"}, {"name": "Queso"}])
    assert shown["chain"] == "food_processing"
    path = f"/enterprises/{shown['id']}"
    said = house.call("PATCH", path, version=shown["version"], json={"chain": "tourism", "products": []}).json
    assert (said["chain"], said["chain_declared"]) == ("tourism", True)
    again = house.call("PATCH", path, version=said["version"], json={"chain": None}).json
    assert (again["chain"], again["chain_declared"]) == ("dairy", False)


SEES: dict[str, dict[str, Any]] = {
    "technician": {"names": True, "number": "1709198000123", "exact": True, "phone": True, "sales": True},
    "coordinator": {"names": True, "number": "1709198000123", "exact": True, "phone": True, "sales": True},
    "network_coordinator": {"names": True, "number": "1709198000123", "exact": True, "phone": True, "sales": True},
    "auditor": {"names": True, "number": "••••••••••123", "exact": False, "phone": False, "sales": True},
    "trainer": {"names": True, "number": None, "exact": False, "phone": True, "sales": False},
    "credit_officer": {"names": True, "number": "••••••••••123", "exact": False, "phone": True, "sales": True},
    "committee_member": {"names": True, "number": "••••••••••123", "exact": False, "phone": False, "sales": True},
    "leda_viewer": {"names": False, "number": None, "exact": False, "phone": False, "sales": False},
}


@pytest.mark.parametrize("role", SEES)
def test_each_role_sees_what_its_task_needs(sqlite_house: House, role: str) -> None:
    on_the_map = with_owner(consents=enterprise()["owner"]["consents"] | {"map": True})
    shown = sqlite_house.register(owner=on_the_map)
    reader = person(role, scope="HN")
    seen = sqlite_house.call("GET", f"/enterprises/{shown['id']}", reader).json
    row = sqlite_house.call("GET", "/enterprises", reader).json["items"][0]
    expected = SEES[role]
    assert (seen["name"] is not None) == (row["name"] is not None) == bool(row["owners"]) == expected["names"]
    assert (seen["sales"] is not None) == expected["sales"]
    if expected["names"]:
        owner = seen["owners"][0]
        assert (owner["id_number"], owner["phone"] is not None) == (expected["number"], expected["phone"])
    if expected["exact"]:
        assert (seen["point"]["lon"], seen["point"]["masked"]) == (-87.447, False)
    else:
        from uuid import UUID

        assert (seen["point"]["lon"], seen["point"]["lat"]) == masked_point(UUID(shown["id"]), -87.447, 13.424)
        assert (seen["point"]["accuracy_m"], seen["point"]["masked"]) == (None, True)


@pytest.mark.parametrize("role", SEES)
def test_what_is_known_of_her_exact_point_is_for_who_sees_it(sqlite_house: House, role: str) -> None:
    sqlite_house.territory.snapped_m = 140.0
    point = enterprise()["point"] | {"accuracy_m": 60.0}
    shown = sqlite_house.register(point=point, owner=with_owner(id_number=None, id_kind=None))
    sqlite_house.settle()
    seen = sqlite_house.call("GET", f"/enterprises/{shown['id']}", person(role)).json
    row = sqlite_house.call("GET", "/enterprises", person(role)).json["items"][0]
    exact = SEES[role]["exact"]
    assert (row["accuracy_m"], seen["snapped_m"]) == ((60.0, 140.0) if exact else (None, None))
    told = {warning["code"] for warning in seen["warnings"]}
    assert told & {"gps.inaccurate", "place.snapped_here"} == (
        {"gps.inaccurate", "place.snapped_here"} if exact else set()
    )


@pytest.mark.parametrize("role", SEES)
def test_who_said_no_to_the_map_is_on_nobodys_but_the_teams(sqlite_house: House, role: str) -> None:
    shown = sqlite_house.register()
    seen = sqlite_house.call("GET", f"/enterprises/{shown['id']}", person(role)).json
    assert (seen["point"] is not None) == SEES[role]["exact"]


@pytest.mark.parametrize("role", ["planner", "admin", "organization", "csr_reviewer"])
def test_some_roles_see_no_record_at_all(sqlite_house: House, role: str) -> None:
    shown = sqlite_house.register()
    assert role not in READERS
    for path in (
        "/enterprises",
        "/enterprises/count",
        f"/enterprises/{shown['id']}",
        f"/entrepreneurs/{shown['owners'][0]['id']}",
    ):
        assert sqlite_house.call("GET", path, person(role)).status_code == 403


def test_a_purpose_she_was_not_asked_about_has_no_answer(house: House) -> None:
    consents = enterprise()["owner"]["consents"]
    assert "photos" not in consents
    woman = house.register(owner=with_owner(consents=consents))["owners"][0]["id"]
    answers = house.call("GET", f"/entrepreneurs/{woman}").json["consents"]
    assert {answer["purpose"] for answer in answers} == {"registry", "credit", "map"}


def test_credit_sees_only_who_agreed_to_it(house: House) -> None:
    consents = enterprise()["owner"]["consents"] | {"credit": False}
    shown = house.register(owner=with_owner(consents=consents))
    officer = person("credit_officer")
    assert house.call("GET", "/enterprises", officer).json["items"] == []
    assert house.call("GET", "/enterprises/count", officer).json["all"] == 0
    assert problem(house.call("GET", f"/enterprises/{shown['id']}", officer)) == (404, "enterprise.unknown")
    woman = shown["owners"][0]["id"]
    assert problem(house.call("GET", f"/entrepreneurs/{woman}", officer)) == (404, "entrepreneur.unknown")
    answer = {"purpose": "credit", "granted": True, "given_on": "2026-03-02", "channel": "office"}
    house.call("POST", f"/entrepreneurs/{woman}/consents", json=answer)
    assert len(house.call("GET", "/enterprises", officer).json["items"]) == 1
    assert house.events()[-1][1]["facts"]["consent_credit"] is True


def test_a_mask_is_the_same_every_time_and_tells_only_its_cell() -> None:
    from uuid import uuid4

    record = uuid4()
    here = masked_point(record, -87.447, 13.424)
    assert here == masked_point(record, -87.447, 13.424) == masked_point(record, -87.4405, 13.4395)
    assert here != masked_point(uuid4(), -87.447, 13.424)
    assert abs(here[0] + 87.447) <= 0.02
    assert abs(here[1] - 13.424) <= 0.02


def test_who_sees_no_names_cannot_search_or_sort_by_them(sqlite_house: House) -> None:
    sqlite_house.register()
    viewer = person("leda_viewer")
    for query in ("q=esperanza", "sort=name"):
        assert problem(sqlite_house.call("GET", f"/enterprises?{query}", viewer)) == (
            403,
            "permission.filter_not_yours",
        )
    assert problem(sqlite_house.call("GET", "/enterprises/count?q=esperanza", viewer)) == (
        403,
        "permission.filter_not_yours",
    )


def test_filters_work_together_and_pages_follow_each_other(house: House) -> None:
    for number in range(7):
        municipality = "HN1709" if number % 2 else "HN1706"
        house.register(
            name=f"Negocio {number}", municipality=municipality, needs=["training"] if number < 4 else ["market"]
        )
    found = house.call("GET", "/enterprises?municipality=HN1709&need=training").json["items"]
    assert sorted(row["name"] for row in found) == ["Negocio 1", "Negocio 3"]
    assert len(house.call("GET", "/enterprises?municipality=HN17&chain=dairy&link=processing").json["items"]) == 7
    assert len(house.call("GET", "/enterprises?q=NEGÓCIO%205").json["items"]) == 1
    assert len(house.call("GET", "/enterprises?q=inventada%20ficticia").json["items"]) == 7
    assert house.call("GET", "/enterprises?q=100%25").json["items"] == []
    counts = house.call("GET", "/enterprises/count?municipality=HN1706").json
    assert counts == {"all": 4, "missing": 0, "contradicted": 0, "pending": 4, "captured": 4, "taken_back": 0}
    names, path = [], "/enterprises?sort=name&limit=3"
    while path:
        answer = house.call("GET", path)
        names += [row["name"] for row in answer.json["items"]]
        link = answer.headers.get("Link", "")
        path = link.partition("registry/v1")[2].partition(">")[0]
    assert names == [f"Negocio {number}" for number in range(7)]


@pytest.mark.parametrize(
    "query",
    [
        "municipality=XX",
        "municipality=HN9901",
        "chain=gold",
        "place_state=x",
        "sort=drop",
        "ids=1",
        "limit=0",
        "what=1",
        "after=!!",
    ],
)
def test_a_filter_that_is_none_is_refused(sqlite_house: House, query: str) -> None:
    assert sqlite_house.call("GET", f"/enterprises?{query}").status_code == 422


def test_rows_are_asked_for_by_their_ids(house: House) -> None:
    ids = [house.register(name=f"N{number}")["id"] for number in range(3)]
    found = house.call("GET", f"/enterprises?ids={ids[0]},{ids[2]}").json["items"]
    assert {row["id"] for row in found} == {ids[0], ids[2]}


def test_contacts_are_told_to_who_works_with_her_in_her_territory(house: House) -> None:
    hers, other = (house.register(name=name, caller=FONSECA) for name in ("Quesos", "Anafres"))
    path = f"/enterprises/contacts?ids={hers['id']},{other['id']},01890000-0000-7000-8000-000000000000"
    found = house.call("GET", path, FONSECA).json["items"]
    assert [row["name"] for row in found] == ["Anafres", "Quesos"]
    owner = found[1]["owners"][0]
    assert (owner["given_names"], owner["phone"]) == (hers["owners"][0]["given_names"], hers["owners"][0]["phone"])
    assert owner["phone"]
    assert house.call("GET", path, ELSEWHERE).json["items"] == []
    for role in ("leda_viewer", "committee_member", "auditor", "planner"):
        assert problem(house.call("GET", path, person(role, scope="HN17"))) == (403, "permission.role_missing")
    assert house.call("GET", "/enterprises/contacts", FONSECA).status_code == 422
    assert house.call("GET", "/enterprises/contacts?ids=1", FONSECA).status_code == 422


def test_a_woman_is_put_right_and_her_history_masks_her_document(house: House) -> None:
    woman = house.register()["owners"][0]
    path = f"/entrepreneurs/{woman['id']}"
    change = {"id_kind": "dui", "id_number": "00000019-9", "surnames": "Corregida"}
    changed = house.call("PATCH", path, version=woman["version"], json=change)
    assert (changed.status_code, changed.json["id_number"]) == (200, "000000199")
    assert problem(house.call("PATCH", path, version=woman["version"], json=change)) == (412, "changed_meanwhile")
    assert len(house.call("GET", "/enterprises?q=corregida").json["items"]) == 1
    from shared import history

    with house.database.reading() as session:
        entries = history.of(session, __import__("uuid").UUID(woman["id"]))
    assert [entry["action"] for entry in entries] == ["register", "change"]
    assert "000000199" not in str(entries)
    assert entries[1]["after"]["id_number"] == "••••••199"


def test_the_consent_to_be_registered_is_taken_back_by_withdrawal_only(house: House) -> None:
    woman = house.register()["owners"][0]["id"]
    answer = {"purpose": "registry", "granted": False, "given_on": "2026-03-02", "channel": "office"}
    assert problem(house.call("POST", f"/entrepreneurs/{woman}/consents", json=answer)) == (
        409,
        "consent.withdraw_instead",
    )


def test_no_token_is_no_answer(sqlite_house: House) -> None:
    answer = sqlite_house.web.get("/api/registry/v1/enterprises")
    assert problem(answer) == (401, "token.missing")
