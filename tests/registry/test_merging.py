"""Two records of one woman become one; nothing that named the other is lost, and all of it can be undone exactly."""

import threading
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from services.registry.models import DuplicateMerge, Enterprise, Entrepreneur
from services.registry.use_cases import undo_merge
from services.registry.use_cases.accompany import open_accompaniment
from shared.kernel import clock
from shared.testing import person
from tests.registry.house import COORDINATOR, TECHNICIAN, House, enterprise
from tests.registry.pairs import SECOND, digest, merge, pair_of, search, twice, undo
from tests.registry.test_files_kept import work
from tests.registry.test_withdrawal import everything, withdraw
from tests.registry.workbooks import submission, workbook

NETWORK = person("network_coordinator", subject="red", name="Coordinadora de la red")


def shown(house: House, enterprise_id: str) -> dict[str, Any]:
    found: dict[str, Any] = house.call("GET", f"/enterprises/{enterprise_id}").json
    return found


def test_a_pair_says_why_and_what_would_be_taken_of_each(sqlite_house: House) -> None:
    one, other = twice(sqlite_house)
    pair = pair_of(sqlite_house)
    assert (pair["decision"], pair["may_merge"], pair["preferred"]) == ("same", True, "one")
    assert pair["detail"].startswith("Es la misma mujer")
    assert pair["reasons"][0]["field"] == "document"
    assert all(reason["detail"] and "…" not in reason["detail"] for reason in pair["reasons"])
    said = {field["field"]: field for field in pair["said"]}
    assert (said["given_names"]["one"], said["given_names"]["suggested"]) == ({"given_names": "María Ficticia"}, "one")
    assert said["other_phone"]["suggested"] == "other"
    assert said["born_on"]["suggested"] is None
    (compared,) = pair["comparisons"]
    assert (compared["one_id"], compared["other_id"]) == (one["id"], other["id"])
    business = {field["field"]: field["suggested"] for field in compared["said"]}
    assert business["needs"] == "both"
    assert (business["address"], business["name"], business["products"]) == ("other", "one", None)
    assert {"purpose": "credit", "one": True, "other": False} in pair["answers"]


def test_both_become_one_record_with_what_each_knew(house: House) -> None:
    one, other = twice(house)
    for granted in (False, True):  # her first record's last answer is the later one, and yes
        body = {"purpose": "credit", "granted": granted, "given_on": "2026-04-01", "channel": "office"}
        house.call("POST", f"/entrepreneurs/{one['owners'][0]['id']}/consents", json=body)
    made = merge(house, pair_of(house))
    assert made.status_code == 201, made.json
    record = shown(house, one["id"])
    assert shown(house, other["id"])["id"] == one["id"]  # an old link leads to the record that stays
    assert (record["name"], record["address"]) == ("Quesillos «La Esperanza»", "Barrio El Centro")
    assert record["needs"] == ["credit", "market", "quality"]
    assert record["validation"] == "validated"
    assert record["ownership"] == "individual"
    (owner,) = record["owners"]
    assert (owner["given_names"], owner["other_phone"]) == ("María Ficticia", "+50422334455")
    assert record["consent_credit"] is False  # a no on either side is a no
    listed = house.call("GET", "/enterprises").json["items"]
    assert [row["id"] for row in listed] == [one["id"]]
    woman = house.call("GET", f"/entrepreneurs/{other['owners'][0]['id']}").json
    assert woman["id"] == owner["id"]
    assert [(c["purpose"], c["granted"]) for c in woman["consents"]].count(("credit", False)) == 3
    actions = [entry["action"] for entry in house.call("GET", f"/enterprises/{one['id']}/history").json["items"]]
    assert actions.count("register") == 2  # the histories of both
    assert actions.count("merge") == 2


def test_the_others_hear_of_it(house: House) -> None:
    one, other = twice(house)
    merge(house, pair_of(house))
    names = [name for name, _ in house.events()][-4:]
    assert names == ["enterprise-changed", "enterprise-changed", "enterprise-merged", "entrepreneur-merged"]
    told = [data for _, data in house.events()][-4:]
    by_id = {data["facts"]["enterprise_id"]: data["facts"] for data in told[:2]}
    assert (by_id[one["id"]]["active"], by_id[other["id"]]["active"]) == (True, False)
    assert by_id[other["id"]]["point"] is None
    assert told[2] == {"survivor_id": one["id"], "absorbed_id": other["id"]}
    assert told[3] == {"survivor_id": one["owners"][0]["id"], "absorbed_id": other["owners"][0]["id"]}


