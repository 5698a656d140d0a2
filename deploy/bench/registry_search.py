"""How long the inventory's lists, searches and records take: `python -m deploy.bench.registry_search DATABASE_URL`.

`fill` writes invented records straight into the tables of an empty registry (the words are made of syllables, as many
different ones as a real inventory has); `measure` asks as a technician's page does and comes back with rows.
"""

import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, text

from services.registry.codes import activities
from services.registry.models import Consent, CopyLoan, Enterprise, Entrepreneur, OfferedProduct, Owner, Tag
from services.registry.models.searching import index_records
from services.registry.queries.dashboard import dashboard
from services.registry.queries.enterprises import count_enterprises, list_enterprises
from services.registry.queries.whole_enterprise import show_enterprise, show_history
from services.registry.rules.chains import folded
from services.registry.rules.searching import Woman, marks_of, terms_of, text_of
from services.registry.sealing import Sealer
from shared import places
from shared.database import Database, migrate
from shared.events.vocabulary import CHAINS, LINKS, NEEDS, PLACE_STATES, VALIDATION_STATES
from shared.identity import Caller, Scope
from shared.kernel import COUNTRY_CURRENCY, clock, uuid7

RECORDS = 300_000
_BATCH = 5_000
_ROUNDS = 30
_GIVEN = ("Rosa", "María", "Ana", "Juana", "Marta", "Elena", "Carmen", "Lucía", "Blanca", "Gloria", "Reina", "Dilcia")
_TRADES = ("Tortillería", "Quesillos", "Café", "Hortalizas", "Pulpería", "Comedor", "Sastrería", "Salón", "Artesanías")
_PRODUCTS = ("queso fresco", "tamales", "pan dulce", "café molido", "tomate", "uniformes", "hamacas", "miel de abeja")
_SYLLABLES = [a + b for a, b in product("bcdfglmnprst", "aeiou")]


@dataclass(frozen=True)
class Measured:
    """One kind of question: the middle and the ninety-fifth of a hundred, in milliseconds."""

    asked: str
    p50: float
    p95: float
    worst: float


def fill(database: Database, records: int = RECORDS, seed: int = 20261129) -> None:
    """An inventory of invented enterprises, the same ones each time."""
    dice = random.Random(seed)
    invented = ["".join(dice.choices(_SYLLABLES, k=dice.randint(2, 4))) for _ in range(30_000)]
    weights = [1 / (rank + 10) for rank in range(len(invented))]
    towns = sorted(places.municipalities())
    for start in range(0, records, _BATCH):
        rows = [_record(dice, invented, weights, towns) for _ in range(min(_BATCH, records - start))]
        with database.transaction() as session:
            for entity in (Entrepreneur, Enterprise, Owner, Tag, OfferedProduct, Consent, CopyLoan):
                name = entity.__tablename__
                if mine := [row for one in rows for row in one.get(name, [])]:
                    session.execute(insert(entity.__table__), mine)  # type: ignore[arg-type]
            found = {
                one["enterprise"][0]["id"]: terms_of(
                    one["enterprise"][0]["search_text"], one["enterprise"][0]["search_marks"]
                )
                for one in rows
            }
            index_records(session.connection(), found)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE" if database.is_sqlite else "VACUUM ANALYZE"))


