"""Statements of the trustee beside the books: what is the same, what only one of them knows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from services.credit.models import LedgerEntry, LedgerLine, StatementLine, TrusteeStatement, TrustFund
from services.credit.rules import ledger
from services.credit.rules.matching import Item, Nearest, Pair, suggest
from services.credit.rules.statements import FIELDS

CANDIDATES = 5
"""Movements of the same amount that are offered for a line, nearest first."""
REACH = timedelta(days=62)
"""How long before the first day of a statement and after its last a movement is still offered for a line of it."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A movement of the cash at the trustee, with the line of a statement that it is, where one was confirmed."""

    id: UUID
    number: int
    kind: str
    booked_on: date
    memo: str
    amount: int
    line_id: UUID | None
    line_day: date | None


def listed(session: Session, fund: TrustFund) -> list[dict[str, Any]]:
    """The statements of a fund, newest first, and how many of their lines are confirmed."""
    done = func.count(StatementLine.entry_id)
    counts = (
        select(StatementLine.statement_id, func.count(), done)
        .where(StatementLine.fund_id == fund.id)
        .group_by(StatementLine.statement_id)
    )
    counted = {statement_id: (lines, confirmed) for statement_id, lines, confirmed in session.execute(counts)}
    rows = session.scalars(
        select(TrusteeStatement).where(TrusteeStatement.fund_id == fund.id).order_by(TrusteeStatement.id.desc())
    )
    return [_told(fund, row, *counted.get(row.id, (0, 0))) for row in rows]


def told(fund: TrustFund, row: TrusteeStatement) -> dict[str, Any]:
    """One statement with what its columns are, or are taken for."""
    names = ("titles", "samples", "begins", "day_first", *FIELDS)
    confirmed = sum(line.entry_id is not None for line in row.lines)
    return _told(fund, row, len(row.lines), confirmed) | {"layout": {name: row.layout[name] for name in names}}


def reconciliation(session: Session, fund: TrustFund, row: TrusteeStatement, window: int) -> dict[str, Any]:
    """A statement that was read, beside the books at the end of its last day.

    The bank's balance is the books' with what only the bank knows until then and without what only the books know; what
    is left over is `unexplained`: lines of another period are missing, or its first balance.
    """
    last = row.last_day
    assert last is not None
    moved = _moved(session, fund, row)
    begins, ends = _reach(row)
    free = [one for one in moved if one.line_id is None and begins <= one.booked_on <= ends]
    open_lines = [line for line in row.lines if line.entry_id is None]
    pairs = suggest([Item(one.id, one.day, one.amount) for one in open_lines], [_item(one) for one in free], window)
    by_line, entries = {pair.line: pair for pair in pairs}, {one.id: one for one in moved}
    book, closing = fund.balances(session, last)[ledger.CASH_AT_TRUSTEE], row.closing or 0
    only_books = [one for one in moved if one.booked_on <= last and (one.line_day is None or one.line_day > last)]
    only_bank = _only_bank(session, fund, row)
    unexplained = closing - book - only_bank + sum(one.amount for one in only_books)
    sums = {
        "closing": closing,
        "book": book,
        "difference": closing - book,
        "only_bank": only_bank,
        "only_books": sum(one.amount for one in only_books),
        "unexplained": unexplained,
    }
    offered = Nearest(_item(one) for one in free)
    return {
        **told(fund, row),
        "window": window,
        **{name: fund.money(amount) for name, amount in sums.items()},
        "rows": [_line(fund, line, entries, by_line.get(line.id), offered) for line in row.lines],
        "entries": [_entry(fund, one) for one in only_books],
    }


def _reach(row: TrusteeStatement) -> tuple[date, date]:
    """Between which days a movement may be one of its lines."""
    assert row.first_day is not None
    assert row.last_day is not None
    return row.first_day - REACH, row.last_day + REACH


def _moved(session: Session, fund: TrustFund, row: TrusteeStatement) -> Sequence[Moved]:
    """The movements of the cash at the trustee that concern a statement, in the order of the journal, with the line
    that each is: those that may be one of its lines, those that are, and those that the bank did not know by then.
    """
    begins, ends = _reach(row)
    free, unknown = StatementLine.id.is_(None), StatementLine.day > row.last_day
    concerned = or_(
        and_(free, LedgerEntry.booked_on.between(begins, ends)),
        StatementLine.statement_id == row.id,
        and_(or_(free, unknown), LedgerEntry.booked_on <= row.last_day),
    )
    query = (
        select(
            LedgerEntry.id,
            LedgerEntry.number,
            LedgerEntry.kind,
            LedgerEntry.booked_on,
            LedgerEntry.memo,
            func.sum(LedgerLine.amount).label("amount"),
            StatementLine.id.label("line_id"),
            StatementLine.day.label("line_day"),
        )
        .join(LedgerLine, LedgerLine.entry_id == LedgerEntry.id)
        .outerjoin(StatementLine, StatementLine.entry_id == LedgerEntry.id)
        .where(LedgerEntry.fund_id == fund.id, LedgerLine.account == ledger.CASH_AT_TRUSTEE, concerned)
        .group_by(LedgerEntry.id, StatementLine.id)
        .order_by(LedgerEntry.number)
    )
    return [
        Moved(id_, number, kind, booked_on, memo, int(amount), line_id, line_day)
        for id_, number, kind, booked_on, memo, amount, line_id, line_day in session.execute(query)
    ]


def _only_bank(session: Session, fund: TrustFund, row: TrusteeStatement) -> int:
    """What the statements say until the last day of this one and the books do not, in cents."""
    query = (
        select(func.coalesce(func.sum(StatementLine.amount), 0))
        .outerjoin(LedgerEntry, LedgerEntry.id == StatementLine.entry_id)
        .where(
            StatementLine.fund_id == fund.id,
            StatementLine.day <= row.last_day,
            (StatementLine.entry_id.is_(None)) | (LedgerEntry.booked_on > row.last_day),
        )
    )
    return int(session.scalar(query) or 0)


def _item(one: Moved) -> Item:
    return Item(one.id, one.booked_on, one.amount)


def _line(
    fund: TrustFund,
    line: StatementLine,
    entries: Mapping[UUID, Moved],
    pair: Pair | None,
    offered: Nearest,
) -> dict[str, Any]:
    near = [] if line.entry_id else offered.to(line.day, line.amount, CANDIDATES)
    return {
        **{name: getattr(line, name) for name in ("id", "position", "day", "description")},
        "amount": fund.money(line.amount),
        "balance": None if line.balance is None else fund.money(line.balance),
        "entry": None if line.entry_id is None else _entry(fund, entries[line.entry_id]),
        "suggested": None if pair is None else pair.entry,
        "certain": pair is not None and pair.certain,
        "candidates": [_entry(fund, entries[one]) for one in near],
    }


def _entry(fund: TrustFund, one: Moved) -> dict[str, Any]:
    plain = {name: getattr(one, name) for name in ("id", "number", "kind", "booked_on", "memo")}
    return plain | {"amount": fund.money(one.amount)}


def _told(fund: TrustFund, row: TrusteeStatement, lines: int, confirmed: int) -> dict[str, Any]:
    names = ("id", "name", "state", "first_day", "last_day", "repeated", "uploaded_at")
    return {
        **{name: getattr(row, name) for name in names},
        "fund_id": fund.id,
        "fund": fund.name,
        "currency": fund.currency,
        "opening_balance": None if row.opening is None else fund.money(row.opening),
        "closing_balance": None if row.closing is None else fund.money(row.closing),
        "lines": lines,
        "confirmed": confirmed,
    }
