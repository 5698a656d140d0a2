"""The books of a fund as of any day: trial balance, balance sheet, and whether everything agrees."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Subquery, and_, case, func, select
from sqlalchemy.orm import Session

from services.credit.models import LedgerEntry, LedgerLine, Loan, LoanChange, Repayment, TrustFund
from services.credit.queries.funding import standing
from services.credit.queries.seed import booked_and_paid
from services.credit.rules import ledger
from shared.kernel import clock

MANY = 20
"""How many single loans or movements that differ are named, of each kind."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Two sums that should agree and do not, in cents: what the books say, and what the register behind them says."""

    what: str
    subject: str
    books: int
    register: int


def checked_books(session: Session, fund_id: UUID, day: date) -> list[Difference]:
    """What does not agree in the books of a fund at the end of `day`; nothing where all of it does.

    Every movement balances and names accounts of the chart; assets are liabilities, equity and result; the loans'
    account is the principal still owed, loan by loan; what funders gave and lent is the register of contributions; what
    is to be shared out and what is carried are the shares of the income; seed capital is what its awards were paid;
    what borrowers overpaid is its register; the balances that are kept are what their lines sum to.
    """
    fund = session.get_one(TrustFund, fund_id)
    balances = fund.summed(session, day)
    return [
        *_unbalanced(session, fund_id, day),
        *_outside_the_chart(session, fund_id, day),
        *_sheet(balances),
        *_loans(session, fund_id, day, balances),
        *_registers(session, fund_id, day, balances),
        *_kept(session, fund, day, balances),
    ]


def told(session: Session, fund: TrustFund, day: date) -> dict[str, Any]:
    """The trial balance and the balance sheet at the end of `day`, and what does not agree."""
    balances = fund.summed(session, day)
    sheet = ledger.balance_sheet(balances)
    rows = ledger.trial_balance(balances)
    differences = checked_books(session, fund.id, day)
    return {
        "fund_id": fund.id,
        "fund": fund.name,
        "day": day,
        "accounts": [
            {
                "code": row.code,
                "name": row.name,
                "kind": row.kind,
                "debit": fund.money(row.debit),
                "credit": fund.money(row.credit),
            }
            for row in rows
        ],
        "debit": fund.money(sum(row.debit for row in rows)),
        "credit": fund.money(sum(row.credit for row in rows)),
        **{name: fund.money(getattr(sheet, name)) for name in ("assets", "liabilities", "equity", "result")},
        "agrees": not differences,
        "differences": [
            {
                "what": one.what,
                "subject": one.subject,
                "books": fund.money(one.books),
                "register": fund.money(one.register),
            }
            for one in differences
        ],
    }


def _booked(fund_id: UUID, day: date) -> ColumnElement[bool]:
    return and_(LedgerEntry.fund_id == fund_id, LedgerEntry.booked_on <= day)


def _unbalanced(session: Session, fund_id: UUID, day: date) -> Iterator[Difference]:
    total = func.sum(LedgerLine.amount)
    query = (
        select(LedgerEntry.number, total)
        .join(LedgerLine)
        .where(_booked(fund_id, day))
        .group_by(LedgerEntry.id, LedgerEntry.number)
        .having(total != 0)
        .order_by(LedgerEntry.number)
        .limit(MANY)
    )
    for number, amount in session.execute(query):
        yield Difference("movement", str(number), int(amount), 0)


def _outside_the_chart(session: Session, fund_id: UUID, day: date) -> Iterator[Difference]:
    query = (
        select(LedgerLine.account, func.sum(LedgerLine.amount))
        .join(LedgerEntry)
        .where(_booked(fund_id, day), LedgerLine.account.not_in(ledger.CHART))
        .group_by(LedgerLine.account)
        .order_by(LedgerLine.account)
    )
    for account, amount in session.execute(query):
        yield Difference("account", account, int(amount), 0)


def _sheet(balances: dict[str, int]) -> Iterator[Difference]:
    sheet = ledger.balance_sheet(balances)
    if not sheet.holds:
        yield Difference("sheet", "", sheet.assets, sheet.liabilities + sheet.equity + sheet.result)


