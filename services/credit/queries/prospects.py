"""What a fund's own past and present say of its future: how it was paid back, where it stands, how it lends."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, case, exists, func, or_, select
from sqlalchemy.orm import Session

from services.credit.models import (
    Instalment,
    LedgerEntry,
    LedgerLine,
    Loan,
    LoanPosition,
    Repayment,
    RepaymentPart,
    TrustFund,
    regulations_in_force,
)
from services.credit.models.closes import ENDLESS
from services.credit.models.portable import days_between
from services.credit.models.repayments import REFINANCED
from services.credit.queries.portfolio import gross
from services.credit.rules import ledger
from services.credit.rules.contracts import DAYS_A_MONTH
from services.credit.rules.projection import Due, Lending, Position
from services.credit.rules.recovery import ENDS, OPEN, STAGES, Payments, observed
from services.credit.rules.schedules import schedule
from services.credit.rules.terms import add_months
from services.credit.tables import provisioning_rows
from shared.kernel import Refused

MONTHS = 24
YEAR = 12
_WHOLE = 10_000
"""All of a loan, in hundredths of a per cent."""
PAST_YEARS = 3
"""How far back instalments are looked at."""


def paid_back(session: Session, fund: TrustFund, today: date) -> tuple[Payments, list[dict[str, Any]]]:
    """What the fund's own instalments tell, and the same by the month in which they fell due (the last twelve); what
    another loan paid off tells nothing.
    """
    last = (
        select(RepaymentPart.instalment, Repayment.loan_id, func.max(Repayment.paid_on).label("paid_on"))
        .join(Repayment, Repayment.id == RepaymentPart.repayment_id)
        .where(Repayment.fund_id == fund.id, Repayment.reversed_on.is_(None), Repayment.reverses_id.is_(None))
        .group_by(Repayment.loan_id, RepaymentPart.instalment)
        .subquery()
    )
    whole = and_(Instalment.paid_principal >= Instalment.principal, Instalment.paid_interest >= Instalment.interest)
    days = days_between(last.c.paid_on, Instalment.due)
    stage = case(
        (or_(~whole, Instalment.moved_principal + Instalment.moved_interest > 0), OPEN),
        (last.c.paid_on.is_(None), 0),
        *((days <= end, number) for number, end in enumerate(ENDS)),
        else_=len(STAGES),
    )
    since = add_months(today, -YEAR * PAST_YEARS)
    refinanced = exists().where(
        Repayment.loan_id == Instalment.loan_id,
        Repayment.channel == REFINANCED,
        RepaymentPart.repayment_id == Repayment.id,
        RepaymentPart.instalment == Instalment.number,
    )
    asked = Instalment.principal + Instalment.interest + Instalment.moved_principal + Instalment.moved_interest
    fell_due = (Loan.fund_id == fund.id, Instalment.due < today, Instalment.due >= since, ~refinanced, asked > 0)
    query = (
        select(Instalment.due, stage.label("stage"), func.count())
        .join(Loan, Loan.id == Instalment.loan_id)
        .outerjoin(last, and_(last.c.loan_id == Instalment.loan_id, last.c.instalment == Instalment.number))
        .where(*fell_due)
        .group_by(Instalment.due, "stage")
    )
    rows = [(due, int(stage), int(count)) for due, stage, count in session.execute(query)]
    loans = select(func.count(Instalment.loan_id.distinct())).join(Loan, Loan.id == Instalment.loan_id).where(*fell_due)
    found = observed((((today - due).days, stage, count) for due, stage, count in rows), session.scalar(loans) or 0)
    return found, _by_month(rows, today)


def _by_month(rows: Iterable[tuple[date, int, int]], today: date) -> list[dict[str, Any]]:
    months: dict[date, Counter[str]] = defaultdict(Counter)
    names = (*STAGES, "over_year", "open")
    since = add_months(today.replace(day=1), 1 - YEAR)
    for due, stage, count in rows:
        if due >= since:
            months[due.replace(day=1)][names[stage]] += count
    return [{"month": month, **{name: months[month][name] for name in names}} for month in sorted(months)]


def standing(session: Session, fund: TrustFund, today: date) -> tuple[Position, list[int]]:
    """Where the fund stands, and how many instalments fall due in each month (none in the month before the first)."""
    balances = fund.balances(session)
    principal, interest = _empty(), _empty()
    overdue: dict[int, list[int]] = {stage: [0, 0] for stage in range(5)}
    rescheduled, numbers = [0] * (MONTHS + 1), [0] * (MONTHS + 1)
    for stage, again, due, capital, rest, count in session.execute(_owed(fund, today)):
        if due < today:
            overdue[stage][0] += int(capital)
            overdue[stage][1] += int(rest)
            continue
        month = min(MONTHS, month_of(today, due) - 1)
        principal[stage][month] += int(capital)
        interest[stage][month] += int(rest)
        rescheduled[month] += int(capital) if again and not stage else 0
        if month < MONTHS:
            numbers[month + 1] += int(count)
    due = {
        stage: Due(tuple(principal[stage]), tuple(interest[stage]), overdue[stage][0], overdue[stage][1])
        for stage in range(5)
    }
    position = Position(
        months=MONTHS,
        cash=balances[ledger.CASH_AT_TRUSTEE] + balances[ledger.CASH_IN_HAND],
        reserve=fund.kept_back,
        promised=fund.committed(session),
        to_share=-balances[ledger.ACCOUNTS["income_to_share"]],
        costs=_costs(session, fund, today),
        due=due,
        rescheduled=tuple(rescheduled),
        written_off_after=written_off_after(session, fund, today),
    )
    return position, numbers


def written_off_after(session: Session, fund: TrustFund, today: date) -> int | None:
    """How many months late a loan is of which the regulations of today set everything aside: then it is written off.
    None where they never do.
    """
    try:
        rule = regulations_in_force(session, fund.id, today).read().provisioning
    except Refused:
        return None
    whole = [days for days, part in provisioning_rows(rule, today) if part == _WHOLE]
    return round(whole[0] / DAYS_A_MONTH) if whole else None


def _empty() -> list[list[int]]:
    return [[0] * (MONTHS + 1) for _ in range(5)]


def _owed(fund: TrustFund, today: date) -> Any:
    """What running loans owe, by the stage of arrears of each loan and by due date."""
    stage = case(
        (or_(LoanPosition.oldest_due.is_(None), LoanPosition.oldest_due >= today), 0),
        *((LoanPosition.oldest_due >= today - timedelta(days=end), number) for number, end in enumerate(ENDS) if end),
        else_=len(ENDS),
    )
    capital = Instalment.principal - Instalment.paid_principal
    rest = Instalment.interest + Instalment.fee - Instalment.paid_interest - Instalment.paid_fee
    again = case((LoanPosition.rescheduled, 1), else_=0).label("again")
    return (
        select(stage.label("stage"), again, Instalment.due, func.sum(capital), func.sum(rest), func.count())
        .select_from(LoanPosition)
        .join(Loan, Loan.id == LoanPosition.loan_id)
        .join(Instalment, Instalment.loan_id == LoanPosition.loan_id)
        .where(LoanPosition.fund_id == fund.id, LoanPosition.until == ENDLESS, Loan.state == "active")
        .where(or_(capital > 0, rest > 0))
        .group_by("stage", "again", Instalment.due)
    )


def _costs(session: Session, fund: TrustFund, today: date) -> int:
    """What the fund costs a month less what its account earns, on the average of the last twelve months, in cents."""
    since = add_months(today, -YEAR)
    began = session.scalar(select(func.min(LedgerEntry.booked_on)).where(LedgerEntry.fund_id == fund.id)) or today
    months = min(YEAR, max(1, month_of(began, today)))
    total = (
        select(func.coalesce(func.sum(LedgerLine.amount), 0))
        .join(LedgerEntry)
        .where(
            LedgerEntry.fund_id == fund.id,
            LedgerEntry.booked_on > since,
            LedgerEntry.kind != ledger.SHARED_OUT,
            LedgerLine.account.in_([ledger.ACCOUNTS["fund_costs"], ledger.ACCOUNTS["other_income"]]),
        )
    )
    return int(session.scalar(total) or 0) // months


def lending_of(session: Session, fund: TrustFund, today: date) -> tuple[Lending, int]:
    """How the fund lent in the last twelve months (as its regulations offer where it lent none), and how many loans."""
    since = add_months(today, -YEAR)
    lent = (Loan.fund_id == fund.id, Loan.disbursed_on > since)
    query = (
        select(
            Loan.disbursed_on,
            Instalment.due,
            func.sum(Instalment.principal),
            func.sum(Instalment.interest),
            func.sum(Instalment.fee),
        )
        .join(Loan, Loan.id == Instalment.loan_id)
        .where(*lent)
        .group_by(Loan.disbursed_on, Instalment.due)
    )
    found = [(month_of(day, due), *map(int, amounts)) for day, due, *amounts in session.execute(query)]
    totals = select(func.count(), func.coalesce(func.sum(Loan.withheld), 0)).select_from(Loan).where(*lent)
    loans, withheld = session.execute(totals).one()
    demand = sum(row[1] for row in found) // YEAR
    rows, kept_back = (found, int(withheld)) if found else _offered(session, fund, today)
    principal, interest, fees = _profile(rows)
    share = kept_back / sum(row[1] for row in rows)
    return Lending(principal, interest, demand, _prepayment(session, fund, today), fees, share), loans


def _offered(session: Session, fund: TrustFund, today: date) -> tuple[list[tuple[int, ...]], int]:
    """One loan of each product of the regulations, of its largest amount and middle length; and what is kept back."""
    rules = regulations_in_force(session, fund.id, today).read()
    terms = [one.terms(one.maximum, (one.shortest + one.longest) // 2, today) for one in rules.products]
    rows = [row for each in terms for row in schedule(each)]
    told: list[tuple[int, ...]] = [(month_of(today, row.due), row.principal, row.interest, row.fee) for row in rows]
    return told, sum(each.withheld for each in terms)


def _profile(rows: Iterable[tuple[int, ...]]) -> list[tuple[float, ...]]:
    """Principal, interest and fees of each month after the loan, for each cent lent."""
    found: list[Counter[int]] = [Counter(), Counter(), Counter()]
    for month, *amounts in rows:
        for kind, amount in zip(found, amounts, strict=True):
            kind[month] += amount
    lent, months = found[0].total(), range(1, max(found[0]) + 1)
    return [tuple(kind[month] / lent for month in months) for kind in found]


def _prepayment(session: Session, fund: TrustFund, today: date) -> float:
    """Which part of the principal that is owed was paid in a month more than a month before its day, on the average of
    the last twelve months.
    """
    since = add_months(today, -YEAR)
    query = (
        select(func.coalesce(func.sum(RepaymentPart.principal), 0))
        .join(Repayment, Repayment.id == RepaymentPart.repayment_id)
        .join(Instalment, and_(Instalment.loan_id == Repayment.loan_id, Instalment.number == RepaymentPart.instalment))
        .where(
            Repayment.fund_id == fund.id,
            Repayment.paid_on > since,
            days_between(Instalment.due, Repayment.paid_on) > 31,
        )
    )
    owed = sum(gross(session, [fund.id], add_months(today, -month))[0] for month in range(YEAR))
    return min(1.0, int(session.scalar(query) or 0) / owed) if owed else 0.0


def month_of(start: date, day: date) -> int:
    """In which month after `start` a day lies: the first one ends on the same day of the next month."""
    months = (day.year - start.year) * 12 + day.month - start.month
    return max(1, months + (1 if day > add_months(start, months) else 0))
