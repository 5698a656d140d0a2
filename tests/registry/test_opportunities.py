"""The register of opportunities: what each asks for, whom it fits, who was told and what became of it."""

import random
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from services.registry.models import Enterprise
from services.registry.queries.matching import meets_all, misses_nothing, traits_of, unknowns
from services.registry.rules.opportunities import (
    FITS,
    MAY_FIT,
    MISSES,
    NEXT_STATES,
    STATES,
    Conditions,
    Traits,
    fit,
    is_open,
    judged,
    rank,
)
from shared.events.vocabulary import CHAINS, LINKS, NEEDS
from shared.kernel import clock
from shared.testing import person
from tests.registry.house import TECHNICIAN, House
from tests.registry.test_institutions import ELSEWHERE, FONSECA, institution, made, refusal
from tests.registry.test_withdrawal import everything, withdraw

TODAY = clock.today()
SECTIONS = ("A", "C", "G", "I")


def some_of(codes: tuple[str, ...]) -> Any:
    return st.lists(st.sampled_from(codes), unique=True, max_size=3).map(tuple)


CONDITIONS = st.builds(
    Conditions,
    units=some_of(("HN", "HN17", "HN1709", "GT")),
    chains=some_of(CHAINS[:4]),
    links=some_of(LINKS),
    needs=some_of(NEEDS),
    sections=some_of(SECTIONS),
    tiers=some_of(("strategic", "emerging")),
    formal=st.none() | st.booleans(),
    years_min=st.none() | st.integers(0, 10),
    years_max=st.none() | st.integers(0, 10),
    women_only=st.booleans(),
)
TRAITS = st.builds(
    Traits,
    municipality=st.sampled_from(("HN1709", "HN0607", "GT0101")),
    chain=st.none() | st.sampled_from(CHAINS[:4]),
    links=some_of(LINKS),
    needs=some_of(NEEDS),
    section=st.none() | st.sampled_from(SECTIONS),
    tier=st.none() | st.sampled_from(("strategic", "emerging")),
    formal=st.booleans(),
    started_year=st.none() | st.integers(2010, 2026),
)


def opportunity(**changes: Any) -> dict[str, Any]:
    asked = {"units": ["HN17"]} | changes.pop("conditions", {})
    return {
        "kind": "finance",
        "title": "Capital semilla de prueba",
        "source": "Boletín de la cooperación",
        "link": "https://ejemplo.invalid/bases",
        "deadline": (TODAY + timedelta(days=10)).isoformat(),
        "amount_min": {"amount": "5000.00", "currency": "HNL"},
        "amount_max": {"amount": "20000.00", "currency": "HNL"},
        "conditions": asked,
    } | changes


def tell(house: House, found: dict[str, Any], enterprise_id: str, caller: Any = TECHNICIAN, **more: Any) -> Any:
    body = {"enterprise_id": enterprise_id, **more}
    return house.call("POST", f"/opportunities/{found['id']}/follow-ups", caller, json=body)


def fits(house: House, found: dict[str, Any], query: str = "", caller: Any = TECHNICIAN) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = house.call("GET", f"/opportunities/{found['id']}/fits{query}", caller).json["items"]
    return rows


def moved(house: House, found: dict[str, Any], enterprise_id: str, state: str, on: Any = TODAY) -> Any:
    path = f"/opportunities/{found['id']}/follow-ups"
    [row] = [r for r in house.call("GET", path).json["items"] if r["enterprise_id"] == enterprise_id]
    body = {"state": state, "on": on.isoformat()}
    return house.call("PATCH", f"{path}/{enterprise_id}", TECHNICIAN, version=row["version"], json=body)


@given(CONDITIONS, TRAITS)
def test_what_is_not_known_is_never_a_miss_and_what_is_learnt_can_only_settle_it(
    conditions: Conditions, traits: Traits
) -> None:
    verdicts = judged(conditions, traits, 2026)
    blank = Traits(traits.municipality, None, (), (), None, None, traits.formal, None)
    knowing_less = judged(conditions, blank, 2026)
    assert verdicts.keys() == knowing_less.keys()
    for name in verdicts:
        assert knowing_less[name] in {"unknown", verdicts[name]}
    assert fit(verdicts) == FITS or rank(verdicts) > (0, 0)
    assert (fit(verdicts) == MISSES) == (rank(verdicts)[0] > 0)


def test_nothing_asked_fits_everybody_and_one_thing_unknown_may_fit() -> None:
    bare = Traits("HN1709", None, (), (), None, None, False, None)
    assert (judged(Conditions(), bare, 2026), fit({})) == ({}, FITS)
    verdicts = judged(Conditions(units=("HN",), years_min=2, women_only=True), bare, 2026)
    assert (verdicts, fit(verdicts)) == ({"place": "met", "years": "unknown", "women_only": "met"}, MAY_FIT)
    missed = judged(Conditions(units=("GT",), years_min=2), bare, 2026)
    assert (fit(missed), rank(missed)) == (MISSES, (1, 1))


