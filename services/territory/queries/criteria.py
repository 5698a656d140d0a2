"""The criteria that analyses judge by: thresholds and weights, as dated records with their source."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from math import inf
from pathlib import Path
from typing import Any

from sqlalchemy import Select, case, func, or_, select, true
from sqlalchemy.orm import Session

from services.territory import reference
from services.territory.models import CriteriaEdition
from services.territory.rules.criteria import changed, numbers
from shared import places
from shared.identity import Caller
from shared.kernel import clock
from shared.web import Page, keyset_page

_FOLDER = Path(reference.HERE) / "criteria"


@dataclass(frozen=True)
class Criteria:
    """What one kind of analysis judges by, from which day on, and who says so. `unit`: where it holds, None everywhere;
    `limits`: how far a number may go, by its name.
    """

    kind: str
    valid_from: date
    source: str
    values: Mapping[str, Any]
    unit: str | None = None
    limits: Mapping[str, tuple[float, float]] = field(default_factory=dict)


@cache
def kinds() -> tuple[str, ...]:
    """The kinds of criteria whose numbers may be adopted: each has a record that the project ships."""
    records = sorted(path.stem for path in _FOLDER.glob("*.json"))
    return tuple(kind for kind in records if numbers(shipped(kind).values))


@cache
def shipped(kind: str) -> Criteria:
    """The criteria that the project ships: `reference/criteria/KIND.json`."""
    record = json.loads((_FOLDER / f"{kind}.json").read_bytes())
    limits = {name: (least, most) for name, (least, most) in record.get("limits", {}).items()}
    valid_from = date.fromisoformat(record["valid_from"])
    return Criteria(kind, valid_from, record["source"], record["values"], limits=limits)


def holding(session: Session, kind: str, unit: str | None = None, day: date | None = None) -> Criteria:
    """The criteria that hold in a unit (None: everywhere) on a day, today where none is named: those of the smallest
    unit around it that adopted some, its latest ones; those the project ships where nobody did.
    """
    found = session.scalars(_begun(kind, [unit] if unit else [], day).limit(1)).first()
    return shipped(kind) if found is None else _of(found)


def holding_in(session: Session, kind: str, units: Sequence[str], day: date | None = None) -> dict[str, Criteria]:
    """The same of many units, read at once."""
    editions = [(edition.unit or "", _of(edition)) for edition in session.scalars(_begun(kind, units, day))]
    return {unit: next((one for where, one in editions if unit.startswith(where)), shipped(kind)) for unit in units}


def _begun(kind: str, units: Sequence[str], day: date | None) -> Select[CriteriaEdition]:
    """The editions in force on a day in these units and around them: those of the smallest units first, of each the
    latest.
    """
    table = CriteriaEdition
    nearest = case((table.unit.is_(None), 0), else_=func.length(table.unit))
    begun = select(table).where(
        table.kind == kind,
        table.valid_from <= (day or clock.today()),
        or_(table.unit.is_(None), table.unit.in_(places.around(*units))),
    )
    return begun.order_by(nearest.desc(), table.valid_from.desc(), table.id.desc())


def judging(session: Session, kind: str, units: Sequence[str], day: date | None = None) -> Criteria:
    """The criteria that hold in several units at once: those of the smallest unit around all of them."""
    around = places.around_all(units)
    return holding(session, kind, around[-1] if around else None, day)


def list_editions(
    session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None
) -> Page:
    """The editions that hold in the caller's territory or around it, the latest first."""
    table = CriteriaEdition
    names = ("id", "kind", "unit", "valid_from", "source", "content", "adopted_at", "adopted_by_name")
    columns = [getattr(table, name).label(name) for name in names]
    around = places.around(*caller.scope.units)
    seen = or_(table.unit.is_(None), caller.scope.condition(table.unit), table.unit.in_(around))
    kind = filters.get("kind")
    statement = select(*columns).where(seen, table.kind == kind if kind else true())
    page = keyset_page(session, statement, keys=columns[:1], limit=limit, after=after, descending=True)
    return Page([{**row, "values": numbers_of(row["content"])} for row in page.rows], page.next)


def numbers_of(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The numbers of a record as rows."""
    return [{"name": name, "value": value} for name, value in numbers(values).items()]


def _of(edition: CriteriaEdition) -> Criteria:
    """What an edition says over what the project ships: a number that came since, or that lies outside of what may be
    adopted since, keeps its shipped value.
    """
    base = shipped(edition.kind)
    told = {name: number for name, number in numbers(edition.content).items() if _may_be(base, name, number)}
    values = changed(base.values, told, base.limits)
    return Criteria(edition.kind, edition.valid_from, edition.source, values, edition.unit, base.limits)


def _may_be(base: Criteria, name: str, number: float) -> bool:
    least, most = base.limits.get(name, (inf, -inf))
    return least <= number <= most
