"""The pages of projects, their agenda and their business plans, as the team and credit use them."""

import io
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.portal.rules.calendars import Entry, calendar
from shared.kernel import clock, uuid7
from shared.testing import database_of
from tests.portal.conftest import Browser, built, text_of, token_in
from tests.registry.house import open_house
from tests.registry.test_accompaniments import disbursed, hear
from tests.registry.test_business_plans import WHOLE
from tests.registry.test_pages import Pages, version_in
from tests.registry.test_projects import agreed, day, move, opened, overdue, ready_plan
from tests.shared.test_photographs import JPEG

TODAY = clock.today()


@pytest.fixture
def pages(tmp_path: Path) -> Iterator[Pages]:
    with built("sqlite", tmp_path) as portal, database_of("registry", tmp_path, "sqlite") as database:
        house = open_house(database, portal.keys, tmp_path)
        portal.apps["registry"] = house.service.web
        yield Pages(portal, house)
        house.database.dispose()


def test_a_project_is_begun_with_its_idea_and_moves_on_page_by_page(pages: Pages) -> None:
    enterprise = pages.house.register()
    browser = pages.signed_in("technician")
    form = f"/registry/accompaniments/new/{enterprise['id']}"
    assert 'value="idea" checked' in browser.get(form).text
    begun = {"phase": "idea", "begins_on": day(-5), "needs": "credit"}
    case = browser.post(form, begun, page=form).headers["Location"]
    assert 'aria-current="step">Idea' in browser.get(case).text
    there = f"{case}/move/planning"
    refused = browser.post(there, {"version": version_in(browser.get(there)), "on": day()}, page=there)
    assert refused.status_code == 409
    assert "Escriba primero cómo se llama el proyecto" in text_of(refused)
    about = f"{case}/project"
    told = {"version": version_in(browser.get(about)), "title": "Quesos <b>", "aim": "Vender más.", "needs": "credit"}
    assert browser.post(about, told, page=about).status_code == 303
    assert "Quesos &lt;b&gt;" in browser.get(case).text
    late = browser.post(about, told, page=about)
    assert late.status_code == 412
    assert "Vender más." in late.text
    future = {"version": version_in(browser.get(there)), "on": day(3)}
    wrong = browser.post(there, future, page=there)
    assert (wrong.status_code, 'href="#field-on"' in wrong.text) == (422, True)
    assert browser.post(there, future | {"on": day()}, page=there).status_code == 303
    shown = browser.get(case)
    assert 'aria-current="step">Planificación' in shown.text
    assert "Pasar a: Financiamiento" in text_of(shown)
    back = f"{case}/move/idea"
    why = {"version": version_in(browser.get(back)), "on": day(), "reason": "Otro producto."}
    assert browser.post(back, why, page=back).status_code == 303
    assert "Otro producto." in text_of(browser.get(case))
    assert browser.get(f"{case}/move/nowhere").status_code == 404


def test_a_photograph_comes_with_the_visit_and_is_told_when_it_is_none(pages: Pages) -> None:
    case = opened(pages.house, enterprise_id=agreed(pages.house)["id"], phase="implementation")
    browser, form = pages.signed_in("technician"), f"/registry/accompaniments/{case['id']}/visit"

    def visited(content: bytes) -> Any:
        visit = {"csrf_token": token_in(browser.get(form).text), "made_on": day(), "notes": "Todo bien.",
                 "photo": (io.BytesIO(content), "foto.jpg")}  # fmt: skip
        browser.client.post(form, data=visit, content_type="multipart/form-data")
        return browser.get(f"/registry/accompaniments/{case['id']}")

    assert "La fotografía está guardada" in text_of(visited(JPEG))
    shown = visited(b"hola")
    assert "no es una fotografía JPEG ni PNG" in text_of(shown)
    assert text_of(shown).count("Todo bien.") == 2
    photo = re.findall(r'href="(/registry/accompaniments/[^"]+/photo)"', shown.text)
    assert len(photo) == 1
    assert browser.get(photo[0]).get_data() == JPEG
    assert pages.signed_in("auditor", username="aud").get(photo[0]).status_code == 403
    assert browser.post(f"{photo[0]}/remove", page=form).status_code == 303
    assert browser.get(photo[0]).status_code == 404


def test_no_photograph_is_asked_for_where_nobody_agreed_to_any(pages: Pages) -> None:
    case = opened(pages.house, phase="implementation")
    page = pages.signed_in("technician").get(f"/registry/accompaniments/{case['id']}/visit")
    assert 'type="file"' not in page.text
    assert "no todas las dueñas están de acuerdo" in text_of(page)


