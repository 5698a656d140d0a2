"""An inventory filled straight into the tables, for sets of records that would take long by hand; and what a search of
it takes: `python -m tests.registry.filling [people]`.
"""

import resource
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from services.registry.duplicates import search
from services.registry.models import Consent, Enterprise, Entrepreneur, Owner
from services.registry.rules.linkage.candidate import Candidate
from shared.database import Database
from shared.kernel import uuid7

_BATCH = 5_000
_MOMENT = datetime(2026, 3, 8, tzinfo=UTC)


def as_held(candidates: Iterable[Candidate]) -> list[Candidate]:
    """The records as the registry holds them: under its ids, the document sealed, no community apart from the address."""
    return [replace(one, id=uuid7(), id_number=None, place=None) for one in candidates]


def fill(database: Database, candidates: Iterable[Candidate]) -> None:
    """Write them down, each woman with her enterprise, all of them in the inventory."""
    people = list(candidates)
    for part in (people[start : start + _BATCH] for start in range(0, len(people), _BATCH)):
        enterprises = [_enterprise(one) for one in part]
        with database.transaction() as session:
            session.execute(insert(Entrepreneur), [_woman(one) for one in part])
            session.execute(insert(Consent), list(_consents(one.id for one in part)))
            session.execute(insert(Enterprise), enterprises)
            owners = zip(part, enterprises, strict=True)
            session.execute(
                insert(Owner), [{"enterprise_id": e["id"], "entrepreneur_id": one.id, "rank": 0} for one, e in owners]
            )


def _woman(one: Candidate) -> dict[str, Any]:
    return {
        "id": one.id,
        "version": 1,
        "given_names": one.given_names,
        "surnames": one.surnames,
        "search_text": "",
        "id_kind": one.id_kind,
        "id_fingerprint": one.id_fingerprint,
        "born_on": one.born_on,
        "phone": one.phone,
        "languages": [],
        "created_at": _MOMENT,
    }


def _consents(women: Iterable[UUID]) -> Iterator[dict[str, Any]]:
    for woman in women:
        yield {
            "id": uuid7(),
            "entrepreneur_id": woman,
            "purpose": "registry",
            "granted": True,
            "given_on": date(2026, 3, 8),
            "channel": "office",
            "recorded_by": "prueba",
            "recorded_at": _MOMENT,
        }


def _enterprise(one: Candidate) -> dict[str, Any]:
    lon, lat = one.point or (None, None)
    return {
        "id": uuid7(),
        "version": 1,
        "name": one.enterprise_name or "",
        "search_text": "",
        "municipality": one.municipality,
        "place_state": "missing" if one.point is None else "consistent",
        "lon": lon,
        "lat": lat,
        "chain": "other",
        "chain_declared": False,
        "jobs_women": 1,
        "jobs_men": 0,
        "currency": "USD",
        "formal": False,
        "validation": "captured",
        "consent_registry": True,
        "consent_credit": False,
        "consent_map": False,
        "recorded_on": date(2026, 3, 8),
        "active": True,
        "created_at": _MOMENT,
        "changed_at": _MOMENT,
        "ownership": "individual",
        "address": one.address,
        "assets": [],
    }


def main(people: int) -> None:
    from shared.testing import database_of, keyrings
    from tests.registry.house import TECHNICIAN, open_house
    from tests.registry.linkage_sets import invented

    with tempfile.TemporaryDirectory() as folder, database_of("registry", Path(folder), "sqlite") as database:
        house = open_house(database, keyrings(Path(folder) / "keys"), Path(folder))
        fill(database, as_held(invented(people, seed=10_000).candidates))
        print(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB after filling")
        for name in ("first", "again"):
            began = perf_counter()
            told = search(house.directly(TECHNICIAN), house.context.sealer)
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            print(f"{name}: {told['records']:,} records, {told['compared']:,} pairs compared", end=", ")
            print(f"{perf_counter() - began:.1f} s, peak {memory} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)
