"""The process dies between any two statements of a use case that moves money, the clock is set back, a request comes
twice: nothing is half done, the books agree, and the same key has the same answer.
"""

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from services.credit.documents.printed import Printed
from services.credit.models import Application, Base, CopyEnterprise, Loan, Repayment
from services.credit.queries.books import checked_books
from services.credit.use_cases.close_day import close_through
from services.credit.use_cases.close_item import close_item
from services.credit.use_cases.post_repayment import post_repayment
from shared.bus.tables import event_log
from shared.database import platform
from shared.kernel import Invalid, Money, Refused, clock
from tests.credit.client import Client
from tests.credit.closing import CLOSER, RULES, Within, close, on, require_identities
from tests.credit.house import CASHIER, CHAIR, OFFICER, House
from tests.credit.test_withdrawal import announced, withdraw


@dataclass
class Deed:
    """A request that moves money or decides about it: who sends it, where to, and what it is answered the next time."""

    who: Any
    path: str
    body: dict[str, Any]
    idempotent: bool


def repaying(house: House) -> Deed:
    loan = house.disbursed("1000.00")
    amount = {"amount": "91.68", "currency": "HNL"}
    body = {"amount": amount, "paid_on": clock.today().isoformat(), "channel": "cash"}
    return Deed(CASHIER, f"/loans/{loan.id}/repayments", body, idempotent=True)


def disbursing(house: House) -> Deed:
    application = house.approved("1000.00")
    body = {"disbursed_on": clock.today().isoformat()}
    return Deed(OFFICER, f"/applications/{application.id}/disbursement", body, idempotent=True)


def deciding(house: House) -> Deed:
    meeting = house.opened(house.appraised("1000.00"))
    house.vote(meeting)
    return Deed(CHAIR, f"/sessions/{meeting.id}/items/{meeting.agenda[0].id}/closing", {}, idempotent=False)


