"""The annual percentage rate is Regulation Z's, the effective annual rate that of the dated payments.

The examples are those of 12 CFR part 1026, appendix J, paragraph (c), with the unit-periods it counts by hand.
"""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.credit.rules.business_days import BusinessDays
from services.credit.rules.cost import (
    YEAR,
    Flow,
    UnitPeriod,
    annual_percentage_rate,
    cost,
    cost_of_flows,
    effective_annual_rate,
    elapsed,
    unit_period,
)
from services.credit.rules.schedules import schedule
from services.credit.rules.terms import Terms, add_months

MONTH = UnitPeriod(1, "months")
SEMIMONTH = UnitPeriod(1, "semimonths")


def monthly(first: date, count: int, amount: int, every: int = 1) -> list[Flow]:
    return [Flow(add_months(first, every * number), amount) for number in range(count)]


def weekly(first: date, count: int, amount: int, every: int = 1) -> list[Flow]:
    return [Flow(first + timedelta(weeks=every * number), amount) for number in range(count)]


def semimonthly(first: date, count: int, amount: int) -> list[Flow]:
    """On the first and the sixteenth."""
    days = [
        day for number in range(count) for day in (add_months(first, number), add_months(first, number).replace(day=16))
    ]
    return [Flow(day, amount) for day in days[:count]]


