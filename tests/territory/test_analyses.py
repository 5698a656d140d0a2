"""Analyses of a territory: what each answers, to whom, on both databases, and what it never tells."""

import csv
import html
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from sqlalchemy.orm import Session

from deploy.house import House
from services.territory.app import LOCALE
from services.territory.cli import group
from services.territory.queries import criteria, views
from services.territory.queries.analyses import ANALYSES, clusters, counts
from services.territory.queries.analyses.analysis import Analysis, Words
from services.territory.rules.access import PUBLISHED_FIGURES
from services.territory.rules.comparison import comparable
from services.territory.use_cases.adopt_criteria import adopt_criteria
from shared.database import Database
from shared.events.registry import Point, Trade
from shared.i18n import Catalogue
from shared.identity import Caller
from shared.kernel import Forbidden, Invalid, Refused, clock
from shared.testing import database_of, person
from tests.conftest import DATABASES
from tests.portal.conftest import text_of
from tests.territory.conftest import register
from tests.territory.test_pages import browser, house

__all__ = ["house"]
TECHNICIAN = person("technician", scope="HN17")
LEDA = person("leda_viewer", scope="HN17")
NETWORK = person("network_coordinator", scope="*")
ASKED = {"measure": "enterprises", "by": "recorded", "per": "count", "method": "dbscan", "among": "seats"}
ELSEWHERE = ("Choluteca", "Comayagua", "Cortés", "Atlántida", "HN01", "HN05", "HN06", "HN08")
SPANISH = {"Accept-Language": "es"}


def point(lon: float, lat: float) -> Point:
    return Point(lon=lon, lat=lat, accuracy_m=8.0)


def the_gulf(session: Session) -> None:
    """San Lorenzo fishes, Nacaome has cashew, Amapala fishes; the rest of Honduras has coffee in two departments,
    cashew in one and two beekeepers.
    """
    register(session, 30, point=point(-87.44, 13.42))
    register(session, 20, "HN1701", chain="cashew", jobs_women=2, point=point(-87.53, 13.52))
    register(session, 6, "HN1703", point=point(-87.65, 13.29))
    register(session, 1, "HN1702", chain="honey", point=None)
    register(session, 3, "HN1701", chain="coffee", point=point(-87.60, 13.60))
    register(session, 40, "HN0601", chain="coffee")
    register(session, 30, "HN0501", chain="coffee")
    register(session, 60, "HN0801", chain="fishing")
    register(session, 9, "HN0501", chain="fishing")
    register(session, 12, "HN0801", chain="cashew")
    register(session, 2, "HN0101", chain="honey")


