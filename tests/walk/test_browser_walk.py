"""The main job through the pages, in Spanish, by the people whose work it is; axe-core reads every page crossed."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, expect

from deploy.demonstration import lending
from deploy.demonstration.accounts import PASSWORD
from shared.kernel import clock
from tests.portal.screen import chromium, overflows, violations
from tests.walk.houses import embedded
from tests.walk.walk import Walk

TODAY = clock.today().isoformat()
pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]


@pytest.fixture
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


class Desk:
    """One person at her browser."""

    def __init__(self, browser: Browser, address: str, username: str, width: int = 1280) -> None:
        context = browser.new_context(
            bypass_csp=True, base_url=address, locale="es-HN", viewport={"width": width, "height": 900}
        )
        self.page: Page = context.new_page()
        self.page.goto("/sign-in")
        self.page.fill("[name=username]", username)
        self.page.fill("[name=password]", PASSWORD)
        self.page.click("main button")
        self.page.wait_for_url("**/")
        self.read()

    def go(self, path: str) -> None:
        """Open a page and read it as an auditor would."""
        answer = self.page.goto(path)
        assert answer is not None
        assert answer.ok, f"{path}: {answer.status}"
        self.read()

    def press(self, name: str) -> None:
        """Press a button or follow a link by what stands on it, and read the page it leads to."""
        main = self.page.locator("main")
        button = main.get_by_role("button", name=name).or_(main.get_by_role("link", name=name)).first
        with self.page.expect_navigation():
            button.click()
        expect(self.page.locator("main .errors")).to_have_count(0)
        self.read()

    def read(self) -> None:
        """Read the page; one that shows progress may go on to the next page meanwhile, and then that one is read."""
        while True:
            address = self.page.url
            try:
                expect(self.page.locator("h1")).to_have_count(1)
                assert violations(self.page) == [], address
                assert not overflows(self.page), f"{address} is wider than its window"
            except Error as left:
                if "navigation" not in left.message:
                    raise
                self.page.wait_for_load_state()
            else:
                return

    def sees(self, text: str) -> None:
        expect(self.page.locator("main")).to_contain_text(text)

    def pdf(self, selector: str) -> bytes:
        """What the link with this address downloads."""
        href = self.page.locator(f"main a[href*='{selector}']").first.get_attribute("href")
        answer = self.page.request.get(str(href))
        assert answer.ok, f"{href}: {answer.status}"
        return answer.body()


def test_the_main_job_is_done_through_the_pages(browser: Browser, tmp_path: Path, reference_data: Path) -> None:
    with embedded(tmp_path) as house:
        walk = Walk(house, reference_data)
        address = house.urls["portal"]
        try:
            _import_the_inventory(Desk(browser, address, "tecnica"), walk.file)
            _see_the_territory(Desk(browser, address, "coordinadora"), walk)
            _form_a_group(Desk(browser, address, "formadora", width=360))
            municipality = _lend(browser, address, walk)
            _the_loan_reaches_registry(Desk(browser, address, "tecnica", width=360))
            _pull_the_report(Desk(browser, address, "planificadora"), municipality)
        finally:
            walk.people.close()


def _import_the_inventory(desk: Desk, file: Path) -> None:
    desk.go("/registry/imports/new")
    desk.page.set_input_files("[name=file]", file)
    desk.page.check("[name=mode][value=try]")
    desk.press("Continuar")
    expect(desk.page.get_by_role("button", name="Importarlo ahora")).to_be_visible(timeout=60_000)
    desk.read()
    for count in ("150", "12", "50"):
        desk.sees(count)
    desk.press("Importarlo ahora")
    expect(desk.page.get_by_role("link", name="Ver el inventario")).to_be_visible(timeout=60_000)
    desk.read()
    desk.press("Ver el inventario")
    desk.sees("150")


def _see_the_territory(desk: Desk, walk: Walk) -> None:
    walk.see_the_territory()
    desk.go("/territory")
    expect(desk.page.locator("main svg").first).to_be_visible()
    expect(desk.page.locator("main table").first).to_be_visible()
    desk.go("/territory/chains")
    desk.sees("Comercialización")


def _form_a_group(desk: Desk) -> None:
    desk.go("/training/rounds/begin")
    desk.page.check("[name=topics][value=market]")
    desk.page.fill("[name=minimum]", "4")
    desk.page.fill("[name=reach_km]", "60")
    desk.press("Proponer grupos")
    desk.press("Dejar de buscar y conservar estos grupos")
    desk.page.locator("main h3 a[href*='/groups/']").first.click()
    desk.read()
    desk.press("Formar este grupo")


def _lend(browser: Browser, address: str, walk: Walk) -> str:
    fund = lending.set_up_lending(walk.people, units=("HN",))
    enterprise = walk._creditworthy(fund)
    name = walk.people["coordinadora"].get("registry", f"/enterprises/{enterprise.id}")["name"]
    officer, technician = Desk(browser, address, "oficial"), Desk(browser, address, "tecnica", width=360)
    _apply(officer, name, enterprise.id)
    application = officer.page.url.rpartition("/")[2]
    _appraise(technician, application)
    _secure(technician, application)
    session = _convene(Desk(browser, address, "coordinadora"))
    _decide(browser, address, session)
    loan = _disburse(Desk(browser, address, "cajera"), application)
    _repay(Desk(browser, address, "cajera2", width=360), loan)
    return enterprise.municipality


def _apply(desk: Desk, name: str, enterprise_id: str) -> None:
    desk.go("/credit/applications/new")
    desk.page.fill("main [name=q]", name)
    desk.press("Buscar")
    desk.page.locator(f"main a[href*='{enterprise_id}']").click()
    desk.read()
    desk.page.check("[name=product][value=capital]")
    desk.page.fill("[name=amount]", "15000")
    desk.page.fill("[name=instalments]", "6")
    desk.page.fill("[name=grace]", "0")
    desk.page.select_option("[name=purpose]", "inputs")
    desk.page.fill("[name=project]", "Comprar insumos para la temporada alta.")
    desk.press("Presentar la solicitud")
    desk.sees("15,000.00")


def _appraise(desk: Desk, application: str) -> None:
    desk.go(f"/credit/applications/{application}/appraise")
    desk.page.fill("[name=visited_on]", TODAY)
    for name, value in (("sales-0-what", "Pan"), ("sales-0-amount", "15000"), ("business_expense-0-amount", "13500")):
        desk.page.fill(f"[name={name}]", value)
    desk.page.locator("[name=add][value=sales]").click()
    desk.page.fill("[name=sales-1-amount]", "9000")
    desk.page.check("[name=answers-records][value=daily]")
    desk.page.check("[name=assistance_needs][value=market]")
    desk.page.check("[name=recommendation][value=approve]")
    desk.press("Revisar la evaluación")
    desk.sees("puntos de 100")
    desk.press("Guardar en el expediente")
    desk.sees("Recomienda: Aprobar")


def _secure(desk: Desk, application: str) -> None:
    desk.go(f"/credit/applications/{application}/guarantees")
    desk.page.check("[name=kind][value=pledge]")
    desk.page.fill("[name=value]", "9000")
    desk.page.fill("[name=description]", "Congelador, con su factura")
    desk.press("Guardar en el expediente")
    desk.sees("Prenda de bienes muebles")
    desk.go("/credit/groups")
    desk.press("Formar un grupo")
    desk.sees("Nombre del grupo")


def _convene(desk: Desk) -> str:
    desk.go("/credit/sessions/new")
    desk.page.fill("[name=held_on]", TODAY)
    desk.page.fill("[name=held_at]", "09:30")
    desk.page.fill("[name=place]", "Sala de la ADEL")
    desk.page.locator("[name=applications]").first.check()
    desk.press("Convocar")
    return desk.page.url


def _decide(browser: Browser, address: str, session: str) -> None:
    """The chair opens with a roll call, the three constituencies vote on their phones, the chair counts and closes."""
    path = session.removeprefix(address)
    members = {name: Desk(browser, address, name, width=360) for name, *_ in lending.COMMITTEE}
    chair = members["comite.mujeres"]
    chair.go(path)
    for box in chair.page.locator("[name=present]").all():
        box.check()
    chair.press("Revise la lista")
    chair.press("Abrir la sesión")
    for member in members.values():
        member.go(path)
        member.page.check("[name=choice][value=approve]")
        member.press("Revisar mi voto")
        member.press("Emitir mi voto")
    chair.go(path)
    chair.press("Cerrar el punto y contar")
    chair.sees("Resolución")
    chair.go(f"{path}/close")
    chair.press("Cerrar y levantar el acta")
    assert chair.pdf("/acta").startswith(b"%PDF")


def _disburse(desk: Desk, application: str) -> str:
    desk.go(f"/credit/applications/{application}/disburse")
    desk.page.check("[name=handed_over]")
    desk.press("Desembolsar")
    assert re.search(r"/credit/loans/[0-9a-f-]{36}", desk.page.url)
    return desk.page.url.partition("?")[0]


def _repay(desk: Desk, loan: str) -> None:
    desk.go(f"{loan}/repay")
    desk.page.fill("[name=amount]", "1000")
    desk.page.check("[name=channel][value=cash]")
    desk.press("Continuar")
    desk.press("Registrar y dar el recibo")
    assert desk.pdf("/pdf").startswith(b"%PDF")


def _the_loan_reaches_registry(desk: Desk) -> None:
    for _ in range(60):
        desk.page.goto("/registry/accompaniments?technician=nobody")
        links = desk.page.locator("main a[href*='/registry/accompaniments/']")
        if links.count():
            break
        desk.page.wait_for_timeout(500)
    links.first.click()
    desk.read()


def _pull_the_report(desk: Desk, municipality: str) -> None:
    desk.go(f"/territory/reports/{municipality}")
    assert desk.pdf("document").startswith(b"%PDF")
