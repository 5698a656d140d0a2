"""All that is asked of an enterprise: owners, activity, products, trade, work, formalization; what form and hand each know."""

from typing import Any
from uuid import UUID

import pytest

from services.registry.codes import activities
from services.registry.models import FormalStep
from services.registry.rules.activities import found, section_of
from services.registry.rules.formalization import formal_by
from services.registry.rules.inventory import Partner, over_full
from shared import history
from shared.testing import person
from tests.registry.house import House, enterprise
from tests.registry.workbooks import submission, workbook

TRADE = {
    "address": "Frente a la escuela, Barrio El Centro",
    "markets": ["municipality", "export"],
    "assets": [{"kind": "machinery", "text": "Horno de leña"}],
    "products": [
        {
            "name": "Queso",
            "unit": "libra",
            "price": {"amount": "60.00", "currency": "HNL"},
            "volume": 120.5,
            "period": "month",
            "months": [12, 1, 1],
        }
    ],
    "partners": [
        {"side": "supplier", "kind": "other", "name": "Ganadera del valle", "share": 60, "product": "Leche"},
        {"side": "supplier", "kind": "shop", "name": "Agroservicio", "share": 40},
        {"side": "buyer", "kind": "consumers", "name": "Vecinas", "share": 100},
    ],
}


def changed(house: House, enterprise_id: str, body: dict[str, Any]) -> Any:
    path = f"/enterprises/{enterprise_id}"
    return house.call("PATCH", path, version=house.call("GET", path).json["version"], json=body)


def step(house: House, enterprise_id: str, name: str, **body: Any) -> Any:
    path = f"/enterprises/{enterprise_id}"
    version = house.call("GET", path).json["version"]
    return house.call("PUT", f"{path}/formalization/{name}", version=version, json=body)


def another_woman(**changes: Any) -> dict[str, Any]:
    return enterprise()["owner"] | {"given_names": "Otra", "id_kind": None, "id_number": None} | changes


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json["code"]


def test_what_it_makes_and_trades_is_kept_whole(house: House) -> None:
    shown = house.register()
    told = changed(house, shown["id"], TRADE).json
    assert told["products"][0] == TRADE["products"][0] | {"months": [1, 12]}
    assert (told["markets"], told["assets"], told["address"]) == (
        ["export", "municipality"],
        TRADE["assets"],
        TRADE["address"],
    )
    assert [(p["side"], p["name"], p["share"]) for p in told["partners"]] == [
        ("supplier", "Ganadera del valle", 60),
        ("supplier", "Agroservicio", 40),
        ("buyer", "Vecinas", 100),
    ]
    viewer = house.call("GET", f"/enterprises/{shown['id']}", person("leda_viewer")).json
    assert viewer["address"] is None
    assert {p["name"] for p in viewer["partners"]} == {None}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"activity": "1234"}, "activity.unknown"),
        ({"partners": [*TRADE["partners"], TRADE["partners"][1] | {"share": 1}]}, "partner.suppliers_over_all"),
        ({"partners": [TRADE["partners"][2], TRADE["partners"][2] | {"share": 1}]}, "partner.buyers_over_all"),
        ({"partners": [{"side": "buyer", "kind": "shop"}]}, "partner.id_or_name"),
        (
            {"partners": [{"side": "buyer", "kind": "shop", "enterprise_id": "01890000-0000-7000-8000-000000000000"}]},
            "partner.unknown",
        ),
        (
            {"jobs": dict.fromkeys(("women_paid", "women_unpaid", "men_paid", "men_unpaid"), 1), "jobs_men": 1},
            "enterprise.jobs_told_twice",
        ),
        ({"jobs": {"women_paid": 1}}, "body.invalid_fields"),
        ({"products": [{"name": "x", "months": [13]}]}, "body.invalid_fields"),
    ],
)
def test_what_cannot_be_is_refused(sqlite_house: House, body: dict[str, Any], code: str) -> None:
    shown = sqlite_house.register()
    assert refusal(changed(sqlite_house, shown["id"], body)) == (422, code)


def test_shares_are_counted_on_each_side_alone() -> None:
    half = [Partner("supplier", "shop", None, "A", 50), Partner("buyer", "shop", None, "B", 80)]
    assert over_full((*half, Partner("supplier", "shop", None, "C", 50))) is None
    assert over_full((*half, Partner("supplier", "shop", None, "C", 51))) == "supplier"
    assert over_full((*half, Partner("buyer", "shop", None, "C"))) is None


