"""What is kept of each change of a loan: who made it, under which resolution, and the plan it replaced."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.credit.models import (
    Application,
    Counter,
    Instalment,
    LedgerEntry,
    Loan,
    LoanChange,
    Moving,
    NotApart,
    Resolution,
)
from services.credit.rules.allocation import COMPONENTS
from shared import history
from shared.identity import Caller
from shared.kernel import clock


def free_the_rest(session: Session, caller: Caller, original: Application) -> None:
    """What of an approval was not paid out is free again: its loan is not what was approved any more, or is over."""
    freed = original.give_up_rest()
    if freed:
        facts = {"freed": str(freed)}
        history.record(session, caller, subject=original.id, kind="application", action="give_up_rest", after=facts)


def require_not_collector(caller: Caller, loan: Loan) -> None:
    """Refuses who took repayments of a loan: what she took could vanish in a new plan, another loan or a loss."""
    if loan.collected_by(caller.subject):
        raise NotApart("segregation.collector_changes", caller.subject, loan, number=loan.number)


def keep_change(
    session: Session,
    caller: Caller,
    loan: Loan,
    resolution: Resolution,
    *,
    kind: str,
    moved: Moving,
    principal: int,
    entry: LedgerEntry | None,
    terms: dict[str, Any],
    replaced: Sequence[dict[str, Any]],
    done_on: date | None = None,
) -> LoanChange:
    """The change, kept with the plan it replaced; the fund must be locked."""
    journal = select(Counter.last).where(Counter.fund_id == loan.fund_id, Counter.series == "journal")
    change = LoanChange(
        kind=kind,
        application_id=resolution.application_id,
        resolution_id=resolution.id,
        plan=loan.plan - 1 if terms else loan.plan,
        done_on=done_on or clock.today(),
        done_by=caller.subject,
        done_by_name=caller.name,
        entry_id=entry.id if entry else None,
        journal=session.scalar(journal) or 0,
        principal=principal,
        interest=moved.interest,
        charges=moved.charges,
        terms=terms,
        replaced=list(replaced),
    )
    loan.changes.append(change)
    session.flush()
    return change


def written_plan(loan: Loan) -> list[dict[str, Any]]:
    """The schedule in force as it is kept once another one takes its place."""
    charges = loan.late_charges
    return [_written(item, charges.get(item.number, 0)) for item in loan.instalments if item.plan == loan.plan]


def _written(item: Instalment, charge: int) -> dict[str, Any]:
    owed = item.owed(item.due, charge)
    paid = {f"paid_{name}": getattr(item, f"paid_{name}") for name in COMPONENTS}
    asked: dict[str, Any] = {name: getattr(owed, name) + paid[f"paid_{name}"] for name in COMPONENTS}
    return {"number": item.number, "due": item.due.isoformat(), **asked, **paid}
