"""A form server sends single submissions: each waits to be looked at, is taken in as an import of one, and forgotten."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, func, select, update

from services.registry.api import forms
from services.registry.api.forms import HEADER
from services.registry.jobs import LongWork
from services.registry.models import Draft, Enterprise, FormToken, HookAttempts, Owner
from services.registry.rules.drafts import MOST
from services.registry.use_cases import review_draft
from services.registry.use_cases.review_draft import tidy_drafts
from shared import history
from shared.attempts import WINDOW
from shared.identity import Caller
from shared.jobs import job_table
from shared.kernel import clock, uuid7
from shared.testing import database_of, person
from shared.tokens import Keyring
from tests.registry.house import API, COORDINATOR, TECHNICIAN, House, open_house
from tests.registry.own_form import document
from tests.registry.test_files_kept import work
from tests.registry.test_withdrawal import everything, withdraw
from tests.registry.workbooks import dui, submission, workbook

ELSEWHERE = person("coordinator", scope="GT", subject="otra", name="Coordinadora de otro centro")
NEAR = person("technician", scope="SV", subject="tecnica de aqui", name="Técnica de aquí")
HERE = person("coordinator", scope="SV", subject="de aqui", name="Coordinadora de aquí")
TEAM_HERE = person("technician", scope="SV", subject="tecnica de aqui", name="Técnica de aquí")
HERS = ("Rosa", "Inventada", "72105398", "1985-04-05", "Quesos de prueba", dui(10_000_001), "-88.43", "ceiba")


@pytest.fixture
def token(house: House) -> str:
    return new_token(house)


def new_token(house: House, caller: Caller = COORDINATOR, **body: Any) -> str:
    answer = house.call("POST", "/forms/tokens", caller, json={"form": "Inventario Oriente", **body})
    assert answer.status_code == 201, answer.json
    return str(answer.json["secret"])


def send(house: House, token: str | None, body: Any, **options: Any) -> Any:
    told = {} if token is None else {HEADER: token}
    return house.web.post(f"{API}/hooks/kobo", json=body, headers=told, **options)


def sent(house: House, token: str, **changes: Any) -> dict[str, Any]:
    answer = send(house, token, document(**changes))
    assert answer.status_code == 200, answer.json
    body: dict[str, Any] = answer.json
    return body


def waiting(house: House, caller: Caller = TECHNICIAN) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = house.call("GET", "/drafts?state=waiting", caller).json["items"]
    return rows


def shown(house: House, draft: dict[str, Any], caller: Caller = TECHNICIAN) -> dict[str, Any]:
    found: dict[str, Any] = house.call("GET", f"/drafts/{draft['id']}", caller).json
    return found


def accept(house: House, draft: dict[str, Any], caller: Caller = TECHNICIAN) -> Any:
    answer = house.call("POST", f"/drafts/{draft['id']}/accept", caller, version=draft["version"])
    work(house)
    return answer


def reject(house: House, draft: dict[str, Any], reason: str = "Es una prueba") -> Any:
    path = f"/drafts/{draft['id']}/reject"
    return house.call("POST", path, TECHNICIAN, version=draft["version"], json={"reason": reason})


def count(house: House, entity: Any) -> int:
    with house.database.reading() as session:
        return session.scalar(select(func.count()).select_from(entity)) or 0


def test_what_is_sent_waits_and_is_no_record(house: House, token: str) -> None:
    assert sent(house, token)["outcome"] == "waiting"
    [draft] = waiting(house)
    assert (draft["form"], draft["municipality"], draft["known"]) == ("Inventario Oriente", "SV1423", False)
    found = shown(house, draft)
    assert (found["prospect"]["kind"], found["prospect"]["lines"]) == ("created", [])
    assert found["prospect"]["would"]["given_names"] == "Rosa"
    assert found["prospect"]["would"]["id_number"].startswith("••••••")
    assert count(house, Enterprise) == 0


def test_nothing_of_her_can_be_read_in_the_tables_while_it_waits(house: House, token: str) -> None:
    sent(house, token)
    left = everything(house)
    assert [text for text in HERS if text in left] == []
    assert token[32:] not in left


def test_accepted_it_is_an_import_of_one_that_can_be_undone(house: House, token: str) -> None:
    sent(house, token)
    [draft] = waiting(house)
    answer = accept(house, draft)
    assert (answer.status_code, answer.json["state"]) == (202, "accepted")
    run = house.call("GET", f"/imports/{answer.json['import_id']}", TECHNICIAN).json
    assert (run["state"], run["created"], run["file_name"]) == ("done", 1, "Inventario Oriente")
    record = house.call("GET", f"/enterprises/{house.enterprise_id()}").json
    assert (record["name"], record["place_state"]) == ("Quesos de prueba", "consistent")
    assert [text for text in ("72105398", "ceiba") if text in repr(_drafts(house))] == []
    house.call("POST", f"/imports/{run['id']}/undo", TECHNICIAN)
    work(house)
    assert count(house, Enterprise) == 0
    assert sent(house, token)["outcome"] == "waiting"


def _drafts(house: House) -> list[Any]:
    with house.database.reading() as session:
        return [dict(row) for row in session.execute(select(Draft.__table__)).mappings()]


def test_sent_again_it_is_the_same(house: House, token: str) -> None:
    first = sent(house, token)
    again = sent(house, token, today="2026-03-01")
    assert again == {"outcome": "same", "draft_id": first["draft_id"]}
    accept(house, waiting(house)[0])
    assert sent(house, token)["outcome"] == "same"
    assert (count(house, Draft), waiting(house)) == (1, [])


def test_a_form_that_came_as_a_file_is_not_asked_about_again(house: House, token: str) -> None:
    house.report(json.dumps([document()]).encode())
    assert sent(house, token) == {"outcome": "same", "draft_id": None}
    assert sent(house, token, direccion="Otra dirección")["outcome"] == "waiting"
    [draft] = waiting(house)
    prospect = shown(house, draft)["prospect"]
    assert (draft["known"], prospect["kind"]) == (True, "updated")
    assert (prospect["stands"]["address"][:7], prospect["would"]["address"]) == ("Caserío", "Otra dirección")
    accept(house, draft)
    assert house.call("GET", f"/enterprises/{house.enterprise_id()}").json["address"] == "Otra dirección"
    assert count(house, Enterprise) == 1


def test_an_edit_takes_the_place_of_what_waited_and_who_looked_before_is_told(house: House, token: str) -> None:
    sent(house, token)
    [before] = waiting(house)
    sent(house, token, nombre_neg="Quesos corregidos")
    [after] = waiting(house)
    assert after["id"] == before["id"]
    assert accept(house, before).status_code == 412
    assert shown(house, after)["prospect"]["would"]["name"] == "Quesos corregidos"


def test_a_version_that_came_between_the_decision_and_the_work_is_looked_at_first(house: House, token: str) -> None:
    sent(house, token)
    [draft] = waiting(house)
    path = f"/drafts/{draft['id']}/accept"
    accepted = house.call("POST", path, TECHNICIAN, version=draft["version"]).json
    sent(house, token, nombre_neg="Quesos corregidos")
    work(house)
    assert house.call("GET", f"/imports/{accepted['import_id']}", TECHNICIAN).json["state"] == "failed"
    assert (count(house, Enterprise), len(waiting(house))) == (0, 1)


def test_rejected_it_is_forgotten_after_a_month_and_an_edit_brings_it_again(house: House, token: str) -> None:
    sent(house, token)
    [draft] = waiting(house)
    answer = reject(house, draft)
    assert (answer.status_code, answer.json["reason"]) == (200, "Es una prueba")
    assert (accept(house, answer.json).status_code, sent(house, token)["outcome"]) == (409, "same")
    tidy(house)
    assert _drafts(house)[0]["sealed"] is not None
    with clock.frozen(clock.now() + timedelta(days=31)):
        tidy(house)
    assert (_drafts(house)[0]["sealed"], _drafts(house)[0]["id_fingerprint"]) == (None, None)
    assert sent(house, token, nombre_neg="Otra vez")["outcome"] == "waiting"


def tidy(house: House) -> None:
    with house.database.transaction() as session:
        tidy_drafts(session)


def test_an_import_that_came_to_nothing_leaves_it_waiting(house: House, token: str) -> None:
    sent(house, token)
    [draft] = waiting(house)
    accepted = house.call("POST", f"/drafts/{draft['id']}/accept", TECHNICIAN, version=draft["version"]).json
    house.call("POST", f"/imports/{accepted['import_id']}/cancel", TECHNICIAN)
    tidy(house)
    assert [row["id"] for row in waiting(house)] == [draft["id"]]


def accepted_and_not_kept(house: House, token: str) -> dict[str, Any]:
    """What was accepted when its record stood here, and taken in when that lay in another territory."""
    house.report(json.dumps([document()]).encode())
    sent(house, token, direccion="Otra dirección")
    [draft] = waiting(house, NEAR)
    accepted = house.call("POST", f"/drafts/{draft['id']}/accept", NEAR, version=draft["version"])
    assert accepted.status_code in {200, 202}, accepted.json
    record = house.call("GET", f"/enterprises/{house.enterprise_id()}").json
    body = {"municipality": "HN1709", "point": None, "sales": None, "products": []}
    moved = house.call("PATCH", f"/enterprises/{record['id']}", version=record["version"], json=body)
    assert moved.status_code == 200, moved.json
    return dict(accepted.json)


@pytest.mark.parametrize("by", ["worker", "upkeep"])
def test_what_an_import_did_not_keep_waits_again_with_what_is_in_its_way(
    house: House, token: str, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    accepted = accepted_and_not_kept(house, token)
    if by == "upkeep":
        monkeypatch.setattr(review_draft, "settle_draft", lambda *_given: None)
    work(house)
    monkeypatch.undo()
    tidy(house)
    run = house.call("GET", f"/imports/{accepted['import_id']}", NEAR).json
    assert (run["state"], run["refusal"]["code"]) == ("failed", "permission.outside_scope")
    assert (run["created"], run["updated"], run["unchanged"]) == (0, 0, 0)
    [draft] = waiting(house, NEAR)
    prospect = shown(house, draft, NEAR)["prospect"]
    assert (prospect["kind"], [line["code"] for line in prospect["lines"]]) == (None, ["permission.row_outside_scope"])
    again = accept(house, draft, NEAR)
    assert (again.status_code, again.json["code"]) == (403, "permission.outside_scope")


def test_of_a_no_that_an_import_found_nobody_for_nothing_waits(house: House, token: str) -> None:
    taken = house.take_in(json.dumps([document()]).encode())
    sent(house, token, consent_registry="no")
    accept_only(house)
    house.context.work.undo(house.directly(), UUID(taken["id"]))
    work(house)
    assert (count(house, Enterprise), waiting(house)) == (0, [])
    assert [draft["sealed"] for draft in _drafts(house)] == [None]


def test_what_would_not_be_kept_cannot_be_accepted(house: House, token: str) -> None:
    sent(house, token, nombres=None)
    [draft] = waiting(house)
    prospect = shown(house, draft)["prospect"]
    assert (prospect["kind"], [line["code"] for line in prospect["lines"]]) == (None, ["cell.required"])
    assert [line["column"] for line in prospect["lines"]] == ["Nombres"]
    assert all(line["message"] != line["code"] for line in prospect["lines"])
    answer = accept(house, draft)
    assert (answer.status_code, answer.json["code"]) == (409, "draft.not_to_be_kept")


def test_of_a_woman_who_says_no_nothing_is_kept(house: House, token: str) -> None:
    assert sent(house, token, consent_registry="no")["outcome"] == "not_kept"
    assert count(house, Draft) == 0
    sent(house, token)
    assert sent(house, token, consent_registry="no")["outcome"] == "not_kept"
    assert count(house, Draft) == 0


def test_a_no_of_a_woman_in_the_inventory_waits_and_takes_her_out(house: House, token: str) -> None:
    house.report(json.dumps([document()]).encode())
    assert sent(house, token, consent_registry="no")["outcome"] == "waiting"
    [draft] = waiting(house)
    prospect = shown(house, draft)["prospect"]
    assert ([line["code"] for line in prospect["lines"]], prospect["would"]) == (["consent.taken_back"], None)
    accept(house, draft)
    assert house.call("GET", "/enterprises/count").json["taken_back"] == 1


@pytest.mark.parametrize("by", ["document", "submission"])
def test_her_withdrawal_forgets_what_was_sent_about_her(house: House, token: str, by: str) -> None:
    if by == "document":
        house.report(workbook([submission(5, doc_num=dui(10_000_001))]))
    else:
        house.report(json.dumps([document(doc_num=None)]).encode())
    sent(house, token, direccion="frente a la ceiba grande")
    woman = house.call("GET", f"/enterprises/{house.enterprise_id()}").json["owners"][0]["id"]
    answer = withdraw(house, woman)
    assert (answer.status_code, answer.json["erased"]["drafts"]) == (200, 1)
    [left] = _drafts(house)
    assert (left["state"], left["sealed"], left["id_fingerprint"], left["fingerprint"]) == ("withdrawn", None, None, "")
    assert sent(house, token)["outcome"] == "not_kept"
    assert waiting(house) == []


def test_logs_events_and_history_carry_no_names(house: House, token: str, capsys: pytest.CaptureFixture[str]) -> None:
    sent(house, token)
    [draft] = waiting(house)
    reject(house, draft, "Rosa no existe")
    with house.database.reading() as session:
        told = repr(list(session.execute(select(history.entries)).mappings()))
    written = capsys.readouterr()
    for text in (*HERS, "Rosa no existe"):
        assert text not in told + written.out + written.err + repr(house.events())


WRONG = [
    (None, "hook.token_missing"),
    ("x", "hook.token_wrong"),
    ("0" * 32 + "secreto", "hook.token_wrong"),
    ("ñ" * 80, "hook.token_wrong"),
]


@pytest.mark.parametrize(("text", "code"), WRONG)
def test_without_a_right_token_nothing_is_taken(house: House, text: str | None, code: str) -> None:
    told = {} if text is None else {HEADER: text}
    environ = {f"HTTP_{HEADER.upper().replace('-', '_')}": value.encode().decode("latin-1") for value in told.values()}
    answer = house.web.post(f"{API}/hooks/kobo", json=document(), environ_overrides=environ)
    assert (answer.status_code, answer.json["code"], answer.mimetype) == (401, code, "application/problem+json")
    assert (answer.json["detail"] != code, count(house, Draft)) == (True, 0)


def test_the_token_of_another_form_or_half_of_one_opens_nothing(house: House, token: str) -> None:
    other = new_token(house)
    for forged in (token[:32] + other[32:], token[:-1], token + "x"):
        assert send(house, forged, document()).json["code"] == "hook.token_wrong"


def test_a_revoked_token_opens_nothing(house: House, token: str) -> None:
    [known] = house.call("GET", "/forms/tokens").json["items"]
    assert (known["ends_with"], "secret" in known) == (token[-4:], False)
    assert house.call("POST", f"/forms/tokens/{known['id']}/revoke", TECHNICIAN).status_code == 403
    assert house.call("POST", f"/forms/tokens/{known['id']}/revoke", ELSEWHERE).status_code == 404
    for _ in range(2):
        assert house.call("POST", f"/forms/tokens/{known['id']}/revoke").json["revoked_by_name"] == COORDINATOR.name
    assert send(house, token, document()).json["code"] == "hook.token_revoked"


def test_a_token_of_one_centre_brings_nothing_into_another_territory(house: House) -> None:
    token = new_token(house, HERE)
    outside = document(pais="HN", departamento="HN17", municipio="HN1709")
    answer = send(house, token, outside)
    assert (answer.status_code, answer.json["code"]) == (403, "hook.outside_territory")
    assert "San Lorenzo, Valle" in answer.json["detail"]
    assert count(house, Draft) == 0
    assert house.call("POST", "/forms/tokens", HERE, json={"form": "x", "units": ["HN17"]}).status_code == 403
    assert house.call("POST", "/forms/tokens", HERE, json={"form": "x", "units": ["SV99"]}).json["code"] == (
        "hook.unit_unknown"
    )


def test_who_works_elsewhere_sees_and_decides_nothing(house: House, token: str) -> None:
    sent(house, token)
    [draft] = waiting(house)
    assert waiting(house, ELSEWHERE) == []
    assert house.call("GET", "/forms/tokens", ELSEWHERE).json["items"] == []
    for path, options in (("", {}), ("/accept", {"version": 1}), ("/reject", {"version": 1, "json": {"reason": "x"}})):
        method = "POST" if path else "GET"
        answer = house.call(method, f"/drafts/{draft['id']}{path}", ELSEWHERE, **options)
        assert answer.status_code == 403


ABROAD: dict[str, Any] = {"pais": "HN", "departamento": "HN17", "municipio": "HN1709"}


def test_what_claims_to_be_here_shows_nothing_of_a_record_elsewhere(house: House, token: str) -> None:
    house.report(json.dumps([document(**ABROAD, direccion="Dirección secreta")]).encode())
    sent(house, token, direccion="Otra dirección")
    here = person("technician", scope="SV", subject="tecnica de aqui", name="Técnica de aquí")
    [draft] = waiting(house, here)
    prospect = shown(house, draft, here)["prospect"]
    assert (prospect["kind"], prospect["stands"], prospect["would"]) == (None, None, None)
    assert shown(house, draft)["prospect"]["stands"]["address"] == "Dirección secreta"


def with_another_elsewhere(house: House, owner: str) -> None:
    """She has an enterprise in another territory too."""
    other = house.register()["id"]
    with house.database.transaction() as session:
        session.execute(update(Owner).where(Owner.enterprise_id == UUID(other)).values(entrepreneur_id=UUID(owner)))


def test_facts_of_a_woman_who_has_another_enterprise_elsewhere_are_not_shown(house: House, token: str) -> None:
    house.report(json.dumps([document()]).encode())
    owner = house.call("GET", f"/enterprises/{house.enterprise_id()}").json["owners"][0]["id"]
    with_another_elsewhere(house, owner)
    sent(house, token, direccion="Otra dirección")
    prospect = shown(house, waiting(house, TEAM_HERE)[0], TEAM_HERE)["prospect"]
    assert (prospect["elsewhere"], prospect["stands"], prospect["would"]) == (True, None, None)
    prospect = shown(house, waiting(house)[0])["prospect"]
    assert (prospect["elsewhere"], prospect["stands"] is None) == (False, False)


@pytest.mark.parametrize(
    "change", [{"direccion": "Otra dirección"}, {"consent_credit": "no"}, {"consent_registry": "no"}]
)
def test_what_changes_a_woman_who_has_another_enterprise_elsewhere_is_decided_by_who_works_in_both_as_by_hand(
    house: House, token: str, change: dict[str, str]
) -> None:
    house.report(json.dumps([document()]).encode())
    owner = house.call("GET", f"/enterprises/{house.enterprise_id()}").json["owners"][0]["id"]
    with_another_elsewhere(house, owner)
    sent(house, token, **change)
    no = {"purpose": "credit", "granted": False, "given_on": "2026-04-01", "channel": "office"}
    by_hand = house.call("POST", f"/entrepreneurs/{owner}/consents", TEAM_HERE, json=no)
    [draft] = waiting(house, TEAM_HERE)
    refused = accept(house, draft, TEAM_HERE)
    assert (refused.status_code, refused.json["code"]) == (403, "permission.outside_scope")
    assert refused.json["facts"] == by_hand.json["facts"] == {"unit": "HN1709"}
    [draft] = waiting(house)
    taken = accept(house, draft)
    assert house.call("GET", f"/imports/{taken.json['import_id']}", TECHNICIAN).json["updated"] == 1


def test_what_was_accepted_before_she_had_another_enterprise_elsewhere_waits_again(house: House, token: str) -> None:
    house.report(json.dumps([document()]).encode())
    enterprise_id = house.enterprise_id()
    owner = house.call("GET", f"/enterprises/{enterprise_id}").json["owners"][0]["id"]
    sent(house, token, direccion="Otra dirección")
    [draft] = waiting(house, TEAM_HERE)
    taken = house.call("POST", f"/drafts/{draft['id']}/accept", TEAM_HERE, version=draft["version"]).json
    with_another_elsewhere(house, owner)
    work(house)
    failed = house.call("GET", f"/imports/{taken['import_id']}", TEAM_HERE).json
    assert (failed["state"], failed["refusal"]["code"]) == ("failed", "permission.outside_scope")
    assert [one["id"] for one in waiting(house)] == [draft["id"]]
    assert house.call("GET", f"/enterprises/{enterprise_id}").json["address"] != "Otra dirección"


def test_a_token_changes_no_record_of_another_territory(house: House) -> None:
    house.report(json.dumps([document(**ABROAD)]).encode())
    token = new_token(house, HERE)
    for changes in ({"direccion": "Otra dirección"}, {"consent_registry": "no"}):
        answer = send(house, token, document(**changes))
        assert (answer.status_code, answer.json["code"]) == (403, "hook.outside_territory")
    assert count(house, Draft) == 0


def test_a_token_neither_takes_over_nor_ends_what_waits_in_another_territory(house: House, token: str) -> None:
    sent(house, token, **ABROAD)
    before = _drafts(house)
    elsewhere = new_token(house, HERE)
    for changes in ({}, {"consent_registry": "no"}):
        answer = send(house, elsewhere, document(**changes))
        assert (answer.status_code, answer.json["code"]) == (403, "hook.outside_territory")
    assert _drafts(house) == before


def accept_only(house: House) -> dict[str, Any]:
    """Decided, and no worker was there yet."""
    [draft] = waiting(house)
    path = f"/drafts/{draft['id']}/accept"
    accepted: dict[str, Any] = house.call("POST", path, TECHNICIAN, version=draft["version"]).json
    return accepted


def test_a_no_that_comes_while_she_is_taken_in_has_to_be_sent_again_and_is_heeded(house: House, token: str) -> None:
    sent(house, token)
    accept_only(house)
    no = document(consent_registry="no")
    answer = send(house, token, no)
    assert (answer.status_code, answer.json["code"]) == (409, "hook.being_taken_in")
    assert "Vuelva a enviar" in answer.json["detail"]
    work(house)
    assert send(house, token, no).json["outcome"] == "waiting"
    accept(house, waiting(house)[0])
    assert house.call("GET", "/enterprises/count").json["taken_back"] == 1


def test_a_no_that_comes_after_the_import_was_stopped_ends_what_was_accepted(house: House, token: str) -> None:
    sent(house, token)
    accepted = accept_only(house)
    house.call("POST", f"/imports/{accepted['import_id']}/cancel", TECHNICIAN)
    assert sent(house, token, consent_registry="no")["outcome"] == "not_kept"
    work(house)
    assert (count(house, Draft), count(house, Enterprise)) == (0, 0)


def test_where_the_draft_is_gone_the_work_ends_and_says_so(house: House, token: str) -> None:
    sent(house, token)
    accepted = accept_only(house)
    with house.database.transaction() as session:
        session.execute(delete(Draft))
    work(house)
    assert house.call("GET", f"/imports/{accepted['import_id']}", TECHNICIAN).json["state"] == "failed"
    with house.database.reading() as session:
        assert session.scalar(select(job_table.c.state)) == "done"


def test_what_is_forgotten_while_it_is_read_is_not_taken_in(
    house: House, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent(house, token)
    accepted = accept_only(house)
    read = LongWork._read

    def reading(*given: Any) -> Any:
        with house.database.transaction() as session:
            session.scalars(select(Draft)).one().forget()
        return read(*given)

    monkeypatch.setattr(LongWork, "_read", reading)
    work(house)
    run = house.call("GET", f"/imports/{accepted['import_id']}", TECHNICIAN).json
    assert (run["state"], run["refusal"]["code"]) == ("failed", "draft.decided")
    assert count(house, Enterprise) == 0


def test_another_form_is_refused_with_what_to_do(house: House, token: str) -> None:
    known = {"_uuid": "x", "_xform_id_string": "y"}
    assert send(house, token, known | {"otra": "pregunta"}).json["code"] == "hook.other_form"
    assert send(house, token, document() | {"_uuid": ""}).status_code == 422
    for change, code in (
        ({"municipio": "Macondo"}, "hook.municipality_unknown"),
        ({"municipio": None}, "hook.municipality_unknown"),
        ({"consent_registry": None}, "hook.consent_missing"),
    ):
        answer = send(house, token, document(**change))
        assert (answer.status_code, answer.json["code"]) == (422, code)
    assert count(house, Draft) == 0


def hostile() -> Iterator[bytes]:
    yield json.dumps(document() | {"a": "x" * 10_001}).encode()
    yield json.dumps(document(nombres="Ro\u202esa"), ensure_ascii=False).encode()
    yield json.dumps(document()).encode()[:-1] + b', "_uuid": "twice"}'
    yield json.dumps(document() | {"deep": [[[[[[[[]]]]]]]]}).encode().replace(b"[[[[", b"[" * 40)
    yield json.dumps(document() | {f"q{n}": n for n in range(40_000)}).encode() + b" " * 1_000_000
    yield b"[" + json.dumps(document()).encode() + b"]"


def test_a_hostile_body_is_refused_and_changes_nothing(house: House, token: str) -> None:
    for body in hostile():
        answer = house.web.post(
            f"{API}/hooks/kobo", data=body, content_type="application/json", headers={HEADER: token}
        )
        assert answer.status_code in {413, 422}, body[:200]
        assert answer.mimetype == "application/problem+json"
    assert count(house, Draft) == 0


ODD: list[Any] = [5, True, 1.5, {}, [], {"a": 1}, [{"x": [1]}], "x" * 9_000, "=1+1", -(10**300)]


def test_no_odd_answer_is_a_fault(sqlite_house: House) -> None:
    """Whatever stands in a question, it is told or left out, and never a 500."""
    token = new_token(sqlite_house)
    questions = [key for key in document() if not key.startswith(("_", "meta"))]
    for at, question in enumerate(questions):
        answer = send(sqlite_house, token, document() | {question: ODD[at % len(ODD)]})
        assert answer.status_code in {200, 422}, (question, answer.json)
        if answer.json.get("draft_id"):
            assert sqlite_house.call("GET", f"/drafts/{answer.json['draft_id']}").status_code == 200, question


@pytest.mark.parametrize("question", ["nombre_neg", "telefono", "username"])
def test_a_number_of_three_hundred_digits_is_told_as_too_long_and_taken_in_short(house: House, question: str) -> None:
    body = document()
    [path] = [key for key in body if key.rpartition("/")[2] == question]
    assert send(house, new_token(house), body | {path: 1e308}).status_code == 200
    [draft] = waiting(house)
    assert [line["code"] for line in shown(house, draft)["prospect"]["lines"]] == ["cell.too_long"]
    answer = accept(house, draft)
    assert house.call("GET", f"/imports/{answer.json['import_id']}", TECHNICIAN).json["state"] == "done"


def forged(token: str, number: int = 0) -> str:
    """Another secret under the id of a token."""
    return f"{token[:32]}falsa{number}"


def refused(code: str) -> float:
    return forms.REFUSED.labels(code)._value.get()


def test_who_sends_wrong_tokens_has_to_wait_as_with_wrong_passwords(house: House, token: str) -> None:
    counted = [refused(code) for code in ("hook.token_wrong", "hook.too_many_wrong")]
    for number in range(HookAttempts.limits["pair"]):
        assert send(house, forged(token, number), document()).status_code == 401
    for text in (forged(token), token):
        answer = send(house, text, document())
        assert (answer.status_code, answer.json["code"]) == (429, "hook.too_many_wrong")
        assert answer.headers["Retry-After"] == "900"
        assert "15 minutos" in answer.json["detail"]
    assert [refused(code) for code in ("hook.token_wrong", "hook.too_many_wrong")] == [counted[0] + 5, counted[1] + 2]
    assert send(house, new_token(house), document()).status_code == 200  # another form of the same server goes on
    elsewhere = send(house, token, document(), environ_overrides={"REMOTE_ADDR": "192.0.2.9"})
    assert elsewhere.status_code == 200
    with clock.frozen(clock.now() + WINDOW):
        assert send(house, token, document()).status_code == 200


def test_many_names_or_many_addresses_do_not_make_guessing_quicker(sqlite_house: House) -> None:
    house, token = sqlite_house, new_token(sqlite_house)

    def guess(text: str, address: str) -> int:
        status: int = send(house, text, document(), environ_overrides={"REMOTE_ADDR": address}).status_code
        return status

    by_form = [guess(forged(token), f"192.0.2.{number}") for number in range(30)]
    assert by_form.count(401) == HookAttempts.limits["form"]
    by_address = [guess(uuid7().hex + "falsa", "198.51.100.7") for _ in range(65)]
    assert by_address.count(401) == HookAttempts.limits["address"]
    assert guess(new_token(house), "198.51.100.8") == 200


def test_right_tokens_of_many_telephones_at_once_never_wait_for_each_other(sqlite_house: House) -> None:
    house, token = sqlite_house, new_token(sqlite_house)
    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(lambda _: send(house, token, document()).status_code, range(HookAttempts.limits["pair"] * 3))
    assert set(answers) == {200}
    assert count(house, HookAttempts) == 0


def test_the_address_that_is_counted_is_the_one_that_the_gateway_names(
    keys: dict[str, Keyring], tmp_path: Path
) -> None:
    with database_of("registry", tmp_path, "sqlite") as database:
        house = open_house(database, keys, tmp_path, CSEM_TRUSTED_PROXIES="1")

        def guess(forwarded: str) -> int:
            told = {HEADER: forged(token), "X-Forwarded-For": forwarded}
            status: int = house.web.post(f"{API}/hooks/kobo", json=document(), headers=told).status_code
            return status

        token = new_token(house)
        assert {guess(f"203.0.113.{number}, 192.0.2.9") for number in range(HookAttempts.limits["pair"])} == {401}
        assert (guess("203.0.113.99, 192.0.2.9"), guess("192.0.2.10")) == (429, 401)
        house.database.dispose()


def test_what_is_refused_is_counted_by_why(house: House) -> None:
    token, counted = new_token(house, HERE), refused("hook.outside_territory")
    assert send(house, token, document(**ABROAD)).status_code == 403
    assert refused("hook.outside_territory") == counted + 1
    metrics = house.web.get("/metrics").get_data(as_text=True)
    assert 'csem_hook_refused_total{code="hook.outside_territory"}' in metrics


def test_too_many_in_a_minute_have_to_wait(house: House, token: str) -> None:
    with house.database.transaction() as session:
        session.execute(update(FormToken).values(counted=MOST, counted_since=clock.now()))
    answer = send(house, token, document())
    assert (answer.status_code, answer.json["code"]) == (429, "hook.throttled")
    assert int(answer.headers["Retry-After"]) > 0
    with clock.frozen(clock.now() + timedelta(minutes=2)):
        assert send(house, token, document()).status_code == 200