def test_the_sides_that_a_person_chose_are_taken(sqlite_house: House) -> None:
    house = sqlite_house
    one, other = twice(house)
    pair = pair_of(house)
    compared = pair["comparisons"][0]
    choice = {
        "one_id": one["id"],
        "other_id": other["id"],
        "stays": "other",
        "sides": {"name": "other", "needs": "one"},
    }
    made = merge(
        house,
        pair,
        survivor_id=pair["other"]["id"],
        sides={"given_names": "other", "surnames": "other", "phone": "one"},
        enterprises=[choice],
    )
    assert made.status_code == 201, made.json
    assert compared["preferred"] == "one"
    record = shown(house, one["id"])
    assert (record["id"], record["name"], record["needs"]) == (
        other["id"],
        "Quesillos Esperanza",
        ["credit", "quality"],
    )
    assert record["owners"][0]["id"] == pair["other"]["id"]
    assert record["owners"][0]["surnames"] == "Imbentada Prueba"
    assert record["validation"] == "validated"
    assert undo(house, made.json).status_code == 200


def test_both_enterprises_may_stay_under_the_one_woman(house: House) -> None:
    one, other = twice(house)
    made = merge(house, pair_of(house), together=False).json
    assert made["enterprises_merged"] == 0
    woman = house.call("GET", f"/entrepreneurs/{one['owners'][0]['id']}").json
    assert {row["id"] for row in woman["enterprises"]} == {one["id"], other["id"]}
    kept = shown(house, other["id"])
    assert (kept["id"], kept["ownership"], kept["consent_credit"]) == (other["id"], "individual", False)
    assert [name for name, _ in house.events()].count("enterprise-merged") == 0


def test_undoing_restores_both_records_exactly(house: House) -> None:
    one, other = twice(house)
    for step, number in (("tax_id", "0801-1980-12345"), ("municipal_licence", None)):
        body = {"state": "done", "number": number}
        for record in (one, other)[: 1 + (step == "tax_id")]:
            version = shown(house, record["id"])["version"]
            path = f"/enterprises/{record['id']}/formalization/{step}"
            assert house.call("PUT", path, version=version, json=body).status_code == 200
    before, records = digest(house), [shown(house, record["id"]) for record in (one, other)]
    made = merge(house, pair_of(house)).json
    assert digest(house) != before
    steps = {step["step"]: step["number"] for step in shown(house, one["id"])["formalization"]}
    assert steps == {"tax_id": "0801-1980-12345", "municipal_licence": None}
    answer = undo(house, made)
    assert answer.status_code == 200, answer.json
    assert answer.json["undone_by_name"] == COORDINATOR.name
    assert digest(house) == before
    untimed = {"version": None, "changed_at": None}
    for record in records:
        now, then = shown(house, record["id"]) | untimed, record | untimed
        now["owners"][0]["version"] = then["owners"][0]["version"] = None
        assert now == then
    assert [name for name, _ in house.events()][-2:] == ["enterprise-unmerged", "entrepreneur-unmerged"]
    assert pair_of(house)["state"] == "open"
    again = undo(house, answer.json)
    assert (again.status_code, again.json["code"]) == (409, "unmerge.undone_already")


def test_what_stands_on_the_absorbed_record_is_found_at_the_one_that_stays_and_goes_back(house: House) -> None:
    one, other = twice(house)
    begins = {"enterprise_id": other["id"], "begins_on": clock.today().isoformat()}
    plan = house.call("POST", "/accompaniments", json=begins).json
    third = house.register(
        name="La que le compra",
        owner=SECOND
        | {"given_names": "Otra", "surnames": "Persona", "id_number": None, "born_on": None, "phone": None},
        partners=[{"side": "supplier", "kind": "enterprise", "enterprise_id": other["id"]}],
    )
    before = digest(house)
    made = merge(house, pair_of(house)).json
    assert house.call("GET", f"/accompaniments/{plan['id']}").json["enterprise_id"] == one["id"]
    with house.database.transaction() as session:  # a loan was paid out under the old id
        later = open_accompaniment(
            session, COORDINATOR, UUID(other["id"]), needs=[], begins_on=clock.today(), term_months=6
        )
        assert later.enterprise_id == UUID(one["id"])
        session.rollback()
    assert shown(house, third["id"])["partners"][0]["enterprise_id"] == one["id"]
    visit = {"made_on": clock.today().isoformat(), "notes": "Sigue bien"}
    assert house.call("POST", f"/accompaniments/{plan['id']}/visits", json=visit).status_code == 201
    assert undo(house, made).status_code == 200
    assert house.call("GET", f"/accompaniments/{plan['id']}").json["enterprise_id"] == other["id"]
    assert digest(house) == before


