"""What holds of every schedule and every way of paying it, whatever the terms."""

import decimal
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from services.credit.rules import contracts
from services.credit.rules import terms as t
from services.credit.rules.allocation import COMPONENTS, Owed, Part, allocate
from services.credit.rules.business_days import SHIFTS, WEEKEND, BusinessDays
from services.credit.rules.cost import Flow, cost
from services.credit.rules.schedules import schedule
from services.credit.rules.terms import Row, Terms, add_months, planned_dates
from services.credit.tables import holidays_on

quick = settings(max_examples=80, deadline=None)
STARTS = st.dates(date(2000, 1, 1), date(2080, 12, 31))
ROUNDINGS = (decimal.ROUND_HALF_EVEN, decimal.ROUND_HALF_UP, decimal.ROUND_DOWN, decimal.ROUND_UP)
BY_REAL_DAYS = ("actual/360", "actual/365", "actual/actual", "actual/actual-feb29")
FOUR_CENTURIES = timedelta(days=146_097)


@st.composite
def business_days(draw: st.DrawFn) -> BusinessDays:
    country = draw(st.sampled_from(["GT", "SV", "HN"]))
    rest = draw(st.sampled_from([WEEKEND, ("sunday",)]))
    return BusinessDays(draw(st.sampled_from(SHIFTS)), rest, holidays_on(date(2026, 1, 1), country))


@st.composite
def calendars(draw: st.DrawFn, start: date, count: int) -> tuple[date, ...]:
    gaps = draw(st.lists(st.integers(10, 400), min_size=count, max_size=count))
    return tuple(start + timedelta(days=days) for days in accumulate(gaps))


@st.composite
def shares(draw: st.DrawFn, count: int) -> tuple[Decimal, ...]:
    parts = draw(st.lists(st.integers(0, 10_000), min_size=count - 1, max_size=count - 1).map(sorted))
    return tuple(Decimal(b - a) / 100 for a, b in pairwise([0, *parts, 10_000]))


@st.composite
def any_terms(draw: st.DrawFn) -> Terms:
    """Terms of every kind: equal steps, a free first date or a calendar; grace; days of rest; a down payment."""
    count = draw(st.integers(1, 40))
    start = draw(STARTS)
    kind = draw(st.sampled_from(["steps", "first_due", "calendar"]))
    method = draw(st.sampled_from(t.METHODS))
    grace = st.integers(0, min(5, count - 1))
    days = draw(business_days())
    return Terms(
        principal=draw(st.integers(1, 10_000_000_00)),
        annual_rate=draw(st.decimals(0, 100, places=4)),
        instalments=count,
        start=start,
        method=method,
        engine="progressive" if kind == "calendar" else draw(st.sampled_from(t.ENGINES)),
        day_count=draw(st.sampled_from(t.DAY_COUNTS)),
        interest_period=draw(st.sampled_from(t.INTEREST_PERIODS)),
        unit=draw(st.sampled_from(t.UNITS if days.shift == "none" else ("weeks", "months"))),
        every=draw(st.integers(1, 3)),
        multiple=draw(st.sampled_from([0, 0, 100, 500])),
        rounding=draw(st.sampled_from(ROUNDINGS)),
        grace_principal=0 if method == "agreed_shares" else draw(grace),
        grace_interest_payment=draw(grace),
        grace_interest=draw(grace),
        first_due=start + timedelta(days=draw(st.integers(7, 100))) if kind == "first_due" else None,
        calendar=draw(calendars(start, count)) if kind == "calendar" else (),
        shares=draw(shares(count)) if method == "agreed_shares" else (),
        business_days=days,
        down_payment=draw(st.sampled_from([Decimal(0), Decimal(0), Decimal(10), Decimal("33.3")])),
    )


@st.composite
def plain_terms(draw: st.DrawFn, **fixed: object) -> Terms:
    """Monthly terms without grace, down payment or days of rest; `fixed` fields are as given."""
    given_: dict[str, object] = {
        "principal": draw(st.integers(100_00, 1_000_000_00)),
        "annual_rate": draw(st.decimals(0, 90, places=2)),
        "instalments": draw(st.integers(1, 36)),
        "start": draw(STARTS),
        "day_count": draw(st.sampled_from(t.DAY_COUNTS)),
        "engine": draw(st.sampled_from(t.ENGINES)),
    }
    return Terms(**given_ | fixed)  # type: ignore[arg-type]


