"""Whatever is tried with an award of seed capital, nothing is paid before what it waits for, and the books agree."""

import tempfile
from contextlib import ExitStack, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy.orm import Session

from services.credit.models import Base, SeedAward
from services.credit.queries.books import checked_books
from services.credit.use_cases.close_item import close_item
from services.credit.use_cases.follow_award import close_award, lapse_award, post_return, report_award
from shared import files
from shared.database import Database, platform
from shared.identity import Caller
from shared.kernel import Refused, clock
from shared.testing import person
from tests.credit.house import CASHIER, CHAIR, COORDINATOR, MEMBERS, OFFICER, TECHNICIAN, TODAY, lempiras
from tests.credit.seeding import PDF, award, pay, planned, seed_house, show, verify

# Everybody holds every role here, so that only the rules stand between a person and a misdeed.
PEOPLE = tuple(
    person("coordinator", "cashier", "credit_officer", scope="HN17", subject=who.subject, name=who.name)
    for who in (CHAIR, OFFICER, CASHIER, TECHNICIAN, COORDINATOR)
)
VOTERS = {who.subject for who in MEMBERS}
people, part = st.sampled_from(PEOPLE), st.integers(1, 3)
GIVEN = 100_000_00


class SeedMachine(RuleBasedStateMachine):
    """An application for seed capital in three parts, and people who try everything."""

    product = "arranque"

    def __init__(self) -> None:
        super().__init__()
        self._stack = ExitStack()

    @initialize()
    def begin(self) -> None:
        self._stack.enter_context(clock.frozen(TODAY))
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
        database = Database(f"sqlite:///{folder}/seed.sqlite")
        self._stack.callback(database.dispose)
        files.keep_in(database, folder)
        connection = self._stack.enter_context(database.engine.connect().execution_options(csem_write=True))
        platform.create_all(connection)
        Base.metadata.create_all(connection)
        self.session = self._stack.enter_context(Session(connection, expire_on_commit=False))
        self.house = seed_house(self.session)
        self.application = planned(self.house, self.product, "5000.00", "3000.00", "2000.00")
        self.meeting = self.house.opened(self.application)
        self.approved = False
        self.award: SeedAward | None = None
        self.days = self.returned = 0
        self.shown: dict[int, str] = {}
        self.verified: dict[int, str] = {}
        self.paid: dict[int, str] = {}

    def teardown(self) -> None:
        self._stack.close()

    def trying(self, step: Any) -> Any:
        """Do it, or be refused and have changed nothing."""
        with suppress(Refused):
            with self.session.begin_nested():
                done = step()
                self.session.flush()
            return done or True
        self.session.expire_all()
        return None

    @rule()
    def decide(self) -> None:
        self.trying(lambda: self.house.vote(self.meeting))
        item = self.meeting.agenda[0].id
        if self.trying(lambda: close_item(self.session, CHAIR, session_id=self.meeting.id, item_id=item)):
            self.approved = True

    @rule(by=people)
    def make(self, by: Caller) -> None:
        made = self.trying(lambda: award(self.house, self.application, by))
        if made:
            assert self.approved
            assert self.award is None
            assert by.subject not in VOTERS
            self.award = made

    @rule(number=part, by=people)
    def pay_out(self, number: int, by: Caller) -> None:
        if self.award and self.trying(lambda: pay(self.house, self.award, number, by)):
            assert number not in self.paid
            assert number == 1 or (number - 1 in self.paid and number - 1 in self.verified)
            assert by.subject not in VOTERS | set(self.verified.values())
            self.paid[number] = by.subject

    @rule(number=part, by=people)
    def show_it(self, number: int, by: Caller) -> None:
        if self.award and self.trying(lambda: show(self.house, self.award, number, by=by)):
            assert number in self.paid
            assert number not in self.verified
            self.shown[number] = by.subject

    @rule(number=part, by=people)
    def verify_it(self, number: int, by: Caller) -> None:
        if self.award and self.trying(lambda: verify(self.house, self.award, number, by)):
            assert by.subject not in {self.shown[number], self.paid[number]}
            self.verified[number] = by.subject

    @rule(days=st.integers(1, 40))
    def wait(self, days: int) -> None:
        self.days += days
        self._stack.enter_context(clock.frozen(TODAY + timedelta(days=self.days)))

    @rule(amount=st.integers(1, 60))
    def give_back(self, amount: int) -> None:
        facts = {"amount": lempiras(f"{amount}00.00"), "paid_on": clock.today(), "channel": "trustee"}
        by = person("cashier", scope="HN17", subject="cashier-2", name="Otra")
        if self.award and self.trying(lambda: post_return(self.session, by, award_id=self.award.id, **facts)):
            self.returned += amount * 100_00

    @rule(by=people)
    def lapse_report_close(self, by: Caller) -> None:
        if self.award is None:
            return
        known = {"award_id": self.award.id}
        version = {"if_match": self.award.version}
        self.trying(lambda: lapse_award(self.session, by, **known, **version, reason="Plazo"))
        self.trying(lambda: report_award(self.session, by, **known, name="i.pdf", content=PDF))
        closed = self.trying(
            lambda: close_award(self.session, by, **known, if_match=self.award.version if self.award else 0)
        )
        assert not closed, "who reported closed it"
        if self.trying(
            lambda: close_award(self.session, COORDINATOR, **known, if_match=self.award.version if self.award else 0)
        ):
            assert by.subject != COORDINATOR.subject
            assert all(one.state in {"verified", "lapsed"} for one in self.award.milestones)

    @invariant()
    def what_is_not_paid_is_promised_until_it_lapses(self) -> None:
        if not hasattr(self, "house"):
            return
        fund = self.house.fund
        promised = 10_000_00 if self.approved and self.award is None else 0
        spent = 0
        if self.award:
            parts = self.award.milestones
            promised = sum(one.amount for one in parts if one.paid_on is None and one.state != "lapsed")
            spent = sum(one.amount for one in parts if one.position in self.paid) - self.returned
        assert fund.committed(self.session) == promised
        assert fund.available(self.session) == GIVEN - spent - promised
        assert 0 <= spent <= 10_000_00
        assert checked_books(self.session, fund.id, clock.today()) == []


