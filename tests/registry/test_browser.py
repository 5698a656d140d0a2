"""The inventory's pages in a real browser: accessible and whole at every width, in both languages; live progress."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from shared.kernel import clock
from shared.testing import database_of
from tests.portal.conftest import PASSWORD, Portal, built
from tests.portal.screen import WIDTHS, chromium, overflows, served, violations
from tests.registry.house import House, open_house
from tests.registry.pairs import SECOND, merge, pair_of, search
from tests.registry.test_accompaniments import disbursed, hear
from tests.registry.test_business_plans import WHOLE
from tests.registry.test_campaigns import campaign
from tests.registry.test_drafts import new_token, sent
from tests.registry.test_fairs import fair
from tests.registry.test_imports_api import worker
from tests.registry.test_institutions import made
from tests.registry.test_mapping import asking, own_table
from tests.registry.test_opportunities import opportunity
from tests.registry.test_projects import opened, ready_plan
from tests.registry.test_studies import study, university
from tests.registry.workbooks import submission, workbook

pytestmark = pytest.mark.browser

PARTS = ("activity", "work", "products", "trade", "assets")
LONG = "inventario_de_campo_" * 4 + ".xlsx"


@dataclass
class Place:
    portal: Portal
    house: House
    address: str
    paths: list[str]


def made_known(house: House, enterprise_id: str) -> list[str]:
    """The pages of a campaign, a fair with a stand, an opportunity she was told of, and a study."""
    found = made(house, "/campaigns", campaign())["id"]
    made(house, f"/campaigns/{found}/records", {"enterprise_id": enterprise_id, "kind": "brought_in"})
    held = made(house, "/fairs", fair())["id"]
    stand = made(house, f"/fairs/{held}/stands", {"enterprise_id": enterprise_id})["id"]
    offered = made(house, "/opportunities", opportunity())["id"]
    made(house, f"/opportunities/{offered}/follow-ups", {"enterprise_id": enterprise_id})
    studied = made(house, "/studies", study(university(house)))["id"]
    return [
        "/registry/outreach",
        f"/registry/campaigns/{found}",
        f"/registry/campaigns/{found}/edit",
        f"/registry/campaigns/{found}/records?q=queso",
        f"/registry/fairs/{held}",
        f"/registry/fair-stands/{stand}",
        "/registry/knowledge",
        f"/registry/opportunities/{offered}/edit",
        f"/registry/opportunities/{offered}/follow-ups",
        f"/registry/studies/{studied}",
    ]


def duplicates_of(house: House) -> tuple[str, str]:
    """A pair that waits, and a merge of one that waited before: a woman who was written down three times."""
    for name in ("Costura", "Costura Azucena", "Costuras"):
        house.register(name=name, owner=SECOND | {"given_names": "Azucena", "id_number": "1709-1985-00321"})
    search(house)
    rows = house.call("GET", "/duplicates?decision=same").json["items"]
    hers = next(row["id"] for row in rows if row["one"]["given_names"] == "Azucena")
    made = merge(house, house.call("GET", f"/duplicates/{hers}").json, together=False)
    search(house)
    return pair_of(house)["id"], made.json["id"]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    home: Path = tmp_path_factory.mktemp("registry-browser")
    with built("sqlite", home) as portal, database_of("registry", home, "sqlite") as database:
        house = open_house(database, portal.keys, home)
        portal.apps["registry"] = house.service.web
        portal.open("ana", "coordinator", name="Ana Coordinadora", centre="CSEM Golfo de Fonseca")
        rows = [submission(n, _gps_precision=90 if n % 2 else 5) for n in range(1, 12)]
        found = house.take_in(workbook([*rows, submission(12, municipio="SV9999", departamento="")]))
        enterprise = house.register()
        hear(house, disbursed(enterprise["id"], disbursed_on=clock.today() - timedelta(days=40)))
        plan = house.call("GET", "/accompaniments").json["items"][0]["id"]
        woman = enterprise["owners"][0]["id"]
        own = asking(house, own_table())
        pair, merged = duplicates_of(house)
        paths = [
            "/registry",
            "/registry?q=nada&chain=dairy",
            "/registry/dashboard",
            "/registry/views",
            "/registry/views/new?chain=dairy",
            f"/registry/enterprises/{enterprise['id']}/history",
            f"/registry/enterprises/{enterprise['id']}",
            f"/registry/enterprises/{enterprise['id']}/change",
            "/registry/enterprises/new",
            f"/registry/people/{woman}",
            f"/registry/people/{woman}/withdraw",
            *(f"/registry/enterprises/{enterprise['id']}/edit/{part}" for part in PARTS),
            f"/registry/enterprises/{enterprise['id']}/formalization/tax_id",
            f"/registry/enterprises/{enterprise['id']}/owners/new",
            f"/registry/people/{woman}/edit/household",
            f"/registry/people/{woman}/edit/difficulties",
            "/registry/institutions",
            "/registry/institutions/new",
            "/registry/centres/new",
            "/registry/exports",
            "/registry/exports/new?need=credit&municipality=HN17",
            "/registry/forms",
            "/registry/drafts",
            f"/registry/drafts/{sent(house, new_token(house), direccion='Camino nuevo')['draft_id']}",
            "/registry/imports",
            "/registry/imports/new",
            f"/registry/imports/{found['id']}",
            f"/registry/imports/{found['id']}/undo",
            f"/registry/imports/{own['id']}",
            f"/registry/imports/{own['id']}/columns",
            "/registry/duplicates",
            "/registry/duplicates/certain",
            f"/registry/duplicates/{pair}",
            f"/registry/duplicates/{pair}/merge",
            "/registry/duplicates/merges",
            f"/registry/duplicates/merges/{merged}",
            "/registry/accompaniments",
            f"/registry/accompaniments/{plan}",
            f"/registry/accompaniments/{plan}/visit",
            f"/registry/accompaniments/new/{enterprise['id']}",
            *projects(house, enterprise["id"], plan),
            *made_known(house, enterprise["id"]),
        ]
        with served(portal.web) as address:
            yield Place(portal, house, address, paths)
        house.database.dispose()


def projects(house: House, enterprise_id: str, implemented: str) -> list[str]:
    """The pages of a case that is in its idea, with a plan that is ready and another one being written."""
    case = opened(house, enterprise_id=enterprise_id)
    ready = ready_plan(house, case, **WHOLE)["id"]
    draft = house.call("POST", "/business-plans", json={"accompaniment_id": case["id"]}).json["id"]
    parts = ("plan_texts", "plan_products", "plan_costs", "plan_investments", "plan_terms")
    return [
        "/registry/accompaniments/agenda",
        "/registry/accompaniments/hours",
        f"/registry/accompaniments/{case['id']}",
        f"/registry/accompaniments/{case['id']}/project",
        f"/registry/accompaniments/{case['id']}/move/planning",
        f"/registry/accompaniments/{implemented}/move/consolidation",
        "/registry/plans",
        f"/registry/plans/{ready}",
        f"/registry/plans/{draft}",
        *(f"/registry/plans/{draft}/edit/{part}" for part in parts),
        f"/registry/plans/{draft}/ready",
        f"/registry/plans/{draft}/compare/{ready}",
    ]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


def signed_in(browser: Browser, place: Place, language: str = "es", **more: object) -> tuple[BrowserContext, Page]:
    context = browser.new_context(bypass_csp=True, base_url=place.address, **more)  # type: ignore[arg-type]
    context.add_cookies([{"name": "language", "value": language, "url": place.address}])
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("[name=username]", "ana")
    page.fill("[name=password]", PASSWORD)
    page.click("main button")
    page.wait_for_url("**/")
    return context, page


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_and_nothing_is_cut_off(browser: Browser, place: Place, language: str, width: int) -> None:
    context, page = signed_in(browser, place, language, viewport={"width": width, "height": 900})
    found = []
    for path in place.paths:
        page.goto(path)
        page.evaluate("document.querySelectorAll('main details').forEach(d => d.open = true)")
        found += [f"{path}: {line}" for line in violations(page)]
        if overflows(page):
            found.append(f"{path}: wider than {width} px")
    context.close()
    assert found == []


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_an_upload_is_watched_until_its_report(browser: Browser, place: Place, tmp_path: Path, scripts: bool) -> None:
    file = tmp_path / LONG
    file.write_bytes(workbook([submission(50), submission(51, doc_num="12")]))
    context, page = signed_in(browser, place, java_script_enabled=scripts)
    page.goto("/registry/imports/new")
    page.set_input_files("[name=file]", file)
    page.click("main form button")
    assert "Formularios revisados" in page.inner_text("main")
    with worker(place.house):
        page.wait_for_selector("text=Esto fue un ensayo", timeout=30_000)
        assert "Número de documento muy corto o muy largo" in page.inner_text("main")
    context.close()
