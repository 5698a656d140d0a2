"""The portfolio as of a day: what is owed and what of it is at risk, from the loans' movements; and its indicators."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from services.credit.models import (
    Closing,
    DailyClose,
    Instalment,
    LedgerEntry,
    LedgerLine,
    Loan,
    LoanPosition,
    LoanStanding,
    Repayment,
    RepaymentPart,
    TrustFund,
)
from services.credit.models.repayments import REFINANCED
from services.credit.rules import arrears
from services.credit.rules.indicators import RISK_DAYS, Period, ratio
from services.credit.rules.ledger import ACCOUNTS, CHART, LOANS, SHARED_OUT
from services.credit.rules.suppression import hidden
from shared import places
from shared.identity import EVERYWHERE, Caller
from shared.kernel import Money
from shared.spreadsheets import as_csv
from shared.web import Page, keyset_page

DIMENSIONS = ("fund", "centre", "municipality", "chain", "product", "officer", "tier")
PUBLISHED = ("municipality", "chain")
"""By what the portfolio is divided for who works with no single loan."""
OF_CREDIT = frozenset(
    {
        "technician",
        "coordinator",
        "credit_officer",
        "cashier",
        "leda_viewer",
        "committee_member",
        "trust_fund_member",
        "network_coordinator",
        "auditor",
        "service",
    }
)
"""Who works with single loans, and is told every count."""


def at_risk(
    session: Session, caller: Caller, day: date, *, by: str | None = None, filters: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """The gross portfolio at the end of `day` and, of it, the portfolio at risk over 1, 30, 60, 90 and 180 days: the
    whole principal of loans of which any principal is overdue for more days, and of rescheduled ones (CGAP, Guidelines:
    portfolio at risk). A row for each currency and each value of the dimension `by`.

    It comes from where the movements had taken each loan on that day, so a closed day has one answer for ever.
    """
    rows = session.execute(_at_risk(caller, day, by, filters or {})).mappings().all()
    unseen: set[Any] = set()
    if by and not caller.has(*OF_CREDIT):
        for currency in {row["currency"] for row in rows}:
            mine = {row["key"]: int(row["loans"]) for row in rows if row["currency"] == currency}
            unseen |= {(currency, key) for key in hidden(mine)}
    told = [_risk_row(row, by, unseen) for row in rows]
    if not by and not caller.has(*OF_CREDIT):
        told = [row for row in told if row["loans"] >= _LEAST]
    return sorted(told, key=lambda row: (row["currency"], row["label"]))


_LEAST = 5


def divided(
    session: Session, caller: Caller, day: date, *, by: str, filters: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The rows of `at_risk`, each with the recovery rate of the twelve months to `day` in per cent, None where nothing
    fell due; for who works with single loans.
    """
    key, _ = _dimension(by)
    first = day - timedelta(days=364)
    sums: list[dict[tuple[str, str], int]] = []
    for statement in (_collected(first, day), _fell_due(first, day), _paid_before(first, day)):
        grouped = statement.add_columns(TrustFund.currency, key).group_by(TrustFund.currency, key)
        grouped = grouped.where(caller.scope.condition(Loan.municipality), *_filtered(filters, Loan.fund_id))
        if filters.get("municipality"):
            grouped = grouped.where(Loan.municipality.startswith(filters["municipality"], autoescape=True))
        sums.append({(currency, one or ""): int(amount) for amount, currency, one in session.execute(grouped)})
    collected, due, before = sums
    rows = at_risk(session, caller, day, by=by, filters=filters)
    for row in rows:
        group = (row["currency"], row["key"])
        row["recovery_rate"] = _text(ratio(collected.get(group, 0), due.get(group, 0) - before.get(group, 0)))
    return rows


def table(rows: Sequence[Mapping[str, Any]], by: str | None, said: Callable[[str], str]) -> bytes:
    """The rows of `at_risk` or `divided` as CSV, its heads and the codes in it as `said` says them. A count that is too
    small to be told leaves its cells empty.
    """
    heads = ["code", by or "portfolio", "currency", "loans", "principal"]
    names = [f"par{days}{unit}" for days in RISK_DAYS for unit in ("", "_percent")]
    lines = []
    for row in rows:
        risk = [cell for part in row["at_risk"] for cell in (part["amount"], part["percent"])] or [None] * len(names)
        cells = [row["key"], _named(row, by, said), row["currency"], row["loans"], row["principal"], *risk]
        lines.append([*cells, row["recovery_rate"]])
    return as_csv([said(f"portfolio_table.{name}") for name in (*heads, *names, "recovery_rate")], lines)


