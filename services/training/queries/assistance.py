"""Borrowers who are stood beside at their workplace, and who waits for it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from services.training.models import (
    Assistance,
    AssistanceVisit,
    CopyEnterprise,
    CopyLoan,
    CopyMerged,
    CopyNeed,
    CopyOwner,
)
from services.training.models.assistance import OPEN
from services.training.queries.scope import check_units, within
from shared.database import labelled
from shared.identity import Caller
from shared.kernel import NotFound, clock
from shared.merged import standing, standing_for
from shared.web.paging import Page, keyset_page

_PLAN = (
    *labelled(
        Assistance,
        "id",
        "version",
        "loan_id",
        "enterprise_id",
        "unit",
        "kind",
        "topics",
        "goal",
        "planned_minutes",
        "begins_on",
        "state",
        "outcome",
        "lessons",
        "ended_on",
        "planned_by_name",
    ),
    select(func.count())
    .where(AssistanceVisit.assistance_id == Assistance.id)
    .correlate(Assistance)
    .scalar_subquery()
    .label("visits"),
    select(func.coalesce(func.sum(AssistanceVisit.minutes), 0))
    .where(AssistanceVisit.assistance_id == Assistance.id)
    .correlate(Assistance)
    .scalar_subquery()
    .label("minutes"),
)


def waiting(session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None) -> Page:
    """The loans of the caller's territory for whose project nobody was visited yet, who waits longest first: with what
    the appraisal found, the days since the loan was paid out, and the plan where there is one.
    """
    visited = exists().where(AssistanceVisit.assistance_id == Assistance.id, Assistance.loan_id == CopyLoan.loan_id)
    columns = labelled(CopyLoan, "disbursed_on", "loan_id", "enterprise_id", "municipality", "chain")
    plan = (
        select(Assistance.id)
        .where(Assistance.loan_id == CopyLoan.loan_id, Assistance.state == OPEN)
        .correlate(CopyLoan)
        .scalar_subquery()
        .label("assistance_id")
    )
    active = exists().where(
        CopyEnterprise.enterprise_id == standing_for(CopyMerged, CopyLoan.enterprise_id), CopyEnterprise.active
    )
    statement = select(*columns, plan).where(caller.scope.condition(CopyLoan.municipality), ~visited, active)
    if unit := filters.get("unit"):
        check_units([unit], pointer="/unit")
        statement = statement.where(within(CopyLoan.municipality, [unit]))
    page = keyset_page(session, statement, keys=columns[:2], limit=limit, after=after)
    return Page([_waiting(session, row) for row in page.rows], page.next)


def _waiting(session: Session, row: Mapping[str, Any]) -> dict[str, Any]:
    needs = select(CopyNeed.need).where(CopyNeed.origin_id == row["loan_id"], CopyNeed.origin == "loan")
    return {
        **row,
        "needs": sorted(session.scalars(needs)),
        "days": (clock.today() - row["disbursed_on"]).days,
        "entrepreneur_id": borrower(session, row["enterprise_id"]),
    }


def borrower(session: Session, enterprise_id: UUID) -> UUID | None:
    """One of the women behind an enterprise as it stands; None where nobody is known."""
    root = standing(session, CopyMerged, enterprise_id)
    found: UUID | None = session.scalar(
        select(CopyOwner.entrepreneur_id).where(CopyOwner.enterprise_id == root).order_by(CopyOwner.entrepreneur_id)
    )
    return found


def list_assistance(
    session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None
) -> Page:
    """The plans of the caller's territory that meet all filters, the latest first."""
    statement = select(*_PLAN).where(caller.scope.condition(Assistance.unit))
    for name in ("state", "loan_id"):
        if value := filters.get(name):
            statement = statement.where(getattr(Assistance, name) == value)
    if unit := filters.get("unit"):
        check_units([unit], pointer="/unit")
        statement = statement.where(within(Assistance.unit, [unit]))
    page = keyset_page(session, statement, keys=_PLAN[:1], limit=limit, after=after, descending=True)
    rows = [row | {"entrepreneur_id": borrower(session, row["enterprise_id"])} for row in page.rows]
    return Page(rows, page.next)


def show_assistance(session: Session, caller: Caller, assistance_id: UUID) -> dict[str, Any]:
    """One plan with its visits in the order of their days."""
    row = session.execute(select(*_PLAN).where(Assistance.id == assistance_id)).mappings().one_or_none()
    if row is None:
        raise NotFound("assistance.unknown")
    caller.require_scope(row["unit"])
    columns = labelled(AssistanceVisit, "id", "day", "minutes", "topics", "done", "by_name")
    made = select(*columns).where(AssistanceVisit.assistance_id == assistance_id)
    visits = session.execute(made.order_by(AssistanceVisit.day, AssistanceVisit.at, AssistanceVisit.id)).mappings()
    return {
        **row,
        "entrepreneur_id": borrower(session, row["enterprise_id"]),
        "made": [dict(visit) for visit in visits],
    }


def unplanned(session: Session, caller: Caller, loan_id: UUID) -> dict[str, Any]:
    """A loan whose project is to be planned for."""
    loan = session.get(CopyLoan, loan_id)
    if loan is None:
        raise NotFound("assistance.unknown_loan")
    caller.require_scope(loan.municipality)
    names = ("loan_id", "enterprise_id", "municipality", "chain", "disbursed_on")
    plan = select(Assistance.id).where(Assistance.loan_id == loan_id, Assistance.state == OPEN)
    told = {name: getattr(loan, name) for name in names} | {"assistance_id": session.scalar(plan)}
    return _waiting(session, told)
