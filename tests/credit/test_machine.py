"""Whatever is tried, in whatever order, no money leaves a fund without quorum, composition, recusal, funds, conditions and
segregation, nor on an approval that expired or of a suspended fund, and the books balance after every step.

The machine tries every use case with people who may and people who may not. Its own bookkeeping is a few plain sets,
written from the regulations and not from the code under test.
"""

import os
import tempfile
from contextlib import ExitStack, suppress
from datetime import date, timedelta
from pathlib import Path
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
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.credit.models import (
    AgendaItem,
    Application,
    Base,
    Condition,
    CreditRegulations,
    LedgerLine,
    Loan,
    Resolution,
    Vote,
)
from services.credit.queries.books import checked_books
from services.credit.rules import ledger
from services.credit.sealing import seal_with
from services.credit.use_cases.cast_vote import cast_vote, declare_conflict
from services.credit.use_cases.close_item import close_item
from services.credit.use_cases.close_session import close_session
from services.credit.use_cases.convene_session import convene_session, place_on_agenda
from services.credit.use_cases.form_committee import declare_interest, take_seat
from services.credit.use_cases.govern_lending import resume_lending, suspend_lending
from services.credit.use_cases.hold_session import open_session, record_attendance
from services.credit.use_cases.meet_conditions import ask_condition, meet_condition, show_evidence
from services.credit.use_cases.withdraw_application import withdraw_application
from shared import files
from shared.bus import tables as _bus  # noqa: F401 - the platform's tables
from shared.database import Database, platform
from shared.identity import Caller
from shared.kernel import Refused, clock
from shared.testing import person
from shared.tokens import Keyring, create_keys
from tests.credit.house import (
    CASHIER,
    CHAIR,
    COORDINATOR,
    LEDA,
    MEMBERS,
    OFFICER,
    SEATS,
    TODAY,
    URL,
    House,
    member,
    names,
    product,
)

ALL_ROLES = ("committee_member", "credit_officer", "cashier", "technician")
# Everybody holds every role here, so that only the rules stand between a person and a misdeed.
ALTERNATE = member(5, "Susana Suplente")
TRUST = person("trust_fund_member", scope="HN17", subject="trust")
OTHER_TRUST = person("trust_fund_member", scope="HN17", subject="other-trust")
PEOPLE = tuple(
    person(*ALL_ROLES, scope="HN17", subject=who.subject, name=who.name)
    for who in (*MEMBERS, OFFICER, CASHIER, ALTERNATE)
)
SEATED = (0, 1, 2, 3, 6)
CONSTITUENCY = {who.subject: constituency for who, constituency, _, _ in SEATS} | {ALTERNATE.subject: "leda"}
APPROVALS = {"approvals": {"days": 20, "source": "art. 16"}}
people = st.sampled_from(PEOPLE)
pick = st.integers(0, 5)
CASH = 30_000_00