def amounts(rows: list[Row]) -> list[tuple[int, int, int]]:
    return [(row.principal, row.interest, row.balance) for row in rows]


def interest(terms: Terms) -> int:
    return sum(row.interest for row in schedule(terms))


@quick
@given(any_terms())
def test_the_principal_sums_to_what_was_lent_and_nothing_is_left_at_the_end(terms):
    rows = schedule(terms)
    assert sum(row.principal for row in rows) == terms.principal
    assert rows[-1].balance == 0
    assert [row.number for row in rows] == list(range(1, terms.instalments + bool(terms.down_payment) + 1))


@quick
@given(any_terms())
def test_nothing_is_ever_negative(terms):
    assert all(min(row.principal, row.interest, row.balance, row.days) >= 0 for row in schedule(terms))


@quick
@given(any_terms())
def test_the_balance_falls_by_the_principal_and_never_rises(terms):
    rows = schedule(terms)
    balances = [terms.principal, *(row.balance for row in rows)]
    assert all(after <= before for before, after in pairwise(balances))
    assert [before - after for before, after in pairwise(balances)] == [row.principal for row in rows]


@quick
@given(any_terms())
def test_due_dates_rise_and_their_days_add_up(terms):
    rows = schedule(terms)
    assert all(after.due > before.due for before, after in pairwise(rows))
    assert sum(row.days for row in rows) == (rows[-1].due - terms.start).days


@quick
@given(any_terms())
def test_a_due_date_is_an_open_day_on_the_side_the_contract_says(terms):
    days = terms.business_days
    dues = [row.due for row in schedule(terms)][bool(terms.down_payment) :]
    for due, planned in zip(dues, planned_dates(terms), strict=True):
        if days.shift == "none":
            assert due == planned
        else:
            assert days.open_on(due)
            assert due >= planned if days.shift == "next" else due <= planned
            between = range(1, abs((due - planned).days))
            assert not any(days.open_on(min(due, planned) + timedelta(days=n)) for n in between)
            assert due == planned or not days.open_on(planned)


@quick
@given(any_terms())
def test_the_same_terms_make_the_same_schedule_once_they_were_written_and_read_back(terms):
    terms = replace(terms, down_payment=Decimal(0))
    again = contracts.read(contracts.written(terms), terms.principal, terms.start, holidays_on)
    assert schedule(again) == schedule(terms)


@quick
@given(plain_terms(method="bullet"))
def test_a_bullet_is_equal_instalments_with_grace_on_all_but_the_last(terms):
    full = replace(terms, method="equal_instalment", grace_principal=terms.instalments - 1)
    assert schedule(full) == schedule(terms)


@quick
@given(plain_terms(method="bullet"))
def test_a_bullet_is_equal_principal_with_grace_on_all_but_the_last(terms):
    full = replace(terms, method="equal_principal", grace_principal=terms.instalments - 1)
    assert schedule(full) == schedule(terms)


@quick
@given(st.sampled_from([1, 2, 4, 5, 8, 10, 16, 20, 25, 32]).flatmap(lambda n: plain_terms(instalments=n)))
def test_equal_shares_are_equal_principal(terms):
    shares_ = tuple([Decimal(100) / terms.instalments] * terms.instalments)
    agreed = replace(terms, method="agreed_shares", shares=shares_)
    assert schedule(agreed) == schedule(replace(terms, method="equal_principal"))


@quick
@given(st.sampled_from(BY_REAL_DAYS).flatmap(lambda days: plain_terms(day_count=days, engine="progressive")))
def test_a_calendar_of_the_usual_days_is_the_usual_schedule(terms):
    dated = replace(terms, calendar=tuple(planned_dates(terms)))
    assert schedule(dated) == schedule(terms)


@quick
@given(plain_terms())
def test_a_first_due_date_on_its_usual_day_changes_no_amount(terms):
    usual = planned_dates(terms)[0]
    told = replace(terms, first_due=usual)
    if planned_dates(told) == planned_dates(terms):
        assert schedule(told) == schedule(terms)


@quick
@given(any_terms())
def test_four_centuries_later_everything_is_the_same_day_of_the_week_and_the_same_cent(terms):
    later = replace(
        terms,
        start=terms.start + FOUR_CENTURIES,
        first_due=terms.first_due and terms.first_due + FOUR_CENTURIES,
        calendar=tuple(day + FOUR_CENTURIES for day in terms.calendar),
        business_days=replace(terms.business_days, holidays=holidays_on(date(2026, 1, 1), "XX")),
    )
    here = replace(terms, business_days=later.business_days)
    moved = [replace(row, due=row.due - FOUR_CENTURIES) for row in schedule(later)]
    assert moved == schedule(here)