@pytest.fixture(params=DATABASES)
def gulf(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    with database_of("territory", tmp_path, request.param, the_gulf) as opened:
        yield opened


def found(database: Database, analysis: str, caller: Caller = TECHNICIAN, *units: str, **asked: Any) -> Analysis:
    words = Words(lambda code, **facts: Catalogue([LOCALE]).sentence(code, facts, "es"), "es")
    with database.reading() as session:
        selection = views.selected(caller, units or None)
        return ANALYSES[analysis](session, caller, selection, ASKED | asked, words)


def rows(finding: Analysis, table: str) -> list[dict[str, Any]]:
    return next([dict(row) for row in one.rows] for one in finding.tables if one.name == table)


def row(finding: Analysis, table: str, **same: Any) -> dict[str, Any]:
    return next(one for one in rows(finding, table) if same.items() <= one.items())


@pytest.mark.parametrize("analysis", ANALYSES)
def test_of_an_empty_territory_every_analysis_says_what_is_to_be_done(database: Database, analysis: str) -> None:
    told = found(database, analysis, TECHNICIAN)

    assert told.n == 0
    assert "Todavía no hay ningún emprendimiento de Valle" in told.answer
    whole = {"reach": {"units": 9}, "concentration": {"departments": 1}}.get(analysis, {})
    assert {table.name: len(table.rows) for table in told.tables if table.rows} == whole


@pytest.mark.parametrize("analysis", ANALYSES)
@pytest.mark.parametrize("unit", ["HN", "HN17", "HN1709", "SV"])
def test_every_analysis_answers_of_every_level_the_same_twice(gulf: Database, analysis: str, unit: str) -> None:
    first, second = (found(gulf, analysis, NETWORK, unit) for _ in range(2))

    assert first.answer
    assert "…" not in first.answer
    assert not first.answer.startswith("analysis.")
    assert first == second
    assert all(set(table.columns) <= set(one) for table in first.tables for one in table.rows)


@pytest.mark.parametrize("analysis", ANALYSES)
def test_units_outside_of_the_scope_and_unknown_ones_are_refused(gulf: Database, analysis: str) -> None:
    with pytest.raises(Forbidden):
        found(gulf, analysis, TECHNICIAN, "HN")
    with pytest.raises(Forbidden):
        found(gulf, analysis, TECHNICIAN, "HN1709", "HN06")
    with pytest.raises(Invalid):
        found(gulf, analysis, TECHNICIAN, "HN99")


@pytest.mark.parametrize("analysis", sorted(set(ANALYSES) - {"change"}))
def test_a_chain_that_nobody_has_is_answered_and_no_mistake(gulf: Database, analysis: str) -> None:
    told = found(gulf, analysis, TECHNICIAN, chain="dairy")

    assert told.answer
    assert "…" not in told.answer


def test_what_is_more_present_than_in_the_country_is_said_with_its_count(gulf: Database) -> None:
    told = found(gulf, "specialisation")
    fishing = row(told, "chains", code="fishing")

    assert fishing["here"] == 36
    assert fishing["share"] == pytest.approx(36 / 60, abs=1e-3)
    assert fishing["share_country"] == pytest.approx(105 / 213, abs=1e-3)
    assert fishing["quotient"] == pytest.approx((36 / 60) / (105 / 213), abs=0.01)
    assert fishing["low"] < fishing["quotient"] < fishing["high"]
    assert "Pesca y acuicultura está 1.2 veces tan presente en Valle como en Honduras (n = 36" in told.answer


def test_of_the_country_nothing_is_told_from_which_a_few_could_be_subtracted(gulf: Database) -> None:
    """Two beekeepers, and all the cashew of the rest in one department: neither is told, nor the two together alone."""
    told = found(gulf, "specialisation")

    for chain in ("honey", "cashew"):
        assert {row(told, "chains", code=chain)[name] for name in ("quotient", "share_country", "low", "high")} == {
            None
        }
        assert row(told, "chains", code=chain)["flag"] == "país reservado"
    assert row(told, "chains", code="coffee")["quotient"] is not None
    assert not [one for one in rows(told, "next_door") if "Miel" in one["kin"] or "Marañón" in one["kin"]]
    text = str(told)
    assert not any(name in text for name in ELSEWHERE)


def test_of_women_what_comes_of_one_enterprise_is_not_told_either(database: Database) -> None:
    with database.transaction() as session:
        register(session, 30)
        register(session, 6, chain="crafts")
        for unit in ("HN0801", "HN0501"):
            register(session, 20, unit)
            register(session, 1, unit, chain="crafts", jobs_women=9)
            register(session, 1, unit, chain="tourism", jobs_women=9)

    assert row(found(database, "specialisation", measure="women"), "chains", code="crafts")["quotient"] is None


def test_without_an_inventory_elsewhere_there_is_nothing_to_compare_with(database: Database) -> None:
    with database.transaction() as session:
        register(session, 30)

    told = found(database, "specialisation")

    assert rows(told, "chains") == []
    assert "No hay inventario de Honduras fuera de la selección" in told.notes[0]


def test_who_sees_the_whole_country_is_told_all_of_it(gulf: Database) -> None:
    told = found(gulf, "specialisation", NETWORK, "HN17")

    assert row(told, "chains", code="honey")["quotient"] is not None


def test_a_chain_in_every_unit_is_compared_where_it_is_asked_for(gulf: Database) -> None:
    told = found(gulf, "specialisation", TECHNICIAN, chain="fishing")

    assert {one["code"]: one["here"] for one in rows(told, "units")} == {
        "HN1709": 30,
        "HN1703": 6,
        "HN1701": 0,
        "HN1702": 0,
    }
    assert [one["code"] for one in rows(told, "chains")] == ["fishing"]


def test_the_concentration_of_a_chain_is_that_of_its_shares(gulf: Database) -> None:
    told = found(gulf, "concentration", NETWORK, "HN")

    coffee = row(told, "chains", code="coffee")
    shares = np.array([3, 40, 30]) / 73
    assert coffee["herfindahl"] == pytest.approx(float((shares**2).sum()), abs=0.01)
    assert (coffee["first"], coffee["first_share"]) == ("Choluteca, Choluteca", pytest.approx(40 / 73, abs=1e-3))
    assert row(told, "chains", code="honey")["flag"] == "menos que lugares"


def test_a_change_closes_and_is_only_of_what_is_there_today(database: Database) -> None:
    with database.transaction() as session:
        register(session, 10, recorded_on=date(2025, 1, 10))
        register(session, 20, "HN1701", chain="cashew", recorded_on=date(2025, 1, 10))
        register(session, 5, recorded_on=date(2026, 2, 1))
        register(session, 7, "HN1701", recorded_on=date(2026, 2, 1))

    told = found(database, "change", since=date(2025, 6, 1), until=date(2026, 6, 1))

    assert "pasó de 30 a 42" in told.answer
    for table in ("chains", "units"):
        for one in rows(told, table):
            assert one["change"] == one["after"] - one["before"]
            assert one["change"] == pytest.approx(one["national"] + one["mix"] + one["competitive"], abs=0.02)
        assert sum(one["change"] for one in rows(told, table)) == 12


def test_the_hold_of_few_buyers_is_told_with_its_limits_and_of_a_few_only_to_the_team(database: Database) -> None:
    """Five of eight say that they sell 60 % to the same shop; one of two with honey sells her all to it."""

    def to(buyer: UUID, share: int) -> list[Trade]:
        return [Trade(side="buyer", kind="shop", enterprise_id=buyer, share=share)]

    with database.transaction() as session:
        [shop] = register(session, 1, "HN0601", chain="retail")
        register(session, 5, trade=to(shop, 60))
        register(session, 3)
        register(session, 1, chain="honey", trade=to(shop, 100))
        register(session, 1, chain="honey")

    mine, hers = found(database, "concentration"), found(database, "concentration", LEDA)
    fishing = row(mine, "buyers", code="fishing")
    assert (fishing["sellers"], fishing["tell"], fishing["buyers"]) == (8, 5, 1)
    assert fishing["covered"] == fishing["largest_low"] == pytest.approx(3 / 8)
    assert fishing["largest_high"] == 1.0
    assert row(hers, "buyers", code="fishing") == fishing
    assert row(mine, "buyers", code="honey")["largest_low"] == 0.5
    assert [
        row(hers, "buyers", code="honey")[key] for key in ("buyers", "largest_low", "largest_high", "four_high")
    ] == [None] * 4
    assert any("de los compradores" in note.lower() for note in mine.notes)
    assert not rows(found(database, "concentration", chain="cashew"), "buyers")


def test_a_change_by_the_year_of_beginning_says_how_many_tell_it(database: Database) -> None:
    with database.transaction() as session:
        register(session, 6, started_year=2020)
        register(session, 3, started_year=2025)
        register(session, 1, started_year=None)

    told = found(database, "change", by="started", since=date(2022, 1, 1), until=date(2025, 12, 31))

    assert (row(told, "units", code="HN1709")["before"], row(told, "units", code="HN1709")["after"]) == (6, 9)
    assert told.coverage == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("since", "until"),
    [(date(2026, 1, 2), date(2026, 1, 2)), (date(2026, 2, 1), date(2026, 1, 1)), (None, date(2199, 1, 1))],
)
def test_days_that_cannot_be_are_refused(database: Database, since: date | None, until: date) -> None:
    with pytest.raises(Invalid):
        found(database, "change", since=since, until=until)


