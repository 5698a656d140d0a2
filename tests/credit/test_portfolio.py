"""Portfolio at risk is what CGAP says it is, and its answer for a closed day never changes."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from services.credit.models import Loan
from services.credit.queries import portfolio
from services.credit.queries.prospects import paid_back
from services.credit.rules.indicators import RISK_DAYS, Period
from services.credit.rules.suppression import hidden
from shared.kernel import clock
from shared.testing import person
from tests.credit.changing import approved
from tests.credit.closing import CLOSER, RULES, close, on
from tests.credit.house import COORDINATOR, OFFICER, House, lempiras, product


@pytest.fixture
def house(session):
    return House.build(session, **RULES)


def risk(session, day, caller=COORDINATOR, **asked):
    return portfolio.at_risk(session, caller, day, by=asked.pop("by", None), filters=asked)


def figures(row):
    return {part["days"]: part["amount"].minor for part in row["at_risk"]}


def by_hand(session, day):
    """Gross portfolio and portfolio at risk from instalments and repayments alone."""
    gross, risky = 0, dict.fromkeys(RISK_DAYS, 0)
    for loan in session.scalars(select(Loan)):
        if loan.disbursed_on > day:
            continue
        left = {item.number: item.principal for item in loan.instalments}
        for repayment in loan.repayments:
            for part in repayment.parts:
                if repayment.paid_on <= day:
                    left[part.instalment] -= part.principal
        gross += sum(left.values())
        late = [(day - item.due).days for item in loan.instalments if left[item.number]]
        for days in RISK_DAYS:
            if late and max(late) > days:
                risky[days] += sum(left.values())
    return gross, risky


def test_the_whole_of_a_loan_is_at_risk_when_any_principal_is_overdue_for_longer(house, session):
    late, good = house.disbursed("6000.00"), house.disbursed("4000.00")
    first = late.instalments[0]
    with on(first.due):
        house.repay(good, str(house.fund.money(good.owed(first.due)[0].total)))
    for days in (0, 1, 2, 30, 31):
        day = first.due + timedelta(days=days)
        with on(day):
            [row] = risk(session, day)
            gross, risky = by_hand(session, day)
            assert row["principal"].minor == gross == late.outstanding_principal + good.outstanding_principal
            assert figures(row) == risky
            assert risky[1] == (late.outstanding_principal if days > 1 else 0)
            assert risky[30] == (6000_00 if days > 30 else 0)
    assert row["at_risk"][0]["percent"] is not None


def test_the_answer_for_a_day_is_the_same_then_and_now(house, session):
    loans = [house.disbursed(amount) for amount in ("6000.00", "4000.00", "2500.00")]
    answers = {}
    for step in range(0, 200, 9):
        with on(step) as day:
            if step % 27 == 0:
                for loan in loans[: 1 + step % 2]:
                    owed = sum(part.total for part in loan.owed(day) if part.due)
                    if owed and loan.state == "active":
                        house.repay(loan, str(house.fund.money(owed)))
            if step == 90:
                house.repay(loans[2], str(house.fund.money(loans[2].left)))
            close(session, house.fund.id, day)
            answers[day] = risk(session, day)
            gross, risky = by_hand(session, day)
            assert answers[day][0]["principal"].minor == gross
            assert figures(answers[day][0]) == risky
    with on(250):
        for loan in loans:
            if loan.state == "active":
                then = clock.today() - timedelta(days=80)
                owed = sum(part.total for part in loan.owed(then))
                house.repay(loan, str(house.fund.money(owed)), paid_on=then)
        assert {day: risk(session, day) for day in answers} == answers
        assert risk(session, clock.today()) == []


def test_a_rescheduled_loan_is_at_risk_from_that_day_on(house, session):
    loan = house.disbursed()
    with on(5) as day:
        loan.rescheduled_on = day
        loan._recount(day)
        session.flush()
        assert set(figures(risk(session, day)[0]).values()) == {loan.outstanding_principal}
        assert set(figures(risk(session, day - timedelta(days=1))[0]).values()) == {0}


@pytest.mark.parametrize("by", portfolio.DIMENSIONS)
def test_it_is_told_by_every_dimension_and_the_rows_sum_to_the_whole(house, session, by):
    house.disbursed("6000.00", enterprise_id=house.enterprise(tier="strategic"))
    house.disbursed("4000.00", enterprise_id=house.enterprise(municipality="HN1701", chain="textiles"))
    rows, [whole] = risk(session, clock.today(), by=by), risk(session, clock.today())
    assert sum(row["principal"].minor for row in rows) == whole["principal"].minor == 10_000_00
    labels = {row["label"] for row in rows}
    assert (
        labels
        == {
            "fund": {"Fondo de Mujeres del Golfo"},
            "centre": {"CSEM Golfo de Fonseca"},
            "municipality": {"HN1709", "HN1701"},
            "chain": {"food_processing", "textiles"},
            "product": {"working-capital"},
            "officer": {OFFICER.name},
            "tier": {"strategic", ""},
        }[by]
    )


def test_who_is_not_of_credit_is_told_no_small_count(house, session):
    for number in range(8):
        house.disbursed("600.00", enterprise_id=house.enterprise(municipality="HN1701" if number < 2 else "HN1709"))
    planner = person("planner", scope="HN17")
    rows = risk(session, clock.today(), caller=planner, by="municipality")
    assert [(row["loans"], row["principal"], row["at_risk"]) for row in rows] == [(None, None, [])] * 2
    assert risk(session, clock.today(), caller=planner)[0]["loans"] == 8
    assert [row["loans"] for row in risk(session, clock.today(), by="municipality")] == [2, 6]
    assert risk(session, clock.today(), caller=person("planner", scope="HN1701")) == []
    assert hidden({"a": 1, "b": 9, "c": 20}) == {"a", "b"}
    assert hidden({"a": 9, "b": 20, "c": 0}) == set()


def test_a_portfolio_outside_the_territory_is_not_told(house, session):
    house.disbursed()
    assert risk(session, clock.today(), caller=person("coordinator", scope="GT")) == []


def test_the_indicators_are_what_their_formulas_say(house, session):
    start = clock.today()
    loan = house.disbursed()
    first = loan.instalments[0]
    with on(first.due):
        house.repay(loan, str(house.fund.money(first.principal + first.interest)))
    with on(loan.instalments[2].due + timedelta(days=5)) as day:
        close(session, house.fund.id, day)
        [told] = portfolio.indicators(session, CLOSER, start, day, house.fund.id)
        fell_due = sum(item.principal + item.interest for item in loan.instalments[:3])
        assert (told["opening"].minor, told["closing"].minor) == (0, loan.outstanding_principal)
        assert told["collected"].minor == first.principal + first.interest
        assert told["fell_due"].minor == fell_due
        assert told["recovery_rate"] == f"{(first.principal + first.interest) * 100 / fell_due:.2f}"
        assert told["at_risk"].minor == loan.outstanding_principal
        assert told["risk_coverage"] == "10.50"
        assert told["write_off_ratio"] == "0.00"
        assert told["received"].minor == first.interest
        assert told["self_sufficiency"] is not None


@pytest.mark.parametrize("by", portfolio.DIMENSIONS)
def test_the_recovery_of_one_group_is_that_of_the_whole(house, session, by):
    loan = house.disbursed()
    first = loan.instalments[0]
    with on(first.due - timedelta(days=3)):
        house.repay(loan, "100.00")
    with on(loan.instalments[2].due + timedelta(days=5)) as day:
        house.repay(loan, "500.00")
        [row] = portfolio.divided(session, CLOSER, day, by=by, filters={"fund": house.fund.id})
        [told] = portfolio.indicators(session, CLOSER, day - timedelta(days=364), day, house.fund.id)
        assert row["recovery_rate"] == told["recovery_rate"] != "0.00"
        [known] = risk(session, day, by=by)
        assert row | {"recovery_rate": None} == known


def test_each_group_has_a_recovery_of_its_own(house, session):
    paying = house.disbursed(enterprise_id=house.enterprise(chain="textiles"))
    house.disbursed()
    with on(paying.instalments[0].due) as day:
        house.repay(paying, str(house.fund.money(paying.instalments[0].outstanding)))
        rows = portfolio.divided(session, CLOSER, day, by="chain", filters={})
        assert {row["label"]: row["recovery_rate"] for row in rows} == {"food_processing": "0.00", "textiles": "100.00"}
        assert portfolio.divided(session, CLOSER, day, by="chain", filters={"municipality": "HN1701"}) == []
        assert portfolio.divided(session, person("coordinator", scope="GT"), day, by="chain", filters={}) == []


def test_ratios_of_nothing_are_not_told():
    nothing = Period(*[0] * 10)
    assert nothing.portfolio_yield is nothing.recovery_rate is nothing.self_sufficiency is None
    assert Period(100, 300, 50, 25, 10, 40, 90, 100, 60, 40).write_off_ratio == 5
    assert date(2026, 3, 5) == clock.today()


def test_a_loan_that_was_refinanced_counts_once_in_the_recovery_rate(session):
    """1,200 in 12 instalments of 100: the first is paid; another loan of 2,000 in 10 pays the 1,100 off, and half of
    its first instalment of 200 is paid. What fell due: 100 + 200; collected: 100 + 100.
    """
    house = House.build(session, products=product(annual_rate="0"))
    start = clock.today()
    loan = house.disbursed("1200.00")
    with on(loan.instalments[0].due):
        house.repay(loan, "100.00")
    with on(45):
        asked = {"amount": lempiras("2000.00"), "instalments": 10}
        another = house.disburse(approved(house, loan, "refinance", **asked))
    with on(another.instalments[0].due) as day:
        house.repay(another, "100.00")
        [told] = portfolio.indicators(session, CLOSER, start, day, house.fund.id)
        assert (told["fell_due"], told["collected"]) == (lempiras("300.00"), lempiras("200.00"))
        assert told["recovery_rate"] == "66.67"
        past, _ = paid_back(session, house.fund, day + timedelta(days=1))
        assert past.instalments == 2, "what another loan paid off tells nothing of how borrowers pay"
