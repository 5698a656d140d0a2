"""A project from its idea to its consolidation: its phases, its visits and their photographs, arrears, the week."""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from services.registry.models import Visit
from services.registry.queries.agenda import monday_of
from shared import files, history
from shared.events.credit import InstalmentOverdue
from shared.identity import Caller
from shared.kernel import clock, uuid7
from shared.testing import person
from tests.registry.house import COORDINATOR, TECHNICIAN, House, enterprise
from tests.registry.own_form import kobo_xlsx
from tests.registry.pairs import merge, pair_of, twice
from tests.registry.test_accompaniments import FONSECA, LOAN, disbursed, hear
from tests.registry.test_institutions import PDF
from tests.registry.test_profiles import profiled, send
from tests.shared.test_photographs import HEAD, JPEG, exif

TODAY = clock.today()
IDEA = {"phase": "idea", "title": "Quesos para la feria", "aim": "Vender a dos tiendas más."}
PLAN = {"sections": {"summary": "S", "market": "M", "ask": "A"},
        "products": [{"name": "Queso", "unit": "libra", "price": {"amount": "70.00", "currency": "HNL"},
                      "unit_cost": {"amount": "45.00", "currency": "HNL"}, "volume": 200}]}  # fmt: skip


def day(days: int = 0) -> str:
    return (TODAY + timedelta(days=days)).isoformat()


def opened(house: House, **changes: Any) -> dict[str, Any]:
    """A case, in its idea unless told otherwise."""
    enterprise_id = changes.pop("enterprise_id", None) or house.register()["id"]
    body = {"enterprise_id": enterprise_id, "needs": ["credit"], "begins_on": day(-30), **IDEA} | changes
    answer = house.call("POST", "/accompaniments", TECHNICIAN, json=body)
    assert answer.status_code == 201, answer.json
    case: dict[str, Any] = answer.json
    return case