class CreditMachine(RuleBasedStateMachine):
    """A fund of 30,000 with a small reserve, and people who try everything."""

    def __init__(self) -> None:
        super().__init__()
        self._stack = ExitStack()

    @initialize()
    def begin(self) -> None:
        self._stack.enter_context(clock.frozen(TODAY))
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
        database = Database(f"sqlite:///{folder}/machine.sqlite")
        self._stack.callback(database.dispose)
        files.keep_in(database, folder)
        create_keys(folder / "keys", "credit")
        seal_with(database, Keyring(folder / "keys", "credit"))
        connection = self._stack.enter_context(database.engine.connect().execution_options(csem_write=True))
        platform.create_all(connection)
        Base.metadata.create_all(connection)
        self.session = self._stack.enter_context(Session(connection, expire_on_commit=False))
        self.house = House.build(self.session, cash="30000.00", reserve="1000.00", **APPROVALS)
        self.house.seats[ALTERNATE.subject] = take_seat(
            self.session,
            COORDINATOR,
            committee_id=self.house.committee_id,
            constituency="leda",
            position="member",
            subject=ALTERNATE.subject,
            name=ALTERNATE.name,
            organization="ADEL Valle",
            since=date(2025, 1, 1),
            alternate_for=self.house.seats[LEDA.subject],
        ).id
        self.applications: list[Application] = []
        self.meetings: list[Any] = []
        self.loans: list[Loan] = []
        self.editions = self.day = 0
        self.suspended = False
        self.asked: dict[Any, set[Any]] = {}
        self.met: set[Any] = set()
        self.appraisers: dict[Any, set[str]] = {}
        self.interested: set[tuple[str, Any]] = set()

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

    @rule(amount=st.integers(5, 150), by=people)
    def apply_and_appraise(self, amount: int, by: Caller) -> None:
        application = self.trying(lambda: self.house.appraised(f"{amount}00.00", by=by))
        if application:
            self.applications.append(application)
            self.appraisers[application.id] = {by.subject}

    @precondition(lambda self: self.applications)
    @rule(which=pick, by=people, amount=st.integers(5, 150))
    def appraise_again(self, which: int, by: Caller, amount: int) -> None:
        application = self.applications[which % len(self.applications)]
        before = application.state
        if self.trying(lambda: self.house.appraise(application, f"{amount}00.00", by)):
            assert before in {"submitted", "appraised", "deferred"}, f"appraised while {before}"
            self.appraisers[application.id].add(by.subject)

    @precondition(lambda self: self.editions < 3)
    @rule(maximum=st.integers(20, 200), code=st.sampled_from(["working-capital", "renamed"]), rate=st.integers(1, 30))
    def adopt_regulations(self, maximum: int, code: str, rate: int) -> None:
        self.editions += 1
        day = date(2025, 1, 1) + timedelta(days=self.editions)
        self.house.adopt(day, products=product(maximum=maximum * 100_00, code=code, annual_rate=str(rate)), **APPROVALS)

    @rule(days=st.integers(-9, 15))
    def days_pass(self, days: int) -> None:
        """The clock goes on, or somebody sets it back."""
        self.day = min(max(self.day + days, 0), 200)
        self._stack.enter_context(clock.frozen(TODAY + timedelta(days=self.day)))

    @rule()
    def suspend_or_resume(self) -> None:
        step, by = (resume_lending, OTHER_TRUST) if self.suspended else (suspend_lending, TRUST)
        step(self.session, by, fund_id=self.house.fund.id, reason="Se revisa")
        self.suspended = not self.suspended

    @precondition(lambda self: any(meeting.agenda for meeting in self.meetings))
    @rule(meeting=pick, item=pick, by=people)
    def ask(self, meeting: int, item: int, by: Caller) -> None:
        def step(meeting_id: Any, item_id: Any) -> None:
            condition = ask_condition(
                self.session, by, session_id=meeting_id, item_id=item_id, text="Factura", verifier="technician"
            )
            self.asked.setdefault(item_id, set()).add(condition.id)

        self._on_item(meeting, item, step)

    @precondition(lambda self: any(self.asked.values()))
    @rule(which=pick, by=people, shown=st.booleans())
    def meet(self, which: int, by: Caller, shown: bool) -> None:
        conditions = sorted(one for asked in self.asked.values() for one in asked)
        condition = self.session.get_one(Condition, conditions[which % len(conditions)])
        facts = {"application_id": condition.application_id, "condition_id": condition.id}
        if shown:
            self.trying(lambda: show_evidence(self.session, by, name="f.pdf", content=b"%PDF-1.7 %%EOF", **facts))
        if self.trying(lambda: meet_condition(self.session, by, **facts)):
            assert condition.evidence_file_id is not None
            self.met.add(condition.id)

    @precondition(lambda self: self.applications)
    @rule(which=pick, who=st.sampled_from(PEOPLE[:4]))
    def become_interested(self, which: int, who: Caller) -> None:
        application = self.applications[which % len(self.applications)]
        voted = self.session.scalars(
            select(Vote.subject).join(AgendaItem).where(AgendaItem.application_id == application.id)
        ).all()
        if who.subject in voted:
            return
        owner = self.house.owners[application.enterprise_id]
        self.trying(
            lambda: declare_interest(
                self.session,
                who,
                committee_id=self.house.committee_id,
                seat_id=self.house.seats[who.subject],
                entrepreneur_id=owner,
                relation="relative",
            )
        )
        self.interested.add((who.subject, application.id))

    @precondition(lambda self: len(self.meetings) < 4)
    @rule(which=st.lists(pick, max_size=3))
    def convene(self, which: list[int]) -> None:
        meeting = self.trying(
            lambda: convene_session(
                self.session,
                COORDINATOR,
                committee_id=self.house.committee_id,
                scheduled_for=clock.now(),
                place="San Lorenzo",
            )
        )
        self.meetings.append(meeting)
        for number in which:
            self._place(meeting, number)

    @precondition(lambda self: self.meetings and self.applications)
    @rule(meeting=pick, which=pick)
    def place(self, meeting: int, which: int) -> None:
        self._place(self.meetings[meeting % len(self.meetings)], which)

    def _place(self, meeting: Any, which: int) -> None:
        if self.applications:
            application = self.applications[which % len(self.applications)]
            self.trying(
                lambda: place_on_agenda(self.session, COORDINATOR, session_id=meeting.id, application_id=application.id)
            )

    @precondition(lambda self: self.meetings)
    @rule(meeting=pick, by=people, present=st.sets(st.sampled_from(SEATED)))
    def open(self, meeting: int, by: Caller, present: set[int]) -> None:
        seats = [self.house.seats[PEOPLE[number].subject] for number in present]
        found = self.meetings[meeting % len(self.meetings)]
        self.trying(lambda: open_session(self.session, by, session_id=found.id, present=seats))

    @precondition(lambda self: self.meetings)
    @rule(meeting=pick, seat=pick, present=st.booleans())
    def come_and_go(self, meeting: int, seat: int, present: bool) -> None:
        found = self.meetings[meeting % len(self.meetings)]
        if found.roll:
            roll_seat = found.roll[seat % len(found.roll)].id
            self.trying(
                lambda: record_attendance(
                    self.session, CHAIR, session_id=found.id, roll_seat_id=roll_seat, present=present
                )
            )

    @precondition(lambda self: any(meeting.agenda for meeting in self.meetings))
    @rule(meeting=pick, item=pick, by=people, choice=st.sampled_from(["approve", "approve", "refuse", "defer"]))
    def vote(self, meeting: int, item: int, by: Caller, choice: str) -> None:
        self._on_item(
            meeting,
            item,
            lambda meeting_id, item_id: cast_vote(
                self.session, by, session_id=meeting_id, item_id=item_id, choice=choice, reason="Lo pensé"
            ),
        )

    @precondition(lambda self: any(meeting.agenda for meeting in self.meetings))
    @rule(meeting=pick, item=pick)
    def everybody_approves(self, meeting: int, item: int) -> None:
        for by in PEOPLE:
            self.vote(meeting=meeting, item=item, by=by, choice="approve")

    @precondition(lambda self: any(meeting.agenda for meeting in self.meetings))
    @rule(meeting=pick, item=pick, by=people)
    def recuse(self, meeting: int, item: int, by: Caller) -> None:
        self._on_item(
            meeting,
            item,
            lambda meeting_id, item_id: declare_conflict(
                self.session, by, session_id=meeting_id, item_id=item_id, reason="Conflicto"
            ),
        )

    @precondition(lambda self: any(meeting.agenda for meeting in self.meetings))
    @rule(meeting=pick, item=pick, by=people)
    def close(self, meeting: int, item: int, by: Caller) -> None:
        self._on_item(
            meeting,
            item,
            lambda meeting_id, item_id: self._counted(
                close_item(self.session, by, session_id=meeting_id, item_id=item_id)
            ),
        )

    def _counted(self, resolution: Resolution) -> None:
        assert not (self.suspended and resolution.outcome == "approved"), "approved while lending was suspended"

    def _on_item(self, meeting: int, item: int, step: Any) -> None:
        meetings = [found for found in self.meetings if found.agenda]
        found = meetings[meeting % len(meetings)]
        self.trying(lambda: step(found.id, found.agenda[item % len(found.agenda)].id))

    @precondition(lambda self: self.applications)
    @rule(which=pick)
    def take_back(self, which: int) -> None:
        application = self.applications[which % len(self.applications)]
        self.trying(lambda: withdraw_application(self.session, OFFICER, application_id=application.id))

    @precondition(lambda self: self.applications)
    @rule(which=pick, by=people)
    def pay_out(self, which: int, by: Caller) -> None:
        application = self.applications[which % len(self.applications)]
        loan = self.trying(lambda: self.house.disburse(application, by))
        if loan:
            self.loans.append(loan)
            resolution = self.session.get_one(Resolution, loan.resolution_id)
            assert not self.suspended, "paid out while lending was suspended"
            assert self.asked.get(resolution.item_id, set()) <= self.met, "paid out with a condition open"
            assert resolution.expires_on is None or clock.today() <= resolution.expires_on, "the approval had expired"
            later = select(Resolution.id).where(
                Resolution.application_id == application.id, Resolution.id > resolution.id
            )
            assert self.session.scalar(later) is None, "paid out on an approval that another one took the place of"

    @precondition(lambda self: self.loans)
    @rule(which=pick, by=people, amount=st.integers(1, 20_000_00))
    def pay_back(self, which: int, by: Caller, amount: int) -> None:
        loan = self.loans[which % len(self.loans)]
        before = loan.disbursed_by
        done = self.trying(lambda: self.house.repay(loan, "", by, money=self.house.fund.money(amount)))
        if done:
            assert by.subject != before, "who paid out took a repayment"

    @precondition(lambda self: any(meeting.state == "open" for meeting in self.meetings))
    @rule(meeting=pick)
    def end_session(self, meeting: int) -> None:
        found = self.meetings[meeting % len(self.meetings)]
        if found.state == "open":
            close_session(self.session, CHAIR, session_id=found.id, names=names, public_url=URL)

    @invariant()
    def what_lies_before_the_committee_is_what_it_votes_on(self) -> None:
        for meeting in self.meetings:
            for item in meeting.agenda:
                application = self.session.get_one(Application, item.application_id)
                if item.state == "pending" and application.state != "withdrawn":
                    assert application.state == "on_agenda"
                    assert (item.amount, item.appraisal) == (application.appraisal.amount, application.appraisal)

    @invariant()
    def a_principal_and_her_alternate_are_never_both_there(self) -> None:
        for meeting in self.meetings:
            there = {seat.subject for seat in meeting.roll if seat.present}
            assert not {ALTERNATE.subject, LEDA.subject} <= there

    @invariant()
    def every_loan_is_what_its_edition_lends(self) -> None:
        for loan in self.session.scalars(select(Loan)):
            application = self.session.get_one(Application, loan.application_id)
            edition = self.session.get_one(CreditRegulations, loan.regulations_id)
            product_ = edition.product(application.product)
            assert product_.minimum <= loan.principal <= product_.maximum
            assert product_.annual_rate == loan.annual_rate

    @invariant()
    def every_loan_was_decided_as_the_regulations_ask(self) -> None:
        for loan in self.session.scalars(select(Loan)):
            resolution = self.session.get_one(Resolution, loan.resolution_id)
            item = self.session.get_one(AgendaItem, resolution.item_id)
            recused = {recusal.roll_seat_id for recusal in item.recusals}
            assert resolution.outcome == "approved"
            assert loan.principal == item.amount == resolution.amount
            voters = {vote.subject for vote in item.votes}
            assert len(item.votes) == len(voters) >= 3
            assert {CONSTITUENCY[subject] for subject in voters} == {"women_organizations", "csem", "leda"}
            assert not recused & {vote.roll_seat_id for vote in item.votes}
            assert not {ALTERNATE.subject, LEDA.subject} <= voters, "a principal and her alternate both voted"
            approving = [vote for vote in item.votes if vote.choice == "approve"]
            tie_by_chair = len(approving) * 2 == len(voters) and any(v.subject == CHAIR.subject for v in approving)
            assert len(approving) * 2 > len(voters) or tie_by_chair
            assert not voters & self.appraisers[loan.application_id]
            assert not {(subject, loan.application_id) for subject in voters} & self.interested
            assert loan.disbursed_by not in self._everybody_who_voted_on(loan.application_id)

    def _everybody_who_voted_on(self, application_id: Any) -> set[str]:
        query = select(Vote.subject).join(AgendaItem).where(AgendaItem.application_id == application_id)
        return set(self.session.scalars(query))

    @invariant()
    def the_books_balance(self) -> None:
        balances = self.house.fund.balances(self.session)
        sheet = ledger.balance_sheet(balances)
        assert sheet.holds
        unbalanced = select(LedgerLine.entry_id).group_by(LedgerLine.entry_id).having(func.sum(LedgerLine.amount) != 0)
        assert self.session.scalars(unbalanced).all() == []
        owed = self.session.scalar(select(func.coalesce(func.sum(Loan.outstanding_principal), 0)))
        assert balances[ledger.LOANS] == owed, "the loans' account is the sum of the loans"
        assert checked_books(self.session, self.house.fund.id, clock.today()) == []

    @invariant()
    def nothing_is_promised_twice(self) -> None:
        lent = self.session.scalar(select(func.coalesce(func.sum(Loan.principal), 0))) or 0
        promised = self.house.fund.committed(self.session)
        assert lent + promised <= CASH - 1000_00, "more was promised than the fund ever had, less its reserve"
        assert self.house.fund.balances(self.session)[ledger.CASH_AT_TRUSTEE] >= 0

    @invariant()
    def resolutions_are_numbered_without_gaps(self) -> None:
        numbers = self.session.scalars(select(Resolution.number).order_by(Resolution.id)).all()
        assert list(numbers) == [f"FON-R-2026-{number:04d}" for number in range(1, len(numbers) + 1)]


