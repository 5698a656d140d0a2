"""The boundaries in force, ready to be searched and drawn; read once per process and set."""

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

import shapely
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from services.territory import reference
from services.territory.models import BoundaryFile, BoundarySet, BoundaryShape
from services.territory.queries.views import DEPARTMENT, Selection
from services.territory.rules.locating import Boundary, Municipalities
from services.territory.rules.outlines import TOLERANCE, Outlines, outlines
from shared import places
from shared.jobs import job_table

APPROXIMATE, OFFICIAL = "approximate", "official"
_kept: dict[tuple[UUID, ...], Municipalities] = {}
_MOST_KEPT = 3
COARSE = 4.0
"""As `TOLERANCE`, under circles and hexagons."""


def in_force(session: Session) -> Municipalities:
    """The official boundaries where there are any, the approximate cells elsewhere."""
    sets = tuple(session.scalars(select(BoundarySet.id).where(BoundarySet.valid_to.is_(None)).order_by(BoundarySet.id)))
    if sets not in _kept:
        shapes = session.execute(select(BoundaryShape.code, BoundaryShape.wkb).where(BoundaryShape.set_id.in_(sets)))
        while len(_kept) >= _MOST_KEPT:
            _kept.pop(next(iter(_kept)), None)
        _kept[sets] = _with_cells({code: shapely.from_wkb(wkb) for code, wkb in shapes})
    return _kept[sets]


def kind_of(boundaries: Sequence[Boundary]) -> str:
    """`official` when all of them are."""
    return OFFICIAL if boundaries and all(boundary.official for boundary in boundaries) else APPROXIMATE


def box(municipalities: Municipalities, units: tuple[str, ...]) -> list[float]:
    """West, south, east and north of the municipalities in `units`, in degrees."""
    return [float(edge) for edge in shapely.total_bounds([one.shape for one in municipalities.under(*units)])]


@lru_cache(maxsize=64)
def drawn(municipalities: Municipalities, units: tuple[str, ...], level: str, *, coarse: bool = False) -> Outlines:
    """The outlines of the municipalities (El Salvador's before or since 2024) or departments in `units`; `coarse` ones
    leave room for what lies on them.
    """
    found = municipalities.under(*units)
    if level == "municipality":
        tolerance = COARSE if coarse else TOLERANCE
        return outlines({boundary.code: boundary.shape for boundary in found}, tolerance=tolerance)
    parts: dict[str, list[shapely.Geometry]] = {}
    if level == "municipality_2024":
        divisions = places.divisions_2024()
        for boundary in found:
            division = divisions.get(boundary.code)
            parts.setdefault(division.code if division else boundary.code, []).append(boundary.shape)
        return outlines({code: shapely.union_all(shapes) for code, shapes in parts.items()})
    for boundary in found:
        parts.setdefault(boundary.code[:4], []).append(boundary.shape)
    if kind_of(found) == APPROXIMATE:
        return outlines({code: reference.departments()[code] for code in parts}, group=2)
    return outlines({code: shapely.union_all(shapes) for code, shapes in parts.items()}, group=2)


def shapes_of(municipalities: Municipalities, selection: Selection) -> dict[str, shapely.Geometry]:
    """The shapes of the units shown, the generalised ones of departments."""
    if selection.level == DEPARTMENT:
        return {unit: reference.departments()[unit] for unit in selection.shown}
    parts: dict[str, list[shapely.Geometry]] = {}
    for code in selection.municipalities:
        parts.setdefault(selection.unit_of(code), []).append(municipalities[code].shape)
    return {unit: shapes[0] if len(shapes) == 1 else shapely.union_all(shapes) for unit, shapes in parts.items()}


def sets_in_force(session: Session) -> list[dict[str, Any]]:
    """For each country, what its boundaries are and since when."""
    table = BoundarySet.__table__
    rows = {row.country: row for row in session.execute(select(table).where(table.c.valid_to.is_(None)))}
    return [_told(country, rows.get(country)) for country in ("GT", "HN", "SV")]


def boundary_files() -> Select[Any]:
    """The files that were sent, without their reports."""
    columns = BoundaryFile.__table__.c
    return select(columns.id, columns.name, columns.state, columns.sent_at, columns.sent_by_name, columns.adopted_at,
                  columns.version)  # fmt: skip


def job_of(session: Session, job_id: UUID) -> dict[str, Any] | None:
    """How a job stands: state, done of total, error."""
    columns = (job_table.c.state, job_table.c.done, job_table.c.total, job_table.c.error)
    row = session.execute(select(*columns).where(job_table.c.id == job_id)).one_or_none()
    return None if row is None else {"state": row.state, "done": row.done, "total": row.total, "error": row.error}


def _told(country: str, row: Any) -> dict[str, Any]:
    told: Mapping[str, Any] = {
        "kind": OFFICIAL if row else APPROXIMATE,
        "source": row.source if row else "Natural Earth; Voronoi",
        "valid_from": row.valid_from if row else None,
        "adopted_at": row.adopted_at if row else None,
        "shapes": row.shapes if row else sum(code.startswith(country) for code in reference.municipalities()),
        "report": row.report if row else None,
    }
    return {"country": country, **told}


def _with_cells(official: Mapping[str, shapely.Geometry]) -> Municipalities:
    cells = _cells()
    return Municipalities(
        [
            Boundary(unit.code, unit.code in official, unit.lon, unit.lat, unit.area_km2,
                     official.get(unit.code, cells[unit.code]))
            for unit in reference.municipalities().values()
        ]
    )  # fmt: skip


@cache
def _cells() -> Mapping[str, shapely.Geometry]:
    return reference.cells()
