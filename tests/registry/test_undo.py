"""An import is undone: whole or not at all, and nothing of it is left."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from services.registry import upkeep
from services.registry.models import CopyLoan, Enterprise, Entrepreneur, Submission
from services.registry.models.intake import ImportChange
from services.registry.queries.canonical import digest
from services.registry.use_cases import undo_import
from shared import history
from shared.identity import Caller
from shared.kernel import clock, uuid7
from shared.testing import person
from tests.registry.house import COORDINATOR, TECHNICIAN, House
from tests.registry.test_dialects import content_of
from tests.registry.test_withdrawal import withdraw
from tests.registry.workbooks import product, submission, workbook


def digest_of(house: House) -> str:
    with house.database.transaction() as session:
        return digest(session)


def undo(house: House, shown: dict[str, Any], caller: Caller = TECHNICIAN) -> dict[str, Any]:
    """Undo in this process; comes back with the import as the API shows it."""
    house.context.work.undo(house.directly(caller), UUID(shown["id"]))
    again: dict[str, Any] = house.call("GET", f"/imports/{shown['id']}", caller).json
    return again


def refusal(house: House, shown: dict[str, Any], caller: Caller = TECHNICIAN) -> str:
    answer = house.call("POST", f"/imports/{shown['id']}/undo", caller)
    assert answer.status_code == 409, answer.json
    code: str = answer.json["code"]
    assert answer.json["detail"] != code
    return code


def count(house: House, entity: Any) -> int:
    with house.database.reading() as session:
        return int(session.scalar(select(func.count()).select_from(entity)) or 0)


FIRST = workbook([submission(1), submission(2)], [product(1), product(1, "crema", number=2), product(2)])
CHANGES: dict[str, dict[str, Any]] = {
    "a name": {"nombre_neg": "Otra tienda"},
    "a woman": {"nombres": "Rosario", "doc_num": "012345678", "telefono": "70001111", "fecha_nac": "1980-01-02"},
    "a place": {"municipio": "SV1401", "departamento": "SV14", "_gps_latitude": 13.5, "_gps_longitude": -88.5},
    "answers": {"consent_credit": "no", "consent_map": "si", "today": "2026-04-01"},
    "no more consent": {"consent_registry": "no"},
    "work and needs": {
        "empleo_f": 9,
        "ventas_mes": "",
        "necesidades/credito": 0,
        "eslabones/insumos": 1,
        "formal": "si",
    },
    "a judgement": {"_validation_status": "validation_status_on_hold"},
}


@pytest.mark.parametrize("change", CHANGES)
def test_an_undone_import_leaves_every_record_as_it_was_before(sqlite_house: House, change: str) -> None:
    sqlite_house.report(FIRST)
    before = digest_of(sqlite_house)
    edited = workbook([submission(1, **CHANGES[change]), submission(2), submission(3)], [product(1, "pan"), product(2)])
    shown = sqlite_house.take_in(edited)
    assert (shown["updated"], shown["created"]) == (1, 1)
    assert digest_of(sqlite_house) != before
    assert shown["undo"] | {"hindrances": []} == {
        "state": "possible",
        "removes": 1,
        "restores": 1,
        "undone_at": None,
        "undone_by_name": None,
        "hindrances": [],
    }
    assert undo(sqlite_house, shown)["undo"]["state"] == "undone"
    assert digest_of(sqlite_house) == before
    assert sqlite_house.report(FIRST)["unchanged"] == 2
    again = sqlite_house.report(edited)
    assert (again["updated"], again["created"]) == (1, 1)


@pytest.mark.parametrize("name", ["kobo_export_xml_values.xlsx", "kobo_export.geojson"])
def test_the_real_inventory_undone_leaves_an_empty_registry(truthful: House, name: str) -> None:
    empty = digest_of(truthful)
    shown = truthful.take_in(content_of(name))
    assert digest_of(truthful) != empty
    assert undo(truthful, shown)["undo"]["state"] == "undone"
    assert digest_of(truthful) == empty
    assert [count(truthful, entity) for entity in (Enterprise, Entrepreneur, Submission)] == [0, 0, 0]
    assert truthful.take_in(content_of(name))["created"] == shown["created"]


def test_the_others_hear_that_what_was_brought_in_is_not_active_and_no_point_is_left(house: House) -> None:
    shown = house.take_in(FIRST)
    undo(house, shown)
    told = [(name, data["facts"]["active"], data["facts"]["point"]) for name, data in house.events()]
    assert told == [("enterprise-registered", True, None)] * 2 + [("enterprise-changed", False, None)] * 2


def test_the_others_hear_of_a_record_that_stands_again_as_before(house: House) -> None:
    house.report(FIRST)
    shown = house.take_in(workbook([submission(1, empleo_f=9), submission(2)]))
    undo(house, shown)
    changed = [data["facts"]["jobs_women"] for name, data in house.events() if name == "enterprise-changed"]
    assert changed == [9, 2]


def test_the_history_tells_it_and_holds_no_name_of_who_is_not_there(house: House) -> None:
    shown = house.take_in(FIRST)
    with house.database.reading() as session:
        subjects = [*session.scalars(select(Enterprise.id)), *session.scalars(select(Entrepreneur.id))]
    undo(house, shown)
    with house.database.reading() as session:
        of_run = history.of(session, UUID(shown["id"]))
        entries = [entry for subject in subjects for entry in history.of(session, subject)]
        assert list(history.broken(session)) == []
    assert [(e["action"], e["after"]) for e in of_run] == [("undo-import", {"removed": 2, "restored": 0})]
    assert {e["action"] for e in entries} == {"register", "import", "undo-import"}
    assert "Rosa" not in str(entries)


def test_undoing_twice_is_undoing_once(house: House) -> None:
    shown = house.take_in(FIRST)
    undo(house, shown)
    events, once = house.events(), digest_of(house)
    assert undo(house, shown)["undo"]["state"] == "undone"
    assert house.call("POST", f"/imports/{shown['id']}/undo", TECHNICIAN).status_code == 202
    assert (house.events(), digest_of(house)) == (events, once)


def test_imports_are_undone_from_the_last_one_back(house: House) -> None:
    empty = digest_of(house)
    first = house.take_in(FIRST)
    between = digest_of(house)
    second = house.take_in(workbook([submission(1, nombre_neg="Otra"), submission(2)]))
    assert refusal(house, first) == "undo.imported_later"
    undo(house, second)
    assert digest_of(house) == between
    undo(house, first)
    assert digest_of(house) == empty


def test_what_somebody_put_right_by_hand_since_keeps_an_import(house: House) -> None:
    shown = house.take_in(FIRST)
    record = house.call("GET", f"/enterprises/{house.enterprise_id()}").json
    house.call("PATCH", f"/enterprises/{record['id']}", version=record["version"], json={"jobs_women": 7})
    assert refusal(house, shown) == "undo.changed_by_hand"
    told = house.call("GET", f"/imports/{shown['id']}", TECHNICIAN).json["undo"]
    assert (told["state"], [h["code"] for h in told["hindrances"]]) == ("hindered", ["undo.changed_by_hand"])
    assert "1 registro" in told["hindrances"][0]["detail"]


def checked(house: House, on: date) -> None:
    path = f"/enterprises/{house.enterprise_id()}/validation"
    version = house.call("GET", path).json["version"]
    body = {"state": "validated", "evidence": "visit", "on": on.isoformat()}
    assert house.call("POST", path, version=version, json=body).status_code == 200


@pytest.mark.parametrize("days_ago", [0, 3])
def test_a_check_that_somebody_renewed_since_keeps_an_import_and_is_told(house: House, days_ago: int) -> None:
    today = clock.today()
    with clock.frozen(datetime.now(UTC) - timedelta(days=10)):
        shown = house.take_in(workbook([submission(1, today=clock.today().isoformat())]), caller=COORDINATOR)
        assert shown["undo"]["state"] == "possible"
    checked(house, today - timedelta(days=days_ago))
    assert refusal(house, shown, COORDINATOR) == "undo.changed_by_hand"
    with house.database.reading() as session:
        last = history.of(session, house.enterprise_id())[-1]
    assert (last["action"], last["before"]["validation"], last["after"]["validation"]) == (
        "validation",
        "validated",
        "validated",
    )
    assert last["before"]["checked_on"] < last["after"]["checked_on"] == (today - timedelta(days_ago)).isoformat()


def test_a_check_on_evidence_of_the_same_day_keeps_an_import_too(house: House) -> None:
    shown = house.take_in(workbook([submission(1, today=clock.today().isoformat())]), caller=COORDINATOR)
    assert shown["undo"]["state"] == "possible"
    checked(house, clock.today())
    assert refusal(house, shown, COORDINATOR) == "undo.changed_by_hand"


def test_a_check_that_time_alone_took_back_keeps_none(house: House) -> None:
    shown = house.take_in(FIRST, caller=COORDINATOR)
    with clock.frozen(datetime.now(UTC) + timedelta(days=2_000)):
        assert upkeep.grow_stale(house.directly()) == 2
    assert undo(house, shown, COORDINATOR)["undo"]["state"] == "undone"


def test_an_answer_she_gave_since_keeps_an_import(house: House) -> None:
    shown = house.take_in(FIRST)
    owner = house.call("GET", f"/enterprises/{house.enterprise_id()}").json["owners"][0]["id"]
    answer = {"purpose": "map", "granted": True, "given_on": "2026-03-05", "channel": "office"}
    assert house.call("POST", f"/entrepreneurs/{owner}/consents", json=answer).status_code < 300
    assert refusal(house, shown) == "undo.changed_by_hand"


def test_an_accompaniment_keeps_an_import(house: House) -> None:
    shown = house.take_in(FIRST)
    body = {"enterprise_id": str(house.enterprise_id()), "needs": ["credit"], "begins_on": "2026-03-02"}
    opened = house.call("POST", "/accompaniments", TECHNICIAN, json=body)
    assert opened.status_code == 201, opened.json
    assert refusal(house, shown) == "undo.accompanied"


def test_a_loan_keeps_an_import(house: House) -> None:
    shown = house.take_in(FIRST)
    with house.database.transaction() as session:
        session.add(CopyLoan(loan_id=uuid7(), enterprise_id=house.enterprise_id(), municipality="SV1423"))
    assert refusal(house, shown) == "undo.lent"


def test_a_second_enterprise_of_a_woman_keeps_her_import(house: House) -> None:
    shown = house.take_in(FIRST)
    owner = house.call("GET", f"/enterprises/{house.enterprise_id()}").json["owners"][0]["id"]
    body = {"name": "Otra", "municipality": "SV1423", "activity": "G", "site": "shop", "owner_id": owner}
    made = house.call("POST", "/enterprises", TECHNICIAN, json=body)
    assert made.status_code == 201, made.json
    assert refusal(house, shown) == "undo.built_upon"


def test_places_that_were_looked_up_since_are_nobodys_work(house: House) -> None:
    house.territory.away = True
    empty, shown = digest_of(house), house.take_in(FIRST)
    house.territory.away = False
    assert house.settle() == 2
    undo(house, shown)
    assert digest_of(house) == empty


def test_who_withdrew_since_stays_withdrawn_and_what_was_sealed_of_her_is_gone(house: House) -> None:
    house.report(FIRST)
    shown = house.take_in(workbook([submission(1, nombres="Otra"), submission(2, nombres="Otra")]))
    record = house.call("GET", f"/enterprises/{house.enterprise_id()}").json
    owner = house.call("GET", f"/entrepreneurs/{record['owners'][0]['id']}").json
    gone = house.call("DELETE", f"/entrepreneurs/{owner['id']}", COORDINATOR, version=owner["version"])
    assert gone.status_code == 200, gone.json
    with house.database.reading() as session:
        left = session.scalars(select(ImportChange.sealed).where(ImportChange.entrepreneur_id == UUID(owner["id"])))
        assert set(left) == {None}
    assert undo(house, shown)["undo"]["state"] == "undone"
    with house.database.reading() as session:
        names = sorted(woman.given_names for woman in session.scalars(select(Entrepreneur)))
    assert names == ["", "Rosa"]


def test_what_undo_needs_is_sealed_and_gone_once_it_is_done(house: House) -> None:
    house.report(FIRST)
    shown = house.take_in(workbook([submission(1, nombre_neg="Otra"), submission(2)]))

    def sealed() -> list[bytes | None]:
        with house.database.reading() as session:
            wanted = select(ImportChange.sealed).where(ImportChange.import_id == UUID(shown["id"]))
            return list(session.scalars(wanted))

    assert all(content and b"Rosa" not in content for content in sealed())
    undo(house, shown)
    assert sealed() == [None]


def test_a_kill_in_the_middle_leaves_it_whole_and_it_is_begun_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.report(FIRST)
    before = digest_of(house)
    shown = house.take_in(workbook([submission(1, nombre_neg="Otra"), submission(2), submission(3)]))
    after, events = digest_of(house), house.events()
    real = undo_import._remove

    def killed(*args: Any) -> None:
        real(*args)
        raise KeyboardInterrupt

    monkeypatch.setattr(undo_import, "_remove", killed)
    with pytest.raises(KeyboardInterrupt):
        undo(house, shown)
    assert (digest_of(house), house.events()) == (after, events)
    monkeypatch.undo()
    undo(house, shown)
    assert digest_of(house) == before


def test_work_that_came_between_the_asking_and_the_doing_keeps_it_and_is_told(house: House) -> None:
    shown = house.take_in(FIRST)
    answer = house.call("POST", f"/imports/{shown['id']}/undo", TECHNICIAN)
    assert (answer.status_code, answer.json["undo"]["state"]) == (202, "under_way")
    record = house.call("GET", f"/enterprises/{house.enterprise_id()}").json
    house.call("PATCH", f"/enterprises/{record['id']}", version=record["version"], json={"jobs_women": 7})
    assert undo(house, shown)["undo"]["state"] == "hindered"
    assert count(house, Enterprise) == 2


def test_a_trial_and_what_is_under_way_cannot_be_undone(house: House) -> None:
    assert refusal(house, house.take_in(FIRST, dry_run=True)) == "undo.of_a_trial"
    queued = house.upload(FIRST).json
    assert refusal(house, queued) == "undo.under_way"


def test_only_who_may_see_an_import_may_undo_it(house: House) -> None:
    shown = house.take_in(FIRST)
    for role in ("planner", "credit_officer", "auditor"):
        assert house.call("POST", f"/imports/{shown['id']}/undo", person(role)).status_code == 403
    stranger = person("technician", subject="otra", scope="HN17")
    assert house.call("POST", f"/imports/{shown['id']}/undo", stranger).status_code == 404


def test_an_import_that_changed_nothing_has_nothing_to_undo(house: House) -> None:
    house.report(FIRST)
    assert house.take_in(FIRST)["undo"] is None


def test_what_an_import_keeps_to_be_undone_says_nothing_of_another_owner(house: House) -> None:
    house.report(FIRST)
    shared = house.enterprise_id()
    answers = {"registry": True, "credit": True, "map": False, "given_on": "2026-03-02", "channel": "office"}
    elena = {"given_names": "Elena", "surnames": "Imaginaria", "consents": answers}
    joined = house.call("POST", f"/enterprises/{shared}/owners", json={"owner": elena}).json
    run = house.take_in(workbook([submission(1, nombre_neg="Otra"), submission(2, nombre_neg="Otra más")]))
    gone = next(owner["id"] for owner in joined["owners"] if owner["given_names"] == "Elena")
    assert withdraw(house, gone).status_code == 200
    with house.database.reading() as session:
        of_run = select(ImportChange).where(ImportChange.import_id == UUID(run["id"]))
        changes = [change for change in session.scalars(of_run) if change.enterprise_id == shared and change.sealed]
        content = [house.context.sealer.opened(c.sealed or b"", c.identity.encode()).decode() for c in changes]
    assert ["Rosa" in kept for kept in content] == [True]
    assert "imaginaria" not in content[0].casefold()
    undo(house, run)
    assert house.call("GET", "/enterprises?q=imaginaria").json["items"] == []
