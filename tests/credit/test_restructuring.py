"""A running loan is planned anew, paid off with another one or written off by resolution, and the books agree."""

from datetime import timedelta
from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import select

from services.credit.models import Application, CopyEnterprise, Loan, LoanChange
from services.credit.queries import loans as loan_queries
from services.credit.queries import portfolio
from services.credit.queries.books import checked_books
from services.credit.queries.compliance import report
from services.credit.rules import regulations
from services.credit.rules.ledger import ACCOUNTS, LOANS
from services.credit.use_cases.cast_vote import cast_vote
from services.credit.use_cases.close_item import close_item
from services.credit.use_cases.disburse_loan import disburse_loan
from services.credit.use_cases.govern_lending import suspend_lending
from services.credit.use_cases.keep_enterprises import forget_entrepreneur
from services.credit.use_cases.meet_conditions import ask_condition
from services.credit.use_cases.reverse_repayment import reverse_repayment
from services.credit.use_cases.withdraw_application import withdraw_application
from shared.bus import log as _log  # noqa: F401 - the platform's tables
from shared.bus.envelope import Envelope
from shared.bus.tables import event_log
from shared.events.registry import EntrepreneurWithdrawn
from shared.kernel import Invalid, Refused, clock
from tests.credit.changing import (
    appraised,
    approved,
    asked,
    carry_out,
    rescheduled,
    resolved,
    written_off,
)
from tests.credit.closing import RULES, close, on, require_identities, standing
from tests.credit.house import (
    CASHIER,
    CHAIR,
    COORDINATOR,
    OFFICER,
    PARAMETERS,
    TECHNICIAN,
    URL,
    House,
    lempiras,
    names,
    product,
)
from tests.credit.test_conditions import TRUST


@pytest.fixture
def house(session):
    return House.build(session, **RULES)


def events(session, name: str) -> list[dict[str, Any]]:
    query = select(event_log.c.data).where(event_log.c.type.contains(name)).order_by(event_log.c.seq)
    return list(session.scalars(query))


def agrees(house: House) -> None:
    assert checked_books(house.session, house.fund.id, clock.today()) == []
    require_identities(house.session, house.fund)


def risk(house: House, day) -> dict[int, int]:
    rows = portfolio.at_risk(house.session, COORDINATOR, day)
    return {part["days"]: part["amount"].minor for part in rows[0]["at_risk"]} if rows else {}


def test_what_is_unpaid_gets_a_new_plan_with_the_interest_earned_and_the_late_charges(house, session):
    loan = house.disbursed()
    with on(31):
        house.repay(loan, "916.80")
    with on(100) as day:
        close(session, house.fund.id, day - timedelta(days=1))
        owed, left = loan.moving(day), loan.outstanding_principal
        assert owed.principal == left
        assert owed.charges == sum(loan.late_charges.values()) > 0
        assert owed.interest > sum(item.interest - item.paid_interest for item in loan.instalments if item.due <= day)
        rescheduled(house, loan, instalments=10)
        plan = [item for item in loan.instalments if item.plan == 2]
        assert [item.principal for item in loan.instalments if item.plan == 1 and item.principal] == [
            sum(part.principal for paid in loan.repayments for part in paid.parts)
        ]
        assert sum(item.principal for item in plan) == left
        assert plan[0].interest == plan[0].accrues + owed.interest
        assert plan[0].penalty == owed.charges
        assert len(plan) == 10
        assert plan[0].due > day
        assert sum(item.principal for item in loan.instalments) == loan.principal
        assert loan.left == left + owed.interest + sum(item.accrues for item in plan) + owed.charges
        [change] = loan.changes
        assert (change.kind, change.plan, change.done_on, change.done_by) == ("reschedule", 1, day, "coordinator")
        assert len(change.replaced) == 12
        assert sum(row["principal"] for row in change.replaced) == loan.principal
        assert house.fund.balances(session)[LOANS] == left, "nothing was booked on the loans' account"
        agrees(house)