def seen(house: House, case: dict[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = house.call("GET", f"/accompaniments/{case['id']}").json
    return shown


def move(house: House, case: dict[str, Any], phase: str, on: str = "", caller: Caller = TECHNICIAN, **more: Any) -> Any:
    body = {"phase": phase, "on": on or day(), **more}
    version = seen(house, case)["version"]
    return house.call("POST", f"/accompaniments/{case['id']}/moves", caller, version=version, json=body)


def ready_plan(house: House, case: dict[str, Any], **changes: Any) -> dict[str, Any]:
    plan = house.call("POST", "/business-plans", TECHNICIAN, json={"accompaniment_id": case["id"]}).json
    path = f"/business-plans/{plan['id']}"
    plan = house.call("PATCH", path, TECHNICIAN, version=plan["version"], json=PLAN | changes).json
    answer = house.call("POST", f"{path}/ready", TECHNICIAN, version=plan["version"])
    assert answer.status_code == 200, answer.json
    made: dict[str, Any] = answer.json
    return made


def test_a_project_goes_from_its_idea_to_its_consolidation_step_by_dated_step(house: House) -> None:
    case = opened(house)
    assert (case["phase"], case["title"], case["visits"]) == ("idea", "Quesos para la feria", [])
    assert move(house, case, "planning", day(-20)).json["phase"] == "planning"
    ready_plan(house, case)
    assert move(house, case, "financing", day(-10)).status_code == 200
    told = move(house, case, "implementation", day(-5), financed_how="Ahorro del grupo", months=1).json
    assert (told["phase"], told["financed_how"]) == ("implementation", "Ahorro del grupo")
    waiting = told["visits"]
    assert waiting[0]["purposes"] == ["check_investment"]
    refused = move(house, case, "consolidation")
    assert (refused.status_code, refused.json["code"]) == (409, "project.visits_waiting")
    assert str(len(waiting)) in refused.json["detail"]
    done = move(house, case, "consolidation", reason="Ya camina sola.").json
    assert [(step["kind"], step["phase"], step["happened_on"]) for step in done["steps"]] == [
        ("opened", "idea", day(-30)),
        ("moved", "planning", day(-20)),
        ("moved", "financing", day(-10)),
        ("moved", "implementation", day(-5)),
        ("moved", "consolidation", day()),
    ]
    assert {step["recorded_by_name"] for step in done["steps"]} == {"Técnica de prueba"}
    assert done["steps"][-1]["reason"] == "Ya camina sola."


BAD_MOVES = [
    ({"title": None}, "planning", {}, 409, "project.idea_not_written"),
    ({}, "financing", {}, 409, "project.not_the_next_phase"),
    ({}, "planning", {"on": day(1)}, 422, "project.in_the_future"),
    ({}, "planning", {"on": day(-31)}, 422, "project.before_last_step"),
    ({}, "planning", {"phase": "dream"}, 422, "body.invalid_fields"),
    ({"phase": "implementation"}, "financing", {}, 409, "project.reason_needed"),
]


@pytest.mark.parametrize(("begun", "phase", "more", "status", "code"), BAD_MOVES)
def test_a_move_without_what_it_needs_is_refused_in_a_sentence(
    sqlite_house: House, begun: dict[str, Any], phase: str, more: dict[str, Any], status: int, code: str
) -> None:
    case = opened(sqlite_house, **begun)
    answer = move(sqlite_house, case, **{"phase": phase, "on": day(), **more})
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert answer.json["detail"] != code
    assert seen(sqlite_house, case)["phase"] == case["phase"]


def test_a_case_without_needs_or_plan_or_money_stays_where_it_is(sqlite_house: House) -> None:
    case = opened(sqlite_house, enterprise_id=sqlite_house.register(needs=[])["id"], needs=[])
    assert move(sqlite_house, case, "planning").json["code"] == "project.needs_not_named"
    told = {"title": "T", "aim": "A", "needs": ["credit"], "resolved_needs": []}
    path = f"/accompaniments/{case['id']}/project"
    assert sqlite_house.call("PUT", path, TECHNICIAN, version=99, json=told).status_code == 412
    assert sqlite_house.call("PUT", path, TECHNICIAN, json=told).status_code == 428
    now = seen(sqlite_house, case)["version"]
    assert sqlite_house.call("PUT", path, TECHNICIAN, version=now, json=told).status_code == 200
    assert move(sqlite_house, case, "planning").status_code == 200
    assert move(sqlite_house, case, "financing").json["code"] == "project.plan_not_ready"
    ready_plan(sqlite_house, case)
    assert move(sqlite_house, case, "financing").status_code == 200
    assert move(sqlite_house, case, "implementation").json["code"] == "project.financing_not_said"
    for changes, code in (
        ({"title": None}, "project.idea_not_written"),
        ({"needs": []}, "project.needs_not_named"),
        ({"resolved_needs": ["quality"]}, "project.resolved_not_named"),
    ):
        now = seen(sqlite_house, case)["version"]
        answer = sqlite_house.call("PUT", path, TECHNICIAN, version=now, json=told | changes)
        assert (answer.status_code, answer.json["code"]) == (422, code)


def test_a_case_goes_back_with_a_reason_but_never_behind_its_loan(house: House) -> None:
    case = opened(house)
    move(house, case, "planning")
    back = move(house, case, "idea", reason="La dueña quiere otro producto.").json
    assert (back["phase"], back["steps"][-1]["reason"]) == ("idea", "La dueña quiere otro producto.")
    move(house, case, "planning")
    hear(house, disbursed(case["enterprise_id"]))
    refused = move(house, case, "financing", reason="Porque sí.")
    assert (refused.status_code, refused.json["code"]) == (409, "project.loan_paid_out")


@pytest.mark.parametrize("phase", ["planning", "financing"])
def test_a_loan_takes_up_the_case_that_was_planned_for_it(house: House, phase: str) -> None:
    case = opened(house)
    move(house, case, "planning", day(-3))
    ready_plan(house, case)
    if phase == "financing":
        move(house, case, "financing", day(-2))
    event = disbursed(case["enterprise_id"], disbursed_on=TODAY - timedelta(days=9))
    hear(house, event)
    hear(house, event)
    found = house.call("GET", "/accompaniments?state=all").json["items"]
    assert [(row["id"], row["loan_id"], row["phase"]) for row in found] == [(case["id"], str(LOAN), "implementation")]
    told = seen(house, case)
    assert told["needs"] == ["credit", "quality", "market"]
    assert told["visits"][0]["purposes"] == ["check_investment"]
    # It cannot be implemented before it was planned, whenever the money was paid out.
    assert told["steps"][-1]["happened_on"] == day(-2 if phase == "financing" else -3)
    assert [name for name, _ in house.events()].count("accompaniment-opened") == 1


def test_a_loan_of_another_project_opens_a_case_of_its_own(house: House) -> None:
    case = opened(house)
    hear(house, disbursed(case["enterprise_id"]))
    found = house.call("GET", "/accompaniments").json["items"]
    assert sorted(row["phase"] for row in found) == ["idea", "implementation"]
    listed = house.call("GET", "/accompaniments?phase=idea").json["items"]
    assert [(row["id"], row["title"]) for row in listed] == [(case["id"], "Quesos para la feria")]


def test_a_project_that_is_given_up_says_why(sqlite_house: House) -> None:
    case = opened(sqlite_house)
    path = f"/accompaniments/{case['id']}"
    answer = sqlite_house.call("PATCH", path, version=case["version"], json={"closed_on": day()})
    assert (answer.status_code, answer.json["code"]) == (422, "project.given_up_why")
    closed = {"closed_on": day(), "reason": "Se fue a vivir a otra parte."}
    told = sqlite_house.call("PATCH", path, version=case["version"], json=closed).json
    assert (told["phase"], told["closed_on"], told["steps"][-1]["kind"]) == ("idea", day(), "closed")
    assert move(sqlite_house, case, "planning").json["code"] == "accompaniment.closed"


def test_who_is_responsible_hands_a_case_over_with_a_note(sqlite_house: House) -> None:
    case = opened(sqlite_house)
    path = f"/accompaniments/{case['id']}"
    hers = {"technician": FONSECA.subject, "technician_name": FONSECA.name}
    taken = sqlite_house.call("PATCH", path, FONSECA, version=case["version"], json=hers).json
    other = {"technician": "otra", "technician_name": "Otra técnica"}
    refused = sqlite_house.call("PATCH", path, FONSECA, version=taken["version"], json=other)
    assert refused.json["code"] == "accompaniment.assigned_by_coordinator"
    note = {"note": "Prefiere que la llamen por la tarde."}
    given = sqlite_house.call("PATCH", path, FONSECA, version=taken["version"], json=other | note).json
    assert given["technician"] == "otra"
    last = given["steps"][-1]
    assert (last["kind"], last["technician_name"], last["reason"]) == ("assigned", "Otra técnica", note["note"])
    again = sqlite_house.call("PATCH", path, FONSECA, version=given["version"], json=other | note)
    assert again.json["code"] == "accompaniment.assigned_by_coordinator"


def overdue(enterprise_id: str, **changes: Any) -> InstalmentOverdue:
    since = TODAY - timedelta(days=5)
    facts = {"loan_id": LOAN, "enterprise_id": UUID(enterprise_id), "municipality": "HN1709", "instalment": 2,
             "due_on": since, "days_late": 5, "arrears_since": since}  # fmt: skip
    return InstalmentOverdue(**facts | changes)  # type: ignore[arg-type]


def for_arrears(house: House) -> list[dict[str, Any]]:
    cases = house.call("GET", "/accompaniments?state=all").json["items"]
    return [v | {"case": c["id"]} for c in cases for v in seen(house, c)["visits"] if "arrears" in v["purposes"]]


def test_an_overdue_instalment_asks_for_one_visit_in_each_time_of_arrears(house: House) -> None:
    shown = house.register()
    hear(house, disbursed(shown["id"]))
    hear(house, overdue(shown["id"]))
    hear(house, overdue(shown["id"]))
    hear(house, overdue(shown["id"], instalment=3, due_on=TODAY, days_late=12))
    [visit] = for_arrears(house)
    assert TODAY < date.fromisoformat(visit["due_on"]) <= TODAY + timedelta(days=7)
    assert visit["needs"] == ["credit"]
    assert len(house.call("GET", "/accompaniments?arrears=true").json["items"]) == 1
    hear(house, overdue(shown["id"], arrears_since=TODAY, days_late=45))
    assert len(for_arrears(house)) == 2
    assert date.fromisoformat(for_arrears(house)[0]["due_on"]) <= TODAY + timedelta(days=3)
    made = {"visit_id": visit["id"], "made_on": day()}
    assert house.call("POST", f"/accompaniments/{visit['case']}/visits", json=made).status_code == 201


def test_arrears_told_by_two_at_once_ask_for_one_visit(house: House) -> None:
    shown = house.register()
    hear(house, disbursed(shown["id"]))
    with ThreadPoolExecutor(2) as both:
        list(both.map(lambda _: hear(house, overdue(shown["id"])), range(2)))
    with house.database.reading() as session:
        asked = select(func.count()).select_from(Visit).where(Visit.arrears_since.is_not(None))
        assert session.scalar(asked) == 1


def test_arrears_after_the_case_was_closed_open_another_that_is_of_nobody_yet(house: House) -> None:
    shown = house.register()
    hear(house, disbursed(shown["id"]))
    first = house.call("GET", "/accompaniments").json["items"][0]
    closed = {"closed_on": day()}
    house.call("PATCH", f"/accompaniments/{first['id']}", version=first["version"], json=closed)
    hear(house, overdue(shown["id"]))
    hear(house, overdue(shown["id"]))
    [waiting] = house.call("GET", "/accompaniments?technician=nobody").json["items"]
    assert (waiting["phase"], waiting["loan_id"], waiting["visits_planned"]) == ("implementation", None, 1)
    assert [name for name, _ in house.events()].count("accompaniment-opened") == 2


def test_arrears_of_an_enterprise_that_became_part_of_another_are_asked_about_there(house: House) -> None:
    one, other = twice(house)
    hear(house, disbursed(other["id"]))
    assert merge(house, pair_of(house)).status_code == 201
    hear(house, overdue(other["id"]))
    hear(house, overdue(other["id"]))
    [visit] = for_arrears(house)
    case = house.call("GET", f"/accompaniments/{visit['case']}").json
    assert (case["enterprise_id"], case["loan_id"]) == (one["id"], str(LOAN))


def test_nobody_is_sent_to_who_withdrew_and_an_unknown_enterprise_is_a_fault(house: House) -> None:
    from shared.kernel import NotFound

    with pytest.raises(NotFound):
        hear(house, overdue(str(uuid7())))
    shown = house.register()
    hear(house, disbursed(shown["id"]))
    woman = shown["owners"][0]
    assert house.call("DELETE", f"/entrepreneurs/{woman['id']}", version=woman["version"]).status_code == 200
    hear(house, overdue(shown["id"]))
    assert for_arrears(house) == []


def test_the_week_tells_first_what_is_late_then_day_by_day(sqlite_house: House) -> None:
    shown = sqlite_house.register(address="Barrio El Centro")
    hear(sqlite_house, disbursed(shown["id"], disbursed_on=TODAY - timedelta(days=40)))
    case = sqlite_house.call("GET", "/accompaniments").json["items"][0]
    hers = {"technician": FONSECA.subject, "technician_name": FONSECA.name}
    sqlite_house.call("PATCH", f"/accompaniments/{case['id']}", FONSECA, version=case["version"], json=hers)
    path = f"/accompaniments/{case['id']}"
    monday = monday_of(TODAY)
    for due in (monday + timedelta(days=6), monday + timedelta(days=7)):
        sqlite_house.call("POST", f"{path}/plan", FONSECA, json={"due_on": due.isoformat()})
    week = sqlite_house.call("GET", "/accompaniments/agenda?technician=me", FONSECA).json["items"]
    assert [row["due_on"] for row in week] == sorted(row["due_on"] for row in week)
    assert week[0]["late"] is True
    assert week[-1]["due_on"] == (monday + timedelta(days=6)).isoformat()
    assert week[0]["address"] == "Barrio El Centro"
    assert week[0]["owners"][0]["phone"] == "+50498765432"
    after = f"/accompaniments/agenda?week={monday + timedelta(days=9)}"
    assert [row["due_on"] for row in sqlite_house.call("GET", after).json["items"]] == [
        (monday + timedelta(days=7)).isoformat()
    ]
    assert sqlite_house.call("GET", f"{after}&technician=nobody").json["items"] == []
    first = sqlite_house.call("GET", "/accompaniments/agenda?limit=1")
    assert len(first.json["items"]) == 1
    assert 'rel="next"' in first.headers["Link"]
    told = sqlite_house.call("GET", "/accompaniments/agenda", person("auditor")).json["items"]
    assert (told[0]["address"], told[0]["owners"][0]["phone"]) == (None, None)
    elsewhere = person("technician", scope="SV")
    assert sqlite_house.call("GET", "/accompaniments/agenda", elsewhere).json["items"] == []
    assert sqlite_house.call("GET", "/accompaniments/agenda", person("credit_officer")).status_code == 403


def test_hours_are_added_up_by_technician_need_case_and_month(sqlite_house: House) -> None:
    case = opened(sqlite_house, phase="implementation")
    path = f"/accompaniments/{case['id']}/visits"
    for caller, minutes, needs in ((TECHNICIAN, 61, ["credit", "quality"]), (FONSECA, 30, None)):
        visit = {"made_on": day(), "minutes": minutes, "needs": needs, "place": "En su taller"}
        assert sqlite_house.call("POST", path, caller, json=visit).status_code == 201

    def told(**asked: str) -> Any:
        query = {"since": day(-1), "until": day()} | asked
        return sqlite_house.call("GET", "/accompaniments/hours", query_string=query).json

    assert (told()["visits"], told()["minutes"]) == (2, 91)
    assert [(r["label"], r["minutes"]) for r in told()["rows"]] == [
        ("Técnica del Golfo", 30),
        ("Técnica de prueba", 61),
    ]
    assert [(r["key"], r["minutes"]) for r in told(by="need")["rows"]] == [
        ("credit", 31),
        ("none", 30),
        ("quality", 30),
    ]
    assert [(r["label"], r["minutes"]) for r in told(by="accompaniment")["rows"]] == [("Quesillos «La Esperanza»", 91)]
    assert [(r["key"], r["visits"]) for r in told(by="month")["rows"]] == [(day()[:7], 2)]
    assert told(technician="tecnica")["minutes"] == 61
    assert told(since=day(), until=day(-1))["code"] == "hours.wrong_order"
    assert told(since="2020-01-01")["code"] == "hours.too_long"


def cancel(house: House, case: dict[str, Any], visit: str, caller: Caller = TECHNICIAN, **body: Any) -> Any:
    path, version = f"/accompaniments/{case['id']}/visits/{visit}/cancel", seen(house, case)["version"]
    return house.call("POST", path, caller, version=version, json={"reason": "Se fue de viaje."} | body)


def test_a_cancelled_visit_stays_in_the_plan_with_its_reason_and_nobody_is_sent_there_any_more(house: House) -> None:
    case = opened(house, phase="implementation")
    first, second, *_ = seen(house, case)["visits"]
    told = cancel(house, case, first["id"]).json
    shown = next(visit for visit in told["visits"] if visit["id"] == first["id"])
    assert (shown["cancelled_on"], shown["cancelled_by_name"], shown["cancelled_because"], shown["overdue"]) == (
        day(), TECHNICIAN.name, "Se fue de viaje.", False,
    )  # fmt: skip
    [row] = house.call("GET", "/accompaniments").json["items"]
    assert row["next_visit_on"] == second["due_on"]
    assert row["visits_planned"] == len(told["visits"]) - 1
    week = house.call("GET", f"/accompaniments/agenda?week={first['due_on']}").json["items"]
    assert first["id"] not in {visit["id"] for visit in week}
    with house.database.reading() as session:
        entry = history.of(session, UUID(case["id"]))[-1]
        assert (entry["action"], entry["caller"]) == ("cancel-visit", TECHNICIAN.subject)
        assert "viaje" not in str(entry)


def test_what_was_cancelled_late_is_late_no_more(sqlite_house: House) -> None:
    house = sqlite_house
    case = opened(house, phase="idea")
    house.call("POST", f"/accompaniments/{case['id']}/plan", TECHNICIAN, json={"due_on": day(-9)})
    assert house.call("GET", "/dashboard").json["visits_late"] == 1
    [late] = house.call("GET", "/accompaniments/agenda").json["items"]
    assert cancel(house, case, late["id"]).status_code == 200
    assert house.call("GET", "/dashboard").json["visits_late"] == 0
    assert house.call("GET", "/accompaniments/agenda").json["items"] == []
    assert house.call("GET", "/accompaniments?due=late").json["items"] == []


def test_a_visit_that_was_made_or_cancelled_is_not_cancelled_again_nor_made(sqlite_house: House) -> None:
    house = sqlite_house
    case = opened(house, phase="implementation")
    first, second, *_ = seen(house, case)["visits"]
    visits = f"/accompaniments/{case['id']}/visits"
    house.call("POST", visits, TECHNICIAN, json={"made_on": day(), "visit_id": first["id"]})
    made = cancel(house, case, first["id"])
    assert (made.status_code, made.json["code"]) == (409, "visit.recorded_already")
    assert cancel(house, case, second["id"]).status_code == 200
    again = house.call("POST", visits, TECHNICIAN, json={"made_on": day(), "visit_id": second["id"]})
    assert (again.status_code, again.json["code"]) == (409, "visit.cancelled_already")
    assert TECHNICIAN.name in again.json["detail"]
    assert cancel(house, case, second["id"]).json["code"] == "visit.cancelled_already"


@pytest.mark.parametrize(
    ("body", "caller", "status", "code"),
    [
        ({"reason": "  "}, TECHNICIAN, 422, "body.invalid_fields"),
        ({"reason": None}, TECHNICIAN, 422, "body.invalid_fields"),
        ({}, person("technician", scope="SV"), 403, "permission.outside_scope"),
        ({}, person("credit_officer"), 403, "permission.role_missing"),
    ],
)
def test_only_the_team_of_her_territory_cancels_and_says_why(
    sqlite_house: House, body: dict[str, Any], caller: Caller, status: int, code: str
) -> None:
    case = opened(sqlite_house, phase="implementation")
    visit = seen(sqlite_house, case)["visits"][0]["id"]
    refused = cancel(sqlite_house, case, visit, caller, **body)
    assert (refused.status_code, refused.json["code"]) == (status, code)
    path = f"/accompaniments/{case['id']}/visits/{visit}/cancel"
    assert sqlite_house.call("POST", path, TECHNICIAN, json={"reason": "x"}).status_code == 428
    assert sqlite_house.call("POST", path, TECHNICIAN, version=99, json={"reason": "x"}).status_code == 412


def test_a_project_is_consolidated_once_its_visits_are_made_or_cancelled(sqlite_house: House) -> None:
    house = sqlite_house
    case = opened(house, phase="implementation")
    assert move(house, case, "consolidation").json["code"] == "project.visits_waiting"
    for visit in seen(house, case)["visits"]:
        assert cancel(house, case, visit["id"]).status_code == 200
    assert move(house, case, "consolidation").status_code == 200


def test_why_a_visit_was_cancelled_does_not_outlive_her_withdrawal(house: House) -> None:
    from tests.registry.test_withdrawal import everything

    shown = house.register()
    case = opened(house, enterprise_id=shown["id"], phase="implementation")
    assert cancel(house, case, seen(house, case)["visits"][0]["id"], reason="SECRETO uno").status_code == 200
    assert "SECRETO" in everything(house)
    woman = house.call("GET", f"/entrepreneurs/{shown['owners'][0]['id']}").json
    gone = house.call("DELETE", f"/entrepreneurs/{woman['id']}", version=woman["version"])
    assert gone.json["erased"]["visit_notes"] == 1
    assert "SECRETO" not in everything(house)
    assert seen(house, case)["visits"][0]["cancelled_on"] == day()


def test_arrears_whose_visit_was_cancelled_ask_for_no_other(house: House) -> None:
    shown = house.register()
    hear(house, disbursed(shown["id"], disbursed_on=TODAY - timedelta(days=40)))
    hear(house, overdue(shown["id"]))
    [case] = house.call("GET", "/accompaniments?arrears=true").json["items"]
    asked = next(visit for visit in seen(house, case)["visits"] if "arrears" in visit["purposes"])
    assert cancel(house, case, asked["id"], reason="Pagó hoy.").status_code == 200
    assert house.call("GET", "/accompaniments?arrears=true").json["items"] == []
    hear(house, overdue(shown["id"], days_late=9))
    assert sum("arrears" in visit["purposes"] for visit in seen(house, case)["visits"]) == 1


def agreed(house: House, answer: bool = True) -> dict[str, Any]:
    owner = enterprise()["owner"]
    shown = house.register(owner=owner)
    said = {"purpose": "photos", "granted": answer, "given_on": "2026-03-02", "channel": "office"}
    house.call("POST", f"/entrepreneurs/{shown['owners'][0]['id']}/consents", json=said)
    return shown


def photographed(house: House, case: dict[str, Any], content: bytes, visit: str = "") -> Any:
    if not visit:
        made = house.call("POST", f"/accompaniments/{case['id']}/visits", TECHNICIAN, json={"made_on": day()}).json
        visit = next(v["id"] for v in made["visits"] if v["made_on"])
    form = {"file": (io.BytesIO(content), "IMG_14.08N_87.2W.jpg")}
    path = f"/accompaniments/{case['id']}/visits/{visit}/photo"
    return path, house.call("POST", path, TECHNICIAN, data=form, content_type="multipart/form-data")


def kept(house: House) -> list[tuple[str, int]]:
    with house.database.reading() as session:
        rows = session.execute(select(files.file_table.c.name, files.file_table.c.size).order_by(files.file_table.c.id))
        return [(row.name, row.size) for row in rows]


def test_a_photograph_is_kept_without_its_notes_of_who_agreed(house: House) -> None:
    case = opened(house, enterprise_id=agreed(house)["id"], phase="implementation")
    path, answer = photographed(house, case, JPEG[:HEAD] + exif(1) + JPEG[HEAD:])
    assert answer.status_code == 201
    assert [visit["has_photo"] for visit in answer.json["visits"] if visit["made_on"]] == [True]
    shown = house.call("GET", path, TECHNICIAN)
    assert (shown.data, shown.headers["Content-Type"]) == (JPEG, "image/jpeg")
    assert "14.08N" not in shown.headers["Content-Disposition"]
    again = photographed(house, case, JPEG + b"x", path.split("/")[4])
    assert again[1].status_code == 201
    assert kept(house) == [("", 0), (f"visita-{day()}.jpg", len(JPEG))]
    for role, status in (("auditor", 403), ("credit_officer", 403), ("network_coordinator", 200)):
        assert house.call("GET", path, person(role)).status_code == status
    assert house.call("GET", path, person("technician", scope="SV")).status_code == 403
    assert house.call("DELETE", path, TECHNICIAN).status_code == 200
    assert house.call("DELETE", path, TECHNICIAN).json["code"] == "photo.none"
    assert house.call("GET", path, TECHNICIAN).status_code == 404


def test_a_photograph_is_refused_of_who_did_not_agree_and_gone_when_she_says_no(house: House) -> None:
    case = opened(house, phase="implementation")
    path, answer = photographed(house, case, JPEG)
    assert (answer.status_code, answer.json["code"]) == (409, "photo.not_agreed")
    owner = house.call("GET", f"/enterprises/{case['enterprise_id']}").json["owners"][0]["id"]
    said = {"purpose": "photos", "granted": True, "given_on": "2026-03-02", "channel": "office"}
    house.call("POST", f"/entrepreneurs/{owner}/consents", json=said)
    visit = path.split("/")[4]
    assert photographed(house, case, b"GIF89a", visit)[1].json["code"] == "photo.not_an_image"
    assert photographed(house, case, JPEG[:200], visit)[1].json["code"] == "photo.damaged"
    to_come = next(v["id"] for v in seen(house, case)["visits"] if not v["made_on"])
    assert photographed(house, case, JPEG, to_come)[1].json["code"] == "photo.of_a_visit_to_come"
    assert kept(house) == []
    assert photographed(house, case, JPEG, visit)[1].status_code == 201
    no = said | {"granted": False, "given_on": "2026-03-03"}
    assert house.call("POST", f"/entrepreneurs/{owner}/consents", json=no).status_code < 300
    assert kept(house) == [("", 0)]
    assert house.call("GET", path, TECHNICIAN).json["code"] == "photo.none"


@pytest.mark.parametrize("way", ["answer", "form", "no to all", "owner", "merge", "merge with an owner"])
def test_no_photograph_outlives_her_no_wherever_she_says_it(sqlite_house: House, way: str) -> None:
    house = sqlite_house
    if way.startswith("merge"):
        shown, second = twice(house)
    else:
        house.report(kobo_xlsx())
        shown = house.call("GET", f"/enterprises/{house.enterprise_id()}").json
    owner = shown["owners"][0]["id"]
    said = {"purpose": "photos", "granted": True, "given_on": "2026-03-02", "channel": "office"}
    house.call("POST", f"/entrepreneurs/{owner}/consents", json=said)
    case = opened(house, enterprise_id=shown["id"], phase="implementation")
    assert photographed(house, case, JPEG)[1].status_code == 201
    profile = f"/enterprises/{shown['id']}/profiles/{profiled(house, shown['id'])['id']}"
    for subject, content in (("quality", JPEG), ("credit", PDF)):
        assert send(house, f"{profile}/{subject}/file", content).status_code == 201
    if way == "answer":
        house.call("POST", f"/entrepreneurs/{owner}/consents", json=said | {"granted": False})
    elif way == "form":
        house.report(kobo_xlsx(consent_photos="no"))
    elif way == "no to all":
        house.report(kobo_xlsx(consent_registry="no"))
    elif way == "owner":
        _join(house, shown["id"])
    elif way == "merge with an owner":
        _join(house, second["id"])
        assert merge(house, pair_of(house)).status_code == 201
    else:
        other = pair_of(house)["other"]["id"]
        house.call("POST", f"/entrepreneurs/{other}/consents", json=said | {"granted": False})
        assert merge(house, pair_of(house)).status_code == 201
    assert [size for _, size in kept(house)] == [0, 0, len(PDF)]


def test_a_photograph_waits_hidden_until_an_owner_who_came_later_agrees_too(house: House) -> None:
    shown = agreed(house)
    case = opened(house, enterprise_id=shown["id"], phase="implementation")
    path, _ = photographed(house, case, JPEG)
    answers = {"registry": True, "credit": True, "map": False, "given_on": "2026-03-02", "channel": "office"}
    elena = {"given_names": "Elena", "surnames": "Imaginaria", "consents": answers}
    joined = house.call("POST", f"/enterprises/{shown['id']}/owners", json={"owner": elena})
    assert joined.status_code == 201, joined.json
    for caller in (TECHNICIAN, COORDINATOR, person("network_coordinator")):
        hidden = house.call("GET", path, caller)
        assert (hidden.status_code, hidden.json["code"]) == (404, "photo.none")
        case = house.call("GET", f"/accompaniments/{case['id']}", caller).json
        assert (case["photos_agreed"], any(visit["has_photo"] for visit in case["visits"])) == (False, False)
    hers = next(owner["id"] for owner in joined.json["owners"] if owner["given_names"] == "Elena")
    yes = {"purpose": "photos", "granted": True, "given_on": "2026-03-03", "channel": "office"}
    house.call("POST", f"/entrepreneurs/{hers}/consents", json=yes)
    assert house.call("GET", path, TECHNICIAN).data == JPEG


def test_no_photograph_outlives_a_no_that_stands_again_because_an_import_is_undone(house: House) -> None:
    house.report(kobo_xlsx(consent_photos="no"))
    run = house.take_in(kobo_xlsx())
    shown = house.call("GET", f"/enterprises/{house.enterprise_id()}").json
    case = opened(house, enterprise_id=shown["id"], phase="implementation")
    assert photographed(house, case, JPEG)[1].status_code == 201
    house.context.work.undo(house.directly(), UUID(run["id"]))
    assert house.call("GET", f"/imports/{run['id']}", TECHNICIAN).json["undo"]["state"] == "undone"
    assert [size for _, size in kept(house)] == [0]


def test_a_photograph_stays_where_an_undone_import_asked_nothing_of_it(sqlite_house: House) -> None:
    house = sqlite_house
    house.report(kobo_xlsx())
    run = house.take_in(kobo_xlsx(consent_credit="no"))
    case = opened(house, enterprise_id=str(house.enterprise_id()), phase="implementation")
    assert photographed(house, case, JPEG)[1].status_code == 201
    house.context.work.undo(house.directly(), UUID(run["id"]))
    assert house.call("GET", f"/imports/{run['id']}", TECHNICIAN).json["undo"]["state"] == "undone"
    assert [size for _, size in kept(house)] == [len(JPEG)]


def _join(house: House, enterprise_id: str) -> None:
    """One more owner, who says no to photographs."""
    answers = {
        "registry": True,
        "credit": True,
        "map": False,
        "photos": False,
        "given_on": "2026-03-02",
        "channel": "office",
    }
    elena = {"given_names": "Elena", "surnames": "Imaginaria", "consents": answers}
    assert house.call("POST", f"/enterprises/{enterprise_id}/owners", json={"owner": elena}).status_code == 201


def test_nothing_that_was_written_or_taken_of_a_project_outlives_her_withdrawal(house: House) -> None:
    from tests.registry.test_withdrawal import everything

    shown = agreed(house)
    case = opened(house, enterprise_id=shown["id"], title="SECRETO uno", aim="SECRETO dos")
    move(house, case, "planning", reason="SECRETO tres")
    move(house, case, "idea", reason="SECRETO cuatro")
    move(house, case, "planning")
    texts = {"summary": "SECRETO cinco", "market": "M", "ask": "A", "woman": "SECRETO seis"}
    plan = ready_plan(house, case, sections=texts)
    assert house.call("GET", f"/business-plans/{plan['id']}/document").status_code == 200
    visit = {"made_on": day(), "place": "SECRETO siete", "notes": "SECRETO ocho", "minutes": 30}
    house.call("POST", f"/accompaniments/{case['id']}/visits", TECHNICIAN, json=visit)
    made = next(v["id"] for v in seen(house, case)["visits"] if v["made_on"])
    assert photographed(house, case, JPEG, made)[1].status_code == 201
    assert "SECRETO" in everything(house)
    woman = house.call("GET", f"/entrepreneurs/{shown['owners'][0]['id']}").json
    gone = house.call("DELETE", f"/entrepreneurs/{woman['id']}", version=woman["version"])
    assert (gone.json["erased"]["business_plans"], gone.json["erased"]["photos"]) == (1, 1)
    assert "SECRETO" not in everything(house)
    assert kept(house) == [("", 0)]
    assert house.call("GET", f"/business-plans/{plan['id']}").status_code == 404
    told = seen(house, case)
    assert (told["closed_on"], [v["made_on"] for v in told["visits"]]) == (day(), [day()])


def test_who_begins_later_than_today_can_withdraw_too(sqlite_house: House) -> None:
    shown = sqlite_house.register()
    opened(sqlite_house, enterprise_id=shown["id"], begins_on=day(20), phase="implementation")
    woman = shown["owners"][0]
    answer = sqlite_house.call("DELETE", f"/entrepreneurs/{woman['id']}", version=woman["version"])
    assert answer.status_code == 200


def test_of_two_owners_one_withdraws_and_the_plan_goes_on_without_what_it_told_of_them(sqlite_house: House) -> None:
    shown = agreed(sqlite_house)
    other = sqlite_house.register(
        owner=enterprise()["owner"] | {"given_names": "Elena", "id_number": "1709-1981-00124"}
    )
    body = {"owner_id": other["owners"][0]["id"]}
    sqlite_house.call("POST", f"/enterprises/{shown['id']}/owners", json=body, version=shown["version"])
    case = opened(sqlite_house, enterprise_id=shown["id"])
    plan = ready_plan(sqlite_house, case, sections={"summary": "S", "market": "M", "ask": "A", "woman": "Rosa y Elena"})
    woman = sqlite_house.call("GET", f"/entrepreneurs/{shown['owners'][0]['id']}").json
    assert sqlite_house.call("DELETE", f"/entrepreneurs/{woman['id']}", version=woman["version"]).status_code == 200
    told = sqlite_house.call("GET", f"/business-plans/{plan['id']}", COORDINATOR).json
    assert (told["sections"]["woman"], told["sections"]["summary"], told["state"]) == ("", "S", "ready")