def test_a_visit_is_cancelled_from_the_plan_with_its_reason(pages: Pages) -> None:
    case = with_a_late_visit(pages)
    browser, plan = pages.signed_in("technician"), f"/registry/accompaniments/{case['id']}"
    [place, *_] = re.findall(rf'href="({plan}/visits/[^"]+/cancel)"', browser.get(plan).text)
    planned = place.split("/")[-2]
    assert place in browser.get(f"{plan}/visit?planned={planned}").text
    without = {"version": version_in(browser.get(place)), "reason": ""}
    wrong = browser.post(place, without, page=place)
    assert (wrong.status_code, 'href="#field-reason"' in wrong.text) == (422, True)
    why = {"version": version_in(browser.get(place)), "reason": "Está de viaje <b>."}
    assert browser.post(place, why, page=place).headers["Location"].endswith(plan)
    shown = browser.get(plan)
    assert "Está de viaje &lt;b&gt;." in shown.text
    assert "Cancelada" in text_of(shown)
    assert place not in shown.text
    assert f"planned={planned}" not in shown.text
    agenda = browser.get("/registry/accompaniments/agenda?technician=")
    assert planned not in agenda.text
    again = browser.post(place, why, page=plan)
    assert again.status_code == 412
    assert browser.get(f"{plan}/visits/{uuid7()}/cancel").status_code == 404


def with_a_late_visit(pages: Pages, technician: str = "") -> dict[str, Any]:
    shown = pages.house.register(address="Barrio El Centro")
    hear(pages.house, disbursed(shown["id"], disbursed_on=TODAY - timedelta(days=40)))
    case: dict[str, Any] = pages.house.call("GET", "/accompaniments").json["items"][0]
    if technician:
        hers = {"technician": technician, "technician_name": "Ana"}
        pages.house.call("PATCH", f"/accompaniments/{case['id']}", version=case["version"], json=hers)
    return case


def test_the_agenda_leads_from_what_is_late_to_the_form_of_the_visit(pages: Pages) -> None:
    account = pages.portal.open("ana", "technician", name="Ana Técnica")
    case = with_a_late_visit(pages, str(account))
    browser = pages.portal.browser()
    browser.sign_in("ana")
    page = browser.get("/registry/accompaniments/agenda")
    for told in ("Atrasadas", "San Lorenzo, Valle, Barrio El Centro", "+504 9876-5432", "María Ficticia"):
        assert told in text_of(page)
    assert 'href="tel:+50498765432"' in page.text
    assert f'href="/registry/accompaniments/{case["id"]}/visit?planned=' in page.text
    after = re.search(r'href="([^"]*week=[0-9-]+[^"]*)">\s*Semana siguiente', page.text)
    assert after
    assert "Atrasadas" not in text_of(browser.get(after[1].replace("&amp;", "&")))
    assert "/registry/accompaniments/agenda" in browser.get("/").text
    assert browser.get("/registry/accompaniments/agenda?week=mañana").status_code == 200
    other = pages.signed_in("technician", username="eva")
    assert "Ninguna visita en esta semana" in text_of(other.get("/registry/accompaniments/agenda"))
    everybody = other.get("/registry/accompaniments/agenda?technician=all")
    assert "Quesillos" in text_of(everybody)


def test_the_coordinator_chooses_whose_week_and_no_telephone_is_told_to_the_auditor(pages: Pages) -> None:
    account = pages.portal.open("ana", "technician", name="Ana Técnica")
    with_a_late_visit(pages, str(account))
    browser = pages.signed_in("coordinator")
    page = browser.get(f"/registry/accompaniments/agenda?technician={account}")
    assert "Ana Técnica" in page.text
    assert "Quesillos" in text_of(page)
    assert "Ninguna visita" in text_of(browser.get("/registry/accompaniments/agenda?technician=nobody"))
    auditor = pages.signed_in("auditor", username="aud").get("/registry/accompaniments/agenda")
    assert "Quesillos" in auditor.text
    assert "tel:" not in auditor.text
    assert pages.signed_in("trainer", username="tra").get("/registry/accompaniments/agenda").status_code == 403


def test_arrears_wait_on_the_coordinators_home(pages: Pages) -> None:
    case = with_a_late_visit(pages)
    hear(pages.house, overdue(case["enterprise_id"]))
    browser = pages.signed_in("coordinator")
    assert "1 proyecto con una cuota en mora y su visita sin hacer" in text_of(browser.get("/"))
    listed = browser.get("/registry/accompaniments?arrears=true&state=open")
    assert f"/registry/accompaniments/{case['id']}" in listed.text


def unfolded(content: bytes) -> list[str]:
    assert content.endswith(b"\r\n")
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    return content.decode().replace("\r\n ", "").split("\r\n")


