"""Honduras' directory of establishments as records of a registry, and one export of them: `fill FOLDER`, or `KIND FILE`
in the house that `CSEM_HOME` names. Prints how many records there are, or how many seconds the export took.
"""

import io
import os
import sys
import time
from collections.abc import Iterator
from importlib import import_module
from itertools import islice
from pathlib import Path

from deploy.bench.registry_data import establishments
from deploy.house import House
from services.registry.codes import activities
from services.registry.models.newcomers import Newcomer, rows_of
from services.registry.rules.inventory import Person, Position, Product, Profile
from services.registry.sealing import Sealer
from services.registry.tables import chains_on
from services.territory.reference import municipalities
from shared import logs, places
from shared.database import Database, insert_many
from shared.garbage import collect_rarely
from shared.identity import Caller
from shared.kernel import COUNTRY_CURRENCY, Money, clock

_BATCH = 5_000
_ANSWERS = {"registry": True, "credit": True, "map": True}
_JOBS = {"MICROEMPRESA": 3, "PEQUEÑA EMPRESA": 15, "MEDIANA EMPRESA": 60, "EMPRESA GRANDE": 200}


def fill(folder: Path) -> int:
    """Each establishment with an invented owner; comes back with how many there are."""
    house = House(os.environ)
    house.create_keys()
    house.migrate("registry")
    service = house.service("registry")
    sealer: Sealer = service.web.extensions["context"].sealer
    newcomers, count = _newcomers(folder), 0
    while batch := list(islice(newcomers, _BATCH)):
        _write(service.database, sealer, batch)
        count += len(batch)
    house.dispose()
    return count


def _write(database: Database, sealer: Sealer, batch: list[Newcomer]) -> None:
    with database.transaction() as session:
        for table, rows in rows_of(batch, sealer, channel="office", by="bench", at=clock.now()).items():
            insert_many(session, table, rows)


def _newcomers(folder: Path) -> Iterator[Newcomer]:
    today, chains, known = clock.today(), chains_on(clock.today()), activities()
    for number, (municipality, activity, size) in enumerate(establishments(folder)):
        if municipality not in places.municipalities():
            continue
        title = known[activity].title if activity in known else "Sin clase"
        here = municipalities()[municipality]
        yield Newcomer.register(
            Person("Rosa Ficticia", f"Ejemplar {number}", "dni", f"{municipality[2:]}1980{number:05d}"[:13]),
            _ANSWERS,
            Profile(
                name=f"{title[:120]} {number}",
                municipality=municipality,
                activity=activity if activity in known else None,
                site="shop",
                position=Position(here.lon, here.lat, 8.0, "map"),
                links=("marketing",),
                needs=("credit", "quality"),
                jobs_women=_JOBS.get(size, 1),
                sales=Money(number % 1_000_000, COUNTRY_CURRENCY["HN"]),
                products=(Product("producto", "unidad", Money(1250, COUNTRY_CURRENCY["HN"])),),
            ),
            chains,
            today,
        )


def export(kind: str, path: Path) -> float:
    """The seconds it takes to write all records as this kind of file."""
    stream = import_module("services.registry.use_cases.export_inventory").stream
    service = House(os.environ).service("registry")
    begun = time.perf_counter()
    with service.database.reading() as session:
        stream(session, Caller.operator("bench"), service.web.extensions["context"].sealer, {}, kind, path)
    return time.perf_counter() - begun


if __name__ == "__main__":
    logs.configure("json", io.StringIO())
    collect_rarely()
    what, where = sys.argv[1], Path(sys.argv[2])
    sys.stdout.write(str(fill(where) if what == "fill" else export(what, where)))
