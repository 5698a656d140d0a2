"""The pages of plans, proposals, councils, dialogues and influence, by the people whose work it is."""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest

from deploy.house import House
from shared.kernel import LOCAL_TIME, clock
from tests.portal.conftest import Browser, text_of
from tests.territory.test_pages import browser, gulf, house
from tests.territory.test_proposals import PDF

__all__ = ["gulf", "house"]

NOW = clock.now()
TODAY = NOW.astimezone(LOCAL_TIME).date().isoformat()
PROPOSAL = {
    "unit": "HN1709",
    "organization": "Red de Mujeres del Golfo (ficticia)",
    "title": "Centro de acopio",
    "text": "Un cuarto frío para las pescadoras.",
    "chain": "fishing",
    "women_total": "120",
    "women_direct": "35",
    "costs-1-item": "Cuarto frío",
    "costs-1-year": "2027",
    "costs-1-quantity": "2",
    "costs-1-measure": "unidad",
    "costs-1-unit_cost": "1,500.50",
    "financing-2-source": "municipality",
    "financing-2-institution": "Municipalidad",
    "financing-2-amount": "3,001.00",
}
PAGES = ("proposals", "councils", "dialogues", "influence", "plans")


@pytest.fixture(autouse=True)
def same_day() -> Iterator[None]:
    """No test runs past midnight."""
    with clock.frozen(NOW):
        yield


def value(page: Any, name: str) -> str:
    """What stands in the last hidden field of that name."""
    found = re.findall(rf'name="{name}" value="([^"]*)"', page.text)
    assert found, name
    told: str = found[-1]
    return told


def proposed(person: Browser) -> str:
    """The address of a proposal that she wrote."""
    sent = person.post("/territory/proposals/new", PROPOSAL, page="/territory/proposals/new")
    assert sent.status_code == 303, text_of(sent)
    address: str = sent.headers["Location"]
    return address


def test_empty_pages_say_what_to_do_first(house: House) -> None:
    coordinator, viewer = browser(house, "coordinator"), browser(house, "leda_viewer")
    told = {page: text_of(coordinator.get(f"/territory/{page}")) for page in PAGES}
    assert "Aquí todavía no hay ninguna propuesta" in told["proposals"]
    assert "Anote primero el consejo" in told["councils"]
    assert "Todavía no se ha anotado ninguna audiencia" in told["dialogues"]
    assert "Todavía no hay nada que medir" in told["influence"]
    assert "Escribir una propuesta" not in text_of(viewer.get("/territory/proposals"))
    assert "Anotar un consejo" not in text_of(viewer.get("/territory/councils"))


def test_who_has_no_part_in_it_sees_no_tab_and_no_page(house: House) -> None:
    cashier = browser(house, "cashier")
    assert "Planes y consejos" not in text_of(cashier.get("/territory/plans"))
    for page in ("proposals", "councils", "dialogues", "influence", "proposals.csv", "influence.xlsx"):
        assert cashier.get(f"/territory/{page}").status_code == 403