def test_an_opportunity_is_open_through_its_last_day() -> None:
    assert [is_open(TODAY + timedelta(days=d), TODAY) for d in (-1, 0, 1)] == [False, True, True]
    assert is_open(None, TODAY)


def test_the_database_says_what_the_rule_says(house: House) -> None:
    chance = random.Random(7)
    plain = {"products": [], "name": "Sin palabras"}
    varied: list[dict[str, Any]] = [
        {},
        {"links": [], "needs": [], "started_year": None},
        {"municipality": "HN0607", "formal": True, "started_year": 2025},
        {"activity": None, "chain": None, **plain},
        {"chain": "other"},
        {"chain": "coffee", "activity": "0127", "needs": ["market"], "started_year": 2020},
        {
            "activity": "I",
            "links": ["marketing"],
            "formal": True,
            "municipality": "GT0101",
            "sales": None,
            "products": [],
        },
    ]
    for changes in varied:
        house.register(**changes)
    with house.database.reading() as session:
        enterprises = session.scalars(select(Enterprise)).all()
        assert {traits_of(one).chain for one in enterprises} >= {None, "other", "coffee"}
        for _ in range(120):
            conditions = _asked(chance)
            told = {one.id: judged(conditions, traits_of(one), 2026) for one in enterprises}
            for verdict, where in (({FITS}, meets_all), ({FITS, MAY_FIT}, misses_nothing)):
                found = set(session.scalars(select(Enterprise.id).where(*where(conditions, 2026))))
                assert found == {one for one in told if fit(told[one]) in verdict}, conditions
            counted = session.execute(select(Enterprise.id, unknowns(conditions, 2026).label("open_questions")))
            assert {row.id: row.open_questions for row in counted} == {one: rank(told[one])[1] for one in told}


