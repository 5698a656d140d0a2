"""What happens at the same moment in two places."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import uuid4

from sqlalchemy import func, select

from services.credit.models import Repayment, Resolution, TrustFund
from services.credit.rules import ledger
from services.credit.use_cases.close_item import close_item
from services.credit.use_cases.post_repayment import post_repayment
from shared.kernel import Money, Refused, clock
from shared.testing import person
from tests.credit.house import CASHIER, CHAIR, House


def at_once(*steps: Any) -> list[Any]:
    """Run the steps at the same moment; comes back with what each gave, or its refusal's code."""
    start = Barrier(len(steps))

    def run(step: Any) -> Any:
        start.wait()
        try:
            return step()
        except Refused as refused:
            return refused.code

    with ThreadPoolExecutor(len(steps)) as pool:
        return list(pool.map(run, steps))


def test_two_sessions_cannot_promise_the_same_money(build_house, database):
    def step(house: House) -> Any:
        meetings = [house.opened(house.appraised("6000.00")) for _ in range(2)]
        for meeting in meetings:
            house.vote(meeting)
        return [(meeting.id, meeting.agenda[0].id) for meeting in meetings]

    house, items = build_house(step, cash="10000.00")

    def close(session_id: Any, item_id: Any) -> str:
        with database.transaction() as session:
            return close_item(session, CHAIR, session_id=session_id, item_id=item_id).outcome

    answers = at_once(*(lambda pair=pair: close(*pair) for pair in items))
    assert sorted(answers) == ["approved", "fund.not_enough_available"]
    with database.reading() as session:
        fund = session.get_one(TrustFund, house.fund.id)
        assert fund.available(session) == 4000_00
        assert session.scalars(select(Resolution.number)).all() == ["FON-R-2026-0001"]


def test_two_cashiers_at_once_do_not_take_more_than_is_owed(build_house, database):
    _, loan = build_house(lambda house: house.disbursed("1000.00"))
    everything = Money(loan.outstanding, "HNL")
    second = person("cashier", scope="HN17", subject="cashier-2")

    def pay(who: Any) -> str:
        with database.transaction() as session:
            return post_repayment(
                session, who, loan_id=loan.id, amount=everything, paid_on=clock.today(), channel="cash"
            ).number

    answers = at_once(lambda: pay(CASHIER), lambda: pay(second))
    assert sorted(answers) == ["FON-RC-2026-0001", "loan.settled_already"]
    with database.reading() as session:
        fund = session.get_one(TrustFund, loan.fund_id)
        assert fund.balances(session)[ledger.CASH_IN_HAND] == everything.minor


def test_the_same_request_sent_twice_at_once_pays_once(build_house, database, service, keys):
    from tests.credit.client import Client

    _, loan = build_house(lambda house: house.disbursed("1000.00"))
    key = uuid4().hex
    body = {"amount": {"amount": "50.00", "currency": "HNL"}, "paid_on": "2026-03-05", "channel": "cash"}

    def send() -> tuple[int, bytes]:
        answer = Client(service.web.test_client(), keys).post(CASHIER, f"/loans/{loan.id}/repayments", body, key=key)
        return answer.status, answer.content

    first, second = at_once(send, send)
    assert first == second
    assert first[0] == 201
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Repayment)) == 1


def test_many_receipts_at_once_are_numbered_without_gaps(build_house, database):
    _, loan = build_house(lambda house: house.disbursed("1000.00"))

    def pay() -> str:
        with database.transaction() as session:
            return post_repayment(
                session, CASHIER, loan_id=loan.id, amount=Money(100, "HNL"), paid_on=clock.today(), channel="trustee"
            ).number

    answers = at_once(*[pay] * 6)
    assert sorted(answers) == [f"FON-RC-2026-{number:04d}" for number in range(1, 7)]