def test_a_delegate_writes_a_proposal_corrects_it_reads_it_through_and_submits_it(gulf: House) -> None:
    delegate = browser(gulf, "organization")
    page = "/territory/proposals/new"
    wrong = delegate.post(page, PROPOSAL | {"financing-2-amount": "3,000.00"}, page=page)
    assert wrong.status_code == 422
    assert "Los costos suman L3,001.00 y el financiamiento L3,000.00" in text_of(wrong)
    assert "Un cuarto frío para las pescadoras." in wrong.text, "nothing typed is lost"
    unread = delegate.post(page, PROPOSAL | {"costs-1-quantity": "dos"}, page=page)
    assert 'href="#field-costs-1-quantity"' in unread.text, "the mistake leads to the row in which it was typed"
    more = delegate.post(page, PROPOSAL | {"more": "yes"}, page=page)
    assert 'name="costs-4-item"' in more.text
    here = proposed(delegate)
    shown = text_of(delegate.get(here))
    assert "L3,001.00" in shown
    assert "120, de ellas 35 directamente" in shown
    edit = delegate.get(f"{here}/edit")
    assert 'value="1500.50"' in edit.text
    changed = {**PROPOSAL, "title": "Centro de acopio del golfo", "version": value(edit, "version")}
    assert delegate.post(f"{here}/edit", changed, page=f"{here}/edit").status_code == 303
    assert delegate.post(f"{here}/edit", changed, page=f"{here}/edit").status_code == 412
    frozen = delegate.post(f"{here}/evidence", {}, page=here)
    assert frozen.status_code == 303
    link = re.search(rf'href="({here}/evidence/[^"]+)"', delegate.get(here).text)
    assert link
    evidence = text_of(delegate.get(link[1]))
    assert "Pesca y acuicultura" in evidence
    assert "Huella (SHA-256)" in evidence
    check = delegate.get(f"{here}/submit")
    assert "Revise la propuesta antes de presentarla" in text_of(check)
    assert "1 análisis congelado" in text_of(check)
    version = value(check, "version")
    early = delegate.post(f"{here}/submit", {"version": version, "day": "2020-01-01"}, page=f"{here}/submit")
    assert (early.status_code, "El paso anterior fue" in text_of(early)) == (422, True)
    sent = delegate.post(f"{here}/submit", {"version": version, "day": TODAY, "act": "R-1"}, page=f"{here}/submit")
    assert sent.status_code == 303
    page_now = text_of(delegate.get(here))
    assert "Presentada" in page_now
    assert "Cambiarla" not in page_now
    assert "Anotar qué pasó con ella" not in page_now, "the next steps are for others"


def test_a_planner_records_the_debate_and_a_coordinator_corrects_it(gulf: House) -> None:
    delegate, coordinator = browser(gulf, "organization"), browser(gulf, "coordinator")
    planner = browser(gulf, "planner", units=("HN1709",))
    here = proposed(delegate)
    submitted = {"version": "1", "day": TODAY}
    assert delegate.post(f"{here}/submit", submitted, page=f"{here}/submit").status_code == 303

    def step(person: Browser, under: str = "steps", **told: str) -> Any:
        body = {"version": value(person.get(here), "version"), "unit": "HN1709"} | told
        return person.post(f"{here}/{under}", body, page=here)

    lacking = step(planner, **{"step-state": "debated", "step-day": TODAY})
    assert lacking.status_code == 422
    assert 'href="#field-step-act"' in lacking.text
    assert step(planner, **{"step-state": "debated", "step-day": TODAY, "step-act": "Acta 5"}).status_code == 303
    assert "Corregir dónde está" not in text_of(planner.get(here))
    assert step(planner, **{"step-state": "included", "step-day": TODAY, "step-act": "Acta 6"}).status_code == 303
    budgeted = {"step-state": "budgeted", "step-day": TODAY, "step-act": "Acta 7", "step-amount": "2,000.00"}
    assert step(coordinator, **budgeted).status_code == 303
    assert "L2,000.00" in text_of(coordinator.get(here))
    told = {"correction-state": "debated", "correction-day": TODAY, "correction-act": "Acta 5"}
    assert step(coordinator, "corrections", **told).status_code == 422
    assert step(coordinator, "corrections", **told, **{"correction-reason": "Fue otra"}).status_code == 303
    shown = text_of(delegate.get(here))
    assert "Corrección" in shown
    assert "Fue otra" in shown
    step_id = re.search(r'<option value="([^"]+)">2\. Presentada', coordinator.get(here).text)
    assert step_id
    paper = {"step_id": step_id[1], "paper": (BytesIO(PDF), "acta.pdf")}
    assert coordinator.post(f"{here}/papers", paper, page=here).status_code == 303
    kept = re.search(rf'href="({here}/steps/[^"]+/paper)"', delegate.get(here).text)
    assert kept
    assert delegate.get(kept[1]).data == PDF


