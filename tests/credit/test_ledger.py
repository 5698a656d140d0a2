"""Every movement of the fund balances, and assets always equal liabilities and equity."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.credit.rules import ledger
from services.credit.rules.allocation import Part
from services.credit.rules.ledger import CASH_AT_TRUSTEE, CASH_IN_HAND, LOANS, Line

cents = st.integers(1, 10**12)
parts = st.lists(
    st.builds(
        Part,
        number=st.integers(1, 60),
        penalty=st.integers(0, 10**6),
        fee=st.integers(0, 10**6),
        interest=st.integers(0, 10**6),
        principal=st.integers(1, 10**9),
    ),
    min_size=1,
    max_size=6,
)
movements = st.one_of(
    st.builds(ledger.contribution, cents, repayable=st.booleans()),
    st.builds(ledger.disbursement, cents),
    st.builds(ledger.deposit, cents),
    st.builds(ledger.repayment, parts, st.sampled_from([CASH_AT_TRUSTEE, CASH_IN_HAND])),
)


@settings(max_examples=100)
@given(st.lists(movements, max_size=12))
def test_assets_equal_liabilities_and_equity_after_any_movements(moved):
    sheet = ledger.balance_sheet(ledger.balances(line for lines in moved for line in lines))
    assert sheet.holds


@given(movements)
def test_every_movement_balances(lines):
    assert sum(line.amount for line in lines) == 0


def test_lending_and_being_paid_back_leaves_the_interest_as_result():
    lines = [
        *ledger.contribution(1000_00, repayable=False),
        *ledger.disbursement(600_00),
        *ledger.repayment([Part(1, interest=12_00, principal=600_00)], CASH_IN_HAND),
        *ledger.deposit(612_00),
    ]
    balances = ledger.balances(lines)
    assert (balances[CASH_AT_TRUSTEE], balances[CASH_IN_HAND], balances[LOANS]) == (1012_00, 0, 0)
    sheet = ledger.balance_sheet(balances)
    assert (sheet.assets, sheet.equity, sheet.result) == (1012_00, 1000_00, 12_00)


def test_money_to_be_paid_back_is_a_debt_of_the_fund():
    sheet = ledger.balance_sheet(ledger.balances(ledger.contribution(500_00, repayable=True)))
    assert (sheet.assets, sheet.liabilities, sheet.equity) == (500_00, 500_00, 0)


def test_a_movement_that_does_not_balance_is_a_defect():
    with pytest.raises(ValueError, match="does not balance"):
        ledger.balanced([Line(LOANS, 1)])
    with pytest.raises(ValueError, match="does not balance"):
        ledger.balanced([Line(LOANS, 0)])
    with pytest.raises(ValueError, match="outside the chart"):
        ledger.balanced([Line("9999", 1), Line(LOANS, -1)])


def test_what_is_promised_and_what_is_reserved_is_not_available():
    assert ledger.available(cash_at_trustee=1000, committed=300, reserve=100) == 600
