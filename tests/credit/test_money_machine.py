"""Whatever is tried with a fund's money between its loans, the books agree after every step and nothing that is promised
or reserved leaves the trustee.
"""

from datetime import date

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import select

from services.credit.models import Contribution, IncomePart
from services.credit.queries.books import checked_books
from services.credit.queries.overpayments import held_for
from services.credit.rules import ledger
from services.credit.use_cases.book_bank_item import book_bank_item
from services.credit.use_cases.count_drawer import count_drawer
from services.credit.use_cases.keep_fund import deposit_cash, record_contribution
from services.credit.use_cases.reverse_repayment import reverse_repayment
from services.credit.use_cases.share_income import pay_income_part, share_income
from services.credit.use_cases.use_overpayment import apply_overpayment, refund_overpayment
from services.credit.use_cases.withdraw_contribution import withdraw_contribution
from shared.identity import Caller
from shared.kernel import clock
from tests.credit.house import CASHIER, COORDINATOR, OFFICER, PARAMETERS
from tests.credit.test_machine import PEOPLE, CreditMachine, people, pick

cents = st.integers(1, 12_000_00)
days = st.sampled_from([date(2026, 1, 31), date(2026, 2, 10), date(2026, 2, 28), date(2026, 3, 5)])
SHARED = {"period": "month", "shares": [{"to": "ADEL", "percent": "40"}, {"to": "Red", "percent": "33.33"}]}


class MoneyMachine(CreditMachine):
    """The machine of the loans, and everything else that moves the money of its fund."""

    charged = 0
    """What the bank took of its own accord: it asks nobody whether it was promised."""

    @rule(amount=cents, repayable=st.booleans(), day=days)
    def contribute(self, amount: int, repayable: bool, day: date) -> None:
        self.trying(
            lambda: record_contribution(
                self.session,
                COORDINATOR,
                fund_id=self.house.fund.id,
                funder="Banco",
                source="bank",
                repayable=repayable,
                amount=self.house.fund.money(amount),
                received_on=day,
            )
        )

    @rule(which=pick, amount=cents, interest=st.sampled_from([0, 0, 1, 500_00]), day=days)
    def withdraw(self, which: int, amount: int, interest: int, day: date) -> None:
        rows = self.session.scalars(select(Contribution).order_by(Contribution.id)).all()
        before = self.house.fund.available(self.session)
        done = self.trying(
            lambda: withdraw_contribution(
                self.session,
                COORDINATOR,
                fund_id=self.house.fund.id,
                contribution_id=rows[which % len(rows)].id,
                amount=self.house.fund.money(amount),
                interest=self.house.fund.money(interest),
                paid_on=day,
                reason="Cuota",
            )
        )
        assert not done or before >= amount + interest

    @rule(item=st.sampled_from(["bank_charge", "bank_interest"]), amount=st.integers(1, 900_00), day=days)
    def bank_item(self, item: str, amount: int, day: date) -> None:
        done = self.trying(
            lambda: book_bank_item(
                self.session,
                OFFICER,
                fund_id=self.house.fund.id,
                item=item,
                amount=self.house.fund.money(amount),
                booked_on=day,
                memo="Nota",
            )
        )
        if done and item == "bank_charge":
            self.charged += amount

    @rule(amount=st.integers(0, 9_000_00), reason=st.sampled_from(["", "Cambio"]))
    def count(self, amount: int, reason: str) -> None:
        counted = self.house.fund.money(amount)
        self.trying(
            lambda: count_drawer(self.session, CASHIER, fund_id=self.house.fund.id, counted=counted, reason=reason)
        )

    @rule(amount=cents)
    def deposit(self, amount: int) -> None:
        self.trying(
            lambda: deposit_cash(
                self.session,
                CASHIER,
                fund_id=self.house.fund.id,
                amount=self.house.fund.money(amount),
                deposited_on=clock.today(),
            )
        )

    @rule(day=days)
    def share(self, day: date) -> None:
        self.trying(lambda: share_income(self.session, COORDINATOR, fund_id=self.house.fund.id, ends_on=day))

    @rule(which=pick)
    def pay_share(self, which: int) -> None:
        parts = self.session.scalars(select(IncomePart).order_by(IncomePart.id)).all()
        if parts:
            part = parts[which % len(parts)].id
            self.trying(
                lambda: pay_income_part(
                    self.session, COORDINATOR, fund_id=self.house.fund.id, part_id=part, paid_on=clock.today()
                )
            )

    @precondition(lambda self: self.loans)
    @rule(which=pick, by=people, amount=st.integers(1, 20_000_00))
    def pay_too_much(self, which: int, by: Caller, amount: int) -> None:
        loan, money = self.loans[which % len(self.loans)], self.house.fund.money(amount)
        self.trying(lambda: self.house.repay(loan, "", by, money=money, hold_excess=True))

    @precondition(lambda self: self.loans)
    @rule(which=pick, row=pick, by=people, to=st.one_of(st.none(), pick))
    def reverse(self, which: int, row: int, by: Caller, to: int | None) -> None:
        loan = self.loans[which % len(self.loans)]
        if not loan.repayments:
            return
        repayment = loan.repayments[row % len(loan.repayments)]
        target = None if to is None else self.loans[to % len(self.loans)].id
        owed = loan.left
        done = self.trying(
            lambda: reverse_repayment(self.session, by, repayment_id=repayment.id, reason="Error", move_to=target)
        )
        if done:
            assert by.subject not in {repayment.posted_by, loan.disbursed_by}
            assert loan.left == owed + repayment.amount - repayment.excess
            assert loan.state == ("active" if loan.left else "settled")

    @precondition(lambda self: self.loans)
    @rule(which=pick, by=people, amount=st.integers(1, 2_000_00))
    def give_back(self, which: int, by: Caller, amount: int) -> None:
        loan, money = self.loans[which % len(self.loans)], self.house.fund.money(amount)
        self.trying(lambda: refund_overpayment(self.session, by, loan_id=loan.id, amount=money, channel="cash"))

    @precondition(lambda self: self.loans)
    @rule(which=pick, to=pick, by=people, amount=st.integers(1, 2_000_00))
    def pay_with_what_is_held(self, which: int, to: int, by: Caller, amount: int) -> None:
        loan, money = self.loans[which % len(self.loans)], self.house.fund.money(amount)
        target = self.loans[to % len(self.loans)].id
        self.trying(lambda: apply_overpayment(self.session, by, loan_id=loan.id, target_id=target, amount=money))

    @invariant()
    def nobody_is_held_less_than_nothing(self) -> None:
        assert all(held_for(self.session, loan.id) >= 0 for loan in self.loans)

    @invariant()
    def nothing_is_promised_twice(self) -> None:
        """In the place of the machine's own: here money comes and goes, and the bank helps itself."""
        assert self.house.fund.available(self.session) >= -self.charged
        balances = self.house.fund.balances(self.session)
        assert balances[ledger.CASH_AT_TRUSTEE] >= 0
        assert balances[ledger.CASH_IN_HAND] >= 0

    @invariant()
    def the_books_agree_on_every_day(self) -> None:
        for day in (date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 4), clock.today()):
            assert checked_books(self.session, self.house.fund.id, day) == []