def test_the_week_goes_into_a_calendar_without_telephone_address_or_her_name(pages: Pages) -> None:
    with_a_late_visit(pages)
    answer = pages.signed_in("coordinator").get("/registry/accompaniments/agenda.ics")
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    lines = unfolded(answer.get_data())
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") >= 1
    assert "SUMMARY:Visita: Quesillos «La Esperanza»" in lines
    assert "LOCATION:San Lorenzo\\, Valle" in lines
    for hers in ("98765432", "Barrio", "María", "Inventada"):
        assert hers not in "".join(lines)


def test_a_long_line_with_marks_of_its_own_is_read_back_as_it_was() -> None:
    summary = "Año; coma, barra\\ y\nsalto " * 9
    lines = unfolded(calendar([Entry("1@x", date(2026, 11, 30), summary, "L", "N")], "Mis visitas", clock.now()))
    told = next(line for line in lines if line.startswith("SUMMARY:")).removeprefix("SUMMARY:")
    plain = re.sub(r"\\(.)", lambda mark: "\n" if mark[1] == "n" else mark[1], told)
    assert plain == summary
    assert "DTSTART;VALUE=DATE:20261130" in lines
    assert "DTEND;VALUE=DATE:20261201" in lines


def test_hours_are_shown_by_need_and_days_in_the_wrong_order_are_told(pages: Pages) -> None:
    case = opened(pages.house, phase="implementation")
    browser = pages.signed_in("coordinator")
    assert "No se hizo ninguna visita" in text_of(browser.get("/registry/accompaniments/hours"))
    visit = {"made_on": day(), "minutes": 95, "needs": ["credit"]}
    pages.house.call("POST", f"/accompaniments/{case['id']}/visits", json=visit)
    page = text_of(browser.get(f"/registry/accompaniments/hours?by=need&since={day(-3)}&until={day()}"))
    assert "1 h 35" in page
    assert "Crédito" in page
    wrong = browser.get(f"/registry/accompaniments/hours?since={day()}&until={day(-3)}")
    assert (wrong.status_code, 'href="#field-until"' in wrong.text) == (422, True)


def begun(pages: Pages, browser: Browser) -> str:
    case = opened(pages.house)
    there = f"/registry/accompaniments/{case['id']}"
    made = browser.post(f"{there}/plans", page=there)
    assert made.status_code == 303
    return str(made.headers["Location"])


def save(browser: Browser, plan: str, part: str, **typed: str) -> Any:
    form = f"{plan}/edit/{part}"
    return browser.post(form, {"version": version_in(browser.get(form))} | typed, page=form)


def test_a_plan_is_written_part_by_part_looked_over_and_frozen(pages: Pages) -> None:
    browser = pages.signed_in("technician")
    plan = begun(pages, browser)
    assert "Falta el resumen." in text_of(browser.get(plan))
    texts = {"sections-summary": "Un resumen", "sections-market": "Un mercado", "sections-ask": "Una prensa"}
    assert save(browser, plan, "plan_texts", **texts).status_code == 303
    product = {"products-0-name": "Queso", "products-0-unit": "libra", "products-0-price": "70,00",
               "products-0-unit_cost": "45.00", "products-0-volume": "200", "products-0-season-12": "150"}  # fmt: skip
    assert save(browser, plan, "plan_products", **product).status_code == 303
    costs = {"fixed_costs-0-name": "Luz", "fixed_costs-0-amount": "1,000.00"}
    assert save(browser, plan, "plan_costs", **costs).status_code == 303
    money = {"investments-0-name": "Prensa", "investments-0-amount": "18000", "own_contribution": "5000"}
    assert save(browser, plan, "plan_investments", **money).status_code == 303
    terms = {
        "starts_on": "2027-03",
        "months": "12",
        "loan": "15000",
        "loan-annual_rate": "18",
        "loan-instalments": "10",
    }
    assert save(browser, plan, "plan_terms", **terms).status_code == 303
    shown = text_of(browser.get(plan))
    for told in ("Borrador", "L1,626.55", "L15,000.00", "12 · 02/2028", "Un mercado"):
        assert told in shown, told
    ready = f"{plan}/ready"
    page = browser.get(ready)
    assert "lo que está listo ya no se cambia" in text_of(page)
    assert browser.post(ready, {"version": version_in(page)}, page=ready).status_code == 303
    shown = browser.get(plan)
    assert "Listo el" in text_of(shown)
    assert "/edit/" not in shown.text
    frozen = browser.post(f"{plan}/edit/plan_costs", {"version": "1", **costs}, page="/registry/plans")
    assert frozen.status_code == 412
    assert browser.get(f"{plan}/document").get_data().startswith(b"%PDF")


