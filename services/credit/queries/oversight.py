"""What the Trust Fund Committee observed, and when it suspended lending."""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.credit.models import Observation, Suspension, TrustFund


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


def suspended(session: Session, fund: TrustFund) -> bool:
    return Suspension.of(session, fund) is not None