def test_no_path_takes_what_is_promised_and_the_books_agree_after_every_step(monkeypatch):
    from services.credit.documents.printed import Printed

    monkeypatch.setattr(Printed, "render", lambda _self, _url: b"%PDF")
    monkeypatch.setitem(PARAMETERS, "income_shares", SHARED)
    run_state_machine_as_test(MoneyMachine, settings=settings(max_examples=12, stateful_step_count=40, deadline=None))


def test_the_money_machine_does_reach_what_it_looks_at(monkeypatch):
    """Were it unable to lend, share and pay, its invariants would say nothing."""
    from services.credit.documents.printed import Printed

    monkeypatch.setattr(Printed, "render", lambda _self, _url: b"%PDF")
    monkeypatch.setitem(PARAMETERS, "income_shares", SHARED)
    machine = MoneyMachine()
    machine.begin()
    try:
        machine.bank_item(item="bank_interest", amount=300_00, day=date(2026, 2, 10))
        machine.share(day=date(2026, 2, 28))
        machine.pay_share(which=0)
        machine.contribute(amount=5_000_00, repayable=True, day=date(2026, 1, 31))
        machine.withdraw(which=1, amount=1_000_00, interest=500_00, day=date(2026, 3, 5))
        machine.apply_and_appraise(amount=50, by=PEOPLE[4])
        machine.convene(which=[0])
        machine.open(meeting=0, by=PEOPLE[0], present={0, 1, 2, 3})
        machine.everybody_approves(meeting=0, item=0)
        machine.close(meeting=0, item=0, by=PEOPLE[1])
        machine.pay_out(which=0, by=PEOPLE[4])
        machine.pay_back(which=0, by=PEOPLE[5], amount=100_00)
        machine.deposit(amount=60_00)
        machine.count(amount=30_00, reason="Cambio")
        balances = machine.house.fund.balances(machine.session)
        assert balances["1102"] == 30_00
        machine.pay_too_much(which=0, by=PEOPLE[5], amount=20_000_00)
        assert machine.loans[0].state == "settled"
        machine.give_back(which=0, by=PEOPLE[6], amount=100_00)
        machine.reverse(which=0, row=1, by=PEOPLE[6], to=None)
        assert machine.loans[0].state == "settled", "what went back is not paid twice"
        machine.reverse(which=0, row=0, by=PEOPLE[6], to=None)
        machine.the_books_agree_on_every_day()
        balances = machine.house.fund.balances(machine.session)
        assert balances["2201"] == -99_99
        assert balances["2102"] == -4_000_00
        # 30,000 and 300, less 120 paid out, more 5,000, less 1,500 paid back, less 5,000 lent, more 60 deposited.
        assert balances["1101"] == 28_740_00
        machine.nothing_is_promised_twice()
        machine.the_books_agree_on_every_day()
    finally:
        machine.teardown()