class ContributionMachine(SeedMachine):
    product = "aporte"


def test_no_path_pays_a_part_before_what_it_waits_for(monkeypatch):
    from services.credit.documents.printed import Printed

    monkeypatch.setattr(Printed, "render", lambda _self, _url: b"%PDF")
    for machine in (SeedMachine, ContributionMachine):
        run_state_machine_as_test(machine, settings=settings(max_examples=15, stateful_step_count=40, deadline=None))


def test_the_seed_machine_does_reach_what_it_looks_at(monkeypatch):
    """Were it unable to pay and to verify, its invariants would say nothing."""
    from services.credit.documents.printed import Printed

    monkeypatch.setattr(Printed, "render", lambda _self, _url: b"%PDF")
    machine = ContributionMachine()
    machine.begin()
    try:
        machine.decide()
        machine.make(by=PEOPLE[1])
        for number in (1, 2, 3):
            machine.pay_out(number=number, by=PEOPLE[2])
            machine.show_it(number=number, by=PEOPLE[3])
            machine.verify_it(number=number, by=PEOPLE[4])
            machine.what_is_not_paid_is_promised_until_it_lapses()
        assert set(machine.verified) == {1, 2, 3}
        machine.give_back(amount=60)
        machine.give_back(amount=40)
        machine.lapse_report_close(by=PEOPLE[3])
        assert machine.award is not None
        assert machine.award.state == "closed"
        machine.what_is_not_paid_is_promised_until_it_lapses()
    finally:
        machine.teardown()
