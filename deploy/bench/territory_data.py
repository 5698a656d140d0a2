"""A million invented enterprises around the centres of the 900 municipalities, the same ones each time."""

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import psycopg

from services.territory.reference import municipalities
from services.territory.use_cases.draw_enterprises import cells_of, placed, told
from shared.database import Database, migrate

CHAINS = ("coffee", "fishing", "cashew", "dairy", "honey", "crafts")
DAY = date(2026, 3, 1)
COLUMNS = (
    "id", "municipality", "place_state", "lon", "lat", "accuracy_m", "chain", "activity", "jobs_women", "jobs_men",
    "home_based", "formal", "started_year", "validation", "consent_credit", "consent_map", "recorded_on", "counted",
    "place_key", "masked_lon", "masked_lat", "masked_key",
)  # fmt: skip


@contextmanager
def filled(server: str, points: int) -> Iterator[str]:
    """The address of a territory's database with so many enterprises, dropped afterwards."""
    name = f"csem_bench_{uuid4().hex[:8]}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    try:
        address = f"{server}/{name}"
        database = Database(address)
        migrate(database, "territory")
        database.dispose()
        fill(address, points)
        yield address
    finally:
        with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def places(points: int, seed: int = 20261130) -> Iterator[tuple[str, float, float]]:
    """Municipality, longitude and latitude; half of them in the towns, the others over the land."""
    dice = random.Random(seed)
    known = [one for _, one in sorted(municipalities().items())]
    for number in range(points):
        unit = dice.choice(known)
        spread = 0.01 if number % 2 else (unit.area_km2**0.5) / 111 / 3
        yield unit.code, unit.lon + dice.gauss(0, spread), unit.lat + dice.gauss(0, spread)


def fill(address: str, points: int) -> None:
    """Write the enterprises, how they are told, and their numbers by cell, as the events' handler keeps them."""
    dice = random.Random(7)
    numbers: Counter[Any] = Counter()
    women: Counter[Any] = Counter()
    with psycopg.connect(address) as connection, psycopg.connect(address) as beside:
        with (
            connection.cursor().copy(f"COPY copy_enterprise ({', '.join(COLUMNS)}) FROM STDIN") as copy,
            beside.cursor().copy("COPY copy_feature (sight, key, id, municipality, lon, lat, told) FROM STDIN") as tell,
        ):
            for code, lon, lat in places(points):
                one, jobs = UUID(int=dice.getrandbits(128), version=4), dice.randrange(6)
                place = placed(one, lon, lat, counted=True, on_map=dice.random() < 0.8)
                values = (
                    one, code, "consistent", lon, lat, 8.0, dice.choice(CHAINS), "A", jobs, 0, False, False, 2015,
                    "validated", True, place.masked_key is not None, DAY, True,
                    place.place_key, place.masked_lon, place.masked_lat, place.masked_key,
                )  # fmt: skip
                copy.write_row(values)
                for seen, feature in told(dict(zip(COLUMNS, values, strict=True))).items():
                    tell.write_row((*seen, *feature.values()))
                for key in cells_of(code, jobs, exact=place.place_key, masked=place.masked_key):
                    numbers[key] += 1
                    women[key] += jobs
        with connection.cursor().copy(
            "COPY copy_cell (sight, level, cell, municipality, number, women) FROM STDIN"
        ) as copy:
            for key, number in numbers.items():
                copy.write_row((*key, number, women[key]))
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