def test_a_registered_partner_is_of_the_callers_territory_and_named_to_who_may_know_it(house: House) -> None:
    mill, bakery = house.register(name="Molino"), house.register(name="Panadería")
    sold = {"partners": [{"side": "supplier", "kind": "enterprise", "enterprise_id": mill["id"], "share": 30}]}
    assert changed(house, bakery["id"], sold).json["partners"][0]["name"] == "Molino"
    assert refusal(changed(house, mill["id"], sold)) == (422, "partner.itself")
    viewer = house.call("GET", f"/enterprises/{bakery['id']}", person("leda_viewer")).json
    assert viewer["partners"][0]["name"] is None
    far = house.register(
        name="Lejos", municipality="SV1423", point=None, sales=None, products=[], owner=another_woman(phone=None)
    )
    fonseca = person("technician", scope="HN17")
    body = {"partners": [{"side": "buyer", "kind": "enterprise", "enterprise_id": far["id"]}]}
    version = house.call("GET", f"/enterprises/{bakery['id']}").json["version"]
    refused = house.call("PATCH", f"/enterprises/{bakery['id']}", fonseca, version=version, json=body)
    assert refusal(refused) == (422, "partner.unknown")


def test_a_partner_that_withdrew_stays_as_a_line_without_a_name(house: House) -> None:
    mill = house.register(name="Molino")
    bakery = house.register(name="Panadería", owner=another_woman())
    changed(house, bakery["id"], {"partners": [{"side": "buyer", "kind": "enterprise", "enterprise_id": mill["id"]}]})
    changed(house, mill["id"], TRADE)
    owner = mill["owners"][0]["id"]
    version = house.call("GET", f"/entrepreneurs/{owner}").json["version"]
    assert house.call("DELETE", f"/entrepreneurs/{owner}", version=version).status_code == 200
    gone = house.call("GET", f"/enterprises/{mill['id']}").json
    assert (gone["partners"], gone["assets"], gone["address"], gone["formalization"]) == ([], [], None, [])
    partner = house.call("GET", f"/enterprises/{bakery['id']}").json["partners"][0]
    assert (partner["enterprise_id"], partner["name"]) == (mill["id"], None)
    assert changed(house, bakery["id"], {"jobs_men": 0}).status_code == 200


def test_women_and_men_paid_and_not_add_up_to_what_the_others_hear(house: House) -> None:
    shown = house.register()
    jobs = {"women_paid": 1, "women_unpaid": 2, "men_paid": 0, "men_unpaid": 1}
    told = changed(house, shown["id"], {"jobs": jobs}).json
    assert (told["jobs"], told["jobs_women"], told["jobs_men"]) == (jobs, 3, 1)
    lower = changed(house, shown["id"], {"jobs_women": 1}).json
    assert lower["jobs"] == {"women_paid": None, "women_unpaid": None, "men_paid": 0, "men_unpaid": 1}
    assert house.events()[-1][1]["facts"]["jobs_women"] == 1


def test_the_band_follows_the_amount_and_stands_alone_without_it(sqlite_house: House) -> None:
    shown = sqlite_house.register(sales_band="very_low")
    assert shown["sales_band"]["code"] == "middle"
    told = changed(sqlite_house, shown["id"], {"sales": None}).json
    assert (told["sales_band"]["code"], told["sales_band"]["up_to"]) == (
        "very_low",
        {"amount": "3200.00", "currency": "HNL"},
    )
    assert sqlite_house.call("GET", f"/enterprises/{shown['id']}", person("trainer")).json["sales_band"] is None


@pytest.mark.parametrize(
    ("states", "formal"),
    [
        ({}, None),
        ({"tax_id": "done"}, None),
        ({"tax_id": "done", "municipal_licence": "done"}, True),
        ({"tax_id": "done", "municipal_licence": "not_needed", "trademark": "none"}, True),
        ({"tax_id": "done", "municipal_licence": "under_way"}, False),
    ],
)
def test_tax_number_and_licence_make_it_formal(states: dict[str, str], formal: bool | None) -> None:
    assert formal_by(states) is formal


def test_a_step_is_written_down_with_its_number_sealed_and_decides_whether_it_is_formal(house: House) -> None:
    shown = house.register(formal=False)
    first = step(house, shown["id"], "tax_id", state="done", on="2025-02-03", number="1709-1980-001234").json
    assert (first["formal"], first["formalization"]) == (
        False,
        [{"step": "tax_id", "state": "done", "on": "2025-02-03", "number": "1709-1980-001234"}],
    )
    assert step(house, shown["id"], "municipal_licence", state="done").json["formal"] is True
    assert changed(house, shown["id"], {"formal": False}).json["formal"] is True
    assert house.events()[-1][1]["facts"]["formal"] is True
    auditor = house.call("GET", f"/enterprises/{shown['id']}", person("auditor")).json
    assert next(s["number"] for s in auditor["formalization"] if s["step"] == "tax_id").endswith("•234")
    trainer = house.call("GET", f"/enterprises/{shown['id']}", person("trainer")).json
    assert {s["number"] for s in trainer["formalization"]} == {None}
    with house.database.reading() as session:
        kept = session.get_one(FormalStep, (UUID(shown["id"]), "tax_id"))
        assert b"1709" not in (kept.number_sealed or b"")
        assert "001234" not in str(history.of(session, UUID(shown["id"])))


