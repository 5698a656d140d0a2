"""What opening a loan costs: in the schedule, in what a year costs, in the books, on the papers. The figures are worked
out by hand beside each test.
"""

from decimal import Decimal
from typing import Any

import pytest

from services.credit.models import Loan
from services.credit.queries.books import checked_books
from services.credit.queries.funds import quote
from services.credit.queries.prospects import lending_of
from services.credit.rules import contracts, regulations
from services.credit.rules.cost import cost
from services.credit.rules.fees import read_fee
from services.credit.rules.ledger import ACCOUNTS, balance_sheet, disbursement
from services.credit.rules.products import Product
from services.credit.rules.schedules import schedule
from services.credit.tables import holidays_on
from shared import files
from shared.kernel import Invalid, Refused, clock
from tests.credit.changing import approved as changed
from tests.credit.changing import asked, resolved
from tests.credit.closing import RULES, close, on, require_identities
from tests.credit.house import OFFICER, PARAMETERS, TODAY, House, lempiras, product
from tests.credit.test_printed import text_of

DAY = TODAY.date()
TWO_PERCENT = {"share": "2", "source": "art. 12"}
WITH_THE_FIRST = TWO_PERCENT | {"paid": "first_instalment"}


def one_month(fee: dict[str, Any]) -> dict[str, Any]:
    """Rules that lend for one month at 12 % a year."""
    return {"products": product(shortest=1, longest=12, annual_rate="12", longest_grace=0, fee=fee)}


def lent(session: Any, fee: dict[str, Any]) -> tuple[House, Loan]:
    house = House.build(session, **RULES, **one_month(fee))
    return house, house.disbursed("10000.00", instalments=1)


def balance(house: House, name: str) -> int:
    return house.fund.balances(house.session)[ACCOUNTS[name]]


def agrees(house: House) -> None:
    assert checked_books(house.session, house.fund.id, clock.today()) == []
    require_identities(house.session, house.fund)


def test_a_fee_is_a_share_and_an_amount_and_half_a_cent_counts_as_one():
    fee = read_fee({"share": "2.5", "amount": 50_00, "source": "art. 12"}, "/products/0/fee", 500_00)
    assert [fee.of(cents) for cents in (10_000_00, 333_33, 500_20)] == [300_00, 58_33, 62_51]


@pytest.mark.parametrize(
    ("fee", "field"),
    [
        ({"share": "2"}, "source"),
        ({"share": "100", "source": "art. 12"}, "share"),
        ({"share": "-1", "source": "art. 12"}, "share"),
        ({"share": "1E-999999", "amount": 1_00, "source": "art. 12"}, "share"),
        ({"share": "2.00001", "source": "art. 12"}, "share"),
        ({"share": "２", "source": "art. 12"}, "share"),
        ({"amount": 500_00, "source": "art. 12"}, "amount"),
        ({"amount": 0, "source": "art. 12"}, "amount"),
        ({"share": "2", "paid": "later", "source": "art. 12"}, "paid"),
    ],
)
def test_a_fee_that_cannot_be_taken_or_has_no_source_is_refused(fee: dict[str, Any], field: str):
    with pytest.raises(Invalid) as found:
        regulations.read(PARAMETERS | {"products": product(fee=fee)})
    assert found.value.pointer == f"/parameters/products/0/fee/{field}"


def test_a_product_in_parts_has_no_fee():
    with pytest.raises(Invalid) as found:
        regulations.read(PARAMETERS | {"products": product(tranches=2, fee=TWO_PERCENT)})
    assert found.value.pointer == "/parameters/products/0/fee"


def test_what_is_kept_back_costs_as_if_it_were_paid_on_the_first_day():
    """10,000 for a month at 12 %: 10,100 comes back, 9,800 was received. 10,100 / 9,800 - 1 = 3.0612 % a month, 36.73 %
    a year; (10,100 / 9,800) ** (365 / 31) - 1 = 42.62 %.
    """
    terms = Product.read(one_month(TWO_PERCENT)["products"][0]).terms(10_000_00, 1, DAY)
    found = cost(terms, schedule(terms))
    assert (found.annual_percentage_rate, found.finance_charge, found.total) == (Decimal("36.73"), 300_00, 10_300_00)
    assert found.effective_annual_rate == Decimal(str(round(((10_100 / 9_800) ** (365 / 31) - 1) * 100, 2)))


def test_what_is_paid_with_the_first_instalment_stands_in_it():
    """10,000 for a month at 12 %: 10,300 comes back, 3 % a month, 36 % a year."""
    terms = Product.read(one_month(WITH_THE_FIRST)["products"][0]).terms(10_000_00, 1, DAY)
    rows = schedule(terms)
    assert [(row.principal, row.interest, row.fee, row.payment) for row in rows] == [
        (10_000_00, 100_00, 200_00, 10_300_00)
    ]
    assert cost(terms, rows).annual_percentage_rate == Decimal("36.00")


def test_only_the_first_instalment_asks_for_it():
    terms = Product.read(one_month(WITH_THE_FIRST)["products"][0]).terms(10_000_00, 12, DAY)
    assert [row.fee for row in schedule(terms)] == [200_00, *[0] * 11]


def test_a_loan_without_a_fee_is_written_and_lent_as_before():
    terms = Product.read(PARAMETERS["products"][0]).terms(10_000_00, 12, DAY)
    assert "fee" not in contracts.written(terms)
    assert disbursement(10_000_00) == disbursement(10_000_00, 0, 0)