def test_the_daily_close_goes_on_from_the_new_plan(house, session):
    loan = house.disbursed()
    with on(70) as day:
        close(session, house.fund.id, day - timedelta(days=1))
        rescheduled(house, loan, instalments=6)
        earned_before = loan.moving(day).interest
        booked = house.fund.balances(session)
        close(session, house.fund.id, day)
        found = standing(session, loan)
        assert (found.days_overdue, found.bucket) == (0, 0)
        assert found.interest_receivable == earned_before
        assert found.charges_receivable == booked[ACCOUNTS["charges_receivable"]] > 0
        agrees(house)
    first = next(item for item in loan.instalments if item.plan == 2)
    with on(first.due):
        close(session, house.fund.id)
        assert standing(session, loan).interest_receivable == first.interest
        assert standing(session, loan).charges_receivable == first.penalty, "what was charged is asked for once"
        agrees(house)
    with on(first.due + timedelta(days=10)):
        close(session, house.fund.id)
        assert standing(session, loan).days_overdue == 10
        assert standing(session, loan).charges_receivable > first.penalty, "and being late costs again"
        agrees(house)
        house.repay(loan, str(house.fund.money(loan.left)))
        assert loan.state == "settled"
        agrees(house)
    with on(first.due + timedelta(days=11)):
        close(session, house.fund.id)
        balances = house.fund.balances(session)
        assert balances[ACCOUNTS["interest_receivable"]] == balances[ACCOUNTS["charges_receivable"]] == 0
        interest = sum(repayment.interest for repayment in loan.repayments)
        assert -balances[ACCOUNTS["interest_income"]] == interest, "every cent of interest was earned once"
        agrees(house)


def test_a_close_that_was_prepared_before_a_loan_was_changed_looks_at_it_again(house, session):
    from services.credit.use_cases.close_day import book, prepare
    from tests.credit.closing import CLOSER, Within

    loan = house.disbursed()
    with on(70) as day:
        close(session, house.fund.id, day - timedelta(days=1))
        prepare(Within(session), house.fund.id, day)
        rescheduled(house, loan, instalments=6)
        book(Within(session), CLOSER, house.fund.id, day)
        session.expire_all()
        agrees(house)
        assert standing(session, loan).charges_receivable == loan.moving(day).charges


def test_interest_becomes_principal_where_the_regulations_say_so(session):
    house = House.build(session, **RULES, restructuring={"capitalise_interest": True, "source": "art. 20"})
    loan = house.disbursed()
    with on(100) as day:
        close(session, house.fund.id, day - timedelta(days=1))
        owed = loan.moving(day)
        rescheduled(house, loan)
        plan = [item for item in loan.instalments if item.plan == 2]
        assert sum(item.principal for item in plan) == loan.principal + owed.interest == loan.outstanding_principal
        assert loan.capitalised == owed.interest
        assert plan[0].interest == plan[0].accrues
        assert house.fund.balances(session)[LOANS] == loan.outstanding_principal
        agrees(house)
        close(session, house.fund.id, day)
        assert standing(session, loan).interest_receivable == 0
        agrees(house)
        assert checked_books(session, house.fund.id, day - timedelta(days=1)) == []
    with on(130):
        close(session, house.fund.id)
        assert standing(session, loan).interest_receivable > 0
        house.repay(loan, str(house.fund.money(loan.left)))
        agrees(house)


def test_interest_paid_before_it_was_earned_is_taken_off_the_new_plan(house, session):
    loan = house.disbursed()
    with on(3) as day:
        house.repay(loan, str(house.fund.money(sum(item.principal + item.interest for item in loan.instalments[:2]))))
        owed = loan.moving(day)
        assert owed.interest < 0
        rescheduled(house, loan)
        plan = [item for item in loan.instalments if item.plan == 2]
        assert sum(item.interest for item in plan) == sum(item.accrues for item in plan) + owed.interest
        assert plan[0].interest < plan[0].accrues
        close(session, house.fund.id, day)
        agrees(house)
    with on(plan[-1].due):
        house.repay(loan, str(house.fund.money(loan.left)))
        close(session, house.fund.id)
        agrees(house)
        assert house.fund.balances(session)[ACCOUNTS["interest_receivable"]] == 0


