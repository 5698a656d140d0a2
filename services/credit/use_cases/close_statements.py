"""The statements of a close: a few for all loans of a fund, whatever their number, on both kinds of database.

Everything is found from movements: where a loan stood on the day is its position, and what was paid after the day does
not count in its arrears. The rules that these statements compute stand in `rules/accrual.py` and `rules/arrears.py`,
and a test holds both against each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Date,
    Integer,
    Select,
    Subquery,
    Uuid,
    and_,
    case,
    cast,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    true,
    union,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from services.credit.models import (
    CreditRegulations,
    Instalment,
    LateCharge,
    LedgerEntry,
    Loan,
    LoanChange,
    LoanPosition,
    LoanStanding,
    Repayment,
    RepaymentPart,
)
from services.credit.models.portable import days_between, greatest, least
from services.credit.rules import arrears
from services.credit.rules.accrual import serial
from services.credit.tables import Rows


@dataclass(frozen=True)
class Day:
    """One day of one fund, into which of the two sets it is written, and what is set aside by days overdue."""

    fund_id: UUID
    day: date
    slot: int
    provisioning: Rows

    @property
    def before(self) -> int:
        """The set that holds what the close before this one found."""
        return 1 - self.slot


def clear(session: Session, day: Day, only: Select[Any] | None = None) -> None:
    """Empty the set, of all loans or of `only` these."""
    for table in (LateCharge, LoanStanding):
        mine = [table.fund_id == day.fund_id, table.slot == day.slot]
        if only is not None:
            mine.append(table.loan_id.in_(only))
        session.execute(delete(table).where(*mine).execution_options(synchronize_session=False))


def charge(session: Session, day: Day, only: Select[Any] | None = None) -> None:
    """What each instalment that is late costs, as the regulations say under which the loan was lent."""
    terms = _late_terms(session, day.fund_id)
    if terms is None:
        return
    of_the_day = literal(day.day, Date)
    late_loans = _late_loans(day, only)
    paid = _paid_late(day, late_loans)
    before = aliased(LateCharge)
    asked = Instalment.principal + Instalment.interest
    paid_by_now = Instalment.paid_principal + Instalment.paid_interest
    owed_then = asked - paid_by_now + func.coalesce(paid.c.paid_after, 0)
    elapsed = days_between(of_the_day, Instalment.due)
    late = case((owed_then > 0, elapsed), else_=days_between(paid.c.last, Instalment.due))
    principal_days = Instalment.principal * elapsed - func.coalesce(paid.c.saved, 0)
    full = terms.c.fixed + principal_days * terms.c.annual_rate // (10_000 * terms.c.days_a_year)
    amount = case((late > terms.c.after_days, least(full, asked * terms.c.cap // 10_000)), else_=0)
    rows = (
        select(Loan.id, literal(day.slot), Instalment.number, literal(day.fund_id, Uuid), amount)
        .join(late_loans, late_loans.c.loan_id == Loan.id)
        .join(Instalment, Instalment.loan_id == Loan.id)
        .join(terms, terms.c.regulations_id == Loan.regulations_id)
        .outerjoin(paid, and_(paid.c.loan_id == Loan.id, paid.c.instalment == Instalment.number))
        .outerjoin(
            before,
            and_(before.loan_id == Loan.id, before.slot == day.before, before.instalment == Instalment.number),
        )
        .where(
            Loan.fund_id == day.fund_id,
            Loan.state == "active",
            Instalment.plan == Loan.plan,
            Instalment.due < of_the_day,
            or_(owed_then > 0, before.amount > Instalment.paid_penalty - Instalment.penalty),
            amount > 0,
        )
    )
    session.execute(insert(LateCharge).from_select(["loan_id", "slot", "instalment", "fund_id", "amount"], rows))


def stand(session: Session, day: Day, only: Select[Any] | None = None) -> None:
    """How each loan stands: days overdue, interest earned, what is receivable, what is set aside."""
    of_the_day = literal(day.day, Date)
    before, charges = aliased(LoanStanding), _charges_left(day)
    earning = Instalment
    elapsed = _serial(day.day) - earning.accrues_from
    part = greatest(0, least(elapsed, earning.accrues_days))
    accrued = func.coalesce(earning.interest_before + earning.accrues * part // earning.accrues_days, 0)
    days = case((LoanPosition.oldest_due < of_the_day, days_between(of_the_day, LoanPosition.oldest_due)), else_=0)
    since = func.coalesce(before.arrears_since, LoanPosition.oldest_due)
    principal = func.coalesce(LoanPosition.principal, 0)
    found = {
        "loan_id": Loan.id,
        "slot": literal(day.slot),
        "fund_id": literal(day.fund_id, Uuid),
        "principal": principal,
        "days_overdue": days,
        "bucket": _steps(days, [(begins, place) for place, begins in enumerate(arrears.BUCKETS_FROM, start=1)]),
        "oldest_due": LoanPosition.oldest_due,
        "oldest_number": LoanPosition.oldest_number,
        "arrears_since": case((LoanPosition.oldest_due < of_the_day, since)),
        "accrued": accrued,
        "interest_receivable": case((Loan.state == "active", greatest(0, accrued - Loan.interest_paid)), else_=0),
        "charges_receivable": func.coalesce(charges.c.left, 0),
        "allowance": (principal * _steps(days, day.provisioning) + 5_000) // 10_000,
    }
    rows = (
        select(*found.values())
        .select_from(Loan)
        .outerjoin(
            LoanPosition,
            and_(LoanPosition.loan_id == Loan.id, LoanPosition.since <= of_the_day, LoanPosition.until > of_the_day),
        )
        .outerjoin(
            earning,
            and_(
                earning.loan_id == Loan.id,
                earning.accrues_after < of_the_day,
                earning.accrues_until >= of_the_day,
            ),
        )
        .outerjoin(before, and_(before.loan_id == Loan.id, before.slot == day.before))
        .outerjoin(charges, charges.c.loan_id == Loan.id)
        .where(
            Loan.fund_id == day.fund_id,
            or_(LoanPosition.loan_id.is_not(None), charges.c.left > 0),
            *_only(only),
        )
    )
    session.execute(insert(LoanStanding).from_select(list(found), rows))


def touched(day: Day, after: int) -> Select[Any]:
    """The loans on which something was booked after number `after` of the journal, and those that were changed without
    anything being booked.
    """
    booked = select(LedgerEntry.reference).where(LedgerEntry.fund_id == day.fund_id, LedgerEntry.number > after)
    changed = (
        select(LoanChange.loan_id)
        .join(Loan, Loan.id == LoanChange.loan_id)
        .where(Loan.fund_id == day.fund_id, LoanChange.journal >= after)
    )
    return select(Loan.id).where(Loan.id.in_(union(booked, changed)))


def totals(session: Session, day: Day) -> list[Any]:
    """By bucket: loans, how many of them are overdue, and what their columns sum to."""
    sums = (
        LoanStanding.principal,
        LoanStanding.interest_receivable,
        LoanStanding.charges_receivable,
        LoanStanding.allowance,
    )
    query = (
        select(LoanStanding.bucket, func.count().label("loans"), *(func.sum(c).label(c.key) for c in sums))
        .where(LoanStanding.fund_id == day.fund_id, LoanStanding.slot == day.slot)
        .group_by(LoanStanding.bucket)
        .order_by(LoanStanding.bucket)
    )
    return [{name: int(value) for name, value in row.items()} for row in session.execute(query).mappings()]


def grown_late(session: Session, day: Day) -> list[Any]:
    """The loans that became overdue on the day, or grew older than their bucket of the close before."""
    before = aliased(LoanStanding)
    query = (
        select(
            LoanStanding.loan_id,
            Loan.enterprise_id,
            Loan.municipality,
            LoanStanding.oldest_number,
            LoanStanding.oldest_due,
            LoanStanding.days_overdue,
            LoanStanding.arrears_since,
        )
        .join(Loan, Loan.id == LoanStanding.loan_id)
        .outerjoin(before, and_(before.loan_id == LoanStanding.loan_id, before.slot == day.before))
        .where(
            LoanStanding.fund_id == day.fund_id,
            LoanStanding.slot == day.slot,
            LoanStanding.days_overdue > 0,
            LoanStanding.bucket > func.coalesce(before.bucket, 0),
        )
        .order_by(LoanStanding.loan_id)
    )
    return list(session.execute(query).mappings())


def _late_loans(day: Day, only: Select[Any] | None) -> CTE:
    """The loans with an instalment overdue on the day, and those the close before charged: all others cost nothing."""
    overdue = select(LoanPosition.loan_id).where(
        LoanPosition.since <= day.day, LoanPosition.until > day.day, LoanPosition.oldest_due < day.day
    )
    charged = select(LateCharge.loan_id).where(LateCharge.fund_id == day.fund_id, LateCharge.slot == day.before)
    if only is not None:
        overdue, charged = overdue.where(LoanPosition.loan_id.in_(only)), charged.where(LateCharge.loan_id.in_(only))
    return union(overdue, charged).cte("late_loan")


def _paid_late(day: Day, late_loans: CTE) -> Subquery:
    """Of each instalment of these loans that had fallen due: `saved`, the days of principal that its payments spared
    it up to the day, the `last` day on which something was paid, and `paid_after`, what was paid after it. What was
    reversed was never paid.
    """
    of_the_day = literal(day.day, Date)
    overdue_since = case((Repayment.paid_on > Instalment.due, Repayment.paid_on), else_=Instalment.due)
    by_the_day = Repayment.paid_on <= of_the_day
    spared = case((by_the_day, days_between(of_the_day, overdue_since)), else_=0)
    asked = RepaymentPart.principal + RepaymentPart.interest
    after = case((Repayment.paid_on > of_the_day, asked), else_=0)
    return (
        select(
            Repayment.loan_id,
            RepaymentPart.instalment,
            _whole(func.sum(RepaymentPart.principal * spared)).label("saved"),
            func.max(case((by_the_day, Repayment.paid_on))).label("last"),
            _whole(func.sum(after)).label("paid_after"),
        )
        .join(late_loans, late_loans.c.loan_id == Repayment.loan_id)
        .join(RepaymentPart, RepaymentPart.repayment_id == Repayment.id)
        .join(
            Instalment,
            and_(Instalment.loan_id == Repayment.loan_id, Instalment.number == RepaymentPart.instalment),
        )
        .where(
            asked > 0,
            Instalment.due < of_the_day,
            Repayment.reversed_on.is_(None),
            Repayment.reverses_id.is_(None),
        )
        .group_by(Repayment.loan_id, RepaymentPart.instalment)
        .subquery()
    )


def _charges_left(day: Day) -> Subquery:
    """What is owed of the late charges of each loan: of those of the day, and of those that a new plan took over."""
    owed = LateCharge.amount + Instalment.penalty - Instalment.paid_penalty
    here = and_(LateCharge.loan_id == Instalment.loan_id, LateCharge.instalment == Instalment.number)
    mine = and_(LateCharge.fund_id == day.fund_id, LateCharge.slot == day.slot)
    of_the_day = select(Instalment.loan_id, greatest(0, owed).label("owed")).join(LateCharge, here).where(mine)
    taken_over = (
        select(Instalment.loan_id, greatest(0, Instalment.penalty - Instalment.paid_penalty))
        .join(Loan, Loan.id == Instalment.loan_id)
        .where(
            Instalment.penalty > 0,
            Loan.fund_id == day.fund_id,
            Loan.state == "active",
            ~select(LateCharge.loan_id).where(here, mine).correlate(Instalment).exists(),
        )
    )
    both = union_all(of_the_day, taken_over).subquery()
    return select(both.c.loan_id, _whole(func.sum(both.c.owed)).label("left")).group_by(both.c.loan_id).subquery()


def _late_terms(session: Session, fund_id: UUID) -> Subquery | None:
    """The late charge of every edition that has one, as a table of literals."""
    editions = session.scalars(select(CreditRegulations).where(CreditRegulations.fund_id == fund_id))
    charging = [(edition.id, edition.read().late_charge) for edition in editions]
    rows = [
        select(
            literal(edition_id, Uuid).label("regulations_id"),
            literal(rule.annual_rate, Integer).label("annual_rate"),
            literal(rule.fixed, Integer).label("fixed"),
            literal(rule.after_days, Integer).label("after_days"),
            literal(_NO_CAP if rule.cap is None else rule.cap, Integer).label("cap"),
            literal(rule.days_a_year, Integer).label("days_a_year"),
        )
        for edition_id, rule in charging
        if rule.charges
    ]
    return union_all(*rows).subquery() if rows else None


_NO_CAP = 1_000_000
"""A hundred times the instalment."""


def _whole(total: Any) -> ColumnElement[int]:
    """A sum as a whole number: PostgreSQL's is a decimal, and what is divided by it is not cut but rounded."""
    return cast(total, BigInteger)


def _serial(day: date) -> ColumnElement[int]:
    return case((Loan.thirty.is_(true()), serial(day, thirty=True)), else_=serial(day, thirty=False))


def _steps(days: ColumnElement[int], steps: Sequence[tuple[int, int]]) -> ColumnElement[int]:
    """The value of the last step that begins at so many days or before; 0 before the first."""
    rising = [(days >= begins, value) for begins, value in reversed(steps)]
    return case(*rising, else_=0) if rising else literal(0)


def _only(only: Select[Any] | None) -> list[ColumnElement[bool]]:
    return [] if only is None else [Loan.id.in_(only)]
