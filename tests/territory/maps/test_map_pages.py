"""The pages of maps in the portal: kinds and filters in the address, drilling down, taking away, sharing, embedding."""

import html
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from deploy.house import House
from services.portal.use_cases.open_account import open_account
from services.territory.queries.map_kinds import KINDS
from shared.identity import Caller
from shared.kernel import clock
from tests.house import opened_house
from tests.portal.conftest import PASSWORD, Browser, text_of
from tests.territory.conftest import form_group, lend, register
from tests.territory.test_introductions import grower, roaster
from tests.territory.test_tables import VALLE, adopted, women_of


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with opened_house(tmp_path, "portal", "territory") as opened:
        yield opened


@pytest.fixture
def valle(house: House) -> House:
    with house.service("territory").database.transaction() as session:
        many = register(session, 12, links=["production"])
        register(session, 8, "HN1701", chain="cashew", links=["marketing"])
        register(session, 2, "HN1703")
        register(session, 3, "HN1702")
        lend(session, many[0])
        form_group(session, many[:6])
    return house


def browser(house: House, role: str, *units: str) -> Browser:
    """Somebody with this role, signed in."""
    service = house.service("portal")
    with service.database.transaction() as session:
        open_account(
            session, Caller.operator("prueba"), username=role, name=role.title(), roles=(role,), units=units or ("HN17",),
            centre="CSEM de prueba", seat=None, language="es", password=PASSWORD,
        )  # fmt: skip
    opened = Browser(service.web.test_client())
    opened.sign_in(role)
    return opened


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "flows"])
def test_every_kind_is_a_page_with_its_table(valle: House, kind: str) -> None:
    page = browser(valle, "technician").get(f"/territory?unit=HN17&kind={kind}")

    assert page.status_code == 200
    assert "Las mismas cifras en tabla" in text_of(page)
    assert "San Lorenzo" in text_of(page)
    assert f'<option value="{kind}" selected>' in page.text
    assert "style=" not in page.text


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in {"hexagons", "change", "clusters", "flows"}])
def test_planners_have_every_kind_of_published_figures(valle: House, kind: str) -> None:
    page = browser(valle, "planner").get(f"/territory?unit=HN17&kind={kind}")

    assert page.status_code == 200
    assert "Cifras publicadas de" in text_of(page)
    assert 'name="tier"' not in page.text
    assert not any(f'value="{one}"' in page.text for one in ("hexagons", "clusters", "flows"))


@pytest.mark.parametrize(
    ("role", "query", "status", "told"),
    [
        ("planner", "need=credit&link=production", 409, "de uno en uno"),
        ("planner", "kind=hexagons", 403, "solo ven el centro"),
        ("planner", "kind=clusters", 403, "solo ven el centro"),
        ("planner", "kind=flows", 403, "solo el equipo técnico"),
        ("leda_viewer", "kind=flows", 403, "solo el equipo técnico"),
        ("technician", "kind=flows&tier=strategic", 422, "por cadena de valor y por insumo"),
        ("technician", "per=women", 409, "Cárguelo en «Datos y capas»"),
        ("technician", "kind=hexagons&per=enterprises", 422, "Quite la tasa"),
        ("planner", "kind=change", 404, "Elija uno posterior"),
        ("technician", "breaks=9,5", 422, "orden ascendente"),
        ("technician", "kind=bivariate&measure=women&second=women", 422, "dos datos distintos"),
    ],
)
def test_what_cannot_be_shown_is_said_and_the_form_stays(
    valle: House, role: str, query: str, status: int, told: str
) -> None:
    page = browser(valle, role).get(f"/territory?unit=HN17&{query}")

    assert page.status_code == status
    assert told in text_of(page)
    assert '<option value="HN17" selected>' in page.text


def test_linkages_are_a_page_with_lines_and_a_table(valle: House) -> None:
    with valle.service("territory").database.transaction() as session:
        roaster(session)
        grower(session, 0.02, "HN1701")
    technician = browser(valle, "technician")

    page = technician.get("/territory?unit=HN17&kind=flows")
    assert "<title>San Lorenzo → Nacaome: 1</title>" in page.text
    assert "Dónde se vende" in text_of(page)
    assert 'href="/territory/introductions?unit=HN17"' in page.text
    assert '<option value="coffee_cherries"' in page.text
    none = technician.get("/territory?unit=HN17&kind=flows&chain=dairy")
    assert "No hay enlaces que dibujar aquí" in text_of(none)