def test_no_path_leads_to_a_disbursement_against_the_rules(monkeypatch):
    # Setting type takes 100 ms and decides nothing: the documents themselves have their own tests.
    from services.credit.documents.printed import Printed

    monkeypatch.setattr(Printed, "render", lambda _self, _url: b"%PDF")
    runs = int(os.environ.get("CSEM_CREDIT_RUNS", "15"))
    run_state_machine_as_test(
        CreditMachine, settings=settings(max_examples=runs, stateful_step_count=40, deadline=None)
    )


def test_the_machine_does_reach_a_loan_when_everybody_behaves(monkeypatch):
    """Were the machine unable to get a loan paid out, its invariants would say nothing."""
    from services.credit.documents.printed import Printed

    monkeypatch.setattr(Printed, "render", lambda _self, _url: b"%PDF")
    machine = CreditMachine()
    machine.begin()
    try:
        machine.apply_and_appraise(amount=50, by=PEOPLE[4])
        machine.convene(which=[0])
        machine.open(meeting=0, by=PEOPLE[0], present={0, 1, 2, 3})
        machine.everybody_approves(meeting=0, item=0)
        machine.close(meeting=0, item=0, by=PEOPLE[1])
        machine.pay_out(which=0, by=PEOPLE[2])
        assert machine.loans == [], "a member who voted paid out"
        machine.pay_out(which=0, by=PEOPLE[4])
        machine.pay_back(which=0, by=PEOPLE[4], amount=100_00)
        assert machine.loans[0].repayments == []
        machine.pay_back(which=0, by=PEOPLE[5], amount=100_00)
        assert len(machine.loans[0].repayments) == 1
        machine.every_loan_was_decided_as_the_regulations_ask()
        machine.the_books_balance()
    finally:
        machine.teardown()


