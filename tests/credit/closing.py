"""What tests of the daily close need: days that pass, a close in a test's own session, and the sums that must hold."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.credit.models import Closing, DailyClose, Loan, LoanStanding, TrustFund
from services.credit.rules import ledger
from services.credit.rules.ledger import ACCOUNTS
from services.credit.use_cases.close_day import close_through
from services.credit.use_cases.receivables import receivable_of
from shared.bus.tables import event_log
from shared.identity import Caller
from shared.kernel import LOCAL_TIME, clock
from tests.credit.house import TODAY

CLOSER = Caller.service("credit")
RULES: dict[str, Any] = {
    "late_charge": {"annual_rate": "24", "fixed": 1000, "after_days": 3, "cap": "20"},
    "provisioning": {
        "rows": [
            {"from_days": 0, "percent": "1"},
            {"from_days": 31, "percent": "10.5"},
            {"from_days": 91, "percent": "50"},
        ]
    },
}


@contextmanager
def on(day: date | int) -> Iterator[date]:
    """That day, or so many days after the first, at nine in the morning."""
    wanted = day if isinstance(day, date) else TODAY.astimezone(LOCAL_TIME).date() + timedelta(days=day)
    with clock.frozen(datetime(wanted.year, wanted.month, wanted.day, 9, tzinfo=LOCAL_TIME)):
        yield wanted


@dataclass
class Within:
    """Transactions that are all one session, flushed at the end of each."""

    session: Session

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        yield self.session
        self.session.flush()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        yield self.session


def close(session: Session, fund_id: UUID, day: date | None = None) -> list[DailyClose]:
    """Close that day, or today, in the morning after it."""
    wanted = day or clock.today()
    with on(wanted + timedelta(days=1)):
        made = close_through(Within(session), CLOSER, fund_id=fund_id, day=wanted)
    session.expire_all()
    return made


def standing(session: Session, loan: Loan) -> LoanStanding:
    closing = session.get_one(Closing, loan.fund_id, populate_existing=True)
    return session.get_one(LoanStanding, (loan.id, closing.slot), populate_existing=True)


def overdue_events(session: Session) -> list[dict[str, Any]]:
    query = select(event_log.c.data).where(event_log.c.type.contains("instalment-overdue")).order_by(event_log.c.seq)
    return list(session.scalars(query))


def require_identities(session: Session, fund: TrustFund) -> None:
    """The books balance, and each control account is the sum of what its loans stand at."""
    balances = fund.balances(session)
    assert balances == fund.summed(session, date.max), "what is kept is what the lines sum to"
    assert ledger.balance_sheet(balances).holds
    loans = session.scalars(select(Loan).where(Loan.fund_id == fund.id)).all()
    parts = [receivable_of(session, loan) for loan in loans]
    assert balances[ledger.LOANS] == sum(loan.outstanding_principal for loan in loans)
    assert balances[ACCOUNTS["interest_receivable"]] == sum(part.interest for part in parts)
    assert balances[ACCOUNTS["charges_receivable"]] == sum(part.charges for part in parts)
    assert all(part.interest >= 0 and part.charges >= 0 for part in parts)
    closing = session.get(Closing, fund.id, populate_existing=True)
    held = select(func.coalesce(func.sum(LoanStanding.allowance), 0)).where(
        LoanStanding.fund_id == fund.id, LoanStanding.slot == (closing.slot if closing else 0)
    )
    assert balances[ACCOUNTS["allowance"]] == -(session.scalar(held) or 0)
