"""What was approved is handed out in parts, and each one is found anew in the instalments that are left."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from services.credit.models import Application
from services.credit.queries.books import checked_books
from services.credit.queries.compliance import report
from services.credit.rules import regulations
from services.credit.rules.ledger import ACCOUNTS, LOANS
from services.credit.use_cases.disburse_loan import disburse_loan
from services.credit.use_cases.govern_lending import suspend_lending
from services.credit.use_cases.pay_tranche import give_up_rest
from shared.bus import log as _log  # noqa: F401 - the platform's tables
from shared.bus.tables import event_log
from shared.kernel import Invalid, Refused, clock
from tests.credit.changing import approved, carry_out, empty_session, rescheduled, tranche
from tests.credit.closing import RULES, close, on, require_identities, standing
from tests.credit.house import (
    CASHIER,
    CHAIR,
    COORDINATOR,
    OFFICER,
    PARAMETERS,
    TODAY,
    URL,
    House,
    lempiras,
    names,
    product,
)
from tests.credit.test_conditions import TRUST

PARTS = product(tranches=3)


@pytest.fixture
def house(session):
    return House.build(session, **RULES, products=PARTS)


def disbursed_in_part(house, whole="10000.00", first="4000.00", **facts):
    application = house.approved(whole, **facts)
    return disburse_loan(
        house.session,
        OFFICER,
        application_id=application.id,
        disbursed_on=clock.today(),
        names=names,
        public_url=URL,
        amount=lempiras(first),
    )


def agrees(house):
    assert checked_books(house.session, house.fund.id, clock.today()) == []
    require_identities(house.session, house.fund)


def test_a_first_part_begins_the_loan_and_the_rest_stays_promised(house, session):
    loan = disbursed_in_part(house)
    application = session.get_one(Application, loan.application_id)
    assert (loan.principal, loan.outstanding_principal) == (4000_00, 4000_00)
    assert (application.state, application.approved_amount) == ("disbursed", 10_000_00)
    assert house.fund.committed(session) == application.rest(clock.today()) == 6000_00
    assert house.fund.balances(session)[LOANS] == 4000_00
    agrees(house)


def test_another_part_keeps_the_dates_and_is_paid_back_in_the_instalments_left(house, session):
    loan = disbursed_in_part(house)
    dues = [item.due for item in loan.instalments]
    with on(dues[0]):
        house.repay(loan, str(house.fund.money(loan.instalments[0].outstanding)))
    with on(dues[0] + timedelta(days=10)) as day:
        close(session, house.fund.id, day - timedelta(days=1))
        before = loan.moving(day, whole=False)
        tranche(house, loan, "3500.00")
        plan = [item for item in loan.instalments if item.plan == 2]
        assert [item.due for item in plan] == dues
        assert plan[0].paid_principal == plan[0].principal, "what was paid is as it was"
        rest = plan[1:]
        assert sum(item.principal for item in rest) == before.principal + 3500_00 == loan.outstanding_principal
        assert sum(item.principal for item in loan.instalments) == loan.principal == 7500_00
        assert rest[0].interest == before.interest + rest[0].accrues
        payments = {item.principal + item.interest for item in rest[1:-1]}
        assert len(payments) == 1, "the instalments are equal once more"
        assert house.fund.committed(session) == 2500_00
        agrees(house)
        close(session, house.fund.id, day)
        assert standing(session, loan).interest_receivable == before.interest
        agrees(house)
    with on(dues[-1]):
        close(session, house.fund.id)
        agrees(house)
        house.repay(loan, str(house.fund.money(loan.left)))
        assert loan.state == "settled"
        paid = sum(repayment.interest for repayment in loan.repayments)
        close(session, house.fund.id)
        assert -house.fund.balances(session)[ACCOUNTS["interest_income"]] == paid
        agrees(house)


def test_two_parts_on_the_first_day_make_the_loan_that_one_would_have_made(house, session):
    whole, parts = house.disbursed("10000.00"), disbursed_in_part(house, "10000.00", "4000.00")
    tranche(house, parts, "6000.00")
    asked = [[(item.due, item.principal, item.interest) for item in loan.instalments] for loan in (whole, parts)]
    assert asked[0] == asked[1]
    assert house.fund.committed(session) == 0


def test_a_tranche_tells_what_was_lent_and_what_is_owed(house, session):
    loan = disbursed_in_part(house)
    with on(5):
        tranche(house, loan, "1000.00")
    query = select(event_log.c.data).where(event_log.c.type.contains("tranche-disbursed"))
    [told] = session.scalars(query).all()
    assert [told[name]["amount"] for name in ("amount", "lent", "outstanding")] == ["1000.00", "5000.00", "5000.00"]
    [change] = loan.changes
    assert (change.kind, change.principal, len(change.replaced)) == ("tranche", 1000_00, 12)
    with on(6) as day:
        assert checked_books(session, house.fund.id, day - timedelta(days=3)) == []
        found = report(session, house.fund, day)
        assert not [check for check in found["checks"] if check["state"] == "broken"]


def test_the_last_part_that_the_product_gives_frees_what_is_left(house, session):
    loan = disbursed_in_part(house)
    with on(5):
        tranche(house, loan, "1000.00")
        tranche(house, loan, "1000.00")
        assert house.fund.committed(session) == 0
        with pytest.raises(Refused, match="nothing_left"):
            tranche(house, loan, "1000.00")


def test_the_rest_may_be_given_up(house, session):
    loan = disbursed_in_part(house)
    give_up_rest(session, COORDINATOR, loan_id=loan.id)
    assert house.fund.committed(session) == 0
    with pytest.raises(Refused, match="nothing_left"):
        give_up_rest(session, COORDINATOR, loan_id=loan.id)
    with pytest.raises(Refused, match="nothing_left"):
        tranche(house, loan, "1000.00")


def test_what_is_left_of_an_approval_expires_with_it(session):
    house = House.build(session, products=PARTS, approvals={"days": 10, "source": "art. 16"})
    loan = disbursed_in_part(house)
    with on(10):
        assert house.fund.committed(session) == 6000_00
    with on(11):
        assert house.fund.committed(session) == 0
        with pytest.raises(Refused, match="nothing_left"):
            tranche(house, loan, "1000.00")


def test_a_loan_that_is_changed_gets_nothing_more(house, session):
    loan = disbursed_in_part(house)
    with on(20):
        rescheduled(house, loan)
        assert house.fund.committed(session) == 0
        with pytest.raises(Refused, match="nothing_left"):
            tranche(house, loan, "1000.00")
        agrees(house)


def test_no_more_is_written_off_than_was_resolved(house, session):
    loan = disbursed_in_part(house)
    with on(20):
        application = approved(house, loan, "write_off")
        tranche(house, loan, "1000.00")
        with pytest.raises(Refused, match="other_debt"):
            carry_out(house, application)


def test_every_part_is_handed_out_as_the_first_one_is(house, session):
    loan = disbursed_in_part(house)
    with on(5) as day:
        for by, amount, facts, code in (
            (CHAIR, "1000.00", {}, "voter_disburses"),
            (OFFICER, "6000.01", {}, "above_rest"),
            (OFFICER, "1000.00", {"disbursed_on": day + timedelta(days=1)}, "day_out_of_range"),
            (OFFICER, "1000.00", {"disbursed_on": day - timedelta(days=6)}, "day_out_of_range"),
        ):
            with pytest.raises((Refused, Invalid), match=code):
                tranche(house, loan, amount, by, **facts)
        house.repay(loan, "10.00")
        with pytest.raises(Invalid, match="day_out_of_range"):
            tranche(house, loan, "1000.00", disbursed_on=day - timedelta(days=1))
    with on(45), pytest.raises(Refused, match="loan_overdue"):
        tranche(house, loan, "1000.00")
    with on(loan.instalments[-1].due):
        owed = sum(part.total for part in loan.owed(clock.today()) if part.due)
        house.repay(loan, str(house.fund.money(owed - 1)))
    with on(5):
        suspend_lending(session, TRUST, fund_id=house.fund.id, reason="Auditoría")
        with pytest.raises(Refused, match="suspended"):
            tranche(house, loan, "1000.00")


def test_after_the_last_due_date_there_is_nothing_to_pay_another_part_in(house, session):
    from services.credit.use_cases import pay_tranche

    loan = disbursed_in_part(house)
    with on(loan.instalments[-1].due) as day:
        for item in loan.instalments:
            item.paid_principal, item.paid_interest = item.principal, item.interest
        application = session.get_one(Application, loan.application_id)
        with pytest.raises(Refused, match="after_last_due"):
            pay_tranche._require_place(session, loan, application, day)


def test_the_trustee_must_have_the_money_of_each_part(session):
    house = House.build(session, cash="10000.00", products=PARTS)
    loan = disbursed_in_part(house)
    with on(2):
        from services.credit.use_cases.book_bank_item import book_bank_item

        book_bank_item(
            session,
            OFFICER,
            fund_id=house.fund.id,
            item="bank_charge",
            amount=lempiras("100.00"),
            booked_on=clock.today(),
            memo="Nota",
        )
        with pytest.raises(Refused, match="not_enough_cash"):
            tranche(house, loan, "6000.00")


def test_who_took_repayments_hands_no_further_part_out(house):
    loan = disbursed_in_part(house)
    house.repay(loan, "100.00")
    with on(5):
        with pytest.raises(Refused, match=r"segregation\.collector_changes"):
            tranche(house, loan, "1000.00", by=CASHIER)
        tranche(house, loan, "1000.00")


def test_who_handed_a_part_out_does_not_take_the_repayments(house, session):
    from shared.testing import person

    cashier = person("cashier", scope="HN17", subject="other-cashier", name="Otra Cajera")
    loan = disbursed_in_part(house)
    with on(5):
        tranche(house, loan, "1000.00", by=cashier)
        with pytest.raises(Refused, match="disburser_collects"):
            house.repay(loan, "100.00", by=cashier)


def test_a_product_without_tranches_is_handed_out_at_once(session):
    house = House.build(session)
    with pytest.raises(Invalid, match="all_at_once"):
        disbursed_in_part(house)


def test_more_than_was_approved_is_not_handed_out(house):
    with pytest.raises(Invalid, match="above_approval"):
        disbursed_in_part(house, "10000.00", "10000.01")


@pytest.mark.parametrize(
    "terms",
    [
        {"tranches": 0},
        {"tranches": 13},
        {"tranches": "2"},
        {"tranches": 2, "method": "flat"},
        {"tranches": 2, "engine": "cumulative"},
        {"tranches": 2, "longest_grace_interest_payment": 1},
    ],
)
def test_a_product_whose_rest_cannot_be_found_anew_has_no_tranches(terms):
    with pytest.raises(Invalid, match="contradictory"):
        regulations.read(PARAMETERS | {"products": product(**terms)})


@settings(max_examples=15, deadline=None)
@given(
    parts=st.lists(st.integers(100_00, 3000_00), min_size=2, max_size=3),
    days=st.lists(st.integers(0, 60), min_size=2, max_size=2),
    method=st.sampled_from(["equal_instalment", "equal_principal", "bullet"]),
    day_count=st.sampled_from(["30/360", "actual/365", "actual/actual"]),
)
def test_the_principal_of_all_parts_is_what_the_instalments_ask_for(parts, days, method, day_count):
    with clock.frozen(TODAY), empty_session() as session:
        house = House.build(session, products=product(tranches=3, method=method, day_count=day_count))
        loan = disbursed_in_part(house, str(house.fund.money(max(sum(parts), 500_00))), str(house.fund.money(parts[0])))
        for amount, after in zip(parts[1:], sorted(days), strict=False):
            with on(after) as day:
                due = sum(part.total for part in loan.owed(day) if part.due)
                if due:
                    house.repay(loan, str(house.fund.money(due)))
                tranche(house, loan, str(house.fund.money(amount)))
                close(session, house.fund.id, day)
                agrees(house)
        assert sum(item.principal for item in loan.instalments) == loan.principal == sum(parts)
        assert all(item.principal >= 0 and item.interest >= 0 for item in loan.instalments)
        dues = [item.due for item in loan.instalments if item.plan == loan.plan]
        assert dues == sorted(set(dues))
