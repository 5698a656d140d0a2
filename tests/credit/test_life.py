"""Whatever is tried in the life of a fund, by whomever and in whatever order, no path leads to a disbursement without
quorum, composition, recusal, funds, conditions and segregation, and the books hold after every step.

What must hold is found out in plain SQL by `life/oracle.py`; `life/machine.py` has the transitions, one rule each.
"""

import os
from collections.abc import Callable
from datetime import timedelta

import pytest

from services.credit.queries.books import checked_books
from shared.kernel import clock
from tests.credit.house import TODAY
from tests.credit.life.guards import GUARDS, without
from tests.credit.life.machine import Life
from tests.credit.life.run import REACHED, RUNS
from tests.credit.life.world import PEOPLE, STAGES, TRUST
from tests.credit.soak import play

CHAIR, SECRETARY, WOMAN, LEDA, OFFICER, CASHIER, ALTERNATE = PEOPLE
CHUNKS = 4
RUNS_IN_ALL = int(os.environ.get("CSEM_CREDIT_RUNS", "2000"))

TRANSITIONS = [
    "adopt_regulations",
    "submit_application",
    "appraise_application",
    "withdraw_application",
    "consent",
    "forget_entrepreneur",
    "convene_session",
    "place_on_agenda",
    "take_off_agenda",
    "notify_members",
    "open_session",
    "record_attendance",
    "declare_conflict",
    "cast_vote",
    "close_item",
    "close_session",
    "declare_interest",
    "renew_mandate",
    "ask_condition",
    "drop_condition",
    "show_evidence",
    "meet_condition",
    "suspend_lending",
    "resume_lending",
    "disburse_loan",
    "post_repayment",
    "reverse_repayment",
    "refund_overpayment",
    "apply_overpayment",
    "pay_tranche",
    "give_up_rest",
    "ask_change",
    "appraise_change",
    "carry_out_change",
    "give_assent",
    "adopt_agreement",
    "record_contribution",
    "withdraw_contribution",
    "book_bank_item",
    "deposit_cash",
    "count_drawer",
    "change_reserve",
    "pay_income_part",
    "close_day",
]
REFUSALS = [
    "committee.without_women_organizations",
    "committee.without_leda",
    "committee.not_present",
    "committee.voted_already",
    "segregation.voter_disburses",
    "segregation.disburser_collects",
    "segregation.interested_votes",
    "session.votes_missing",
    "session.only_chair_or_secretary",
    "segregation.collector_reverses",
    "segregation.collector_refunds",
    "segregation.voter_carries_out",
    "segregation.voter_assents",
    "repayment.later_one_stands",
    "assent.missing",
    "fund.suspended",
    "condition.open",
    "condition.no_evidence",
    "application.approval_expired",
    "application.is_disbursed",
    "loan.day_out_of_range",
]
"""What the runs must have come to, were they few: otherwise they say nothing."""


