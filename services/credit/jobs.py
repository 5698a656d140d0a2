"""What credit does as time goes by: each night the day that is over is closed, fund by fund."""

from collections.abc import Mapping
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.credit.models import TrustFund
from services.credit.use_cases.close_day import Transactions, close_through
from shared.identity import Caller
from shared.job_runner import Schedule
from shared.jobs import Handler, Job
from shared.kernel import Refused, clock

CLOSE = "daily-close"
SCHEDULES = (Schedule("daily-close", CLOSE, daily_at=time(0, 20)),)


def handlers() -> dict[str, Handler]:
    """The jobs of the worker."""
    return {CLOSE: _close}


def close_funds(
    work: Transactions, caller: Caller, day: date, fund_ids: list[UUID] | None = None
) -> tuple[dict[str, int], dict[str, Refused]]:
    """Close the day in these funds, or in all of them; comes back with how many days were closed in each, and with
    why others were refused, by the fund's code.
    """
    with work.reading() as session:
        query = select(TrustFund.id, TrustFund.code).order_by(TrustFund.code)
        if fund_ids is not None:
            query = query.where(TrustFund.id.in_(fund_ids))
        funds = session.execute(query).all()
    closed: dict[str, int] = {}
    refused: dict[str, Refused] = {}
    for fund_id, code in funds:
        try:
            closed[code] = len(close_through(work, caller, fund_id=fund_id, day=day))
        except Refused as problem:
            refused[code] = problem
    return closed, refused


def _close(job: Job) -> Mapping[str, Any]:
    """A day that somebody asked for in one fund, or yesterday in all of them."""
    if "fund" in job.payload:
        fund_id, day = UUID(job.payload["fund"]), date.fromisoformat(job.payload["day"])
        return {"days": len(close_through(job, job.caller, fund_id=fund_id, day=day))}
    yesterday = clock.today() - timedelta(days=1)
    closed, refused = close_funds(job, Caller.service("credit"), yesterday)
    return {"closed": closed, "refused": {code: problem.code for code, problem in refused.items()}}
