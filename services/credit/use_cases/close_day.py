"""A day of a fund is closed: arrears, interest earned, late charges and the allowance are found and booked.

The loans are never locked, nor is the fund while they are looked at. What is found is written beside what the close
before found (`prepare`); then, with the fund locked for a moment, the loans on which something was booked meanwhile are
looked at again, one entry of each kind is booked and the new set holds (`book`); and at last it is told which loans
grew late (`tell`). Each is a transaction: broken off anywhere, the close goes on where it was, and a day that is closed
stays as it is.
"""

from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.credit.models import (
    Closing,
    Counter,
    DailyClose,
    LedgerEntry,
    LedgerLine,
    TrustFund,
    regulations_in_force,
)
from services.credit.rules import arrears, ledger
from services.credit.rules.ledger import ACCOUNTS
from services.credit.tables import provisioning_rows
from services.credit.use_cases import close_statements as statements
from services.credit.use_cases import find
from shared import history
from shared.bus import log
from shared.events.credit import InstalmentOverdue
from shared.identity import Caller
from shared.kernel import Invalid, Refused, Stale, clock

_ATTEMPTS = 5
CONTROL = {
    "interest_receivable": ACCOUNTS["interest_receivable"],
    "charges_receivable": ACCOUNTS["charges_receivable"],
    "allowance": ACCOUNTS["allowance"],
}
"""The accounts whose balance is the sum of the loans' standings, by the column that sums to it."""


class Transactions(Protocol):
    """What a close is made in: a database, or a job of the worker."""

    def transaction(self) -> AbstractContextManager[Session]: ...

    def reading(self) -> AbstractContextManager[Session]: ...


def close_through(work: Transactions, caller: Caller, *, fund_id: UUID, day: date) -> list[DailyClose]:
    """Close `day` and, one after the other, every day that was missed since the last closed one; the first close of a
    fund is of that day alone. Comes back with the closes made; none where the day was closed already.

    Refuses a day before the last closed one, one that is not over, and as the first of a fund one before anything was
    booked in it: every day after it would have to be closed, and none can be opened again.
    """
    made: list[DailyClose] = []
    while True:
        following = _next_day(work, caller, fund_id, day)
        if following is None:
            return made
        made.append(_close(work, caller, fund_id, following))


def require_open(session: Session, caller: Caller, *, fund_id: UUID, day: date) -> TrustFund:
    """The fund, if that day may be closed or is closed; refuses as `close_through` does."""
    fund = find.fund(session, caller, fund_id)
    closed = session.scalar(select(Closing.day).where(Closing.fund_id == fund_id))
    yesterday = clock.today() - timedelta(days=1)
    if day > yesterday and day != closed:
        raise Invalid("close.day_in_future", pointer="/day", latest=yesterday)
    if closed is not None and day < closed:
        raise Invalid("close.day_before_last", pointer="/day", closed=closed)
    if closed is None and day < (begins := _begins(session, fund_id)):
        raise Invalid("close.day_before_first", pointer="/day", earliest=begins)
    return fund


def _begins(session: Session, fund_id: UUID) -> date:
    """The day of the first movement of a fund; yesterday where nothing is booked yet."""
    first = session.scalar(select(func.min(LedgerEntry.booked_on)).where(LedgerEntry.fund_id == fund_id))
    return first or clock.today() - timedelta(days=1)


def _next_day(work: Transactions, caller: Caller, fund_id: UUID, day: date) -> date | None:
    """The next day to close on the way to `day`; None when it is reached."""
    with work.reading() as session:
        require_open(session, caller, fund_id=fund_id, day=day)
        closed = session.scalar(select(Closing.day).where(Closing.fund_id == fund_id))
        untold = _untold(session, fund_id)
    if untold is not None:
        tell(work, untold)
    if closed is None:
        return day
    return closed + timedelta(days=1) if closed < day else None


def _close(work: Transactions, caller: Caller, fund_id: UUID, day: date) -> DailyClose:
    for _ in range(_ATTEMPTS):
        prepare(work, fund_id, day)
        close = book(work, caller, fund_id, day)
        if close is not None:
            return tell(work, close)
    raise Stale("changed_meanwhile")


def prepare(work: Transactions, fund_id: UUID, day: date) -> None:
    """Write how every loan stands into the set that nobody reads."""
    with work.reading() as session:
        begun = session.get(Closing, fund_id) is not None
    if not begun:
        _begin(work, fund_id)
    with work.transaction() as session:
        closing = _closing(session, fund_id)
        if closing.day is not None and closing.day >= day:
            return
        closing.prepared_journal = _journal(session, fund_id)
        wanted = _day(session, closing, day)
        statements.clear(session, wanted)
        statements.charge(session, wanted)
        statements.stand(session, wanted)
        closing.prepared_day = day


def book(work: Transactions, caller: Caller, fund_id: UUID, day: date) -> DailyClose | None:
    """Look again at the loans on which something was booked since `prepare`, book the day and let the new set hold.
    None where another close of the fund came between.
    """
    with work.transaction() as session:
        closing = _closing(session, fund_id)
        done = session.scalar(select(DailyClose).where(DailyClose.fund_id == fund_id, DailyClose.day == day))
        if done is not None:
            return done
        if closing.prepared_day != day:
            return None
        fund = session.get_one(TrustFund, fund_id, with_for_update=True, populate_existing=True)
        wanted = _day(session, closing, day)
        again = statements.touched(wanted, closing.prepared_journal)
        if session.scalar(again.limit(1)) is not None:
            statements.clear(session, wanted, again)
            statements.charge(session, wanted, again)
            statements.stand(session, wanted, again)
        close = _write(session, caller, fund, closing, wanted)
        closing.day, closing.slot, closing.prepared_day = day, wanted.slot, None
        closing.journal = _journal(session, fund_id)
        facts = {"day": day, "loans": close.loans, "overdue": close.overdue}
        history.record(session, caller, subject=fund_id, kind="fund", action="close_day", after=facts)
        return close