def _record(dice: random.Random, invented: Sequence[str], weights: Sequence[float], towns: Sequence[str]) -> Any:
    words = dice.choices(invented, weights, k=3)
    town, given = dice.choice(towns), dice.choice(_GIVEN)
    second = dice.choice(_GIVEN)
    phone = f"+{ {'GT': 502, 'SV': 503, 'HN': 504}[town[:2]] }{dice.randint(2, 9)}{dice.randrange(10**7):07d}"
    woman = Woman(f"{given} {second}", f"{words[0].title()} {words[1].title()}", (phone,), None, ("spa",))
    name = f"{dice.choice(_TRADES)} {dice.choice((given, words[2].title()))}"
    offered = dice.sample(_PRODUCTS, 2)
    enterprise_id, woman_id = uuid7(), uuid7()
    chain = dice.choice(CHAINS)
    day = date(2026, 6, 1) - timedelta(days=dice.randrange(900))
    moment = clock.now() - timedelta(days=dice.randrange(300))
    state = dice.choices(PLACE_STATES, (80, 8, 8, 4)[: len(PLACE_STATES)])[0]
    return {
        "entrepreneur": [
            {
                "id": woman_id, "given_names": woman.given_names, "surnames": woman.surnames,
                "search_text": folded(f"{woman.given_names} {woman.surnames}"), "phone": phone, "languages": ["spa"],
                "created_at": moment, "version": 1,
            }
        ],
        "consent": [
            {
                "id": uuid7(), "entrepreneur_id": woman_id, "purpose": purpose, "granted": True, "given_on": day,
                "channel": "office", "recorded_by": "bench", "recorded_at": moment,
            }
            for purpose in ("registry", "credit")
        ],
        "enterprise": [
            {
                "id": enterprise_id, "name": name, "search_text": text_of(name, [woman], offered),
                "search_marks": marks_of([woman]), "sort_name": folded(name), "municipality": town,
                "derived_municipality": town, "place_state": state, "lon": -88.0 + dice.random(), "lat": 14.0,
                "accuracy_m": 8.0, "point_source": "device", "site": dice.choice(("home", "shop", "mobile")),
                "activity": dice.choice(_ACTIVITIES), "chain": chain, "chain_declared": False,
                "started_year": dice.randint(1990, 2025), "jobs_women": dice.randint(1, 6),
                "jobs_men": dice.randint(0, 3), "sales_minor": dice.randrange(3_000_000),
                "currency": COUNTRY_CURRENCY[town[:2]], "formal": dice.random() < 0.2,
                "validation": dice.choices(VALIDATION_STATES[:3], (3, 2, 5))[0], "consent_registry": True,
                "consent_credit": True, "consent_map": dice.random() < 0.5, "recorded_on": day, "active": True,
                "created_at": moment, "changed_at": moment, "ownership": "individual", "assets": [], "version": 1,
            }
        ],
        "owner": [{"enterprise_id": enterprise_id, "entrepreneur_id": woman_id, "rank": 0}],
        "enterprise_tag": [
            *({"enterprise_id": enterprise_id, "kind": "link", "code": code} for code in dice.sample(LINKS, 2)),
            *({"enterprise_id": enterprise_id, "kind": "need", "code": code} for code in dice.sample(NEEDS, 2)),
        ],
        "product": [
            {"id": uuid7(), "enterprise_id": enterprise_id, "rank": rank, "name": one, "months": []}
            for rank, one in enumerate(offered)
        ],
        "copy_loan": [
            {
                "loan_id": uuid7(), "enterprise_id": enterprise_id, "municipality": town, "chain": chain,
                "amount_minor": 100_000, "outstanding_minor": 50_000, "currency": COUNTRY_CURRENCY[town[:2]],
                "term_months": 12, "disbursed_on": day,
            }
        ] * (dice.random() < 0.05),
    }  # fmt: skip


_ACTIVITIES = sorted(activities())
_DEPARTMENTS = sorted({code[:4] for code in places.municipalities()})
_SEALER = Sealer(b"0" * 32, b"1" * 32)
_FEW = 5


def measure(database_url: str, caller: Caller, *, rounds: int = _ROUNDS, seed: int = 7) -> list[Measured]:
    """The time of each kind of question, asked `rounds` times of other values each time, and of all of them mixed."""
    database = Database(database_url)
    try:
        dice = random.Random(seed)
        with database.reading() as session:
            some = session.execute(select(Enterprise.id, Enterprise.search_text).limit(20_000)).all()
        known = dice.sample(some, min(len(some), 500))
        told, every = [], []
        for asked, filters in _questions(dice, known):
            times = [_timed(_page, database, caller, next(filters)) for _ in range(rounds)]
            every += times
            told.append(_row(asked, times))
        told.append(_row("all lists and searches", every))
        ids = [row.id for row in dice.sample(known, min(len(known), rounds))]
        told.append(_row("one record", [_timed(_record_page, database, caller, one) for one in ids]))
        counts: dict[str, list[dict[str, Any]]] = {
            "count, all": [{}] * _FEW,
            "count, all, to 10,000": [{"at_most": 10_000}] * _FEW,
            "count, a department": [{"municipality": [code]} for code in dice.sample(_DEPARTMENTS, _FEW)],
            "count, a need, to 10,000": [{"need": ["credit"], "at_most": 10_000}] * _FEW,
        }
        for asked, several in counts.items():
            told.append(_row(asked, [_timed(_count, database, caller, filters) for filters in several]))
        centre = Caller("bench", "Bench", frozenset({"coordinator"}), Scope.of("HN17", "SV14"))
        for asked, who in (("dashboard of two departments", centre), ("dashboard of the network", caller)):
            told.append(_row(asked, [_timed(_board, database, who) for _ in range(_FEW)]))
        return told
    finally:
        database.dispose()


