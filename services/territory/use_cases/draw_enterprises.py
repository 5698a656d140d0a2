"""Keeps where enterprises are drawn on maps, how they are told there, and how many in each cell of large areas."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, tuple_
from sqlalchemy.orm import Session

from services.territory.models import CopyCell, CopyEnterprise, CopyFeature
from services.territory.rules.features import EXACT, text_of
from services.territory.rules.tiling import CELL_LEVELS, cell_of, tile_key
from shared.database import insert_on
from shared.masking import masked_point


@dataclass(frozen=True)
class Placed:
    """Where an enterprise is drawn, by the names of the columns of its copy."""

    place_key: int | None = None
    masked_lon: float | None = None
    masked_lat: float | None = None
    masked_key: int | None = None


COLUMNS = (*EXACT, "id", "lon", "lat", "place_key", "masked_lon", "masked_lat", "masked_key")
"""What of an enterprise decides how it is shown."""
Drawn = Mapping[tuple[str, int, int, str], tuple[int, int]]
"""By sight, level, cell and municipality: enterprises, and women at work in them."""

Told = Mapping[tuple[str, int, UUID], dict[str, Any]]
"""By sight, place and id: the columns of an enterprise's features."""


@dataclass(frozen=True)
class Seen:
    """What maps and the standard doors show of an enterprise."""

    drawn: Drawn
    told: Told


NOTHING = Seen({}, {})


def placed(enterprise_id: UUID, lon: float | None, lat: float | None, *, counted: bool, on_map: bool) -> Placed:
    """Where an enterprise is drawn: nowhere without a point, or where it is not counted."""
    if lon is None or lat is None or not counted:
        return Placed()
    if not on_map:
        return Placed(tile_key(lon, lat))
    masked = masked_point(enterprise_id, lon, lat)
    return Placed(tile_key(lon, lat), *masked, tile_key(*masked))


def seen(enterprise: CopyEnterprise | None) -> Seen:
    """In which cells an enterprise counts, and how it is told."""
    if enterprise is None or not enterprise.counted:
        return NOTHING
    row = {name: getattr(enterprise, name) for name in COLUMNS}
    cells = cells_of(row["municipality"], row["jobs_women"], exact=row["place_key"], masked=row["masked_key"])
    return Seen(cells, told(row))


def told(row: Mapping[str, Any]) -> Told:
    """The features of an enterprise, whose `COLUMNS` are in `row`: none for who sees it nowhere."""
    places = {
        "exact": (row["place_key"], row["lon"], row["lat"]),
        "masked": (row["masked_key"], row["masked_lon"], row["masked_lat"]),
    }
    features = {}
    for sight, (key, lon, lat) in places.items():
        if key is not None:
            text = text_of({**row, "lon": lon, "lat": lat}, sight)
            values = {"municipality": row["municipality"], "lon": lon, "lat": lat, "told": text}
            features[sight, key, row["id"]] = values
    return features


def cells_of(municipality: str, women: int, **keys: int | None) -> Drawn:
    """The cells of a place on each level, by sight; level 0 is the whole world and counts what has no place too."""
    return {("exact", 0, 0, municipality): (1, women)} | {
        (sight, level, cell_of(key, level), municipality): (1, women)
        for sight, key in keys.items()
        if key is not None
        for level in CELL_LEVELS
    }


def redraw(session: Session, before: Seen, after: Seen) -> None:
    """An enterprise is shown as it is seen after its event, no longer as before."""
    _count(session, before.drawn, after.drawn)
    if before.told == after.told:
        return
    if before.told:
        key = tuple_(CopyFeature.sight, CopyFeature.key, CopyFeature.id)
        gone = delete(CopyFeature).where(key.in_(before.told))
        session.execute(gone.execution_options(synchronize_session=False))
    if after.told:
        names = ("sight", "key", "id")
        rows = [dict(zip(names, key, strict=True)) | values for key, values in after.told.items()]
        session.execute(insert(CopyFeature), rows)


def _count(session: Session, before: Drawn, after: Drawn) -> None:
    """An enterprise counts in the cells `after` in place of those `before`; a cell that counts nothing goes."""
    numbers: Counter[tuple[str, int, int, str]] = Counter()
    women: Counter[tuple[str, int, int, str]] = Counter()
    for counts, sign in ((before, -1), (after, 1)):
        for key, (number, working) in counts.items():
            numbers[key] += sign * number
            women[key] += sign * working
    moved = [key for key in numbers if numbers[key] or women[key]]
    if not moved:
        return
    columns = ("sight", "level", "cell", "municipality")
    rows: list[dict[str, Any]] = [
        dict(zip(columns, key, strict=True)) | {"number": numbers[key], "women": women[key]} for key in sorted(moved)
    ]
    table = CopyCell.__table__
    statement = insert_on(session.get_bind().dialect.name, table)
    added = statement.on_conflict_do_update(
        index_elements=list(columns),
        set_={name: table.c[name] + statement.excluded[name] for name in ("number", "women")},
    )
    session.execute(added, rows)  # as many rows as it may be: the same statement, compiled once
    if before:
        emptied = {(key[0], key[1], key[2]) for key in before}
        for sight in sorted({key[0] for key in emptied}):
            cells = sorted(key[2] for key in emptied if key[0] == sight)
            gone = (CopyCell.sight == sight, CopyCell.cell.in_(cells), CopyCell.number == 0)
            session.execute(delete(CopyCell).where(*gone).execution_options(synchronize_session=False))
