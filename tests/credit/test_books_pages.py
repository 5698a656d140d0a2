"""The pages of the books, walked without JavaScript by the people whose work it is."""

import io
import re
from typing import Any
from uuid import UUID

import pytest

from shared.kernel import clock
from tests.credit.house import House
from tests.credit.test_funding import NEXT_YEAR, earned
from tests.credit.test_pages import Town, hidden, housed, last_path, town  # noqa: F401 - a fixture
from tests.credit.test_statements import HABITS
from tests.portal.conftest import Browser, text_of


def fund_of(house: House) -> str:
    return f"/credit/funds/{house.fund.id}"


@pytest.fixture
def fund(town: Town) -> str:  # noqa: F811
    """The address of a fund that has money and one loan."""

    def step(house: House) -> str:
        house.disbursed()
        return fund_of(house)

    return str(housed(town, step))


def test_the_books_are_shown_as_of_the_day_that_is_asked_for(town: Town, fund: str):  # noqa: F811
    officer = town.signed_in("ofelia", "credit_officer")
    assert f"{fund}/books" in officer.get(fund).text
    page = text_of(officer.get(f"{fund}/books"))
    for words in ("Todo cuadra", "1201 Préstamos", "L10,000.00", "Activo L100,000.00 = pasivo L0.00"):
        assert words in page, words
    assert "1201" not in text_of(officer.get(f"{fund}/books?date=2026-03-04"))
    assert "Hasta este día no hay nada asentado" in text_of(officer.get(f"{fund}/books?date=2020-01-01"))
    wrong = officer.get(f"{fund}/books?date=2026-02-30")
    assert wrong.status_code == 422
    assert "Hay un problema" in text_of(wrong)
    assert town.signed_in("tecla", "technician").get(f"{fund}/books").status_code == 403


def done(browser: Browser, address: str, typed: dict[str, str]) -> Any:
    """Fills a movement in, checks it and books it; comes back with the last answer."""
    browser.get(address)
    checked = browser.post(f"{address}/check", typed)
    assert checked.status_code == 200, text_of(checked)
    return browser.post(address, typed | {"key": hidden(checked.text, "key")})


def test_money_comes_in_and_goes_back_through_the_pages(town: Town, fund: str):  # noqa: F811
    coordinator = town.signed_in("coralia", "coordinator")
    given = {
        "funder": "Banco <b>de Prueba</b>",
        "source": "bank",
        "repayable": "yes",
        "amount": "50,000.00",
        "received_on": "2026-03-01",
    }
    address = f"{fund}/contribute"
    coordinator.get(address)
    unfinished = coordinator.post(f"{address}/check", given | {"amount": "", "source": ""})
    assert unfinished.status_code == 422
    assert "Monto: complete este campo." in text_of(unfinished)
    assert 'value="2026-03-01"' in unfinished.text, "what was typed is kept"
    wrong = coordinator.post(f"{address}/check", given | {"amount": "1.250"})
    assert wrong.status_code in {200, 422}
    checked = coordinator.post(f"{address}/check", given)
    assert "Reembolsable" in text_of(checked)
    assert "L50,000.00" in text_of(checked)
    sent = given | {"key": hidden(checked.text, "key")}
    assert "Quién aporta" in text_of(coordinator.post(address, sent | {"back": "yes"}, page=address))
    for _ in range(2):
        assert coordinator.post(address, sent, page=address).status_code == 303
    page = coordinator.get(f"{fund}/funding")
    assert "Banco &lt;b&gt;de Prueba" in page.text
    shown = text_of(page)
    assert shown.count("L50,000.00") == 6, (
        "booked once: the contribution, the sums of its source, what is to be paid back"
    )
    assert "L150,000.00" in shown, "the total of all sources"
    about = re.search(r"withdraw\?about=([0-9a-f-]{36})[^<]*<span class=\"hidden\"> Banco", page.text)
    assert about is not None
    back = {"about": about[1], "amount": "20000", "interest": "450", "paid_on": "2026-03-05", "reason": "Cuota 1"}
    too_much = done(coordinator, f"{fund}/withdraw?about={about[1]}".partition("?")[0], back | {"amount": "50001"})
    assert (too_much.status_code, "Del aporte quedan L50,000.00" in text_of(too_much)) == (409, True)
    assert last_path(done(coordinator, f"{fund}/withdraw", back)) == f"{fund}/funding"
    told = text_of(coordinator.get(f"{fund}/funding"))
    for words in ("Cuota 1", "L450.00", "L30,000.00"):
        assert words in told, words


