"""The figures of a business plan, reckoned a second time in another way, and what must hold for every plan."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.rules.cash_flow import Flow, Prudence, figures, instalments, month_after
from services.registry.rules.hours import GROUPS, NO_NEED, Assistance, totals
from services.registry.rules.plan_check import changed_parts, remarks
from services.registry.rules.plan_values import FixedCost, Investment, PlanBody, ProductLine, ProposedLoan
from services.registry.rules.project_cycle import PHASES, Standing, hindrance
from services.registry.rules.visits import latest_within

PRUDENCE = Prudence(share_percent=70, coverage_percent=100)
START = date(2027, 3, 1)

MONEY = st.integers(0, 5_000_000)
LOANS = st.builds(
    lambda amount, rate, count, grace, month: ProposedLoan(amount, Decimal(rate) / 100, count, grace % count, month),
    st.integers(1, 50_000_000), st.integers(0, 6000), st.integers(1, 60), st.integers(0, 59), st.integers(1, 12),
)  # fmt: skip
PRODUCTS = st.builds(
    lambda price, cost, volume, season: ProductLine("x", "u", price, cost, volume, tuple(season)),
    MONEY, MONEY, st.integers(0, 5_000), st.lists(st.integers(0, 300), min_size=12, max_size=12),
)  # fmt: skip
PLANS = st.builds(
    PlanBody,
    starts_on=st.dates(date(2020, 1, 1), date(2040, 12, 1)).map(lambda day: day.replace(day=1)),
    months=st.integers(12, 36),
    products=st.lists(PRODUCTS, max_size=4).map(tuple),
    fixed_costs=st.lists(st.builds(FixedCost, st.just("x"), MONEY, st.integers(1, 12)), max_size=3).map(tuple),
    investments=st.lists(st.builds(Investment, st.just("x"), MONEY, st.integers(1, 12)), max_size=3).map(tuple),
    own_contribution=MONEY,
    loan=st.none() | LOANS,
)


def known_plan(**changes: Any) -> PlanBody:
    facts: dict[str, Any] = {
        "starts_on": START,
        "months": 12,
        "products": (
            ProductLine("Queso", "libra", 7_000, 4_500, 200),
            ProductLine("Quesillo", "libra", 8_500, 6_000, 100, (100,) * 11 + (200,)),
        ),
        "fixed_costs": (FixedCost("Luz", 100_000), FixedCost("Ayudante", 250_000, first=4)),
        "investments": (Investment("Prensa", 1_800_000),),
        "own_contribution": 500_000,
        "loan": ProposedLoan(1_500_000, Decimal(18), 10),
        "sections": {"summary": "S", "market": "M", "ask": "A"},
    }
    return PlanBody(**facts | changes)


def test_a_plan_reckoned_by_hand_comes_out_the_same() -> None:
    found = figures(known_plan(), PRUDENCE)
    first, december = found.months[0], found.months[9]
    assert (first.flow.sales, first.flow.variable, first.flow.fixed) == (2_250_000, 1_500_000, 100_000)
    assert (first.flow.net, first.balance) == (750_000 - 100_000 - 1_800_000 + 500_000 + 1_500_000, 850_000)
    assert (december.starts_on, december.flow.sales, december.flow.fixed) == (date(2027, 12, 1), 3_100_000, 350_000)
    # 15,000.00 at 1.5 % a month in ten instalments: 1,626.5126 by any table of annuities; the last takes up the rest.
    assert [found.months[1].flow.instalment, found.instalment] == [162_651, 162_655]
    assert found.total.principal == 1_500_000
    # Margin of the year: 12 x 7,500 and 2,500 more in December; fixed costs 12 x 1,000 and 9 x 2,500.
    assert (found.total.margin, found.total.fixed) == (9_250_000, 3_450_000)
    assert found.margin_percent == 33
    assert found.break_even_sales == ceil(Fraction(3_450_000 * 27_850_000, 9_250_000 * 12))
    assert found.break_even_units == ceil(Fraction(3_450_000 * 3_700, 9_250_000 * 12))
    assert found.recovered_in == 3  # 6,500 a month against 18,000
    assert (found.lowest_balance, found.lowest_in) == (850_000, 1)
    assert found.capacity == found.operating_average * 70 // 100
    assert found.coverage_percent == found.capacity * 100 // 162_655


def again(plan: PlanBody) -> dict[str, Any]:
    """The same figures from exact fractions, line by line instead of month by month."""

    def cents(value: Fraction) -> int:
        return floor(value + Fraction(1, 2))

    calendar = [(plan.starts_on.month - 1 + m) % 12 for m in range(plan.months)]
    sales = [sum(cents(Fraction(p.price * p.volume * p.season[c], 100)) for p in plan.products) for c in calendar]
    goods = [sum(cents(Fraction(p.unit_cost * p.volume * p.season[c], 100)) for p in plan.products) for c in calendar]
    fixed, spent, owed = [0] * plan.months, [0] * plan.months, [0] * (plan.months + 200)
    for cost in plan.fixed_costs:
        for m in range(cost.first - 1, plan.months):
            fixed[m] += cost.amount
    for bought in plan.investments:
        spent[bought.month - 1] += bought.amount
    cash = [s - g - f for s, g, f in zip(sales, goods, fixed, strict=True)]
    flow = [c - i for c, i in zip(cash, spent, strict=True)]
    own = [a - b for a, b in zip(cash, spent, strict=True)]
    flow[0] += plan.own_contribution
    if plan.loan:
        flow[plan.loan.month - 1] += plan.loan.amount
        for k, (interest, principal) in enumerate(instalments(plan.loan), 1):
            owed[plan.loan.month - 1 + k] = interest + principal
    balances = [sum(flow[: m + 1]) - sum(owed[: m + 1]) for m in range(plan.months)]
    units = Fraction(sum(p.volume * p.season[c] for p in plan.products for c in calendar), 100)
    margin = sum(sales) - sum(goods)
    running = [sum(own[: m + 1]) for m in range(plan.months)]
    paid_back = [m + 1 for m in range(plan.months) if all(value >= 0 for value in running[m:])]
    months_owing = [m for m in range(plan.months) if owed[m]] or range(plan.months)
    return {
        "balances": balances,
        "break_even_sales": ceil(Fraction(sum(fixed) * sum(sales), margin * plan.months)) if margin > 0 else None,
        "break_even_units": ceil(sum(fixed) * units / (margin * plan.months)) if margin > 0 else None,
        "recovered_in": min(paid_back, default=None),
        "operating_average": floor(Fraction(sum(cash[m] for m in months_owing), len(months_owing))),
        "margin_percent": floor(Fraction(100 * margin, sum(sales))) if sum(sales) else None,
    }


@given(PLANS)
def test_a_second_computation_agrees_to_the_cent(plan: PlanBody) -> None:
    found, told = figures(plan, PRUDENCE), again(plan)
    assert [month.balance for month in found.months] == told.pop("balances")
    assert {name: getattr(found, name) for name in told} == told


@given(PLANS)
def test_years_and_months_add_up_and_the_lowest_point_is_the_lowest(plan: PlanBody) -> None:
    found = figures(plan, PRUDENCE)
    assert len(found.months) == plan.months
    assert len(found.years) == ceil(plan.months / 12)
    assert sum(found.years, Flow()) == found.total
    assert found.months[-1].balance == found.total.net
    assert found.lowest_balance == min(month.balance for month in found.months)
    assert found.capacity >= 0
    assert [month.starts_on for month in found.months] == [month_after(plan.starts_on, n) for n in range(plan.months)]
    assert PlanBody.of(plan.starts_on, plan.months, plan.sections, plan.lines()) == plan


@given(PLANS)
def test_at_break_even_the_margin_pays_the_fixed_costs_and_a_cent_less_does_not(plan: PlanBody) -> None:
    found = figures(plan, PRUDENCE)
    if found.break_even_sales is None:
        assert found.total.margin <= 0
        return
    share = Fraction(found.total.margin, found.total.sales)
    monthly = Fraction(found.total.fixed, plan.months)
    assert found.break_even_sales * share >= monthly
    assert (found.break_even_sales - 1) * share < monthly


@given(LOANS)
def test_instalments_repay_the_loan_exactly_and_are_equal_but_for_the_last(loan: ProposedLoan) -> None:
    rows = instalments(loan)
    assert len(rows) == loan.instalments
    assert sum(principal for _, principal in rows) == loan.amount
    assert all(interest >= 0 and principal >= 0 for interest, principal in rows)
    assert all(principal == 0 for _, principal in rows[: loan.grace])
    paying = [interest + principal for interest, principal in rows[loan.grace :]]
    assert len(set(paying[:-1])) <= 1 or min(paying[:-1]) == 0 or loan.amount < 10_000
    # The last one takes up half a cent of each month, with what it earned since.
    assert abs(paying[-1] - paying[0]) <= len(paying) * (1 + loan.annual_rate / 1200) ** len(paying) + 1


def test_the_schedule_is_the_one_that_credit_makes_of_equal_months() -> None:
    from services.credit.rules.schedules import schedule
    from services.credit.rules.terms import Terms

    terms = Terms(principal=1_500_000, annual_rate=Decimal(18), instalments=10, start=date(2027, 3, 1))
    lent = [row.payment for row in schedule(terms)]
    planned = [sum(row) for row in instalments(ProposedLoan(1_500_000, Decimal(18), 10))]
    assert max(abs(one - other) for one, other in zip(lent, planned, strict=True)) <= 10


@pytest.mark.parametrize(
    ("changes", "hindering", "remarked"),
    [
        ({}, [], []),
        ({"sections": {"summary": " "}}, ["plan.lacks_summary", "plan.lacks_market", "plan.lacks_ask"], []),
        ({"products": (), "loan": None}, ["plan.lacks_products"], ["plan.runs_out_of_cash"]),
        ({"fixed_costs": ()}, [], ["plan.lacks_fixed_costs"]),
        ({"products": (ProductLine("Pan", "u", 10, 10, 5),)}, [],
         ["plan.sold_below_cost", "plan.runs_out_of_cash", "plan.cannot_pay"]),
        ({"loan": ProposedLoan(1_500_000, Decimal(18), 12)}, [], ["plan.ends_before_the_loan"]),
        ({"loan": ProposedLoan(9_000_000, Decimal(18), 11)}, [], ["plan.cannot_pay"]),
        ({"own_contribution": 0, "loan": None}, [], ["plan.runs_out_of_cash"]),
    ],
)  # fmt: skip
def test_what_a_plan_lacks_hinders_it_and_what_is_doubtful_is_remarked(
    changes: dict[str, Any], hindering: list[str], remarked: list[str]
) -> None:
    plan = known_plan(**changes)
    found = remarks(plan, figures(plan, PRUDENCE), PRUDENCE)
    assert [remark.code for remark in found if remark.hindering] == hindering
    assert [remark.code for remark in found if not remark.hindering] == remarked


def test_the_parts_that_changed_are_named() -> None:
    plan = known_plan()
    other = known_plan(own_contribution=1, sections={"summary": "otro", "market": "M", "risks": "R", "ask": "A"})
    assert changed_parts(plan, plan) == []
    assert changed_parts(plan, other) == ["sections.risks", "sections.summary", "own_contribution"]


def standing(phase: str, **more: Any) -> Standing:
    whole = {"idea_written": True, "needs_named": True, "plan_ready": True, "has_loan": False,
             "says_how_financed": True, "visits_waiting": 0}  # fmt: skip
    return Standing(phase, **whole | more)


def test_a_case_goes_one_phase_on_or_back_with_a_reason_and_nowhere_else() -> None:
    for here in PHASES:
        for there in PHASES:
            step = PHASES.index(there) - PHASES.index(here)
            expected = None if step == 1 else "project.reason_needed" if step < 0 else "project.not_the_next_phase"
            assert hindrance(standing(here), there, reason=False) == expected
            assert hindrance(standing(here), there, reason=True) == (None if step < 0 else expected)


@pytest.mark.parametrize(
    ("here", "there", "lacking", "code"),
    [
        ("idea", "planning", {"idea_written": False}, "project.idea_not_written"),
        ("idea", "planning", {"needs_named": False}, "project.needs_not_named"),
        ("planning", "financing", {"plan_ready": False}, "project.plan_not_ready"),
        ("financing", "implementation", {"says_how_financed": False}, "project.financing_not_said"),
        ("implementation", "consolidation", {"visits_waiting": 2}, "project.visits_waiting"),
        ("implementation", "financing", {"has_loan": True}, "project.loan_paid_out"),
    ],
)
def test_each_phase_needs_what_it_stands_on(here: str, there: str, lacking: dict[str, Any], code: str) -> None:
    assert hindrance(standing(here, **lacking), there, reason=False) == code


VISITS = st.lists(
    st.builds(
        Assistance,
        st.sampled_from(["a", "b"]),
        st.sampled_from(["ana", "eva"]),
        st.dates(date(2026, 1, 1), date(2026, 12, 31)),
        st.integers(0, 500),
        st.sets(st.sampled_from(["credit", "quality", "market"])).map(tuple),
    ),
    max_size=12,
)


@given(VISITS, st.sampled_from(GROUPS))
def test_hours_add_up_to_the_whole_however_they_are_divided(visits: list[Assistance], by: str) -> None:
    found = totals(visits, by)
    assert sum(minutes for _, minutes in found.values()) == sum(visit.minutes for visit in visits)
    if by == "need":
        assert (NO_NEED in found) == any(not visit.needs for visit in visits)
    else:
        assert sum(count for count, _ in found.values()) == len(visits)


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 30))
def test_a_day_within_so_many_days_is_no_sunday_and_not_later(today: date, days: int) -> None:
    found = latest_within(today, days)
    assert 0 <= (found - today).days <= days
    assert found.isoweekday() != 7 or not days
