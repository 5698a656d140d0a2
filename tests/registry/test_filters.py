"""The inventory narrowed and sorted: each filter and every mixture of them against a look at every record."""

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from services.registry.api.filter_schemas import EnterpriseQuery, FilterQuery
from services.registry.codes import sales_bands
from services.registry.models import Accompaniment, Centre, CopyLoan, Enterprise
from services.registry.queries import finding
from services.registry.queries.enterprises import SORTS
from services.registry.queries.filters import FILTERS
from services.registry.rules.activities import section_of
from services.registry.rules.inventory import Person, Position, Profile
from services.registry.rules.sales import band_of
from services.registry.use_cases.register_enterprise import Consenting, register_enterprise
from shared import places
from shared.events import vocabulary
from shared.kernel import LOCAL_TIME, Money, clock, uuid7
from shared.testing import database_of, keyrings, person
from tests.conftest import DATABASES
from tests.registry.house import COORDINATOR, House, open_house

DAY = date(2026, 3, 10)
TOWNS = ("HN1709", "HN1706", "HN0601", "SV1403", "SV0704", "GT0101")
WORDS = ("Quesos", "Café", "Ñandú", "quesos", "Ángel")
TEAM = person("coordinator", subject="equipo")

Naive = Callable[[Enterprise, Any], bool]


def _profile(dice: random.Random) -> Profile:
    town = dice.choice(TOWNS)
    currency = {"HN": "HNL", "SV": "USD", "GT": "GTQ"}[town[:2]]
    return Profile(
        name=dice.choice(WORDS) + dice.choice(("", " La Unión", " 2")),
        municipality=town,
        activity=dice.choice((None, "C", "1050", "G", "4711", "A")),
        site=dice.choice((None, "home", "shop", "farm")),
        position=Position(-87.4, 13.4) if dice.random() < 0.6 else None,
        chain=dice.choice(vocabulary.CHAINS[:5]),
        links=tuple(sorted(dice.sample(vocabulary.LINKS, 2))),
        needs=tuple(sorted(dice.sample(vocabulary.NEEDS, dice.randint(0, 2)))),
        started_year=dice.choice((None, 1999, 2010, 2024)),
        jobs_women=dice.randint(0, 4),
        jobs_men=dice.randint(0, 2),
        sales=None if dice.random() < 0.4 else Money(dice.choice((0, 50_000, 350_000, 5_000_000)), currency),
        formal=dice.random() < 0.5,
        ownership=dice.choice(("individual", "group", "cooperative")),
        sales_band=dice.choice((None, "low", "very_high")),
        markets=tuple(sorted(dice.sample(("municipality", "country", "export"), dice.randint(0, 2)))),
    )


def _furnish(house: House, count: int = 70) -> None:
    dice = random.Random(5)
    moment = clock.now().replace(hour=18, minute=0, second=0, microsecond=0)
    with house.database.transaction() as session:
        for number in range(count):
            woman = Person(
                f"Ana {number}",
                "Ficticia",
                people=dice.choice((None, "lenca", "maya")),
                languages=tuple(sorted(dice.sample(("spa", "kek", "cab"), dice.randint(0, 2)))),
            )
            answers = {"registry": True, "credit": dice.random() < 0.5, "map": dice.random() < 0.5}
            # Days and moments are few, so that many records are equal in what they are sorted by.
            with clock.frozen(moment - timedelta(days=dice.randint(0, 4))):
                one = register_enterprise(
                    session,
                    COORDINATOR,
                    house.context.sealer,
                    profile=_profile(dice),
                    owner=(woman, Consenting(answers, DAY, "office")),
                )
                one.judge(dice.choice(vocabulary.VALIDATION_STATES), DAY)
                one.rank(dice.choice((None, *vocabulary.TIERS)), None)
            one.recorded_on = DAY + timedelta(days=dice.randint(0, 5))
        session.add(Centre.open(name="CSEM", country="HN", host=None, municipalities=["HN1709", "HN0601"], team=[]))