@pytest.mark.timeout(900)
def test_no_path_leads_to_a_disbursement_against_the_rules_and_the_books_hold():
    """2,000 runs, in parts of which each begins from a seed of its own; `make soak-credit` plays 100,000."""
    REACHED.clear()
    RUNS.clear()
    first = int(os.environ.get("CSEM_CREDIT_SEED", "20260305"))
    for chunk in range(CHUNKS):
        play(-(-RUNS_IN_ALL // CHUNKS), first + chunk)
    assert sum(RUNS[stage] for stage in STAGES) >= RUNS_IN_ALL
    if RUNS_IN_ALL >= 2000:
        missed = [transition for transition in TRANSITIONS if not REACHED[transition, "done"]]
        assert missed == [], "never done"
        met = {code for _, code in REACHED}
        assert [code for code in REFUSALS if code not in met] == [], "never refused"


class Acted:
    """A run that is led by hand."""

    def __init__(self, stage: str) -> None:
        self.life = Life()
        self.life.begin(stage=stage)

    def __enter__(self) -> Life:
        return self.life

    def __exit__(self, *_: object) -> None:
        self.life.teardown()


def holds(life: Life) -> None:
    life.changed = True
    life.everything_holds()


def a_vote_without_quorum(life: Life) -> None:
    for seat in (1, 2, 3):
        life.come_and_go(seat=seat, present=False)
    life.vote(which=0, by=CHAIR, choice="approve")
    life.close(which=0, by=CHAIR)


def a_vote_without_the_leda(life: Life) -> None:
    life.come_and_go(seat=3, present=False)
    for by in (CHAIR, SECRETARY, WOMAN):
        life.vote(which=0, by=by, choice="approve")
    life.close(which=0, by=CHAIR)


def a_vote_of_who_was_recused(life: Life) -> None:
    life.recuse(which=0, by=WOMAN)
    life.vote(which=0, by=WOMAN, choice="approve")


def a_vote_of_who_is_interested(life: Life) -> None:
    for which in range(3):
        life.become_interested(who=WOMAN.subject, which=which)
    life.vote(which=0, by=WOMAN, choice="approve")


def a_vote_of_who_appraised(life: Life) -> None:
    for _ in range(2):
        life.change_agenda(which=0, off=True)
    life.place(meeting=0, which=2)
    life.open_the_session(meeting=0, by=CHAIR, absent={ALTERNATE.subject})
    life.vote(which=0, by=SECRETARY, choice="approve")


def an_approval_beyond_what_there_is(life: Life) -> None:
    life.reserve(reserve=12_000_00)
    life.everybody_approves(which=0, silent=set(), by=CHAIR)


def an_approval_beyond_a_limit(life: Life) -> None:
    """The bank lends, the funder takes her money back: there is enough, and too little of it is the fund's own."""
    life.contribute(amount=9_000_00, repayable=True, ago=0)
    life.withdraw_contribution(which=0, amount=9_000_00, interest=0)
    life.everybody_approves(which=0, silent=set(), by=CHAIR)


def an_approval_without_a_letter(life: Life) -> None:
    for days in (35, 35, 21):
        life.days_pass(days=days)
    life.everybody_approves(which=0, silent=set(), by=CHAIR)


def a_disbursement_without_assent(life: Life) -> None:
    life.assent(which=0, by=TRUST, gives=True)
    for _ in range(2):
        life.disburse(which=0, by=OFFICER, ago=0)


def an_assent_of_who_appraised(life: Life) -> None:
    life.assent(which=0, by=OFFICER, gives=True)


def a_disbursement_without_consent(life: Life) -> None:
    for which in range(3):
        life.consent(which=which, consent=False)
    life.disburse(which=0, by=OFFICER, ago=0)


def a_repayment_to_who_paid_out(life: Life) -> None:
    for which in range(6):
        life.repay(which=which, by=OFFICER, amount=100_00, ago=0)


def a_repayment_to_who_changed_it(life: Life) -> None:
    for which in range(3):
        life.carry_out(which=which, by=CASHIER)
    for which in range(6):
        life.repay(which=which, by=CASHIER, amount=100_00, ago=0)


def a_change_by_who_collected(life: Life) -> None:
    for which in range(4):
        life.repay(which=which, by=CASHIER, amount=100_00, ago=0)
    for which in range(3):
        life.carry_out(which=which, by=CASHIER)


def a_reversal_by_who_took_it(life: Life) -> None:
    life.repay(which=0, by=CASHIER, amount=100_00, ago=0)
    life.reverse(which=0, by=CASHIER, to=None)


def a_change_by_who_voted(life: Life) -> None:
    for which in range(3):
        life.carry_out(which=which, by=WOMAN)


def a_change_while_suspended(life: Life) -> None:
    life.suspend_or_resume(again=False)
    for which in range(3):
        life.carry_out(which=which, by=OFFICER)


def a_tranche_while_suspended(life: Life) -> None:
    life.suspend_or_resume(again=False)
    life.hand_out(which=0, by=OFFICER, amount=100_00, ago=0)


def a_refund_of_more_than_is_held(life: Life) -> None:
    for which in range(2):
        life.refund(which=which, by=OFFICER, amount=400_00, channel="trustee")


def an_approval_while_suspended(life: Life) -> None:
    life.suspend_or_resume(again=False)
    life.everybody_approves(which=0, silent=set(), by=CHAIR)


def a_disbursement_with_a_condition_open(life: Life) -> None:
    life.disburse(which=1, by=OFFICER, ago=0)


def a_disbursement_too_late(life: Life) -> None:
    life.days_pass(days=21)
    life.disburse(which=0, by=OFFICER, ago=0)


def a_disbursement_by_who_voted(life: Life) -> None:
    life.disburse(which=0, by=WOMAN, ago=0)


def a_disbursement_of_what_is_not_there(life: Life) -> None:
    for amount in (8_500_00, 4_000_00):
        life.bank_item(item="bank_charge", amount=amount, ago=0)
    life.disburse(which=0, by=OFFICER, ago=0)


MISDEEDS: dict[str, tuple[str, Callable[[Life], None]]] = {
    "quorum": ("sitting", a_vote_without_quorum),
    "composition": ("sitting", a_vote_without_the_leda),
    "recusal": ("sitting", a_vote_of_who_was_recused),
    "conflict": ("sitting", a_vote_of_who_is_interested),
    "appraiser": ("called", a_vote_of_who_appraised),
    "concentration": ("sitting", an_approval_beyond_a_limit),
    "agreement": ("sitting", an_approval_without_a_letter),
    "assent": ("changing", a_disbursement_without_assent),
    "judge_assents": ("changing", an_assent_of_who_appraised),
    "consent": ("decided", a_disbursement_without_consent),
    "collector": ("changing", a_repayment_to_who_paid_out),
    "changer_collects": ("changing", a_repayment_to_who_changed_it),
    "collector_changes": ("changing", a_change_by_who_collected),
    "collector_reverses": ("changing", a_reversal_by_who_took_it),
    "voter_changes": ("changing", a_change_by_who_voted),
    "change_suspended": ("changing", a_change_while_suspended),
    "tranche_suspended": ("changing", a_tranche_while_suspended),
    "held": ("changing", a_refund_of_more_than_is_held),
    "available": ("sitting", an_approval_beyond_what_there_is),
    "suspension": ("sitting", an_approval_while_suspended),
    "conditions": ("decided", a_disbursement_with_a_condition_open),
    "expiry": ("decided", a_disbursement_too_late),
    "voter_disburses": ("decided", a_disbursement_by_who_voted),
    "cash": ("decided", a_disbursement_of_what_is_not_there),
}


@pytest.mark.parametrize("guard", sorted(GUARDS))
def test_a_guard_that_is_taken_away_is_missed(guard: str):
    """With it the misdeed is refused and all holds; without it the oracle says what was done."""
    stage, misdeed = MISDEEDS[guard]
    with Acted(stage) as life:
        misdeed(life)
        holds(life)
    with without(guard), Acted(stage) as life:
        misdeed(life)
        with pytest.raises(AssertionError) as found:
            holds(life)
    assert GUARDS[guard][1] in str(found.value)


def test_what_she_declared_under_one_mandate_keeps_her_from_voting_under_the_next():
    """A term that is renewed does not make her forget her relatives."""
    with Acted("called") as life:
        for which in range(2):
            life.become_interested(who=WOMAN.subject, which=which)
        life.renew_mandate(who=WOMAN.subject)
        life.open_the_session(meeting=0, by=CHAIR, absent={ALTERNATE.subject})
        before = REACHED["cast_vote", "segregation.interested_votes"]
        life.vote(which=0, by=WOMAN, choice="approve")
        assert REACHED["cast_vote", "segregation.interested_votes"] == before + 1
        holds(life)


@pytest.mark.parametrize("stage", sorted(STAGES))
def test_every_stage_begins_whole_and_a_run_leaves_nothing_behind(stage: str):
    for _ in range(2):
        with Acted(stage) as life:
            holds(life)
            [[before]] = life.session.connection().exec_driver_sql("SELECT count(*) FROM ledger_entry")
            life.contribute(amount=100_00, repayable=False, ago=0)
            [[after]] = life.session.connection().exec_driver_sql("SELECT count(*) FROM ledger_entry")
            assert after == before + 1
            assert checked_books(life.session, life.fund_id, clock.today()) == []
    assert clock.now() == TODAY


def test_the_life_of_a_loan_can_be_led_to_its_end():
    with Acted("sitting") as life:
        life.everybody_approves(which=0, silent=set(), by=CHAIR)
        holds(life)
        life.disburse(which=0, by=OFFICER, ago=0)
        holds(life)
        life.repay(which=0, by=OFFICER, amount=500_00, ago=0)
        life.repay(which=0, by=CASHIER, amount=500_01, ago=0)
        life.deposit(amount=400_00)
        life.end_session(meeting=0, by=CHAIR)
        life.days_pass(days=35)
        life.close_day(days=1)
        holds(life)
        told = {name: code for (name, code), _ in REACHED.items()}
        rows = life.session.connection().exec_driver_sql("SELECT count(*), sum(amount) FROM repayment").all()
        assert [tuple(row) for row in rows] == [(1, 500_01)]
        assert {"disburse_loan", "post_repayment", "close_day", "deposit_cash"} <= set(told)
        assert clock.now() == TODAY + timedelta(days=35)
