"""Fairs: who is invited, who comes, what is sold, and when a fair can be closed."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from services.registry.models import Enterprise, Stand
from services.registry.rules.outreach import NEXT_STATES, STATES
from shared.kernel import clock
from shared.testing import person
from tests.registry.house import TECHNICIAN, House
from tests.registry.test_institutions import ELSEWHERE, FONSECA, centre, institution, made, refusal
from tests.registry.test_withdrawal import withdraw

LEDA = person("leda_viewer", subject="adel")
BEFORE = datetime(2026, 3, 1, 15, tzinfo=UTC)
DURING = datetime(2026, 3, 10, 15, tzinfo=UTC)
AFTER = datetime(2026, 3, 12, 15, tzinfo=UTC)


def fair(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Feria de la mujer de prueba",
        "municipality": "HN1709",
        "venue": "Parque central",
        "begins_on": "2026-03-10",
        "ends_on": "2026-03-11",
    } | changes


def sold(amount: str | None = "850.00", **changes: Any) -> dict[str, Any]:
    sales = None if amount is None else {"amount": amount, "currency": "HNL"}
    return {"result": {"women": 2, "sales": sales, "orders": 3, "contacts": 5} | changes}


def invited(house: House, fair_id: str, **woman: Any) -> dict[str, Any]:
    enterprise = house.register(**woman)
    body = {"enterprise_id": enterprise["id"], "place": "A-1", "products": "Quesillo"}
    return made(house, f"/fairs/{fair_id}/stands", body, TECHNICIAN) | {"woman": enterprise["owners"][0]["id"]}


def change(house: House, stand: dict[str, Any], body: dict[str, Any], caller: Any = TECHNICIAN) -> Any:
    path = f"/fair-stands/{stand['id']}"
    version = house.call("GET", path).json["version"]
    return house.call("PATCH", path, caller, version=version, json=body)


def came(house: House, fair_id: str, amount: str | None = "850.00", **told: Any) -> dict[str, Any]:
    """An enterprise that was invited in time, took part, and told its sales unless `amount` is None."""
    with clock.frozen(DURING):
        stand = invited(house, fair_id)
        change(house, stand, {"state": "confirmed"})
        change(house, stand, {"state": "took_part"})
        assert change(house, stand, sold(amount, **told)).status_code == 200
    return stand


def closing(house: House, fair_id: str, method: str = "PUT") -> Any:
    version = house.call("GET", f"/fairs/{fair_id}").json["version"]
    return house.call(method, f"/fairs/{fair_id}/closing", version=version)


def test_a_stand_goes_from_invited_to_its_sales(house: House) -> None:
    organizer = made(house, "/institutions", institution())["id"]
    found = made(house, "/fairs", fair(organizer_id=organizer))
    assert (found["organizer_name"], found["currency"], found["sales"]) == ("Municipalidad de prueba", "HNL", None)
    with clock.frozen(BEFORE):
        stand = invited(house, found["id"])
        assert refusal(change(house, stand, {"state": "took_part"})) == (409, "stand.not_now")
        assert change(house, stand, {"state": "confirmed", "place": "B-2"}).json["place"] == "B-2"
        assert refusal(change(house, stand, {"state": "took_part"})) == (409, "fair.not_begun")
        assert refusal(change(house, stand, sold())) == (409, "stand.took_no_part")
        assert house.call("GET", f"/fairs/{found['id']}").json["state"] == "ahead"
    with clock.frozen(DURING):
        assert change(house, stand, {"state": "took_part"}).status_code == 200
        told = change(house, stand, sold(costs={"amount": "90.00", "currency": "HNL"})).json
        assert (told["sales"]["amount"], told["place"], told["products"]) == ("850.00", "B-2", "Quesillo")
        totals = house.call("GET", f"/fairs/{found['id']}").json
    assert (totals["took_part"], totals["sold"], totals["women_sold"], totals["contacts"]) == (1, 1, 2, 5)
    assert (totals["sales"]["amount"], totals["costs"]["amount"]) == ("850.00", "90.00")


def test_every_other_way_between_states_is_refused(sqlite_house: House) -> None:
    found = made(sqlite_house, "/fairs", fair())
    for state, way in (("invited", ()), ("confirmed", ("confirmed",)), ("absent", ("confirmed", "absent"))):
        for wanted in set(STATES) - NEXT_STATES[state] - {state}:
            with clock.frozen(DURING):
                stand = invited(sqlite_house, found["id"])
                for step in way:
                    assert change(sqlite_house, stand, {"state": step}).status_code == 200
                assert refusal(change(sqlite_house, stand, {"state": wanted})) == (409, "stand.not_now")


def test_who_turns_out_to_have_been_absent_sold_nothing_there(sqlite_house: House) -> None:
    found = made(sqlite_house, "/fairs", fair())
    stand = came(sqlite_house, found["id"])
    with clock.frozen(AFTER):
        told = change(sqlite_house, stand, {"state": "absent"}).json
    assert (told["sales"], told["women"], told["contacts"]) == (None, None, None)
    assert sqlite_house.call("GET", f"/fairs/{found['id']}").json["sales"] is None


def test_a_fair_is_closed_with_all_sales_told_or_said_to_be_unknown(house: House) -> None:
    found = made(house, "/fairs", fair())["id"]
    with clock.frozen(DURING):
        waiting = invited(house, found)
        change(house, waiting, {"state": "confirmed"})
        assert refusal(closing(house, found)) == (409, "fair.not_over")
    came(house, found, "850.00")
    silent = came(house, found, None)
    with clock.frozen(AFTER):
        assert refusal(closing(house, found)) == (409, "fair.undecided")
        change(house, waiting, {"state": "absent"})
        refused = closing(house, found)
        assert (refusal(refused), refused.json["facts"]["count"]) == ((409, "fair.sales_untold"), 1)
        assert refusal(change(house, silent, sold("0.00", sales_unknown=True))) == (422, "stand.sales_and_unknown")
        assert change(house, silent, sold(None, sales_unknown=True)).json["sales"] is None
        closed = closing(house, found).json
        assert (closed["state"], closed["sales_told"], closed["sales_unknown"]) == ("closed", 1, 1)
        assert (closed["sales"]["amount"], closed["sales_per_participant"]["amount"]) == ("850.00", "850.00")
        assert refusal(change(house, silent, sold("1.00"))) == (409, "fair.closed")
        body = {"enterprise_id": house.register()["id"]}
        assert refusal(house.call("POST", f"/fairs/{found}/stands", json=body)) == (409, "fair.closed")
        version = house.call("GET", f"/fairs/{found}").json["version"]
        assert refusal(house.call("PUT", f"/fairs/{found}", version=version, json=fair())) == (409, "fair.closed")
        assert closing(house, found, "DELETE").json["state"] == "to_close"
        assert refusal(closing(house, found, "DELETE")) == (409, "fair.is_open")
        assert change(house, silent, sold("1.00")).json["sales"]["amount"] == "1.00"


def test_nothing_told_adds_up_to_nothing_known(sqlite_house: House) -> None:
    found = made(sqlite_house, "/fairs", fair())["id"]
    came(sqlite_house, found, None, sales_unknown=True, orders=None, contacts=None)
    totals = sqlite_house.call("GET", f"/fairs/{found}").json
    assert (totals["sales"], totals["sales_per_participant"], totals["orders"], totals["sold"]) == (None, None, None, 0)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ends_on": "2026-03-09"}, "fair.ends_before"),
        ({"municipality": "HN9999"}, "municipality.unknown"),
        ({"visitors": 900}, "reach.without_how"),
        (
            {"begins_on": "2199-01-01", "ends_on": "2199-01-02", "visitors": 1, "visitors_how": "Boletos"},
            "fair.not_begun",
        ),
    ],
)
def test_a_fair_that_cannot_be_is_refused(sqlite_house: House, changes: dict[str, Any], code: str) -> None:
    assert refusal(sqlite_house.call("POST", "/fairs", json=fair(**changes))) == (422, code)


def test_amounts_are_in_the_money_of_the_place_and_hold_the_fair_there(sqlite_house: House) -> None:
    found = made(sqlite_house, "/fairs", fair())
    stand = came(sqlite_house, found["id"])
    dollars = {"amount": "5.00", "currency": "USD"}
    with clock.frozen(DURING):
        assert refusal(change(sqlite_house, stand, {"result": {"sales": dollars}})) == (422, "fair.currency")
    moved = fair(municipality="SV1408")
    refused = sqlite_house.call("PUT", f"/fairs/{found['id']}", version=found["version"], json=moved)
    assert refusal(refused) == (409, "fair.amounts_told")


def test_an_enterprise_is_invited_once_and_can_be_taken_out_until_it_is_known_whether_it_came(house: House) -> None:
    found = made(house, "/fairs", fair())["id"]
    stand = invited(house, found)
    body = {"enterprise_id": stand["enterprise_id"]}
    assert refusal(house.call("POST", f"/fairs/{found}/stands", json=body)) == (409, "stand.invited_already")
    path = f"/fair-stands/{stand['id']}"
    assert house.call("DELETE", path, version=stand["version"]).status_code == 204
    assert refusal(house.call("GET", path)) == (404, "stand.unknown")
    late = came(house, found)
    version = house.call("GET", f"/fair-stands/{late['id']}").json["version"]
    assert refusal(house.call("DELETE", f"/fair-stands/{late['id']}", version=version)) == (409, "stand.decided")


def test_a_centre_takes_its_women_to_a_fair_elsewhere(house: House) -> None:
    capital = fair(municipality="HN0801")
    refused = house.call("POST", "/fairs", FONSECA, json=capital)
    assert refusal(refused) == (403, "permission.outside_scope")
    opened = made(house, "/centres", centre())["id"]
    found = made(house, "/fairs", capital | {"centre_id": opened}, FONSECA)["id"]
    mine, other = invited(house, found), invited(house, found, municipality="HN0607")
    shown = house.call("GET", f"/fairs/{found}/stands", FONSECA).json["items"]
    assert [row["id"] for row in shown] == [mine["id"]]
    assert house.call("GET", f"/fairs/{found}", FONSECA).json["invited"] == 2
    assert refusal(change(house, other, {"state": "confirmed"}, FONSECA)) == (403, "permission.outside_scope")
    assert refusal(house.call("GET", f"/fairs/{found}", ELSEWHERE)) == (403, "permission.outside_scope")
    assert house.call("GET", "/fairs", ELSEWHERE).json["items"] == []


def test_who_sees_nobodys_sales_sees_their_sum_of_five_stands_of_a_closed_fair(sqlite_house: House) -> None:
    found = made(sqlite_house, "/fairs", fair())["id"]
    for _ in range(4):
        came(sqlite_house, found, "10.00")

    def seen() -> Any:
        shown = sqlite_house.call("GET", f"/fairs/{found}", LEDA).json
        return shown["sales"] and shown["sales"]["amount"]

    with clock.frozen(AFTER):
        closing(sqlite_house, found)
        assert seen() is None
        closing(sqlite_house, found, "DELETE")
    came(sqlite_house, found, "10.00")
    assert seen() is None
    with clock.frozen(AFTER):
        closing(sqlite_house, found)
    assert seen() == "50.00"
    assert refusal(sqlite_house.call("GET", f"/fairs/{found}/stands", LEDA)) == (403, "permission.role_missing")


def test_the_list_for_the_fair_has_names_and_telephones_and_no_formula(house: House) -> None:
    found = made(house, "/fairs", fair())["id"]
    stand = invited(house, found, name="=1+1")
    answer = house.call("GET", f"/fairs/{found}/participants.csv", TECHNICIAN)
    lines = answer.data.decode("utf-8-sig").splitlines()
    assert lines[0] == "Puesto;Emprendimiento;Dueñas;Teléfonos;Municipio;Estado;Muestra"
    assert lines[1].startswith("A-1;'=1+1;María Ficticia Inventada Prueba;(+504) 98765432;San Lorenzo, Valle;Invitado;")
    refused = house.call("GET", f"/fairs/{found}/participants.csv", person("auditor"))
    assert refusal(refused) == (403, "permission.role_missing")
    of_her = house.call("GET", f"/fair-stands/of/{stand['enterprise_id']}", TECHNICIAN).json["items"]
    assert [(row["fair_name"], row["state"]) for row in of_her] == [("Feria de la mujer de prueba", "invited")]
    strange = house.call("GET", f"/fair-stands/of/{stand['enterprise_id']}", ELSEWHERE)
    assert refusal(strange) == (403, "permission.outside_scope")


@pytest.mark.parametrize(
    ("name", "written"), [("\uff1d1+1", "'\uff1d1+1"), ("\uff20suma", "'\uff20suma"), ("-7", "-7")]
)
def test_the_list_for_the_fair_is_as_harmless_as_an_export(sqlite_house: House, name: str, written: str) -> None:
    found = made(sqlite_house, "/fairs", fair())["id"]
    invited(sqlite_house, found, name=name)
    answer = sqlite_house.call("GET", f"/fairs/{found}/participants.csv", TECHNICIAN)
    assert answer.data.decode("utf-8-sig").splitlines()[1].split(";")[1] == written


def test_who_withdraws_leaves_her_amounts_and_no_words(house: House) -> None:
    found = made(house, "/fairs", fair())["id"]
    first = came(house, found, "850.00", notes="Rosa vendió todo")
    untold = came(house, found, None)
    with clock.frozen(DURING):
        ahead = invited(house, found)
        change(house, ahead, {"state": "confirmed"})
    for stand in (first, untold, ahead):
        assert withdraw(house, stand["woman"]).json["erased"]["fair_notes"] == 1
    with house.database.reading() as session:
        rows = {str(row.id): row for row in session.scalars(select(Stand))}
        assert all((row.products, row.notes, row.place) == (None, None, None) for row in rows.values())
        assert [rows[stand["id"]].state for stand in (first, untold, ahead)] == ["took_part", "took_part", "absent"]
    totals = house.call("GET", f"/fairs/{found}").json
    assert (totals["sales"]["amount"], totals["sales_told"], totals["sales_unknown"]) == ("850.00", 1, 1)
    shown = house.call("GET", f"/fairs/{found}/stands").json["items"]
    assert {row["enterprise_name"] for row in shown} == {None}
    assert refusal(change(house, first, sold("1.00"))) == (409, "enterprise.withdrawn")
    with clock.frozen(AFTER):
        assert closing(house, found).json["state"] == "closed"


def test_nobody_waits_for_who_took_her_answer_back(sqlite_house: House) -> None:
    found = made(sqlite_house, "/fairs", fair())["id"]
    stand = came(sqlite_house, found, None)
    with sqlite_house.database.transaction() as session:
        session.get_one(Enterprise, UUID(stand["enterprise_id"])).consent_registry = False
    assert refusal(change(sqlite_house, stand, sold("1.00"))) == (409, "enterprise.agreement_taken_back")
    listed = sqlite_house.call("GET", f"/fairs/{found}/participants.csv", TECHNICIAN).data.decode()
    assert "Ficticia" not in listed
    with clock.frozen(AFTER):
        assert closing(sqlite_house, found).json["sales_told"] == 0


def test_a_fair_that_is_none_is_said_to_be_none(sqlite_house: House) -> None:
    missing = "0191e8f0-de30-7000-8000-000000000000"
    assert refusal(sqlite_house.call("GET", f"/fairs/{missing}")) == (404, "fair.unknown")