def _stand_beside(house: House) -> None:
    """Every third record has a project and a loan: open, closed, hers who asks, nobody's."""
    rows = house.call("GET", "/enterprises?limit=200", TEAM).json["items"][::3]
    for row in rows:
        body = {"enterprise_id": row["id"], "begins_on": DAY.isoformat()}
        opened = house.call("POST", "/accompaniments", TEAM, json=body)
        assert opened.status_code == 201, opened.json
    with house.database.transaction() as session:
        for number, row in enumerate(rows):
            one = UUID(row["id"])
            told = {"technician": TEAM.subject if number % 2 else None, "closed_on": None if number % 3 else DAY}
            session.execute(update(Accompaniment).where(Accompaniment.enterprise_id == one).values(**told))
            settled = None if number % 4 else DAY
            session.add(
                CopyLoan(
                    loan_id=uuid7(),
                    enterprise_id=one,
                    municipality=row["municipality"],
                    disbursed_on=DAY,
                    settled_on=settled,
                )
            )


@pytest.fixture(scope="module", params=DATABASES)
def furnished(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    home: Path = tmp_path_factory.mktemp("filters")
    with database_of("registry", home, request.param) as database:
        house = open_house(database, keyrings(home / "keys"), home)
        _furnish(house)
        _stand_beside(house)
        yield house
        house.database.dispose()


@pytest.fixture(scope="module")
def every(furnished: House) -> list[Enterprise]:
    """All records with what belongs to them."""
    with furnished.database.reading() as session:
        return list(session.scalars(select(Enterprise)))


def _band(one: Enterprise) -> str | None:
    if one.sales_minor is None:
        return one.sales_band
    band = band_of(Money(one.sales_minor, one.currency), [b for b in sales_bands() if b.currency == one.currency])
    return None if band is None else band.code


def _codes(of: Callable[[Enterprise], Any]) -> Naive:
    return lambda one, values: of(one) in values


def _meet(of: Callable[[Enterprise], Any]) -> Naive:
    return lambda one, values: not set(of(one)).isdisjoint(values)


NAIVE: dict[str, tuple[Naive, Sequence[Any]]] = {
    "municipality": (
        lambda one, codes: one.municipality.startswith(tuple(codes)),
        [["HN"], ["HN17", "SV14"], ["HN1709"], ["GT0101", "HN06"]],
    ),
    "division_2024": (
        lambda one, codes: getattr(places.divisions_2024().get(one.municipality), "code", None) in codes,
        [[places.divisions_2024()["SV1403"].code]],
    ),
    "chain": (_codes(lambda one: one.chain), [[vocabulary.CHAINS[0]], list(vocabulary.CHAINS[1:4])]),
    "activity": (
        lambda one, codes: one.activity in codes or section_of(one.activity or "") in codes,
        [["C"], ["1050"], ["G", "A"]],
    ),
    "link": (_meet(lambda one: one.tagged("link")), [["production"], ["inputs", "marketing"]]),
    "need": (_meet(lambda one: one.tagged("need")), [["credit"], ["training", "quality"]]),
    "market": (_meet(lambda one: one.tagged("market")), [["export"], ["municipality", "department"]]),
    "place_state": (_codes(lambda one: one.place_state), [["pending"], ["missing"], ["pending", "missing"]]),
    "validation": (_codes(lambda one: one.validation), [["captured"], ["stale", "rejected"]]),
    "tier": (_codes(lambda one: one.tier), [["strategic"], ["emerging", "strategic"]]),
    "ownership": (_codes(lambda one: one.ownership), [["individual"], ["group", "cooperative"]]),
    "site": (_codes(lambda one: one.site), [["home"], ["home", "farm"]]),
    "formal": (lambda one, value: one.formal == value, [True, False]),
    "located": (lambda one, value: (one.lon is not None) == value, [True, False]),
    "consent_map": (lambda one, value: one.consent_map == value, [True, False]),
    "consent_credit": (lambda one, value: one.consent_credit == value, [True, False]),
    "people": (_meet(lambda one: [owner.entrepreneur.people for owner in one.owners]), [["lenca"], ["maya", "pech"]]),
    "language": (
        _meet(lambda one: [spoken for owner in one.owners for spoken in owner.entrepreneur.languages]),
        [["kek"], ["cab", "len"]],
    ),
    "started_from": (lambda one, year: one.started_year is not None and one.started_year >= year, [2010]),
    "started_to": (lambda one, year: one.started_year is not None and one.started_year <= year, [2010]),
    "jobs_from": (lambda one, jobs: one.jobs_women + one.jobs_men >= jobs, [0, 3, 9]),
    "jobs_to": (lambda one, jobs: one.jobs_women + one.jobs_men <= jobs, [0, 3]),
    "sales_band": (_codes(_band), [["low"], ["none", "very_high"], ["middle"]]),
    "recorded_from": (lambda one, day: one.recorded_on >= day, [DAY + timedelta(days=2)]),
    "recorded_to": (lambda one, day: one.recorded_on <= day, [DAY + timedelta(days=3)]),
    "changed_since": (
        lambda one, day: one.changed_at.astimezone(LOCAL_TIME).date() >= day,
        [clock.today() - timedelta(days=days) for days in range(4)],
    ),
}
"""How a look at a record decides what the filter of this name means, and values to ask for."""

BESIDE = {"centre", "loan", "accompaniment", "technician", "ids"}
"""Filters by what stands beside a record; they have tests of their own."""


def _asked(filters: dict[str, Any]) -> str:
    def written(value: Any) -> str:
        if isinstance(value, bool):
            return str(value).lower()
        return ",".join(value) if isinstance(value, list) else str(value)

    return "&".join(f"{name}={written(value)}" for name, value in filters.items())


def _found(house: House, query: str, caller: Any = TEAM) -> list[str]:
    """The ids of all pages."""
    ids, path = [], f"/enterprises?{query}&limit=200"
    while path:
        answer = house.call("GET", path, caller)
        assert answer.status_code == 200, answer.json
        ids += [row["id"] for row in answer.json["items"]]
        path = answer.headers.get("Link", "").partition("registry/v1")[2].partition(">")[0]
    return ids


def test_every_filter_has_a_field_a_condition_and_a_test() -> None:
    fields = set(FilterQuery().fields) - {"q", "taken_back"}
    assert fields == set(FILTERS) == set(NAIVE) | BESIDE
    assert set(EnterpriseQuery().fields) - set(FilterQuery().fields) == {"sort"}


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    asked=st.lists(st.sampled_from(sorted(NAIVE)), min_size=1, max_size=4, unique=True).flatmap(
        lambda names: st.fixed_dictionaries({name: st.sampled_from(NAIVE[name][1]) for name in names})
    ),
    rare=st.sampled_from([0, 5, 2_500]),
)
def test_any_mixture_of_filters_finds_what_a_look_at_every_record_finds(
    furnished: House, every: list[Enterprise], asked: dict[str, Any], rare: int
) -> None:
    """Whatever leads: what counts as rare decides how the records are looked up, and never which."""
    kept, finding.RARE = finding.RARE, rare
    try:
        found = _found(furnished, _asked(asked))
    finally:
        finding.RARE = kept
    meant = {str(one.id) for one in every if all(NAIVE[name][0](one, value) for name, value in asked.items())}
    assert set(found) == meant, _asked(asked)
    assert len(found) == len(meant)
    counted = furnished.call("GET", f"/enterprises/count?{_asked(asked)}", TEAM).json
    assert counted["all"] == len(meant)