@pytest.mark.parametrize(
    "terms",
    [
        {},
        {"day_count": "actual/365", "method": "equal_principal"},
        {"method": "flat"},
        {"method": "bullet"},
        {"engine": "cumulative"},
        {"longest_grace": 2, "longest_grace_interest_payment": 2},
        {"calendar": ["03-15", "06-15", "09-15", "12-15"], "day_count": "actual/365"},
        {"method": "agreed_shares", "shares": ["20", "30", "50"], "shortest": 3, "longest": 3, "longest_grace": 0},
    ],
)
def test_every_kind_of_credit_is_planned_anew_and_no_interest_is_lost(session, terms):
    house = House.build(session, products=product(**terms))
    instalments = 3 if terms.get("method") == "agreed_shares" else 6
    loan = house.disbursed(instalments=instalments)
    with on(50) as day:
        close(session, house.fund.id, day)
        booked = standing(session, loan).interest_receivable
        assert loan.moving(day).interest == booked, "what a plan takes over is what was earned"
        rescheduled(house, loan, instalments=3)
        agrees(house)
    with on(loan.instalments[-1].due):
        close(session, house.fund.id)
        agrees(house)
        asked_for = sum(item.interest for item in loan.instalments)
        assert house.fund.balances(session)[ACCOUNTS["interest_receivable"]] == asked_for
        house.repay(loan, str(house.fund.money(loan.left)))
        assert loan.state == "settled"
        agrees(house)


def test_interest_that_is_put_off_is_earned_while_it_waits(session):
    house = House.build(session, products=product(longest_grace=2, longest_grace_interest_payment=2))
    loan = house.disbursed(instalments=6, grace=0)
    assert [item.accrues for item in loan.instalments] == [item.interest for item in loan.instalments]
    application = house.submitted(instalments=6, grace=2)
    from services.credit.use_cases.appraise_application import appraise_application

    appraise_application(
        session,
        OFFICER,
        application_id=application.id,
        visited_on=clock.today(),
        monthly_income=lempiras("9000.00"),
        monthly_expense=lempiras("6000.00"),
        monthly_debts=lempiras("0.00"),
        recommendation="approve",
        amount=lempiras("10000.00"),
        instalments=6,
        grace=2,
    )
    waiting = house.disburse(resolved(house, application))
    assert [item.interest for item in waiting.instalments[:2]] == [0, 0]
    first, second, third = (item.accrues for item in waiting.instalments[:3])
    assert abs(first - second) < first // 20
    assert first + second + third == waiting.instalments[2].interest
    with on(45) as day:
        assert waiting.moving(day).interest > first


def test_the_new_plan_may_begin_later_and_with_grace_but_not_beyond_what_the_product_gives(house, session):
    loan = house.disbursed()
    with on(40) as day:
        change = appraised(house, asked(house, loan), grace=2, first_due=day + timedelta(days=90))
        carry_out(house, resolved(house, change))
        plan = [item for item in loan.instalments if item.plan == 2]
        assert plan[0].due == day + timedelta(days=90)
        assert [item.principal for item in plan[:2]] == [0, 0]
        assert plan[2].principal > 0
    other = house.disbursed()
    with on(40) as day:
        with pytest.raises(Invalid, match="instalments_out_of_range"):
            asked(house, other, instalments=25)
        with pytest.raises(Invalid, match="instalments_needed"):
            asked(house, other, instalments=None)
        application = asked(house, other)
        for wrong, code in (
            ({"instalments": 25}, "instalments_out_of_range"),
            ({"instalments": None}, "instalments_needed"),
            ({"grace": 3}, "grace_too_long"),
            ({"instalments": 1, "grace": 1}, "grace_too_long"),
            ({"first_due": day}, "first_due_out_of_range"),
            ({"first_due": day + timedelta(days=400)}, "first_due_out_of_range"),
            ({"visited_on": day + timedelta(days=1)}, "visit_in_future"),
        ):
            with pytest.raises(Invalid, match=code):
                appraised(house, application, **wrong)


