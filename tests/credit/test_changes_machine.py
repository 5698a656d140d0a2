"""Whatever is paid, changed, handed out and closed in whatever order: the loans replay to what they are, the books
agree after every step, and what was found of a closed day stays true.
"""

import os
from contextlib import ExitStack, suppress
from datetime import date, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from services.credit.models import Loan
from services.credit.queries import portfolio
from services.credit.queries.books import checked_books
from services.credit.use_cases.disburse_loan import disburse_loan
from services.credit.use_cases.pay_tranche import give_up_rest
from shared.bus import log as _log  # noqa: F401 - the platform's tables
from shared.kernel import Refused, clock
from tests.credit.changing import approved, carry_out, empty_session, tranche
from tests.credit.closing import RULES, close, require_identities
from tests.credit.house import COORDINATOR, OFFICER, TODAY, URL, House, lempiras, names, product

pick = st.integers(0, 5)


class ChangesMachine(RuleBasedStateMachine):
    """A fund whose loans are handed out in parts, planned anew, refinanced, written off and recovered."""

    def __init__(self) -> None:
        super().__init__()
        self._stack = ExitStack()

    @initialize(
        capitalise=st.booleans(),
        terms=st.sampled_from([{}, {"method": "equal_principal", "day_count": "actual/365"}, {"method": "bullet"}]),
    )
    def begin(self, capitalise: bool, terms: dict[str, Any]) -> None:
        self._stack.enter_context(clock.frozen(TODAY))
        self.session = self._stack.enter_context(empty_session())
        rule_ = {"restructuring": {"most": 3, "capitalise_interest": capitalise}}
        self.house = House.build(self.session, **RULES, **rule_, products=product(tranches=3, **terms))
        self.loans: list[Loan] = []
        self.day = 0
        self.answers: dict[date, Any] = {}
        self.written_off_on: date | None = None

    def teardown(self) -> None:
        self._stack.close()

    def trying(self, step: Any) -> Any:
        """Do it, or be refused and have changed nothing."""
        with suppress(Refused):
            with self.session.begin_nested():
                done = step()
                self.session.flush()
            return done
        self.session.expire_all()
        return None

    def loan(self, which: int) -> Loan:
        return self.loans[which % len(self.loans)]

    @rule(days=st.integers(1, 45))
    def days_pass(self, days: int) -> None:
        self.day += days
        self._stack.enter_context(clock.frozen(TODAY + timedelta(days=self.day)))

    @precondition(lambda self: len(self.loans) < 3)
    @rule(amount=st.integers(10, 100), part=st.integers(5, 10))
    def lend(self, amount: int, part: int) -> None:
        def step() -> Loan:
            application = self.house.approved(f"{amount}00.00")
            return disburse_loan(
                self.session,
                OFFICER,
                application_id=application.id,
                disbursed_on=clock.today(),
                names=names,
                public_url=URL,
                amount=lempiras(f"{amount * part}0.00"),
            )

        if done := self.trying(step):
            self.loans.append(done)

    @precondition(lambda self: self.loans)
    @rule(which=pick, amount=st.integers(1, 4000_00), back=st.integers(0, 20))
    def pay_back(self, which: int, amount: int, back: int) -> None:
        day = clock.today() - timedelta(days=back)
        money = self.house.fund.money(amount)
        self.trying(lambda: self.house.repay(self.loan(which), "", money=money, paid_on=day))

    @precondition(lambda self: self.loans)
    @rule(which=pick)
    def pay_what_is_due(self, which: int) -> None:
        loan = self.loan(which)
        due = sum(part.total for part in loan.owed(clock.today()) if part.due)
        if due:
            self.trying(lambda: self.house.repay(loan, "", money=self.house.fund.money(due)))

    @precondition(lambda self: self.loans)
    @rule(which=pick, instalments=st.integers(1, 24), grace=st.integers(0, 2), first=st.sampled_from([None, 1, 90]))
    def plan_anew(self, which: int, instalments: int, grace: int, first: int | None) -> None:
        first_due = clock.today() + timedelta(days=first) if first else None
        self.trying(
            lambda: carry_out(
                self.house,
                approved(self.house, self.loan(which), instalments=instalments, grace=grace, first_due=first_due),
            )
        )

    @precondition(lambda self: self.loans)
    @rule(which=pick, amount=st.integers(50, 150))
    def refinance(self, which: int, amount: int) -> None:
        def step() -> Loan:
            application = approved(self.house, self.loan(which), "refinance", amount=lempiras(f"{amount}00.00"))
            return self.house.disburse(application)

        if done := self.trying(step):
            self.loans.append(done)

    @precondition(lambda self: self.loans)
    @rule(which=pick)
    def write_off(self, which: int) -> None:
        self.trying(lambda: carry_out(self.house, approved(self.house, self.loan(which), "write_off")))
        self.written_off_on = clock.today()

    @precondition(lambda self: self.loans)
    @rule(which=pick, amount=st.integers(1, 50))
    def hand_out(self, which: int, amount: int) -> None:
        self.trying(lambda: tranche(self.house, self.loan(which), f"{amount}00.00"))

    @precondition(lambda self: self.loans)
    @rule(which=pick)
    def give_up(self, which: int) -> None:
        self.trying(lambda: give_up_rest(self.session, COORDINATOR, loan_id=self.loan(which).id))

    @rule(back=st.integers(0, 3))
    def close_a_day(self, back: int) -> None:
        day = clock.today() - timedelta(days=back)
        if self.trying(lambda: close(self.session, self.house.fund.id, day)):
            self.answers[day] = self.risk(day)

    def risk(self, day: date) -> Any:
        return portfolio.at_risk(self.session, COORDINATOR, day)

    @invariant()
    def the_books_agree(self) -> None:
        assert checked_books(self.session, self.house.fund.id, clock.today()) == []

    @invariant()
    def every_day_that_is_over_has_its_books(self) -> None:
        if self.day > 3:
            assert checked_books(self.session, self.house.fund.id, clock.today() - timedelta(days=3)) == []

    @invariant()
    def each_loan_replays_to_what_it_is(self) -> None:
        for loan in self.session.scalars(select(Loan)):
            lent = loan.principal + loan.capitalised
            assert sum(item.principal for item in loan.instalments) == lent
            paid: dict[int, int] = {}
            for repayment in loan.repayments:
                for part in repayment.parts:
                    paid[part.instalment] = paid.get(part.instalment, 0) + part.principal
            assert {item.number: item.paid_principal for item in loan.instalments if item.paid_principal} == {
                number: cents for number, cents in paid.items() if cents
            }
            in_books = sum(repayment.principal for repayment in loan.repayments if not repayment.recovery)
            gone = sum(-change.principal for change in loan.changes if change.kind == "write_off")
            assert loan.outstanding_principal == lent - in_books - gone
            assert (loan.state == "settled") == (loan.left == 0)

    @invariant()
    def what_was_found_of_a_closed_day_stays_true(self) -> None:
        for day, answer in self.answers.items():
            assert self.risk(day) == answer

    @invariant()
    def nothing_is_promised_that_is_not_there(self) -> None:
        assert self.house.fund.available(self.session) >= 0

    @precondition(lambda self: self.answers and max(self.answers) == clock.today())
    @rule()
    def the_controls_agree(self) -> None:
        """What was written off after its day was closed is provided for by the next close."""
        if self.written_off_on == clock.today():
            self.days_pass(days=1)
        close(self.session, self.house.fund.id, clock.today())
        require_identities(self.session, self.house.fund)


def test_no_order_of_changes_breaks_the_books(monkeypatch):
    # Setting type takes 100 ms and decides nothing: the documents themselves have their own tests.
    from services.credit.documents.printed import Printed

    monkeypatch.setattr(Printed, "render", lambda _self, _url: b"%PDF")
    runs = int(os.environ.get("CSEM_CREDIT_RUNS", "15"))
    run_state_machine_as_test(
        ChangesMachine, settings=settings(max_examples=runs, stateful_step_count=25, deadline=None)
    )
