"""What every account of a fund stands at, kept beside its journal, so that nobody sums that to know the cash."""

from collections import Counter
from collections.abc import Iterable
from functools import cache
from uuid import UUID

from sqlalchemy import Executable, ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from services.credit.models.base import Base, Cents
from services.credit.rules.ledger import Line
from shared.database import insert_on


class AccountBalance(Base):
    """The sum of all lines of an account in the journal of a fund, in cents, debit positive."""

    __tablename__ = "account_balance"

    fund_id: Mapped[UUID] = mapped_column(ForeignKey("fund.id"), primary_key=True)
    account: Mapped[str] = mapped_column(String(10), primary_key=True)
    amount: Mapped[Cents]


def bring_forward(session: Session, fund_id: UUID, lines: Iterable[Line]) -> None:
    """Bring the balances forward by the lines of a movement; the fund must be locked."""
    moved: Counter[str] = Counter()
    for line in lines:
        moved[line.account] += line.amount
    rows = [{"fund_id": fund_id, "account": account, "amount": amount} for account, amount in moved.items()]
    session.connection().execute(_adding(session.get_bind().dialect.name), rows)


@cache
def _adding(dialect: str) -> Executable:
    """Made once: every movement needs it."""
    moved = insert_on(dialect, AccountBalance)
    summed = AccountBalance.amount + moved.excluded.amount
    return moved.on_conflict_do_update(index_elements=["fund_id", "account"], set_={"amount": summed})