def test_nothing_typed_into_a_plan_is_lost_when_something_is_wrong(pages: Pages) -> None:
    browser = pages.signed_in("technician")
    plan = begun(pages, browser)
    wrong = {"products-0-name": "Queso", "products-0-unit": "", "products-0-price": "mucho", "products-0-unit_cost": "1",
             "products-0-volume": "doscientas"}  # fmt: skip
    answer = save(browser, plan, "plan_products", **wrong)
    assert answer.status_code == 422
    for kept in ('value="Queso"', 'value="mucho"', 'value="doscientas"'):
        assert kept in answer.text
    for field in ("unit", "price", "volume"):
        assert f'href="#field-products-0-{field}"' in answer.text
    loan = {"starts_on": "2027-03", "months": "40", "loan": "10", "loan-annual_rate": "mil", "loan-instalments": "0"}
    answer = save(browser, plan, "plan_terms", **loan)
    for field in ("months", "loan-annual-rate", "loan-instalments"):
        assert f'href="#field-{field}"' in answer.text, field
    assert browser.get(f"{plan}/edit/nothing").status_code == 404


def test_two_versions_are_compared_on_one_page(pages: Pages) -> None:
    case = opened(pages.house)
    first = ready_plan(pages.house, case, **WHOLE)
    second = ready_plan(pages.house, case, own_contribution={"amount": "6000.00", "currency": "HNL"})
    browser = pages.signed_in("coordinator")
    page = browser.get(f"/registry/plans/{second['id']}")
    link = f"/registry/plans/{second['id']}/compare/{first['id']}"
    assert link in page.text
    told = text_of(browser.get(link))
    assert "Lo que se escribió distinto: Aporte propio." in told
    assert "L5,000.00" in told
    assert "L6,000.00" in told


def test_credit_reads_a_ready_plan_and_is_offered_nothing_it_may_not_follow(pages: Pages) -> None:
    plan = ready_plan(pages.house, opened(pages.house), **WHOLE)
    for role in ("credit_officer", "committee_member", "trust_fund_member"):
        followed(pages.signed_in(role, username=role.replace("_", ".")), plan)


def followed(browser: Browser, plan: dict[str, Any]) -> None:
    seen = ["/registry/plans"]
    for path in seen:
        page = browser.get(path)
        assert page.status_code == 200, path
        if path.endswith("/document"):
            continue
        main = page.text.partition("<main")[2].partition("</main>")[0]
        crumbs = "".join(re.findall(r"<nav[^>]*crumb.*?</nav>", page.text, re.DOTALL))
        links = re.findall(r'href="(/registry/(?:plans|accompaniments)[^"#]*)"', main + crumbs)
        seen += [link for link in dict.fromkeys(links) if link not in seen]
    assert f"/registry/plans/{plan['id']}/document" in seen
    assert not [path for path in seen if "edit" in path or "ready" in path]


def test_a_printed_plan_is_found_genuine_by_anybody(pages: Pages) -> None:
    plan = ready_plan(pages.house, opened(pages.house), **WHOLE)
    browser = pages.signed_in("technician")
    assert browser.get(f"/registry/plans/{plan['id']}/document").status_code == 200
    with pages.house.database.reading() as session:
        from sqlalchemy import select

        from services.registry.models import IssuedPlan

        code = session.scalars(select(IssuedPlan.hash)).one()
    told = text_of(pages.portal.browser().get(f"/verify/{code}"))
    assert "Auténtico" in told
    assert plan["label"] in told


def test_a_case_that_moved_meanwhile_is_not_moved_by_an_old_page(pages: Pages) -> None:
    case = opened(pages.house)
    browser, there = pages.signed_in("technician"), f"/registry/accompaniments/{case['id']}/move/planning"
    old = version_in(browser.get(there))
    assert move(pages.house, case, "planning").status_code == 200
    assert browser.post(there, {"version": old, "on": day()}, page=there).status_code == 412


def test_the_pages_of_projects_speak_english_too(pages: Pages) -> None:
    case = with_a_late_visit(pages)
    plan = ready_plan(pages.house, case, **WHOLE)
    browser = pages.signed_in("coordinator")
    browser.post("/language", {"language": "en", "next": "/registry"}, page="/registry")
    for path, told in (
        ("/registry/accompaniments/agenda", "Agenda of visits"),
        (f"/registry/accompaniments/{case['id']}", "What happened so far"),
        (f"/registry/plans/{plan['id']}", "Break-even in a month"),
        ("/registry/accompaniments/hours", "Hours of technical assistance"),
    ):
        assert told in text_of(browser.get(path))
