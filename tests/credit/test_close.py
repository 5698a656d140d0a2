"""The close of a day finds what every loan owes, is late with and has earned, and books it once."""

import random
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from services.credit.models import DailyClose, LedgerEntry, LoanPosition, LoanStanding
from services.credit.rules.accrual import earned, serial
from services.credit.rules.arrears import bucket
from services.credit.rules.ledger import ACCOUNTS
from services.credit.use_cases.close_day import close_through
from shared.kernel import Invalid, clock
from tests.credit.closing import (
    CLOSER,
    RULES,
    Within,
    close,
    on,
    overdue_events,
    require_identities,
    standing,
)
from tests.credit.house import House, product


@pytest.fixture
def house(session):
    return House.build(session, **RULES)


def entries(house, kind):
    query = select(func.count()).select_from(LedgerEntry).where(LedgerEntry.kind == kind)
    return house.session.scalar(query)


@pytest.mark.parametrize(
    "terms",
    [
        {},
        {"day_count": "actual/365"},
        {"day_count": "actual/actual", "method": "equal_principal"},
        {"method": "flat", "every": 2, "unit": "weeks"},
    ],
)
def test_at_each_due_date_what_was_earned_is_the_interest_that_is_asked(session, terms):
    house = House.build(session, products=product(**terms))
    loan = house.disbursed()
    asked = 0
    for instalment in loan.instalments[:2]:
        asked += instalment.interest
        before = instalment.due - timedelta(days=1)
        with on(before):
            close(session, house.fund.id)
            found = standing(session, loan)
            assert asked - instalment.interest < found.accrued < asked
            number = serial(before, thirty=loan.thirty) - instalment.accrues_from
            assert found.accrued == instalment.interest_before + earned(
                instalment.interest, number, instalment.accrues_days
            )
        with on(instalment.due):
            close(session, house.fund.id)
            assert standing(session, loan).accrued == asked
            require_identities(session, house.fund)
    balances = house.fund.balances(session)
    assert balances[ACCOUNTS["interest_receivable"]] == asked == -balances[ACCOUNTS["interest_income"]]


def test_after_the_last_due_date_nothing_more_is_earned(house, session):
    loan = house.disbursed()
    with on(loan.instalments[-1].due + timedelta(days=40)) as last:
        close(session, house.fund.id, last)
        assert standing(session, loan).accrued == sum(item.interest for item in loan.instalments)
        require_identities(session, house.fund)


def test_a_repayment_pays_what_was_earned_before_it_is_income(house, session):
    loan = house.disbursed()
    with on(20):
        close(session, house.fund.id)
        earned_so_far = standing(session, loan).accrued
        first = loan.instalments[0]
        assert 0 < earned_so_far < first.interest
        house.repay(loan, str(house.fund.money(first.interest)))
        balances = house.fund.balances(session)
        assert balances[ACCOUNTS["interest_receivable"]] == 0
        assert -balances[ACCOUNTS["interest_income"]] == first.interest
        require_identities(session, house.fund)
    with on(21):
        close(session, house.fund.id)
        assert house.fund.balances(session)[ACCOUNTS["interest_receivable"]] == 0, "it was paid already"
    with on(first.due):
        close(session, house.fund.id)
        assert -house.fund.balances(session)[ACCOUNTS["interest_income"]] == first.interest


def test_a_day_is_closed_once_however_often_it_is_asked_for(house, session):
    loan = house.disbursed()
    with on(40):
        [made] = close(session, house.fund.id)
        balances, told = house.fund.balances(session), len(overdue_events(session))
        assert close(session, house.fund.id) == []
        assert house.fund.balances(session) == balances
        assert len(overdue_events(session)) == told == made.told == 1
        assert entries(house, "interest_accrual") == entries(house, "allowance") == entries(house, "late_charge") == 1
        assert standing(session, loan).days_overdue == (made.day - loan.instalments[0].due).days


def test_missed_days_are_closed_one_after_the_other(house, session):
    house.disbursed()
    with on(10) as first:
        close(session, house.fund.id)
    with on(15) as last:
        made = close(session, house.fund.id)
        assert [one.day for one in made] == [first + timedelta(days=n) for n in range(1, 6)]
        assert made[-1].day == last
        require_identities(session, house.fund)


