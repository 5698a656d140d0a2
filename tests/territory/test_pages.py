"""The pages of the territory in the portal, on the real service, by role."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.house import House
from services.portal.use_cases.open_account import open_account
from shared.identity import Caller
from tests.house import opened_house
from tests.portal.conftest import PASSWORD, Browser, text_of
from tests.territory.conftest import form_group, lend, register
from tests.territory.test_boundaries import small_file


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with opened_house(tmp_path, "portal", "territory") as opened:
        yield opened


@pytest.fixture
def gulf(house: House) -> House:
    with house.service("territory").database.transaction() as session:
        many = register(session, 12, links=["production"])
        register(session, 8, "HN1701", chain="cashew", links=["marketing"])
        register(session, 2, "HN1703")
        register(session, 3, "HN1702")
        lend(session, many[0])
        form_group(session, many[:6])
    return house


def browser(house: House, *roles: str, units: tuple[str, ...] = ("HN17",)) -> Browser:
    """Somebody with these roles, signed in."""
    service = house.service("portal")
    username = "-".join(roles)
    with service.database.transaction() as session:
        open_account(
            session, Caller.operator("prueba"), username=username, name=username.title(), roles=roles, units=units,
            centre="CSEM de prueba", seat=None, language="es", password=PASSWORD,
        )  # fmt: skip
    opened = Browser(service.web.test_client())
    opened.sign_in(username)
    return opened


def test_the_technical_team_sees_map_table_and_points(gulf: House) -> None:
    page = browser(gulf, "technician").get("/territory")

    text = text_of(page)
    assert page.status_code == 200
    assert "<svg" in page.text
    assert "<title>San Lorenzo: 12</title>" in page.text
    assert "Límites municipales aproximados" in text
    assert "25 emprendimientos en su lugar" in text
    assert "Datos al" in text
    assert 'href="/territory/reports/HN1709"' in page.text


def test_a_planner_sees_no_points_and_no_small_count(gulf: House) -> None:
    page = browser(gulf, "planner").get("/territory?points=yes")

    assert page.status_code == 200
    assert "reservado" in text_of(page)
    assert "Amapala: 2" not in page.text
    assert "emprendimientos en su lugar" not in text_of(page)


def test_the_chains_page_says_where_a_link_is_missing(gulf: House) -> None:
    text = text_of(browser(gulf, "technician").get("/territory/chains"))

    assert "Pesca y acuicultura" in text
    assert "falta" in text
    assert "redes, hielo, alevines, larvas" in text


def test_a_planner_of_one_municipality_sees_its_chains_and_pulls_its_report(gulf: House) -> None:
    planner = browser(gulf, "planner", units=("HN1709",))

    assert planner.get("/territory/chains").status_code == 200
    assert "San Lorenzo" in planner.get("/territory/reports").text
    found = planner.get("/territory/reports?municipality=HN1709")
    assert (found.status_code, found.headers["Location"]) == (303, "/territory/reports/HN1709")
    page = planner.get("/territory/reports/HN1709")
    assert "Emprendimientos de las mujeres en San Lorenzo" in text_of(page)
    assert "cuyas dueñas aceptaron aparecer sumadas con otras" in text_of(page)
    assert "Hallazgos" in text_of(page)
    assert "Todavía no se ha presentado ninguna propuesta." in text_of(page)
    pdf = planner.get("/territory/reports/HN1709/document")
    assert pdf.mimetype == "application/pdf"
    assert pdf.data.startswith(b"%PDF")
    book = planner.get("/territory/reports/HN1709/document?format=xlsx")
    assert book.data.startswith(b"PK")
    assert planner.get("/territory/reports/HN1701").status_code == 403


def test_a_municipality_that_is_none_is_asked_for_again(gulf: House) -> None:
    page = browser(gulf, "technician").get("/territory/reports?municipality=Macondo")

    assert page.status_code == 422
    assert "Elija un municipio de la lista" in text_of(page)


def test_a_coordinator_publishes_the_figures_of_today(gulf: House) -> None:
    coordinator = browser(gulf, "coordinator")
    done = coordinator.post("/territory/reports/HN1709/publish", page="/territory/reports/HN1709")

    assert done.status_code == 303
    assert "cifras de hoy de Valle" in text_of(coordinator.get("/territory/reports/HN1709"))


def test_boundaries_are_sent_looked_at_and_put_in_force(house: House) -> None:
    keeper = browser(house, "network_coordinator", units=("*",))
    jobs = next(loop for loop in house.service("territory").worker.loops if loop.name == "territory-jobs")
    assert "Aproximados" in text_of(keeper.get("/territory/boundaries"))
    sent = keeper.post("/territory/boundaries", {"file": (io.BytesIO(small_file()), "sv.geojson")})
    assert sent.status_code == 303, text_of(sent)
    where = sent.headers["Location"]
    assert "Se está leyendo" in text_of(keeper.get(where))
    assert 'hx-trigger="load' in keeper.get(where, headers={"HX-Request": "true"}).text
    jobs.run_due()
    assert keeper.get(where, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    page = keeper.get(where)
    assert "200 de 262" in text_of(page)
    version = re.findall(r'name="version" value="(\d+)"', page.text)[-1]
    done = keeper.post(f"{where}/adoption", {"version": version, "source": "CNR", "valid_from": "2026-01-01"})
    assert done.status_code == 303, text_of(done)
    jobs.run_due()
    assert "CNR" in text_of(keeper.get("/territory/boundaries"))


def test_a_form_without_a_file_says_so_and_a_stale_version_loses_nothing(house: House) -> None:
    keeper = browser(house, "network_coordinator", units=("*",))

    empty = keeper.post("/territory/boundaries", {}, page="/territory/boundaries")
    assert empty.status_code == 422
    assert "Elija el archivo de los límites" in text_of(empty)


@pytest.mark.parametrize("path", ["/territory", "/territory/chains", "/territory/reports", "/territory/reports/HN1709"])
@pytest.mark.parametrize("role", ["technician", "leda_viewer", "planner", "auditor", "admin"])
def test_every_reader_has_every_page(gulf: House, role: str, path: str) -> None:
    assert browser(gulf, role).get(path).status_code == 200


def test_boundaries_are_for_their_keepers(house: House) -> None:
    assert browser(house, "technician").get("/territory/boundaries").status_code == 403


@pytest.mark.parametrize("address", ["HN17", "territory", "territory?unit=HN1709"])
def test_a_department_and_a_territory_have_their_page_and_their_file(gulf: House, address: str) -> None:
    planner = browser(gulf, "planner")
    page = planner.get(f"/territory/reports/{address}")
    text = text_of(page)

    assert page.status_code == 200
    assert "Hallazgos" in text
    assert "Departamento:" not in text
    found = re.findall(r'href="(/territory/reports/[^"]*/document[^"]*)"', page.text)
    assert len(found) == 5
    assert all(planner.get(link.replace("&amp;", "&")).status_code == 200 for link in found)


def test_the_page_of_reports_leads_to_departments_of_ones_territory(gulf: House) -> None:
    assert 'href="/territory/reports/HN17"' in browser(gulf, "planner").get("/territory/reports").text
    assert (
        'href="/territory/reports/HN17"'
        not in browser(gulf, "leda_viewer", units=("HN1709",)).get("/territory/reports").text
    )


def test_a_coordinator_orders_a_pack_and_takes_it_home(gulf: House) -> None:
    coordinator = browser(gulf, "coordinator")
    page = "/territory/reports/packs"
    assert "Todavía no hay ningún paquete" in text_of(coordinator.get(page))
    refused = coordinator.post(
        page, {"title": "", "units": "HN17", "kinds": "municipal", "form": "pdf", "language": "es"}, page=page
    )
    assert refused.status_code == 422
    done = coordinator.post(
        page,
        {"title": "Valle", "units": "HN17", "kinds": "municipal", "form": "pdf", "language": "es", "monthly": "yes"},
        page=page,
    )
    assert done.status_code == 303
    assert "En espera" in text_of(coordinator.get(page))
    next(loop for loop in gulf.service("territory").worker.loops if loop.name == "territory-jobs").run_due()
    ready = coordinator.get(page)
    assert "Listo para descargar" in text_of(ready)
    (link,) = re.findall(r'href="(/territory/reports/packs/[^"]*/file)"', ready.text)
    assert coordinator.get(link).data.startswith(b"PK")
    version = re.findall(r'name="version" value="(\d+)"', ready.text)[0]
    removed = coordinator.post(link.replace("/file", "/remove"), {"version": version}, page=page)
    assert removed.status_code == 303
    assert "Todavía no hay ningún paquete" in text_of(coordinator.get(page))
    assert browser(gulf, "planner").get(page).status_code == 403


def test_who_plans_reads_the_report_of_a_chain_and_takes_it_home(gulf: House) -> None:
    planner = browser(gulf, "planner")
    asked = planner.get("/territory/reports/chain?chain=fishing&unit=HN17")
    page = planner.get(asked.headers["Location"])
    text = text_of(page)

    assert (asked.status_code, page.status_code) == (303, 200)
    assert "Informe de una cadena de valor" in text
    assert "Eslabón por eslabón" in text
    assert "Cociente de localización" in text
    assert planner.get("/territory/reports/chain/fishing/document?unit=HN17").data.startswith(b"%PDF")
    assert "/territory/reports/chain/fishing?unit=HN17" in planner.get("/territory/chains").text


def test_a_chain_that_there_is_not_is_asked_for_again(gulf: House) -> None:
    page = browser(gulf, "planner").get("/territory/reports/chain?chain=gold")

    assert page.status_code == 422
    assert "Elija una cadena de valor de la lista." in text_of(page)