def _loans(session: Session, fund_id: UUID, day: date, balances: dict[str, int]) -> Iterator[Difference]:
    """The loans' account against the loans: as a whole, and the ones that differ."""
    owed, booked = _owed(fund_id, day), _booked_on_loans(fund_id, day)
    register = session.scalar(select(func.coalesce(func.sum(owed.c.principal), 0))) or 0
    if int(register) != balances[ledger.LOANS]:
        yield Difference("loans", ledger.LOANS, balances[ledger.LOANS], int(register))
    in_books = func.coalesce(booked.c.amount, 0)
    query = (
        select(owed.c.number, in_books, owed.c.principal)
        .outerjoin(booked, booked.c.reference == owed.c.loan_id)
        .where(in_books != owed.c.principal)
        .order_by(owed.c.number)
        .limit(MANY)
    )
    for number, amount, principal in session.execute(query):
        yield Difference("loan", number, int(amount), int(principal))


def _owed(fund_id: UUID, day: date) -> Subquery:
    """The principal that each loan still owed at the end of `day`: today's as it stands in the loan, a past day's from
    what was paid out, paid back and changed until then.
    """
    loans = select(Loan.id.label("loan_id"), Loan.number.label("number")).where(
        Loan.fund_id == fund_id, Loan.disbursed_on <= day
    )
    if day >= clock.today():
        return loans.add_columns(Loan.outstanding_principal.label("principal")).subquery()
    paid = (
        select(Repayment.loan_id, func.sum(Repayment.principal).label("principal"))
        .where(Repayment.fund_id == fund_id, Repayment.paid_on <= day, Repayment.recovery.is_(False))
        .group_by(Repayment.loan_id)
        .subquery()
    )
    changed = _changed(fund_id, day)
    left = Loan.principal + func.coalesce(changed.c.principal, 0) - func.coalesce(paid.c.principal, 0)
    return (
        loans.outerjoin(paid, paid.c.loan_id == Loan.id)
        .outerjoin(changed, changed.c.loan_id == Loan.id)
        .add_columns(left.label("principal"))
        .subquery()
    )


def _changed(fund_id: UUID, day: date) -> Subquery:
    """By how much the changes of each loan until `day` moved what it owed; its tranches are in its principal already,
    those of later days too.
    """
    until = case((LoanChange.done_on <= day, LoanChange.principal), else_=0)
    tranches = case((LoanChange.kind == "tranche", LoanChange.principal), else_=0)
    return (
        select(LoanChange.loan_id, func.sum(until - tranches).label("principal"))
        .join(Loan, Loan.id == LoanChange.loan_id)
        .where(Loan.fund_id == fund_id)
        .group_by(LoanChange.loan_id)
        .subquery()
    )


def _booked_on_loans(fund_id: UUID, day: date) -> Subquery:
    """What the journal moved on the loans' account, by the loan that its movements refer to."""
    return (
        select(LedgerEntry.reference, func.sum(LedgerLine.amount).label("amount"))
        .join(LedgerLine)
        .where(_booked(fund_id, day), LedgerLine.account == ledger.LOANS)
        .group_by(LedgerEntry.reference)
        .subquery()
    )


def _registers(session: Session, fund_id: UUID, day: date, balances: dict[str, int]) -> Iterator[Difference]:
    """What funders gave, what is owed to those who lent, and the shares of the income, against their accounts."""
    for name, register in standing(session, fund_id, day).items():
        account = ledger.ACCOUNTS[name]
        if register != -balances[account]:
            yield Difference(name, account, -balances[account], register)
    for name, (booked, paid) in booked_and_paid(session, fund_id, day).items():
        if booked != paid:
            yield Difference(name, ledger.ACCOUNTS[name], booked, paid)


def _kept(session: Session, fund: TrustFund, day: date, summed: dict[str, int]) -> Iterator[Difference]:
    """The balances that are kept, on which every decision about money rests, against the lines of the journal."""
    for account, amount in fund.balances(session, day).items():
        if amount != summed[account]:
            yield Difference("balance", account, summed[account], amount)