@pytest.mark.parametrize(
    ("work", "code"),
    [
        ("change", "unmerge.changed"),
        ("accompany", "unmerge.built_upon"),
        ("lend", "unmerge.lent"),
        ("consent", "unmerge.changed"),
    ],
)
def test_a_merge_on_which_later_work_stands_is_not_undone(sqlite_house: House, work: str, code: str) -> None:
    house = sqlite_house
    one, _ = twice(house)
    made = merge(house, pair_of(house)).json
    record = shown(house, one["id"])
    if work == "change":
        house.call("PATCH", f"/enterprises/{one['id']}", version=record["version"], json={"jobs_men": 4})
    elif work == "consent":
        body = {"purpose": "credit", "granted": True, "given_on": "2026-04-01", "channel": "office"}
        house.call("POST", f"/entrepreneurs/{record['owners'][0]['id']}/consents", json=body)
    elif work == "accompany":
        begins = {"enterprise_id": one["id"], "begins_on": clock.today().isoformat()}
        house.call("POST", "/accompaniments", json=begins)
    else:
        from services.registry.models import CopyLoan
        from shared.kernel import uuid7

        with house.database.transaction() as session:
            session.add(CopyLoan(loan_id=uuid7(), enterprise_id=UUID(one["id"]), municipality="HN1709"))
    before = digest(house)
    refused = undo(house, made)
    assert (refused.status_code, refused.json["code"]) == (409, code)
    assert house.call("GET", f"/duplicates/merges/{made['id']}").json["hindrance"]["code"] == code
    assert digest(house) == before


def test_a_record_that_was_merged_again_is_taken_apart_in_the_opposite_order(house: House) -> None:
    one, _ = twice(house)
    before = digest(house)
    first = merge(house, pair_of(house)).json
    house.register(name="La tercera", owner=SECOND | {"given_names": "María F."})
    search(house)
    between = digest(house)
    second = merge(house, pair_of(house)).json
    assert len(house.call("GET", f"/enterprises/{one['id']}/history").json["items"]) > 6
    refused = undo(house, first)
    assert (refused.status_code, refused.json["code"]) == (409, "unmerge.merged_further")
    assert undo(house, second).status_code == 200
    assert digest(house) == between != before
    assert undo(house, first).status_code == 200


