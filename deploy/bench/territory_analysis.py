"""A whole country analysed anew from the copies, and how soon an event shows in its chain map."""

import argparse
import io
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

import numpy as np

from deploy.house import House
from services.territory import reference
from services.territory.models import CopyEnterprise, CopyLink, CopyMarket, CopyProfile, CopyTrade
from services.territory.queries import chain_maps, views
from services.territory.queries.criteria import holding
from services.territory.queries.inventory import Known, read
from services.territory.rules.analysis.chain_map import counted
from services.territory.rules.analysis.leakage import leaking
from services.territory.rules.analysis.potential import gap_list, potential
from services.territory.rules.analysis.specialisation import location_quotients
from shared import logs
from shared.bus import log
from shared.database import Database, insert_many
from shared.events.registry import EnterpriseFacts, EnterpriseRegistered
from shared.events.vocabulary import CHAINS, LINKS, MARKETS, SUBJECTS
from shared.identity import Caller
from shared.kernel import COUNTRY_CURRENCY

COUNTRY = "GT"
_SERVICES = ("registry", "territory")
_ROUNDS = 9
_PATIENCE_SECONDS = 30
T = TypeVar("T")


def measure(_parts: Sequence[str], given: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        _measure(Path(folder), given.rows)


def _measure(folder: Path, rows: int) -> None:
    logs.configure("json", io.StringIO())
    house = House({"CSEM_HOME": str(folder), "CSEM_LOG_FORMAT": "console"})
    house.create_keys()
    house.migrate(*_SERVICES)
    database: Database = house.service("territory").database
    fill(database, rows)
    units = sum(code.startswith(COUNTRY) for code in reference.municipalities())
    print(f"**A country analysed anew**: {rows:,} enterprises, {units} units, SQLite\n")
    print("| step | CPU s |\n|---|---:|")
    steps = list(_analyses(database))
    for name, seconds in steps:
        print(f"| {name} | {seconds:.2f} |")
    print(f"| all of it | {sum(seconds for _, seconds in steps):.2f} |\n", flush=True)
    waits = list(_waits(house, database))
    print(f"**An event shows in the chain map of the country** (bus in memory, {_ROUNDS} events): ", end="")
    print(f"median {statistics.median(waits):.2f} s, longest {max(waits):.2f} s\n", flush=True)
    house.dispose()


def _analyses(database: Database) -> Iterator[tuple[str, float]]:
    """The analyses that follow an event, each with the seconds of processor time it took."""
    with database.reading() as session:
        edition = reference.chain_edition()
        told, seconds = _timed(lambda: read(session, [COUNTRY], edition))
        yield "read from the copies", seconds
        criteria = holding(session, chain_maps.KIND)
    found, seconds = _timed(lambda: chain_maps.mapped(told, told.told.unit, criteria, told.country))
    yield "chain map of every unit: links, sales, levels, bottlenecks", seconds
    yield "counts for tables", _timed(lambda: list(counted(found, told.units, CHAINS, LINKS)))[1]
    yield "purchases that leave each unit", _timed(lambda: _leakage(told))[1]
    yield "potential of every chain in every unit, 200 draws", _timed(lambda: _potential(told))[1]
    yield "gaps", _timed(lambda: _gaps(told))[1]
    yield "location quotients", _timed(lambda: location_quotients(found.totals.jobs_women + found.totals.jobs_men))[1]


def _leakage(told: Known) -> object:
    bought = told.trades.supplies
    cell = told.told.unit * len(CHAINS) + told.told.chain
    parts = (told.trades.row[bought], told.trades.unit[bought], told.trades.share[bought])
    return leaking(cell, len(told.units) * len(CHAINS), told.told.unit, *parts)


def _potential(told: Known) -> object:
    return potential(
        told.told.unit,
        told.told.chain,
        told.told.levels,
        shape=(len(told.units), len(CHAINS)),
        weights=np.ones(len(SUBJECTS)),
        few=5,
        concentration=50.0,
        draws=200,
        seed=1,
    )


def _gaps(told: Known) -> object:
    shape = (len(told.units), len(CHAINS))
    return gap_list(told.told.unit, told.told.chain, told.told.levels, told.told.jobs_women, shape=shape, weakness_to=1)


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    begun = time.process_time()
    result = work()
    return result, time.process_time() - begun


def _waits(house: House, database: Database) -> Iterator[float]:
    """Seconds from the commit in the registry until the chain map of the country counts one more."""
    registry: Database = house.service("registry").database
    bench = Caller.operator("bench")
    selection = views.selected(bench, [COUNTRY])

    def enterprises() -> int:
        with database.reading() as session:
            return chain_maps.analysed(session, bench, selection).enterprises

    with _working(house):
        for _ in range(_ROUNDS):
            before, facts = enterprises(), _facts()
            with registry.transaction() as session:
                log.append(session, EnterpriseRegistered(facts=facts), facts.enterprise_id)
            begun = time.perf_counter()
            while enterprises() == before:
                if time.perf_counter() - begun > _PATIENCE_SECONDS:
                    raise RuntimeError("the event did not arrive")
                time.sleep(0.01)
            yield time.perf_counter() - begun


@contextmanager
def _working(house: House) -> Iterator[None]:
    for name in _SERVICES:
        house.service(name).worker.start()
    try:
        yield
    finally:
        for name in _SERVICES:
            house.service(name).worker.ask_to_stop()
        for name in _SERVICES:
            house.service(name).worker.stop()


def _facts() -> EnterpriseFacts:
    return EnterpriseFacts(
        enterprise_id=uuid4(), municipality="GT0101", place_state="consistent", chain="coffee", links=["processing"],
        activity="1079", needs=[], owner_ids=[uuid4()], jobs_women=1, jobs_men=0, home_based=True, formal=False,
        validation="captured", consent_credit=False, consent_map=False, recorded_on=date(2026, 6, 1),
    )  # fmt: skip


def fill(database: Database, rows: int, seed: int = 20261130, country: str = COUNTRY) -> None:
    """Copies of `rows` invented enterprises of one country, with links, levels, sales, markets and trade."""
    dice = random.Random(f"{country}:{seed}")
    places = [unit for unit in reference.municipalities().values() if unit.country == country]
    classes = [*reference.chain_edition().classes, "", "A", "C"]
    ids = [UUID(int=dice.getrandbits(128), version=4) for _ in range(rows)]
    made: dict[type[Any], list[dict[str, Any]]] = {}
    for one in ids:
        of: dict[str, Any] = {"enterprise_id": one}
        place = dice.choice(places)
        made.setdefault(CopyEnterprise, []).append(_enterprise(one, place, dice, classes))
        for link in dice.sample(LINKS, dice.choice((0, 1, 1, 2))):
            made.setdefault(CopyLink, []).append(of | {"link": link})
        made.setdefault(CopyMarket, []).append(of | {"market": dice.choice(MARKETS)})
        if dice.random() < 0.6:
            levels = {subject: dice.randrange(5) for subject in SUBJECTS}
            told = {"score": 50, "assessed_on": date(2026, 5, 1)}
            made.setdefault(CopyProfile, []).append(of | levels | told)
        for rank in range(dice.choice((0, 1, 2))):
            partner = dice.choice(ids) if dice.random() < 0.3 else None
            sold = {"side": dice.choice(("supplier", "buyer")), "kind": "enterprise", "partner_id": partner}
            made.setdefault(CopyTrade, []).append(of | sold | {"rank": rank, "share": dice.choice((None, 20, 40))})
    with database.transaction() as session:
        for entity, told_rows in made.items():
            insert_many(session, entity.__table__, told_rows)


def _enterprise(one: UUID, place: Any, dice: random.Random, classes: list[str]) -> dict[str, Any]:
    low = dice.choice((None, 0, 1_200_000, 3_600_000))
    return {
        "id": one,
        "municipality": place.code,
        "place_state": "consistent",
        "lon": place.lon + dice.uniform(-0.05, 0.05),
        "lat": place.lat + dice.uniform(-0.05, 0.05),
        "accuracy_m": 8.0,
        "chain": dice.choice(CHAINS),
        "activity": dice.choice(classes),
        "jobs_women": dice.randrange(1, 6),
        "jobs_men": dice.randrange(3),
        "home_based": dice.random() < 0.5,
        "formal": dice.random() < 0.3,
        "started_year": 2015,
        "validation": "validated",
        "consent_credit": True,
        "consent_map": dice.random() < 0.7,
        "recorded_on": date(2026, 3, 1),
        "tier": None,
        "sales_low_minor": low,
        "sales_high_minor": None if low is None else low + 2_400_000,
        "sales_currency": None if low is None else COUNTRY_CURRENCY[place.country],
        "counted": True,
    }