def test_one_place_has_no_pattern_and_a_territory_where_like_lies_together_has(database: Database) -> None:
    with database.transaction() as session:
        for unit in ("HN1701", "HN1703", "HN1709"):
            register(session, 40, unit)
        for unit in ("HN0801", "HN0501"):
            register(session, 1, unit)

    told = found(database, "patterns", NETWORK, "HN")

    assert "lo parecido está junto en Honduras" in told.answer
    assert "San Lorenzo, Valle" in told.answer
    assert row(told, "units", code="HN1709")["spot_code"] == "hot"
    assert row(told, "units", code="HN0101")["spot_code"] == "none"
    assert "menos de 4 lugares" in found(database, "patterns", NETWORK, "HN1709").answer


@pytest.mark.parametrize("per", ["count", "area", "share"])
def test_a_pattern_is_looked_for_by_count_by_area_and_by_share(gulf: Database, per: str) -> None:
    told = found(gulf, "patterns", NETWORK, "HN17", chain="fishing", per=per)

    figure = row(told, "units", code="HN1709")["value"]
    assert figure == {"count": 30.0, "share": 1.0}.get(per, figure)
    assert told.values["HN1709"] == 30


@pytest.mark.parametrize(("show", "column"), [("spot", "spot"), ("local", "local")])
def test_the_map_of_patterns_shows_what_the_table_names(service: SimpleNamespace, show: str, column: str) -> None:
    with service.database.transaction() as session:
        for unit in ("HN0601", "HN0607", "HN0609", "HN0610", "HN0611", "HN0616"):
            register(session, 10, unit)
        lenient, day = {"false_discovery": 0.5}, clock.today()
        adopt_criteria(session, NETWORK, kind="patterns", unit="HN06", valid_from=day, source="Acta", values=lenient)

    told = service.get(NETWORK, f"/analyses/patterns?unit=HN06&show={show}", headers=SPANISH).json
    table = next(table for table in told["tables"] if table["name"] == "units")["rows"]
    named = {one["place"].removesuffix(", Choluteca"): one[column] or "nada que destaque" for one in table}
    assert len(set(named.values())) > 1
    for place, words in named.items():
        assert f"<title>{place}: {words}</title>" in told["drawing"]
    assert {one["label"] for one in told["legend"]} == set(named.values())