def ending(house: House) -> Deed:
    meeting = house.opened(house.appraised("1000.00"), house.appraised("2000.00"))
    house.vote(meeting)
    close_item(house.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
    return Deed(CHAIR, f"/sessions/{meeting.id}/closing", {}, idempotent=False)


DEEDS = [repaying, disbursing, deciding, ending]


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def kill_before(engine: Any, statement: int) -> None:
    """Before the statement of that number, or before the commit, where there are no more."""
    passed = [0]

    @event.listens_for(engine, "before_cursor_execute")
    def count(*_: object) -> None:
        passed[0] += 1
        if passed[0] == statement:
            die()

    @event.listens_for(engine, "commit")
    def commit(_connection: object) -> None:
        if passed[0] + 1 == statement:
            die()


def kill_after_commit(_engine: Any, _statement: int) -> None:
    event.listen(Session, "after_commit", lambda _session: die())


def send_and_die(
    service: Any, keys: Any, deed: Deed, key: str, arm: Callable[[Any, int], None], statement: int
) -> bool:
    """Send the request in a process of its own, which is killed where `arm` says; whether it was."""
    service.database.dispose()
    child = os.fork()
    if child == 0:
        with suppress(BaseException):
            arm(service.database.engine, statement)
            answer = Client(service.web.test_client(), keys).post(deed.who, deed.path, deed.body, key=key)
            os._exit(0 if answer.status in {200, 201} else 3)
        os._exit(4)
    _, status = os.waitpid(child, 0)
    ended = os.waitstatus_to_exitcode(status)
    assert ended in {0, -signal.SIGKILL}
    return ended != 0


def everything(database: Any) -> dict[str, list[str]]:
    """All that is stored."""
    tables = [*Base.metadata.sorted_tables, *platform.sorted_tables]
    with database.reading() as session:
        return {table.name: sorted(map(repr, session.execute(select(table)).all())) for table in tables}


@pytest.mark.parametrize("prepare", DEEDS)
def test_a_process_that_dies_before_any_statement_has_done_nothing(
    prepare, build_house, database, service, keys, monkeypatch
):
    """Killed before each of its statements and before its commit, always with the same key; then it is sent in peace."""
    monkeypatch.setattr(Printed, "render", lambda _self, _url: b"%PDF")
    house, deed = build_house(prepare)
    before, key, statement = everything(database), uuid4().hex, 1
    while send_and_die(service, keys, deed, key, kill_before, statement):
        assert everything(database) == before, f"killed before statement {statement}"
        statement += 1
    assert statement > 10
    after = everything(database)
    assert after != before
    answers = [Client(service.web.test_client(), keys).post(deed.who, deed.path, deed.body, key=key) for _ in range(2)]
    if deed.idempotent:
        assert {(answer.status, answer.headers["Idempotent-Replay"]) for answer in answers} == {(201, "true")}
        assert answers[0].content == answers[1].content
    else:
        assert {answer.status for answer in answers} == {409}, [answer.content for answer in answers]
    assert everything(database) == after, "sent again, it has no second effect"
    with database.reading() as session:
        assert checked_books(session, house.fund.id, clock.today()) == []


@pytest.mark.parametrize("prepare", [repaying, disbursing])
def test_who_never_heard_the_answer_asks_again_and_hears_it(prepare, build_house, database, service, keys, monkeypatch):
    """The process dies between its commit and its answer."""
    monkeypatch.setattr(Printed, "render", lambda _self, _url: b"%PDF")
    house, deed = build_house(prepare)
    key = uuid4().hex
    assert send_and_die(service, keys, deed, key, kill_after_commit, 0)
    after = everything(database)
    answer = Client(service.web.test_client(), keys).post(deed.who, deed.path, deed.body, key=key)
    assert (answer.status, answer.headers["Idempotent-Replay"]) == (201, "true")
    assert everything(database) == after
    with database.reading() as session:
        assert session.scalars(select(Loan)).one().id
        assert len(session.scalars(select(Repayment)).all()) == (prepare is repaying)
        assert checked_books(session, house.fund.id, clock.today()) == []


def test_a_clock_that_is_set_back_takes_no_payment_of_tomorrow_and_leaves_a_closed_day_as_it_was(house: House):
    with on(0):
        loan = house.disbursed("1000.00")
    with on(40) as closed:
        close(house.session, house.fund.id, closed)
    with on(35) as earlier:
        with pytest.raises(Invalid, match=r"repayment\.day_out_of_range"):
            house.repay(loan, "10.00", paid_on=closed)
        house.repay(loan, "91.68", paid_on=earlier)
        with pytest.raises(Invalid, match=r"close\.day_in_future"):
            close_through(Within(house.session), CLOSER, fund_id=house.fund.id, day=closed + timedelta(days=1))
        require_identities(house.session, house.fund)
        assert checked_books(house.session, house.fund.id, earlier) == []
    with on(41) as following:
        close(house.session, house.fund.id, following)
        require_identities(house.session, house.fund)
        for day in (earlier, closed, following):
            assert checked_books(house.session, house.fund.id, day) == []


def test_a_clock_that_is_set_back_pays_nothing_out_before_it_was_decided(house: House):
    with on(10):
        application = house.approved("1000.00")
    with on(5), pytest.raises(Invalid, match=r"loan\.day_out_of_range"):
        house.disburse(application)
    with on(10):
        assert house.disburse(application)


def test_the_books_of_interest_and_charges_hold_whatever_the_clock_does_between_payments(session):
    house = House.build(session, **RULES)
    loan = house.disbursed("1000.00")
    for day in (33, 30, 64, 50, 65):
        with on(day) as today:
            with suppress(Refused):
                close(session, house.fund.id, today - timedelta(days=1))
            house.repay(loan, "20.00")
            require_identities(session, house.fund)


def test_a_withdrawal_that_is_told_twice_takes_nothing_more_back(house: House):
    loan, waiting = house.disbursed("1000.00"), house.approved("2000.00")
    for _ in range(2):
        withdraw(house, waiting.enterprise_id)
    assert len(announced(house, "application-withdrawn")) == 1
    assert [told["erased"]["applications_withdrawn"] for told in announced(house, "erasure-completed")] == [1, 0]
    assert house.session.get_one(Application, waiting.id).state == "withdrawn"
    assert house.session.get_one(Loan, loan.id).state == "active"


def test_a_consent_that_is_taken_back_late_stops_what_is_not_paid_out_and_nothing_else(house: House):
    loan, waiting = house.disbursed("1000.00"), house.approved("2000.00")
    for enterprise_id in (loan.enterprise_id, waiting.enterprise_id):
        house.session.get_one(CopyEnterprise, enterprise_id).replace({"consent_credit": False})
    with pytest.raises(Refused, match=r"eligibility\.consent_credit"):
        house.disburse(waiting)
    assert house.repay(loan, "91.68").number == "FON-RC-2026-0001"
    kinds = house.session.scalars(select(event_log.c.type).where(event_log.c.subject == loan.id)).all()
    assert [kind.split(".")[3] for kind in kinds] == ["loan-disbursed", "repayment-posted"]


def test_a_payment_is_taken_once_though_its_transaction_was_begun_again(build_house, database):
    """What the database ended so that another could go on is begun anew with nothing kept."""
    _, loan = build_house(lambda house: house.disbursed("1000.00"))
    begun = []

    def act(session: Session) -> str:
        begun.append(1)
        row = post_repayment(
            session, CASHIER, loan_id=loan.id, amount=Money(100, "HNL"), paid_on=clock.today(), channel="cash"
        )
        if len(begun) == 1:
            from sqlalchemy.exc import OperationalError

            lost = type("Lost", (Exception,), {"sqlstate": "40P01"})()
            raise OperationalError("", {}, lost)
        return row.number

    assert database.insist(act) == "FON-RC-2026-0001"
    with database.reading() as session:
        assert len(session.scalars(select(Repayment)).all()) == 1