def test_a_movement_of_something_that_is_not_there_is_not_found(town: Town, fund: str):  # noqa: F811
    coordinator = town.signed_in("coralia", "coordinator")
    for page in ("withdraw", "withdraw?about=nothing", f"pay-share?about={UUID(int=7)}"):
        assert coordinator.get(f"{fund}/{page}").status_code == 404


def test_income_is_shared_and_paid_through_the_pages(town: Town):  # noqa: F811
    def step(house: House) -> str:
        earned(house)
        return fund_of(house)

    fund, coordinator = housed(town, step), town.signed_in("coralia", "coordinator")
    assert "distribuye el resultado cada año: ADEL Valle 30 %; Red 12.5 %" in text_of(
        coordinator.get(f"{fund}/funding")
    )
    with clock.frozen(NEXT_YEAR):
        coordinator = town.signed_in("carmen", "coordinator")
        early = done(coordinator, f"{fund}/share-income", {"ends_on": "2026-11-30"})
        assert (early.status_code, "no cierra un período" in text_of(early)) == (422, True)
        wrong = coordinator.post(f"{fund}/share-income/check", {"ends_on": "mañana"})
        assert wrong.status_code == 422
        assert done(coordinator, f"{fund}/share-income", {"ends_on": "2026-12-31"}).status_code == 303
        page = coordinator.get(f"{fund}/funding")
        assert "L575.01" in text_of(page)
        part = re.search(r"pay-share\?about=([0-9a-f-]{36})", page.text).group(1)  # type: ignore[union-attr]
        paid = done(coordinator, f"{fund}/pay-share", {"about": part, "paid_on": "2027-01-10"})
        assert paid.status_code == 303
        assert "10 ene 2027" in text_of(coordinator.get(f"{fund}/funding"))


def test_what_the_bank_charges_and_what_the_drawer_holds_is_booked_through_the_pages(town: Town):  # noqa: F811
    def step(house: House) -> str:
        house.repay(house.disbursed(), "916.80")
        return fund_of(house)

    fund, officer = housed(town, step), town.signed_in("ofelia", "credit_officer")
    charge = {"item": "bank_charge", "amount": "25", "booked_on": "2026-03-05", "memo": "Comisión mensual"}
    assert done(officer, f"{fund}/bank-item", charge).status_code == 303
    cashier = town.signed_in("casilda", "cashier")
    much = done(cashier, f"{fund}/deposit", {"amount": "916.81", "deposited_on": "2026-03-05"})
    assert much.status_code == 409
    assert done(cashier, f"{fund}/deposit", {"amount": "916.80", "deposited_on": "2026-03-05"}).status_code == 303
    told = text_of(officer.get(fund))
    for words in ("Cargo del banco: Comisión mensual", "Depósito de la caja", "L90,891.80"):
        assert words in told, words