def test_the_map_of_patterns_may_show_the_counts(gulf: Database) -> None:
    told = found(gulf, "patterns", NETWORK, "HN17", show="value")
    assert (told.categories, told.values["HN1709"]) == (None, 30)


def test_of_too_few_places_the_map_shows_the_counts(gulf: Database) -> None:
    assert found(gulf, "patterns", NETWORK, "HN1709").categories is None
    assert found(gulf, "patterns", NETWORK, "HN17").categories is not None


def test_clusters_are_cards_with_their_chains_and_missing_links(gulf: Database) -> None:
    told = found(gulf, "clusters")
    cards = rows(told, "cards")

    assert [(one["enterprises"], one["women"]) for one in cards] == [(30, 30), (20, 40), (6, 6)]
    assert cards[0]["near"] == "San Lorenzo, Valle"
    assert "Pesca y acuicultura" in cards[0]["missing"]
    assert told.coverage == pytest.approx(59 / 60)
    assert (-87.44, 13.42) not in told.points


def test_who_sees_masked_points_gets_clusters_of_masks_without_extent(database: Database) -> None:
    with database.transaction() as session:
        register(session, 30, point=point(-87.4301, 13.4301))
        register(session, 8, point=point(-87.4301, 13.4301), consent_map=False)
        register(session, 4, "HN1703", point=point(-87.6501, 13.2901))

    asked = {"radius_m": 3_000, "least": 2}
    exact, masked = found(database, "clusters", TECHNICIAN, **asked), found(database, "clusters", LEDA, **asked)

    assert [one["enterprises"] for one in rows(exact, "cards")] == [38, 4]
    assert rows(exact, "cards")[1]["lon"] is None
    assert [one["enterprises"] for one in rows(masked, "cards")] == [30]
    assert all(one["radius_km"] is None and one["density"] is None for one in rows(masked, "cards"))
    assert "enmascarados" in " ".join(masked.notes)