def test_each_filter_alone_finds_some_and_not_all(furnished: House, every: list[Enterprise]) -> None:
    """So that the mixtures compare something."""
    for name, (naive, values) in NAIVE.items():
        found = [{str(one.id) for one in every if naive(one, value)} for value in values]
        assert any(0 < len(some) < len(every) for some in found), name
        asked = next(value for value, some in zip(values, found, strict=True) if 0 < len(some) < len(every))
        assert set(_found(furnished, _asked({name: asked}))) == {str(one.id) for one in every if naive(one, asked)}


def test_what_stands_beside_a_record_finds_it(furnished: House, every: list[Enterprise]) -> None:
    known = {str(one.id): one for one in every}
    with furnished.database.reading() as session:
        cases = {str(case.enterprise_id): case for case in session.scalars(select(Accompaniment))}
        loans = {str(loan.enterprise_id): loan for loan in session.scalars(select(CopyLoan))}
        centre = session.scalars(select(Centre)).one()
    opened = {one for one, case in cases.items() if case.is_open}
    assert set(_found(furnished, "accompaniment=open")) == opened
    assert set(_found(furnished, "accompaniment=none,closed")) == set(known) - opened
    assert set(_found(furnished, "technician=me")) == {one for one in opened if cases[one].technician == TEAM.subject}
    assert set(_found(furnished, "technician=nobody")) == {one for one in opened if cases[one].technician is None}
    assert set(_found(furnished, "loan=open")) == {one for one, loan in loans.items() if loan.settled_on is None}
    assert set(_found(furnished, "loan=none")) == set(known) - set(loans)
    covered = {one for one, row in known.items() if row.municipality in {"HN1709", "HN0601"}}
    assert set(_found(furnished, f"centre={centre.id}")) == covered
    some = sorted(known)[:3]
    assert set(_found(furnished, f"ids={','.join(some)}")) == set(some)


ORDERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "name": lambda row: row["name"].casefold().replace("é", "e").replace("ñ", "n").replace("á", "a").replace("ó", "o"),
    "municipality": lambda row: row["municipality"],
    "recorded": lambda row: row["recorded_on"],
    "changed": lambda row: row["changed_at"],
    "validation": lambda row: vocabulary.VALIDATION_STATES.index(row["validation"]),
}


@pytest.mark.parametrize("sort", SORTS)
def test_pages_lose_no_record_and_tell_none_twice_in_any_order(furnished: House, sort: str) -> None:
    rows, path = [], f"/enterprises?sort={sort}&limit=3"
    while path:
        answer = furnished.call("GET", path, TEAM)
        rows += answer.json["items"]
        path = answer.headers.get("Link", "").partition("registry/v1")[2].partition(">")[0]
    ids = [row["id"] for row in rows]
    assert len(ids) == len(set(ids)) == 70
    if sort == "recent":
        assert ids == sorted(ids, reverse=True)
        return
    key = ORDERS[sort.removeprefix("-")]
    assert [(key(row), row["id"]) for row in rows] == sorted(
        [(key(row), row["id"]) for row in rows], reverse=sort.startswith("-")
    )


def test_a_cursor_of_another_order_is_refused(furnished: House) -> None:
    link = furnished.call("GET", "/enterprises?sort=name&limit=1", TEAM).headers["Link"]
    cursor = link.partition("after=")[2].partition(">")[0]
    for sort in ("recent", "validation"):
        answer = furnished.call("GET", f"/enterprises?sort={sort}&after={cursor}", TEAM)
        assert (answer.status_code, answer.json["code"]) == (422, "query.cursor")


UNREAD = [
    ("leda_viewer", "people=lenca"),
    ("credit_officer", "people=lenca"),
    ("auditor", "people=lenca"),
    ("leda_viewer", "sales_band=low"),
    ("trainer", "sales_band=low"),
    ("leda_viewer", "language=kek"),
    ("auditor", "language=kek"),
    ("leda_viewer", "loan=open"),
    ("trainer", "loan=open"),
    ("leda_viewer", "accompaniment=open"),
    ("trainer", "technician=nobody"),
]


@pytest.mark.parametrize(("role", "query"), UNREAD)
def test_nobody_filters_by_what_she_may_not_read(furnished: House, role: str, query: str) -> None:
    for path in (f"/enterprises?{query}", f"/enterprises/count?{query}"):
        answer = furnished.call("GET", path, person(role))
        assert (answer.status_code, answer.json["code"]) == (403, "permission.filter_unread")
        assert query.partition("=")[0] not in answer.json["detail"]
        assert "…" not in answer.json["detail"]


REFUSED = [
    ("municipality=HN1709,HN9999", "municipality.unknown"),
    ("division_2024=SV99-NORTE", "division.unknown"),
    ("activity=9999", "activity.unknown"),
    ("centre=01890000-0000-7000-8000-000000000000", "centre.not_there"),
    ("chain=dairy,gold", "body.invalid_fields"),
    ("people=", "body.invalid_fields"),
    ("sort=-recent", "body.invalid_fields"),
    ("jobs_from=3.5", "body.invalid_fields"),
    ("recorded_from=ayer", "body.invalid_fields"),
]


@pytest.mark.parametrize(("query", "code"), REFUSED)
def test_a_value_that_cannot_be_meant_is_refused(furnished: House, query: str, code: str) -> None:
    answer = furnished.call("GET", f"/enterprises?{query}", TEAM)
    assert (answer.status_code, answer.json["code"]) == (422, code)


def test_a_count_may_be_asked_for_up_to_a_number(furnished: House) -> None:
    assert furnished.call("GET", "/enterprises/count?at_most=20", TEAM).json["all"] == 21
    assert furnished.call("GET", "/enterprises/count?at_most=70", TEAM).json["all"] == 70