def test_a_statement_is_reconciled_through_the_pages(town: Town, fund: str):  # noqa: F811
    officer = town.signed_in("ofelia", "credit_officer")
    officer.get(f"{fund}/statements")
    assert officer.post(f"{fund}/statements", {}).status_code == 422
    refusal = officer.post(f"{fund}/statements", {"file": (io.BytesIO(b"%PDF"), "x.pdf")})
    assert "no es una tabla" in text_of(refusal)
    sent = officer.post(f"{fund}/statements", {"file": (io.BytesIO(HABITS.encode()), "marzo.csv")})
    here = last_path(sent)
    page = officer.get(here)
    assert 'value="3" selected' in page.text, "the column of debits is guessed"
    choice = {"begins": "3", "day_first": "yes", "date": "0", "description": "1", "debit": "3", "credit": "4"}
    wrong = officer.post(f"{here}/columns", choice)
    assert (wrong.status_code, "escriba el saldo" in text_of(wrong)) == (422, True)
    assert officer.post(f"{here}/columns", choice | {"balance": "5"}).status_code == 303
    page = officer.get(here)
    for words in ("Comisión por manejo", "L89,975.00", "-L25.00", "Transferencia cooperación"):
        assert words in text_of(page), words
    chosen = dict(re.findall(r'<select name="(entry-[0-9a-f-]{36})".*?value="([0-9a-f-]{36})" selected', page.text))
    assert len(chosen) == 2
    assert officer.post(f"{here}/matches", dict.fromkeys(chosen, "")).status_code == 422
    officer.get(here)
    assert officer.post(f"{here}/matches", chosen).status_code == 303
    page = officer.get(here)
    book = re.search(rf'action="({here}/lines/[0-9a-f-]{{36}}/book)"', page.text).group(1)  # type: ignore[union-attr]
    booked = {"item": "bank_charge", "key": hidden(page.text, "key")}
    for _ in range(2):
        assert officer.post(book, booked, page=here).status_code == 303
    assert "El banco y los libros dicen lo mismo" in text_of(officer.get(here))
    assert officer.post(f"{here}/take-back", {}, page=here).status_code == 409
    assert officer.post(book.replace("/book", "/release"), {}, page=here).status_code == 303
    assert "Solo en los libros" not in text_of(officer.get(f"{fund}/statements"))
    auditor = town.signed_in("aurora", "auditor")
    assert "Deshacer" not in auditor.get(here).text
    assert auditor.post(f"{here}/matches", chosen, page=here).status_code == 403


WRITERS = {
    "contribute": {"coordinator", "credit_officer"},
    "withdraw": {"coordinator"},
    "bank-item": {"coordinator", "credit_officer"},
    "share-income": {"coordinator"},
    "pay-share": {"coordinator"},
    "deposit": {"cashier", "credit_officer"},
    "count": {"cashier", "credit_officer"},
}


def test_every_page_of_the_books_is_for_those_whom_the_api_lets(town: Town):  # noqa: F811
    """A page that writes is for exactly the roles of the operation behind it."""
    from services.credit.api import drawers, funding, funds, statements

    allowed = {
        operation.path.partition("<uuid:fund_id>")[2]: set(operation.allow)
        for resource in (funding.resource, funds.resource, statements.resource, drawers.resource)
        for operation in resource.operations
        if operation.method == "POST"
    }
    behind = {
        "contribute": "/contributions",
        "withdraw": "/withdrawals",
        "bank-item": "/bank-items",
        "share-income": "/income-shares",
        "pay-share": "/income-shares/<uuid:part_id>/payment",
        "deposit": "/deposits",
        "count": "/drawer/counts",
    }
    web, seen = town.portal.web, set()
    for rule in web.url_map.iter_rules():
        name = rule.rule.removeprefix("/credit/funds/<uuid:fund_id>/").partition("/")[0]
        if rule.rule.startswith("/credit/funds/<uuid:fund_id>/") and name in WRITERS:
            roles = web.view_functions[rule.endpoint].roles  # type: ignore[attr-defined]
            assert roles == WRITERS[name] == allowed[behind[name]], rule.rule
            seen.add(name)
        if rule.rule.startswith("/credit/funds/<uuid:fund_id>/statements") and "POST" in (rule.methods or ()):
            roles = web.view_functions[rule.endpoint].roles  # type: ignore[attr-defined]
            assert roles == allowed["/statements"], rule.rule
    assert seen == set(WRITERS)


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_page_stands_in_both_languages(town: Town, fund: str, language: str):  # noqa: F811
    coordinator = town.signed_in("coralia", "coordinator")
    coordinator.client.set_cookie("language", language)
    for page in ("books", "funding", "statements", "drawer", "contribute", "bank-item", "share-income", "reserve"):
        shown = coordinator.get(f"{fund}/{page}")
        assert shown.status_code == 200, page
        assert ("Trust fund" in shown.text or "Credit" in shown.text) == (language == "en"), page