def test_a_step_that_is_none_or_still_to_come_is_refused(sqlite_house: House) -> None:
    shown = sqlite_house.register()
    assert refusal(step(sqlite_house, shown["id"], "blessing", state="done")) == (404, "formalization.unknown_step")
    future = step(sqlite_house, shown["id"], "tax_id", state="done", on="2199-01-01")
    assert refusal(future) == (422, "formalization.in_the_future")


def test_one_more_owner_makes_a_group_and_what_she_refuses_is_not_shared(house: House) -> None:
    shown = house.register()
    assert shown["ownership"] == "individual"
    path = f"/enterprises/{shown['id']}"
    consents = enterprise()["owner"]["consents"] | {"credit": False}
    both = house.call("POST", f"{path}/owners", json={"owner": another_woman(consents=consents)}).json
    assert (both["ownership"], len(both["owners"]), both["consent_credit"]) == ("group", 2, False)
    assert house.events()[-1][1]["facts"]["owner_ids"] == [owner["id"] for owner in both["owners"]]
    assert (
        house.call("POST", f"{path}/owners", json={"owner_id": both["owners"][1]["id"]}).json["code"] == "owner.already"
    )
    alone = changed(house, shown["id"], {"ownership": "individual"})
    assert refusal(alone) == (422, "enterprise.several_owners")
    assert changed(house, shown["id"], {"ownership": "cooperative"}).json["ownership"] == "cooperative"
    found_by_name = house.call("GET", "/enterprises?q=otra").json["items"]
    assert [row["id"] for row in found_by_name] == [shown["id"]]


def test_an_owner_leaves_where_others_stay_and_she_owns_something_else(house: House) -> None:
    first, second = house.register(), house.register(name="Segunda", owner=another_woman())
    path, woman = f"/enterprises/{first['id']}", second["owners"][0]["id"]
    both = house.call("POST", f"{path}/owners", json={"owner_id": woman}).json
    mine = first["owners"][0]["id"]
    version = both["version"]
    assert house.call("DELETE", f"{path}/owners/{woman}").status_code == 428
    refused = house.call("DELETE", f"{path}/owners/{mine}", version=version)
    assert refusal(refused) == (409, "owner.of_nothing_else")
    left = house.call("DELETE", f"{path}/owners/{woman}", version=version).json
    assert [owner["id"] for owner in left["owners"]] == [mine]
    last = house.call("DELETE", f"{path}/owners/{mine}", version=left["version"])
    assert refusal(last) == (409, "owner.last")
    stranger = house.call("DELETE", f"{path}/owners/{woman}", version=left["version"])
    assert refusal(stranger) == (404, "owner.unknown")
    actions = [entry["action"] for entry in house.call("GET", f"{path}/history").json["items"]]
    assert actions == ["register", "add-owner", "remove-owner"]


def test_every_class_lies_in_a_section_of_the_table() -> None:
    table = activities()
    assert sum(len(code) == 4 for code in table) == 419
    assert {activity.section for activity in table.values()} == set("ABCDEFGHIJKLMNOPQRSTU")
    assert (section_of("1071"), section_of("C"), section_of("4711"), section_of("9602")) == ("C", "C", "G", "S")


@pytest.mark.parametrize(
    ("text", "first"),
    [("1071", "1071"), ("panaderias", "1071"), ("comidas restaurantes", "5610"), ("PELUQUERÍA", "9602"), ("C", "C")],
)
def test_an_activity_is_found_by_its_code_or_by_words_of_its_title(text: str, first: str) -> None:
    assert found(activities(), text)[0].code == first


def test_a_class_speaks_for_its_sections_chain(sqlite_house: House) -> None:
    shown = sqlite_house.register(activity="5610", products=[], name="Doña Tita")
    assert (shown["chain"], shown["activity_title"]) == (
        "food_processing",
        "Actividades de restaurantes y de servicio móvil de comidas",
    )


def test_a_form_that_comes_again_leaves_what_was_written_by_hand(sqlite_house: House) -> None:
    sqlite_house.take_in(workbook([submission(1)]))
    record = sqlite_house.call("GET", f"/enterprises/{sqlite_house.enterprise_id()}").json
    body = {name: TRADE[name] for name in ("address", "markets", "assets", "partners")} | {"ownership": "cooperative"}
    products = [product | {"volume": 40, "period": "month", "months": [5]} for product in record["products"]]
    done = changed(sqlite_house, record["id"], body | {"products": products})
    assert done.status_code == 200
    step(sqlite_house, record["id"], "trademark", state="under_way")
    report = sqlite_house.report(workbook([submission(1, nombre_neg="Otro nombre")]))
    assert (report["updated"], report["problems"]) == (1, [])
    told = sqlite_house.call("GET", f"/enterprises/{record['id']}").json
    assert (told["name"], told["ownership"], told["address"]) == ("Otro nombre", "cooperative", TRADE["address"])
    assert len(told["partners"]) == 3
    assert [product["volume"] for product in told["products"]] == [40] * len(products)
    assert [s["step"] for s in told["formalization"]] == ["trademark"]
