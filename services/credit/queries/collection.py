"""The collection agenda: the loans that are overdue, and what is still owed of those that were written off, by what is
to be done about each today; and what was done.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from services.credit.models import CollectionAction, Loan, Repayment, TrustFund
from services.credit.queries.loans import late_loans
from services.credit.rules.collection import NEXT_STEPS, Followed, promise_state, todo, urgency
from shared.identity import Caller
from shared.kernel import Money, clock

Paid = Sequence[tuple[date, datetime, int]]
"""The repayments of a loan that stand: the day, the moment it was posted, cents."""
MOST = 200
"""Loans on one agenda; who follows more narrows it by place or officer."""
_AT_ONCE = 500
OWING = ("active", "written_off")
"""The states of a loan of which something is owed."""


def agenda(session: Session, caller: Caller, filters: Mapping[str, Any]) -> dict[str, Any]:
    """The loans of the caller's territory that are overdue today, the most urgent first: at most 200, and how many
    there are in all, with what is overdue of them by currency. What was written off goes on being recovered: it is
    there while anything of it is owed, and `written_off` is what is still owed of it by currency.
    """
    today = clock.today()
    rows = _overdue(session, caller, filters)
    actions = _actions(session, [row["id"] for row in rows])
    paid = _paid(session, [row["id"] for row in rows if any(one.promised_on for one in actions[row["id"]])])
    found = [_row(row, actions[row["id"]], paid[row["id"]], today) for row in rows]
    if wanted := filters.get("todo"):
        found = [row for row in found if row["todo"] == wanted]
    found.sort(
        key=lambda row: urgency(
            row["todo"],
            row["days_overdue"],
            (row["principal"] if row["state"] == "active" else row["owed"]).minor,
            row["municipality"],
            row["number"],
            written_off=row["state"] == "written_off",
        )
    )
    counted = Counter(row["todo"] for row in found)
    return {
        "day": today,
        "count": len(found),
        "overdue": _summed(row["overdue"] for row in found if row["state"] == "active"),
        "written_off": _summed(row["owed"] for row in found if row["state"] == "written_off"),
        "by_todo": [{"todo": what, "count": counted[what]} for what in NEXT_STEPS if counted[what]],
        "rows": found[:MOST],
    }


def _summed(amounts: Iterable[Money]) -> list[Money]:
    """The sums of some amounts by currency."""
    found: Counter[str] = Counter()
    for amount in amounts:
        found[amount.currency] += amount.minor
    return [Money(cents, currency) for currency, cents in sorted(found.items())]


def officers(session: Session, caller: Caller) -> list[dict[str, str]]:
    """Who appraised the loans of the caller's territory that are owed: whose agenda may be asked for."""
    query = (
        select(Loan.officer, func.max(Loan.officer_name))
        .where(Loan.state.in_(OWING), Loan.officer != "", caller.scope.condition(Loan.municipality))
        .group_by(Loan.officer)
    )
    rows = [{"id": officer, "name": name} for officer, name in session.execute(query)]
    return sorted(rows, key=lambda row: (row["name"], row["id"]))


def actions_of(session: Session, loan: Loan) -> list[dict[str, Any]]:
    """What was done about a loan, newest first, with what became of each promise."""
    rows, paid = _actions(session, [loan.id])[loan.id], _paid(session, [loan.id])[loan.id]
    return [action(loan, row, paid) for row in rows]


def action(loan: Loan, row: CollectionAction, paid: Paid = ()) -> dict[str, Any]:
    """One action as it goes out."""
    names = ("id", "kind", "result", "note", "done_on", "promised_on", "next_on", "noted_at", "noted_by_name")
    amount = None if row.promised_amount is None else Money(row.promised_amount, loan.currency)
    state = _promise(row, paid, clock.today())
    return {name: getattr(row, name) for name in names} | {"promised_amount": amount, "promise": state}


