"""Rules of the machine: the rules of the house, time, applications and what an approval asks for."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import rule

from services.credit.models import AgendaItem, Application, Condition
from services.credit.use_cases.change_application import change_application
from services.credit.use_cases.govern_lending import resume_lending, suspend_lending
from services.credit.use_cases.keep_enterprises import copy_enterprise
from services.credit.use_cases.meet_conditions import ask_condition, drop_condition, meet_condition, show_evidence
from services.credit.use_cases.withdraw_application import withdraw_application
from shared.events.registry import EnterpriseChanged
from shared.identity import Caller
from shared.kernel import clock
from tests.credit.house import TECHNICIAN, TODAY, product
from tests.credit.life.run import REACHED, RUNS, Run, hundreds, people, pick, when
from tests.credit.life.world import OTHER_TRUST, RULES, TRUST, sign_letter
from tests.credit.test_withdrawal import envelope, facts, withdraw

OPEN_FIRST = """
    SELECT c.id FROM condition c JOIN agenda_item i ON i.id = c.item_id JOIN committee_session s ON s.id = i.session_id
    ORDER BY s.state <> 'open', i.state <> 'pending', c.id DESC"""


class Asking(Run):
    """Who asks, and by which rules she is measured."""

    # The rules of the house, and time.

    @rule(maximum=hundreds, rate=st.integers(1, 30), seats=st.integers(2, 4), days=st.sampled_from([None, 5, 20]),
          majority=st.sampled_from(["simple", "absolute", "two_thirds", "unanimous"]), notice=st.sampled_from([0, 0, 2]),
          code=st.sampled_from(["working-capital", "working-capital", "renamed"]))  # fmt: skip
    def adopt_regulations(self, maximum: int, rate: int, seats: int, days: Any, majority: str, notice: int, code: str):
        self.editions += 1
        rules = RULES | {
            "products": product(maximum=max(maximum, 6) * 100_00, code=code, annual_rate=str(rate), tranches=3),
            "quorum": {"seats": seats, "constituencies": ["csem", "leda", "women_organizations"], "majority": majority},
            "approvals": {"days": days, "source": "art. 16"},
            "notice": {"days": notice, "source": "art. 9"},
        }
        day = TODAY.date() - timedelta(days=200) + timedelta(days=self.editions)
        self.attempt("adopt_regulations", lambda: self.house.adopt(day, **rules))

    @rule(
        days=st.sampled_from([0, 0, 1]), until=st.sampled_from([None, None, 2, 30]),
        ceiling=st.sampled_from([None, None, 4_000_00]), floor=st.sampled_from([None, 3_000_00]))  # fmt: skip
    def sign_letter(self, days: int, until: int | None, ceiling: int | None, floor: int | None) -> None:
        """A new Agreement Letter takes the place of the one before, or ends soon."""
        day = clock.today() + timedelta(days=days)
        clauses = {"maximum_disbursement": ceiling, "reserve_floor": floor}
        given = {name: value for name, value in clauses.items() if value is not None}
        ends = None if until is None else day + timedelta(days=until)
        self.attempt("adopt_agreement", lambda: sign_letter(self.house, day, ends, **given))

    @rule(days=st.sampled_from([1, 3, 1, 10, 21, 35, -1, -3, -30]))
    def days_pass(self, days: int) -> None:
        """The clock goes on, or somebody sets it back."""
        self.day = min(max(self.day + days, 0), 200)
        self.kept.enter_context(clock.frozen(TODAY + timedelta(days=self.day)))
        self.changed = True
        RUNS["steps"] += 1
        REACHED["days_pass", "back" if days < 0 else "on"] += 1

    @rule(again=st.sampled_from([False, False, False, True]))
    def suspend_or_resume(self, again: bool) -> None:
        [[suspended]] = self.driver.execute("SELECT count(*) FROM suspension WHERE resumed_at IS NULL")
        step, by = (resume_lending, OTHER_TRUST) if bool(suspended) != again else (suspend_lending, TRUST)
        self.attempt(step.__name__, lambda: step(self.session, by, fund_id=self.fund_id, reason="Se revisa"))

    # Applications.

    @rule(amount=hundreds, by=people)
    def submit(self, amount: int, by: Caller) -> None:
        self.attempt("submit_application", lambda: self.house.submitted(f"{amount}00.00", caller=by))

    @rule(which=pick, amount=hundreds)
    def correct(self, which: int, amount: int) -> None:
        def step(found: UUID) -> Any:
            facts = {"instalments": 6, "grace": 0, "purpose": "inputs", "project": "Otro", "if_match": None}
            money = self.house.fund.money(amount * 100_00)
            return change_application(self.session, TECHNICIAN, application_id=found, amount=money, **facts)

        self.on_one("change_application", which, "SELECT id FROM application ORDER BY state <> 'submitted', id", step)

    @rule(which=pick, amount=hundreds, by=people)
    def appraise(self, which: int, amount: int, by: Caller) -> None:
        def step(found: UUID) -> Any:
            return self.house.appraise(self.session.get_one(Application, found), f"{amount}00.00", by)

        self.on_one("appraise_application", which, "SELECT id FROM application ORDER BY id DESC", step)

    @rule(which=pick)
    def take_back(self, which: int) -> None:
        self.on_one(
            "withdraw_application",
            which,
            "SELECT id FROM application ORDER BY id",
            lambda found: withdraw_application(self.session, TECHNICIAN, application_id=found),
        )

    @rule(which=pick, consent=st.booleans())
    def consent(self, which: int, consent: bool) -> None:
        """The registry tells that she took her consent back, or gave it again."""

        def step(found: UUID) -> None:
            owners = {"owner_ids": [self.house.owners[found]], "validation": "validated"}
            told = EnterpriseChanged(facts=facts(found, consent_credit=consent, **owners))
            copy_enterprise(self.session, told, envelope(told, found))

        self.on_one("consent", which, "SELECT enterprise_id FROM copy_enterprise ORDER BY 1", step)

    @rule(which=pick)
    def she_withdraws(self, which: int) -> None:
        """A woman withdraws, and everything that may be forgotten is."""
        self.on_one(
            "forget_entrepreneur",
            which,
            "SELECT enterprise_id FROM copy_enterprise ORDER BY 1",
            lambda found: withdraw(self.house, found),
        )

    # What an approval asks for.

    @when("agenda")
    @rule(which=pick, by=people)
    def ask(self, which: int, by: Caller) -> None:
        def step(session_id: UUID, item_id: UUID) -> Any:
            asked = {"text": "Factura", "verifier": "technician"}
            return ask_condition(self.session, by, session_id=session_id, item_id=item_id, **asked)

        self.on_item("ask_condition", which, step)

    @when("agenda")
    @rule(which=pick, by=people)
    def drop(self, which: int, by: Caller) -> None:
        def step(found: UUID) -> Any:
            condition = self.session.get_one(Condition, found)
            item = self.session.get_one(AgendaItem, condition.item_id)
            facts = {"session_id": item.session_id, "item_id": item.id, "condition_id": found}
            return drop_condition(self.session, by, **facts)

        self.on_one("drop_condition", which, OPEN_FIRST, step)

    @rule(which=pick, by=people, shown=st.booleans())
    def meet(self, which: int, by: Caller, shown: bool) -> None:
        found = self.some(
            which,
            "SELECT c.id FROM condition c JOIN application a ON a.id = c.application_id"
            " ORDER BY a.state <> 'approved', c.state <> 'open', c.id LIMIT 2",
        )
        if found is None:
            return
        condition = self.session.get_one(Condition, found)
        facts = {"application_id": condition.application_id, "condition_id": condition.id}
        if shown:
            paper = {"name": "f.pdf", "content": b"%PDF-1.7 %%EOF"}
            self.attempt("show_evidence", lambda: show_evidence(self.session, by, **paper, **facts))
        self.attempt("meet_condition", lambda: meet_condition(self.session, by, **facts))