def test_clusters_have_their_cards_beside_the_map(valle: House) -> None:
    page = browser(valle, "technician").get("/territory?unit=HN17&kind=clusters")

    assert "Falta:" in text_of(page)
    assert "1. San Lorenzo, Valle" in text_of(page)


def test_rates_are_offered_once_a_table_is_in_use(valle: House) -> None:
    technician = browser(valle, "technician")
    assert "Por cada 1,000 mujeres" not in technician.get("/territory?unit=HN17").text
    adopted(valle.service("territory").database, women_of(VALLE))

    assert "Por cada 1,000 mujeres" in technician.get("/territory?unit=HN17").text
    page = technician.get("/territory?unit=HN17&per=women")
    assert "por cada 1,000 mujeres" in text_of(page)
    assert "HN: INE, 2024" in text_of(page)


def test_empty_fields_of_the_form_ask_for_nothing(valle: House) -> None:
    page = browser(valle, "technician").get(
        "/territory?unit=&kind=choropleth&measure=enterprises&chain=&link=&figures=live&need=&validation=&tier="
        "&recorded_from=&recorded_until=&level=&per=&scheme=quantile&number=&breaks=&second=&theme=&since=&until="
    )

    assert page.status_code == 200
    assert "<title>San Lorenzo: 12</title>" in page.text


def test_own_limits_alone_choose_their_scheme(valle: House) -> None:
    page = browser(valle, "technician").get("/territory?unit=HN17&scheme=quantile&breaks=2, 10")

    assert "11 y más" in text_of(page)


def test_one_drills_from_the_country_to_the_enterprises_of_a_municipality(valle: House) -> None:
    leda = browser(valle, "leda_viewer", "HN")

    country = leda.get("/territory?unit=HN&level=department&chain=fishing")
    (down,) = set(re.findall(r'href="([^"]*unit=HN17[^"]*)">Valle', country.text))
    department = leda.get(html.unescape(down))
    assert "chain=fishing" in down
    (further,) = set(re.findall(r'href="(/territory\?[^"]*unit=HN1709[^"]*)">San Lorenzo', department.text))
    municipality = leda.get(html.unescape(further))
    above = municipality.text.partition('class="crumbs"')[2].partition("</nav>")[0]
    crumbs = re.findall(r'<li><a href="([^"]+)">([^<]+)</a></li>', above)
    assert [name for _, name in crumbs] == ["Territorio", "Honduras", "Valle"]
    assert 'href="/registry?municipality=HN1709&amp;chain=fishing"' in municipality.text
    assert "/territory/reports/HN1709" in municipality.text


def test_crumbs_stay_inside_her_territory(valle: House) -> None:
    page = browser(valle, "planner", "HN1709").get("/territory?unit=HN1709")

    assert page.status_code == 200
    assert ">Honduras</a>" not in page.text
    assert '<option value="HN1709" selected>' in page.text


@pytest.mark.parametrize(
    ("kind", "beginning"), [("svg", b"<svg"), ("png", b"\x89PNG"), ("pdf", b"%PDF"), ("csv", b"\xef\xbb\xbf")]
)
def test_what_is_on_the_screen_is_taken_away(valle: House, kind: str, beginning: bytes) -> None:
    technician = browser(valle, "technician")
    page = technician.get("/territory?unit=HN17&kind=symbols&measure=women")
    (link,) = set(re.findall(rf'href="(/territory/map\.{kind}\?[^"]*)"', page.text.replace("&amp;paper=a3", "")))

    taken = technician.get(html.unescape(link))

    assert taken.status_code == 200
    assert taken.data.startswith(beginning)
    assert "symbols-women-HN17" in taken.headers["Content-Disposition"]


def test_an_empty_territory_says_what_to_do(house: House) -> None:
    page = browser(house, "technician").get("/territory?unit=HN17")

    assert "En este mapa todavía no hay nada" in text_of(page)


