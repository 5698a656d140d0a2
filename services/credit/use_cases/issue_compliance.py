"""After each month the report of compliance of a fund is made, kept, and put before the Trust Fund Committee."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.credit.documents.compliance import CompliancePrint, ReadingCopy
from services.credit.models import Committee, ComplianceReport, LedgerEntry, ReportReading, TrustFund
from services.credit.queries.compliance import report
from services.credit.use_cases import find
from services.credit.use_cases.print_paper import issue_once
from shared import files, history
from shared.identity import Caller
from shared.jobs import Cancelled, Interrupted
from shared.kernel import NotFound, clock


class Transactions(Protocol):
    """What reports are issued in: a database, or a job of the worker."""

    def transaction(self) -> AbstractContextManager[Session]: ...

    def reading(self) -> AbstractContextManager[Session]: ...


@dataclass(frozen=True, slots=True)
class DrawnUp:
    """A report before it is issued: what it found, as a paper and as a PDF."""

    fund_id: UUID
    month: date
    found: Mapping[str, Any]
    printed: CompliancePrint
    content: bytes


def issue_due(work: Transactions, caller: Caller, public_url: str) -> list[str]:
    """Issue the reports of all months that are over and have none, each in a transaction of its own; comes back with
    their numbers. Broken off anywhere it goes on; twice it is once. A fund whose report breaks keeps no other from
    its own; its later months wait, for what is due begins after the newest that was issued. What broke first is raised
    at the end.
    """
    with work.reading() as session:
        due = [(fund.id, fund.code, months_due(session, fund)) for fund in session.scalars(select(TrustFund))]
    issued: list[str] = []
    broken: list[Exception] = []
    for fund_id, code, months in due:
        try:
            for month in months:
                issued += _issued(work, caller, fund_id, month, public_url)
        except (Cancelled, Interrupted):
            raise
        except Exception as problem:  # noqa: BLE001 - it is raised when the other funds have their reports
            problem.add_note(f"while a report of {code} was made")
            broken.append(problem)
    if broken:
        raise broken[0]
    return issued


def _issued(work: Transactions, caller: Caller, fund_id: UUID, month: date, public_url: str) -> list[str]:
    with work.reading() as session:
        drawn_up = draw_up(session, fund_id, month, public_url)
    with work.transaction() as session:
        made = issue_compliance(session, caller, drawn_up)
        return [] if made is None else [made.number]


def months_due(session: Session, fund: TrustFund) -> list[date]:
    """The months that are over and have no report: those since the last one that has, else the last one; none of a time
    in which nothing had been booked yet.
    """
    begun = session.scalar(select(func.min(LedgerEntry.booked_on)).where(LedgerEntry.fund_id == fund.id))
    newest = session.scalar(select(func.max(ComplianceReport.month)).where(ComplianceReport.fund_id == fund.id))
    if begun is None:
        return []
    over = (clock.today().replace(day=1) - timedelta(days=1)).replace(day=1)
    month = max(_after(newest) if newest else over, begun.replace(day=1))
    due = []
    while month <= over:
        due.append(month)
        month = _after(month)
    return due


def draw_up(session: Session, fund_id: UUID, month: date, public_url: str) -> DrawnUp:
    """The report of a month as it stands today; drawing it up locks nothing."""
    fund = session.get_one(TrustFund, fund_id)
    found = report(session, fund, month)
    printed = CompliancePrint.of(fund, found, "es")
    return DrawnUp(fund_id, month, found, printed, printed.render(public_url))


def issue_compliance(session: Session, caller: Caller, drawn_up: DrawnUp) -> ComplianceReport | None:
    """The report as it is kept from now on; None where that of its month was issued before."""
    fund = session.get_one(TrustFund, drawn_up.fund_id, with_for_update=True, populate_existing=True)
    if ComplianceReport.of(session, fund.id, drawn_up.month) is not None:
        return None
    found, printed = drawn_up.found, drawn_up.printed
    number = printed.data["number"]
    kept = files.store(
        session, drawn_up.content, name=f"{number}.pdf", media_type="application/pdf", kind="compliance", caller=caller
    )
    made = ComplianceReport(
        fund_id=fund.id,
        month=drawn_up.month,
        number=number,
        hash=printed.hash,
        file_id=kept.id,
        broken=sum(check["state"] == "broken" for check in found["checks"]),
        attempts=sum(one["times"] for one in found["attempts"]),
        issued_at=clock.now(),
    )
    session.add(made)
    session.flush()
    issue_once(session, fund.id, printed.hash, kind="compliance", number=number, dated=clock.today())
    facts = {"report": number, "hash": printed.hash}
    history.record(session, caller, subject=fund.id, kind="fund", action="issue_compliance", after=facts)
    return made


def read_compliance(session: Session, caller: Caller, *, report_id: UUID) -> tuple[ComplianceReport, bytes]:
    """A report with its PDF; that a member of the Trust Fund Committee opened it is noted, once: of who sits on it, or
    has the role where the fund formed none.
    """
    found = session.get(ComplianceReport, report_id)
    if found is None:
        raise NotFound("compliance.report_unknown")
    find.fund(session, caller, found.fund_id).require_whole(caller)
    watches = Committee.watched_by(session, found.fund_id, caller.subject, clock.today())
    if caller.has("trust_fund_member") and watches:
        ReportReading.note(session, found, caller.subject)
    return found, files.read(session, found.file_id)


def translate_compliance(session: Session, caller: Caller, *, report_id: UUID, public_url: str) -> tuple[str, bytes]:
    """The number of a report and its reading copy in English, for who may read it and noted likewise; refuses one that
    was issued before reports carried their facts.
    """
    found, original = read_compliance(session, caller, report_id=report_id)
    copy = ReadingCopy.of(original, found.hash)
    if copy is None:
        raise NotFound("compliance.no_reading_copy", number=found.number)
    return found.number, copy.render(public_url)


def _after(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)