@quick
@given(plain_terms(day_count="30/360"), st.integers(1, 60))
def test_whole_months_later_a_schedule_of_equal_months_has_the_same_amounts(terms, months):
    assert amounts(schedule(replace(terms, start=add_months(terms.start, months)))) == amounts(schedule(terms))


@quick
@given(plain_terms(method="bullet"), st.integers(2, 9))
def test_so_many_times_the_loan_bears_so_many_times_the_interest_but_for_the_rounding(terms, times):
    larger = schedule(replace(terms, principal=terms.principal * times))
    for row, large in zip(schedule(terms), larger, strict=True):
        assert abs(large.interest - times * row.interest) <= (times + 1) / 2


@quick
@given(plain_terms(), st.sampled_from(["equal_principal", "bullet", "flat"]), st.decimals(0, 20, places=2))
def test_a_higher_rate_never_costs_less(terms, method, more):
    terms = replace(terms, method=method, interest_period="as_repayment")
    assert interest(replace(terms, annual_rate=terms.annual_rate + more)) >= interest(terms)


@quick
@given(plain_terms(), st.sampled_from(["equal_instalment", "equal_principal", "bullet"]), st.data())
def test_putting_interest_off_changes_when_it_is_paid_and_not_how_much(terms, method, data):
    off = data.draw(st.integers(0, terms.instalments - 1))
    terms = replace(terms, method=method)
    put_off = replace(terms, grace_interest_payment=off)
    assert interest(put_off) == interest(terms)
    assert all(row.interest == 0 for row in schedule(put_off)[:off])
    assert [row.principal for row in schedule(put_off)] == [row.principal for row in schedule(terms)]


@quick
@given(plain_terms(), st.sampled_from(["equal_principal", "bullet"]), st.data())
def test_instalments_free_of_interest_spare_exactly_their_interest(terms, method, data):
    free = data.draw(st.integers(0, terms.instalments - 1))
    terms = replace(terms, method=method)
    rows = schedule(terms)
    spared = schedule(replace(terms, grace_interest=free))
    assert [row.interest for row in spared] == [0] * free + [row.interest for row in rows[free:]]


@quick
@given(plain_terms(engine="progressive"), st.sampled_from(t.METHODS[:4]), st.decimals(1, 90, places=1))
def test_after_a_down_payment_the_rest_is_paid_as_a_loan_of_the_rest(terms, method, percent):
    terms = replace(terms, method=method, down_payment=percent)
    rest = replace(terms, principal=terms.financed, down_payment=Decimal(0))
    first, *others = schedule(terms)
    assert (first.due, first.interest, first.principal) == (terms.start, 0, terms.principal - terms.financed)
    assert amounts(others) == amounts(schedule(rest))


@quick
@given(plain_terms(method="bullet"))
def test_rounding_up_never_charges_less_than_to_the_nearest_and_that_not_less_than_down(terms):
    down, even, up = (interest(replace(terms, rounding=mode)) for mode in (ROUNDINGS[2], ROUNDINGS[0], ROUNDINGS[3]))
    assert down <= even <= up <= down + terms.instalments


@quick
@given(plain_terms(engine="progressive", multiple=100))
def test_all_instalments_but_the_last_are_whole_units_while_something_is_owed(terms):
    rows = schedule(terms)
    if rows[0].payment >= terms.multiple:
        assert all(row.payment % 100 == 0 for row in rows[:-1] if row.balance)


@quick
@given(plain_terms(annual_rate=Decimal(0)), st.sampled_from(t.METHODS[:4]), st.integers(0, 5_000))
def test_the_cost_of_a_credit_is_nothing_only_without_interest_and_fees(terms, method, fee):
    terms = replace(terms, method=method)
    found = cost(terms, schedule(terms), [Flow(terms.start, fee)])
    assert found.finance_charge == fee
    assert found.total == terms.principal + fee
    if fee == 0:
        assert found.annual_percentage_rate == found.effective_annual_rate == 0


# The allocation, over real schedules


