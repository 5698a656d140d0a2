"""What happens at the same moment in two places."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, func, select

from services.credit.directory import Borrower
from services.credit.models import Acta, IssuedDocument, Repayment, Resolution, TrustFund
from services.credit.rules import ledger
from services.credit.use_cases.close_item import close_item
from services.credit.use_cases.close_session import close_session
from services.credit.use_cases.convene_session import place_on_agenda
from services.credit.use_cases.disburse_loan import disburse_loan
from services.credit.use_cases.post_repayment import post_repayment
from services.credit.use_cases.print_paper import print_receipt
from shared.database import Database
from shared.kernel import Money, Refused, clock
from shared.testing import person
from tests.credit.house import CASHIER, CHAIR, COORDINATOR, OFFICER, URL, House, names


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


def test_a_receipt_printed_twice_at_once_is_one_paper(build_house, database):
    _, repayment = build_house(lambda house: house.repay(house.disbursed("1000.00"), "50.00"))

    def print_() -> int:
        with database.transaction() as session:
            printed = print_receipt(
                session, CASHIER, repayment_id=repayment.id, names=names, language="es", public_url=URL
            )
            return len(printed)

    first, second = at_once(print_, print_)
    assert first == second
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(IssuedDocument)) == 1


class Asking:
    """Names that note which statements had been sent to the database when they were asked for."""

    def __init__(self, database: Database) -> None:
        self._sent: list[str] = []
        self.before: list[str] = []
        event.listen(database.engine, "before_cursor_execute", lambda *given: self._sent.append(given[2]))

    def __call__(self, enterprise_id: UUID) -> Borrower:
        self.before = list(self._sent)
        return names(enterprise_id)

    @property
    def made_others_wait(self) -> list[str]:
        """The writes, and the locks on a row, that came before."""
        assert self.before, "nobody was asked"
        return [sent for sent in self.before if sent.startswith(("INSERT", "UPDATE", "DELETE")) or "FOR UPDATE" in sent]


def test_nobody_waits_for_the_registry_while_a_session_is_closed(build_house, database):
    _, meeting = build_house(lambda house: house.opened(house.appraised(), house.appraised()))
    asking = Asking(database)
    with database.transaction() as session:
        close_session(session, CHAIR, session_id=meeting.id, names=asking, public_url=URL)
    assert asking.made_others_wait == []


def test_nobody_waits_for_the_registry_while_a_loan_is_paid_out(build_house, database):
    _, application = build_house(lambda house: house.approved())
    asking = Asking(database)
    day = clock.today()
    with database.transaction() as session:
        disburse_loan(session, OFFICER, application_id=application.id, disbursed_on=day, names=asking, public_url=URL)
    assert asking.made_others_wait == []


def test_what_comes_onto_the_agenda_while_the_session_is_being_closed_is_not_left_out(house: House):
    meeting, late = house.opened(house.appraised()), house.appraised()

    def asked_late(enterprise_id: UUID) -> Borrower:
        if late.state == "appraised":
            place_on_agenda(house.session, COORDINATOR, session_id=meeting.id, application_id=late.id)
        return names(enterprise_id)

    def close() -> Acta:
        return close_session(house.session, CHAIR, session_id=meeting.id, names=asked_late, public_url=URL)

    with pytest.raises(Refused) as refused:
        close()
    assert refused.value.code == "session.agenda_grew"
    close()
    assert (meeting.state, late.state) == ("closed", "appraised")