@pytest.mark.parametrize("away", [-3, 0, 1])
def test_a_day_before_the_last_closed_one_and_a_day_that_is_not_over_are_refused(house, session, away):
    house.disbursed()
    with on(10) as today:
        close(session, house.fund.id, today - timedelta(days=1))
        with pytest.raises(Invalid) as refused:
            close_through(Within(session), CLOSER, fund_id=house.fund.id, day=today + timedelta(days=away))
    assert refused.value.code == ("close.day_before_last" if away < 0 else "close.day_in_future")
    if away >= 0:
        assert refused.value.facts["latest"] == today - timedelta(days=1)


@pytest.mark.parametrize("day", [date(2016, 3, 5), date(1900, 1, 1), date(2025, 1, 1)])
def test_no_fund_begins_to_be_closed_before_anything_was_booked_in_it(house, session, day):
    with pytest.raises(Invalid) as refused:
        close(session, house.fund.id, day)
    assert (refused.value.code, refused.value.facts["earliest"]) == ("close.day_before_first", date(2025, 1, 2))
    [made] = close(session, house.fund.id, date(2025, 1, 2))
    assert made.day == date(2025, 1, 2)


def test_a_fund_in_which_nothing_is_booked_begins_with_the_day_that_is_over(session):
    house = House.build(session, cash="0.00")
    yesterday = clock.today() - timedelta(days=1)
    with pytest.raises(Invalid) as refused:
        close_through(Within(session), CLOSER, fund_id=house.fund.id, day=yesterday - timedelta(days=1))
    assert refused.value.code == "close.day_before_first"
    assert [made.day for made in close(session, house.fund.id, yesterday)] == [yesterday]


def test_a_clock_that_moves_back_changes_no_closed_day(house, session):
    loan = house.disbursed()
    with on(50):
        close(session, house.fund.id)
    with on(45):
        with pytest.raises(Invalid) as refused:
            close(session, house.fund.id)
        assert refused.value.code == "close.day_before_last"
        house.repay(loan, "500.00")
        require_identities(session, house.fund)
    positions = session.scalars(
        select(LoanPosition).where(LoanPosition.loan_id == loan.id).order_by(LoanPosition.since)
    ).all()
    with on(51) as following:
        assert [row.since for row in positions] == [loan.disbursed_on, following]
        assert positions[0].until == following
        close(session, house.fund.id)
        require_identities(session, house.fund)


def test_a_payment_told_late_counts_from_the_first_open_day_and_spares_its_late_charge(house, session):
    loan = house.disbursed()
    first = loan.instalments[0]
    with on(first.due + timedelta(days=10)):
        close(session, house.fund.id)
        charged = standing(session, loan).charges_receivable
        assert charged == 1000 + first.principal * 10 * 2400 // (10_000 * 365)
        receipt = house.repay(loan, str(house.fund.money(first.principal + first.interest)), paid_on=first.due)
        assert (receipt.penalty, receipt.principal, receipt.interest) == (0, first.principal, first.interest)
        assert loan.owed(clock.today())[0].total == 0
        require_identities(session, house.fund)
        was = session.get_one(LoanPosition, (loan.id, loan.disbursed_on))
        assert was.until == clock.today() + timedelta(days=1), "the closed day stays as it was"
    with on(first.due + timedelta(days=11)):
        close(session, house.fund.id)
        assert standing(session, loan).days_overdue == 0
        assert house.fund.balances(session)[ACCOUNTS["penalty_income"]] == 0, "it was taken back"
        require_identities(session, house.fund)


def test_a_payment_told_late_is_charged_up_to_its_own_day(house, session):
    loan = house.disbursed()
    first = loan.instalments[0]
    with on(first.due + timedelta(days=10)):
        close(session, house.fund.id)
        then = first.due + timedelta(days=5)
        charge = 1000 + first.principal * 5 * 2400 // (10_000 * 365)
        receipt = house.repay(loan, str(house.fund.money(first.principal + first.interest + charge)), paid_on=then)
        assert (receipt.penalty, receipt.principal) == (charge, first.principal)
        assert loan.owed(clock.today())[0].total == 0
    with on(first.due + timedelta(days=11)):
        close(session, house.fund.id)
        assert loan.owed(clock.today())[0].total == 0
        assert -house.fund.balances(session)[ACCOUNTS["penalty_income"]] == charge
        require_identities(session, house.fund)