def _named(row: Mapping[str, Any], by: str | None, said: Callable[[str], str]) -> str:
    label: str = row["label"]
    if by == "municipality" and label:
        return places.full_name(label)
    if by == "chain" and label:
        return said(f"chain.{label}")
    return label or (said("portfolio_table.unknown") if by else "")


def indicators(
    session: Session, caller: Caller, first: date, last: date, fund_id: UUID | None = None
) -> list[dict[str, Any]]:
    """The indicators of a period by currency, for one fund or for all whose territory touches the caller's."""
    funds = [
        fund
        for fund in session.scalars(select(TrustFund).order_by(TrustFund.code))
        if fund.touches(caller) and fund_id in {None, fund.id}
    ]
    found = []
    for currency in sorted({fund.currency for fund in funds}):
        ids = [fund.id for fund in funds if fund.currency == currency]
        found.append(_told_period(currency, _period(session, ids, first, last)))
    return found


def overdue(session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None) -> Page:
    """The loans that were overdue at the last close of their fund, the oldest arrears first."""
    days: ColumnElement[Any] = LoanStanding.days_overdue.label("days_overdue")
    loan_id: ColumnElement[Any] = LoanStanding.loan_id.label("id")
    statement = (
        select(
            loan_id,
            Loan.number,
            Loan.enterprise_id,
            Loan.municipality,
            Loan.chain,
            Loan.currency,
            Loan.officer_name,
            TrustFund.code.label("fund"),
            Closing.day.label("as_of"),
            LoanStanding.principal,
            LoanStanding.charges_receivable.label("charges"),
            LoanStanding.bucket,
            LoanStanding.arrears_since,
            days,
        )
        .join(Loan, Loan.id == LoanStanding.loan_id)
        .join(TrustFund, TrustFund.id == LoanStanding.fund_id)
        .join(Closing, and_(Closing.fund_id == LoanStanding.fund_id, Closing.slot == LoanStanding.slot))
        .where(
            LoanStanding.days_overdue > 0, caller.scope.condition(Loan.municipality), *_filtered(filters, Loan.fund_id)
        )
    )
    if filters.get("municipality"):
        statement = statement.where(Loan.municipality.startswith(filters["municipality"], autoescape=True))
    keys = [days, loan_id]
    page = keyset_page(session, statement, keys=keys, limit=limit, after=after, descending=True)
    return Page([_overdue_row(row) for row in page.rows], page.next)


def closes(session: Session, fund: TrustFund, *, limit: int, after: str | None) -> Page:
    """The closed days of a fund, newest first."""
    day = DailyClose.day.label("day")
    columns = [column for column in DailyClose.__table__.columns if column.key not in {"day", "closed_by"}]
    statement = select(day, *columns).where(DailyClose.fund_id == fund.id)
    page = keyset_page(session, statement, keys=[day], limit=limit, after=after, descending=True)
    return Page([_close_row(fund, row) for row in page.rows], page.next)


def _at_risk(caller: Caller, day: date, by: str | None, filters: Mapping[str, Any]) -> Select[Any]:
    risky = [
        func.sum(
            case(
                (
                    or_(LoanPosition.rescheduled, LoanPosition.principal_due < day - timedelta(days=over)),
                    LoanPosition.principal,
                ),
                else_=0,
            )
        ).label(f"par{over}")
        for over in RISK_DAYS
    ]
    key, label = _dimension(by)
    grouped = [column for column in (key, label) if column is not None]
    statement = (
        select(
            TrustFund.currency.label("currency"),
            *(column.label(name) for column, name in zip(grouped, ("key", "label"), strict=False)),
            func.count().label("loans"),
            func.sum(LoanPosition.principal).label("principal"),
            *risky,
        )
        .select_from(LoanPosition)
        .join(TrustFund, TrustFund.id == LoanPosition.fund_id)
        .where(
            LoanPosition.since <= day,
            LoanPosition.until > day,
            LoanPosition.principal > 0,
            *_filtered(filters, LoanPosition.fund_id),
        )
        .group_by(TrustFund.currency, *grouped)
    )
    everywhere = EVERYWHERE in caller.scope.units
    unit = filters.get("municipality")
    if unit or not everywhere or by not in {None, "fund", "centre"}:
        statement = statement.join(Loan, Loan.id == LoanPosition.loan_id)
        statement = statement.where(caller.scope.condition(Loan.municipality))
    if unit:
        statement = statement.where(Loan.municipality.startswith(unit, autoescape=True))
    return statement