def sharing(house: House) -> tuple[Browser, str]:
    """A coordinator who has shared the map of Valle, and its address."""
    coordinator = browser(house, "coordinator")
    page = coordinator.get("/territory?unit=HN17&measure=women&scheme=fisher_jenks")
    (link,) = set(re.findall(r'href="(/territory/map-links/new\?[^"]*)"', page.text))
    new = html.unescape(link)
    assert "Quién lo muestra" in text_of(coordinator.get(new))
    sent = {
        "unit": "HN17", "measure": "women", "scheme": "fisher_jenks", "purpose": "Página de la mancomunidad",
        "expires_on": (clock.today() + timedelta(days=30)).isoformat(), "language": "en",
    }  # fmt: skip
    assert coordinator.post("/territory/map-links", sent, page=new).status_code == 303
    listed = coordinator.get("/territory/map-links")
    (address,) = set(re.findall(r'href="http://localhost(/embed/map/[^"]+)"', listed.text))
    return coordinator, address


def test_a_shared_map_is_seen_in_the_page_of_others_and_nowhere_else_framed(valle: House) -> None:
    coordinator, address = sharing(valle)
    stranger = valle.service("portal").web.test_client()

    page = stranger.get(address)

    assert page.status_code == 200
    assert "Women at work: Valle" in page.text
    assert '<html lang="en">' in page.text
    assert "frame-ancestors *" in page.headers["Content-Security-Policy"]
    assert "script-src" not in page.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in page.headers
    assert not re.search(r"<nav|<form|<script|Amapala: [12]\b", page.text)
    assert "withheld" in page.text
    assert "frame-ancestors 'none'" in coordinator.get("/territory").headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in coordinator.get("/territory/map-links").headers["Content-Security-Policy"]


def test_a_map_that_is_taken_back_is_shown_no_more(valle: House) -> None:
    coordinator, address = sharing(valle)
    listed = coordinator.get("/territory/map-links")
    (action,) = re.findall(r'action="(/territory/map-links/[^"]+/revoke)"', listed.text)
    (version,) = re.findall(r'name="version" value="(\d+)"', listed.text)

    stale = coordinator.post(action, {"version": "9"}, page="/territory/map-links")
    assert stale.status_code == 303
    assert valle.service("portal").web.test_client().get(address).status_code == 200
    coordinator.post(action, {"version": version}, page="/territory/map-links")

    gone = valle.service("portal").web.test_client().get(address, headers={"Accept-Language": "es"})
    assert gone.status_code == 404
    assert "Este mapa ya no se muestra" in gone.text
    assert "Retirado" in text_of(coordinator.get("/territory/map-links"))


def test_a_link_that_cannot_be_made_says_why_and_keeps_what_was_typed(valle: House) -> None:
    coordinator = browser(valle, "coordinator")

    page = coordinator.post(
        "/territory/map-links",
        {"unit": "HN17", "kind": "choropleth", "purpose": "Página", "expires_on": "2020-01-01", "language": "es"},
        page="/territory/map-links/new?unit=HN17",
    )

    assert page.status_code == 422
    assert "El último día está entre hoy" in text_of(page)
    assert 'value="Página"' in page.text


@pytest.mark.parametrize(
    "path",
    [
        "/embed/map/xyz",
        "/embed/map/" + "A" * 48,
        "/embed/map/" + "A" * 90,
        "/embed",
        "/embed/x",
        "/embed/map/..",
        "/embed/map/%2e%2e",
        "/embed/map/%252e%252e",
        "/embed/map/x%3Funit=HN17",
    ],
)
def test_an_address_that_leads_nowhere_is_a_plain_404(valle: House, path: str) -> None:
    assert valle.service("portal").web.test_client().get(path).status_code == 404


@pytest.mark.parametrize("role", ["technician", "planner", "leda_viewer", "auditor", "admin"])
def test_only_coordinators_share_maps(valle: House, role: str) -> None:
    person = browser(valle, role)

    assert person.get("/territory/map-links").status_code == 403
    assert "map-links" not in person.get("/territory?unit=HN17").text
