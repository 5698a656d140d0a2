"""Schedules side by side are those one by one, to the cent."""

import random
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from services.credit.rules import terms as t
from services.credit.rules.batch import LARGEST, schedules, side_by_side
from services.credit.rules.schedules import schedule
from services.credit.rules.terms import Terms
from tests.credit.test_schedule_properties import ROUNDINGS, any_terms

NICE_RATES = [Decimal(rate) for rate in ("0", "6", "12", "18", "24", "30", "36", "17.5", "23.99")]


@st.composite
def terms_of_a_kind(draw: st.DrawFn) -> list[Terms]:
    """Some loans that differ in principal, rate and day; many with rates and sums where interest falls on half a cent."""
    count = draw(st.integers(1, 24))
    grace = st.integers(0, min(3, count - 1))
    shape = {
        "instalments": count,
        "method": draw(st.sampled_from(["equal_instalment", "equal_instalment", "equal_principal", "bullet", "flat"])),
        "day_count": draw(st.sampled_from(t.DAY_COUNTS)),
        "interest_period": draw(st.sampled_from(t.INTEREST_PERIODS)),
        "unit": draw(st.sampled_from(t.UNITS)),
        "every": draw(st.integers(1, 3)),
        "multiple": draw(st.sampled_from([0, 0, 100, 500])),
        "rounding": draw(st.sampled_from(ROUNDINGS)),
        "grace_principal": draw(grace),
        "grace_interest_payment": draw(grace),
        "grace_interest": draw(grace),
    }
    principals = st.one_of(
        st.integers(1, 10_000), st.integers(1, 200_000).map(lambda n: n * 50), st.integers(1, LARGEST)
    )
    rates = st.one_of(st.sampled_from(NICE_RATES), st.decimals(0, 100, places=4))
    starts = st.dates(date(1999, 1, 1), date(2080, 12, 31))
    facts = draw(st.lists(st.tuples(principals, rates, starts), min_size=1, max_size=12))
    return [Terms(principal, rate, start=start, **shape) for principal, rate, start in facts]


@settings(max_examples=250, deadline=None)
@given(terms_of_a_kind())
def test_loans_of_a_kind_have_the_same_schedules_side_by_side(terms):
    assert schedules(terms) == [schedule(one) for one in terms]


@settings(max_examples=80, deadline=None)
@given(st.lists(any_terms(), max_size=8))
def test_loans_of_every_kind_have_the_same_schedules_side_by_side(terms):
    assert schedules(terms) == [schedule(one) for one in terms]


def test_three_thousand_loans_of_twelve_months_are_the_same_to_the_cent():
    dice = random.Random(20261129)
    terms = [
        Terms(
            principal=dice.randrange(1_000_00, 100_000_00, 50_00),
            annual_rate=dice.choice(NICE_RATES),
            instalments=12,
            start=date(2026, 1, 1) + timedelta(days=dice.randrange(700)),
            day_count=day_count,
        )
        for day_count in t.DAY_COUNTS
        for _ in range(600)
    ]
    assert schedules(terms) == [schedule(one) for one in terms]
    assert [len(lot.of) for lot in side_by_side(terms)] == [600] * 5


def test_no_terms_have_no_schedules():
    assert schedules([]) == []


def test_the_largest_loans_go_one_by_one():
    terms = [Terms(LARGEST + 1, Decimal(12), 12, date(2026, 1, 1))]
    assert schedules(terms) == [schedule(terms[0])]