def tell(work: Transactions, close: DailyClose) -> DailyClose:
    """Tell which loans grew late on the day of `close`, once."""
    with work.transaction() as session:
        closing = _closing(session, close.fund_id)
        found = session.get_one(DailyClose, close.id, populate_existing=True)
        if found.told is not None or closing.day != found.day:
            return found
        rows = statements.grown_late(session, statements.Day(found.fund_id, found.day, closing.slot, ()))
        found.told = len(rows)
        log.append_all(session, ((_overdue(row), row["loan_id"]) for row in rows))
        return found


def _untold(session: Session, fund_id: UUID) -> DailyClose | None:
    query = select(DailyClose).where(DailyClose.fund_id == fund_id, DailyClose.told.is_(None))
    return session.scalar(query.order_by(DailyClose.day).limit(1))


def _begin(work: Transactions, fund_id: UUID) -> None:
    """Make the row on which the closes of a fund take turns, before its first; in a transaction of its own, because the
    fund is locked for it.
    """
    with work.transaction() as session:
        session.get_one(TrustFund, fund_id, with_for_update=True, populate_existing=True)
        if session.get(Closing, fund_id, populate_existing=True) is None:
            session.add(Closing(fund_id=fund_id, slot=0, journal=0, prepared_journal=0))


def _closing(session: Session, fund_id: UUID) -> Closing:
    """Where the closes of the fund stand, locked: two closes of one fund take turns."""
    return session.get_one(Closing, fund_id, with_for_update=True, populate_existing=True)


def _journal(session: Session, fund_id: UUID) -> int:
    """The last number of the fund's journal."""
    query = select(Counter.last).where(Counter.fund_id == fund_id, Counter.series == "journal")
    return session.scalar(query) or 0


def _day(session: Session, closing: Closing, day: date) -> statements.Day:
    return statements.Day(closing.fund_id, day, closing.next_slot, _set_aside(session, closing.fund_id, day)[1])


def _set_aside(session: Session, fund_id: UUID, day: date) -> tuple[UUID | None, Any]:
    """The edition in force on the day, and what it sets aside; nothing where none is."""
    try:
        edition = regulations_in_force(session, fund_id, day)
    except Refused:
        return None, ()
    return edition.id, provisioning_rows(edition.read().provisioning, day)


def _write(session: Session, caller: Caller, fund: TrustFund, closing: Closing, wanted: statements.Day) -> DailyClose:
    """The close with its entries: each brings a control account to the sum of the standings."""
    buckets = statements.totals(session, wanted)
    sums = {name: sum(row[name] for row in buckets) for name in ("loans", "principal", *CONTROL)}
    booked = _booked(session, closing)
    moved = {name: sums[name] - booked[name] for name in CONTROL}
    close = DailyClose(
        fund_id=fund.id,
        day=wanted.day,
        overdue=sum(row["loans"] for row in buckets if row["bucket"]),
        interest_accrued=moved["interest_receivable"],
        charged=moved["charges_receivable"],
        provisioned=moved["allowance"],
        buckets=[{"bucket": arrears.BUCKETS[row["bucket"]], **_shown(row)} for row in buckets],
        told=None,
        regulations_id=_set_aside(session, fund.id, wanted.day)[0],
        closed_at=clock.now(),
        closed_by=caller.subject,
        closed_by_name=caller.name,
        **sums,
    )
    session.add(close)
    session.flush()
    for kind, lines, amount in (
        ("interest_accrual", ledger.accrual, moved["interest_receivable"]),
        ("late_charge", ledger.late_charge, moved["charges_receivable"]),
        ("allowance", ledger.provision, moved["allowance"]),
    ):
        if amount:
            fund.book(session, caller, lines(amount), kind=kind, reference=close.id, booked_on=wanted.day)
    return close


def _shown(row: dict[str, int]) -> dict[str, int]:
    return {name: row[name] for name in ("loans", "principal", "allowance")}


def _booked(session: Session, closing: Closing) -> dict[str, int]:
    """The balances of the control accounts: what the close before left in them, and what was booked since."""
    last = session.scalar(
        select(DailyClose).where(DailyClose.fund_id == closing.fund_id, DailyClose.day == closing.day)
    )
    since = (
        select(LedgerLine.account, func.sum(LedgerLine.amount))
        .join(LedgerEntry)
        .where(
            LedgerEntry.fund_id == closing.fund_id,
            LedgerEntry.number > closing.journal,
            LedgerLine.account.in_(CONTROL.values()),
        )
        .group_by(LedgerLine.account)
    )
    moved = {account: int(amount) for account, amount in session.execute(since)}
    sign = {"allowance": -1}
    return {
        name: (getattr(last, name) if last else 0) + sign.get(name, 1) * moved.get(account, 0)
        for name, account in CONTROL.items()
    }


def _overdue(row: Any) -> InstalmentOverdue:
    return InstalmentOverdue(
        loan_id=row["loan_id"],
        enterprise_id=row["enterprise_id"],
        municipality=row["municipality"],
        instalment=row["oldest_number"],
        due_on=row["oldest_due"],
        days_late=row["days_overdue"],
        arrears_since=row["arrears_since"],
    )