def test_a_fund_is_set_up_from_nothing_through_the_pages(town: Town):  # noqa: F811
    coordinator = town.signed_in("coralia", "coordinator")
    assert "Abrir un fondo" in text_of(coordinator.get("/credit/funds"))
    page = coordinator.get("/credit/funds/new")
    assert 'value="HNL" selected' in page.text, "the currency of her country"
    assert "San Lorenzo" in text_of(page)
    typed = {
        "name": "Fondo Semilla",
        "code": "SEM",
        "kind": "seed_capital",
        "centre": "CSEM Golfo",
        "host": "ADEL Valle",
        "trustee": "Banco de Prueba",
        "trustee_account": "000-222",
        "currency": "HNL",
        "reserve": "0",
        "units": ["HN1709", "HN1701"],
    }
    wrong = coordinator.post("/credit/funds/new", typed | {"code": "sem", "units": [], "reserve": "x"})
    assert wrong.status_code == 422
    assert 'value="Fondo Semilla"' in wrong.text, "what was typed is kept"
    fund = last_path(coordinator.post("/credit/funds/new", typed)).removesuffix("/funding")
    shown = text_of(coordinator.get(f"{fund}/funding"))
    for words in ("Nadie ha aportado todavía", "El fondo está abierto"):
        assert words in shown, words
    assert "Capital semilla" in text_of(coordinator.get(fund))
    given = {"funder": "ADEL", "source": "own", "repayable": "no", "amount": "9000", "received_on": "2026-03-05"}
    assert done(coordinator, f"{fund}/contribute", given).status_code == 303
    version = hidden(coordinator.get(f"{fund}/reserve").text, "version")
    assert coordinator.post(f"{fund}/reserve", {"reserve": "500", "version": version}).status_code == 303
    assert "L8,500.00" in text_of(coordinator.get(fund))
    stale = coordinator.post(f"{fund}/reserve", {"reserve": "700", "version": version}, page=f"{fund}/reserve")
    assert stale.status_code == 412


def test_the_cashier_counts_her_drawer(town: Town):  # noqa: F811
    def step(house: House) -> str:
        house.repay(house.disbursed(), "916.80")
        return fund_of(house)

    fund, cashier = housed(town, step), town.signed_in("casilda", "cashier")
    assert "/credit/drawer" in cashier.get("/credit/funds").text
    assert last_path(cashier.get("/credit/drawer")) == f"{fund}/drawer"
    shown = text_of(cashier.get(f"{fund}/drawer"))
    for words in ("Pagos del día", "Efectivo en caja", "Casilda Cajera", "L916.80"):
        assert words in shown, words
    missing = done(cashier, f"{fund}/count", {"counted": "900.00", "reason": ""})
    assert (missing.status_code, "hay una diferencia de -L16.80" in text_of(missing)) == (422, True)
    counted = {"counted": "900.00", "reason": "Cambio mal dado"}
    assert last_path(done(cashier, f"{fund}/count", counted)) == f"{fund}/drawer"
    shown = text_of(cashier.get(f"{fund}/drawer"))
    for words in ("Cambio mal dado", "-L16.80", "L900.00"):
        assert words in shown, words
    assert cashier.get(f"{fund}/drawer?date=2026-02-30").status_code == 422
    assert "Ese día no pagó nadie" in text_of(cashier.get(f"{fund}/drawer?date=2026-03-04"))
    assert town.signed_in("tecla", "technician").get("/credit/drawer").status_code == 403
