"""The inventory's pages as people use them: portal and registry together, without a screen."""

import html
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from shared.kernel import clock
from shared.masking import masked_point
from shared.testing import database_of
from tests.portal.conftest import Browser, Portal, built, text_of, token_in
from tests.registry.house import House, enterprise, open_house
from tests.registry.test_accompaniments import disbursed, hear
from tests.registry.test_files_kept import FOUR, broken_after, work
from tests.registry.test_imports_api import worker
from tests.registry.workbooks import submission, workbook

TWO = workbook([submission(1, _gps_precision=90), submission(2, municipio="SV1401", doc_num="12")])
RECORD = re.compile(r'href="(/registry/enterprises/[0-9a-f-]{36})"')


@dataclass
class Pages:
    portal: Portal
    house: House

    def signed_in(self, *roles: str, **more: Any) -> Browser:
        return self.portal.signed_in(*roles, **more)


@pytest.fixture
def pages(tmp_path: Path) -> Iterator[Pages]:
    with built("sqlite", tmp_path) as portal, database_of("registry", tmp_path, "sqlite") as database:
        house = open_house(database, portal.keys, tmp_path)
        portal.apps["registry"] = house.service.web
        yield Pages(portal, house)
        house.database.dispose()


def send_file(browser: Browser, content: bytes, mode: str = "try") -> str:
    token = token_in(browser.get("/registry/imports/new").text)
    form = {"csrf_token": token, "mode": mode, "file": (io.BytesIO(content), "inventario.xlsx")}
    answer = browser.client.post("/registry/imports/new", data=form, content_type="multipart/form-data")
    assert answer.status_code == 303, text_of(answer)
    return str(answer.headers["Location"])


NEW = {
    "given_names": "Elena",
    "surnames": "Imaginaria",
    "id_kind": "dni",
    "id_number": "1709-1980-00123",
    "registry": "yes",
    "credit": "yes",
    "given_on": "2026-03-01",
    "channel": "office",
    "name": "Comedor Elena",
    "municipality": "san lorenzo, valle",
    "lat": "13,4241",
    "lon": "-87.4473",
    "accuracy_m": "8",
    "site": "home",
    "activity": "I",
    "links": ["processing", "marketing"],
    "needs": ["credit"],
    "jobs_women": "2",
    "jobs_men": "0",
    "sales": "12,500.00",
    "formal": "no",
    "products-0-name": "Tamales",
    "products-0-unit": "docena",
    "products-0-price": "60.00",
}


def test_an_empty_inventory_says_what_to_do_first(pages: Pages) -> None:
    page = pages.signed_in("technician").get("/registry")
    assert "El inventario está vacío" in text_of(page)
    assert 'href="/registry/imports/new"' in page.text