def test_a_last_payment_told_late_settles_the_loan_though_charges_are_paid_last(session):
    house = House.build(session, allocation_order=["principal", "interest", "fee", "penalty"], **RULES)
    loan = house.disbursed("1000.00")
    last = loan.instalments[-1].due
    for item in loan.instalments:
        with on(item.due):
            if item is not loan.instalments[-1]:
                house.repay(loan, str(house.fund.money(item.principal + item.interest)))
    with on(last + timedelta(days=10)):
        close(session, house.fund.id)
        assert loan.late_charges
        house.repay(loan, str(house.fund.money(loan.outstanding)), paid_on=last)
        assert (loan.state, loan.settled_on) == ("settled", last)
        require_identities(session, house.fund)
    with on(last + timedelta(days=11)):
        [made] = close(session, house.fund.id)
        assert made.loans == made.charges_receivable == house.fund.balances(session)[ACCOUNTS["penalty_income"]] == 0
        require_identities(session, house.fund)


@pytest.mark.parametrize("seed", range(8))
def test_whatever_was_paid_and_whenever_it_was_told_the_close_charges_what_the_rule_says(house, session, seed):
    chance = random.Random(seed)
    loan = house.disbursed()
    start = loan.instalments[0].due
    for days in sorted(chance.sample(range(1, 100), 14)):
        with on(start + timedelta(days=days)) as today:
            close(session, house.fund.id)
            paid_on = today - timedelta(days=chance.choice([0, 0, 2, 9, 25]))
            house.repay(loan, f"{chance.randint(50, 900)}.00", paid_on=paid_on)
            require_identities(session, house.fund)
            before = loan.late_charges
            assert before == loan._charges_at(today, before)
    with on(start + timedelta(days=101)) as today:
        close(session, house.fund.id)
        charges = loan.late_charges
        assert charges == loan._charges_at(today, charges)
        require_identities(session, house.fund)


def test_a_late_charge_is_owed_and_paid(house, session):
    loan = house.disbursed()
    first = loan.instalments[0]
    with on(first.due + timedelta(days=3)):
        close(session, house.fund.id)
        assert loan.late_charges == {}
    with on(first.due + timedelta(days=4)):
        close(session, house.fund.id)
        charge = 1000 + first.principal * 4 * 2400 // (10_000 * 365)
        assert loan.late_charges == {1: charge}
        assert loan.owed(clock.today())[0].penalty == charge
        house.repay(loan, "5.00")
        assert loan.owed(clock.today())[0].penalty == charge - 500
        require_identities(session, house.fund)


def test_an_instalment_of_interest_alone_costs_its_fixed_charge_too(session):
    house = House.build(session, products=product(method="bullet"), **RULES)
    loan = house.disbursed()
    first = loan.instalments[0]
    assert (first.principal, first.interest > 0) == (0, True)
    with on(first.due + timedelta(days=4)):
        close(session, house.fund.id)
        assert loan.late_charges == {1: 1000}
        require_identities(session, house.fund)
    with on(first.due + timedelta(days=5)):
        house.repay(loan, str(house.fund.money(first.interest + loan.late_charges[1])))
        close(session, house.fund.id)
        assert loan.owed(clock.today())[0].total == 0
        require_identities(session, house.fund)


