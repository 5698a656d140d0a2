"""Schedules are exact: against Fineract's own expectations, and against what must hold for any terms."""

import os
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.credit.rules import terms as t
from services.credit.rules.schedules import schedule
from services.credit.rules.terms import Terms, add_months
from shared.kernel import Invalid
from tests.credit import fineract

REFERENCE = Path(
    os.environ.get(
        "CSEM_REFERENCE_SCHEDULES",
        Path(__file__).parents[3] / "shared" / "data" / "schedules" / "fineract_reference.json",
    )
)
needs_reference = pytest.mark.skipif(
    not REFERENCE.exists() and "CI" not in os.environ, reason=f"the reference schedules are not at {REFERENCE}"
)


def rows_of(terms: Terms) -> list[tuple[date, int, int, int]]:
    return [(row.due, row.principal, row.interest, row.balance) for row in schedule(terms)]


def exact(cases: list[dict[str, Any]]) -> tuple[int, list[str]]:
    """How many cases there are, and the ids of those of which any row differs."""
    read = [fineract.read(case) for case in cases]
    return len(read), [case.id for case in read if rows_of(case.terms) != case.expected]


@needs_reference
def test_every_reference_case_without_a_down_payment_is_exact_row_by_row(capsys):
    count, wrong = exact([case for case in fineract.load(REFERENCE) if not fineract.has_down_payment(case)])
    with capsys.disabled():
        print(f"\n{count - len(wrong)} of {count} cases exact")
    assert not wrong
    assert count == 114


@needs_reference
def test_every_reference_case_with_a_down_payment_is_exact_row_by_row(capsys):
    count, wrong = exact([case for case in fineract.load(REFERENCE) if fineract.has_down_payment(case)])
    with capsys.disabled():
        print(f"\n{count - len(wrong)} of {count} cases with a down payment exact")
    assert not wrong
    assert count == 44


@needs_reference
def test_the_reference_holds_every_day_count_and_both_engines():
    covered = [fineract.read(c).terms for c in fineract.load(REFERENCE) if not fineract.has_down_payment(c)]
    assert {terms.day_count for terms in covered} == set(t.DAY_COUNTS)
    assert {terms.engine for terms in covered} == set(t.ENGINES)
    assert {terms.method for terms in covered} == set(t.METHODS) - {"bullet", "agreed_shares"}


def test_the_month_end_is_clamped_and_comes_back():
    dues = [row.due for row in schedule(Terms(100_00, Decimal(12), 4, date(2024, 1, 31)))]
    assert dues == [date(2024, 2, 29), date(2024, 3, 31), date(2024, 4, 30), date(2024, 5, 31)]


def test_the_worked_examples_of_the_conventions_come_out():
    actual = schedule(Terms(10_000_00, Decimal(12), 6, date(2023, 12, 12), day_count="actual/actual"))
    assert [row.interest for row in actual] == [10181, 8514, 6405, 5158, 3345, 1736]
    assert (actual[0].payment, actual[-1].payment) == (172556, 172559)
    thirty = schedule(Terms(100_00, Decimal(12), 6, date(2024, 1, 1)))
    assert (thirty[0].payment, thirty[-1].payment) == (1725, 1728)


def test_interest_put_off_falls_due_in_the_first_instalment_after_the_grace():
    rows = schedule(
        Terms(
            5_000_00, Decimal(12), 6, date(2024, 1, 1), engine="cumulative", grace_principal=5, grace_interest_payment=3
        )
    )
    assert [row.interest for row in rows] == [0, 0, 0, 200_00, 50_00, 50_00]


def test_interest_free_instalments_are_never_recovered():
    rows = schedule(Terms(1_200_00, Decimal(12), 12, date(2024, 1, 1), method="equal_principal", grace_interest=2))
    assert [row.interest for row in rows][:3] == [0, 0, 10_00]


def test_instalments_are_whole_units_where_the_contract_says_so():
    rows = schedule(Terms(1_000_00, Decimal(26), 4, date(2024, 1, 1), multiple=100))
    assert all(row.payment % 100 == 0 for row in rows[:-1])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"principal": 0}, "schedule.principal_not_positive"),
        ({"instalments": 0}, "schedule.instalments_out_of_range"),
        ({"instalments": 601}, "schedule.instalments_out_of_range"),
        ({"annual_rate": Decimal(-1)}, "schedule.rate_out_of_range"),
        ({"grace_principal": 6}, "schedule.grace_too_long"),
    ],
)
def test_terms_that_cannot_be_are_refused(changes, code):
    sound = {"principal": 100_00, "annual_rate": Decimal(12), "instalments": 6, "start": date(2024, 1, 1)}
    with pytest.raises(Invalid) as refusal:
        Terms(**{**sound, **changes})
    assert refusal.value.code == code


def test_a_first_due_date_before_the_money_is_handed_over_is_refused():
    with pytest.raises(Invalid) as refusal:
        schedule(Terms(100_00, Decimal(12), 6, date(2024, 6, 1), seed=date(2024, 1, 1)))
    assert refusal.value.code == "schedule.first_due_date_too_early"


