"""What credit does in the background: each night approvals that expired are over and the day that is over is closed,
fund by fund; after a month its report of compliance is issued; files of payments are posted when somebody asks.
"""

from collections.abc import Mapping
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.credit.models import TrustFund
from services.credit.use_cases.close_day import Transactions, close_through
from services.credit.use_cases.issue_compliance import issue_due
from services.credit.use_cases.lapse_approvals import lapse_expired
from services.credit.use_cases.post_payments import JOB as POST_PAYMENTS
from services.credit.use_cases.post_payments import post_payments
from shared.identity import Caller
from shared.job_runner import Schedule
from shared.jobs import Cancelled, Handler, Interrupted, Job
from shared.kernel import Refused, clock

CLOSE = "daily-close"
REPORT = "monthly-compliance"
SCHEDULES = (
    Schedule("daily-close", CLOSE, daily_at=time(0, 20)),
    Schedule("monthly-compliance", REPORT, daily_at=time(1, 20)),
)
"""A report that is due is looked for every night, after the close: where no worker ran it is made up for, and a month
that has its report is left alone."""


def handlers() -> dict[str, Handler]:
    """The jobs of the worker that need nothing but its database."""
    return {CLOSE: _close, POST_PAYMENTS: _post}


def reporting(public_url: str) -> Handler:
    """Issues the monthly reports of compliance that are due; their QR leads to `public_url`."""

    def issue(job: Job) -> Mapping[str, Any]:
        return {"issued": issue_due(job, Caller.service("credit"), public_url)}

    return issue


def close_funds(
    work: Transactions, caller: Caller, day: date, fund_ids: list[UUID] | None = None
) -> tuple[dict[str, int], dict[str, Exception]]:
    """Close the day in these funds, or in all of them; comes back with how many days were closed in each, and with
    what stopped others, by the fund's code: what was refused, or broke. One that breaks keeps no other from its close.
    """
    with work.reading() as session:
        query = select(TrustFund.id, TrustFund.code).order_by(TrustFund.code)
        if fund_ids is not None:
            query = query.where(TrustFund.id.in_(fund_ids))
        funds = session.execute(query).all()
    closed: dict[str, int] = {}
    stopped: dict[str, Exception] = {}
    for fund_id, code in funds:
        try:
            closed[code] = len(close_through(work, caller, fund_id=fund_id, day=day))
        except (Cancelled, Interrupted):
            raise
        except Exception as problem:  # noqa: BLE001 - it is handed back, when the other funds are closed
            stopped[code] = problem
    return closed, stopped


def lapse_in_all(work: Transactions, caller: Caller) -> int:
    """Write down which approvals are over in every fund, each in a transaction of its own, so that no other service
    goes on counting them; comes back with how many.
    """
    with work.reading() as session:
        ids = session.scalars(select(TrustFund.id).order_by(TrustFund.code)).all()
    lapsed = 0
    for fund_id in ids:
        with work.transaction() as session:
            fund = session.get_one(TrustFund, fund_id, with_for_update=True, populate_existing=True)
            lapsed += len(lapse_expired(session, caller, fund))
    return lapsed


def _close(job: Job) -> Mapping[str, Any]:
    """A day that somebody asked for in one fund, or yesterday in all of them; fails where the close of one broke."""
    if "fund" in job.payload:
        fund_id, day = UUID(job.payload["fund"]), date.fromisoformat(job.payload["day"])
        return {"days": len(close_through(job, job.caller, fund_id=fund_id, day=day))}
    lapsed = lapse_in_all(job, Caller.service("credit"))
    yesterday = clock.today() - timedelta(days=1)
    closed, stopped = close_funds(job, Caller.service("credit"), yesterday)
    refused = {code: problem.code for code, problem in stopped.items() if isinstance(problem, Refused)}
    for code, problem in stopped.items():
        if code not in refused:
            problem.add_note(f"while {code} was closed")
            raise problem
    return {"lapsed": lapsed, "closed": closed, "refused": refused}


def _post(job: Job) -> Mapping[str, Any]:
    """The lines of a file that somebody asked to have posted, in her name."""
    fund_id, file_id = UUID(job.payload["fund"]), UUID(job.payload["file"])
    done = post_payments(job, job.caller, fund_id=fund_id, file_id=file_id, told=job.progress)
    return {"posted": done}