def _dimension(by: str | None) -> tuple[Any, Any]:
    """What the rows are grouped by, and the words beside it."""
    known: dict[str | None, tuple[Any, Any]] = {
        None: (None, None),
        "fund": (TrustFund.code, TrustFund.name),
        "centre": (TrustFund.centre, TrustFund.centre),
        "municipality": (Loan.municipality, Loan.municipality),
        "chain": (Loan.chain, Loan.chain),
        "product": (Loan.product, Loan.product),
        "officer": (Loan.officer, Loan.officer_name),
        "tier": (Loan.tier, Loan.tier),
    }
    return known[by]


def _filtered(filters: Mapping[str, Any], fund_id: Any) -> list[ColumnElement[bool]]:
    return [fund_id == filters["fund"]] if filters.get("fund") else []


def _risk_row(row: Mapping[Any, Any], by: str | None, unseen: Collection[Any]) -> dict[str, Any]:
    currency = row["currency"]
    key = (row["key"] or "") if by else ""
    told: dict[str, Any] = {"currency": currency, "key": key, "label": (row["label"] or "") if by else ""}
    told["recovery_rate"] = None
    if by and (currency, row["key"]) in unseen:
        return told | {"loans": None, "principal": None, "at_risk": []}
    gross = int(row["principal"])
    return told | {
        "loans": int(row["loans"]),
        "principal": Money(gross, currency),
        "at_risk": [
            {
                "days": over,
                "amount": Money(int(row[f"par{over}"]), currency),
                "percent": _text(ratio(int(row[f"par{over}"]), gross)),
            }
            for over in RISK_DAYS
        ],
    }


def _period(session: Session, fund_ids: Sequence[UUID], first: date, last: date) -> Period:
    opening, _ = gross(session, fund_ids, first - timedelta(days=1))
    closing, risky = gross(session, fund_ids, last)
    received = func.sum(Repayment.interest + Repayment.fee + Repayment.penalty)
    paid = (
        Repayment.fund_id.in_(fund_ids),
        Repayment.paid_on.between(first, last),
        Repayment.recovery.is_(False),
        Repayment.channel != REFINANCED,
    )
    kept_back = select(func.coalesce(func.sum(Loan.withheld), 0)).where(
        Loan.fund_id.in_(fund_ids), Loan.disbursed_on.between(first, last)
    )
    income, expense = _result(session, fund_ids, first, last)
    collected, due, before = (
        int(session.scalar(statement.where(Loan.fund_id.in_(fund_ids))) or 0)
        for statement in (_collected(first, last), _fell_due(first, last), _paid_before(first, last))
    )
    return Period(
        opening=opening,
        closing=closing,
        at_risk=risky,
        allowance=-_account(session, fund_ids, "allowance", last),
        written_off=_written_off(session, fund_ids, first, last),
        received=int(session.scalar(select(func.coalesce(received, 0)).where(*paid)) or 0)
        + int(session.scalar(kept_back) or 0),
        collected=collected,
        fell_due=due - before,
        income=income,
        expense=expense,
    )


def gross(session: Session, fund_ids: Sequence[UUID], day: date) -> tuple[int, int]:
    """The gross portfolio of a day, and the portfolio at risk over 30 days."""
    risky = or_(LoanPosition.rescheduled, LoanPosition.principal_due < day - timedelta(days=30))
    query = select(
        func.coalesce(func.sum(LoanPosition.principal), 0),
        func.coalesce(func.sum(case((risky, LoanPosition.principal), else_=0)), 0),
    ).where(LoanPosition.fund_id.in_(fund_ids), LoanPosition.since <= day, LoanPosition.until > day)
    gross, at_risk_ = session.execute(query).one()
    return int(gross), int(at_risk_)


def _lines(fund_ids: Sequence[UUID]) -> Select[Any]:
    total = func.coalesce(func.sum(LedgerLine.amount), 0)
    return select(total).join(LedgerEntry).where(LedgerEntry.fund_id.in_(fund_ids))


