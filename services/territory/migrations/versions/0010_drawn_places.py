"""Where enterprises are drawn on maps, and their numbers by cell."""

from collections import Counter
from dataclasses import asdict

import sqlalchemy as sa
from alembic import op

from services.territory.use_cases.draw_enterprises import cells_of, placed

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
        place = placed(row.id, row.lon, row.lat, counted=row.counted, on_map=row.consent_map)
        moved.append({"this": row.id, **asdict(place)})
        told = cells_of(row.municipality, row.jobs_women, exact=place.place_key, masked=place.masked_key)
        for key, (number, working) in told.items():
            numbers[key] += number
            women[key] += working
    changed = ("place_key", "masked_lon", "masked_lat", "masked_key")
    statement = sa.update(table).where(table.c.id == sa.bindparam("this", type_=sa.Uuid()))
    statement = statement.values({name: sa.bindparam(name) for name in changed})
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


def downgrade() -> None:
    op.drop_table("copy_cell")
    op.drop_index("ix_copy_enterprise_masked_key", "copy_enterprise")
    op.drop_index("ix_copy_enterprise_place_key", "copy_enterprise")
    for name in ("masked_key", "masked_lat", "masked_lon", "place_key"):
        op.drop_column("copy_enterprise", name)
