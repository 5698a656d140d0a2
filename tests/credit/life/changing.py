"""Rules of the machine: a running loan is paid out further, planned anew, refinanced and written off, and the Trust Fund
Committee has its word.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import rule

from services.credit.models import Application, Loan
from services.credit.use_cases.carry_out_change import carry_out_change
from services.credit.use_cases.give_assent import give_assent
from services.credit.use_cases.pay_tranche import give_up_rest, pay_tranche
from shared.identity import Caller
from shared.kernel import clock
from tests.credit import changing
from tests.credit.house import COORDINATOR
from tests.credit.life.run import Run, assenting, hundreds, paying, people, pick, when

LOANS = "SELECT id FROM loan ORDER BY state <> 'active', id"
IN_PARTS = """
    SELECT loan.id FROM loan JOIN application a ON a.id = loan.application_id
    ORDER BY loan.state <> 'active', a.committed = 0, loan.id LIMIT 2"""


class Changing(Run):
    """What changes a running loan, by whomever."""

    @when("lent")
    @rule(
        which=pick,
        kind=st.sampled_from(["reschedule", "refinance", "write_off"]),
        instalments=st.integers(1, 24),
        amount=hundreds,
        by=people,
    )
    def ask_change(self, which: int, kind: str, instalments: int, amount: int, by: Caller) -> None:
        """It is asked for and, likely, appraised at once."""
        wanted = {"instalments": instalments, "amount": self.house.fund.money(amount * 100_00)}
        said = {"reschedule": ["instalments"], "refinance": ["instalments", "amount"], "write_off": []}[kind]

        def step(found: UUID) -> Any:
            loan = self.session.get_one(Loan, found)
            return changing.asked(self.house, loan, kind, **{name: wanted[name] for name in said})

        if self.on_one("ask_change", which, LOANS, step) is not None:
            self.appraise_change(which=0, by=by)

    @when("asks")
    @rule(which=pick, by=people)
    def appraise_change(self, which: int, by: Caller) -> None:
        query = "SELECT id FROM application WHERE kind <> 'loan' ORDER BY state <> 'submitted', id DESC LIMIT 3"

        def step(found: UUID) -> Any:
            return changing.appraised(self.house, self.session.get_one(Application, found), by)

        self.on_one("appraise_change", which, query, step)

    @when("changes")
    @rule(which=pick, by=paying)
    def carry_out(self, which: int, by: Caller) -> None:
        query = "SELECT id FROM application WHERE kind <> 'loan' ORDER BY state <> 'approved', kind = 'refinance', id LIMIT 3"
        self.on_one(
            "carry_out_change", which, query, lambda found: carry_out_change(self.session, by, application_id=found)
        )

    @when("waits")
    @rule(which=pick, by=assenting, gives=st.sampled_from([True, True, True, False]))
    def assent(self, which: int, by: Caller, gives: bool) -> None:
        query = """
            SELECT a.id FROM application a JOIN resolution r ON r.application_id = a.id
            ORDER BY a.state <> 'approved', r.assents_needed = 0, r.id DESC LIMIT 2"""
        facts = {"fund_id": self.fund_id, "gives": gives, "reason": "" if gives else "Demasiado"}
        self.on_one(
            "give_assent", which, query, lambda found: give_assent(self.session, by, application_id=found, **facts)
        )

    @when("in_parts")
    @rule(which=pick, by=paying, amount=st.integers(1, 4_000_00), ago=st.sampled_from([0, 0, 1]))
    def hand_out(self, which: int, by: Caller, amount: int, ago: int) -> None:
        money, day = self.house.fund.money(amount), clock.today() - timedelta(days=ago)
        self.on_one(
            "pay_tranche",
            which,
            IN_PARTS,
            lambda found: pay_tranche(self.session, by, loan_id=found, amount=money, disbursed_on=day),
        )

    @when("in_parts")
    @rule(which=pick)
    def give_up(self, which: int) -> None:
        self.on_one(
            "give_up_rest", which, IN_PARTS, lambda found: give_up_rest(self.session, COORDINATOR, loan_id=found)
        )
