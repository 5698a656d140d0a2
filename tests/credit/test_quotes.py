"""What a credit would cost is shown before anybody applies, in the file, before the money is paid out, and on the note."""

from datetime import timedelta
from typing import Any

import pytest

from services.credit.models import Loan
from shared import files
from shared.kernel import Invalid, clock
from tests.credit.client import Client
from tests.credit.house import OFFICER, TECHNICIAN, House, product
from tests.credit.test_pages import Town, housed, town
from tests.credit.test_printed import text_of as paper_text
from tests.portal.conftest import text_of

__all__ = ["town"]

ASKED = "product=working-capital&amount=8000.00&instalments=12"


@pytest.fixture
def fund(build_house) -> Any:
    house, _ = build_house(lambda house: house.adopt(products=product(longest_first_period=60, longest_grace=2)))
    return house.fund.id


def test_a_quote_tells_both_rates_and_what_is_paid_in_all(client: Client, fund):
    told = client.get(TECHNICIAN, f"/funds/{fund}/quote?{ASKED}").body
    assert told["annual_percentage_rate"] == "18.00"
    assert 19.4 < float(told["effective_annual_rate"]) < 19.7
    paid = sum(float(row["payment"]["amount"]) for row in told["items"])
    assert told["total"]["amount"] == f"{paid:.2f}"
    assert told["finance_charge"]["amount"] == f"{paid - 8000:.2f}"


def test_a_quote_takes_a_first_due_date_where_it_is_free(client: Client, fund):
    late = clock.today() + timedelta(days=45)
    told = client.get(TECHNICIAN, f"/funds/{fund}/quote?{ASKED}&first_due={late}").body
    assert told["items"][0]["due"] == late.isoformat()
    refused = client.get(TECHNICIAN, f"/funds/{fund}/quote?{ASKED}&first_due={late + timedelta(days=30)}")
    assert (refused.status, refused.code) == (422, "application.first_due_out_of_range")


def test_products_tell_what_may_be_chosen(client: Client, fund):
    row = client.get(TECHNICIAN, f"/funds/{fund}/products").body["items"][0]
    assert row["longest_first_period"] == 60
    assert (row["calendar"], row["shares"], row["shift"]) == ([], [], "none")
    assert (row["longest_grace_interest_payment"], row["longest_grace_interest"]) == (0, 0)


def test_an_application_for_more_harvests_than_are_left_is_refused_when_it_is_handed_in(house: House):
    house.adopt(products=product(calendar=["2026-12-15", "2027-02-15"], shortest=1))
    with pytest.raises(Invalid) as refusal:
        house.submitted(instalments=3)
    assert refusal.value.code == "application.calendar_too_short"


def test_the_file_and_the_preview_tell_the_cost(client: Client, build_house):
    _, application = build_house(lambda house: house.approved())
    file = client.get(OFFICER, f"/applications/{application.id}").body
    assert file["appraisals"][0]["annual_percentage_rate"] == "18.00"
    preview = client.get(OFFICER, f"/applications/{application.id}/schedule").body
    assert preview["annual_percentage_rate"] == "18.00"
    assert len(preview["items"]) == 12


def test_the_money_is_paid_out_with_the_first_due_date_that_was_agreed(client: Client, build_house):
    def step(house: House) -> Any:
        house.adopt(products=product(longest_first_period=60))
        return house.approved()

    _, application = build_house(step)
    late = (clock.today() + timedelta(days=40)).isoformat()
    told = client.get(OFFICER, f"/applications/{application.id}/schedule?first_due={late}").body
    body = {"disbursed_on": clock.today().isoformat(), "first_due": late}
    loan = client.post(OFFICER, f"/applications/{application.id}/disbursement", body).body
    assert [row["due"] for row in loan["instalments"]] == [row["due"] for row in told["items"]]
    assert loan["terms"]["first_due"] == late


def test_the_promissory_note_discloses_both_rates_and_the_cost(house: House):
    loan: Loan = house.disbursed()
    said = paper_text(files.read(house.session, loan.note_file_id)).replace("\xa0", " ")
    for words in (
        "Tasa porcentual anual (TPA)",
        "18.00 % por el método actuarial",
        "Tasa efectiva anual (TEA)",
        "en total pagará L 11,001.",
    ):
        assert words in said, words


def test_the_page_of_quotes_shows_the_schedule_and_the_cost_without_javascript(town: Town):
    housed(town, lambda house: house.adopt(products=product(longest_first_period=60)))
    technician = town.signed_in("tecla", "technician")
    page = technician.get("/credit/quote")
    assert page.status_code == 200
    assert "Vencimiento de la primera cuota" in page.text
    asked = {"product": "working-capital", "amount": "8,000.00", "instalments": "12", "grace": "0"}
    shown = text_of(technician.get("/credit/quote", query_string=asked | {"start": "2026-03-05"}))
    for words in (
        "Tasa porcentual anual (TPA)",
        "18.00 %",
        "Tasa efectiva anual (TEA)",
        "En total pagará",
        "5 mar 2027",
    ):
        assert words in shown, words
    wrong = technician.get("/credit/quote", query_string=asked | {"instalments": "99"})
    assert "El producto se paga en" in text_of(wrong)
    odd = technician.get("/credit/quote", query_string=asked | {"amount": "x"})
    assert "Escriba el monto con un punto" in text_of(odd)


def test_the_page_of_quotes_says_when_nothing_is_lent(town: Town):
    technician = town.signed_in("tecla", "technician")
    assert "Ningún fideicomiso presta hoy aquí" in text_of(technician.get("/credit/quote"))


def test_who_pays_out_sees_the_cost_and_agrees_the_first_due_date(town: Town):
    def step(house: House) -> Any:
        house.adopt(products=product(longest_first_period=60))
        return house.approved()

    application = housed(town, step)
    cashier = town.signed_in("cata", "cashier")
    form = f"/credit/applications/{application.id}/disburse"
    page = cashier.get(form)
    assert "TPA 18.00 %, TEA" in text_of(page)
    late = (clock.today() + timedelta(days=40)).isoformat()
    shown = cashier.get(form, query_string={"disbursed_on": clock.today().isoformat(), "first_due": late})
    assert "14 abr 2026" in text_of(shown)
