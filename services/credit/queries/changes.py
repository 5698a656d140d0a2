"""What changed running loans, and what the committee is asked to change."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.credit.models import Application, CreditRegulations, Loan, LoanChange, Resolution, TrustFund
from services.credit.models.applications import UNDECIDED
from services.credit.rules.allocation import COMPONENTS
from shared.identity import Caller
from shared.kernel import Money, clock
from shared.web import Page, keyset_page

_AMOUNTS = ("principal", "interest", "charges", "paid_off")


def listed(session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None) -> Page:
    """The changes of the loans in the caller's territory, newest first."""
    statement = (
        select(
            LoanChange.id,
            LoanChange.loan_id,
            Loan.number.label("loan"),
            Loan.municipality,
            Loan.currency,
            TrustFund.code.label("fund"),
            LoanChange.kind,
            LoanChange.done_on,
            LoanChange.done_by_name,
            LoanChange.principal,
            LoanChange.interest,
            LoanChange.charges,
            Resolution.number.label("resolution"),
        )
        .join(Loan, Loan.id == LoanChange.loan_id)
        .join(TrustFund, TrustFund.id == Loan.fund_id)
        .join(Resolution, Resolution.id == LoanChange.resolution_id)
        .where(caller.scope.condition(Loan.municipality))
    )
    if kind := filters.get("kind"):
        statement = statement.where(LoanChange.kind == kind)
    if fund_id := filters.get("fund"):
        statement = statement.where(Loan.fund_id == fund_id)
    page = keyset_page(session, statement, keys=[LoanChange.id.expression], limit=limit, after=after, descending=True)
    return Page([_row(row) for row in page.rows], page.next)


def of_loan(session: Session, loan: Loan) -> dict[str, Any]:
    """What changed a loan, the last first, each with the plan it replaced; what of its approval may still be paid out,
    and the change that waits to be decided or carried out.
    """
    numbers = select(Resolution.id, Resolution.number).where(
        Resolution.id.in_([change.resolution_id for change in loan.changes])
    )
    known = {row.id: row.number for row in session.execute(numbers)}
    original = session.get_one(Application, loan.application_id)
    product = session.get_one(CreditRegulations, loan.regulations_id).read()
    tranches = next((one.tranches for one in product.products if one.code == loan.product), 1)
    waiting = select(Application.id, Application.number, Application.kind, Application.state).where(
        Application.loan_id == loan.id, Application.state.in_([*UNDECIDED, "approved"])
    )
    return {
        "changes": [_change(loan, change, known[change.resolution_id]) for change in reversed(loan.changes)],
        "waiting_change": next((dict(row) for row in session.execute(waiting).mappings()), None),
        "rest": Money(original.rest(clock.today()) if loan.state == "active" else 0, loan.currency),
        "tranches": tranches,
        "capitalised": Money(loan.capitalised, loan.currency),
        "rescheduled_on": loan.rescheduled_on,
        "written_off_on": loan.written_off_on,
    }


def told(fund: TrustFund, change: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """From what to what a loan would change, as its appraisal found it; None of what asks for a new credit."""
    if change is None:
        return None
    plans = {name: _plan(fund, change[name]) for name in ("was", "becomes")}
    return {**change, **{name: fund.money(change[name]) for name in _AMOUNTS}, **plans}


def _plan(fund: TrustFund, plan: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return {**plan, "payment": fund.money(plan["payment"])} if plan else None


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, **{name: Money(row[name], row["currency"]) for name in _AMOUNTS[:3]}}


def _change(loan: Loan, change: LoanChange, resolution: str) -> dict[str, Any]:
    names = ("id", "kind", "done_on", "done_by_name", "plan", "application_id")
    return {
        **{name: getattr(change, name) for name in names},
        **{name: Money(getattr(change, name), loan.currency) for name in _AMOUNTS[:3]},
        "resolution": resolution,
        "replaced": [_replaced(loan, row) for row in change.replaced],
    }


def _replaced(loan: Loan, row: Mapping[str, Any]) -> dict[str, Any]:
    asked: dict[str, Any] = {name: Money(row[name], loan.currency) for name in COMPONENTS}
    sums = {
        "payment": sum(row[name] for name in COMPONENTS),
        "paid": sum(row[f"paid_{name}"] for name in COMPONENTS),
    }
    return {
        "number": row["number"],
        "due": row["due"],
        **asked,
        **{k: Money(v, loan.currency) for k, v in sums.items()},
    }
