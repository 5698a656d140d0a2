"""A close survives: killed between any two statements, made twice at the same moment, with repayments coming in."""

import os
import signal
import threading
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import event, func, select

from services.credit.models import Closing, DailyClose, LedgerEntry, Loan, LoanStanding, TrustFund
from services.credit.rules.ledger import ACCOUNTS
from services.credit.use_cases.close_day import book, close_through, prepare, tell
from services.credit.use_cases.post_repayment import post_repayment
from shared.database import Database
from shared.kernel import Money
from tests.credit.closing import CLOSER, RULES, on, overdue_events, require_identities
from tests.credit.house import CASHIER, House
from tests.credit.test_same_moment import at_once

DAY = date(2026, 4, 20)
FOLLOWING = DAY + timedelta(days=1)
OF_A_CLOSE = ["allowance", "interest_accrual", "late_charge"]


def close_and_die(url: str, fund_id: UUID, day: date, statement: int) -> bool:
    """In a process of its own, close `day` and be killed before the statement of that number; whether it was."""
    child = os.fork()
    if child == 0:
        try:
            database, passed = Database(url), [0]

            @event.listens_for(database.engine, "before_cursor_execute")
            def count(*_: object) -> None:
                passed[0] += 1
                if passed[0] == statement:
                    os.kill(os.getpid(), signal.SIGKILL)

            close_through(database, CLOSER, fund_id=fund_id, day=day)
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    ended = os.waitstatus_to_exitcode(status)
    assert ended in {0, -signal.SIGKILL}
    return ended != 0


@pytest.fixture
def lent(build_house):
    def step(house: House) -> list[Loan]:
        loans = [house.disbursed(f"{amount}.00") for amount in (1000, 2000, 3000)]
        house.repay(loans[1], "150.00")
        return loans

    return build_house(step, **RULES)


def pay(database, loan, cents=50_00, paid_on=None):
    with database.transaction() as session:
        return post_repayment(
            session,
            CASHIER,
            loan_id=loan.id,
            amount=Money(cents, "HNL"),
            paid_on=paid_on or DAY,
            channel="cash",
        ).number


def state(database, fund_id):
    """What a close leaves, without ids and moments."""
    with database.reading() as session:
        fund = session.get_one(TrustFund, fund_id)
        require_identities(session, fund)
        slot = session.get_one(Closing, fund_id).slot
        rows = session.execute(
            select(*[c for c in LoanStanding.__table__.columns if c.key != "slot"])
            .where(LoanStanding.slot == slot)
            .order_by(LoanStanding.loan_id)
        ).all()
        entries = session.execute(
            select(LedgerEntry.kind, LedgerEntry.booked_on, func.count())
            .where(LedgerEntry.kind.in_(OF_A_CLOSE))
            .group_by(LedgerEntry.kind, LedgerEntry.booked_on)
            .order_by(LedgerEntry.kind)
        ).all()
        told = [(one["loan_id"], one["days_late"]) for one in overdue_events(session)]
        closes = session.scalars(select(DailyClose.day).order_by(DailyClose.day)).all()
        return [tuple(r) for r in rows], [tuple(e) for e in entries], fund.balances(session), sorted(told), closes


def test_a_close_killed_before_any_of_its_statements_is_made_whole_by_the_next(lent, database):
    house, loans = lent
    url = database.engine.url.render_as_string(hide_password=False)
    day, statement, killed = DAY, 1, 0
    with on(DAY):
        before = DAY - timedelta(days=1)
        close_through(database, CLOSER, fund_id=house.fund.id, day=before)
    database.engine.dispose()
    died = True
    while died:
        with on(day + timedelta(days=1)):
            died = close_and_die(url, house.fund.id, day, statement)
            close_through(database, CLOSER, fund_id=house.fund.id, day=day)
            rows, entries, _, told, closes = state(database, house.fund.id)
        assert closes[-1] == day
        assert len(closes) == (day - before).days + 1
        assert len(rows) == len(loans)
        assert {count for _, _, count in entries} == {1}, "each kind was booked once a day"
        assert len(set(told)) == len(told), "told once"
        killed, statement, day = killed + died, statement + 1, day + timedelta(days=1)
    assert killed > 20


def test_two_closes_at_the_same_moment_make_one(lent, database):
    house, _ = lent
    with on(FOLLOWING):
        answers = at_once(
            *[lambda: len(close_through(database, CLOSER, fund_id=house.fund.id, day=DAY)) for _ in range(3)]
        )
        assert all(answer in {0, 1} for answer in answers), answers
        _, entries, _, told, closes = state(database, house.fund.id)
    assert closes == [DAY]
    assert entries == [(kind, DAY, 1) for kind in OF_A_CLOSE]
    assert len(told) == len(set(told)) == 3


def test_a_repayment_is_right_on_either_side_of_a_close(lent, database):
    """A payment at each moment of a close, and the books are true after every one."""
    house, loans = lent
    with on(FOLLOWING):
        fund_id = house.fund.id
        pay(database, loans[0])
        prepare(database, fund_id, DAY)
        pay(database, loans[1])
        close = book(database, CLOSER, fund_id, DAY)
        assert close is not None
        state(database, fund_id)
        pay(database, loans[2])
        state(database, fund_id)
        tell(database, close)
        pay(database, loans[0])
        state(database, fund_id)
    with on(FOLLOWING + timedelta(days=1)):
        close_through(database, CLOSER, fund_id=fund_id, day=FOLLOWING)
        rows, _, balances, _, _ = state(database, fund_id)
        with database.reading() as session:
            earned = {row[0]: row[8] for row in rows}
            known = session.scalars(select(Loan)).all()
            income = sum(max(earned[loan.id], loan.interest_paid) for loan in known)
        assert -balances[ACCOUNTS["interest_income"]] == income, "nothing is lost, nothing counts twice"


def test_a_repayment_does_not_wait_while_a_close_looks_at_the_loans(lent, database):
    """On SQLite one transaction writes at a time, whatever it writes; PostgreSQL has rows to lock."""
    if database.is_sqlite:
        house, _ = lent
        with on(FOLLOWING):
            close_through(database, CLOSER, fund_id=house.fund.id, day=DAY)
        return
    house, loans = lent
    looked, go_on = threading.Event(), threading.Event()

    @event.listens_for(database.engine, "after_cursor_execute")
    def hold(_connection, _cursor, statement, *_rest):
        if statement.startswith("INSERT INTO loan_standing") and not looked.is_set():
            looked.set()
            assert go_on.wait(20)

    with on(FOLLOWING):
        closing = threading.Thread(
            target=close_through, args=(database, CLOSER), kwargs={"fund_id": house.fund.id, "day": DAY}
        )
        closing.start()
        assert looked.wait(20)
        assert pay(database, loans[0]).startswith("FON-RC")
        go_on.set()
        closing.join(20)
        rows, _, _, _, closes = state(database, house.fund.id)
    assert closes == [DAY]
    assert len(rows) == 3


def test_repayments_and_closes_at_the_same_moment_leave_the_books_true(lent, database):
    house, loans = lent
    with on(FOLLOWING):

        def close() -> int:
            return len(close_through(database, CLOSER, fund_id=house.fund.id, day=DAY))

        answers = at_once(close, *[lambda loan=loan: pay(database, loan, 20_00) for loan in loans * 2], close)
        assert not [answer for answer in answers if isinstance(answer, str) and not answer.startswith("FON-RC")]
        state(database, house.fund.id)
    with on(FOLLOWING + timedelta(days=1)):
        close_through(database, CLOSER, fund_id=house.fund.id, day=FOLLOWING)
        state(database, house.fund.id)