@st.composite
def any_terms(draw: st.DrawFn) -> Terms:
    instalments = draw(st.integers(1, 60))
    grace = draw(st.integers(0, min(6, instalments - 1)))
    return Terms(
        principal=draw(st.integers(1, 10_000_000_00)),
        annual_rate=draw(st.decimals(0, 100, places=4)),
        instalments=instalments,
        start=draw(st.dates(date(2000, 1, 1), date(2080, 12, 31))),
        method=draw(st.sampled_from([method for method in t.METHODS if method != "agreed_shares"])),
        engine=draw(st.sampled_from(t.ENGINES)),
        day_count=draw(st.sampled_from(t.DAY_COUNTS)),
        interest_period=draw(st.sampled_from(t.INTEREST_PERIODS)),
        unit=draw(st.sampled_from(t.UNITS)),
        every=draw(st.integers(1, 3)),
        multiple=draw(st.sampled_from([0, 0, 100, 500])),
        grace_principal=draw(st.integers(0, grace)),
        grace_interest_payment=draw(st.integers(0, grace)),
        grace_interest=draw(st.integers(0, grace)),
    )


@settings(max_examples=150, deadline=None)
@given(any_terms())
def test_principal_sums_to_what_was_lent_and_the_balance_ends_at_nothing(terms):
    rows = schedule(terms)
    assert sum(row.principal for row in rows) == terms.principal
    assert rows[-1].balance == 0
    assert len(rows) == terms.instalments


@settings(max_examples=150, deadline=None)
@given(any_terms())
def test_nothing_is_negative_and_the_balance_only_falls(terms):
    rows = schedule(terms)
    assert all(row.principal >= 0 and row.interest >= 0 and row.balance >= 0 for row in rows)
    assert all(after.balance <= before.balance for before, after in pairwise(rows))


@settings(max_examples=100, deadline=None)
@given(any_terms())
def test_due_dates_rise_strictly_and_the_days_between_them_add_up(terms):
    rows = schedule(terms)
    assert all(after.due > before.due for before, after in pairwise(rows))
    assert sum(row.days for row in rows) == (rows[-1].due - terms.start).days


@settings(max_examples=100, deadline=None)
@given(any_terms())
def test_each_balance_is_the_one_before_less_the_principal(terms):
    balances = [terms.principal] + [row.balance for row in schedule(terms)]
    assert [a - b for a, b in pairwise(balances)] == [row.principal for row in schedule(terms)]


@settings(max_examples=100, deadline=None)
@given(any_terms())
def test_without_a_rate_there_is_no_interest(terms):
    rows = schedule(Terms(terms.principal, Decimal(0), terms.instalments, terms.start, method=terms.method))
    assert sum(row.interest for row in rows) == 0


@settings(max_examples=100, deadline=None)
@given(any_terms())
def test_no_principal_falls_due_during_its_grace(terms):
    rows = schedule(terms)
    assert all(row.principal == 0 for row in rows[: terms.grace_principal])


@settings(max_examples=100, deadline=None)
@given(any_terms())
def test_no_interest_is_asked_during_the_grace_on_its_payment(terms):
    rows = schedule(terms)
    assert all(row.interest == 0 for row in rows[: terms.grace_interest_payment])


@settings(max_examples=60, deadline=None)
@given(st.integers(1_000_00, 1_000_000_00), st.integers(2, 48), st.decimals(1, 60, places=2))
def test_equal_instalments_are_equal_but_for_what_one_cent_more_in_each_would_grow_to(principal, instalments, rate):
    rows = schedule(Terms(principal, rate, instalments, date(2024, 1, 15)))
    assert len({row.payment for row in rows[:-1]}) == 1
    a_cent_each = sum((1 + rate / 1200) ** k for k in range(instalments))
    assert abs(rows[-1].payment - rows[0].payment) <= a_cent_each + instalments


@settings(max_examples=60, deadline=None)
@given(st.integers(1_000_00, 1_000_000_00), st.integers(1, 48), st.decimals(1, 60, places=2))
def test_a_later_instalment_of_a_declining_loan_never_bears_more_interest_30_360(principal, instalments, rate):
    rows = schedule(Terms(principal, rate, instalments, date(2024, 1, 15)))
    assert all(after.interest <= before.interest for before, after in pairwise(rows))


@settings(max_examples=60, deadline=None)
@given(st.integers(1_000_00, 1_000_000_00), st.integers(1, 48), st.decimals(1, 60, places=2))
def test_flat_interest_is_the_rate_on_the_whole_principal_for_the_whole_term(principal, instalments, rate):
    rows = schedule(Terms(principal, rate, instalments, date(2024, 1, 15), method="flat"))
    whole = Decimal(principal) * rate / 100 * instalments / 12
    assert abs(sum(row.interest for row in rows) - whole) <= Decimal(instalments) / 2


@settings(max_examples=60, deadline=None)
@given(st.dates(date(2000, 1, 1), date(2080, 12, 31)), st.integers(0, 600))
def test_moving_by_months_keeps_the_day_where_the_month_has_it(day, months):
    moved = add_months(day, months)
    assert (moved.year * 12 + moved.month) - (day.year * 12 + day.month) == months
    assert moved.day == day.day or (moved.day < day.day and add_months(moved.replace(day=1), 1).day == 1)
