"""What the Trust Fund Committee observed, and when it suspended lending."""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.credit.models import ComplianceReport, Observation, ReportReading, Suspension, TrustFund
from shared.identity import Caller


def observations(session: Session, fund: TrustFund, month: date) -> list[dict[str, Any]]:
    """The observations on a month, and those of any month that nobody has answered."""
    names = ["id", "month", "rule", "text", "made_at", "made_by_name", "answer", "answered_at", "answered_by_name"]
    open_or_of = (Observation.month == month) | Observation.answered_at.is_(None)
    query = select(Observation).where(Observation.fund_id == fund.id, open_or_of).order_by(Observation.id)
    return [{name: getattr(row, name) for name in names} for row in session.scalars(query)]


def suspensions(session: Session, fund: TrustFund) -> list[dict[str, Any]]:
    """When lending was suspended, newest first."""
    names = ["id", "reason", "suspended_at", "suspended_by_name", "resumed_at", "resumed_by_name", "resumed_reason"]
    query = select(Suspension).where(Suspension.fund_id == fund.id).order_by(Suspension.id.desc())
    return [{name: getattr(row, name) for name in names} for row in session.scalars(query)]


def reports(session: Session, caller: Caller, *, unread: bool = False) -> list[dict[str, Any]]:
    """The reports of compliance of the funds that are wholly the caller's, newest first; the `unread` ones only, if
    asked. What she has read is known of members of the Trust Fund Committee.
    """
    names = ["id", "fund_id", "month", "number", "hash", "broken", "attempts", "issued_at"]
    funds = {fund.id: fund.name for fund in session.scalars(select(TrustFund)) if fund.wholly_of(caller)}
    mine = (ReportReading.report_id == ComplianceReport.id) & (ReportReading.subject == caller.subject)
    query = (
        select(ComplianceReport, ReportReading.read_at)
        .outerjoin(ReportReading, mine)
        .where(ComplianceReport.fund_id.in_(funds))
        .order_by(ComplianceReport.month.desc(), ComplianceReport.number)
    )
    if unread:
        query = query.where(ReportReading.read_at.is_(None))
    return [
        {**{name: getattr(row, name) for name in names}, "fund": funds[row.fund_id], "read_at": read_at}
        for row, read_at in session.execute(query)
    ]


def suspended(session: Session, fund: TrustFund) -> bool:
    return Suspension.of(session, fund) is not None