def test_two_coordinators_who_merge_the_same_pair_at_once_make_one_merge(house: House) -> None:
    twice(house)
    pair, answers = pair_of(house), []
    begun = threading.Barrier(2)

    def click() -> None:
        begun.wait(5)
        answers.append(merge(house, pair).status_code)

    clicks = [threading.Thread(target=click) for _ in range(2)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join(30)
    assert sorted(answers) in ([201, 409], [201, 412])
    assert len(house.call("GET", "/duplicates/merges").json["items"]) == 1


def test_a_choice_made_on_an_older_record_is_refused(sqlite_house: House) -> None:
    house = sqlite_house
    twice(house)
    pair = pair_of(house)
    house.call("PATCH", f"/entrepreneurs/{pair['one']['id']}", version=pair["one"]["version"], json={"phone": None})
    stale = merge(house, pair)
    assert (stale.status_code, stale.json["code"]) == (412, "changed_meanwhile")


def test_a_withdrawal_erases_all_that_was_merged_and_nothing_brings_it_back(house: House) -> None:
    house.report(workbook([submission(1)]))
    first = house.call("GET", "/enterprises").json["items"][0]
    woman = house.call("GET", f"/entrepreneurs/{first['owners'][0]['id']}").json
    again = {name: woman[name] for name in ("given_names", "id_kind", "id_number", "born_on", "phone")}
    again |= {"surnames": "Distintivo", "consents": SECOND["consents"]}
    other = house.register(
        name="Negocio Distintivo", municipality=first["municipality"], sales=None, products=[], owner=again
    )
    search(house)
    made = merge(house, pair_of(house), survivor_id=other["owners"][0]["id"]).json
    answer = withdraw(house, other["owners"][0]["id"])
    assert answer.status_code == 200, answer.json
    left = everything(house)
    hers = (
        woman["given_names"],
        woman["surnames"],
        woman["id_number"],
        woman["phone"][-8:],
        first["name"],
        "Distintivo",
    )
    assert [text for text in hers if text in left] == []
    withdrawn = [data for name, data in house.events() if name == "entrepreneur-withdrawn"]
    assert {data["entrepreneur_id"] for data in withdrawn} == {woman["id"], other["owners"][0]["id"]}
    assert set(withdrawn[0]["enterprise_ids"]) == {first["id"], other["id"]}
    refused = undo(house, house.call("GET", f"/duplicates/merges/{made['id']}").json)
    assert (refused.status_code, refused.json["code"]) == (409, "unmerge.withdrawn")
    report = house.report(workbook([submission(1)]))
    assert [problem["code"] for problem in report["problems"]] == ["submission.withdrawn"]


def test_the_file_she_came_with_updates_the_record_that_stays_and_never_brings_her_back(house: House) -> None:
    house.report(workbook([submission(1)]))
    first = house.call("GET", "/enterprises").json["items"][0]
    woman = house.call("GET", f"/entrepreneurs/{first['owners'][0]['id']}").json
    again = {name: woman[name] for name in ("given_names", "surnames", "id_kind", "id_number", "born_on", "phone")}
    other = house.register(
        name="Tienda uno",
        municipality=first["municipality"],
        sales=None,
        products=[],
        owner=again | {"consents": SECOND["consents"]},
    )
    search(house)
    stays = other["owners"][0]["id"]
    made = merge(
        house,
        pair_of(house),
        survivor_id=stays,
        enterprises=[{"one_id": first["id"], "other_id": other["id"], "stays": "other"}],
    )
    assert made.status_code == 201, made.json
    assert house.report(workbook([submission(1)]))["unchanged"] == 1
    report = house.report(workbook([submission(1, telefono="22119988")]))
    assert (report["created"], report["updated"]) == (0, 1)
    assert house.call("GET", f"/entrepreneurs/{stays}").json["phone"] == "+50322119988"
    assert len(house.call("GET", "/enterprises").json["items"]) == 1
    refused = undo(house, made.json)
    assert (refused.status_code, refused.json["code"]) == (409, "unmerge.imported")


def test_an_import_whose_record_was_merged_is_not_undone_until_the_merge_is(house: House) -> None:
    empty = digest(house)
    imported = house.take_in(workbook([submission(1)]))
    first = house.call("GET", "/enterprises").json["items"][0]
    woman = house.call("GET", f"/entrepreneurs/{first['owners'][0]['id']}").json
    again = {name: woman[name] for name in ("given_names", "surnames", "id_kind", "id_number", "born_on", "phone")}
    second = house.take_in(
        workbook(
            [
                submission(
                    2,
                    nombres=again["given_names"],
                    apellidos=again["surnames"],
                    doc_num=again["id_number"],
                    fecha_nac=again["born_on"],
                    telefono=again["phone"][-8:],
                )
            ]
        )
    )
    assert second["report"]["created"] == 1
    search(house)
    made = merge(house, pair_of(house)).json
    for run in (imported, second):
        refused = house.call("POST", f"/imports/{run['id']}/undo", TECHNICIAN)
        assert (refused.status_code, refused.json["code"]) == (409, "undo.merged")
    assert undo(house, made).status_code == 200
    for run in (second, imported):
        house.context.work.undo(house.directly(), UUID(run["id"]))
    assert digest(house) == empty


def test_who_may_say_they_are_two_and_it_is_remembered_until_her_record_changes(house: House) -> None:
    twice(house)
    pair = pair_of(house, TECHNICIAN)
    assert pair["may_merge"] is False
    assert merge(house, pair, caller=TECHNICIAN).status_code == 403
    body = {"because": "Son primas: las conozco."}
    apart = house.call("POST", f"/duplicates/{pair['id']}/apart", TECHNICIAN, version=pair["version"], json=body)
    assert (apart.status_code, apart.json["state"]) == (200, "not_duplicates")
    assert (apart.json["decided_by_name"], apart.json["because"]) == (TECHNICIAN.name, "Son primas: las conozco.")
    search(house, thorough=True)
    assert house.call("GET", "/duplicates").json["items"] == []
    told = house.call("GET", "/duplicates?state=not_duplicates").json["items"]
    assert [row["id"] for row in told] == [pair["id"]]
    refused = merge(house, apart.json)
    assert (refused.status_code, refused.json["code"]) == (409, "duplicate.decided_already")
    woman = house.call("GET", f"/entrepreneurs/{pair['one']['id']}").json
    for change, waits in (({"schooling": "basic"}, 0), ({"phone": "98765433"}, 1)):
        woman = house.call("PATCH", f"/entrepreneurs/{woman['id']}", version=woman["version"], json=change).json
        search(house)
        assert len(house.call("GET", "/duplicates").json["items"]) == waits


def test_a_decision_that_was_taken_back_waits_again(sqlite_house: House) -> None:
    house = sqlite_house
    twice(house)
    pair = pair_of(house)
    apart = house.call(
        "POST", f"/duplicates/{pair['id']}/apart", version=pair["version"], json={"because": "No sé."}
    ).json
    again = house.call("POST", f"/duplicates/{pair['id']}/reopen", version=apart["version"])
    assert (again.json["state"], again.json["because"]) == ("open", None)
    refused = house.call("POST", f"/duplicates/{pair['id']}/reopen", version=again.json["version"])
    assert (refused.status_code, refused.json["code"]) == (409, "duplicate.open_already")


def test_a_pair_across_territories_is_the_networks_to_see(sqlite_house: House) -> None:
    house = sqlite_house
    twice(house, municipality="SV0704", sales=None, products=[], point=None)
    pair = pair_of(house, NETWORK)
    assert house.call("GET", "/duplicates/count", NETWORK).json == {"open": 1, "certain": 1}
    here = person("coordinator", scope="HN", subject="hn")
    assert house.call("GET", "/duplicates", here).json["items"] == []
    assert house.call("GET", f"/duplicates/{pair['id']}", here).status_code == 403
    assert merge(house, pair, caller=here).status_code == 403
    wide = person("network_coordinator", scope="HN", subject="red-hn")
    assert house.call("GET", f"/duplicates/{pair['id']}", wide).json["may_merge"] is False
    assert merge(house, pair, caller=wide).status_code == 403
    made = merge(house, pair, caller=NETWORK, together=False)
    assert made.status_code == 201, made.json
    assert house.call("GET", f"/duplicates/merges/{made.json['id']}", here).status_code == 403
    assert undo(house, made.json, here).status_code == 403
    assert house.call("GET", "/duplicates/merges", here).json["items"] == []


def test_only_what_is_certain_is_merged_without_a_person_and_never_by_a_document_alone(house: House) -> None:
    one, _ = twice(house)
    alone = {
        "given_names": "Azucena",
        "surnames": "Modelo Muestra",
        "id_kind": "dni",
        "id_number": "1709-1980-00123",
        "born_on": "1999-01-02",
        "phone": "22001100",
        "consents": SECOND["consents"],
    }
    house.register(name="Costura Azucena", municipality="HN0601", point=None, owner=alone)
    search(house)
    rows = house.call("GET", "/duplicates").json["items"]
    assert sorted(row["decision"] for row in rows) == ["look_at", "look_at", "same"]
    before = digest(house)
    from services.registry import duplicates

    told = duplicates.merge_all_certain(house.directly(COORDINATOR), house.context.sealer)
    assert told == {"merged": 1, "passed_over": 0}
    (made,) = house.call("GET", "/duplicates/merges").json["items"]
    assert (made["automatic"], made["survivor"]) == (True, "María Ficticia Inventada Prueba")
    assert shown(house, one["id"])["active"] is True
    assert made["enterprises_merged"] == 0  # their enterprises have other names: both stay
    assert undo(house, made).status_code == 200
    assert digest(house) == before


def test_a_certain_pair_of_which_a_record_changed_meanwhile_is_passed_over(sqlite_house: House) -> None:
    house = sqlite_house
    twice(house)
    pair = pair_of(house)
    house.call("PATCH", f"/entrepreneurs/{pair['one']['id']}", version=pair["one"]["version"], json={"phone": None})
    from services.registry import duplicates

    told = duplicates.merge_all_certain(house.directly(COORDINATOR), house.context.sealer)
    assert told == {"merged": 0, "passed_over": 1}


def test_a_certain_pair_that_she_may_not_merge_hinders_no_other(sqlite_house: House) -> None:
    house = sqlite_house
    one, _ = twice(house)
    away = {"name": "Su puesto en otro lugar", "municipality": "HN0601", "owner_id": one["owners"][0]["id"]}
    assert house.call("POST", "/enterprises", json=away).status_code == 201
    for body in (one["owners"][0], SECOND):
        names = {"given_names": body["given_names"].replace("Ficticia", "Modelo"), "surnames": "Segunda Muestra"}
        unlike = {"id_number": "1709-1985-00456", "born_on": "1985-04-04", "phone": "97654321", "other_phone": None}
        owner = enterprise()["owner"] | names | unlike
        house.register(name="Panadería Muestra", point=None, owner=owner)
    search(house)
    assert house.call("GET", "/duplicates/count").json["certain"] == 2
    here = person("coordinator", scope="HN17", subject="valle")
    assert house.call("POST", "/duplicates/merge-certain", here).status_code == 202
    work(house)
    (left,) = house.call("GET", "/duplicates?decision=same", here).json["items"]
    assert "Inventada" in left["one"]["surnames"]
    (made,) = house.call("GET", "/duplicates/merges").json["items"]
    assert "Segunda Muestra" in made["survivor"]


def test_a_search_and_a_merging_are_asked_for_once(sqlite_house: House) -> None:
    house = sqlite_house
    refused = house.call("POST", "/duplicates/merge-certain")
    assert (refused.status_code, refused.json["code"]) == (409, "duplicate.nothing_certain")
    twice(house)
    asked = [house.call("POST", "/duplicates/search", TECHNICIAN, json={}).json for _ in range(2)]
    assert asked[0] == asked[1]
    assert house.call("GET", "/duplicates/search").json["searching"] == {"done": 0, "total": None}
    work(house)
    told = house.call("GET", "/duplicates/search").json
    assert (told["searching"], told["records"], told["started_by_name"]) == (None, 2, TECHNICIAN.name)
    assert house.call("POST", "/duplicates/merge-certain").status_code == 202
    twice_asked = house.call("POST", "/duplicates/merge-certain")
    assert (twice_asked.status_code, twice_asked.json["code"]) == (409, "duplicate.merging_already")
    work(house)
    assert house.call("GET", "/duplicates/count").json == {"open": 0, "certain": 0}


def test_the_absorbed_rows_keep_nothing_of_her(sqlite_house: House) -> None:
    house = sqlite_house
    _, other = twice(house)
    merge(house, pair_of(house))
    with house.database.reading() as session:
        husk = session.get_one(Enterprise, UUID(other["id"]))
        woman = session.get_one(Entrepreneur, UUID(other["owners"][0]["id"]))
        assert (husk.name, husk.search_text, husk.lon, husk.address, husk.owners) == ("", "", None, None, [])
        assert (woman.given_names, woman.id_fingerprint, woman.phone, woman.consents) == ("", None, None, [])
    for path in (f"/enterprises/{husk.id}", f"/entrepreneurs/{woman.id}"):
        record = house.call("GET", path).json
        changed = house.call("PATCH", path, version=record["version"], json={})
        assert (changed.status_code, changed.json["code"]) in {
            (409, "enterprise.merged"),
            (409, "entrepreneur.merged"),
            (412, "changed_meanwhile"),
        }


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"survivor_id": "01890000-0000-7000-8000-000000000000"}, "merge.survivor_of_another_pair"),
        ({"enterprises": "stranger"}, "merge.enterprise_of_another"),
        ({"enterprises": "twice"}, "merge.enterprise_twice"),
    ],
)
def test_what_does_not_belong_to_the_pair_is_refused(sqlite_house: House, body: dict[str, Any], code: str) -> None:
    house = sqlite_house
    twice(house)
    pair = pair_of(house)
    known = {"one_id": pair["comparisons"][0]["one_id"], "other_id": pair["comparisons"][0]["other_id"]}
    wrong = {"stranger": [known | {"other_id": known["one_id"]}], "twice": [known, known]}
    body = {name: wrong.get(value, value) for name, value in body.items()}
    refused = merge(house, pair, **body)
    assert (refused.status_code, refused.json["code"]) == (422, code)
    assert enterprise()["name"]