def _overdue(session: Session, caller: Caller, filters: Mapping[str, Any]) -> list[dict[str, Any]]:
    late = late_loans(*OWING)
    query = (
        select(
            Loan.id,
            Loan.number,
            Loan.enterprise_id,
            Loan.municipality,
            Loan.currency,
            Loan.officer_name,
            Loan.state,
            Loan.outstanding.label("owed"),
            Loan.outstanding_principal.label("principal"),
            TrustFund.code.label("fund"),
            func.coalesce(late.c.overdue, 0).label("overdue"),
            late.c.oldest_due,
        )
        .outerjoin(late, late.c.loan_id == Loan.id)
        .join(TrustFund, TrustFund.id == Loan.fund_id)
        .where(or_(late.c.overdue > 0, _recovered()), caller.scope.condition(Loan.municipality))
    )
    if state := filters.get("state"):
        query = query.where(Loan.state == state)
    if unit := filters.get("municipality"):
        query = query.where(Loan.municipality.startswith(unit, autoescape=True))
    if fund := filters.get("fund"):
        query = query.where(Loan.fund_id == fund)
    if officer := filters.get("officer"):
        query = query.where(Loan.officer == officer)
    return [dict(row) for row in session.execute(query).mappings()]


def _recovered() -> ColumnElement[bool]:
    """Whether something is still owed of a loan that was written off: all of it is gone after, due or not."""
    return and_(Loan.state == "written_off", Loan.outstanding > 0)


def _actions(session: Session, loan_ids: Sequence[UUID]) -> dict[UUID, list[CollectionAction]]:
    """What was done about some loans, newest first."""
    found: dict[UUID, list[CollectionAction]] = defaultdict(list)
    for start in range(0, len(loan_ids), _AT_ONCE):
        query = select(CollectionAction).where(CollectionAction.loan_id.in_(loan_ids[start : start + _AT_ONCE]))
        for row in session.scalars(query.order_by(CollectionAction.done_on.desc(), CollectionAction.id.desc())):
            found[row.loan_id].append(row)
    return found


def _paid(session: Session, loan_ids: Sequence[UUID]) -> dict[UUID, list[tuple[date, datetime, int]]]:
    found: dict[UUID, list[tuple[date, datetime, int]]] = defaultdict(list)
    for start in range(0, len(loan_ids), _AT_ONCE):
        query = select(Repayment.loan_id, Repayment.paid_on, Repayment.posted_at, Repayment.amount).where(
            Repayment.loan_id.in_(loan_ids[start : start + _AT_ONCE]),
            Repayment.reversed_on.is_(None),
            Repayment.reverses_id.is_(None),
        )
        for loan_id, day, posted_at, amount in session.execute(query):
            found[loan_id].append((day, posted_at, amount))
    return found


def _promise(row: CollectionAction, paid: Paid, today: date) -> str | None:
    if row.promised_on is None or row.promised_amount is None:
        return None
    came = sum(
        amount
        for day, posted_at, amount in paid
        if row.done_on <= day <= row.promised_on and (day > row.done_on or posted_at > row.noted_at)
    )
    return promise_state(row.promised_amount, row.promised_on, came, today)


def _row(row: Mapping[str, Any], actions: Sequence[CollectionAction], paid: Paid, today: date) -> dict[str, Any]:
    last = actions[0] if actions else None
    promise = next((one for one in actions if one.promised_on), None)
    state = _promise(promise, paid, today) if promise else None
    following = last.next_on if last else None
    what = todo(Followed(state, promise.promised_on if promise else None, following, last is not None), today)
    currency = row["currency"]
    return {
        **{name: row[name] for name in ("id", "number", "enterprise_id", "municipality", "currency")},
        **{name: row[name] for name in ("officer_name", "fund", "oldest_due", "state")},
        "owed": Money(row["owed"], currency),
        "principal": Money(row["principal"], currency),
        "overdue": Money(int(row["overdue"]), currency),
        "days_overdue": (today - row["oldest_due"]).days if row["oldest_due"] else 0,
        "todo": what,
        "last_kind": last.kind if last else None,
        "last_on": last.done_on if last else None,
        "next_on": following,
        "promise": state,
        "promised_on": promise.promised_on if promise else None,
        "promised_amount": Money(promise.promised_amount, currency) if promise and promise.promised_amount else None,
    }
