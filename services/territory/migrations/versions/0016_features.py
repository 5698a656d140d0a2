"""Enterprises as the standard doors tell them, kept ready."""

from collections.abc import Iterator
from typing import Any

import orjson
import sqlalchemy as sa
from alembic import op

revision = "0016_features"
down_revision = "0015_establishments"
branch_labels = None
depends_on = None

PART = 5_000


def upgrade() -> None:
    op.create_table(
        "copy_feature",
        sa.Column("sight", sa.String(6), nullable=False),
        sa.Column("key", sa.BigInteger, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("municipality", sa.String(6), nullable=False),
        sa.Column("lon", sa.Float, nullable=False),
        sa.Column("lat", sa.Float, nullable=False),
        sa.Column("told", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint(
            "sight", "key", "id", name="pk_copy_feature", postgresql_include=["municipality", "lon", "lat", "told"]
        ),
        sqlite_with_rowid=False,
    )
    tell(op.get_bind())


def tell(connection: sa.Connection) -> None:
    """Write the features of what is known already."""
    kinds: dict[str, Any] = {"id": sa.Uuid, "recorded_on": sa.Date} | dict.fromkeys(TRUTHS, sa.Boolean)
    known = sa.table("copy_enterprise", *(sa.column(name, kinds.get(name)) for name in (*PLACES, *EXACT)))
    kept = sa.table(
        "copy_feature", sa.column("id", sa.Uuid),
        *(sa.column(name) for name in ("sight", "key", "municipality", "lon", "lat", "told")),
    )  # fmt: skip
    statement = sa.select(known).where(known.c.place_key.is_not(None)).order_by(known.c.id).limit(PART)
    part = connection.execute(statement).mappings().all()
    while part:
        connection.execute(sa.insert(kept), [one for row in part for one in features_of(row)])
        part = connection.execute(statement.where(known.c.id > part[-1]["id"])).mappings().all()


def downgrade() -> None:
    op.drop_table("copy_feature")


# What follows is how features were told when this migration was written; it stays when the service tells them otherwise.

PLACES = ("id", "lon", "lat", "place_key", "masked_lon", "masked_lat", "masked_key")
SHOWN = ("municipality", "place_state", "chain", "validation", "jobs_women", "recorded_on")
TRUTHS = ("home_based", "formal", "consent_map")
EXACT = (*SHOWN, "accuracy_m", "activity", "jobs_men", "home_based", "formal", "started_year", "consent_map")


def features_of(row: Any) -> Iterator[dict[str, Any]]:
    for sight, prefix, names in (("exact", "", EXACT), ("masked", "masked_", SHOWN)):
        key = row["place_key" if sight == "exact" else "masked_key"]
        if key is None:
            continue
        lon, lat = row[f"{prefix}lon"], row[f"{prefix}lat"]
        feature = {
            "type": "Feature",
            "id": row["id"],
            "geometry": {"type": "Point", "coordinates": [lon, lat]},
            "properties": {**{name: row[name] for name in names}, "precision": sight},
        }
        yield {
            "sight": sight, "key": key, "id": row["id"], "municipality": row["municipality"], "lon": lon, "lat": lat,
            "told": orjson.dumps(feature).decode(),
        }  # fmt: skip