def test_what_she_has_in_another_territory_stays_with_those_who_work_there(sqlite_house: House) -> None:
    house = sqlite_house
    one, _ = twice(house)
    woman = one["owners"][0]["id"]
    away = {"name": "Su puesto en otro lugar", "municipality": "HN0601", "owner_id": woman}
    assert house.call("POST", "/enterprises", json=away).status_code == 201
    here = person("coordinator", scope="HN17", subject="valle")
    listed = house.call("GET", "/duplicates", here).json["items"]
    shown = house.call("GET", f"/duplicates/{listed[0]['id']}", here)
    assert shown.status_code == 200
    for told in (str(listed), shown.text):
        assert "Su puesto en otro lugar" not in told
    assert merge(house, shown.json, caller=here).status_code == 403


def test_a_pair_whose_record_moved_away_is_not_shown_any_more(sqlite_house: House) -> None:
    house = sqlite_house
    _, other = twice(house)
    pair = pair_of(house)
    here = person("coordinator", scope="HN17", subject="valle")
    assert house.call("GET", f"/duplicates/{pair['id']}", here).status_code == 200
    moved = {"municipality": "HN0601", "point": None}
    assert house.call("PATCH", f"/enterprises/{other['id']}", version=other["version"], json=moved).status_code == 200
    assert house.call("GET", f"/duplicates/{pair['id']}", here).status_code == 403


