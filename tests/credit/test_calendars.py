"""Harvests, weeks, grace, a free first date and days of rest: what falls due when, and what a contract calls it."""

import csv
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from services.credit.rules import contracts
from services.credit.rules import terms as t
from services.credit.rules.business_days import WEEKDAYS, BusinessDays, Holidays
from services.credit.rules.products import Product, read_products
from services.credit.rules.schedules import schedule
from services.credit.rules.terms import Row, Terms
from services.credit.tables import holidays_on
from services.portal.pages.credit.area import METHODS
from shared import files
from shared.holidays import easter
from shared.kernel import Invalid, clock
from tests.credit.house import House, product
from tests.credit.test_printed import text_of

SOUND: dict[str, Any] = {
    "principal": 10_000_00,
    "annual_rate": Decimal(12),
    "instalments": 3,
    "start": date(2026, 3, 10),
}
TABLE = Path(contracts.__file__).parents[1] / "reference" / "holidays_2026-01-01.csv"
WORDS = (Path(contracts.__file__).parents[1] / "documents" / "words.typ").read_text()


def rows(**changes: Any) -> list[Row]:
    return schedule(Terms(**SOUND | changes))


def offered(**changes: Any) -> Product:
    return read_products(product(**changes))[0]


def test_a_bullet_pays_interest_each_time_and_the_principal_at_the_end():
    assert [(row.principal, row.interest, row.balance) for row in rows(method="bullet")] == [
        (0, 100_00, 10_000_00),
        (0, 100_00, 10_000_00),
        (10_000_00, 100_00, 0),
    ]


def test_a_bullet_that_puts_its_interest_off_pays_once():
    assert [row.payment for row in rows(method="bullet", grace_interest_payment=2)] == [0, 0, 10_300_00]


def test_a_harvest_pays_on_its_dates_with_the_interest_of_the_days_between():
    dates = (date(2026, 12, 15), date(2027, 1, 31), date(2027, 3, 1))
    found = rows(calendar=dates, day_count="actual/365", method="equal_principal")
    assert [row.due for row in found] == list(dates)
    assert [row.days for row in found] == [280, 47, 29]
    # 10,000 * 12 % * 280/365; 6,666.67 * 12 % * 47/365; 3,333.34 * 12 % * 29/365
    assert [row.interest for row in found] == [920_55, 103_01, 31_78]


def test_a_harvest_counts_months_of_30_days_where_the_contract_does():
    # 10 March to 15 December: 9 months and 5 days = 275; to 31 January 45 (the 31st counts as the 30th); to 1 March 31
    found = rows(calendar=(date(2026, 12, 15), date(2027, 1, 31), date(2027, 3, 1)), method="bullet")
    assert [row.interest for row in found] == [916_67, 150_00, 103_33]


def test_the_principal_is_paid_in_the_shares_agreed_for_each_date():
    found = rows(
        method="agreed_shares",
        shares=(Decimal(50), Decimal("33.333"), Decimal("16.667")),
        calendar=(date(2026, 12, 15), date(2027, 1, 15), date(2027, 2, 15)),
    )
    assert [row.principal for row in found] == [5_000_00, 3_333_30, 1_666_70]


@pytest.mark.parametrize(
    ("every", "unit", "dues"),
    [
        (1, "weeks", [date(2026, 3, 17), date(2026, 3, 24), date(2026, 3, 31)]),
        (2, "weeks", [date(2026, 3, 24), date(2026, 4, 7), date(2026, 4, 21)]),
        (10, "days", [date(2026, 3, 20), date(2026, 3, 30), date(2026, 4, 9)]),
        (3, "months", [date(2026, 6, 10), date(2026, 9, 10), date(2026, 12, 10)]),
    ],
)
def test_instalments_fall_due_every_so_many_days_weeks_or_months(every, unit, dues):
    assert [row.due for row in rows(every=every, unit=unit)] == dues


def test_the_first_due_date_is_free_and_the_others_are_counted_from_it():
    found = rows(first_due=date(2026, 4, 30), method="bullet")
    assert [row.due for row in found] == [date(2026, 4, 30), date(2026, 5, 30), date(2026, 6, 30)]
    # 10 March to 30 April: one month and 20 days of 30
    assert [row.interest for row in found] == [166_67, 100_00, 100_00]


