"""The schedule of each paper of a loan as it was signed, and what it costs a year: of the note, of the parts that were
paid out, of a new plan.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.credit.models import Loan, LoanChange
from services.credit.rules import contracts
from services.credit.rules.cost import Cost, Flow, UnitPeriod, cost, cost_of_flows
from services.credit.rules.schedules import schedule
from services.credit.rules.terms import Terms, due_dates, planned_dates
from services.credit.tables import holidays_on


@dataclass(frozen=True, slots=True)
class Asked:
    """What an instalment asked for when its schedule began, in cents; `charges` are late ones and fees taken over."""

    number: int
    due: date
    principal: int
    interest: int
    charges: int = 0

    @property
    def payment(self) -> int:
        return self.principal + self.interest + self.charges


def paper_number(loan: Loan, change: LoanChange) -> str:
    """The number of the paper of a change: that of the loan, and of the schedule it begins."""
    return f"{loan.number}-{change.plan + 1}"


def begun_by(loan: Loan, change: LoanChange) -> list[Asked]:
    """The schedule that a change of a loan began, in the order of its days, as it was before anything was late. That of
    a tranche is of the whole loan: what was paid in advance of the plan before it stands there too.
    """
    plan = change.plan + 1
    later = next((one for one in loan.changes if one.terms and one.plan == plan), None)
    if later is None:
        rows = [(i.number, i.due, i.principal, i.interest, i.fee) for i in loan.instalments if i.plan == plan]
    else:
        names = ("principal", "interest", "fee")
        rows = [
            (row["number"], date.fromisoformat(row["due"]), *(row[name] for name in names)) for row in later.replaced
        ]
    if change.kind == "tranche":
        rows += [(i.number, i.due, i.principal, i.interest, i.fee) for i in loan.instalments if i.plan < plan]
    asked = [Asked(*row) for row in sorted(rows, key=lambda row: (row[1], row[0]))]
    if change.kind == "reschedule" and asked:
        first = asked[0]
        charged = Asked(first.number, first.due, first.principal, first.interest, first.charges + change.charges)
        asked[0] = charged
    return asked


def taken_over(change: LoanChange, rows: Sequence[Asked]) -> int:
    """What a rescheduled loan owed on the day of its new plan, in cents: the principal with what became part of it, the
    interest that was earned and not paid, late charges and fees.
    """
    carried = 0 if change.principal else change.interest
    return sum(row.principal + row.charges for row in rows) + carried


def cost_of_change(loan: Loan, change: LoanChange) -> Cost:
    """What a loan costs from a new plan on, which lends anew what was owed that day; after another part of it was paid
    out, what all parts of it cost.
    """
    rows = begun_by(loan, change)
    if change.kind == "tranche":
        return _cost_of_parts(loan, change, rows)
    advance = Flow(change.done_on, taken_over(change, rows))
    terms = contracts.read(change.terms, sum(row.principal for row in rows), change.done_on, holidays_on)
    return _cost(terms, [advance], [Flow(row.due, row.payment) for row in rows])


def cost_in_force(loan: Loan) -> Cost:
    """What the last paper of a loan discloses: that of its last new plan or part, else its note."""
    last = next((one for one in reversed(loan.changes) if one.kind in {"tranche", "reschedule"}), None)
    if last is not None:
        return cost_of_change(loan, last)
    terms = loan.signed_terms()
    return cost(terms, schedule(terms))


def _cost_of_parts(loan: Loan, change: LoanChange, rows: Sequence[Asked]) -> Cost:
    """Over every advance up to this one, with what was kept back of the first."""
    terms, parts = loan.signed_terms(), [one for one in loan.changes if one.kind == "tranche" and one.id <= change.id]
    advances = [Flow(terms.start, terms.principal), *(Flow(one.done_on, one.principal) for one in parts)]
    kept_back = [Flow(terms.start, terms.withheld)]
    return _cost(terms, advances, kept_back + [Flow(row.due, row.payment) for row in rows])


def _cost(terms: Terms, advances: Sequence[Flow], payments: Sequence[Flow]) -> Cost:
    unit = None if terms.calendar or terms.instalments == 1 else UnitPeriod(terms.every, terms.unit)
    planned = dict(zip(due_dates(terms), planned_dates(terms), strict=True))
    return cost_of_flows(advances, [flow for flow in payments if flow.amount], planned, unit)
