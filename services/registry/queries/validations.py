"""What waits to be checked, and how a record was checked."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from services.registry.models import Enterprise, ValidationStep
from services.registry.queries.enterprises import owner_names
from services.registry.queries.seeing import require_seen, view_for
from services.registry.rules.validation import CHECKED, WAITING, counts_until
from services.registry.use_cases.adopt_rubric import edition_on
from shared import places
from shared.database import labelled
from shared.identity import Caller
from shared.kernel import Invalid, clock
from shared.web.paging import Page, keyset_page

_LIST = labelled(Enterprise, "id", "version", "name", "municipality", "validation", "checked_on", "recorded_on")


def list_waiting(
    session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None
) -> Page:
    """The records that wait to be verified, validated or renewed, those first that were recorded first."""
    states = [WAITING[waits]] if (waits := filters.get("waits")) else list(WAITING.values())
    statement = select(*_LIST).where(*_here(caller, filters), Enterprise.validation.in_(states))
    page = keyset_page(session, statement, keys=[_LIST[0]], limit=limit, after=after)
    rows = [dict(row) for row in page.rows]
    owners = owner_names(session, [row["id"] for row in rows])
    for row in rows:
        row["municipality_name"] = places.full_name(row["municipality"])
        row["owners"] = owners.get(row["id"], [])
    return Page(rows, page.next)


def count_waiting(session: Session, caller: Caller, filters: Mapping[str, Any]) -> dict[str, int]:
    """How many wait in each state."""
    counts = [func.count().filter(Enterprise.validation == state).label(state) for state in WAITING.values()]
    waiting = select(*counts).where(*_here(caller, filters), Enterprise.validation.in_(WAITING.values()))
    row = session.execute(waiting).mappings().one()
    return {state: int(row[state]) for state in WAITING.values()}


def show_validation(session: Session, caller: Caller, enterprise_id: UUID) -> dict[str, Any]:
    """How far a record is checked, until when that counts, and its steps, the latest first."""
    enterprise = require_seen(session, caller, enterprise_id)
    months = edition_on(session, enterprise.municipality, clock.today()).rubric.stale_after_months
    steps = select(ValidationStep).where(ValidationStep.enterprise_id == enterprise_id)
    checked_on = enterprise.checked_on if enterprise.validation in CHECKED else None
    return {
        "enterprise_id": enterprise_id,
        "version": enterprise.version,
        "validation": enterprise.validation,
        "checked_on": enterprise.checked_on,
        "counts_until": None if checked_on is None else counts_until(checked_on, months),
        "stale_after_months": months,
        "steps": session.scalars(steps.order_by(ValidationStep.id.desc())).all(),
    }


def _here(caller: Caller, filters: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    view_for(caller)
    here: list[ColumnElement[bool]] = [Enterprise.active.is_(True), Enterprise.consent_registry.is_(True)]
    here.append(caller.scope.condition(Enterprise.municipality))
    if place := filters.get("municipality"):
        if place not in places.names():
            raise Invalid("municipality.unknown", pointer="/municipality", value=place)
        here.append(Enterprise.municipality.startswith(place, autoescape=True))
    return here
