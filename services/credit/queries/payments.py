"""Files of payments and their lines: what would become of each, and what became of it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.credit.models import Loan, PaymentFile, PaymentLine, Repayment, TrustFund
from services.credit.rules import payment_lines
from services.credit.rules.payment_lines import FIELDS, POSTED, Line, Standing, numbers_in, verdict
from shared.identity import Caller
from shared.kernel import clock

LINE_STATES = ("waiting", "posted", "dismissed", "repeated")
_AT_ONCE = 500


def listed(session: Session, fund: TrustFund) -> list[dict[str, Any]]:
    """The files of a fund, newest first, with how many of their lines stand in each state."""
    query = select(PaymentFile).where(PaymentFile.fund_id == fund.id).order_by(PaymentFile.id.desc())
    counts = (
        select(PaymentLine.file_id, PaymentLine.state, func.count(), func.sum(PaymentLine.amount))
        .where(PaymentLine.fund_id == fund.id)
        .group_by(PaymentLine.file_id, PaymentLine.state)
    )
    counted: dict[UUID, dict[str, tuple[int, int]]] = {}
    for file_id, state, number, amount in session.execute(counts):
        counted.setdefault(file_id, {})[state] = (number, int(amount))
    return [_file(fund, row, counted.get(row.id, {})) for row in session.scalars(query)]


def told(session: Session, caller: Caller, fund: TrustFund, row: PaymentFile) -> dict[str, Any]:
    """One file with its columns and its lines; of each that waits, what would become of it now."""
    counted: dict[str, tuple[int, int]] = {}
    for line in row.lines:
        number, amount = counted.get(line.state, (0, 0))
        counted[line.state] = (number + 1, amount + line.amount)
    names = ("titles", "samples", "begins", "day_first", *FIELDS)
    lines = lines_told(session, caller, fund, row.lines)
    return _file(fund, row, counted) | {
        "layout": {name: row.layout[name] for name in names},
        "rows": lines,
        "postable": sum(line["verdict"] in POSTED for line in lines),
    }


def waiting(session: Session, caller: Caller, fund: TrustFund) -> list[dict[str, Any]]:
    """The lines of every file that still wait, oldest first: at most 500."""
    query = (
        select(PaymentLine)
        .where(PaymentLine.fund_id == fund.id, PaymentLine.state == "waiting")
        .order_by(PaymentLine.day, PaymentLine.id)
        .limit(_AT_ONCE)
    )
    return lines_told(session, caller, fund, session.scalars(query).all())


def lines_told(session: Session, caller: Caller, fund: TrustFund, lines: Sequence[PaymentLine]) -> list[dict[str, Any]]:
    """Lines as they go out. What an earlier one of them takes of a loan, a later one finds taken."""
    found = loans_of(session, caller, fund, [line for line in lines if line.state == "waiting"])
    numbers = _numbers(session, caller, lines)
    receipts = _receipts(session, lines)
    taken: Counter[UUID] = Counter()
    rows = []
    for line in lines:
        loans = found.get(line.id, []) if line.state == "waiting" else []
        said = judged(caller, fund, line, loans, taken) if line.state == "waiting" else None
        loan_id = line.loan_id or (loans[0].id if len(loans) == 1 else None)
        if said in POSTED and loan_id is not None:
            taken[loan_id] += line.amount
        names = ("id", "file_id", "day", "reference", "payer", "transaction", "state", "reason")
        number = loans[0].number if len(loans) == 1 else numbers.get(line.loan_id) if line.loan_id else None
        rows.append(
            {name: getattr(line, name) for name in (*names, "repayment_id", "decided_by_name", "source")}
            | {
                "row_number": line.row,
                "amount": fund.money(line.amount),
                "charge": fund.money(line.charge),
                "verdict": said,
                "loan_id": loan_id if number else None,
                "loan": number,
                "receipt": receipts.get(line.repayment_id) if line.repayment_id else None,
            }
        )
    return rows


def judged(caller: Caller, fund: TrustFund, line: PaymentLine, loans: Sequence[Loan], taken: Mapping[UUID, int]) -> str:
    """What would become of a line that waits, for which these loans were found."""
    told = Line(
        line.row, line.day, line.amount, line.charge, line.reference, line.payer, line.transaction, line.currency
    )
    standing = None
    if len(loans) == 1:
        [loan] = loans
        owed = sum(part.total for part in loan.owed(line.day) if part.due or loan.payment_in_advance)
        standing = Standing(
            earliest=loan.takes_from,
            takes=max(0, owed - taken.get(loan.id, 0)) if loan.state != "settled" else 0,
            by_caller=loan.handled_by(caller.subject),
        )
    return verdict(told, len(loans), standing, fund.currency, clock.today())


def loans_of(session: Session, caller: Caller, fund: TrustFund, lines: Iterable[PaymentLine]) -> dict[UUID, list[Loan]]:
    """The loans of the caller's territory that each line may mean: whose number, or the number of one of whose
    receipts, stands in its reference or in the payer's words; else those that were paid with the same reference before.
    """
    asked = {line.id: numbers_in(line.reference, line.payer) for line in lines}
    wanted = {number for numbers in asked.values() for number in numbers}
    by_number = _by_number(session, caller, fund, wanted)
    by_reference = _by_reference(session, caller, fund, lines)
    return {
        line.id: list({loan.id: loan for number in asked[line.id] for loan in by_number.get(number, [])}.values())
        or by_reference.get((line.source, line.reference), [])
        for line in lines
    }


def _by_number(session: Session, caller: Caller, fund: TrustFund, wanted: set[str]) -> dict[str, list[Loan]]:
    mine = (Loan.fund_id == fund.id, caller.scope.condition(Loan.municipality))
    found: dict[str, list[Loan]] = {}
    for some in _some(sorted(wanted)):
        for loan in session.scalars(select(Loan).where(Loan.number.in_(some), *mine)):
            found.setdefault(loan.number, []).append(loan)
        receipts = select(Repayment.number, Loan).join(Loan, Loan.id == Repayment.loan_id)
        for number, loan in session.execute(receipts.where(Repayment.number.in_(some), *mine)):
            found.setdefault(number, []).append(loan)
    return found


def _by_reference(
    session: Session, caller: Caller, fund: TrustFund, lines: Iterable[PaymentLine]
) -> dict[tuple[str, str], list[Loan]]:
    """The loans in force that were paid with these references before, by lines whose repayment stands."""
    wanted = sorted({line.reference for line in lines if payment_lines.remembered(line.reference)})
    found: dict[tuple[str, str], list[Loan]] = {}
    for some in _some(wanted):
        query = (
            select(PaymentLine.source, PaymentLine.reference, Loan)
            .join(Loan, Loan.id == PaymentLine.loan_id)
            .join(Repayment, Repayment.id == PaymentLine.repayment_id)
            .where(
                PaymentLine.fund_id == fund.id,
                PaymentLine.state == "posted",
                PaymentLine.reference.in_(some),
                Repayment.reversed_on.is_(None),
                Loan.state == "active",
                caller.scope.condition(Loan.municipality),
            )
        )
        for source, reference, loan in session.execute(query):
            known = found.setdefault((source, reference), [])
            if loan not in known:
                known.append(loan)
    return found


def _some(values: Sequence[str]) -> Iterable[Sequence[str]]:
    """A few hundred at a time: a statement takes no more parameters."""
    return (values[start : start + _AT_ONCE] for start in range(0, len(values), _AT_ONCE))


def _numbers(session: Session, caller: Caller, lines: Sequence[PaymentLine]) -> dict[UUID, str]:
    """The numbers of the loans that lines were posted to, of those that the caller may see."""
    ids = sorted({str(line.loan_id) for line in lines if line.loan_id})
    rows: dict[UUID, str] = {}
    for some in _some(ids):
        query = select(Loan.id, Loan.number).where(Loan.id.in_([UUID(one) for one in some]))
        mine = query.where(caller.scope.condition(Loan.municipality))
        rows |= {row.id: row.number for row in session.execute(mine)}
    return rows


def _receipts(session: Session, lines: Sequence[PaymentLine]) -> dict[UUID, str]:
    ids = sorted({str(line.repayment_id) for line in lines if line.repayment_id})
    rows: dict[UUID, str] = {}
    for some in _some(ids):
        query = select(Repayment.id, Repayment.number).where(Repayment.id.in_([UUID(one) for one in some]))
        rows |= {row.id: row.number for row in session.execute(query)}
    return rows


def _file(fund: TrustFund, row: PaymentFile, counted: Mapping[str, tuple[int, int]]) -> dict[str, Any]:
    names = ("id", "source", "name", "state", "uploaded_at", "uploaded_by_name")
    return {
        **{name: getattr(row, name) for name in names},
        "fund_id": fund.id,
        "fund": fund.name,
        "currency": fund.currency,
        "lines": sum(number for number, _ in counted.values()),
        **{state: counted.get(state, (0, 0))[0] for state in LINE_STATES},
        "amount": fund.money(sum(amount for _, amount in counted.values())),
        "posted_amount": fund.money(counted.get("posted", (0, 0))[1]),
    }
