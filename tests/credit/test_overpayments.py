"""What is paid beyond what is owed is held for who paid it: it goes back to her, or pays another loan of hers."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from services.credit.models import CopyMerged, Loan, OverpaymentUse
from services.credit.queries import overpayments as queries
from services.credit.queries.books import checked_books
from services.credit.rules import ledger
from services.credit.rules.allocation import COMPONENTS, Owed, allocate, allocate_with_excess
from services.credit.use_cases.print_paper import print_receipt, print_refund
from services.credit.use_cases.reverse_repayment import reverse_repayment
from services.credit.use_cases.use_overpayment import apply_overpayment, refund_overpayment
from shared import merged
from shared.identity import Caller
from shared.kernel import Invalid, NotFound, Refused, clock
from shared.testing import person
from tests.credit.closing import on
from tests.credit.house import CASHIER, COORDINATOR, OFFICER, URL, House, lempiras, names
from tests.credit.test_printed import text_of

SECOND = person("cashier", scope="HN17", subject="cashier-2", name="Celia Segunda")
HELD = ledger.ACCOUNTS["overpayments"]
owed = st.builds(Owed, st.just(1), st.booleans(), *(st.integers(0, 500) for _ in COMPONENTS))


def overpaid(house: House, loan: Loan | None = None, beyond: int = 120_00, channel: str = "cash") -> Loan:
    """A loan that was paid off with so many cents too much."""
    loan = loan or house.disbursed("1000.00")
    house.repay(loan, "", money=house.fund.money(loan.left + beyond), hold_excess=True, channel=channel)
    return loan


def refund(house: House, loan: Loan, amount: str, by: Caller = SECOND, channel: str = "cash") -> OverpaymentUse:
    return refund_overpayment(
        house.session, by, loan_id=loan.id, amount=lempiras(amount), channel=channel, reason="Pagó dos veces"
    )


def apply(house: House, loan: Loan, target: Loan, amount: str, by: Caller = CASHIER) -> OverpaymentUse:
    return apply_overpayment(house.session, by, loan_id=loan.id, target_id=target.id, amount=lempiras(amount))


@given(amount=st.integers(1, 5_000), items=st.lists(owed, max_size=4), advance=st.booleans())
def test_what_is_not_owed_is_exactly_the_excess(amount: int, items: list[Owed], advance: bool):
    items = [
        Owed(number, item.due, item.penalty, item.fee, item.interest, item.principal)
        for number, item in enumerate(items, 1)
    ]
    parts, excess = allocate_with_excess(amount, items, advance=advance)
    payable = sum(item.total for item in items if item.due or advance)
    assert sum(part.total for part in parts) + excess == amount
    assert excess == max(0, amount - payable)
    if amount > excess:
        assert parts == allocate(amount - excess, items, advance=advance)


def test_more_than_is_owed_is_refused_unless_the_payer_wants_it_held(house: House):
    loan = house.disbursed("1000.00")
    much = house.fund.money(loan.left + 1)
    with pytest.raises(Refused) as refused:
        house.repay(loan, "", money=much)
    assert refused.value.code == "repayment.above_outstanding"
    repayment = house.repay(loan, "", money=much, hold_excess=True)
    assert (repayment.amount, repayment.excess, loan.state) == (much.minor, 1, "settled")
    assert queries.held_for(house.session, loan.id) == 1
    assert house.fund.balances(house.session)[HELD] == -1
    assert checked_books(house.session, house.fund.id, clock.today()) == []


def test_nothing_or_less_is_no_payment_even_where_the_rest_is_held(house: House):
    loan = house.disbursed("1000.00")
    for amount in ("0.00", "-5.00"):
        with pytest.raises(Invalid) as refused:
            house.repay(loan, amount, hold_excess=True)
        assert refused.value.code == "repayment.amount_not_positive"


def test_where_nothing_is_paid_in_advance_the_rest_waits_for_what_falls_due(session):
    house = House.build(session, payment_in_advance=False)
    loan = house.disbursed("1000.00")
    first = loan.instalments[0]
    with on(first.due):
        with pytest.raises(Refused) as refused:
            house.repay(loan, "", money=house.fund.money(first.outstanding + 50_00))
        assert refused.value.code == "repayment.not_yet_due"
        house.repay(loan, "", money=house.fund.money(first.outstanding + 50_00), hold_excess=True)
        assert queries.held_for(session, loan.id) == 50_00
        with pytest.raises(Refused):
            apply(house, loan, loan, "50.00")
    with on(loan.instalments[1].due):
        used = apply(house, loan, loan, "50.00")
        assert (used.kind, queries.held_for(session, loan.id)) == ("applied", 0)
        assert loan.repayments[-1].channel == "held"
        assert checked_books(session, house.fund.id, clock.today()) == []


def test_it_goes_back_out_of_the_drawer_or_from_the_trustee(house: House):
    loan = overpaid(house)
    before = house.fund.balances(house.session)
    first = refund(house, loan, "20.00")
    second = refund(house, loan, "100.00", channel="trustee")
    assert (first.number, second.number) == ("FON-DV-2026-0001", "FON-DV-2026-0002")
    after = house.fund.balances(house.session)
    assert before[ledger.CASH_IN_HAND] - after[ledger.CASH_IN_HAND] == 20_00
    assert before[ledger.CASH_AT_TRUSTEE] - after[ledger.CASH_AT_TRUSTEE] == 100_00
    assert (queries.held_for(house.session, loan.id), after[HELD]) == (0, 0)
    assert queries.register(house.session, CASHIER, house.fund) == []
    assert [row["kind"] for row in queries.uses(house.session, loan)] == ["refund", "refund"]
    assert checked_books(house.session, house.fund.id, clock.today()) == []


def test_what_is_not_held_or_not_there_does_not_go_back(house: House):
    loan = overpaid(house, channel="trustee")
    for amount, by, channel, code in (
        ("120.01", SECOND, "trustee", "overpayment.less_is_held"),
        ("120.00", CASHIER, "trustee", "segregation.collector_refunds"),
        ("120.00", SECOND, "cash", "drawer.too_little"),
    ):
        with pytest.raises(Refused) as refused:
            refund(house, loan, amount, by, channel)
        assert refused.value.code == code
    with pytest.raises(Invalid) as nothing:
        refund(house, loan, "0.00")
    assert nothing.value.code == "fund.amount_not_positive"


def test_more_than_lies_at_the_trustee_does_not_go_back_from_there(session):
    house = House.build(session, cash="1000.00")
    loan = overpaid(house, house.disbursed("1000.00"), beyond=200_00)
    with pytest.raises(Refused) as refused:
        refund(house, loan, "200.00", channel="trustee")
    assert refused.value.code == "fund.cash_too_small"


def test_it_pays_another_loan_of_the_same_borrower(house: House):
    loan = overpaid(house)
    other = house.disbursed("500.00", enterprise_id=loan.enterprise_id)
    used = apply(house, loan, other, "120.00")
    [repayment] = other.repayments
    assert (repayment.amount, repayment.channel, used.repayment_id) == (120_00, "held", repayment.id)
    assert used.number == repayment.number
    balances = house.fund.balances(house.session)
    assert balances[HELD] == 0
    assert checked_books(house.session, house.fund.id, clock.today()) == []
    reverse_repayment(house.session, COORDINATOR, repayment_id=repayment.id, reason="Otro préstamo")
    assert queries.held_for(house.session, loan.id) == 120_00, "what was applied is held again"
    assert checked_books(house.session, house.fund.id, clock.today()) == []


def test_a_loan_of_another_borrower_is_not_paid_with_it(house: House):
    loan, strange = overpaid(house), house.disbursed("500.00")
    with pytest.raises(Invalid) as refused:
        apply(house, loan, strange, "10.00")
    assert refused.value.code == "overpayment.other_borrower"
    merged.merge(house.session, CopyMerged, loan.enterprise_id, strange.enterprise_id)
    assert apply(house, loan, strange, "10.00").amount == 10_00, "two records of one enterprise are one borrower"


def test_who_paid_a_loan_out_does_not_pay_it_with_what_is_held(house: House):
    loan = overpaid(house)
    other = house.disbursed("500.00", enterprise_id=loan.enterprise_id)
    with pytest.raises(Refused) as refused:
        apply(house, loan, other, "10.00", OFFICER)
    assert refused.value.code == "segregation.disburser_collects"


def test_a_payment_whose_excess_was_used_is_not_reversed(house: House):
    loan = overpaid(house)
    refund(house, loan, "20.00")
    with pytest.raises(Refused) as refused:
        reverse_repayment(house.session, COORDINATOR, repayment_id=loan.repayments[0].id, reason="Error")
    assert refused.value.code == "overpayment.spent"


def test_a_reversed_overpayment_is_held_no_more(house: House):
    loan = overpaid(house)
    reverse_repayment(house.session, COORDINATOR, repayment_id=loan.repayments[0].id, reason="Error")
    assert (loan.state, queries.held_for(house.session, loan.id)) == ("active", 0)
    assert checked_books(house.session, house.fund.id, clock.today()) == []


def test_the_register_agrees_with_the_account_on_every_past_day(house: House):
    loan = house.disbursed("1000.00")
    with on(2):
        overpaid(house, loan)
    with on(6) as today:
        refund(house, loan, "120.00")
        for day in range(-8, 1):
            then = clock.today().fromordinal(today.toordinal() + day)
            assert checked_books(house.session, house.fund.id, then) == [], then


def test_a_register_that_differs_from_the_account_is_named(house: House):
    loan = overpaid(house)
    row = house.session.scalars(select(type(loan.repayments[0]))).one()
    row.excess -= 5_00
    house.session.flush()
    [difference] = checked_books(house.session, house.fund.id, clock.today())
    assert (difference.what, difference.books, difference.register) == ("overpayments", 120_00, 115_00)


def test_receipts_tell_what_is_held_and_what_went_back(house: House):
    loan = overpaid(house)
    used = refund(house, loan, "120.00")

    def text(function: Any, **which: Any) -> str:
        return text_of(function(house.session, CASHIER, names=names, language="es", public_url=URL, **which))

    assert "queda a su favor L 120.00" in text(print_receipt, repayment_id=loan.repayments[0].id)
    told = text(print_refund, use_id=used.id)
    for words in ("Devolución de un pago de más", used.number, "ciento veinte lempiras", "Pagó dos veces"):
        assert words in told, words
    with pytest.raises(NotFound) as unknown:
        print_refund(house.session, CASHIER, use_id=loan.id, names=names, language="es", public_url=URL)
    assert unknown.value.code == "overpayment.unknown"


def test_it_is_held_given_back_and_applied_through_the_api(client, build_house):
    def step(house: House) -> Any:
        loan = house.disbursed("1000.00")
        return loan, house.disbursed("500.00", enterprise_id=loan.enterprise_id), loan.left

    house, (loan, other, left) = build_house(step, eligibility=[])
    paid = {
        "amount": {"amount": str(house.fund.money(left + 90_00)), "currency": "HNL"},
        "paid_on": "2026-03-05",
        "channel": "cash",
    }
    path = f"/loans/{loan.id}"
    assert client.post(CASHIER, f"{path}/repayments", paid).code == "repayment.above_outstanding"
    done = client.post(CASHIER, f"{path}/repayments", paid | {"hold_excess": True, "slip": "A-1"}).body
    assert (done["excess"]["amount"], done["slip"], done["settled"]) == ("90.00", "A-1", True)
    [row] = client.get(CASHIER, f"/funds/{house.fund.id}/overpayments").body["items"]
    assert (row["number"], row["held"]["amount"]) == (loan.number, "90.00")
    back = {"amount": {"amount": "30.00", "currency": "HNL"}, "channel": "cash"}
    used = client.post(COORDINATOR, f"{path}/overpayments/refunds", back)
    assert (used.status, used.body["kind"]) == (201, "refund")
    assert client.get(CASHIER, f"/refunds/{used.body['id']}/receipt").content.startswith(b"%PDF")
    applied = {"amount": {"amount": "60.00", "currency": "HNL"}, "target_id": str(other.id)}
    assert client.post(CASHIER, f"{path}/overpayments/applications", applied).body["kind"] == "applied"
    assert client.get(CASHIER, path).body["held"]["amount"] == "0.00"
    uses = client.get(CASHIER, f"{path}/overpayments").body["items"]
    assert [use["amount"]["amount"] for use in uses] == ["30.00", "60.00"]


def test_who_only_applies_what_is_held_took_no_money(house: House):
    loan = overpaid(house)
    other = house.disbursed("500.00", enterprise_id=loan.enterprise_id)
    apply(house, loan, other, "120.00", SECOND)
    assert not other.collected_by(SECOND.subject)
    assert loan.collected_by(CASHIER.subject)
