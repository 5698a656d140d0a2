"""Loans as lists and as an account: the schedule, what was paid, what is late."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, case, func, select
from sqlalchemy.orm import Session

from services.credit.models import Closing, CopyMerged, Instalment, LateCharge, Loan, Repayment, TrustFund
from services.credit.rules.allocation import COMPONENTS, Owed
from shared.identity import Caller
from shared.kernel import Money, clock
from shared.web import Page, keyset_page

_COLUMNS = (
    Loan.id,
    Loan.number,
    Loan.fund_id,
    Loan.application_id,
    Loan.enterprise_id,
    Loan.municipality,
    Loan.chain,
    Loan.currency,
    Loan.principal,
    Loan.outstanding,
    Loan.outstanding_principal,
    Loan.state,
    Loan.disbursed_on,
    Loan.settled_on,
    Loan.term_months,
    Loan.version,
)


def listed(session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None) -> Page:
    """The loans of the caller's territory, newest first, with what is overdue today."""
    late = _late(clock.today())
    statement = (
        select(*_COLUMNS, TrustFund.code.label("fund"), late.c.overdue, late.c.oldest_due)
        .join(TrustFund, TrustFund.id == Loan.fund_id)
        .outerjoin(late, late.c.loan_id == Loan.id)
        .where(caller.scope.condition(Loan.municipality), *_conditions(filters, late))
    )
    page = keyset_page(session, statement, keys=[Loan.id.expression], limit=limit, after=after, descending=True)
    return Page([_row(row) for row in page.rows], page.next)


def totals(session: Session, caller: Caller, filters: Mapping[str, Any]) -> list[dict[str, Any]]:
    """How many loans a list has and what they sum to, by currency."""
    late = _late(clock.today())
    query = (
        select(
            Loan.currency,
            func.count().label("count"),
            func.sum(Loan.principal).label("principal"),
            func.sum(Loan.outstanding_principal).label("outstanding_principal"),
            func.sum(func.coalesce(late.c.overdue, 0)).label("overdue"),
        )
        .outerjoin(late, late.c.loan_id == Loan.id)
        .where(caller.scope.condition(Loan.municipality), *_conditions(filters, late))
        .group_by(Loan.currency)
        .order_by(Loan.currency)
    )
    names = ("principal", "outstanding_principal", "overdue")
    return [
        {"count": row["count"], **{name: Money(int(row[name]), row["currency"]) for name in names}}
        for row in session.execute(query).mappings()
    ]


def detail(session: Session, caller: Caller, loan: Loan) -> dict[str, Any]:
    """A loan with its schedule and its movements."""
    fund = session.get_one(TrustFund, loan.fund_id)
    today = clock.today()
    standing = list(zip(loan.instalments, loan.owed(today), strict=True))
    instalments = [_instalment(item, owed, loan.currency, today) for item, owed in standing]
    overdue = [item for item in instalments if item["state"] == "overdue"]
    row = {column.key: getattr(loan, column.key) for column in _COLUMNS}
    late = sum(item["outstanding"].minor for item in overdue)
    return {
        **_row({**row, "fund": fund.code, "overdue": late, "oldest_due": overdue[0]["due"] if overdue else None}),
        "terms": loan.terms,
        "disbursed_by_name": loan.disbursed_by_name,
        "disbursed_by_caller": loan.disbursed_by == caller.subject,
        "instalments": instalments,
        "totals": _sums(standing, loan.currency),
        "repayments": [repayment(loan, item) for item in loan.repayments],
        "due_now": Money(sum(owed.total for _, owed in standing if owed.due), loan.currency),
    }


def repayment(loan: Loan, row: Repayment) -> dict[str, Any]:
    """One repayment as it goes out."""
    names = ("id", "number", "channel", "paid_on", "posted_at", "posted_by_name")
    amounts = ("amount", "principal", "interest", "fee", "penalty", "outstanding_after")
    return {
        **{name: getattr(row, name) for name in names},
        **{name: Money(getattr(row, name), loan.currency) for name in amounts},
        "loan_id": loan.id,
        "loan": loan.number,
        "settled": row.outstanding_after == 0,
    }