def _questions(dice: random.Random, known: Sequence[Any]) -> Iterator[tuple[str, Iterator[dict[str, Any]]]]:
    """Kinds of questions, each with the values it is asked for without end."""
    towns = sorted(places.municipalities())

    def ever(make: Callable[[], dict[str, Any]]) -> Iterator[dict[str, Any]]:
        while True:
            yield make()

    def words() -> list[str]:
        found: list[str] = dice.choice(known).search_text.split()
        return found

    def part() -> str:
        word = dice.choice([word for word in words() if len(word) > 5] or ["tortilleria"])
        return word[1:-1]

    yield "all, latest first", ever(dict)
    yield "all, by name", ever(lambda: {"sort": "name"})
    yield "all, by change", ever(lambda: {"sort": "-changed"})
    yield "all, by validation", ever(lambda: {"sort": "validation"})
    yield "a municipality, by name", ever(lambda: {"municipality": [dice.choice(towns)], "sort": "name"})
    yield (
        "a chain in a department",
        ever(lambda: {"municipality": [dice.choice(towns)[:4]], "chain": [dice.choice(CHAINS)]}),
    )
    yield (
        "a need and a link, by name",
        ever(lambda: {"need": [dice.choice(NEEDS)], "link": [dice.choice(LINKS)], "sort": "name"}),
    )
    yield "a class of CIIU", ever(lambda: {"activity": [dice.choice(_ACTIVITIES[21:])]})
    yield (
        "captured, without point, a country",
        ever(lambda: {"validation": ["captured"], "place_state": ["missing"], "municipality": ["HN"]}),
    )
    yield "with a loan", ever(lambda: {"loan": ["open"]})
    yield (
        "recorded between, a chain",
        ever(
            lambda: {
                "recorded_from": date(2025, 3, 1),
                "recorded_to": date(2025, 3, 15),
                "chain": [dice.choice(CHAINS)],
            }
        ),
    )
    yield "a common name", ever(lambda: {"q": dice.choice(_GIVEN)})
    yield "a surname", ever(lambda: {"q": words()[4]})
    yield "a whole name", ever(lambda: {"q": " ".join(words()[-7:-3])})
    yield (
        "two common words, by name",
        ever(lambda: {"q": f"{dice.choice(_GIVEN)} {dice.choice(_TRADES)}", "sort": "name"}),
    )
    yield "a part of a word", ever(lambda: {"q": part()})
    yield "a word written by ear", ever(lambda: {"q": words()[4].replace("c", "s").replace("b", "v")})
    yield "a product and a municipality", ever(lambda: {"q": "queso", "municipality": [dice.choice(towns)]})
    yield "the end of a telephone", ever(lambda: {"q": f"{dice.randrange(10**6):06d}"})
    yield "what is not there", ever(lambda: {"q": "zzyzx inexistente"})


def _page(database: Database, caller: Caller, filters: dict[str, Any]) -> None:
    with database.reading() as session:
        list_enterprises(session, caller, filters, limit=50, after=None)


def _count(database: Database, caller: Caller, filters: dict[str, Any]) -> None:
    with database.reading() as session:
        count_enterprises(session, caller, filters)


def _record_page(database: Database, caller: Caller, enterprise_id: UUID) -> None:
    """What the page of a record asks for: the record and its latest history."""
    with database.reading() as session:
        show_enterprise(session, caller, _SEALER, enterprise_id)
        show_history(session, caller, enterprise_id, limit=5, after=None, latest_first=True)


def _board(database: Database, caller: Caller) -> None:
    with database.reading() as session:
        dashboard(session, caller, None)


def _timed(work: Callable[..., None], *asked: Any) -> float:
    begun = time.perf_counter()
    work(*asked)
    return (time.perf_counter() - begun) * 1000


def _row(asked: str, times: Sequence[float]) -> Measured:
    ordered = sorted(times)
    return Measured(
        asked, ordered[len(ordered) // 2], ordered[min(len(ordered) - 1, len(ordered) * 95 // 100)], ordered[-1]
    )


def main(database_url: str, records: int = RECORDS) -> None:
    database = Database(database_url)
    migrate(database, "registry")
    with database.reading() as session:
        empty = session.scalar(select(Enterprise.id).limit(1)) is None
    if empty:
        fill(database, records)
    database.dispose()
    technician = Caller("bench", "Bench", frozenset({"technician"}), Scope.of("GT", "SV", "HN"))
    for row in measure(database_url, technician):
        print(f"{row.asked:<38}{row.p50:>9.1f}{row.p95:>9.1f}{row.worst:>9.1f}")


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
