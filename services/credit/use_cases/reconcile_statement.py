"""Lines of the trustee's statement are confirmed to be movements of the books, or booked where the books lack them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.credit.models import LedgerEntry, LedgerLine, StatementLine, TrusteeStatement, TrustFund
from services.credit.rules import ledger
from services.credit.use_cases import find
from services.credit.use_cases.book_bank_item import enter_bank_item
from shared import history
from shared.identity import Caller
from shared.kernel import NotFound, Refused


def confirm_matches(
    session: Session, caller: Caller, *, fund_id: UUID, statement_id: UUID, pairs: Sequence[tuple[UUID, UUID]]
) -> TrusteeStatement:
    """Each line of the pairs is the movement beside it: all of them or none.

    Refuses a line or a movement that is confirmed already, and one of another amount.
    """
    fund, statement = _found(session, caller, fund_id, statement_id)
    for line_id, entry_id in pairs:
        line = _line(statement, line_id)
        entry = session.get(LedgerEntry, entry_id)
        if entry is None or entry.fund_id != fund.id:
            raise NotFound("statement.entry_unknown")
        line.require_free()
        _require_unconfirmed(session, entry)
        moved = _moved(session, entry)
        if moved != line.amount:
            raise Refused(
                "statement.amounts_differ",
                row=line.position,
                number=entry.number,
                line=fund.money(line.amount),
                entry=fund.money(moved),
            )
        line.confirm(entry.id, caller.subject)
        session.flush()
    facts = {"file": statement.name, "confirmed": len(pairs)}
    history.record(session, caller, subject=fund.id, kind="fund", action="confirm_matches", after=facts)
    return statement


def release_match(
    session: Session, caller: Caller, *, fund_id: UUID, statement_id: UUID, line_id: UUID
) -> TrusteeStatement:
    """The line is not that movement after all; refuses one that was not confirmed."""
    fund, statement = _found(session, caller, fund_id, statement_id)
    line = _line(statement, line_id)
    before = {"file": statement.name, "line": line.position, "entry": str(line.entry_id)}
    line.release()
    session.flush()
    history.record(session, caller, subject=fund.id, kind="fund", action="release_match", before=before)
    return statement


def book_line(
    session: Session, caller: Caller, *, fund_id: UUID, statement_id: UUID, line_id: UUID, item: str
) -> LedgerEntry:
    """A charge or interest that only the bank knew is booked with the day and the words of its line.

    Refuses a charge of what came in, interest of what went out, and a line that is confirmed already.
    """
    fund, statement = _found(session, caller, fund_id, statement_id)
    line = _line(statement, line_id)
    line.require_free()
    if (item == "bank_charge") != (line.amount < 0):
        raise Refused("statement.wrong_direction", row=line.position, amount=fund.money(line.amount))
    entry = enter_bank_item(
        session, caller, fund, item=item, cents=abs(line.amount), booked_on=line.day, memo=line.description
    )
    line.confirm(entry.id, caller.subject)
    session.flush()
    return entry


def _found(session: Session, caller: Caller, fund_id: UUID, statement_id: UUID) -> tuple[TrustFund, TrusteeStatement]:
    fund = find.fund_to_govern(session, caller, fund_id)
    statement = find.statement(session, fund, statement_id)
    statement.require_read()
    return fund, statement


def _line(statement: TrusteeStatement, line_id: UUID) -> StatementLine:
    for line in statement.lines:
        if line.id == line_id:
            return line
    raise NotFound("statement.line_unknown")


def _require_unconfirmed(session: Session, entry: LedgerEntry) -> None:
    if session.scalar(select(StatementLine.id).where(StatementLine.entry_id == entry.id)):
        raise Refused("statement.entry_confirmed", number=entry.number)


def _moved(session: Session, entry: LedgerEntry) -> int:
    """What a movement changed of the cash at the trustee."""
    query = select(func.sum(LedgerLine.amount)).where(
        LedgerLine.entry_id == entry.id, LedgerLine.account == ledger.CASH_AT_TRUSTEE
    )
    return int(session.scalar(query) or 0)