def _conditions(filters: Mapping[str, Any], late: Subquery) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if state := filters.get("state"):
        found.append(Loan.state == state)
    if fund_id := filters.get("fund"):
        found.append(Loan.fund_id == fund_id)
    if enterprise_id := filters.get("enterprise"):
        found.append(CopyMerged.same_as(Loan.enterprise_id, enterprise_id))
    if unit := filters.get("municipality"):
        found.append(Loan.municipality.startswith(unit, autoescape=True))
    if text := filters.get("number"):
        found.append(func.lower(Loan.number).contains(text.lower(), autoescape=True))
    if filters.get("overdue"):
        found.append(late.c.overdue > 0)
    return found


def _late(day: date) -> Subquery:
    """What is overdue on `day`, by loan: a due date before it, and something unpaid."""
    charged = _late_charges()
    penalty = Instalment.penalty + func.coalesce(charged.c.amount, 0) - Instalment.paid_penalty
    unpaid = sum(
        (getattr(Instalment, name) - getattr(Instalment, f"paid_{name}") for name in COMPONENTS[1:]),
        case((penalty > 0, penalty), else_=0),
    )
    return (
        select(
            Instalment.loan_id,
            func.sum(unpaid).label("overdue"),
            func.min(Instalment.due).label("oldest_due"),
        )
        .outerjoin(charged, and_(charged.c.loan_id == Instalment.loan_id, charged.c.instalment == Instalment.number))
        .where(Instalment.due < day, unpaid > 0)
        .group_by(Instalment.loan_id)
        .subquery()
    )


def _late_charges() -> Subquery:
    """What the last closes charged for being late, by instalment."""
    holds = and_(Closing.fund_id == LateCharge.fund_id, Closing.slot == LateCharge.slot)
    return select(LateCharge.loan_id, LateCharge.instalment, LateCharge.amount).join(Closing, holds).subquery()


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    currency, oldest = row["currency"], row["oldest_due"]
    amounts = {name: Money(row[name], currency) for name in ("principal", "outstanding", "outstanding_principal")}
    return {
        **row,
        **amounts,
        "overdue": Money(int(row["overdue"] or 0), currency),
        "days_overdue": (clock.today() - oldest).days if oldest else 0,
    }


def _asked(row: Instalment, owed: Owed) -> dict[str, int]:
    """What the instalment asks for, paid or not, late charges included."""
    return {name: getattr(owed, name) + getattr(row, f"paid_{name}") for name in COMPONENTS}


def _instalment(row: Instalment, owed: Owed, currency: str, today: date) -> dict[str, Any]:
    parts = _asked(row, owed)
    asked = sum(parts.values())
    amounts: dict[str, Any] = {name: Money(cents, currency) for name, cents in parts.items()}
    return {
        "number": row.number,
        "due": row.due,
        **amounts,
        "payment": Money(asked, currency),
        "paid": Money(asked - owed.total, currency),
        "outstanding": Money(owed.total, currency),
        "state": _state(row, asked, owed.total, today),
    }


def _state(row: Instalment, asked: int, left: int, today: date) -> str:
    if left == 0:
        return "paid"
    if row.due < today:
        return "overdue"
    if row.due == today:
        return "due"
    return "partly_paid" if left < asked else "upcoming"


def _sums(standing: Sequence[tuple[Instalment, Owed]], currency: str) -> dict[str, Money]:
    asked = Counter[str]()
    for row, owed in standing:
        asked.update(_asked(row, owed))
    payment, left = asked.total(), sum(owed.total for _, owed in standing)
    sums = {**asked, "payment": payment, "paid": payment - left, "outstanding": left}
    return {name: Money(cents, currency) for name, cents in sums.items()}