def owed_of(rows: list[Row], day: date, penalty: int) -> list[Owed]:
    """What a schedule asks for, with a penalty and a fee on the first instalment."""
    first = {"penalty": penalty, "fee": penalty // 2}
    return [
        Owed(
            row.number,
            row.due <= day,
            interest=row.interest,
            principal=row.principal,
            **(first if row.number == 1 else {}),
        )
        for row in rows
    ]


def less(owed: list[Owed], parts: list[Part], sign: int = -1) -> list[Owed]:
    by_number = {part.number: part for part in parts}
    return [
        replace(
            item,
            **{
                name: getattr(item, name) + sign * getattr(by_number.get(item.number, Part(0)), name)
                for name in COMPONENTS
            },
        )
        for item in owed
    ]


@st.composite
def debts(draw: st.DrawFn) -> tuple[list[Owed], list[int]]:
    """What a loan owes, and amounts that pay it all off one after the other."""
    terms = draw(plain_terms(instalments=draw(st.integers(1, 12))))
    day = terms.start + timedelta(days=draw(st.integers(0, 400)))
    owed = owed_of(schedule(terms), day, draw(st.integers(0, 50_00)))
    whole = sum(item.total for item in owed)
    cuts = sorted(draw(st.sets(st.integers(1, whole - 1), max_size=6))) if whole > 1 else []
    return owed, [b - a for a, b in pairwise([0, *cuts, whole])]


@quick
@given(debts(), st.permutations(COMPONENTS))
def test_payments_that_sum_to_all_that_is_owed_leave_nothing(debt, order):
    owed, payments = debt
    for amount in payments:
        owed = less(owed, allocate(amount, owed, order))
        assert all(min(item.penalty, item.fee, item.interest, item.principal) >= 0 for item in owed)
    assert sum(item.total for item in owed) == 0


@quick
@given(debts(), st.permutations(COMPONENTS), st.data())
def test_replaying_the_payments_in_two_halves_gives_the_state_of_one_payment(debt, order, data):
    owed, payments = debt
    some = payments[: data.draw(st.integers(1, len(payments)))]
    one_by_one = owed
    for amount in some:
        one_by_one = less(one_by_one, allocate(amount, one_by_one, order))
    assert one_by_one == less(owed, allocate(sum(some), owed, order))


@quick
@given(debts(), st.permutations(COMPONENTS))
def test_taking_payments_back_from_the_last_on_restores_every_state_before(debt, order):
    owed, payments = debt
    states, taken = [owed], []
    for amount in payments:
        taken.append(allocate(amount, states[-1], order))
        states.append(less(states[-1], taken[-1]))
    state = states.pop()
    while taken:
        state = less(state, taken.pop(), sign=1)
        assert state == states.pop()


@quick
@given(debts(), st.permutations(COMPONENTS), st.data())
def test_a_payment_taken_back_leaves_the_sums_of_the_others_whichever_it_was(debt, order, data):
    owed, payments = debt
    state, taken = owed, []
    for amount in payments:
        taken.append(allocate(amount, state, order))
        state = less(state, taken[-1])
    back = taken.pop(data.draw(st.integers(0, len(taken) - 1)))
    state = less(state, back, sign=1)
    assert sum(item.total for item in state) == sum(part.total for part in back)
    assert all(item.total <= before.total for item, before in zip(state, owed, strict=True))


@quick
@given(debts(), st.permutations(COMPONENTS), st.data())
def test_money_flows_down_instalments_and_components_and_skips_none(debt, order, data):
    owed, payments = debt
    parts = allocate(sum(payments[: data.draw(st.integers(1, len(payments)))]), owed, order)
    by_number = {part.number: part for part in parts}
    steps = [
        (getattr(by_number.get(item.number, Part(0)), name), getattr(item, name)) for item in owed for name in order
    ]
    full = [paid == asked for paid, asked in steps if asked]
    stop = full.index(False) if False in full else len(full)
    assert all(full[:stop])
    assert all(paid == 0 for paid, asked in [step for step in steps if step[1]][stop + 1 :])


@quick
@given(debts(), st.permutations(COMPONENTS), st.data())
def test_without_payment_in_advance_nothing_is_paid_of_what_is_not_yet_due(debt, order, data):
    owed, _ = debt
    due = sum(item.total for item in owed if item.due)
    if not due:
        return
    parts = allocate(data.draw(st.integers(1, due)), owed, order, advance=False)
    assert {part.number for part in parts} <= {item.number for item in owed if item.due}