EXAMPLES = {
    "(c)(1)(i) monthly, regular first period": (
        Flow(date(1978, 1, 10), 5000_00),
        monthly(date(1978, 2, 10), 24, 230_00),
        MONTH,
        (1, 0),
        "9.69",
    ),
    "(c)(1)(ii) monthly, long first period": (
        Flow(date(1978, 2, 10), 6000_00),
        monthly(date(1978, 4, 1), 36, 200_00),
        MONTH,
        (1, 19 / 30),
        "11.82",
    ),
    "(c)(1)(iii) semimonthly, short first period": (
        Flow(date(1978, 2, 23), 5000_00),
        semimonthly(date(1978, 3, 1), 24, 219_17),
        SEMIMONTH,
        (0, 6 / 15),
        "10.34",
    ),
    "(c)(1)(iv) quarterly, long first period": (
        Flow(date(1978, 5, 23), 10000_00),
        monthly(date(1978, 10, 1), 40, 385_00, every=3),
        UnitPeriod(3, "months"),
        (1, 39 / 90),
        "8.97",
    ),
    "(c)(1)(v) weekly, long first period": (
        Flow(date(1978, 3, 20), 500_00),
        weekly(date(1978, 4, 21), 30, 17_60),
        UnitPeriod(1, "weeks"),
        (4, 4 / 7),
        "14.96",
    ),
    "(c)(2)(i) monthly, irregular first payment": (
        Flow(date(1978, 1, 10), 5000_00),
        [Flow(date(1978, 2, 10), 250_00), *monthly(date(1978, 3, 10), 23, 230_00)],
        MONTH,
        (1, 0),
        "10.08",
    ),
    "(c)(2)(ii) every four weeks, long first period, irregular first payment": (
        Flow(date(1978, 3, 18), 400_00),
        [Flow(date(1978, 4, 20), 39_50), *weekly(date(1978, 5, 18), 11, 38_31, every=4)],
        UnitPeriod(4, "weeks"),
        (1, 5 / 28),
        "28.50",
    ),
    "(c)(3)(i) monthly, irregular final payment": (
        Flow(date(1978, 1, 10), 5000_00),
        [*monthly(date(1978, 2, 10), 23, 230_00), Flow(date(1980, 1, 10), 280_00)],
        MONTH,
        (1, 0),
        "10.50",
    ),
    "(c)(3)(ii) every two weeks, short first period, irregular final payment": (
        Flow(date(1978, 4, 3), 200_00),
        [*weekly(date(1978, 4, 11), 19, 9_50, every=2), Flow(date(1979, 1, 2), 30_00)],
        UnitPeriod(2, "weeks"),
        (0, 8 / 14),
        "12.22",
    ),
    "(c)(4)(i) monthly, irregular first and final payment": (
        Flow(date(1978, 1, 10), 5000_00),
        [Flow(date(1978, 2, 10), 250_00), *monthly(date(1978, 3, 10), 22, 230_00), Flow(date(1980, 1, 10), 280_00)],
        MONTH,
        (1, 0),
        "10.90",
    ),
    "(c)(4)(ii) every two months, short first period, irregular first and final payment": (
        Flow(date(1978, 1, 10), 8000_00),
        [
            Flow(date(1978, 3, 1), 449_36),
            *monthly(date(1978, 5, 1), 18, 465_00, every=2),
            Flow(date(1981, 5, 1), 200_00),
        ],
        UnitPeriod(2, "months"),
        (0, 52 / 60),
        "7.30",
    ),
    "(c)(5)(i) single payment, less than a year in days": (
        Flow(date(1978, 1, 3), 1000_00),
        [Flow(date(1978, 9, 15), 1080_00)],
        UnitPeriod(255, "days"),
        (1, 0),
        "11.45",
    ),
    "(c)(5)(ii) single payment, less than a year in whole months": (
        Flow(date(1978, 7, 15), 1000_00),
        [Flow(date(1979, 1, 15), 1044_00)],
        UnitPeriod(6, "months"),
        (1, 0),
        "8.80",
    ),
    "(c)(5)(iii) single payment, more than a year, the fraction in whole months": (
        Flow(date(1978, 1, 17), 1000_00),
        [Flow(date(1979, 7, 17), 1135_19)],
        YEAR,
        (1, 6 / 12),
        "8.76",
    ),
    "(c)(5)(iv) single payment, exactly two years": (
        Flow(date(1978, 1, 3), 1000_00),
        [Flow(date(1980, 1, 3), 1240_00)],
        YEAR,
        (2, 0),
        "11.36",
    ),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_examples_of_appendix_j_come_out(name):
    advance, payments, unit, first, rate = EXAMPLES[name]
    if unit != SEMIMONTH:
        assert unit_period([advance.day], [flow.day for flow in payments]) == unit
    assert elapsed(advance.day, payments[0].day, unit) == pytest.approx(first)
    assert annual_percentage_rate([advance], payments, unit) == Decimal(rate)


def test_a_rate_of_a_month_found_by_hand():
    """100.00 for 110.25 in two months: (1 + i)^2 = 1.1025, i = 5 %, 60 % a year; two payments of 55.125 would be 6.8 %."""
    two = [Flow(date(2026, 2, 1), 5_00), Flow(date(2026, 3, 1), 105_00)]
    assert annual_percentage_rate([Flow(date(2026, 1, 1), 100_00)], two) == Decimal("60.00")


PARTS = [Flow(date(2026, 1, 1), 100_00), Flow(date(2026, 2, 1), 100_00)]


def test_the_rate_of_two_advances_found_by_hand():
    """100.00 now and 100.00 in a month for 215.25 in two: 1.05^2 + 1.05 = 2.1525, 5 % a month, 60 % a year."""
    found = cost_of_flows(PARTS, [Flow(date(2026, 3, 1), 215_25)], {}, MONTH)
    assert found.annual_percentage_rate == Decimal("60.00")
    assert (found.finance_charge, found.total) == (15_25, 215_25)


def test_the_rate_of_three_advances_between_payments_found_by_hand():
    """On a balance at 2 % a month: 300.00; 306.00 - 106.00 + 100.00 = 300.00; 306.00 - 56.00 + 50.00 = 300.00; 306.00
    at the end. 24 % a year.
    """
    days = [date(2026, month, 15) for month in (1, 2, 3, 4)]
    advances = [Flow(days[0], 300_00), Flow(days[1], 100_00), Flow(days[2], 50_00)]
    payments = [Flow(days[1], 106_00), Flow(days[2], 56_00), Flow(days[3], 306_00)]
    assert annual_percentage_rate(advances, payments) == Decimal("24.00")


def test_a_part_of_a_month_before_an_advance_counts_in_thirtieths():
    """An advance after 15 days: 100 + 100 / (1 + i / 2) = 204 / (1 + i); at i = 2.645 % both sides are worth 198.7."""
    advances = [Flow(date(2026, 1, 1), 100_00), Flow(date(2026, 1, 16), 100_00)]
    rate = float(annual_percentage_rate(advances, [Flow(date(2026, 2, 1), 204_00)], MONTH)) / 1200
    assert 100 + 100 / (1 + rate / 2) == pytest.approx(204 / (1 + rate), abs=0.01)


def test_the_effective_rate_of_two_advances_found_by_hand():
    """100.00, and 100.00 a year later, for 231.00 after two years: 1.1^2 + 1.1 = 2.31."""
    advances = [Flow(date(2025, 1, 1), 100_00), Flow(date(2026, 1, 1), 100_00)]
    found = cost_of_flows(advances, [Flow(date(2027, 1, 1), 231_00)], {})
    assert found.effective_annual_rate == Decimal("10.00")


def test_a_payment_counts_on_its_planned_day_for_the_percentage_rate_and_on_its_real_one_for_the_effective():
    moved = {date(2026, 3, 2): date(2026, 3, 1)}
    there, planned = (cost_of_flows(PARTS, [Flow(date(2026, 3, day), 215_25)], moved, MONTH) for day in (2, 1))
    assert there.annual_percentage_rate == planned.annual_percentage_rate == Decimal("60.00")
    assert there.effective_annual_rate < planned.effective_annual_rate


@settings(max_examples=40, deadline=None)
@given(st.integers(10_000_00, 1_000_000_00), st.decimals(1, 60, places=1), st.integers(2, 36), st.integers(1, 28))
def test_one_advance_costs_what_its_schedule_costs(principal, rate, count, day):
    terms = Terms(principal, rate, count, date(2026, 1, day))
    rows = schedule(terms)
    flows = [Flow(row.due, row.payment) for row in rows]
    assert cost_of_flows([Flow(terms.start, principal)], flows, {}, MONTH) == cost(terms, rows)


def test_an_effective_rate_found_by_hand():
    year = [Flow(date(2027, 1, 1), 121_00)]
    assert effective_annual_rate([Flow(date(2026, 1, 1), 100_00)], year) == Decimal("21.00")
    two_years = [Flow(date(2028, 1, 1), 121_00)]
    assert effective_annual_rate([Flow(date(2026, 1, 1), 100_00)], two_years) == Decimal("10.00")


def test_without_interest_and_fees_both_rates_are_nothing():
    terms = Terms(1_200_00, Decimal(0), 12, date(2026, 1, 15))
    found = cost(terms, schedule(terms))
    assert (found.annual_percentage_rate, found.effective_annual_rate) == (0, 0)
    assert (found.finance_charge, found.total) == (0, 1_200_00)


@pytest.mark.parametrize("method", ["equal_instalment", "equal_principal", "bullet"])
def test_without_fees_the_annual_percentage_rate_of_equal_steps_is_the_rate_of_the_contract(method):
    terms = Terms(120_000_00, Decimal(18), 12, date(2026, 1, 31), method=method)
    assert cost(terms, schedule(terms)).annual_percentage_rate == Decimal("18.00")


def test_an_effective_rate_of_months_is_a_little_more_than_the_nominal_one_compounded():
    terms = Terms(120_000_00, Decimal(18), 12, date(2026, 1, 1))
    rate = cost(terms, schedule(terms)).effective_annual_rate
    assert abs(rate - Decimal("19.56")) < Decimal("0.1")  # 1.015 ^ 12 - 1


def test_a_flat_rate_is_shown_for_the_nearly_double_it_is():
    terms = Terms(120_000_00, Decimal(18), 12, date(2026, 1, 1), method="flat")
    assert cost(terms, schedule(terms)).annual_percentage_rate == Decimal("31.72")


def test_a_fee_on_the_first_day_makes_the_credit_dearer_and_counts_in_the_finance_charge():
    terms = Terms(5_000_00, Decimal(0), 24, date(1978, 1, 10))
    plain = [Flow(terms.start, 0)]
    with_fee = cost(terms, schedule(terms), [Flow(terms.start, 100_00)])
    assert cost(terms, schedule(terms), plain).annual_percentage_rate == 0
    assert with_fee.annual_percentage_rate == Decimal("1.95")
    assert (with_fee.finance_charge, with_fee.total) == (100_00, 5_100_00)


def test_a_due_date_moved_off_a_sunday_leaves_the_annual_percentage_rate():
    plain = Terms(12_000_00, Decimal(18), 12, date(2026, 2, 1))
    moved = Terms(12_000_00, Decimal(18), 12, date(2026, 2, 1), business_days=BusinessDays("next"))
    rates = [cost(terms, schedule(terms)).annual_percentage_rate for terms in (plain, moved)]
    assert rates[0] == rates[1]


def test_a_harvest_is_counted_by_its_commonest_period_or_their_average():
    start = date(2026, 3, 10)
    harvest = [date(2026, 12, 15), date(2027, 1, 15), date(2027, 2, 15)]
    assert unit_period([start], harvest) == MONTH
    assert unit_period([start], [date(2026, 12, 15), date(2027, 2, 1)]).unit in {"weeks", "months"}


def test_of_two_periods_as_common_the_smaller_counts():
    days = [date(2026, 1, 1) + timedelta(days=n) for n in (7, 14, 44, 74)]
    assert unit_period([date(2026, 1, 1)], days) == UnitPeriod(1, "weeks")


def test_grace_on_interest_leaves_one_payment_whose_term_is_the_unit_period():
    terms = Terms(1_000_00, Decimal(12), 6, date(2026, 1, 15), method="bullet", grace_interest_payment=5)
    assert cost(terms, schedule(terms)).annual_percentage_rate == Decimal("12.00")


@settings(max_examples=60, deadline=None)
@given(
    st.integers(10_000_00, 10_000_000_00),
    st.decimals(1, 90, places=1),
    st.integers(2, 36),
    st.dates(date(2000, 1, 1), date(2080, 1, 1)),
    st.integers(1, 500_00),
)
def test_the_worth_of_the_payments_at_the_rate_is_what_was_received(principal, rate, count, start, fee):
    terms = Terms(principal, rate, count, start)
    rows = schedule(terms)
    found = cost(terms, rows, [Flow(start, fee)])
    i = float(found.annual_percentage_rate) / 1200
    worth = sum(row.payment / (1 + i) ** row.number for row in rows)
    # two decimals of a rate: half of a hundredth of a percent, over the life of the loan
    assert abs(worth - (principal - fee)) <= principal * count / 12 * 0.0001
    assert found.annual_percentage_rate >= rate - Decimal("0.01")
