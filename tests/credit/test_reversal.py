"""A repayment is reversed by a counter-entry: everything stands as before, and nothing is deleted."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from services.credit.models import LedgerEntry, LedgerLine, Loan, Repayment
from services.credit.queries import loans as loan_queries
from services.credit.queries.books import checked_books
from services.credit.queries.drawer import drawer
from services.credit.queries.statements import reconciliation
from services.credit.rules import ledger
from services.credit.rules.statements import FIELDS, Layout
from services.credit.use_cases.keep_fund import deposit_cash
from services.credit.use_cases.post_repayment import post_repayment
from services.credit.use_cases.print_paper import print_receipt
from services.credit.use_cases.receive_statement import read_statement, receive_statement
from services.credit.use_cases.reverse_repayment import reverse_repayment
from services.credit.use_cases.use_overpayment import refund_overpayment
from shared import history
from shared.bus.tables import event_log
from shared.identity import Caller
from shared.kernel import Invalid, NotFound, Refused, clock
from shared.testing import person
from tests.credit.changing import approved, carry_out, rescheduled
from tests.credit.closing import RULES, close, on, require_identities
from tests.credit.house import CASHIER, COORDINATOR, OFFICER, URL, House, lempiras, names
from tests.credit.test_printed import text_of

REVERSER = person("credit_officer", scope="HN17", subject="officer-2", name="Olga Otra")


def reverse(house: House, repayment: Repayment, by: Caller = REVERSER, **facts: Any) -> Repayment:
    return reverse_repayment(
        house.session, by, repayment_id=repayment.id, reason=facts.pop("reason", "Cheque sin fondos"), **facts
    )


def standing_of(house: House, loan: Loan) -> dict[str, Any]:
    """All that a reversal must bring back: the schedule, the sums, the state and where the loan stands."""
    house.session.flush()
    house.session.expire_all()
    names_ = ("principal", "interest", "fee", "penalty")
    last = loan.positions[-1]
    return {
        "instalments": [
            (*(getattr(item, f"paid_{name}") for name in names_), item.outstanding) for item in loan.instalments
        ],
        "sums": (loan.outstanding, loan.outstanding_principal, loan.interest_paid, loan.left, loan.late_charges),
        "state": (loan.state, loan.settled_on),
        "position": (last.principal, last.principal_due, last.oldest_due, last.oldest_number, last.until),
        "balances": house.fund.balances(house.session),
    }


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(amounts=st.lists(st.integers(1, 400_000), min_size=1, max_size=4), channel=st.sampled_from(["cash", "trustee"]))
def test_reversal_restores(session, amounts: list[int], channel: str):
    with session.begin_nested() as kept:
        house = House.build(session)
        loan = house.disbursed("5000.00")
        before, posted = [], []
        for cents in amounts:
            taken = min(cents, loan.left)
            if not taken:
                break
            before.append(standing_of(house, loan))
            posted.append(house.repay(loan, "", money=house.fund.money(taken), channel=channel))
        while posted:
            reverse(house, posted.pop())
            assert standing_of(house, loan) == before.pop()
            assert checked_books(session, house.fund.id, clock.today()) == []
        kept.rollback()
    session.expunge_all()


def test_a_settled_loan_is_active_again(house: House):
    loan = house.disbursed("1000.00")
    house.repay(loan, "300.00")
    before = standing_of(house, loan)
    last = house.repay(loan, "", money=house.fund.money(loan.left))
    assert (loan.state, loan.settled_on) == ("settled", clock.today())
    counter = reverse(house, last)
    assert standing_of(house, loan) == before
    assert (loan.state, loan.settled_on) == ("active", None)
    assert (counter.number, counter.amount, counter.outstanding_after) == ("FON-RV-2026-0001", -last.amount, loan.left)
    assert house.repay(loan, "", money=house.fund.money(loan.left)).outstanding_after == 0


def test_nothing_is_deleted_and_the_ledger_holds_the_mirrored_lines(house: House):
    loan = house.disbursed("1000.00")
    repayment = house.repay(loan, "200.00")
    counter = reverse(house, repayment, reason="Préstamo equivocado")
    lines = {
        entry: {
            line.account: line.amount for line in house.session.scalars(select(LedgerLine).filter_by(entry_id=entry))
        }
        for entry in (repayment.entry_id, counter.entry_id)
    }
    assert lines[counter.entry_id] == {account: -amount for account, amount in lines[repayment.entry_id].items()}
    entry = house.session.get_one(LedgerEntry, counter.entry_id)
    assert (entry.kind, entry.reference) == ("reversal", loan.id)
    assert (entry.memo, counter.reason) == (repayment.number, "Préstamo equivocado")
    assert [row.number for row in loan.repayments] == [repayment.number, counter.number]
    assert repayment.reversed_on == clock.today()
    told = history.of(house.session, loan.id)
    assert told[-1]["action"] == "reverse_repayment"


def test_whoever_reads_the_log_hears_of_it(house: House):
    loan = house.disbursed("1000.00")
    first = house.repay(loan, "100.00")
    last = house.repay(loan, "", money=house.fund.money(loan.left))
    reverse(house, last)
    query = select(event_log.c.data).where(event_log.c.type.contains("repayment-reversed"))
    told = house.session.scalars(query).one()
    assert told["repayment_id"] == str(last.id)
    assert told["outstanding"]["amount"] == str(house.fund.money(loan.outstanding_principal))
    assert (told["settled"], told["last_repayment_on"]) == (False, first.paid_on.isoformat())


@pytest.mark.parametrize(
    ("by", "code"),
    [(CASHIER, "segregation.collector_reverses"), (OFFICER, "segregation.disburser_collects")],
)
def test_who_posted_it_or_paid_the_loan_out_does_not_reverse_it(house: House, by: Caller, code: str):
    repayment = house.repay(house.disbursed(), "100.00")
    with pytest.raises(Refused) as refused:
        reverse(house, repayment, by)
    assert refused.value.code == code


def test_a_later_repayment_is_reversed_first(house: House):
    loan = house.disbursed()
    first, second = house.repay(loan, "100.00"), house.repay(loan, "50.00")
    with pytest.raises(Refused) as refused:
        reverse(house, first)
    assert refused.value.code == "repayment.later_one_stands"
    assert refused.value.facts["later"] == second.number
    reverse(house, second)
    reverse(house, first)
    assert loan.outstanding_principal == loan.principal


def test_a_reversal_needs_its_reason_is_done_once_and_is_not_reversed_itself(house: House):
    repayment = house.repay(house.disbursed(), "100.00")
    with pytest.raises(Invalid) as missing:
        reverse(house, repayment, reason="  ")
    assert missing.value.code == "repayment.reason_missing"
    counter = reverse(house, repayment)
    for again, code in ((repayment, "repayment.reversed_already"), (counter, "repayment.is_reversal")):
        with pytest.raises(Refused) as refused:
            reverse(house, again)
        assert refused.value.code == code


def test_nobody_reverses_beyond_her_territory(house: House):
    repayment = house.repay(house.disbursed(), "100.00")
    with pytest.raises(Exception) as refused:
        reverse(house, repayment, person("credit_officer", scope="GT", subject="far"))
    assert refused.value.code == "forbidden.scope" or isinstance(refused.value, NotFound | Refused)


def test_cash_goes_out_of_the_drawer_and_no_more_than_lies_there(house: House):
    loan = house.disbursed()
    repayment = house.repay(loan, "100.00")
    assert house.fund.balances(house.session)[ledger.CASH_IN_HAND] == 100_00
    deposit_cash(house.session, CASHIER, fund_id=house.fund.id, amount=lempiras("60.00"), deposited_on=clock.today())
    with pytest.raises(Refused) as refused:
        reverse(house, repayment)
    assert refused.value.code == "drawer.too_little"
    other = house.repay(house.disbursed("2000.00"), "80.00")
    del other
    reverse(house, repayment)
    told = drawer(house.session, house.fund, clock.today())
    assert told["closing"] == lempiras("20.00")
    moved = {row["kind"]: row["amount"] for row in told["movements"]}
    assert moved["reversal"] == lempiras("-100.00")
    by_whom = {row["taken_by"]: row["amount"] for row in told["channels"]}
    assert by_whom == {CASHIER.name: lempiras("180.00"), REVERSER.name: lempiras("-100.00")}


def test_a_deposit_that_bounced_leaves_the_trustees_account(house: House):
    loan = house.disbursed()
    before = house.fund.balances(house.session)[ledger.CASH_AT_TRUSTEE]
    repayment = house.repay(loan, "100.00", channel="trustee")
    reverse(house, repayment)
    assert house.fund.balances(house.session)[ledger.CASH_AT_TRUSTEE] == before


def test_money_for_another_loan_moves_there_and_keeps_its_day(house: House):
    wrong, right = house.disbursed("2000.00"), house.disbursed("3000.00")
    with on(3) as paid_on:
        repayment = house.repay(wrong, "150.00", slip="A-17")
        deposit_cash(house.session, CASHIER, fund_id=house.fund.id, amount=lempiras("150.00"), deposited_on=paid_on)
    with on(9) as today:
        reverse(house, repayment, move_to=right.id)
        [moved] = right.repayments
        assert (moved.amount, moved.paid_on, moved.slip, moved.stands) == (150_00, paid_on, "A-17", True)
        assert (wrong.outstanding_principal, len(wrong.repayments)) == (wrong.principal, 2)
        for day in (paid_on, today):
            assert checked_books(house.session, house.fund.id, day) == []
            assert house.fund.balances(house.session, day)[ledger.CASH_IN_HAND] == 0, "the drawer never had it twice"


def test_what_is_too_much_on_the_right_loan_is_held_there(house: House):
    wrong, right = house.disbursed("2000.00"), house.disbursed("500.00")
    repayment = house.repay(wrong, "900.00")
    owed = right.left
    reverse(house, repayment, move_to=right.id)
    assert (right.state, right.repayments[0].excess) == ("settled", 900_00 - owed)


def test_a_payment_does_not_move_to_the_same_loan(house: House):
    loan = house.disbursed()
    repayment = house.repay(loan, "100.00")
    with pytest.raises(Invalid) as refused:
        reverse(house, repayment, move_to=loan.id)
    assert refused.value.code == "repayment.not_movable"


def test_the_books_of_every_past_day_stay_right(house: House):
    loan = house.disbursed()
    with on(5) as paid:
        repayment = house.repay(loan, "400.00")
    with on(12) as reversed_on:
        reverse(house, repayment)
        days = [paid - timedelta(days=1), paid, paid + timedelta(days=3), reversed_on - timedelta(days=1), reversed_on]
        for day in days:
            assert checked_books(house.session, house.fund.id, day) == [], day
        balances = [house.fund.balances(house.session, day)[ledger.LOANS] for day in days]
        assert balances[0] == balances[4] == loan.principal
        assert balances[1] == balances[2] == balances[3] == loan.principal - repayment.principal


def test_between_closes_what_is_receivable_comes_back_and_the_next_close_agrees(session):
    house = House.build(session, **RULES)
    loan = house.disbursed("5000.00")
    with on(45):
        close(session, house.fund.id)
        charges, owed = dict(loan.late_charges), loan.left
        assert charges
        repayment = house.repay(loan, "", money=house.fund.money(loan.left))
        assert repayment.penalty > 0
        require_identities(session, house.fund)
    with on(46):
        close(session, house.fund.id)
        assert loan.late_charges == {}
        reverse(house, repayment)
        assert (loan.late_charges, loan.left) == (charges, owed), "the charges that were paid are owed again"
        require_identities(session, house.fund)
    with on(47):
        close(session, house.fund.id)
        require_identities(session, house.fund)
        assert loan.state == "active"


def test_a_statement_of_the_bank_still_agrees(house: House):
    loan = house.disbursed()
    repayment = house.repay(loan, "100.00", channel="trustee")
    reverse(house, repayment)
    text = (
        "Fecha;Descripción;Débito;Crédito;Saldo\n"
        "02/01/2025;Cooperación;;100,000.00;100,000.00\n"
        "05/03/2026;Desembolso;10,000.00;;90,000.00\n"
        "05/03/2026;Depósito;;100.00;90,100.00\n"
        "05/03/2026;Depósito rechazado;100.00;;90,000.00\n"
    )
    row = receive_statement(
        house.session, COORDINATOR, fund_id=house.fund.id, name="b.csv", content=text.encode(), media_type="text/csv"
    )
    layout = Layout(**{name: row.layout[name] for name in ("begins", "day_first", *FIELDS)})
    read_statement(house.session, COORDINATOR, fund_id=house.fund.id, statement_id=row.id, layout=layout)
    told = reconciliation(house.session, house.fund, row, 3)
    assert (told["difference"], told["unexplained"]) == (lempiras("0.00"), lempiras("0.00"))
    assert all(line["suggested"] for line in told["rows"])


def test_the_receipt_says_reversed_and_the_reversal_names_it(house: House):
    repayment = house.repay(house.disbursed(), "100.00")
    counter = reverse(house, repayment, reason="Monto equivocado")

    def printed(row: Repayment, language: str = "es") -> str:
        return text_of(
            print_receipt(house.session, CASHIER, repayment_id=row.id, names=names, language=language, public_url=URL)
        )

    assert "ANULADO" in printed(repayment)
    assert "REVERSED" in printed(repayment, "en")
    told = printed(counter)
    for words in ("Anulación de un pago", repayment.number, "Monto equivocado"):
        assert words in told, words


def test_the_loan_tells_which_repayment_may_be_reversed(house: House):
    loan = house.disbursed()
    first, second = house.repay(loan, "100.00"), house.repay(loan, "50.00")

    def told() -> dict[str, bool]:
        rows = loan_queries.detail(house.session, CASHIER, loan)["repayments"]
        return {row["number"]: row["reversible"] for row in rows}

    assert told() == {first.number: False, second.number: True}
    counter = reverse(house, second)
    assert told() == {first.number: True, second.number: False, counter.number: False}


def test_a_clock_that_moves_back_does_not_put_the_reversal_before_the_payment(house: House):
    loan = house.disbursed()
    with on(4) as paid:
        repayment = house.repay(loan, "100.00")
    counter = reverse(house, repayment)
    assert counter.paid_on == paid > clock.today()


def test_a_repayment_from_before_a_new_schedule_is_not_reversed(house: House):
    loan = house.disbursed()
    repayment = house.repay(loan, "100.00")
    rescheduled(house, loan)
    with pytest.raises(Refused) as refused:
        reverse(house, repayment)
    assert refused.value.code == "repayment.schedule_replaced"


def test_what_another_loan_paid_off_is_not_reversed(house: House):
    loan = house.disbursed("5000.00")
    house.disburse(approved(house, loan, "refinance", amount=lempiras("8000.00")), CASHIER)
    [paid_off] = loan.repayments
    with pytest.raises(Refused) as refused:
        reverse(house, paid_off)
    assert refused.value.code == "repayment.schedule_replaced"


def test_a_recovery_that_is_reversed_leaves_the_loan_written_off(house: House):
    loan = house.disbursed("1000.00")
    carry_out(house, approved(house, loan, "write_off"))
    owed, books = loan.left, house.fund.balances(house.session)
    recovered = house.repay(loan, "300.00")
    assert recovered.recovery
    counter = reverse(house, recovered)
    assert (loan.state, loan.left, counter.recovery) == ("written_off", owed, True)
    assert house.fund.balances(house.session) == books
    assert checked_books(house.session, house.fund.id, clock.today()) == []


def test_a_paper_receipt_is_posted_once(house: House):
    loan, other = house.disbursed("1000.00"), house.disbursed("2000.00")
    first = house.repay(loan, "50.00", slip=" b-0012 ")
    assert first.slip == "B-0012"
    with pytest.raises(Refused) as refused:
        house.repay(other, "70.00", slip="B-0012")
    assert refused.value.code == "repayment.slip_taken"
    assert (refused.value.facts["number"], refused.value.facts["loan"]) == (first.number, loan.number)
    with pytest.raises(Invalid) as wrong:
        house.repay(other, "70.00", slip="B-0013", channel="trustee")
    assert wrong.value.code == "repayment.slip_without_cash"
    reverse(house, first)
    assert house.repay(other, "70.00", slip="B-0012").slip == "B-0012", "what was reversed no longer holds it"


def test_two_cashiers_who_post_the_same_paper_receipt_at_once_post_it_once(build_house, database):
    from tests.credit.test_same_moment import at_once

    _, loans = build_house(lambda house: [house.disbursed("1000.00"), house.disbursed("1000.00")])
    second = person("cashier", scope="HN17", subject="cashier-2", name="Celia Segunda")

    def pay(who: Caller, loan: Loan) -> str:
        with database.transaction() as session:
            return post_repayment(
                session,
                who,
                loan_id=loan.id,
                amount=lempiras("50.00"),
                paid_on=clock.today(),
                channel="cash",
                slip="A-1",
            ).number

    answers = at_once(lambda: pay(CASHIER, loans[0]), lambda: pay(second, loans[1]))
    assert sorted(answers) == ["FON-RC-2026-0001", "repayment.slip_taken"]


def test_a_repayment_reversed_by_two_at_once_is_reversed_once(build_house, database):
    from tests.credit.test_same_moment import at_once

    _, repayment = build_house(lambda house: house.repay(house.disbursed("1000.00"), "50.00"))

    def undo(who: Caller) -> str:
        with database.transaction() as session:
            return reverse_repayment(session, who, repayment_id=repayment.id, reason="Doble").number

    answers = at_once(lambda: undo(REVERSER), lambda: undo(COORDINATOR))
    assert sorted(answers) == ["FON-RV-2026-0001", "repayment.reversed_already"]


def test_it_is_reversed_through_the_api(client, build_house):
    _, (loan, repayment) = build_house(lambda house: (loan := house.disbursed("1000.00"), house.repay(loan, "50.00")))
    path = f"/repayments/{repayment.id}/reversal"
    assert client.post(CASHIER, path, {"reason": "Error"}).status == 403
    done = client.post(COORDINATOR, path, {"reason": "Error"})
    assert (done.status, done.body["number"], done.body["reverses_id"]) == (
        201,
        "FON-RV-2026-0001",
        str(repayment.id),
    )
    assert done.body["amount"] == {"amount": "-50.00", "currency": "HNL"}
    told = client.get(CASHIER, f"/loans/{loan.id}").body
    assert [row["reversed_on"] for row in told["repayments"]] == ["2026-03-05", None]
    assert told["outstanding_principal"] == told["principal"]
    again = client.post(COORDINATOR, path, {"reason": "Error"})
    assert (again.status, again.code) == (409, "repayment.reversed_already")


def test_who_took_the_money_of_what_moves_has_collected_it_not_who_moves_it(house: House):
    one, two, three = (house.disbursed(amount) for amount in ("2000.00", "3000.00", "500.00"))
    reverse(house, house.repay(one, "900.00"), move_to=two.id)
    assert (two.collected_by(CASHIER.subject), two.collected_by(REVERSER.subject)) == (True, False)
    with pytest.raises(Refused, match=r"segregation\.collector_reverses"):
        reverse(house, two.repayments[0], by=CASHIER)
    reverse(house, two.repayments[0], by=COORDINATOR, move_to=three.id)
    collected = [three.collected_by(who.subject) for who in (CASHIER, REVERSER, COORDINATOR)]
    assert collected == [True, False, False]
    assert not any(loan.collected_by(CASHIER.subject) for loan in (one, two))
    for who in (CASHIER, COORDINATOR):
        with pytest.raises(Refused, match=r"segregation\.collector_refunds"):
            refund_overpayment(house.session, who, loan_id=three.id, amount=lempiras("10.00"), channel="cash")


def test_money_does_not_move_to_a_loan_that_who_took_it_paid_out(house: House):
    wrong, hers = house.disbursed("2000.00"), house.disbursed("3000.00", by=CASHIER)
    repayment = house.repay(wrong, "150.00")
    with pytest.raises(Refused, match=r"repayment\.taker_paid_out"):
        reverse(house, repayment, move_to=hers.id)
