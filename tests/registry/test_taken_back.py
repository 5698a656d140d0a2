"""She answers no to the inventory in the field: nobody but the technical team sees her record, until she is erased."""

import importlib
from typing import Any

import pytest
from sqlalchemy import select, text, update

from services.registry.models import Enterprise
from shared.kernel import clock
from shared.testing import person
from tests.registry.house import COORDINATOR, House
from tests.registry.test_accompaniments import disbursed, hear, plan_of
from tests.registry.test_import import codes
from tests.registry.workbooks import submission, workbook

NO = workbook([submission(1, consent_registry="no")])
TEAM = ("technician", "coordinator", "network_coordinator")
OTHERS = ("auditor", "credit_officer", "committee_member", "trainer", "leda_viewer", "service")


def taken_back(house: House, **changes: Any) -> dict[str, Any]:
    """A woman of the inventory, as her record stood before she answered no."""
    house.report(workbook([submission(1, consent_map="si", **changes)]))
    row = house.call("GET", "/enterprises?q=Tienda").json["items"][0]
    record: dict[str, Any] = house.call("GET", f"/enterprises/{row['id']}").json
    house.report(NO)
    return record


@pytest.mark.parametrize("role", OTHERS)
def test_her_record_is_there_for_nobody_else(sqlite_house: House, role: str) -> None:
    record = taken_back(sqlite_house)
    reader = person(role)
    assert sqlite_house.call("GET", f"/enterprises/{record['id']}", reader).status_code == 404
    assert sqlite_house.call("GET", f"/entrepreneurs/{record['owners'][0]['id']}", reader).status_code in {403, 404}
    for query in ("", "?taken_back=true"):
        assert sqlite_house.call("GET", f"/enterprises{query}", reader).json["items"] == []
    counted = sqlite_house.call("GET", "/enterprises/count", reader).json
    assert (counted["all"], counted["taken_back"]) == (0, 0)


@pytest.mark.parametrize("role", TEAM)
def test_the_technical_team_finds_it_to_have_it_erased_and_does_not_count_it(sqlite_house: House, role: str) -> None:
    record = taken_back(sqlite_house)
    reader = person(role)
    assert sqlite_house.call("GET", f"/enterprises/{record['id']}", reader).json["consent_registry"] is False
    assert sqlite_house.call("GET", "/enterprises", reader).json["items"] == []
    waiting = sqlite_house.call("GET", "/enterprises?taken_back=true", reader).json["items"]
    assert [row["id"] for row in waiting] == [record["id"]]
    counted = sqlite_house.call("GET", "/enterprises/count", reader).json
    assert (counted["all"], counted["taken_back"]) == (0, 1)


def test_the_others_hear_that_it_does_not_count_and_no_point_of_hers(house: House) -> None:
    taken_back(house)
    name, data = house.events()[-1]
    assert (name, data["facts"]["active"], data["facts"]["point"]) == ("enterprise-changed", False, None)


def test_it_counts_again_when_she_agrees_again(house: House) -> None:
    record = taken_back(house)
    yes = {"purpose": "registry", "granted": True, "given_on": clock.today().isoformat(), "channel": "phone"}
    house.call("POST", f"/entrepreneurs/{record['owners'][0]['id']}/consents", json=yes)
    assert [row["id"] for row in house.call("GET", "/enterprises", person("auditor")).json["items"]] == [record["id"]]
    facts = house.events()[-1][1]["facts"]
    assert (facts["active"], facts["point"]["lon"], facts["consent_credit"]) == (True, -88.43, False)


def test_a_later_form_in_which_she_agrees_brings_it_back_and_names_what_differs(house: House) -> None:
    taken_back(house)
    report = house.report(workbook([submission(1, today=clock.today().isoformat(), nombre_neg="De nuevo")]))
    assert (report["updated"], codes(report)) == (1, {"record.edited_by_hand": 1})
    row = house.call("GET", "/enterprises").json["items"][0]
    assert (row["name"], house.events()[-1][1]["facts"]["active"]) == ("Tienda 1", True)
    assert "name" in report["problems"][0]["message"]


def test_nothing_is_done_with_it_meanwhile(house: House) -> None:
    record = taken_back(house)
    shown = house.call("GET", f"/enterprises/{record['id']}").json
    changed = house.call("PATCH", f"/enterprises/{record['id']}", version=shown["version"], json={"jobs_men": 9})
    assert (changed.status_code, changed.json["code"]) == (409, "enterprise.agreement_taken_back")
    begun = {"enterprise_id": record["id"], "begins_on": clock.today().isoformat()}
    assert house.call("POST", "/accompaniments", json=begun).json["code"] == "enterprise.agreement_taken_back"
    hear(house, disbursed(record["id"]))
    assert house.settle("SV") == 0
    assert house.call("GET", "/accompaniments?state=all").json["items"] == []


def test_nobody_is_sent_to_visit_her(house: House) -> None:
    house.report(workbook([submission(1)]))
    hear(house, disbursed(str(house.enterprise_id())))
    plan = plan_of(house)
    house.report(NO)
    assert house.call("GET", "/accompaniments").json["items"] == []
    assert house.call("GET", f"/accompaniments/{plan['id']}", person("auditor")).status_code == 404
    assert house.call("GET", f"/accompaniments/{plan['id']}", COORDINATOR).status_code == 200


def test_her_erasure_is_confirmed_as_every_withdrawal(house: House) -> None:
    woman = taken_back(house)["owners"][0]["id"]
    version = house.call("GET", f"/entrepreneurs/{woman}").json["version"]
    assert house.call("DELETE", f"/entrepreneurs/{woman}", version=version).json["erased"]["enterprises"] == 1
    assert house.call("GET", "/enterprises/count").json["taken_back"] == 0


def test_a_no_is_taken_in_only_by_who_attends_her_territory(house: House) -> None:
    house.report(workbook([submission(1)]))
    elsewhere = person("technician", scope="HN", subject="hn")
    tried, report = house.report(NO, dry_run=True, caller=elsewhere), house.report(NO, caller=elsewhere)
    assert tried == report
    assert (report["updated"], codes(report)) == (0, {"permission.row_outside_scope": 1})
    assert house.call("GET", f"/enterprises/{house.enterprise_id()}").json["consent_registry"] is True


def test_records_from_before_say_of_themselves_what_their_owners_answered_last(house: House) -> None:
    migration = importlib.import_module("services.registry.migrations.versions.0002_agreement")
    kept = house.register()["id"]
    record = taken_back(house)
    with house.database.transaction() as session:
        session.execute(update(Enterprise).values(consent_registry=True))
        session.execute(text(migration.TAKEN_BACK))
    with house.database.reading() as session:
        said = {str(row.id): row.consent_registry for row in session.scalars(select(Enterprise))}
    assert said == {kept: True, record["id"]: False}
