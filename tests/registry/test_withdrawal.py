"""A woman withdraws: nothing of her is left here, the others are told, and no file brings her back."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from services.registry.models import Accompaniment, Enterprise, Entity, ImportProblem, Stand
from services.registry.use_cases.accompany import open_accompaniment
from shared import history
from shared.bus.tables import event_log
from shared.events import personal_paths
from shared.kernel import clock
from shared.testing import person
from tests.registry.house import COORDINATOR, TECHNICIAN, House, enterprise
from tests.registry.workbooks import dui, submission, workbook

HERS = ("Rosa", "Inventada 1", "72105398", "1985-04-05", "Tienda 1", dui(10_000_001), "-88.43", "veintiocho")

OTHER = submission(2, nombres="Otra", telefono="22334455", fecha_nac="1990-01-02", _gps_longitude=-88.5, gps="")


def withdraw(house: House, woman: str, **options: Any) -> Any:
    version = house.call("GET", f"/entrepreneurs/{woman}").json["version"]
    return house.call("DELETE", f"/entrepreneurs/{woman}", options.pop("caller", COORDINATOR), version=version)


def everything(house: House) -> str:
    """All that stands in the registry's tables and in its log."""
    tables = [*Entity.metadata.sorted_tables, event_log, history.entries]
    with house.database.reading() as session:
        return "\n".join(str(row) for table in tables for row in session.execute(select(table)).mappings())


def taken_in(house: House) -> dict[str, Any]:
    """Two women by import; the first has a visit, a wrong cell and a hand change."""
    rows = [submission(1, empleo_f="veintiocho"), OTHER]
    house.report(workbook(rows))
    found = {row["name"]: row for row in house.call("GET", "/enterprises").json["items"]}
    first = found["Tienda 1"]
    house.call("PATCH", f"/enterprises/{first['id']}", version=first["version"], json={"jobs_men": 5})
    with house.database.transaction() as session:
        plan = open_accompaniment(
            session, TECHNICIAN, UUID(first["id"]), needs=[], begins_on=clock.today(), term_months=12
        )
    visit = {"made_on": clock.today().isoformat(), "notes": "Rosa teje en su casa", "agreements": "Llamar a Rosa"}
    assert house.call("POST", f"/accompaniments/{plan.id}/visits", TECHNICIAN, json=visit).status_code == 201
    return first


def test_nothing_of_her_is_left_and_the_other_woman_stays(house: House) -> None:
    first = taken_in(house)
    assert any(text in everything(house) for text in HERS)
    answer = withdraw(house, first["owners"][0]["id"])
    assert answer.status_code == 200
    erased = answer.json["erased"]
    assert (erased["person"], erased["enterprises"], erased["import_snapshots"], erased["visit_notes"]) == (1, 1, 1, 1)
    assert erased["history_entries"] >= 3
    assert erased["points_in_events"] >= 1
    left = everything(house)
    assert [text for text in HERS if text in left] == []
    assert "Otra" in left
    assert [row["name"] for row in house.call("GET", "/enterprises").json["items"]] == ["Tienda 2"]


def test_the_others_are_told_and_her_points_leave_the_log(house: House) -> None:
    first = taken_in(house)
    withdraw(house, first["owners"][0]["id"])
    names = [name for name, _ in house.events()]
    assert names[-3:] == ["enterprise-changed", "entrepreneur-withdrawn", "erasure-completed"]
    told = dict(house.events()[-3:])
    assert told["enterprise-changed"]["facts"]["active"] is False
    assert told["entrepreneur-withdrawn"]["enterprise_ids"] == [first["id"]]
    assert told["erasure-completed"]["kept"] == [
        "consent_dates",
        "visit_dates",
        "validation_dates",
        "enterprise_ids_in_trade_of_others",
    ]
    assert personal_paths("org.csem.registry.enterprise-changed.v1") == [
        ("facts", name) for name in ("point", "profile", "sales", "markets", "trade", "formalization")
    ]
    hers = [data["facts"] for name, data in house.events() if data.get("facts", {}).get("enterprise_id") == first["id"]]
    assert len(hers) >= 3
    assert all(facts["point"] is None for facts in hers)
    assert not any(facts.get("markets") or facts.get("formalization") for facts in hers)
    with house.database.reading() as session:
        assert not session.get_one(Enterprise, UUID(first["id"])).tags