def test_both_ways_of_finding_clusters_are_deterministic(gulf: Database) -> None:
    assert rows(found(gulf, "clusters", method="hdbscan"), "cards") == rows(
        found(gulf, "clusters", method="hdbscan"), "cards"
    )


def test_a_radius_that_would_compare_too_many_is_refused(gulf: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    few = replace(
        criteria.shipped("clusters"), values={"radius_m": 1500, "least": 5, "most_points": 100, "most_pairs": 2}
    )
    monkeypatch.setattr(criteria, "judging", lambda *_asked: few)
    with pytest.raises(Refused):
        found(gulf, "clusters")
    few.values.update(most_points=10)  # type: ignore[attr-defined]
    with pytest.raises(Refused):
        found(gulf, "clusters")


def test_the_way_is_a_straight_line_and_says_so(gulf: Database) -> None:
    told = found(gulf, "reach", at=["-87.44:13.42"], limit_km=5)
    here, there = row(told, "units", code="HN1709"), row(told, "units", code="HN1703")

    assert (here["enterprises"], here["mean_km"], here["beyond"]) == (30, 0.0, 0)
    assert there["mean_km"] == pytest.approx(26.9, abs=0.5)
    assert there["women_beyond"] == 6
    assert rows(told, "facilities")[0]["enterprises"] == 59
    assert "Líneas rectas" in told.notes[0]


def test_who_sees_masked_points_is_told_the_way_from_the_masks(gulf: Database) -> None:
    exact, masked = (found(gulf, "reach", caller, at=["-87.44:13.42"]) for caller in (TECHNICIAN, LEDA))

    assert row(exact, "units", code="HN1709")["most_km"] == 0
    assert row(masked, "units", code="HN1709")["most_km"] > 0


@pytest.mark.parametrize("at", [["200:13"], ["-87:95"], ["x:y"], ["1"], ["nan:1"]])
def test_places_that_are_not_on_earth_are_refused(gulf: Database, at: list[str]) -> None:
    with pytest.raises(Invalid):
        found(gulf, "reach", at=at)


@pytest.mark.parametrize("method", ["dbscan", "hdbscan"])
def test_more_points_than_can_be_compared_are_refused_before_they_are_read(
    gulf: Database, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    monkeypatch.setattr(clusters, "HDBSCAN_MOST", 58)
    held = criteria.shipped("clusters")
    few = replace(held, values={**held.values, "most_points": 58})
    monkeypatch.setattr(criteria, "judging", lambda *_asked: few)
    monkeypatch.setattr(counts, "_seen", None)
    with pytest.raises(Refused) as refused:
        found(gulf, "clusters", method=method)

    assert (refused.value.code, refused.value.facts) == ("analysis.too_many_points", {"most": 58, "n": 59})


def test_market_days_are_where_the_women_are_and_none_of_as_many_is_better(gulf: Database) -> None:
    told = found(gulf, "sites", places=2)

    assert {one["site"] for one in rows(told, "sites")} <= {
        f"{name}, Valle" for name in ("San Lorenzo", "Nacaome", "Amapala")
    }
    assert sum(one["women"] for one in rows(told, "sites")) == told.n == 80
    assert sum(one["women"] for one in rows(told, "municipalities")) == 80
    assert "Ninguna" in told.answer
    everywhere = found(gulf, "sites", places=2, among="populated")
    assert {one["site"] for one in rows(everywhere, "sites")} != {one["site"] for one in rows(told, "sites")}


def test_a_place_that_is_there_already_stays(gulf: Database) -> None:
    told = found(gulf, "sites", places=2, fixed=["HN1703"])

    assert "Amapala, Valle" in {one["site"] for one in rows(told, "sites")}


@pytest.mark.parametrize(
    "asked", [{"places": 50}, {"places": 0}, {"fixed": ["HN0801"]}, {"places": 1, "fixed": ["HN1701", "HN1703"]}]
)
def test_more_places_than_there_are_and_unknown_ones_are_refused(gulf: Database, asked: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        found(gulf, "sites", **asked)


@pytest.mark.parametrize(
    ("rest", "departments", "told"),
    [
        ([[2, 9, 9], [2, 9, 9]], "AB", [False, False, True]),
        ([[3, 9, 9], [2, 9, 9]], "AB", [True, True, True]),
        ([[5, 9, 9], [0, 9, 9]], "AB", [False, False, True]),
        ([[0, 9, 9], [0, 9, 9]], "AB", [True, True, True]),
        ([[2, 0, 0], [2, 0, 0]], "AB", [False, False, False]),
        ([[9, 9, 9], [9, 9, 9]], "AA", [False, False, False]),
        ([[2, 7, 9], [0, 0, 9]], "AB", [False, False, False]),
    ],
)
def test_a_country_is_told_by_chains_of_which_nothing_few_can_be_subtracted(
    rest: list[list[int]], departments: str, told: list[bool]
) -> None:
    assert comparable(rest, list(departments), few=5, least=2).tolist() == told


@given(
    st.lists(st.lists(st.integers(0, 3) | st.integers(0, 30), min_size=3, max_size=3), min_size=1, max_size=8),
    st.data(),
)
def test_what_is_withheld_of_a_country_is_never_few_and_never_one_chain_alone(
    table: list[list[int]], data: Any
) -> None:
    departments = [data.draw(st.sampled_from("ABC")) for _ in table]
    told = comparable(table, departments, few=5, least=2)
    counts = np.array(table)

    def safe(of: Any) -> bool:
        groups = {one for one, number in zip(departments, of.tolist(), strict=True) if number}
        return of.sum() >= 5 and len(groups) >= 2

    for chain in np.flatnonzero(told):
        assert not counts[:, chain].any() or safe(counts[:, chain])
    if told.any() and not told.all():
        assert (~told).sum() >= 2
        assert safe(counts[:, ~told].sum(axis=1))
    if told.any() and counts.any():
        assert safe(counts.sum(axis=1))


# The service as others see it.


def to_be_served(session: Session) -> None:
    register(session, 30)
    register(session, 20, "HN1701", chain="cashew", jobs_women=2)
    register(session, 60, "HN0801")
    register(session, 20, "HN0501")


@pytest.fixture
def served(serve: Callable[..., SimpleNamespace]) -> SimpleNamespace:
    return serve(to_be_served)


@pytest.mark.parametrize("analysis", ANALYSES)
def test_the_api_answers_in_the_reader_s_language_with_columns_map_and_method(
    served: SimpleNamespace, analysis: str
) -> None:
    told = served.get(TECHNICIAN, f"/analyses/{analysis}?unit=HN17", headers=SPANISH).json
    english = served.get(TECHNICIAN, f"/analyses/{analysis}?unit=HN17", headers={"Accept-Language": "en"}).json

    assert told["answer"] != english["answer"]
    assert told["formula"] != english["formula"]
    assert told["drawing"].startswith("<svg")
    assert told["as_of"]
    for table in told["tables"]:
        assert not [column for column in table["columns"] if column["label"].startswith("analysis.")]
        assert all({column["key"] for column in table["columns"]} <= set(one) for one in table["rows"])
    assert "analysis." not in str(told["notes"])


@pytest.mark.parametrize("role", sorted(PUBLISHED_FIGURES))
def test_planners_and_others_get_no_live_analysis(served: SimpleNamespace, role: str) -> None:
    for analysis in ANALYSES:
        for path in (f"/analyses/{analysis}", f"/analyses/{analysis}/file"):
            assert served.get(person(role, scope="HN17"), path).status_code == 403


@pytest.mark.parametrize(
    "query",
    ["specialisation?measure=money", "specialisation?chain=gold", "specialisation?unit=XX", "change?since=ayer",
     "change?until=2199-01-01", "change?since=2026-05-01&until=2026-01-01", "patterns?per=head", "patterns?show=all", "clusters?radius_m=1",
     "clusters?least=1", "clusters?method=x", "reach?at=1,2", "reach?at=500:1", "reach?limit_km=0", "sites?places=0",
     "sites?places=99", "sites?fixed=HN17", "sites?fixed=HN0801", "sites?among=all", "reach?colour=red"],
)  # fmt: skip
def test_wrong_questions_are_refused_with_a_sentence(served: SimpleNamespace, query: str) -> None:
    answer = served.get(TECHNICIAN, f"/analyses/{query}", headers=SPANISH)

    assert answer.status_code == 422
    assert answer.json["title"]


@pytest.mark.parametrize("analysis", ["specialisation", "concentration", "change", "potential"])
def test_an_analysis_says_that_its_chains_are_told_by_activity_where_nobody_named_one(
    served: SimpleNamespace, analysis: str
) -> None:
    notes = served.get(TECHNICIAN, f"/analyses/{analysis}", headers=SPANISH).json["notes"]

    assert any("se ubican por la clase de su actividad, igual" in note for note in notes)


def test_the_files_hold_what_the_answer_shows(served: SimpleNamespace) -> None:
    told = served.get(TECHNICIAN, "/analyses/specialisation", headers=SPANISH).json
    table = next(table for table in told["tables"] if table["name"] == "units")

    file = served.get(TECHNICIAN, "/analyses/specialisation/file?format=csv&table=units", headers=SPANISH)
    lines = list(csv.reader(io.StringIO(file.data.decode("utf-8-sig")), delimiter=";"))
    assert lines[0] == [column["label"] for column in table["columns"]]
    assert [line[0] for line in lines[1:]] == [one["place"] for one in table["rows"]]

    first = served.get(TECHNICIAN, "/analyses/specialisation/file?format=xlsx", headers=SPANISH).data
    book = CalamineWorkbook.from_filelike(io.BytesIO(first))
    assert len(book.sheet_names) == 1 + len(told["tables"])
    assert book.get_sheet_by_name(book.sheet_names[0]).to_python()[1] == [told["answer"]]
    assert first == served.get(TECHNICIAN, "/analyses/specialisation/file?format=xlsx", headers=SPANISH).data
    assert served.get(TECHNICIAN, "/analyses/specialisation/file?table=other").status_code == 422


@pytest.mark.parametrize(
    "words",
    [("specialisation", "HN17", "--chain", "fishing"), ("concentration", "HN"), ("change", "HN17", "--since", "2026-01-01"),
     ("patterns", "HN17", "--per", "area"), ("clusters", "HN17", "--method", "hdbscan"),
     ("reach", "HN17", "--at", "-87.44:13.42"), ("sites", "HN17", "--places", "2", "--fixed", "HN1701")],
)  # fmt: skip
def test_the_commands_answer_as_text_and_as_csv(served: SimpleNamespace, words: tuple[str, ...]) -> None:
    place = SimpleNamespace(service=lambda _name: served.built)

    def run(*more: str) -> str:
        done = CliRunner().invoke(group, ("analyses", *words, *more), obj=place, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.output

    text, table = run(), run("--csv")
    assert "…" not in text
    assert "analysis." not in text
    head, *lines = csv.reader(io.StringIO(table), delimiter=";")
    assert all(len(line) == len(head) for line in lines)


def test_a_command_refuses_a_unit_that_is_none(served: SimpleNamespace) -> None:
    place = SimpleNamespace(service=lambda _name: served.built)
    done = CliRunner().invoke(group, ("analyses", "sites", "HN99"), obj=place)
    assert isinstance(done.exception, Invalid)


# Pages.


def test_the_index_says_which_question_each_analysis_answers(gulf_house: House) -> None:
    page = browser(gulf_house, "technician").get("/territory/analyses")

    assert page.status_code == 200
    assert "¿Qué hace este territorio más que otros?" in text_of(page)
    for analysis in ANALYSES:
        assert f'href="/territory/analyses/{analysis}"' in page.text


@pytest.mark.parametrize("analysis", ANALYSES)
def test_each_page_has_its_answer_map_tables_method_and_files(gulf_house: House, analysis: str) -> None:
    technician = browser(gulf_house, "technician")
    page = technician.get(f"/territory/analyses/{analysis}")

    text = text_of(page)
    assert page.status_code == 200, text
    assert "<svg" in page.text
    assert "Cómo se calculó" in text
    assert "Datos al" in text
    assert page.text.count("<h1") == 1
    for kind in ("csv", "xlsx"):
        assert technician.get(f"/territory/analyses/{analysis}.{kind}").status_code == 200


@pytest.mark.parametrize("analysis", ANALYSES)
def test_an_empty_territory_is_told_what_to_do_first(house: House, analysis: str) -> None:
    page = browser(house, "technician").get(f"/territory/analyses/{analysis}")

    assert page.status_code == 200
    assert "Aquí todavía no hay qué analizar" in text_of(page)


def test_a_wrong_question_keeps_what_was_typed_and_says_what_to_do(gulf_house: House) -> None:
    technician = browser(gulf_house, "technician")

    page = technician.get("/territory/analyses/reach?at=500:13")
    assert page.status_code == 422
    assert "500:13 no es una longitud y una latitud" in text_of(page)
    assert 'value="500:13"' in page.text
    assert technician.get("/territory/analyses/sites?places=muchos").status_code == 422
    assert technician.get("/territory/analyses/astrology").status_code == 404
    assert technician.get("/territory/analyses/reach?unit=HN06").status_code == 403


def test_places_may_be_written_with_spaces(gulf_house: House) -> None:
    page = browser(gulf_house, "technician").get("/territory/analyses/reach?at=-87.44:13.42%20-87.53:13.52")

    assert page.status_code == 200
    assert "-87.44, 13.42" in text_of(page)


def test_a_long_table_begins_on_the_page_and_stands_whole_behind_a_link(
    gulf_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.portal.pages.territory.analyses.LONGEST_TABLE", 1)
    technician = browser(gulf_house, "technician")
    page = technician.get("/territory/analyses/specialisation")
    link = re.search(r'href="([^"]*all=[a-z_]+)"', page.text)

    assert link is not None
    assert "Se muestran las primeras 1 filas de" in text_of(page)
    whole = technician.get(html.unescape(link[1]))
    assert whole.text.count("<tr") > page.text.count("<tr")


def test_planners_are_not_offered_live_analyses(gulf_house: House) -> None:
    planner = browser(gulf_house, "planner")

    assert planner.get("/territory/analyses").status_code == 403
    assert planner.get("/territory/analyses/reach").status_code == 403
    assert "/territory/analyses" not in planner.get("/territory").text


@pytest.fixture
def gulf_house(house: House) -> House:
    with house.service("territory").database.transaction() as session:
        register(session, 30, point=point(-87.44, 13.42))
        register(session, 20, "HN1701", chain="cashew", jobs_women=2, point=point(-87.53, 13.52))
        register(session, 60, "HN0801")
        register(session, 20, "HN0501")
    return house
