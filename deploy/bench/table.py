"""The table all measured servers read and write: an enterprise of 25 fields, `ROWS` of them."""

import json
import random
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Date, Float, Integer, MetaData, String, Table, Text, Uuid, insert
from sqlalchemy.types import Boolean

from shared.database import Database, Json, UtcDateTime, new_metadata

ROWS = 20_000
metadata: MetaData = new_metadata()

enterprises = Table(
    "bench_enterprise",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("municipality", String(6), nullable=False, index=True),
    Column("name", String(200), nullable=False),
    Column("chain", String(40), nullable=False),
    Column("activity", String(10), nullable=False),
    Column("links", Json, nullable=False),
    Column("needs", Json, nullable=False),
    Column("owner_id", Uuid, nullable=False),
    Column("jobs_women", Integer, nullable=False),
    Column("jobs_men", Integer, nullable=False),
    Column("home_based", Boolean, nullable=False),
    Column("formal", Boolean, nullable=False),
    Column("started_year", Integer),
    Column("validation", String(20), nullable=False),
    Column("consent_credit", Boolean, nullable=False),
    Column("consent_map", Boolean, nullable=False),
    Column("place_state", String(20), nullable=False),
    Column("lon", Float),
    Column("lat", Float),
    Column("accuracy_m", Float),
    Column("income_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("recorded_on", Date, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("notes", Text),
    Column("version", Integer, nullable=False),
)


def fill(database: Database, rows: int = ROWS) -> list[UUID]:
    """Make the table with the same invented rows each time; comes back with their ids."""
    metadata.drop_all(database.engine)
    metadata.create_all(database.engine)
    dice = random.Random(20261122)
    made = [_row(dice, number) for number in range(rows)]
    with database.transaction() as session:
        session.execute(insert(enterprises), made)
    if not database.is_sqlite:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE bench_enterprise")
    return [row["id"] for row in made]


def _row(dice: random.Random, number: int) -> dict[str, Any]:
    return {
        "id": UUID(int=dice.getrandbits(128), version=4),
        "municipality": f"HN{dice.choice((8, 17, 18)):02d}{dice.randint(1, 20):02d}",
        "name": f"Panadería La Esperanza número {number}",
        "chain": dice.choice(("coffee", "fishing", "cashew", "dairy")),
        "activity": "C",
        "links": ["production", "marketing"],
        "needs": dice.sample(["credit", "market", "quality", "training"], 2),
        "owner_id": UUID(int=dice.getrandbits(128), version=4),
        "jobs_women": dice.randint(1, 9),
        "jobs_men": dice.randint(0, 3),
        "home_based": dice.random() < 0.6,
        "formal": dice.random() < 0.2,
        "started_year": dice.randint(1990, 2026),
        "validation": "validated",
        "consent_credit": True,
        "consent_map": dice.random() < 0.6,
        "place_state": "consistent",
        "lon": round(-87.5 + dice.random(), 6),
        "lat": round(13.2 + dice.random(), 6),
        "accuracy_m": float(dice.randint(3, 40)),
        "income_minor": dice.randint(100_000, 3_000_000),
        "currency": "HNL",
        "recorded_on": date(2026, 1, 1) + timedelta(days=dice.randint(0, 300)),
        "created_at": datetime(2026, 1, 1, 12, 0, dice.randint(0, 59), tzinfo=UTC),
        "notes": "Vende los sábados en el mercado; quiere un horno más grande." if number % 3 else None,
        "version": 1,
    }


def new_enterprise() -> bytes:
    """The body of the measured POST."""
    return json.dumps(
        {
            "municipality": "HN1709",
            "name": "Marañones del Golfo",
            "chain": "cashew",
            "activity": "C",
            "links": ["production", "processing"],
            "needs": ["credit", "quality"],
            "owner_id": "018f6f3a-8e2b-7c11-9d5a-1f2e3d4c5b6a",
            "jobs_women": 4,
            "jobs_men": 1,
            "home_based": True,
            "formal": False,
            "started_year": 2019,
            "consent_credit": True,
            "consent_map": True,
            "lon": -87.61,
            "lat": 13.39,
            "accuracy_m": 8.0,
            "income": {"amount": "12500.00", "currency": "HNL"},
            "recorded_on": "2026-11-20",
            "notes": "Tuesta en su casa; vende en Choluteca.",
        }
    ).encode()
