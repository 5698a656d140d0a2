"""The plans that hold where somebody works."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from services.territory.models import DevelopmentPlan
from services.territory.models.plans import ADOPTED, LEVELS
from shared.identity import Caller
from shared.kernel import clock
from shared.web import Page, keyset_page

_SHOWN = (
    *("id", "version", "unit", "kind", "title", "source", "valid_from", "valid_until", "chains", "purposes"),
    *("state", "declared_by_name", "declared_at", "withdrawn_on"),
)


def list_plans(session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None) -> Page:
    """The plans of the caller's territory and those of the departments and countries around it, latest first."""
    columns = [getattr(DevelopmentPlan, name).label(name) for name in _SHOWN]
    statement = select(*columns).where(_seen_by(caller), *_conditions(filters))
    page = keyset_page(session, statement, keys=columns[:1], limit=limit, after=after, descending=True)
    return Page([{**row, "level": LEVELS[len(row["unit"])]} for row in page.rows], page.next)


def plan_row(plan: DevelopmentPlan) -> dict[str, Any]:
    """One plan."""
    return {name: getattr(plan, name) for name in (*_SHOWN, "level")}


def _seen_by(caller: Caller) -> ColumnElement[bool]:
    around = sorted({unit[:length] for unit in caller.scope.units for length in LEVELS})
    return or_(caller.scope.condition(DevelopmentPlan.unit), DevelopmentPlan.unit.in_(around))


def _conditions(filters: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if unit := filters.get("unit"):
        found.append(DevelopmentPlan.unit.in_([unit[:length] for length in LEVELS if length <= len(unit)]))
    if filters.get("in_force"):
        today, until = clock.today(), DevelopmentPlan.valid_until
        found += [
            DevelopmentPlan.state == ADOPTED,
            DevelopmentPlan.valid_from <= today,
            or_(until.is_(None), until >= today),
        ]
    return found
