"""A schedule is summed by calendar year and in all, alike on pages and papers."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from services.credit.queries.funds import offer
from services.credit.queries.loans import detail
from services.credit.rules.schedules import schedule
from services.credit.rules.terms import Terms
from services.credit.rules.yearly import by_year
from shared import files
from tests.credit.changing import rescheduled
from tests.credit.closing import on
from tests.credit.house import OFFICER, House
from tests.credit.test_cli import run  # noqa: F401 - a fixture
from tests.credit.test_pages import Town, housed, town
from tests.credit.test_printed import statement
from tests.credit.test_printed import text_of as paper_text
from tests.credit.test_schedule_properties import any_terms, quick
from tests.portal.conftest import text_of

__all__ = ["town"]
NAMES = ("principal", "interest", "payment")
AMOUNTS = st.fixed_dictionaries({name: st.integers(0, 10**9) for name in ("principal", "interest", "fee")})


@given(st.lists(st.tuples(st.dates(date(2000, 1, 1), date(2040, 12, 31)), AMOUNTS), min_size=1, max_size=60))
def test_the_years_sum_to_the_totals_to_the_cent(rows):
    found = by_year(rows)
    for name in ("principal", "interest", "fee"):
        assert sum(one.amounts[name] for one in found.years) == found.total[name]
        assert found.total[name] == sum(amounts[name] for _, amounts in rows)
    assert sum(one.instalments for one in found.years) == len(rows)
    assert [one.year for one in found.years] == sorted({due.year for due, _ in rows})
    assert found.years[-1].balance == found.balances[-1] == 0
    for one in found.years:
        assert one.balance == sum(amounts["principal"] for due, amounts in rows if due.year > one.year)


@quick
@given(any_terms())
def test_the_balance_at_the_end_of_a_year_is_that_after_its_last_instalment(terms: Terms):
    rows = schedule(terms)
    found = by_year((row.due, {name: getattr(row, name) for name in NAMES}) for row in rows)
    last = {row.due.year: row.balance for row in rows}
    assert {one.year: one.balance for one in found.years} == last
    assert list(found.balances) == [row.balance for row in rows]


def test_a_quote_tells_each_year():
    terms = Terms(1_200_00, Decimal(12), 12, date(2026, 6, 15))
    told = offer(terms, "HNL")
    assert [(row["year"], row["instalments"], str(row["balance"])) for row in told["years"]] == [
        (2026, 6, "617.89"),
        (2027, 6, "0.00"),
    ]
    for name in NAMES:
        assert sum(row[name].minor for row in told["years"]) == told["sums"][name].minor
    assert told["sums"]["payment"] == told["total"]


def test_the_account_of_a_changed_loan_is_summed_by_year_with_what_was_paid(house: House):
    loan = house.disbursed()
    house.repay(loan, "916.80")
    with on(70):
        rescheduled(house, loan, instalments=18)
        told = detail(house.session, OFFICER, loan)
        assert [row["year"] for row in told["years"]] == [2026, 2027]
        for name in ("principal", "interest", "fee", "penalty", "payment", "paid", "outstanding"):
            assert sum(row[name].minor for row in told["years"]) == told["totals"][name].minor
        assert told["totals"]["principal"].minor == loan.principal + loan.capitalised
        assert told["years"][-1]["balance"].minor == 0
        dues = [row["due"] for row in told["instalments"]]
        assert dues == sorted(dues)


def test_note_and_statement_print_the_sums_of_each_year(house: House):
    loan = house.disbursed()
    note = paper_text(files.read(house.session, loan.note_file_id))
    assert "Año 2026 7,330.09 921.11 8,251.20 2,669.91" in note
    assert "Año 2027 2,669.91 80.50 2,750.41 0.00" in note
    assert "Total 10,000.00 1,001.61 11,001.61" in note
    house.repay(loan, "916.80")
    said = statement(house, loan)
    assert "Año 2026 7,330.09 921.11 0.00 8,251.20 2,669.91 916.80 7,334.40" in said
    assert "Total 10,000.00 1,001.61 0.00 11,001.61 0.00 916.80 10,084.81" in said


def test_a_loan_that_ends_in_its_year_has_no_sums_but_the_totals(house: House):
    loan = house.disbursed("1000.00", instalments=6)
    assert "Año 2026" not in paper_text(files.read(house.session, loan.note_file_id))


def test_the_pages_show_each_year_between_its_instalments(town: Town):
    loan, fund = housed(town, lambda house: (house.disbursed(), house.fund.id))
    page = text_of(town.signed_in("caja", "cashier").get(f"/credit/loans/{loan.id}"))
    assert "Año 2026" in page
    assert "7,330.09" in page
    asked = f"fund={fund}&product=working-capital&amount=10000.00&instalments=12&grace=0&start=2026-03-05"
    assert "Año 2027" in text_of(town.signed_in("ofelia", "credit_officer").get(f"/credit/quote?{asked}"))


def test_the_command_tells_the_years_of_a_quote(build_house, run):  # noqa: F811
    build_house(lambda house: house.fund.id)
    told = run("quote", "FON", "working-capital", "10000.00", "12", "--start", "2026-03-05")
    assert "2027" in told
    assert "7330.09" in told