def test_the_list_is_filtered_and_saved_as_it_is_shown(gulf: House) -> None:
    delegate, viewer = browser(gulf, "organization"), browser(gulf, "leda_viewer")
    proposed(delegate)
    listed = text_of(viewer.get("/territory/proposals"))
    assert "Centro de acopio" in listed
    assert "Ninguna propuesta es así" in text_of(viewer.get("/territory/proposals?state=rejected"))
    page = viewer.get("/territory/proposals?state=proposed&unit=HN17")
    assert 'href="/territory/proposals.csv?state=proposed&amp;unit=HN17"' in page.text
    saved = viewer.get("/territory/proposals.csv?state=proposed&unit=HN17")
    assert "Centro de acopio" in saved.data.decode()
    assert viewer.get("/territory/proposals.csv?state=rejected").data.decode().count("\r\n") == 1
    assert viewer.get("/territory/proposals.xlsx").data.startswith(b"PK")
    assert "Tasa de inclusión" in text_of(viewer.get("/territory/influence?by=organization"))
    assert viewer.get("/territory/influence.csv?by=unit").status_code == 200


def test_a_plan_gets_lines_and_projects_on_its_page(house: House) -> None:
    planner, delegate = browser(house, "planner", units=("HN1709",)), browser(house, "organization")
    plan = {
        "unit": "HN1709", "kind": "participatory_budget", "title": "Presupuesto ficticio", "source": "Acuerdo 1",
        "valid_from": "2026-01-01", "chains": ["fishing"],
    }  # fmt: skip
    planner.post("/territory/plans", plan, page="/territory/plans")
    link = re.search(r'href="(/territory/plans/[0-9a-f-]{36})"', planner.get("/territory/plans").text)
    assert link
    here = link[1]
    assert "Todavía no se ha anotado ninguna línea" in text_of(planner.get(here))
    line = {"number": "3.2", "title": "Infraestructura", "chain": ""}
    assert planner.post(f"{here}/lines", line, page=here).status_code == 303
    again = planner.post(f"{here}/lines", line, page=here)
    assert (again.status_code, "ya tiene una línea con el número 3.2" in text_of(again)) == (409, True)
    line_id = re.search(r'<option value="([0-9a-f-]{36})">3\.2', planner.get(here).text)
    assert line_id
    project = {"unit": "HN1709", "line_id": line_id[1], "project_title": "Acopio"}
    money = {"budget-2-year": "2027", "budget-2-source": "municipality", "budget-2-amount": "100"}
    assert planner.post(f"{here}/projects", project | money | {"budget-2-year": "x"}, page=here).status_code == 422
    assert planner.post(f"{here}/projects", project | money, page=here).status_code == 303
    assert "L100.00" in text_of(delegate.get(here))
    assert "Anotar una línea" not in text_of(delegate.get(here))
    new = delegate.get(f"/territory/proposals/new?plan_id={here.rpartition('/')[2]}&line_id={line_id[1]}")
    assert f'<option value="{line_id[1]}" selected>' in new.text
    remove = re.search(rf'action="({here}/lines/[^"]+/projects/[^"]+/remove)"', planner.get(here).text)
    assert remove
    seen = {"version": value(planner.get(here), "version")}
    assert planner.post(remove[1], seen, page=here).status_code == 303
    assert "Todavía no se ha anotado ningún proyecto" in text_of(planner.get(here))


