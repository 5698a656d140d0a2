"""A statement of the trustee comes in: its columns are guessed, confirmed, and its lines kept; it can be taken back."""

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from functools import cache
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.credit.models import StatementLine, TrusteeStatement, TrustFund
from services.credit.rules import statements
from services.credit.rules.statement_file import Cell, read_rows
from services.credit.rules.statements import Layout, Line, Read
from services.credit.use_cases import find
from shared import files, history
from shared.identity import Caller
from shared.kernel import Invalid, Money, Refused, clock
from shared.sandbox import run_limited

LARGEST = 5_000_000
"""Bytes of a file; 20,000 lines need fewer."""
_SECONDS, _MEGABYTES = 10, 512


Opened = Callable[[bytes], list[list[Cell]]]


def opened(content: bytes) -> list[list[Cell]]:
    """The rows of a stranger's file, read in a process with limits: it may take some seconds."""
    return run_limited(read_rows, content, seconds=_SECONDS, memory_mb=_MEGABYTES)


def opened_before(content: bytes) -> Opened:
    """The rows of a file that is opened before the transaction, which then finds them."""
    rows_of = cache(opened)
    rows_of(content)
    return rows_of


def receive_statement(
    session: Session,
    caller: Caller,
    *,
    fund_id: UUID,
    name: str,
    content: bytes,
    media_type: str,
    rows_of: Opened = opened,
) -> TrusteeStatement:
    """The statement with what its columns are taken for; refuses a file that cannot be read, and the same one twice."""
    find.fund(session, caller, fund_id).require_whole(caller)
    rows = rows_of(content)
    digest = hashlib.sha256(content).hexdigest()
    fund = find.fund_to_govern(session, caller, fund_id)
    known = select(TrusteeStatement).where(TrusteeStatement.fund_id == fund.id, TrusteeStatement.sha256 == digest)
    if twin := session.scalar(known):
        raise Refused("statement.twice", name=twin.name, day=twin.uploaded_at)
    stored = files.store(session, content, name=name, media_type=media_type, kind="trustee_statement", caller=caller)
    statement = TrusteeStatement(
        fund_id=fund.id,
        file_id=stored.id,
        sha256=digest,
        name=stored.name,
        state="guessed",
        layout=statements.samples(rows, statements.guess(rows)),
        repeated=0,
        uploaded_at=clock.now(),
        uploaded_by=caller.subject,
    )
    session.add(statement)
    session.flush()
    facts = {"file": statement.name, "sha256": digest}
    history.record(session, caller, subject=fund.id, kind="fund", action="receive_statement", after=facts)
    return statement


def read_statement(
    session: Session,
    caller: Caller,
    *,
    fund_id: UUID,
    statement_id: UUID,
    layout: Layout,
    closing_balance: Money | None = None,
    rows_of: Opened = opened,
) -> TrusteeStatement:
    """The statement with its lines; those that an earlier statement told already are left out and counted.

    Refuses what the layout cannot read, lines of a day to come, and a statement that tells nothing new. Nobody waits
    while the file is opened.
    """
    fund = find.fund(session, caller, fund_id)
    fund.require_whole(caller)
    rows = rows_of(files.read(session, find.statement(session, fund, statement_id).file_id))
    fund = find.fund_to_govern(session, caller, fund_id)
    statement = find.statement(session, fund, statement_id)
    statement.require_guessed()
    closing = None if closing_balance is None else fund.cents(closing_balance, "/closing_balance")
    found = statements.read(rows, layout, closing)
    if not found.lines:
        raise Invalid("statement.no_lines", pointer="/begins")
    if found.days[1] > clock.today():
        raise Invalid("statement.day_to_come", pointer="/date", day=found.days[1])
    new = _new(session, fund, found)
    if not new:
        raise Refused("statement.nothing_new", name=statement.name)
    statement.take(
        new,
        repeated=len(found.lines) - len(new),
        days=found.days,
        balances=(found.opening, found.closing),
        layout=statement.layout | asdict(layout),
    )
    session.flush()
    facts = {"file": statement.name, "lines": len(new), "closing": str(fund.money(found.closing))}
    history.record(session, caller, subject=fund.id, kind="fund", action="read_statement", after=facts)
    return statement


def take_statement_back(session: Session, caller: Caller, *, fund_id: UUID, statement_id: UUID) -> None:
    """The statement, its lines and its file are gone; refuses one of which a line was confirmed."""
    fund = find.fund_to_govern(session, caller, fund_id)
    statement = find.statement(session, fund, statement_id)
    statement.require_unconfirmed()
    files.erase(session, statement.file_id)
    session.delete(statement)
    session.flush()
    before = {"file": statement.name, "sha256": statement.sha256}
    history.record(session, caller, subject=fund.id, kind="fund", action="take_statement_back", before=before)


def _new(session: Session, fund: TrustFund, found: Read) -> list[Line]:
    """The lines that no earlier statement of the fund told; as many of the same as there are more."""
    query = select(StatementLine.day, StatementLine.amount, StatementLine.description, StatementLine.balance).where(
        StatementLine.fund_id == fund.id, StatementLine.day.between(*found.days)
    )
    known = Counter(tuple(row) for row in session.execute(query))
    new = []
    for line in found.lines:
        told = (line.day, line.amount, line.description, line.balance)
        if known[told]:
            known[told] -= 1
        else:
            new.append(line)
    return new