def test_a_late_charge_ends_at_its_cap(session):
    house = House.build(session, **(RULES | {"late_charge": {"annual_rate": "24", "cap": "1"}}))
    loan = house.disbursed()
    first = loan.instalments[0]
    with on(first.due + timedelta(days=20)):
        close(session, house.fund.id)
        assert loan.late_charges == {1: (first.principal + first.interest) // 100}
        require_identities(session, house.fund)


def test_a_loan_is_not_settled_while_a_late_charge_is_owed(session):
    house = House.build(session, allocation_order=["principal", "interest", "fee", "penalty"], **RULES)
    loan = house.disbursed("1000.00")
    last = loan.instalments[-1].due
    with on(last + timedelta(days=10)) as day:
        close(session, house.fund.id, day)
        assert len(loan.late_charges) == 12
        house.repay(loan, str(house.fund.money(loan.left - 100)))
        assert (loan.outstanding, loan.left, loan.state) == (0, 100, "active")
        require_identities(session, house.fund)
    with on(last + timedelta(days=11)):
        [made] = close(session, house.fund.id)
        require_identities(session, house.fund)
        assert (made.loans, made.principal, made.charges_receivable, made.overdue) == (1, 0, loan.left, 0)
        house.repay(loan, str(house.fund.money(loan.left)))
        assert loan.state == "settled"
        require_identities(session, house.fund)
    with on(last + timedelta(days=12)):
        [made] = close(session, house.fund.id)
        assert made.loans == made.allowance == made.interest_receivable == made.charges_receivable == 0


def test_the_allowance_follows_the_days_overdue(house, session):
    loan = house.disbursed()
    first = loan.instalments[0].due
    for late, percent in ((0, 100), (30, 100), (31, 1050), (91, 5000)):
        with on(first + timedelta(days=late)) as day:
            close(session, house.fund.id, day)
            found = standing(session, loan)
            assert (found.days_overdue, found.bucket) == (late, bucket(late))
            assert found.allowance == loan.outstanding_principal * percent // 10_000
            require_identities(session, house.fund)
    balances = house.fund.balances(session)
    assert balances[ACCOUNTS["provisions"]] == -balances[ACCOUNTS["allowance"]] == found.allowance


def test_it_is_told_once_when_a_loan_becomes_overdue_and_when_it_grows_older_than_its_bucket(house, session):
    loan = house.disbursed()
    first, second = loan.instalments[0], loan.instalments[1]
    with on(first.due):
        close(session, house.fund.id)
    with on(first.due + timedelta(days=95)):
        close(session, house.fund.id)
    told = overdue_events(session)
    assert [one["days_late"] for one in told] == [1, 31, 61, 91]
    assert {one["arrears_since"] for one in told} == {first.due.isoformat()}
    assert {one["municipality"] for one in told} == {loan.municipality}
    assert told[0]["instalment"] == 1
    with on(first.due + timedelta(days=96)):
        house.repay(loan, str(house.fund.money(first.principal + first.interest)))
        house.repay(loan, str(house.fund.money(loan.owed(clock.today())[0].total or 100)))
        close(session, house.fund.id)
        assert standing(session, loan).arrears_since == first.due, "it never was without arrears"
        house.repay(loan, str(house.fund.money(sum(part.total for part in loan.owed(clock.today()) if part.due))))
    assert second.due > first.due
    with on(first.due + timedelta(days=97)):
        close(session, house.fund.id)
        assert standing(session, loan).arrears_since is None
    following = next(item for item in loan.instalments if item.outstanding)
    with on(following.due + timedelta(days=1)):
        close(session, house.fund.id)
    last = overdue_events(session)[-1]
    assert (last["arrears_since"], last["days_late"]) == (following.due.isoformat(), 1), "another time of arrears"


def test_what_was_paid_after_a_missed_day_was_late_on_it(house, session):
    loan = house.disbursed()
    first = loan.instalments[0]
    with on(first.due):
        close(session, house.fund.id)
    with on(first.due + timedelta(days=10)):
        house.repay(loan, str(house.fund.money(first.principal + first.interest)))
        made = close(session, house.fund.id)
        assert [one.overdue for one in made] == [1] * 9 + [0]
        assert [one["days_late"] for one in overdue_events(session)] == [1]
        require_identities(session, house.fund)


def test_a_close_knows_the_loans_of_its_own_fund_alone(house, session):
    loan = house.disbursed()
    with on(40):
        [made] = close(session, house.fund.id)
        assert made.loans == 1
    rows = session.scalars(select(LoanStanding.loan_id)).all()
    assert rows == [loan.id]
    assert session.scalars(select(DailyClose.fund_id)).all() == [house.fund.id]
    assert date(2026, 3, 5) < made.day