@pytest.mark.parametrize("fee", [TWO_PERCENT, WITH_THE_FIRST])
def test_the_terms_of_a_loan_keep_its_fee(fee: dict[str, Any]):
    terms = Product.read(one_month(fee)["products"][0]).terms(10_000_00, 3, DAY)
    assert contracts.read(contracts.written(terms), 10_000_00, DAY, holidays_on) == terms


def test_a_fee_kept_back_is_income_the_day_the_money_is_handed_over(session: Any):
    house, loan = lent(session, TWO_PERCENT)
    assert (loan.principal, loan.withheld, loan.outstanding) == (10_000_00, 200_00, 10_100_00)
    assert balance(house, "loans") == 10_000_00
    assert balance(house, "cash_at_trustee") == 100_000_00 - 9_800_00
    assert balance(house, "fee_income") == -200_00
    assert balance_sheet(house.fund.balances(session)).result == 200_00, "it is shared out with the rest of the result"
    agrees(house)


def test_a_fee_of_the_first_instalment_is_income_when_it_is_paid(session: Any):
    house, loan = lent(session, WITH_THE_FIRST)
    assert (loan.withheld, loan.outstanding, balance(house, "fee_income")) == (0, 10_300_00, 0)
    close(session, house.fund.id, DAY)
    agrees(house)
    repayment = house.repay(loan, "10300.00")
    assert (repayment.fee, repayment.interest, repayment.principal) == (200_00, 100_00, 10_000_00)
    assert (balance(house, "fee_income"), loan.state) == (-200_00, "settled")
    agrees(house)


def test_the_trustee_needs_only_what_is_handed_over(session: Any):
    house = House.build(session, "10000.00", **one_month(TWO_PERCENT))
    application = house.approved("10000.00", instalments=1)
    house.disburse(application)
    assert balance(house, "cash_at_trustee") == 200_00


def test_the_quote_tells_the_fee_before_anybody_applies(session: Any):
    house = House.build(session, **one_month(TWO_PERCENT))
    told = quote(session, house.fund, product="working-capital", amount="10000.00", instalments=1, start=DAY)
    assert (told["fee"], told["fee_paid"]) == (lempiras("200.00"), "at_disbursement")
    assert told["handed_over"] == lempiras("9800.00")


@pytest.mark.parametrize(
    ("fee", "words"),
    [
        (TWO_PERCENT, "que se descuenta al desembolsar; la prestataria recibe"),
        (WITH_THE_FIRST, "que se paga con la primera cuota"),
    ],
)
def test_the_contract_says_what_opening_costs(session: Any, fee: dict[str, Any], words: str):
    _, loan = lent(session, fee)
    said = text_of(files.read(session, loan.note_file_id))
    assert "Comisión de apertura" in said
    assert words in said
    assert ("9,800.00" in said) == (fee is TWO_PERCENT)


def test_what_is_handed_over_of_a_loan_that_pays_another_off_is_said_alike_everywhere(build_house, client):
    """9,000 pay 6,000 off, and 2 % of 9,000 are kept back: 9,000 - 6,000 - 180 = 2,820."""

    def prepared(house: House) -> Any:
        return changed(house, house.disbursed("6000.00"), "refinance", amount=lempiras("9000.00"))

    house, application = build_house(prepared, **one_month(TWO_PERCENT))
    path = f"/applications/{application.id}"
    assert client.get(OFFICER, f"{path}/schedule").body["handed_over"] == {"amount": "2820.00", "currency": "HNL"}
    before = balance(house, "cash_at_trustee")
    loan = house.disburse(application)
    assert before - balance(house, "cash_at_trustee") == 2_820_00
    said = text_of(files.read(house.session, loan.note_file_id))
    assert said.count("2,820.00") == 2
    assert "3,000.00" not in said
    assert "8,820.00" not in said


def test_a_loan_that_pays_another_off_must_be_enough_for_its_fee_too(session: Any):
    """2 % of 6,122.45 are 122.45, which leaves 6,000.00; of a cent less, 5,999.99."""
    house = House.build(session, **one_month(TWO_PERCENT))
    loan = house.disbursed("6000.00")
    for amount in ("6000.00", "6122.44"):
        with pytest.raises(Invalid) as found:
            asked(house, loan, "refinance", amount=lempiras(amount))
        assert (found.value.code, found.value.facts["owed"]) == ("change.less_than_owed_and_fee", "6000.00")
    application = asked(house, loan, "refinance", amount=lempiras("6122.45"))
    with pytest.raises(Invalid, match=r"change\.less_than_owed_and_fee"):
        house.appraise(application, "6122.44")
    resolved(house, house.appraise(application, "6122.45"))
    with on(1), pytest.raises(Refused, match=r"change\.less_than_owed_and_fee") as refused:
        house.disburse(application)
    assert refused.value.facts["fee"] == lempiras("122.45")
    assert house.disburse(application).refinances == loan.id


@pytest.mark.parametrize(
    ("fee", "kept_back", "first"), [(TWO_PERCENT, Decimal("0.02"), 0), (WITH_THE_FIRST, 0, Decimal("0.02"))]
)
def test_a_fund_that_takes_a_fee_expects_it_of_what_it_lends(session: Any, fee: Any, kept_back: Any, first: Any):
    house = House.build(session, **one_month(fee))
    offered, _ = lending_of(session, house.fund, DAY)
    house.disbursed("10000.00", instalments=2)
    lent, loans = lending_of(session, house.fund, DAY)
    assert loans == 1
    assert lent.fees == pytest.approx((float(first), 0))
    for lending in (offered, lent):
        assert lending.kept_back == pytest.approx(float(kept_back))
        assert sum(lending.fees) == pytest.approx(float(first))
        assert lending.annual_rate == pytest.approx(12, abs=0.3), "a fee is no interest"