def test_a_calendar_gives_its_own_days_to_a_new_plan(session):
    house = House.build(session, products=product(calendar=["06-15", "12-15"]))
    loan = house.disbursed(instalments=3)
    with on(10) as day:
        application = asked(house, loan, instalments=4)
        with pytest.raises(Invalid, match="first_due_not_free"):
            appraised(house, application, first_due=day + timedelta(days=30))
        carry_out(house, resolved(house, appraised(house, application)))
        assert {(item.due.month, item.due.day) for item in loan.instalments if item.plan == 2} == {(6, 15), (12, 15)}


def test_from_that_day_on_all_of_it_is_at_risk_and_the_days_before_keep_their_answer(house, session):
    loan, other = house.disbursed("6000.00"), house.disbursed("4000.00")
    before = {}
    for days in (10, 35, 60):
        with on(days) as day:
            close(session, house.fund.id)
            before[day] = risk(house, day)
    with on(61) as day:
        rescheduled(house, loan)
        assert all(amount >= loan.outstanding_principal for amount in risk(house, day).values())
        assert {then: risk(house, then) for then in before} == before
        close(session, house.fund.id)
        today = risk(house, day)
    with on(200):
        close(session, house.fund.id)
        house.repay(other, str(house.fund.money(other.left)))
        assert risk(house, day) == today
        assert {then: risk(house, then) for then in before} == before


