"""Loans as lists and as an account: the schedule, what was paid, what is late."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, or_, select
from sqlalchemy.orm import Session

from services.credit.models import (
    Closing,
    CopyAssistance,
    CopyMerged,
    Instalment,
    LateCharge,
    Loan,
    LoanPosition,
    Repayment,
    TrustFund,
)
from services.credit.models.closes import ENDLESS
from services.credit.queries import changes, guarantees
from services.credit.queries.disclosed import cost_in_force
from services.credit.queries.funds import costs, yearly
from services.credit.queries.overpayments import held_for
from services.credit.rules.allocation import COMPONENTS, Owed
from services.credit.rules.yearly import Summed, by_year
from services.credit.use_cases.find import told_of
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
    """The loans of the caller's territory, newest first, with what is overdue today; with the application where she is
    told of it.
    """
    statement = (
        select(*_COLUMNS, TrustFund.code.label("fund"))
        .join(TrustFund, TrustFund.id == Loan.fund_id)
        .where(*_conditions(caller, filters))
    )
    page = keyset_page(session, statement, keys=[Loan.id.expression], limit=limit, after=after, descending=True)
    sums = (func.sum(_UNPAID).label("overdue"), func.min(Instalment.due).label("oldest_due"))
    query = _late(Instalment.loan_id, *sums).where(Loan.id.in_([row["id"] for row in page.rows]))
    late = {row["loan_id"]: row for row in session.execute(query.group_by(Instalment.loan_id)).mappings()}
    none = {"overdue": 0, "oldest_due": None}
    seen = told_of(session, caller, [row["application_id"] for row in page.rows])
    rows = [_seen({**row, **late.get(row["id"], none)}, seen) for row in page.rows]
    return Page([_row(row) for row in rows], page.next)


def totals(session: Session, caller: Caller, filters: Mapping[str, Any]) -> list[dict[str, Any]]:
    """How many loans a list has and what they sum to, by currency."""
    conditions = _conditions(caller, filters)
    query = (
        select(
            Loan.currency,
            func.count().label("count"),
            func.sum(Loan.principal).label("principal"),
            func.sum(Loan.outstanding_principal).label("outstanding_principal"),
        )
        .where(*conditions)
        .group_by(Loan.currency)
        .order_by(Loan.currency)
    )
    late = _late(Loan.currency, func.sum(_UNPAID)).where(*conditions, _is_late()).group_by(Loan.currency)
    overdue = {currency: int(amount) for currency, amount in session.execute(late)}
    names = ("principal", "outstanding_principal")
    return [
        {
            "count": row["count"],
            **{name: Money(int(row[name]), row["currency"]) for name in names},
            "overdue": Money(overdue.get(row["currency"], 0), row["currency"]),
        }
        for row in session.execute(query).mappings()
    ]


def detail(session: Session, caller: Caller, loan: Loan) -> dict[str, Any]:
    """A loan with its schedule and its movements; with its applications where the caller is told of them."""
    fund = session.get_one(TrustFund, loan.fund_id)
    today = clock.today()
    standing = list(zip(loan.instalments, loan.owed(today), strict=True))
    shown = sorted((pair for pair in standing if _stands(loan, *pair)), key=lambda pair: (pair[0].due, pair[0].number))
    sums = _sums(shown)
    instalments = [
        _instalment(item, owed, loan.currency, today) | {"balance": Money(left, loan.currency)}
        for (item, owed), left in zip(shown, sums.balances, strict=True)
    ]
    overdue = [item for item in instalments if item["state"] == "overdue" and loan.state == "active"]
    late = sum(item["outstanding"].minor for item in overdue)
    changed = changes.of_loan(session, loan)
    waiting = changed["waiting_change"] or {"id": None}
    asked = {loan.application_id, waiting["id"], *(one["application_id"] for one in changed["changes"])}
    seen = told_of(session, caller, asked - {None})
    row = _seen({column.key: getattr(loan, column.key) for column in _COLUMNS}, seen)
    if waiting["id"] not in seen:
        waiting |= {"id": None, "number": None}
    return {
        **_row({**row, "fund": fund.code, "overdue": late, "oldest_due": overdue[0]["due"] if overdue else None}),
        "terms": loan.terms,
        "cost": costs(cost_in_force(loan), loan.currency),
        "withheld": Money(loan.withheld, loan.currency),
        "disbursed_by_name": loan.disbursed_by_name,
        "disbursed_by_caller": loan.handled_by(caller.subject),
        "instalments": instalments,
        "years": [yearly(year, loan.currency) for year in sums.years],
        "totals": {name: Money(cents, loan.currency) for name, cents in sums.total.items()},
        "repayments": [repayment(loan, item) for item in loan.repayments],
        **changed,
        "changes": [_seen(one, seen) for one in changed["changes"]],
        "waiting_change": waiting if changed["waiting_change"] else None,
        "held": Money(held_for(session, loan.id), loan.currency),
        "due_now": Money(sum(owed.total for _, owed in standing if owed.due), loan.currency),
        "guarantees": guarantees.of_loan(session, loan),
        "assistance": CopyAssistance.of_loan(session, loan.id),
    }


def _seen(row: Mapping[str, Any], seen: Collection[UUID]) -> dict[str, Any]:
    """A row without its application where the caller is not told of that."""
    return {**row, "application_id": row["application_id"] if row["application_id"] in seen else None}


def overdue_of(session: Session, loan: Loan) -> tuple[int, date | None]:
    """What of one loan is overdue today, in cents, and since when."""
    late = _late(func.sum(_UNPAID), func.min(Instalment.due)).where(Loan.id == loan.id)
    amount, oldest = session.execute(late).one()
    return int(amount or 0), oldest


def repayment(loan: Loan, row: Repayment, *, last: bool | None = None) -> dict[str, Any]:
    """One repayment as it goes out; of one posted just now it is known that it is the `last` of its loan."""
    names = ("id", "number", "channel", "slip", "paid_on", "posted_at", "posted_by_name", "reason")
    amounts = ("amount", "principal", "interest", "fee", "penalty", "excess", "outstanding_after")
    if last is None:
        last = row.id in [one.id for one in loan.repayments if one.stands][-1:]
    return {
        **{name: getattr(row, name) for name in (*names, "reverses_id", "reversed_on")},
        **{name: Money(getattr(row, name), loan.currency) for name in amounts},
        "loan_id": loan.id,
        "loan": loan.number,
        "settled": row.outstanding_after == 0 and row.stands,
        "recovery": row.recovery,
        "reversible": last,
    }


def _stands(loan: Loan, item: Instalment, owed: Owed) -> bool:
    """Whether an instalment is of the plan in force, or something of it was paid or is owed: what another plan took
    over without a trace stands there.
    """
    return item.plan == loan.plan or bool(owed.total or any(_asked(item, owed).values()))


def _conditions(caller: Caller, filters: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    found = [caller.scope.condition(Loan.municipality)]
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
        found.extend((Loan.state == "active", _is_late()))
    return found


def _is_late() -> ColumnElement[bool]:
    """Whether something of a loan is overdue today: an instalment, as its last position says, or a late charge."""
    instalment = select(LoanPosition.loan_id).where(
        LoanPosition.loan_id == Loan.id, LoanPosition.until == ENDLESS, LoanPosition.oldest_due < clock.today()
    )
    charge = (
        select(LateCharge.loan_id)
        .join(Closing, _HOLDS)
        .join(Instalment, and_(Instalment.loan_id == LateCharge.loan_id, Instalment.number == LateCharge.instalment))
        .where(LateCharge.loan_id == Loan.id, LateCharge.amount + Instalment.penalty > Instalment.paid_penalty)
    )
    return or_(instalment.exists(), charge.exists())


def late_loans(*states: str) -> Subquery:
    """What of each loan in these states is overdue today (`overdue`, in cents), and since when (`oldest_due`)."""
    sums = (func.sum(_UNPAID).label("overdue"), func.min(Instalment.due).label("oldest_due"))
    return _late(Instalment.loan_id, *sums, states=states).group_by(Instalment.loan_id).subquery()


def _late(*columns: Any, states: Sequence[str] = ("active",)) -> Select[Any]:
    """The instalments with a due date before today of which something is unpaid, with their loans; unless `states` say
    otherwise nothing of one that was written off.
    """
    return (
        select(*columns)
        .select_from(Instalment)
        .join(Loan, Loan.id == Instalment.loan_id)
        .outerjoin(_CHARGED, and_(_CHARGED.c.loan_id == Instalment.loan_id, _CHARGED.c.instalment == Instalment.number))
        .where(Instalment.due < clock.today(), _UNPAID > 0, Loan.state.in_(states))
    )


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


def _sums(standing: Sequence[tuple[Instalment, Owed]]) -> Summed:
    """What the instalments ask for, what was paid and what is owed, by year and in all."""
    rows = []
    for row, owed in standing:
        asked = _asked(row, owed)
        payment = sum(asked.values())
        sums = {"payment": payment, "paid": payment - owed.total, "outstanding": owed.total}
        rows.append((row.due, asked | sums))
    return by_year(rows)


_HOLDS = and_(Closing.fund_id == LateCharge.fund_id, Closing.slot == LateCharge.slot)
_CHARGED = select(LateCharge.loan_id, LateCharge.instalment, LateCharge.amount).join(Closing, _HOLDS).subquery()
"""What the last closes charged for being late, by instalment."""
_PENALTY = Instalment.penalty + func.coalesce(_CHARGED.c.amount, 0) - Instalment.paid_penalty
_UNPAID: Any = sum(
    (getattr(Instalment, name) - getattr(Instalment, f"paid_{name}") for name in COMPONENTS[1:]),
    case((_PENALTY > 0, _PENALTY), else_=0),
)
"""What an instalment still asks for, late charges included."""
