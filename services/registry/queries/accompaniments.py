"""Accompaniments and the visits ahead."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from services.registry.models import Accompaniment, CopyLoan, Enterprise, Visit
from services.registry.queries.enterprises import shown_to, shows, view_for
from shared import places
from shared.identity import Caller
from shared.kernel import Money, NotFound, clock
from shared.web.paging import Page, keyset_page

Rows: TypeAlias = Select[*tuple[Any, ...]]
SOON = timedelta(days=7)

_next_due = (
    select(func.min(Visit.due_on))
    .where(Visit.accompaniment_id == Accompaniment.id, Visit.made_on.is_(None))
    .correlate(Accompaniment)
    .scalar_subquery()
)
_made = (
    select(func.count())
    .where(Visit.accompaniment_id == Accompaniment.id, Visit.made_on.is_not(None))
    .correlate(Accompaniment)
    .scalar_subquery()
)
_planned = (
    select(func.count()).where(Visit.accompaniment_id == Accompaniment.id).correlate(Accompaniment).scalar_subquery()
)
_LIST = (
    Accompaniment.id.label("id"),
    Accompaniment.version.label("version"),
    Accompaniment.enterprise_id.label("enterprise_id"),
    Accompaniment.loan_id.label("loan_id"),
    Accompaniment.municipality.label("municipality"),
    Accompaniment.phase.label("phase"),
    Accompaniment.needs.label("needs"),
    Accompaniment.technician.label("technician"),
    Accompaniment.technician_name.label("technician_name"),
    Accompaniment.opened_on.label("opened_on"),
    Accompaniment.closed_on.label("closed_on"),
    Enterprise.name.label("enterprise_name"),
    _next_due.label("next_visit_on"),
    _made.label("visits_made"),
    _planned.label("visits_planned"),
)


def list_accompaniments(
    session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None
) -> Page:
    """The accompaniments of the caller's territory that meet the filters, latest first. Nobody is sent to a woman who
    does not agree any more.
    """
    view = view_for(caller)
    statement = _filtered(select(*_LIST), caller, filters).where(*shown_to(replace(view, taken_back=False)))
    page = keyset_page(session, statement, keys=[_LIST[0]], limit=limit, after=after, descending=True)
    rows = [dict(row) for row in page.rows]
    for row in rows:
        row["enterprise_name"] = row["enterprise_name"] if view.names else None
        row["municipality_name"] = places.full_name(row["municipality"])
        row["overdue"] = row["next_visit_on"] is not None and row["next_visit_on"] < clock.today()
    return Page(rows, page.next)


def show_accompaniment(session: Session, caller: Caller, accompaniment_id: UUID) -> dict[str, Any]:
    """One accompaniment with its visits in order of day."""
    view = view_for(caller)
    found = session.get(Accompaniment, accompaniment_id)
    enterprise = None if found is None else session.get_one(Enterprise, found.enterprise_id)
    if found is None or enterprise is None or not shows(view, enterprise):
        raise NotFound("accompaniment.unknown")
    caller.require_scope(found.municipality)
    loan = session.get(CopyLoan, found.loan_id) if found.loan_id else None
    owners = [owner.entrepreneur for owner in enterprise.owners]
    amount = None
    if view.loans and loan is not None and loan.amount_minor is not None and loan.currency is not None:
        amount = Money(loan.amount_minor, loan.currency)
    return {
        "id": found.id,
        "version": found.version,
        "enterprise_id": found.enterprise_id,
        "enterprise_name": enterprise.name if view.names else None,
        "owners": [
            {
                "id": woman.id,
                "given_names": woman.given_names,
                "surnames": woman.surnames,
                "phone": woman.phone if view.contact else None,
            }
            for woman in owners
            if view.names
        ],
        "loan_id": found.loan_id,
        "loan_amount": amount,
        "loan_term_months": None if loan is None else loan.term_months,
        "municipality": found.municipality,
        "municipality_name": places.full_name(found.municipality),
        "phase": found.phase,
        "needs": found.needs,
        "technician": found.technician,
        "technician_name": found.technician_name,
        "opened_on": found.opened_on,
        "closed_on": found.closed_on,
        "visits": [
            {
                "id": visit.id,
                "due_on": visit.due_on,
                "purposes": visit.purposes,
                "needs": visit.needs,
                "made_on": visit.made_on,
                "minutes": visit.minutes,
                "notes": visit.notes,
                "agreements": visit.agreements,
                "made_by_name": visit.made_by_name,
                "overdue": visit.made_on is None and visit.due_on < clock.today(),
            }
            for visit in sorted(found.visits, key=lambda visit: (visit.due_on, visit.id))
        ],
    }


def _filtered(statement: Rows, caller: Caller, filters: Mapping[str, Any]) -> Rows:
    here = caller.scope.condition(Accompaniment.municipality)
    statement = statement.join(Enterprise, Enterprise.id == Accompaniment.enterprise_id).where(here)
    state = filters.get("state", "open")
    if state != "all":
        closed = Accompaniment.closed_on.is_not(None)
        statement = statement.where(closed if state == "closed" else ~closed)
    who = filters.get("technician")
    if who == "me":
        statement = statement.where(Accompaniment.technician == caller.subject)
    elif who == "nobody":
        statement = statement.where(Accompaniment.technician.is_(None))
    if enterprise_id := filters.get("enterprise_id"):
        statement = statement.where(Accompaniment.enterprise_id == enterprise_id)
    due = filters.get("due")
    if due:
        statement = statement.where(_next_due < clock.today() + (SOON if due == "soon" else timedelta()))
    return statement