def _account(session: Session, fund_ids: Sequence[UUID], name: str, last: date) -> int:
    here = _lines(fund_ids).where(LedgerLine.account == ACCOUNTS[name], LedgerEntry.booked_on <= last)
    return int(session.scalar(here) or 0)


def _written_off(session: Session, fund_ids: Sequence[UUID], first: date, last: date) -> int:
    """The principal that left the loans' account by movements of the kind `write_off`."""
    gone = _lines(fund_ids).where(
        LedgerLine.account == LOANS, LedgerEntry.kind == "write_off", LedgerEntry.booked_on.between(first, last)
    )
    return -int(session.scalar(gone) or 0)


def _result(session: Session, fund_ids: Sequence[UUID], first: date, last: date) -> tuple[int, int]:
    """Income and expense as booked, both positive."""
    query = (
        _lines(fund_ids)
        .add_columns(LedgerLine.account)
        .where(LedgerEntry.booked_on.between(first, last), LedgerEntry.kind != SHARED_OUT)
        .group_by(LedgerLine.account)
    )
    sums = {"income": 0, "expense": 0}
    for amount, account in session.execute(query):
        kind = CHART[account][1]
        if kind in sums:
            sums[kind] += int(amount)
    return -sums["income"], sums["expense"]


def _collected(first: date, last: date) -> Select[Any]:
    """What was paid in the period of instalments that had fallen due by its end; what another loan paid is no
    recovery.
    """
    return _paid_parts().where(
        Repayment.paid_on.between(first, last),
        Repayment.recovery.is_(False),
        Repayment.channel != REFINANCED,
        Instalment.due <= last,
    )


def _fell_due(first: date, last: date) -> Select[Any]:
    """What fell due in the period; what a later plan took over fell due all the same."""
    moved = Instalment.moved_principal + Instalment.moved_interest
    return (
        select(func.coalesce(func.sum(Instalment.principal + Instalment.interest + moved), 0))
        .join(Loan, Loan.id == Instalment.loan_id)
        .join(TrustFund, TrustFund.id == Loan.fund_id)
        .where(Instalment.due.between(first, last))
    )


def _paid_before(first: date, last: date) -> Select[Any]:
    """What of it was paid before the period began. What another loan paid off did not fall due either: it will, as
    that loan's instalments.
    """
    early = or_(Repayment.paid_on < first, Repayment.channel == REFINANCED)
    return _paid_parts().where(early, Instalment.due.between(first, last))


def _paid_parts() -> Select[Any]:
    """Principal and interest as they were spread over instalments."""
    return (
        select(func.coalesce(func.sum(RepaymentPart.principal + RepaymentPart.interest), 0))
        .join(Repayment, Repayment.id == RepaymentPart.repayment_id)
        .join(
            Instalment,
            and_(Instalment.loan_id == Repayment.loan_id, Instalment.number == RepaymentPart.instalment),
        )
        .join(Loan, Loan.id == Repayment.loan_id)
        .join(TrustFund, TrustFund.id == Loan.fund_id)
    )


def _told_period(currency: str, period: Period) -> dict[str, Any]:
    amounts = ("opening", "closing", "average", "at_risk", "allowance", "written_off", "received", "collected")
    ratios = ("write_off_ratio", "risk_coverage", "portfolio_yield", "recovery_rate", "self_sufficiency")
    return {
        "currency": currency,
        **{name: Money(getattr(period, name), currency) for name in (*amounts, "fell_due", "income", "expense")},
        **{name: _text(getattr(period, name)) for name in ratios},
    }


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _overdue_row(row: Mapping[str, Any]) -> dict[str, Any]:
    amounts = {name: Money(row[name], row["currency"]) for name in ("principal", "charges")}
    return {**row, **amounts, "bucket": arrears.BUCKETS[row["bucket"]]}


def _close_row(fund: TrustFund, row: Mapping[str, Any]) -> dict[str, Any]:
    names = ("principal", "interest_receivable", "charges_receivable", "allowance")
    moved = ("interest_accrued", "charged", "provisioned")
    buckets = [
        {**one, "principal": fund.money(one["principal"]), "allowance": fund.money(one["allowance"])}
        for one in row["buckets"]
    ]
    return {**row, **{name: fund.money(row[name]) for name in (*names, *moved)}, "buckets": buckets}
