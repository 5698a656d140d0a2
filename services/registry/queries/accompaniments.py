"""Accompaniments and the visits ahead."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session

from services.registry.models import Accompaniment, BusinessPlan, CopyLoan, Enterprise, Visit
from services.registry.models.accompaniment import WAITS
from services.registry.queries.seeing import require_belonging, shown_to, view_for
from services.registry.rules.visibility import View
from services.registry.use_cases.photograph import agrees_to_photos
from shared import files, places
from shared.database import labelled
from shared.identity import Caller
from shared.kernel import Money, NotFound, clock
from shared.web.paging import Page, keyset_page

Rows: TypeAlias = Select[*tuple[Any, ...]]
SOON = timedelta(days=7)

_next_due = (
    select(func.min(Visit.due_on))
    .where(Visit.accompaniment_id == Accompaniment.id, WAITS)
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
    select(func.count())
    .where(Visit.accompaniment_id == Accompaniment.id, Visit.cancelled_on.is_(None))
    .correlate(Accompaniment)
    .scalar_subquery()
)
_asked_for_arrears = exists().where(Visit.accompaniment_id == Accompaniment.id, Visit.arrears_since.is_not(None), WAITS)
_LIST = (
    *labelled(Accompaniment, "id", "version", "enterprise_id", "loan_id", "phase", "title", "needs"),
    *labelled(Enterprise, "municipality"),
    *labelled(Accompaniment, "technician", "technician_name", "opened_on", "closed_on"),
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
    found, enterprise = require_belonging(session, caller, Accompaniment, accompaniment_id, "accompaniment.unknown")
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
        "municipality": enterprise.municipality,
        "municipality_name": places.full_name(enterprise.municipality),
        "phase": found.phase,
        "title": found.title,
        "aim": found.aim,
        "needs": found.needs,
        "resolved_needs": found.resolved_needs,
        "financed_how": found.financed_how,
        "technician": found.technician,
        "technician_name": found.technician_name,
        "opened_on": found.opened_on,
        "closed_on": found.closed_on,
        "photos_agreed": agrees_to_photos(enterprise),
        "visits": [
            _visit(view, enterprise, visit)
            for visit in sorted(found.visits, key=lambda visit: (visit.due_on, visit.id))
        ],
        "steps": found.steps,
        "plans": _plans(session, view, found),
    }


def show_photo(session: Session, caller: Caller, accompaniment_id: UUID, visit_id: UUID) -> tuple[str, str, bytes]:
    """Name, media type and bytes of the photograph of a visit, for the team alone and as long as the owners agree."""
    view = view_for(caller)
    case, enterprise = require_belonging(session, caller, Accompaniment, accompaniment_id, "accompaniment.unknown")
    visit = next((visit for visit in case.visits if visit.id == visit_id), None)
    if visit is None or visit.photo_id is None or not _shows_photos(view, enterprise):
        raise NotFound("photo.none")
    kept = files.find(session, visit.photo_id)
    return kept.name, kept.media_type, files.read(session, kept.id)


def _shows_photos(view: View, enterprise: Enterprise) -> bool:
    return view.circumstances and agrees_to_photos(enterprise)


def _visit(view: View, enterprise: Enterprise, visit: Visit) -> dict[str, Any]:
    return {
        "id": visit.id,
        "due_on": visit.due_on,
        "purposes": visit.purposes,
        "needs": visit.needs,
        "made_on": visit.made_on,
        "minutes": visit.minutes,
        "notes": visit.notes,
        "agreements": visit.agreements,
        "place": visit.place if view.exact_point else None,
        "has_photo": visit.photo_id is not None and _shows_photos(view, enterprise),
        "made_by_name": visit.made_by_name,
        "cancelled_on": visit.cancelled_on,
        "cancelled_by_name": visit.cancelled_by_name,
        "cancelled_because": visit.cancelled_because,
        "overdue": visit.waits and visit.due_on < clock.today(),
    }


def _plans(session: Session, view: View, case: Accompaniment) -> list[BusinessPlan]:
    """The versions of its business plan, the latest first; credit is shown the one that is ready."""
    versions = select(BusinessPlan).where(BusinessPlan.accompaniment_id == case.id)
    if view.only_credit_consent:
        versions = versions.where(BusinessPlan.state == "ready")
    return list(session.scalars(versions.order_by(BusinessPlan.number.desc())))


def _filtered(statement: Rows, caller: Caller, filters: Mapping[str, Any]) -> Rows:
    here = caller.scope.condition(Enterprise.municipality)
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
    for name in ("enterprise_id", "phase"):
        if value := filters.get(name):
            statement = statement.where(getattr(Accompaniment, name) == value)
    if filters.get("arrears"):
        statement = statement.where(_asked_for_arrears)
    due = filters.get("due")
    if due:
        statement = statement.where(_next_due < clock.today() + (SOON if due == "soon" else timedelta()))
    return statement