def test_a_first_period_of_another_length_is_a_part_of_a_step_where_interest_goes_by_steps():
    assert rows(first_due=date(2026, 4, 30), interest_period="as_repayment")[0].interest == 166_67
    weekly = rows(first_due=date(2026, 3, 20), interest_period="as_repayment", unit="weeks", method="bullet")
    assert [row.interest for row in weekly] == [32_97, 23_08, 23_08]  # 10/7 and 1 of 12 %/52


def test_a_long_first_period_bears_its_interest_in_the_flat_rate_of_the_whole_term():
    plain = rows(method="flat", engine="cumulative")
    long = rows(method="flat", engine="cumulative", first_due=date(2026, 4, 30))
    assert sum(row.interest for row in plain) == 300_00
    assert sum(row.interest for row in long) == 366_67


def test_a_first_due_date_on_its_usual_day_changes_nothing():
    assert rows(first_due=date(2026, 4, 10)) == rows()


def test_due_dates_on_days_of_rest_move_and_those_after_them_do_not():
    honduras = BusinessDays("next", holidays=holidays_on(date(2026, 3, 10), "HN"))
    # 1 May is Labour Day and a Friday; 1 August and 1 November are a Saturday and a Sunday
    dues = [row.due for row in rows(start=date(2026, 2, 1), every=3, business_days=honduras)]
    assert dues == [date(2026, 5, 4), date(2026, 8, 3), date(2026, 11, 2)]
    before = BusinessDays("previous", holidays=honduras.holidays)
    dues = [row.due for row in rows(start=date(2026, 2, 1), every=3, business_days=before)]
    assert dues == [date(2026, 4, 30), date(2026, 7, 31), date(2026, 10, 30)]


def test_interest_runs_to_the_day_a_due_date_moves_to_but_not_where_months_have_30_days():
    next_day = BusinessDays("next")
    moved = rows(start=date(2026, 7, 1), method="bullet", day_count="actual/365", business_days=next_day)
    assert [(row.due, row.days) for row in moved][:2] == [(date(2026, 8, 3), 33), (date(2026, 9, 1), 29)]
    assert [row.interest for row in rows(start=date(2026, 7, 1), method="bullet", business_days=next_day)] == [
        100_00
    ] * 3


def test_who_rests_on_sundays_only_pays_on_saturdays():
    days = BusinessDays("next", rest=("sunday",))
    assert (days.moved(date(2026, 8, 1)), days.moved(date(2026, 8, 2))) == (date(2026, 8, 1), date(2026, 8, 3))


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2024, 3, 31), "leap year"),
        (date(2025, 4, 20), "late"),
        (date(2026, 4, 5), "usual"),
        (date(2038, 4, 25), "the latest there is"),
        (date(2285, 3, 22), "the earliest there is"),
    ],
)
def test_easter_falls_where_the_church_has_it(day, name):
    assert easter(day.year) == day, name


@pytest.mark.parametrize(
    ("country", "day", "closed"),
    [
        ("GT", date(2026, 4, 2), True),
        ("GT", date(2026, 6, 29), True),  # 30 June is a Tuesday: Monday before
        ("GT", date(2026, 6, 30), False),
        ("GT", date(2027, 6, 28), True),  # 30 June is a Wednesday: Monday before
        ("GT", date(2022, 7, 4), True),  # 30 June was a Thursday: Monday after
        ("GT", date(2027, 10, 20), True),  # kept on its day, a Wednesday
        ("GT", date(2027, 10, 18), False),
        ("SV", date(2026, 8, 6), True),
        ("SV", date(2026, 6, 30), False),
        ("HN", date(2026, 4, 14), True),
        ("HN", date(2026, 10, 7), True),  # first Wednesday of October
        ("HN", date(2026, 10, 9), True),
        ("HN", date(2026, 10, 12), False),
    ],
)
def test_each_country_keeps_its_own_holidays(country, day, closed):
    assert (day in holidays_on(date(2026, 1, 1), country)) == closed