def test_the_chain_of_her_history_stays_whole(house: House) -> None:
    first = taken_in(house)
    woman = UUID(first["owners"][0]["id"])
    withdraw(house, str(woman))
    with house.database.reading() as session:
        entries = history.of(session, UUID(first["id"]))
        assert history.broken_at(session, UUID(first["id"])) is history.broken_at(session, woman) is None
    assert all(entry["before"] is entry["after"] is None for entry in entries)


def test_the_same_file_does_not_bring_her_back(house: House) -> None:
    first = taken_in(house)
    withdraw(house, first["owners"][0]["id"])
    report = house.report(workbook([submission(1), OTHER]))
    assert (report["created"], report["updated"], report["unchanged"]) == (0, 0, 1)
    assert [p["code"] for p in report["problems"]] == ["submission.withdrawn"]
    assert "Rosa" not in everything(house)


def test_a_report_read_afterwards_does_not_tell_what_stood_in_her_cells(house: House) -> None:
    first = taken_in(house)
    withdraw(house, first["owners"][0]["id"])
    with house.database.reading() as session:
        assert [p.facts for p in session.scalars(select(ImportProblem))] == [{}]


def test_her_plan_is_closed_and_its_visits_lose_their_notes(house: House) -> None:
    first = taken_in(house)
    withdraw(house, first["owners"][0]["id"])
    with house.database.reading() as session:
        plan = session.scalars(select(Accompaniment)).one()
        assert plan.closed_on == clock.today()
        assert [visit.notes for visit in plan.visits if visit.made_on] == [None]


def test_an_enterprise_that_she_shares_goes_on_without_her(house: House) -> None:
    from services.registry.models import Owner

    first = house.register()
    second = house.register(
        name="La otra", owner=enterprise()["owner"] | {"given_names": "Elena", "id_number": "1709-1981-00124"}
    )
    with house.database.transaction() as session:
        shared = session.get_one(Enterprise, UUID(first["id"]))
        shared.owners.append(Owner(rank=1, entrepreneur_id=UUID(second["owners"][0]["id"])))
    assert withdraw(house, first["owners"][0]["id"]).json["erased"]["enterprises"] == 0
    shown = house.call("GET", f"/enterprises/{first['id']}").json
    assert (shown["active"], [owner["given_names"] for owner in shown["owners"]]) == (True, ["Elena"])


def test_a_withdrawn_woman_and_her_enterprise_are_not_changed_any_more(house: House) -> None:
    first = house.register()
    woman = first["owners"][0]["id"]
    withdraw(house, woman)
    shown = house.call("GET", f"/enterprises/{first['id']}").json
    assert (shown["active"], shown["name"], shown["point"]) == (False, "", None)
    changed = house.call("PATCH", f"/enterprises/{first['id']}", version=shown["version"], json={"jobs_men": 1})
    assert (changed.status_code, changed.json["code"]) == (409, "enterprise.withdrawn")
    again = withdraw(house, woman)
    assert (again.status_code, again.json["code"]) == (409, "entrepreneur.withdrawn")
    opened = house.call(
        "POST", "/accompaniments", json={"enterprise_id": first["id"], "begins_on": clock.today().isoformat()}
    )
    assert (opened.status_code, opened.json["code"]) == (409, "enterprise.withdrawn")


@pytest.mark.parametrize("role", ["technician", "auditor", "network_coordinator", "credit_officer"])
def test_only_the_coordinator_withdraws(sqlite_house: House, role: str) -> None:
    woman = sqlite_house.register()["owners"][0]["id"]
    assert withdraw(sqlite_house, woman, caller=person(role)).status_code == 403