@pytest.mark.parametrize("what", ["enterprise", "woman"])
def test_a_change_by_hand_waits_for_the_undoing_of_a_merge_and_is_told_that_it_is_older(
    postgresql_house: House, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    house = postgresql_house
    one, _ = twice(house)
    made = merge(house, pair_of(house)).json
    woman = one["owners"][0]["id"]
    path = {"enterprise": f"/enterprises/{one['id']}", "woman": f"/entrepreneurs/{woman}"}[what]
    change = {"enterprise": {"address": "Barrio Abajo"}, "woman": {"schooling": "primary"}}[what]
    version, answers = house.call("GET", path).json["version"], []
    put_back = undo_merge.together.put_back

    def by_hand() -> None:
        answers.append(house.call("PATCH", path, version=version, json=change).status_code)

    hand = threading.Thread(target=by_hand)

    def meanwhile(*args: Any) -> None:
        hand.start()
        hand.join(1)
        put_back(*args)

    monkeypatch.setattr(undo_merge.together, "put_back", meanwhile)
    assert undo(house, made).status_code == 200
    hand.join(30)
    assert answers == [412]  # it is not taken in and then overwritten without a word


def test_what_a_merge_keeps_to_be_undone_says_nothing_of_another_owner(house: House) -> None:
    one, _ = twice(house)
    answers = {"registry": True, "credit": True, "map": False, "given_on": "2026-03-02", "channel": "office"}
    elena = {"given_names": "Elena", "surnames": "Imaginaria", "consents": answers}
    joined = house.call("POST", f"/enterprises/{one['id']}/owners", json={"owner": elena}).json
    search(house)
    assert merge(house, pair_of(house)).status_code == 201
    gone = next(owner["id"] for owner in joined["owners"] if owner["given_names"] == "Elena")
    assert withdraw(house, gone).status_code == 200
    with house.database.reading() as session:
        [kept] = session.scalars(select(DuplicateMerge)).all()
        assert kept.sealed is not None
        content = house.context.sealer.opened(kept.sealed, kept.id.bytes).decode()
    assert "Ficticia" in content
    assert "imaginaria" not in content.casefold()
    assert house.call("GET", "/enterprises?q=imaginaria").json["items"] == []