def test_a_coordinator_keeps_a_council_and_what_was_promised_in_it(house: House) -> None:
    coordinator, viewer = browser(house, "coordinator"), browser(house, "leda_viewer")
    page = "/territory/councils"
    about = {"council_unit": "HN1709", "kind": "municipal", "name": "Concejo ficticio", "seats_total": "dos"}
    assert coordinator.post(page, about, page=page).status_code == 422
    made = coordinator.post(page, about | {"seats_total": "2"}, page=page)
    here = made.headers["Location"]
    seat = {"organization": "Red A", "constituency": "Rurales", "seat_kind": "titular", "held_from": "2026-01-01"}
    assert coordinator.post(f"{here}/seats", seat, page=here).status_code == 303
    assert coordinator.post(f"{here}/seats", seat | {"held_until": "2020-01-01"}, page=here).status_code == 422
    session = {"held_on": TODAY, "agenda": "Presupuesto", "women": "3", "men": "4", "organizations": "Red A\nRed B"}
    assert coordinator.post(f"{here}/sessions", session, page=here).status_code == 303
    session_id = re.search(r'<option value="([0-9a-f-]{36})">\d{4}', coordinator.get(here).text)
    assert session_id
    promise = {"session_id": session_id[1], "what": "Un terreno", "responsible": "Alcaldía", "due_on": TODAY}
    assert coordinator.post(f"{here}/commitments", promise | {"session_id": ""}, page=here).status_code == 422
    assert coordinator.post(f"{here}/commitments", promise, page=here).status_code == 303
    assert "Un terreno" in text_of(viewer.get(page))
    shown = coordinator.get(here)
    action = re.search(r'action="(/territory/commitments/[^"]+)"', shown.text)
    assert action
    block = shown.text[shown.text.index(action[0]) :]
    version = re.search(r'name="version" value="(\d+)"', block)
    assert version
    told = {
        "version": version[1],
        "of": "councils",
        "of_id": here.rpartition("/")[2],
        "state": "kept",
        "note": "Se vio",
    }
    settled = coordinator.post(action[1], told | {"proof": (BytesIO(PDF), "acta.pdf")}, page=here)
    assert (settled.status_code, settled.headers["Location"]) == (303, here)
    assert "Cumplido" in text_of(viewer.get(here))
    proof = re.search(r'href="(/territory/commitments/[^"]+/proof)"', viewer.get(here).text)
    assert proof
    assert viewer.get(proof[1]).data == PDF
    seat_end = re.search(rf'action="({here}/seats/[^"]+/end)"', coordinator.get(here).text)
    assert seat_end
    field = f"end-{seat_end[1].split('/')[-2]}"
    seen = {"version": value(coordinator.get(here), "version")}
    assert coordinator.post(seat_end[1], seen | {field: ""}, page=here).status_code == 422
    assert coordinator.post(seat_end[1], seen | {field: TODAY}, page=here).status_code == 303
    assert coordinator.post(seat_end[1], seen | {field: TODAY}, page=here).status_code == 412
    change = {"version": value(coordinator.get(here), "version"), "name": "Otro nombre", "seats_total": "9"}
    assert coordinator.post(here, change, page=here).status_code == 303
    assert "1 de 9" in text_of(viewer.get("/territory/influence"))


def test_a_coordinator_writes_a_hearing_and_an_alliance_down(house: House) -> None:
    coordinator, viewer = browser(house, "coordinator"), browser(house, "leda_viewer")
    page = "/territory/dialogues"
    hearing = {
        "dialogue_unit": "HN1709",
        "kind": "public_hearing",
        "title": "Audiencia ficticia",
        "held_on": TODAY,
        "topics": "Agua",
    }
    nobody = coordinator.post(page, hearing, page=page)
    assert nobody.status_code == 422
    assert "Audiencia ficticia" in nobody.text
    wrong = coordinator.post(page, hearing | {"academy-women": "x"}, page=page)
    assert 'href="#field-academy-women"' in wrong.text
    made = coordinator.post(page, hearing | {"women_organizations-women": "20", "academy-women": "2"}, page=page)
    here = made.headers["Location"]
    assert "22" in text_of(viewer.get(here))
    agreed = {"what": "Mesa", "responsible": "Alcaldía", "due_on": TODAY}
    assert coordinator.post(f"{here}/agreements", agreed, page=here).status_code == 303
    assert "Mesa" in text_of(viewer.get(here))
    alliance = {
        "alliance_unit": "HN17", "alliance_name": "Alianza ficticia", "purpose": "Juntas", "begun_on": "2026-01-01",
        "members": "Red A",
    }  # fmt: skip
    one = coordinator.post("/territory/alliances", alliance, page=page)
    assert (one.status_code, 'href="#field-members"' in one.text) == (422, True)
    two = alliance | {"members": "Red A\nRed B"}
    assert coordinator.post("/territory/alliances", two, page=page).status_code == 303
    listed = coordinator.get(page)
    assert "Red A, Red B" in text_of(listed)
    end = re.search(r'action="(/territory/alliances/([^"]+)/end)"', listed.text)
    assert end
    assert coordinator.post(end[1], {f"end-{end[2]}": TODAY, "version": "1"}, page=page).status_code == 303
    assert viewer.post("/territory/alliances", two, page=page).status_code == 403