def test_every_holiday_has_its_names_and_source_and_is_to_be_confirmed_locally():
    with TABLE.open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    assert {row["country"] for row in table} == {"GT", "SV", "HN"}
    assert all(row["name_es"] and row["name_en"] and row["source"] for row in table)
    assert {row["state"] for row in table} == {"to be confirmed locally"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"calendar": (date(2026, 12, 1),)}, "schedule.calendar_length"),
        (
            {"calendar": tuple(date(2026, m, 1) for m in (5, 6, 7)), "engine": "cumulative"},
            "schedule.calendar_needs_progressive",
        ),
        ({"calendar": (date(2026, 5, 1), date(2026, 5, 1), date(2026, 6, 1))}, "schedule.due_dates_not_rising"),
        (
            {"unit": "days", "business_days": BusinessDays("next"), "start": date(2026, 3, 12)},
            "schedule.due_dates_not_rising",
        ),
        ({"first_due": date(2026, 3, 10)}, "schedule.first_due_date_too_early"),
        ({"method": "agreed_shares"}, "schedule.shares_wrong"),
        ({"shares": (Decimal(50), Decimal(25), Decimal(25))}, "schedule.shares_wrong"),
        ({"method": "agreed_shares", "shares": (Decimal(50), Decimal(25), Decimal(24))}, "schedule.shares_wrong"),
        ({"method": "agreed_shares", "shares": (Decimal(120), Decimal(-20), Decimal(0))}, "schedule.shares_wrong"),
        ({"down_payment": Decimal(100)}, "schedule.down_payment_out_of_range"),
    ],
)
def test_calendars_and_shares_that_cannot_be_are_refused(changes, code):
    with pytest.raises(Invalid) as refusal:
        rows(**changes)
    assert refusal.value.code == code


def test_a_product_offers_its_harvest_days_of_every_year():
    coffee = offered(calendar=["01-31", "03-01", "12-15"], method="equal_principal", shortest=1, longest=6)
    terms = coffee.terms(9_000_00, 4, date(2026, 2, 10))
    assert terms.calendar == (date(2026, 3, 1), date(2026, 12, 15), date(2027, 1, 31), date(2027, 3, 1))


def test_a_product_may_ask_for_some_days_before_its_first_harvest_day():
    coffee = offered(calendar=["03-01", "12-15"], shortest=1, shortest_first_period=30)
    assert coffee.terms(9_000_00, 1, date(2026, 2, 10)).calendar == (date(2026, 12, 15),)


def test_a_calendar_of_one_campaign_ends():
    coffee = offered(calendar=["2026-12-15", "2027-02-15"], shortest=1)
    assert coffee.terms(9_000_00, 2, date(2026, 2, 10)).calendar == (date(2026, 12, 15), date(2027, 2, 15))
    with pytest.raises(Invalid) as refusal:
        coffee.terms(9_000_00, 2, date(2026, 12, 15))
    assert (refusal.value.code, refusal.value.facts["left"]) == ("application.calendar_too_short", 1)


def test_the_grace_that_is_asked_for_puts_off_and_spares_as_far_as_the_product_does():
    seed = offered(longest_grace=6, longest_grace_interest_payment=3, longest_grace_interest=1)
    terms = seed.terms(9_000_00, 12, date(2026, 2, 10), grace=5)
    assert (terms.grace_principal, terms.grace_interest_payment, terms.grace_interest) == (5, 3, 1)
    terms = seed.terms(9_000_00, 12, date(2026, 2, 10), grace=2)
    assert (terms.grace_principal, terms.grace_interest_payment, terms.grace_interest) == (2, 2, 1)


@pytest.mark.parametrize(
    ("first_due", "limits", "code"),
    [
        (date(2026, 3, 20), {}, "application.first_due_not_free"),
        (date(2026, 2, 20), {"shortest_first_period": 15, "longest_first_period": 60}, "first_due_out_of_range"),
        (date(2026, 4, 12), {"shortest_first_period": 15, "longest_first_period": 60}, "first_due_out_of_range"),
    ],
)
def test_a_first_due_date_outside_what_the_product_leaves_free_is_refused(first_due, limits, code):
    with pytest.raises(Invalid) as refusal:
        offered(**limits).terms(9_000_00, 12, date(2026, 2, 10), first_due=first_due)
    assert refusal.value.code.endswith(code)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"calendar": ["12-15", "01-15"]}, "calendar"),
        ({"calendar": ["02-29"]}, "calendar"),
        ({"calendar": ["2026-12-15", "01-15"]}, "calendar"),
        ({"calendar": ["20261215"]}, "calendar"),
        ({"calendar": [1215]}, "calendar"),
        ({"calendar": ["12-15"], "engine": "cumulative"}, "calendar"),
        ({"calendar": ["12-15"], "longest_first_period": 30}, "calendar"),
        ({"method": "agreed_shares"}, "shares"),
        ({"shares": [50, 50]}, "shares"),
        ({"method": "agreed_shares", "shares": [50, 49], "shortest": 2, "longest": 2}, "shares"),
        ({"method": "agreed_shares", "shares": [50, 50], "shortest": 1, "longest": 2}, "shares"),
        ({"method": "agreed_shares", "shares": [50, 50], "shortest": 2, "longest": 2}, "longest_grace"),
        ({"shift": "sometimes"}, "shift"),
        ({"rest": ["domingo"]}, "rest"),
        ({"rest": list(WEEKDAYS)}, "rest"),
        ({"longest_grace_interest": -1}, "longest_grace_interest"),
        ({"longest_first_period": 1.5}, "longest_first_period"),
        ({"shortest_first_period": 40, "longest_first_period": 30}, "longest_first_period"),
    ],
)
def test_products_that_contradict_themselves_are_refused_by_field(changes, field):
    with pytest.raises(Invalid) as refusal:
        read_products(product(**changes))
    assert refusal.value.facts["field"] == f"/products/0/{field}"