def test_a_file_is_tried_and_then_taken_in_and_its_report_is_read(pages: Pages) -> None:
    browser = pages.signed_in("technician")
    place = send_file(browser, TWO)
    waiting = browser.get(place)
    assert 'http-equiv="refresh"' in waiting.text
    assert f'hx-get="{place}"' in waiting.text
    part = browser.get(place, headers={"HX-Request": "true"})
    assert "<html" not in part.text
    with worker(pages.house):
        until = clock.now() + timedelta(seconds=30)
        while "Formularios revisados" in browser.get(place).text and clock.now() < until:
            pass
        report = text_of(browser.get(place))
        assert "Esto fue un ensayo: no se guardó nada." in report
        assert "Punto GPS poco preciso" in report
        assert "Número de documento muy corto o muy largo" in report
        assert browser.get(place, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
        table = browser.get(f"{place}/problems.csv")
        assert table.headers["Content-Type"].startswith("text/csv")
        assert table.get_data(as_text=True).count("\r\n") == 3
        browser.get(place)
        taken = browser.post(f"{place}/commit")
        until = clock.now() + timedelta(seconds=30)
        while "Formularios revisados" in browser.get(taken.headers["Location"]).text and clock.now() < until:
            pass
    listed = text_of(browser.get("/registry"))
    assert "Tienda 1" in listed
    assert "Rosa Inventada 1" in listed


def test_a_file_that_is_none_is_told_at_its_field(pages: Pages) -> None:
    browser = pages.signed_in("technician")
    answer = browser.post("/registry/imports/new", {"mode": "real"}, page="/registry/imports/new")
    assert answer.status_code == 422
    assert "Elija el archivo que quiere traer." in text_of(answer)
    place = send_file(browser, b"hola", "real")
    with worker(pages.house):
        until = clock.now() + timedelta(seconds=30)
        while "Formularios revisados" in browser.get(place).text and clock.now() < until:
            pass
    failed = text_of(browser.get(place))
    assert "El archivo no es una exportación" in failed
    assert "No se guardó nada de él." in failed


def test_an_enterprise_is_registered_changed_and_shown(pages: Pages) -> None:
    browser = pages.signed_in("technician", units=("HN17",))
    answer = browser.post("/registry/enterprises/new", NEW, page="/registry/enterprises/new")
    assert answer.status_code == 303, text_of(answer)
    record = answer.headers["Location"]
    shown = text_of(browser.get(record))
    assert "Comedor Elena" in shown
    assert "San Lorenzo, Valle" in shown
    assert "L12,500.00" in shown
    assert "1709198000123" in shown
    form = browser.get(f"{record}/change")
    version = re.search(r'name="version" value="(\d+)"', form.text)
    assert version
    change = {**NEW, "version": version[1], "name": "Comedor «La Elena»"}
    assert browser.post(f"{record}/change", change).status_code == 303
    shown = text_of(browser.get(record))
    assert "Comedor «La Elena»" in shown
    assert "Capturado" in shown
    assert "Maria" in shown
    stale = browser.post(f"{record}/change", change, page=f"{record}/change")
    assert stale.status_code == 412
    assert "Alguien cambió este registro mientras tanto." in text_of(stale)
    assert "Comedor «La Elena»" in stale.text


def test_nothing_typed_is_lost_when_something_is_wrong(pages: Pages) -> None:
    browser = pages.signed_in("technician", units=("HN17",))
    wrong = NEW | {"municipality": "Atlantis", "jobs_women": "dos", "registry": "", "sales": "mucho"}
    answer = browser.post("/registry/enterprises/new", wrong, page="/registry/enterprises/new")
    assert answer.status_code == 422
    for kept in ("Elena", "Imaginaria", "Atlantis", "mucho", "Tamales", 'value="dos"'):
        assert kept in answer.text
    for field in ("municipality", "jobs_women", "sales"):
        assert f'href="#field-{field.replace("_", "-")}"' in answer.text
    alone = NEW | {"registry": ""}
    answer = browser.post("/registry/enterprises/new", alone, page="/registry/enterprises/new")
    assert 'href="#field-registry"' in answer.text
    outside = browser.post(
        "/registry/enterprises/new", NEW | {"municipality": "SV1423"}, page="/registry/enterprises/new"
    )
    assert outside.status_code == 403


def test_filters_stay_in_the_address_and_a_wrong_one_is_told(pages: Pages) -> None:
    pages.house.register(name="Quesos del Sur")
    pages.house.register(name="Otra cosa", municipality="HN0601")
    browser = pages.signed_in("coordinator")
    page = text_of(browser.get("/registry?q=quesos&municipality=HN17&chain=dairy&need=credit&place_state=pending"))
    assert "Quesos del Sur" in page
    assert "Otra cosa" not in page
    assert "Ningún emprendimiento corresponde" in text_of(browser.get("/registry?q=nada"))
    assert browser.get("/registry?chain=oro").status_code == 200


def test_names_in_a_page_are_text_and_never_markup(pages: Pages) -> None:
    pages.house.register(name='<script>alert(1)</script>"><img src=x>')
    browser = pages.signed_in("technician")
    page = browser.get("/registry")
    assert "<script>alert(1)" not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
    assert "<img src=x" not in browser.get(RECORD.findall(page.text)[0]).text


def test_leda_staff_see_no_name_and_no_home(pages: Pages) -> None:
    owner = enterprise()["owner"]
    pages.house.register(name="Quesos del Sur", owner=owner | {"consents": owner["consents"] | {"map": True}})
    browser = pages.signed_in("leda_viewer")
    page = browser.get("/registry")
    record = browser.get(RECORD.findall(page.text)[0])
    for answer in (page, record):
        assert "Quesos del Sur" not in answer.text
        assert "Inventada" not in answer.text
    shown = pages.house.call("GET", "/enterprises").json["items"][0]["id"]
    lon, lat = masked_point(UUID(shown), -87.447, 13.424)
    masked = f"{lat}, {lon}"
    assert masked in record.text
    rest = record.text.replace(masked, "")
    assert "-87.447" not in rest
    assert "13.424" not in rest
    assert "no se muestra su casa" in text_of(record)
    assert "Registrar un emprendimiento" not in text_of(page)


@pytest.mark.parametrize("role", ["planner", "cashier", "admin", "organization"])
def test_who_has_no_task_there_finds_the_inventory_closed(pages: Pages, role: str) -> None:
    browser = pages.signed_in(role)
    for path in ("/registry", "/registry/imports", "/registry/imports/new", "/registry/accompaniments"):
        assert browser.get(path).status_code == 403


def test_a_plan_is_taken_over_visited_and_closed(pages: Pages) -> None:
    enterprise = pages.house.register()
    hear(pages.house, disbursed(enterprise["id"], disbursed_on=clock.today() - timedelta(days=20)))
    browser = pages.signed_in("technician")
    listed = browser.get("/registry/accompaniments?technician=nobody")
    assert "Atrasada" in text_of(listed)
    place = re.findall(r'href="(/registry/accompaniments/[0-9a-f-]{36})"', listed.text)[0]
    version = re.search(r'name="version" value="(\d+)"', browser.get(place).text)
    assert version
    assert browser.post(f"{place}/assign", {"version": version[1]}).status_code == 303
    planned = re.findall(rf'href="({place}/visit\?planned=[0-9a-f-]+)"', browser.get(place).text)[0]
    form = browser.get(planned)
    visit_id = re.search(r'name="visit_id" value="([0-9a-f-]+)"', form.text)
    assert visit_id
    visit = {"visit_id": visit_id[1], "made_on": clock.today().isoformat(), "notes": "Todo en orden.", "minutes": "45"}
    future = browser.post(f"{place}/visit", visit | {"made_on": "2199-01-01"})
    assert future.status_code == 422
    assert "Todo en orden." in future.text
    assert browser.post(f"{place}/visit", visit).status_code == 303
    shown = text_of(browser.get(place))
    assert "Todo en orden." in shown
    assert "Hecha" in shown
    due = {"due_on": (clock.today() + timedelta(days=5)).isoformat(), "purpose": "accounts_review"}
    assert browser.post(f"{place}/plan", due).status_code == 303
    version = re.search(r'name="version" value="(\d+)"', browser.get(place).text)
    assert version
    closed = browser.post(f"{place}/close", {"version": version[1], "closed_on": clock.today().isoformat()})
    assert closed.status_code == 303
    assert "Cerrado" in text_of(browser.get(place))


def test_her_answers_are_recorded_and_her_withdrawal_asks_first(pages: Pages) -> None:
    enterprise = pages.house.register()
    woman = f"/registry/people/{enterprise['owners'][0]['id']}"
    browser = pages.signed_in("coordinator")
    answer = {"purpose": "map", "granted": "yes", "given_on": "2026-03-02", "channel": "phone"}
    assert browser.post(f"{woman}/consents", answer, page=woman).status_code == 303
    assert "Por teléfono" in text_of(browser.get(woman))
    asked = browser.get(f"{woman}/withdraw")
    assert "Esto no se puede deshacer." in text_of(asked)
    version = re.search(r'name="version" value="(\d+)"', asked.text)
    assert version
    unsure = browser.post(f"{woman}/withdraw", {"version": version[1]})
    assert unsure.status_code == 422
    done = browser.post(f"{woman}/withdraw", {"version": version[1], "sure": "yes"})
    assert "Está retirada" in text_of(done)
    assert "El inventario está vacío" in text_of(browser.get("/registry"))


def test_every_page_speaks_english_too(pages: Pages) -> None:
    pages.house.register()
    browser = pages.signed_in("coordinator")
    browser.client.set_cookie("language", "en")
    browser.post("/language", {"language": "en", "next": "/registry"}, page="/registry")
    page = text_of(browser.get("/registry"))
    assert "Inventory of enterprises" in page
    record = browser.get(RECORD.findall(browser.get("/registry").text)[0])
    assert "What she agreed to" in text_of(record)


def test_pages_stay_when_the_registry_is_away(pages: Pages) -> None:
    browser = pages.signed_in("technician")
    del pages.portal.apps["registry"]
    assert browser.get("/registry").status_code == 503


def test_an_import_that_broke_off_tells_what_it_had_taken_in(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    broken_after(monkeypatch, RuntimeError("a defect"))
    browser = pages.signed_in("technician")
    place = send_file(browser, FOUR, "real")
    work(pages.house)
    shown = text_of(browser.get(place))
    assert "2 formularios nuevos y 0 cambiados" in shown
    assert "No se guardó nada" not in shown


def test_a_woman_who_said_no_waits_on_the_coordinators_home_for_her_erasure(pages: Pages) -> None:
    pages.house.report(workbook([submission(1)]))
    record = f"/registry/enterprises/{pages.house.enterprise_id()}"
    pages.house.report(workbook([submission(1, consent_registry="no")]))
    browser = pages.signed_in("coordinator")
    home = browser.get("/")
    assert "1 emprendimiento cuya dueña dijo que no al inventario" in text_of(home)
    assert "/registry?taken_back=true" in home.text
    waiting = browser.get("/registry?taken_back=true")
    assert "hasta que la coordinadora confirme" in text_of(waiting)
    assert record in waiting.text
    shown = browser.get(record)
    assert "Ella ya no quiere estar en el inventario." in text_of(shown)
    assert f"{record}/change" not in shown.text
    assert "dijo que no" not in text_of(pages.signed_in("technician", username="ana").get("/"))


def test_late_visits_wait_on_the_coordinators_home(pages: Pages) -> None:
    hear(pages.house, disbursed(pages.house.register()["id"], disbursed_on=clock.today() - timedelta(days=40)))
    home = text_of(pages.signed_in("coordinator").get("/"))
    assert "1 acompañamiento con una visita atrasada" in home
    assert "1 acompañamiento sin técnica" in home


def version_in(page: Any) -> str:
    found = re.search(r'name="version" value="(\d+)"', page.text)
    assert found
    return found[1]


def test_a_record_changed_meanwhile_is_shown_as_it_is_now_and_saved_when_she_confirms(pages: Pages) -> None:
    shown = pages.house.register()
    browser, form = pages.signed_in("technician"), f"/registry/enterprises/{shown['id']}/change"
    typed = NEW | {"version": version_in(browser.get(form)), "name": "La Nueva"}
    theirs = {"name": "La Ajena", "jobs_women": 9}
    pages.house.call("PATCH", f"/enterprises/{shown['id']}", version=shown["version"], json=theirs)
    stale = browser.post(form, typed)
    assert stale.status_code == 412
    assert "Nombre del emprendimiento: La Ajena" in text_of(stale)
    assert "Mujeres que trabajan: 9" in text_of(stale)
    assert 'value="La Nueva"' in stale.text
    assert browser.post(form, typed | {"version": version_in(stale)}).status_code == 303
    assert pages.house.call("GET", f"/enterprises/{shown['id']}").json["name"] == "La Nueva"


def test_a_woman_changed_meanwhile_is_shown_as_she_is_now_and_saved_when_she_confirms(pages: Pages) -> None:
    owner = pages.house.register()["owners"][0]
    browser, form = pages.signed_in("technician"), f"/registry/people/{owner['id']}"
    typed = {name: NEW[name] for name in ("given_names", "surnames", "id_kind", "id_number")}
    typed["version"] = version_in(browser.get(form))
    pages.house.call("PATCH", f"/entrepreneurs/{owner['id']}", version=owner["version"], json={"phone": "22223333"})
    stale = browser.post(form, typed)
    assert stale.status_code == 412
    assert "Teléfono: +504 2222-3333" in text_of(stale)
    assert 'value="Elena"' in stale.text
    assert browser.post(form, typed | {"version": version_in(stale)}).status_code == 303
    assert pages.house.call("GET", f"/entrepreneurs/{owner['id']}").json["given_names"] == "Elena"


def test_an_erasure_over_an_old_page_is_asked_for_anew(pages: Pages) -> None:
    owner = pages.house.register()["owners"][0]
    browser, form = pages.signed_in("coordinator"), f"/registry/people/{owner['id']}/withdraw"
    sure = {"version": version_in(browser.get(form)), "sure": "yes"}
    pages.house.call("PATCH", f"/entrepreneurs/{owner['id']}", version=owner["version"], json={"phone": "22223333"})
    stale = browser.post(form, sure)
    assert (stale.status_code, version_in(stale) != sure["version"]) == (412, True)
    assert 'value="yes" checked' not in stale.text


def test_an_answer_that_cannot_be_leaves_what_is_known_of_her_on_the_page(pages: Pages) -> None:
    owner = pages.house.register()["owners"][0]
    browser, woman = pages.signed_in("technician"), f"/registry/people/{owner['id']}"
    answer = {"purpose": "map", "granted": "yes", "given_on": "2199-01-01", "channel": "phone"}
    refused = browser.post(f"{woman}/consents", answer, page=woman)
    assert refused.status_code == 422
    assert 'value="María Ficticia"' in refused.text


@pytest.mark.parametrize(("row", "what"), [(4, "name"), (4, "unit"), (29, "price")])
def test_no_product_is_lost_from_the_form_however_far_down_it_was_typed(pages: Pages, row: int, what: str) -> None:
    browser = pages.signed_in("technician", units=("HN17",))
    typed = NEW | {f"products-{row}-{what}": "88.00", "municipality": "Atlantis"}
    answer = browser.post("/registry/enterprises/new", typed, page="/registry/enterprises/new")
    assert answer.status_code == 422
    assert f'name="products-{row}-{what}"' in answer.text
    assert 'value="88.00"' in answer.text


def test_a_unit_without_its_product_is_told_and_not_dropped(pages: Pages) -> None:
    browser = pages.signed_in("technician", units=("HN17",))
    answer = browser.post(
        "/registry/enterprises/new", NEW | {"products-1-unit": "libra"}, page="/registry/enterprises/new"
    )
    assert answer.status_code == 422
    assert 'href="#field-products-1-name"' in answer.text


def kind_of(link: str) -> tuple[str, tuple[str, ...]]:
    """Links that differ in ids and values alone are one of a kind."""
    path, _, query = link.partition("?")
    names = sorted(part.partition("=")[0] for part in query.split("&"))
    return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID", path), tuple(names)


@pytest.mark.parametrize("role", ["committee_member", "trust_fund_member", "cashier", "credit_officer", "auditor"])
def test_every_link_of_a_record_may_be_followed_by_who_sees_it(pages: Pages, role: str) -> None:
    shown = pages.house.register()
    hear(pages.house, disbursed(shown["id"]))
    browser = pages.signed_in(role)
    seen = [f"/registry/enterprises/{shown['id']}"]
    kinds = set(map(kind_of, seen))
    for path in seen:
        page = browser.get(path)
        assert page.status_code == 200, path
        main = page.text.partition("<main")[2].partition("</main>")[0] + page.text.partition("<header")[0]
        crumbs = "".join(re.findall(r"<nav[^>]*crumb.*?</nav>", page.text, re.DOTALL))
        for link in map(html.unescape, re.findall(r'href="(/registry[^"#]*)"', main + crumbs)):
            if kind_of(link) not in kinds:
                kinds.add(kind_of(link))
                seen.append(link)
    assert (role in {"credit_officer", "auditor"}) == any("/accompaniments/" in path for path in seen)