def _asked(chance: random.Random) -> Conditions:
    def some(codes: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(chance.sample(codes, chance.choice((0, 0, 1, 2))))

    return Conditions(
        units=some(("HN", "HN17", "HN0607", "GT")),
        chains=some(("other", "coffee", "dairy")),
        links=some(LINKS),
        needs=some(NEEDS),
        sections=some(SECTIONS),
        tiers=some(("strategic", "emerging")),
        formal=chance.choice((None, None, True, False)),
        years_min=chance.choice((None, None, 0, 3)),
        years_max=chance.choice((None, None, 5, 20)),
        women_only=chance.choice((True, False)),
    )


def test_it_is_matched_to_those_it_fits_and_says_why(house: House) -> None:
    known = house.register()
    silent = house.register(needs=[], started_year=None)
    half = house.register(started_year=None)
    house.register(needs=["training"])
    house.register(municipality="HN0607")
    asked = {"needs": ["credit"], "years_min": 3, "formal": False}
    found = made(house, "/opportunities", opportunity(conditions=asked), TECHNICIAN)
    assert (found["open"], found["unit_names"], found["conditions"]["needs"]) == (True, ["Valle"], ["credit"])
    assert [(row["enterprise_id"], row["fit"]) for row in fits(house, found)] == [(known["id"], "fits")]
    less, least = fits(house, found, "?fit=may_fit")
    assert (less["enterprise_id"], least["enterprise_id"]) == (half["id"], silent["id"])
    assert least["verdicts"] == [
        {"condition": "place", "verdict": "met"},
        {"condition": "needs", "verdict": "unknown"},
        {"condition": "formal", "verdict": "met"},
        {"condition": "years", "verdict": "unknown"},
    ]
    first = house.call("GET", f"/opportunities/{found['id']}/fits?fit=may_fit&limit=1")
    after = first.headers["Link"].partition("after=")[2].partition(">")[0]
    second = house.call("GET", f"/opportunities/{found['id']}/fits?fit=may_fit&limit=1&after={after}").json["items"]
    assert [row["enterprise_id"] for row in second] == [silent["id"]]


def test_a_record_is_shown_the_open_ones_it_does_not_miss_best_first(house: House) -> None:
    her = house.register(started_year=None)["id"]
    sooner = (TODAY + timedelta(days=2)).isoformat()
    may = made(house, "/opportunities", opportunity(title="Quizá", conditions={"years_min": 1}, deadline=sooner))
    endless = made(house, "/opportunities", opportunity(title="Sin plazo", deadline=None))
    fitting = made(house, "/opportunities", opportunity(title="Le sirve"))
    made(house, "/opportunities", opportunity(title="No", conditions={"formal": True}))
    over = opportunity(title="Vencida", deadline=(TODAY - timedelta(days=1)).isoformat())
    made(house, "/opportunities", over)
    rows = house.call("GET", f"/opportunities/fitting/{her}", TECHNICIAN).json["items"]
    assert [(row["title"], row["fit"]) for row in rows] == [
        ("Le sirve", "fits"),
        ("Sin plazo", "fits"),
        ("Quizá", "may_fit"),
    ]
    assert [row["id"] for row in rows] == [fitting["id"], endless["id"], may["id"]]
    assert [row["state"] for row in rows] == [None, None, None]
    tell(house, may, her)
    states = {r["title"]: r["state"] for r in house.call("GET", f"/opportunities/fitting/{her}").json["items"]}
    assert states["Quizá"] == "told"
    strange = house.call("GET", f"/opportunities/fitting/{her}", ELSEWHERE)
    assert refusal(strange) == (403, "permission.outside_scope")


def test_she_is_told_applies_and_wins(house: House) -> None:
    her, found = house.register()["id"], made(house, "/opportunities", opportunity())
    told = tell(house, found, her)
    assert (told.status_code, told.json["told"], told.json["applied"]) == (201, 1, 0)
    assert refusal(tell(house, found, her)) == (409, "follow_up.told_already")
    assert [row["state"] for row in fits(house, found)] == ["told"]
    assert (fits(house, found, "?told=false"), len(fits(house, found, "?told=true"))) == ([], 1)
    assert refusal(moved(house, found, her, "won")) == (409, "follow_up.not_now")
    early = moved(house, found, her, "applied", TODAY - timedelta(days=1))
    assert refusal(early) == (422, "follow_up.too_early")
    future = moved(house, found, her, "applied", TODAY + timedelta(days=1))
    assert refusal(future) == (422, "follow_up.in_the_future")
    assert moved(house, found, her, "applied").json["applied"] == 1
    counts = moved(house, found, her, "won").json
    assert (counts["told"], counts["applied"], counts["won"], counts["lost"]) == (1, 1, 1, 0)
    [row] = house.call("GET", f"/opportunities/{found['id']}/follow-ups").json["items"]
    assert (row["state"], row["told_by_name"], row["decided_on"]) == ("won", "Técnica de prueba", TODAY.isoformat())
    path = f"/opportunities/{found['id']}/follow-ups/{her}"
    assert refusal(house.call("DELETE", path, version=row["version"])) == (409, "follow_up.applied_already")
    assert refusal(house.call("DELETE", path, version=row["version"] + 1)) == (412, "changed_meanwhile")


def test_who_was_not_told_after_all_is_taken_out(sqlite_house: House) -> None:
    her, found = sqlite_house.register()["id"], made(sqlite_house, "/opportunities", opportunity())
    path = f"/opportunities/{found['id']}/follow-ups/{her}"
    assert refusal(sqlite_house.call("DELETE", path, version=1)) == (404, "follow_up.unknown")
    tell(sqlite_house, found, her)
    assert sqlite_house.call("DELETE", path, version=1).status_code == 204
    assert sqlite_house.call("GET", f"/opportunities/{found['id']}").json["told"] == 0


def test_every_other_way_of_a_follow_up_is_refused() -> None:
    assert {state for states in NEXT_STATES.values() for state in states} == set(STATES) - {"told"}
    assert "applied" not in NEXT_STATES["won"] | NEXT_STATES["lost"]


def test_nobody_is_told_of_what_closed_and_no_application_is_late(sqlite_house: House) -> None:
    her = sqlite_house.register()["id"]
    yesterday = (TODAY - timedelta(days=1)).isoformat()
    found = made(sqlite_house, "/opportunities", opportunity(deadline=yesterday))
    assert refusal(tell(sqlite_house, found, her)) == (409, "opportunity.closed")
    assert tell(sqlite_house, found, her, on=yesterday).status_code == 201
    assert refusal(moved(sqlite_house, found, her, "applied")) == (422, "follow_up.too_late")
    assert moved(sqlite_house, found, her, "applied", TODAY - timedelta(days=1)).status_code == 200


def test_what_closes_within_two_weeks_and_fits_a_woman_nobody_told_waits(house: House) -> None:
    def counts(caller: Any = TECHNICIAN) -> tuple[int, int, int]:
        told = house.call("GET", "/opportunities/count", caller).json
        return told["open"], told["closing"], told["to_tell"]

    assert counts() == (0, 0, 0)
    her = house.register()["id"]
    soon = made(house, "/opportunities", opportunity(deadline=(TODAY + timedelta(days=14)).isoformat()))
    later = opportunity(deadline=(TODAY + timedelta(days=15)).isoformat())
    made(house, "/opportunities", later)
    made(house, "/opportunities", opportunity(conditions={"tiers": ["strategic"]}))
    assert counts() == (3, 2, 1)
    assert counts(ELSEWHERE) == (0, 0, 0)
    assert counts(person("technician", scope="HN1703")) == (3, 2, 0)
    tell(house, soon, her)
    assert counts() == (3, 2, 0)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"conditions": {"units": ["HN9999"]}}, "municipality.unknown"),
        ({"conditions": {"units": []}}, "body.invalid_fields"),
        ({"conditions": {"years_min": 5, "years_max": 4}}, "opportunity.years_reversed"),
        ({"amount_max": {"amount": "1.00", "currency": "GTQ"}}, "opportunity.two_currencies"),
        ({"amount_max": {"amount": "1.00", "currency": "HNL"}}, "opportunity.amounts_reversed"),
    ],
)
def test_an_opportunity_that_cannot_be_is_refused(sqlite_house: House, changes: dict[str, Any], code: str) -> None:
    assert refusal(sqlite_house.call("POST", "/opportunities", json=opportunity(**changes))) == (422, code)