def test_every_method_has_a_name_that_a_contract_can_print_in_both_languages():
    named = WORDS[WORDS.index("#let method(code)") : WORDS.index("#let unit(code")]
    assert all(f"\n  {method}: tr(es: " in named for method in t.METHODS)
    assert METHODS.keys() == set(t.METHODS)


def test_the_terms_that_a_loan_keeps_are_read_back_as_they_were_signed():
    signed = Terms(
        **SOUND | {"instalments": 4},
        method="agreed_shares",
        shares=(Decimal("12.5"), Decimal("37.5"), Decimal(25), Decimal(25)),
        calendar=tuple(date(2026, month, 1) for month in (5, 8, 11, 12)),
        grace_interest=1,
        business_days=BusinessDays("next", ("sunday",), holidays_on(date(2026, 3, 10), "GT")),
    )
    kept = contracts.written(signed)
    assert contracts.read(kept, signed.principal, signed.start, holidays_on) == signed
    free = Terms(**SOUND, first_due=date(2026, 4, 30), grace_principal=1, grace_interest_payment=1)
    assert contracts.read(contracts.written(free), free.principal, free.start, holidays_on) == free


def test_what_was_kept_before_calendars_is_still_read():
    old = {
        "annual_rate": "12",
        "method": "equal_instalment",
        "engine": "progressive",
        "day_count": "30/360",
        "interest_period": "daily",
        "every": 1,
        "unit": "months",
        "multiple": 0,
        "rounding": "ROUND_HALF_EVEN",
        "instalments": 3,
        "grace": 0,
    }
    assert contracts.written(Terms(**SOUND)) == old
    assert contracts.read(old, 10_000_00, SOUND["start"], holidays_on) == Terms(**SOUND)


def test_the_length_of_a_loan_is_counted_to_its_last_day():
    assert contracts.term_months(Terms(**SOUND, first_due=date(2026, 4, 30))) == 4
    assert contracts.term_months(Terms(**SOUND, unit="weeks", every=2)) == 2


def test_a_loan_on_a_harvest_calendar_is_lent_printed_and_found_again_in_its_terms(house: House):
    house.adopt(
        products=product(
            method="agreed_shares",
            shares=["40", "60"],
            calendar=["01-31", "12-13"],
            shift="next",
            shortest=2,
            longest=2,
            longest_grace=0,
        )
    )
    loan = house.disbursed(instalments=2)
    assert [(item.due, item.principal) for item in loan.instalments] == [
        (date(2026, 12, 14), 4_000_00),
        (date(2027, 2, 1), 6_000_00),
    ]
    again = schedule(loan.signed_terms())
    assert [(row.due, row.principal, row.interest) for row in again] == [
        (item.due, item.principal, item.interest) for item in loan.instalments
    ]
    said = text_of(files.read(house.session, loan.note_file_id))
    for words in (
        "capital en partes convenidas, interés sobre saldos",
        "2 en las fechas del plan de pagos",
        "40 % · 60 %",
        "los vencimientos pasan al día hábil siguiente",
    ):
        assert words in said, words


def test_the_first_due_date_is_agreed_when_the_money_is_handed_over(house: House):
    house.adopt(products=product(longest_first_period=60))
    application = house.approved()
    day = clock.today() + timedelta(days=45)
    loan = house.disburse(application, first_due=day)
    assert loan.instalments[0].due == day
    assert loan.signed_terms().first_due == day


def test_a_fund_without_a_country_table_has_no_holidays():
    assert holidays_on(date(2026, 1, 1), "XX") == Holidays("XX", date(2026, 1, 1))