def test_the_machine_does_reach_a_loan_through_an_alternate_a_condition_and_a_second_approval(monkeypatch):
    from services.credit.documents.printed import Printed

    monkeypatch.setattr(Printed, "render", lambda _self, _url: b"%PDF")
    machine = CreditMachine()
    machine.begin()
    try:
        machine.apply_and_appraise(amount=50, by=PEOPLE[4])
        for meeting in (0, 1):
            machine.convene(which=[0])
            machine.open(meeting=meeting, by=PEOPLE[0], present={0, 1, 6})
            machine.ask(meeting=meeting, item=0, by=PEOPLE[0])
            machine.everybody_approves(meeting=meeting, item=0)
            machine.close(meeting=meeting, item=0, by=PEOPLE[1])
            assert machine.applications[0].state == "approved"
            if not meeting:
                machine.days_pass(days=15)
                machine.days_pass(days=15)
        machine.meet(which=1, by=PEOPLE[5], shown=True)
        machine.meet(which=0, by=PEOPLE[5], shown=True)
        assert len(machine.met) == 1, "a condition of the approval that expired is nobody's any more"
        machine.suspend_or_resume()
        machine.pay_out(which=0, by=PEOPLE[4])
        assert machine.loans == []
        machine.suspend_or_resume()
        machine.pay_out(which=0, by=PEOPLE[4])
        assert len(machine.loans) == 1
        machine.every_loan_was_decided_as_the_regulations_ask()
    finally:
        machine.teardown()