def test_a_withdrawal_outside_the_territory_and_on_an_old_version_changes_nothing(house: House) -> None:
    woman = house.register()["owners"][0]["id"]
    assert withdraw(house, woman, caller=person("coordinator", scope="SV")).status_code == 403
    stale = house.call("DELETE", f"/entrepreneurs/{woman}", version=99)
    assert (stale.status_code, stale.json["code"]) == (412, "changed_meanwhile")
    assert house.call("GET", f"/entrepreneurs/{woman}").json["given_names"] == "María Ficticia"


def test_no_second_enterprise_is_registered_for_who_withdrew_or_does_not_agree(house: House) -> None:
    body = {name: value for name, value in enterprise(name="La segunda").items() if name != "owner"}
    gone = house.register()["owners"][0]["id"]
    withdraw(house, gone)
    answer = house.call("POST", "/enterprises", json=body | {"owner_id": gone})
    assert (answer.status_code, answer.json["code"]) == (409, "entrepreneur.withdrawn")
    house.report(workbook([submission(1)]))
    woman = house.call("GET", "/enterprises").json["items"][0]["owners"][0]["id"]
    house.report(workbook([submission(1, consent_registry="no")]))
    answer = house.call("POST", "/enterprises", json=body | {"owner_id": woman})
    assert (answer.status_code, answer.json["code"]) == (422, "consent.registry_needed")


def owned_by_two(house: House) -> dict[str, Any]:
    """An enterprise of two women, with a project, a visit and a stand, of which something was written."""
    first = house.register()
    owner = enterprise()["owner"] | {"given_names": "Elena", "id_number": "1709-1981-00124"}
    other = house.register(name="La otra", owner=owner)["owners"][0]["id"]
    owners = house.call(
        "POST", f"/enterprises/{first['id']}/owners", json={"owner_id": other}, version=first["version"]
    )
    assert owners.status_code in {200, 201}, owners.json
    case = {"enterprise_id": first["id"], "needs": ["credit"], "begins_on": clock.today().isoformat(), "phase": "idea"}
    opened = house.call("POST", "/accompaniments", TECHNICIAN, json=case | {"title": "SECRETO 1", "aim": "SECRETO 2"})
    path = f"/accompaniments/{opened.json['id']}"
    body = {"phase": "planning", "on": clock.today().isoformat(), "reason": "SECRETO 3"}
    assert house.call("POST", f"{path}/moves", TECHNICIAN, version=opened.json["version"], json=body).status_code < 300
    visit = {
        "made_on": clock.today().isoformat(),
        "notes": "SECRETO 4",
        "agreements": "SECRETO 5",
        "place": "SECRETO 6",
    }
    assert house.call("POST", f"{path}/visits", TECHNICIAN, json=visit).status_code == 201
    fair = {"name": "Feria", "municipality": "HN1709", "begins_on": "2030-03-10", "ends_on": "2030-03-11"}
    held = house.call("POST", "/fairs", json=fair).json
    stand = {"enterprise_id": first["id"], "place": "SECRETO 7", "products": "SECRETO 8"}
    assert house.call("POST", f"/fairs/{held['id']}/stands", TECHNICIAN, json=stand).status_code == 201
    return first


def test_nothing_that_was_written_of_two_owners_outlives_the_withdrawal_of_one(house: House) -> None:
    first = owned_by_two(house)
    assert "SECRETO" in everything(house)
    erased = withdraw(house, first["owners"][0]["id"]).json["erased"]
    assert (erased["visit_notes"], erased["fair_notes"]) == (1, 1)
    assert "SECRETO" not in everything(house)


def test_the_project_and_the_stand_of_two_owners_go_on_when_one_withdraws(house: House) -> None:
    first = owned_by_two(house)
    withdraw(house, first["owners"][0]["id"])
    with house.database.reading() as session:
        case, stand = session.scalars(select(Accompaniment)).one(), session.scalars(select(Stand)).one()
        assert (case.closed_on, case.phase, case.needs, stand.state) == (None, "planning", ["credit"], "invited")
        assert [visit.made_on for visit in case.visits] == [clock.today()]