def test_it_is_there_for_who_works_where_it_is_for_and_is_put_right_as_a_whole(house: House) -> None:
    country = made(house, "/opportunities", opportunity(conditions={"units": ["HN"]}), FONSECA)
    elsewhere = made(house, "/opportunities", opportunity(conditions={"units": ["HN0607"]}))
    assert [row["id"] for row in house.call("GET", "/opportunities", FONSECA).json["items"]] == [country["id"]]
    path = f"/opportunities/{elsewhere['id']}"
    assert refusal(house.call("GET", path, FONSECA)) == (403, "permission.outside_scope")
    refused = house.call("POST", "/opportunities", FONSECA, json=opportunity(conditions={"units": ["HN0607"]}))
    assert refusal(refused) == (403, "permission.outside_scope")
    body = opportunity(title="Otra", amount_min=None, conditions={"units": ["HN", "HN1709"], "women_only": True})
    changed = house.call("PUT", f"/opportunities/{country['id']}", FONSECA, version=country["version"], json=body).json
    assert (changed["title"], changed["amount_min"], changed["conditions"]["units"]) == ("Otra", None, ["HN", "HN1709"])
    late = house.call("PUT", f"/opportunities/{country['id']}", version=country["version"], json=body)
    assert refusal(late) == (412, "changed_meanwhile")


def test_it_is_found_by_words_without_accents_by_place_year_and_institution(house: House) -> None:
    bank = made(house, "/institutions", institution(kind="bank", name="Banco Número Uno"))["id"]
    fund = made(house, "/opportunities", opportunity(title="Crédito para artesanías", institution_id=bank))
    tender = made(house, "/opportunities", opportunity(kind="tender", title="Uniformes", deadline="2020-05-01"))
    made(house, "/opportunities", opportunity(title="Otra cosa", conditions={"units": ["HN06"]}, deadline=None))

    def ids(query: str) -> list[str]:
        return [row["id"] for row in house.call("GET", f"/opportunities?{query}").json["items"]]

    assert ids("q=credito artesania") == ids("q=NUMERO") == ids(f"institution_id={bank}") == [fund["id"]]
    assert ids("state=closed&year=2020&kind=tender") == [tender["id"]]
    assert ids("state=closed&year=2021") == []
    assert ids("place=HN1709") == [fund["id"]]
    assert len(ids("place=HN")) == len(ids("state=open")) == 2
    assert len(ids("state=all")) == 3
    assert refusal(house.call("GET", "/opportunities?place=HN9999")) == (422, "municipality.unknown")


def test_the_auditor_reads_and_who_sees_no_names_does_not(sqlite_house: House) -> None:
    found = made(sqlite_house, "/opportunities", opportunity())
    assert sqlite_house.call("GET", f"/opportunities/{found['id']}/fits", person("auditor")).status_code == 200
    for role in ("auditor", "network_coordinator"):
        refused = sqlite_house.call("POST", "/opportunities", person(role), json=opportunity())
        assert refusal(refused) == (403, "permission.role_missing")
    assert sqlite_house.call("GET", "/opportunities", person("leda_viewer")).status_code == 403
    missing = "/opportunities/0191e8f0-de30-7000-8000-000000000000"
    assert refusal(sqlite_house.call("GET", missing)) == (404, "opportunity.unknown")


def test_who_withdrew_fits_nothing_and_no_word_of_her_stays(house: House) -> None:
    enterprise, found = house.register(), made(house, "/opportunities", opportunity())
    tell(house, found, enterprise["id"])
    withdraw(house, enterprise["owners"][0]["id"])
    assert fits(house, found) == []
    [row] = house.call("GET", f"/opportunities/{found['id']}/follow-ups").json["items"]
    assert (row["enterprise_name"], row["active"]) == ("", False)
    assert "Ficticia" not in everything(house)
    refused = house.call("POST", f"/opportunities/{found['id']}/follow-ups", json={"enterprise_id": enterprise["id"]})
    assert refusal(refused) == (409, "enterprise.withdrawn")
