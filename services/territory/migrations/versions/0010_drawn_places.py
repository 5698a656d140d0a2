"""Where enterprises are drawn on maps, and their numbers by cell."""

import hashlib
import math
from collections import Counter
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010_drawn_places"
down_revision = "0009_map_links"
branch_labels = None
depends_on = None

PART = 5_000
DRAWN = ["municipality", "chain", "validation", "jobs_women"]
COLUMNS = {"place_key": sa.BigInteger, "masked_lon": sa.Float, "masked_lat": sa.Float, "masked_key": sa.BigInteger}


def upgrade() -> None:
    for name, kind in COLUMNS.items():
        op.add_column("copy_enterprise", sa.Column(name, kind))
    op.create_table(
        "copy_cell",
        sa.Column("sight", sa.String(6), nullable=False),
        sa.Column("level", sa.Integer, nullable=False),
        sa.Column("cell", sa.BigInteger, nullable=False),
        sa.Column("municipality", sa.String(6), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("women", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("sight", "level", "cell", "municipality", name="pk_copy_cell"),
    )
    draw(op.get_bind())
    op.create_index("ix_copy_enterprise_place_key", "copy_enterprise", ["place_key", "id"], postgresql_include=DRAWN)
    op.create_index("ix_copy_enterprise_masked_key", "copy_enterprise", ["masked_key", "id"], postgresql_include=DRAWN)


def draw(connection: sa.Connection) -> None:
    """Place what is known already."""
    names = ("id", "municipality", "lon", "lat", "jobs_women", "counted", "consent_map")
    table = sa.table(
        "copy_enterprise", sa.column("id", sa.Uuid), *(sa.column(name) for name in names[1:5]),
        sa.column("counted", sa.Boolean), sa.column("consent_map", sa.Boolean),
        *(sa.column(name) for name in ("place_key", "masked_lon", "masked_lat", "masked_key")),
    )  # fmt: skip
    found = sa.select(*(table.c[name] for name in names)).where(table.c.counted)
    numbers: Counter[tuple[str, int, int, str]] = Counter()
    women: Counter[tuple[str, int, int, str]] = Counter()
    moved = []
    for row in connection.execute(found).all():
        place = placed(row)
        moved.append({"this": row.id, **place})
        for key in cells_of(row.municipality, exact=place["place_key"], masked=place["masked_key"]):
            numbers[key] += 1
            women[key] += row.jobs_women
    statement = sa.update(table).where(table.c.id == sa.bindparam("this", type_=sa.Uuid()))
    statement = statement.values({name: sa.bindparam(name) for name in COLUMNS})
    for start in range(0, len(moved), PART):
        connection.execute(statement, moved[start : start + PART])
    cells = [
        dict(zip(("sight", "level", "cell", "municipality"), key, strict=True))
        | {"number": numbers[key], "women": women[key]}
        for key in numbers
    ]
    counted = sa.table("copy_cell", *(sa.column(name) for name in
                       ("sight", "level", "cell", "municipality", "number", "women")))  # fmt: skip
    for start in range(0, len(cells), PART):
        connection.execute(sa.insert(counted), cells[start : start + PART])


# What follows is how places were drawn when this migration was written; it stays as it is when the service draws otherwise.

BITS = 26
CELL_LEVELS = (7, 9, 11, 13, 15)
CELL_DEGREES = 0.02


def placed(row: Any) -> dict[str, Any]:
    nowhere: dict[str, Any] = dict.fromkeys(COLUMNS)
    if row.lon is None or row.lat is None:
        return nowhere
    exact = nowhere | {"place_key": tile_key(row.lon, row.lat)}
    if not row.consent_map:
        return exact
    digest = hashlib.sha256(row.id.bytes).digest()
    lon, lat = (
        round((math.floor(degrees / CELL_DEGREES + 1e-9) + int.from_bytes(part) / 2**32) * CELL_DEGREES, 4)
        for degrees, part in ((row.lon, digest[:4]), (row.lat, digest[4:8]))
    )
    return exact | {"masked_lon": lon, "masked_lat": lat, "masked_key": tile_key(lon, lat)}


def cells_of(municipality: str, **keys: int | None) -> Iterator[tuple[str, int, int, str]]:
    yield "exact", 0, 0, municipality
    known = {sight: key for sight, key in keys.items() if key is not None}
    for sight, key in known.items():
        for level in CELL_LEVELS:
            yield sight, level, key >> 2 * (BITS - level), municipality


def tile_key(lon: float, lat: float) -> int:
    held = min(max(lat, -85.05112877980659), 85.05112877980659)
    shares = (lon + 180) / 360, (1 - math.asinh(math.tan(math.radians(held))) / math.pi) / 2
    column, row = (min(max(int(share * 2**BITS), 0), 2**BITS - 1) for share in shares)
    return sum((column >> bit & 1) << 2 * bit | (row >> bit & 1) << 2 * bit + 1 for bit in range(BITS))


def downgrade() -> None:
    op.drop_table("copy_cell")
    op.drop_index("ix_copy_enterprise_masked_key", "copy_enterprise")
    op.drop_index("ix_copy_enterprise_place_key", "copy_enterprise")
    for name in ("masked_key", "masked_lat", "masked_lon", "place_key"):
        op.drop_column("copy_enterprise", name)