def test_a_change_is_decided_as_a_credit_is(house, session):
    loan = house.disbursed()
    with on(40):
        assert house.fund.committed(session) == 0
        free = house.fund.available(session)
        application = appraised(house, asked(house, loan), by=TECHNICIAN)
        assert application.project == "Perdió la cosecha"
        meeting = house.opened(application)
        ask_condition(
            session,
            CHAIR,
            session_id=meeting.id,
            item_id=meeting.agenda[0].id,
            text="Constancia de la pérdida",
            verifier="technician",
        )
        house.vote(meeting)
        resolution = close_item(session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
        assert resolution.number == "FON-R-2026-0002"
        assert (house.fund.committed(session), house.fund.available(session)) == (0, free), "it asks for no money"
        with pytest.raises(Refused, match="voter_carries_out"):
            carry_out(house, application, by=CHAIR)
        with pytest.raises(Refused, match="condition"):
            carry_out(house, application)
        assert loan.plan == 1


def test_who_appraised_a_change_does_not_vote_on_it(house, session):
    from shared.testing import person

    loan = house.disbursed()
    with on(40):
        member = person("committee_member", "technician", scope="HN17", subject=CHAIR.subject, name=CHAIR.name)
        meeting = house.opened(appraised(house, asked(house, loan), by=member))
        with pytest.raises(Refused, match="appraiser_votes"):
            cast_vote(session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id, choice="approve", reason="")


def test_what_is_refused_or_not_decided_yet_is_not_carried_out_and_nothing_is_carried_out_twice(house, session):
    loan = house.disbursed()
    with on(40):
        application = appraised(house, asked(house, loan))
        with pytest.raises(Refused, match="is_appraised"):
            carry_out(house, application)
        resolved(house, application, "refuse")
        with pytest.raises(Refused, match="is_refused"):
            carry_out(house, application)
        other = approved(house, loan)
        carry_out(house, other)
        with pytest.raises(Refused, match="is_carried_out"):
            carry_out(house, other)
        assert loan.plan == 2


def test_money_and_changes_go_different_ways(house, session):
    loan = house.disbursed()
    with on(40):
        change, credit = asked(house, loan), house.submitted()
        with pytest.raises(Refused, match="other_kind"):
            house.appraise(change)
        with pytest.raises(Refused, match="other_kind"):
            appraised(house, credit)
        resolved(house, appraised(house, change))
        with pytest.raises(Refused, match="other_kind"):
            house.disburse(change)
        with pytest.raises(Refused, match="other_kind"):
            carry_out(house, resolved(house, house.appraise(credit)))


def test_one_change_of_a_loan_waits_at_a_time_and_a_new_credit_is_not_its_business(house, session):
    loan = house.disbursed()
    with on(40):
        first = asked(house, loan)
        with pytest.raises(Refused, match="one_open_already"):
            asked(house, loan, "write_off")
        withdraw_application(session, TECHNICIAN, application_id=first.id)
        asked(house, loan, "write_off")
        assert events(session, "application-withdrawn")[0]["kind"] == "reschedule"
        assert [one["kind"] for one in events(session, "application-submitted")] == [
            None,
            "reschedule",
            "write_off",
        ]


def test_a_change_is_not_corrected_but_handed_in_anew(house, session):
    from services.credit.use_cases.change_application import change_application

    loan = house.disbursed()
    with on(40):
        application = asked(house, loan)
        with pytest.raises(Refused, match="asks_for_change"):
            change_application(
                session,
                TECHNICIAN,
                application_id=application.id,
                if_match=application.version,
                amount=lempiras("1000.00"),
                instalments=5,
                grace=0,
                purpose="inputs",
                project="Otra",
            )


def test_a_loan_is_changed_as_often_as_the_regulations_allow_and_once_enough_is_paid(session):
    house = House.build(session, restructuring={"most": 1, "paid_before": "5"})
    loan = house.disbursed()
    with on(40):
        with pytest.raises(Refused, match="too_little_paid"):
            asked(house, loan)
        house.repay(loan, "916.80")
        rescheduled(house, loan)
        with pytest.raises(Refused, match="too_often"):
            asked(house, loan)
        with pytest.raises(Refused, match="too_often"):
            asked(house, loan, "refinance", amount=lempiras("15000.00"))
        assert asked(house, loan, "write_off").kind == "write_off", "it can be written off all the same"


@pytest.mark.parametrize(
    ("section", "pointer"),
    [
        ({"most": -1}, "most"),
        ({"most": "1"}, "most"),
        ({"capitalise_interest": "yes"}, "capitalise_interest"),
        ({"paid_before": "101"}, "paid_before"),
        ({"source": 3}, "source"),
    ],
)
def test_a_section_on_restructuring_that_contradicts_itself_is_refused(section, pointer):
    with pytest.raises(Invalid) as refused:
        regulations.read(PARAMETERS | {"restructuring": section})
    assert refused.value.pointer == f"/parameters/restructuring/{pointer}"


def test_without_that_section_a_loan_is_changed_once(session):
    rule = regulations.read(PARAMETERS).restructuring
    assert (rule.most, rule.capitalise_interest, rule.paid_before) == (1, False, Decimal(0))


def test_while_lending_is_suspended_nothing_is_changed(house, session):
    loan = house.disbursed()
    with on(40):
        application = approved(house, loan)
        suspend_lending(session, TRUST, fund_id=house.fund.id, reason="Auditoría")
        with pytest.raises(Refused, match="suspended"):
            carry_out(house, application)


def test_an_approval_of_a_change_expires_too(session):
    house = House.build(session, approvals={"days": 10, "source": "art. 16"})
    loan = house.disbursed()
    with on(20):
        application = approved(house, loan)
    with on(40):
        with pytest.raises(Refused, match="approval_expired"):
            carry_out(house, application)
        carry_out(house, resolved(house, appraised(house, application)))
        assert loan.plan == 2


def test_a_loan_that_is_not_in_force_is_not_changed(house, session):
    loan = house.disbursed()
    with on(40):
        waiting = approved(house, loan)
        house.repay(loan, str(house.fund.money(loan.left)))
        with pytest.raises(Refused, match="is_settled"):
            carry_out(house, waiting)
        with pytest.raises(Refused, match="is_settled"):
            asked(house, loan)


@pytest.mark.parametrize("kind", ["reschedule", "refinance", "write_off"])
def test_who_took_repayments_of_a_loan_does_not_change_it(house, session, kind):
    """What she kept for herself could vanish in a new plan, another loan or a loss; what was reversed binds nobody."""
    loan = house.disbursed()
    taken = house.repay(loan, "500.00")
    with on(40):
        application = approved(house, loan, kind, **({"amount": lempiras("12000.00")} if kind == "refinance" else {}))
        step = house.disburse if kind == "refinance" else lambda one, by: carry_out(house, one, by=by)
        with pytest.raises(Refused, match="collector_changes"):
            step(application, CASHIER)
        if kind != "reschedule":
            step(application, OFFICER)
            return
        reverse_repayment(session, COORDINATOR, repayment_id=taken.id, reason="Otra socia")
        carry_out(house, application, by=CASHIER)


def test_who_carried_a_change_out_does_not_take_the_repayments(house, session):
    from shared.testing import person

    loan = house.disbursed()
    both = person("credit_officer", "cashier", scope="HN17", subject="both", name="Ambas")
    with on(40) as day:
        carry_out(house, approved(house, loan), by=both)
        with pytest.raises(Refused, match="disburser_collects"):
            house.repay(loan, "100.00", by=both)
        with pytest.raises(Invalid, match="day_out_of_range"):
            house.repay(loan, "100.00", paid_on=day - timedelta(days=1))
        house.repay(loan, "100.00")
        found = report(session, house.fund, day)
        assert {check["rule"]: check["state"] for check in found["checks"]}["repayments"] == "kept"


# Refinancing


def refinanced(house, loan, amount="15000.00", **facts):
    application = approved(house, loan, "refinance", amount=lempiras(amount), **facts)
    return house.disburse(application)


def test_a_new_loan_pays_the_old_one_off_and_hands_out_the_rest(house, session):
    loan = house.disbursed()
    with on(100) as day:
        close(session, house.fund.id, day - timedelta(days=1))
        owed, before = loan.moving(day), house.fund.balances(session)
        application = approved(house, loan, "refinance", amount=lempiras("15000.00"))
        assert house.fund.committed(session) == 15_000_00 - loan.outstanding_principal, "only the new money"
        new = house.disburse(application)
        after = house.fund.balances(session)
        assert before[ACCOUNTS["cash_at_trustee"]] - after[ACCOUNTS["cash_at_trustee"]] == 15_000_00 - owed.total
        assert after[ACCOUNTS["refinancing"]] == 0
        assert after[LOANS] == new.outstanding_principal == 15_000_00
        assert (loan.state, loan.settled_on, loan.outstanding_principal, loan.left) == ("settled", day, 0, 0)
        assert (new.refinances, new.rescheduled_on, new.state) == (loan.id, day, "active")
        [paid] = loan.repayments
        assert (paid.channel, paid.amount, paid.recovery) == ("refinanced", owed.total, False)
        assert (paid.principal, paid.interest, paid.penalty) == (owed.principal, owed.interest, owed.charges)
        assert house.fund.committed(session) == 0
        agrees(house)
        assert set(risk(house, day).values()) == {15_000_00}, "a refinanced loan is at risk"
        close(session, house.fund.id, day)
        agrees(house)
        assert house.fund.balances(session)[ACCOUNTS["interest_receivable"]] == 0
        told = events(session, "loan-disbursed")[-1]
        assert (told["kind"], told["paid_off"]) == (
            "refinance",
            {"amount": str(house.fund.money(owed.total)), "currency": "HNL"},
        )
        assert events(session, "loan-settled")[-1]["loan_id"] == str(loan.id)
        found = report(session, house.fund, day)
        assert not [check for check in found["checks"] if check["state"] == "broken"]


def test_a_loan_too_small_to_pay_the_old_one_off_is_refused_at_every_step(house, session):
    loan = house.disbursed()
    with on(10):
        with pytest.raises(Invalid, match="amount_needed"):
            asked(house, loan, "refinance")
        with pytest.raises(Invalid, match="less_than_owed"):
            asked(house, loan, "refinance", amount=lempiras("9000.00"))
        application = asked(house, loan, "refinance", amount=lempiras("10060.00"))
    with on(11):
        with pytest.raises(Invalid, match="less_than_owed"):
            house.appraise(application, "9000.00")
        resolved(house, house.appraise(application, "10060.00"))
    with on(60), pytest.raises(Refused, match="less_than_owed"):
        house.disburse(application)


def test_what_she_paid_meanwhile_is_not_lent_again_beyond_what_the_fund_has(session):
    house = House.build(session, cash="16000.00")
    loan = house.disbursed()
    with on(31) as day:
        application = approved(house, loan, "refinance", amount=lempiras("15000.00"))
        assert house.fund.available(session) == 1000_00
        with pytest.raises(Invalid, match="day_out_of_range"):
            house.disburse(application, disbursed_on=day - timedelta(days=1))
        house.repay(loan, "5000.00")
        with pytest.raises(Refused, match="not_enough_available"):
            house.disburse(application)
        assert loan.state == "active"


def test_a_refinancing_is_not_handed_out_in_parts_and_needs_the_consent_of_her_who_signs(house, session):
    loan = house.disbursed()
    with on(31) as day:
        application = approved(house, loan, "refinance", amount=lempiras("15000.00"))
        facts = {"application_id": application.id, "disbursed_on": day, "names": names, "public_url": URL}
        with pytest.raises(Invalid, match="all_at_once"):
            disburse_loan(session, OFFICER, amount=lempiras("12000.00"), **facts)
        session.get_one(CopyEnterprise, loan.enterprise_id).replace({"consent_credit": False})
        with pytest.raises(Refused, match="consent_credit"):
            disburse_loan(session, OFFICER, **facts)


# Writing off and recovering


def test_a_loan_that_is_written_off_leaves_the_books_and_goes_on_being_owed(house, session):
    loan, good = house.disbursed("6000.00"), house.disbursed("4000.00")
    with on(120) as day:
        close(session, house.fund.id, day - timedelta(days=1))
        owed_then, yesterday = loan.left, risk(house, day - timedelta(days=1))
        principal, charges = loan.outstanding_principal, loan.moving(day).charges
        written_off(house, loan)
        assert (loan.state, loan.written_off_on, loan.outstanding_principal) == ("written_off", day, 0)
        assert loan.left == owed_then, "she goes on owing what she owed"
        balances = house.fund.balances(session)
        assert balances[LOANS] == good.outstanding_principal
        agrees_without_allowance = checked_books(session, house.fund.id, day)
        assert agrees_without_allowance == []
        close(session, house.fund.id, day)
        agrees(house)
        assert loan.left == owed_then
        assert loan.moving(day).charges == charges
        assert set(risk(house, day)) == set(yesterday)
        assert risk(house, day - timedelta(days=1)) == yesterday
        assert checked_books(session, house.fund.id, day - timedelta(days=1)) == []
        [found] = portfolio.indicators(session, COORDINATOR, day - timedelta(days=100), day)
        assert found["written_off"].minor == principal
        assert found["write_off_ratio"] is not None
        [told] = events(session, "loan-written-off")
        assert told["amount"]["amount"] == str(house.fund.money(principal))
        page = loan_queries.listed(session, COORDINATOR, {}, limit=10, after=None).rows
        assert {row["number"]: row["days_overdue"] > 0 for row in page} == {loan.number: False, good.number: True}
        [totals] = loan_queries.totals(session, COORDINATOR, {"state": "written_off"})
        assert (totals["outstanding_principal"].minor, totals["overdue"].minor) == (0, 0)


def test_what_comes_in_later_is_a_recovery(house, session):
    loan = house.disbursed("6000.00")
    with on(120) as day:
        close(session, house.fund.id, day - timedelta(days=1))
        written_off(house, loan)
        close(session, house.fund.id, day)
    with on(150):
        before = house.fund.balances(session)
        paid = house.repay(loan, "700.00")
        after = house.fund.balances(session)
        assert paid.recovery
        assert sum(part.principal + part.interest + part.penalty for part in paid.parts) == 700_00
        assert before[ACCOUNTS["recoveries"]] - after[ACCOUNTS["recoveries"]] == 700_00
        assert after[LOANS] == 0
        agrees(house)
        [row] = loan_queries.detail(session, COORDINATOR, loan)["repayments"]
        assert row["recovery"]
        [found] = portfolio.indicators(session, COORDINATOR, clock.today(), clock.today())
        assert (found["received"].minor, found["collected"].minor) == (0, 0), "a recovery is no yield"
        assert events(session, "repayment-posted")[-1]["outstanding"]["amount"] == "0.00"
        house.repay(loan, str(house.fund.money(loan.left)))
        assert (loan.state, loan.outstanding_principal) == ("settled", 0)
        assert loan.written_off_on is not None
        close(session, house.fund.id)
        agrees(house)
        assert checked_books(session, house.fund.id, clock.today() - timedelta(days=40)) == []


def test_what_she_goes_on_owing_stands_in_the_way_of_a_new_loan(house, session):
    enterprise = house.enterprise()
    loan = house.disbursed(enterprise_id=enterprise)
    with on(120):
        written_off(house, loan)
        with pytest.raises(Refused, match="no_loan_in_force"):
            house.submitted(enterprise_id=enterprise)
        with pytest.raises(Refused, match="is_written_off"):
            asked(house, loan)


def test_less_is_written_off_where_she_paid_meanwhile(house, session):
    loan = house.disbursed()
    with on(120):
        application = approved(house, loan, "write_off")
        house.repay(loan, "2000.00")
        carry_out(house, application)
        [change] = session.scalars(select(LoanChange)).all()
        assert -change.principal < 10_000_00
        assert house.fund.balances(session)[LOANS] == 0


# What is told and kept


def test_withdrawing_erases_why_a_change_was_asked_for_and_keeps_the_contract(house, session):
    loan = house.disbursed()
    with on(40):
        application = appraised(house, asked(house, loan))
        event = EntrepreneurWithdrawn(
            entrepreneur_id=house.owners[loan.enterprise_id], enterprise_ids=[loan.enterprise_id]
        )
        forget_entrepreneur(session, event, Envelope.__new__(Envelope))
        assert (application.state, application.project, application.appraisals) == ("withdrawn", "", [])
        assert asked(house, loan, "write_off").loan_id == loan.id, "the debt can be written off all the same"


def test_an_application_that_was_carried_out_keeps_its_loan(house, session):
    loan = house.disbursed()
    with on(40):
        change = approved(house, loan)
        carry_out(house, change)
        assert change.state == "carried_out"
        assert session.get_one(Application, loan.application_id).state == "disbursed"
        told = events(session, "loan-rescheduled")[-1]
        assert (told["instalments"], told["last_due"]) == (12, loan.instalments[-1].due.isoformat())


def test_the_monthly_report_finds_who_voted_and_carried_out_all_the_same(house, session):
    loan = house.disbursed()
    with on(5) as day:
        carry_out(house, approved(house, loan))
        loan.changes[0].done_by = CHAIR.subject
        session.flush()
        found = {check["rule"]: check["findings"] for check in report(session, house.fund, day)["checks"]}
        assert found["segregation"] == [{"record": loan.number, "what": "voter_carried_out"}]


def test_loans_of_before_go_on_earning_and_approvals_of_before_keep_their_money(build_house, database):
    _, (loan, waiting) = build_house(lambda house: (house.disbursed(), house.approved("4000.00")))
    step = import_module("services.credit.migrations.versions.0013_resolutions")
    with (
        database.engine.connect().execution_options(csem_write=True) as connection,
        connection.begin(),
        Operations.context(MigrationContext.configure(connection)),
    ):
        step.downgrade()
        step.upgrade()
    with database.reading() as session:
        found = session.get_one(Loan, loan.id)
        assert [item.accrues for item in found.instalments] == [item.interest for item in found.instalments]
        assert (found.plan, {item.plan for item in found.instalments}) == (1, {1})
        application = session.get_one(Application, waiting.id)
        assert (application.kind, application.committed) == ("loan", 4000_00)
        assert session.get_one(Application, loan.application_id).committed == 0
