"""Maps of rates: per so many of what a table in use tells of a place, published and live, with year and source."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from services.territory.queries.denominators import divisors_in_force, wholes
from services.territory.queries.map_kinds import PER
from services.territory.reference import divisors
from shared.database import Database
from shared.kernel import clock
from shared.spreadsheets import as_csv
from shared.testing import person
from tests.territory.maps.test_map_links import COORDINATOR, PORTAL
from tests.territory.test_boundaries import run_jobs
from tests.territory.test_establishments import directory
from tests.territory.test_tables import VALLE, adopted, women_of

TECHNICIAN = person("technician", scope="HN17")
PLANNER = person("planner", scope="HN17")


def cells(answer: Any) -> dict[str, list[Any]]:
    assert answer.status_code == 200, answer.json
    return {row["code"]: [cell["value"] for cell in row["cells"]] for row in answer.json["units"]}


def by_age(units: list[str], bands: list[str]) -> bytes:
    """Women by age: ten in each band."""
    return as_csv(
        ("codigo", "sexo", "edad", "valor"), [(unit, "mujeres", band, 10) for unit in units for band in bands]
    )


FIVES = [f"{low}-{low + 4}" for low in range(0, 70, 5)]


def test_a_map_divides_by_women_and_says_of_which_year_and_whose(gulf: SimpleNamespace) -> None:
    adopted(gulf.database, women_of(VALLE))
    told = gulf.get(TECHNICIAN, "/map?unit=HN17&per=women")

    assert cells(told)["HN1709"] == [12.0]
    assert "por cada 1,000 mujeres" in told.json["title"]
    assert any("HN: INE, 2024" in note for note in told.json["notes"])
    assert "<title>San Lorenzo: 12.0</title>" in told.json["drawing"]
    assert set(told.json["offers"]["per"]) == {"enterprises", "women", "population"}


def test_the_published_rate_tells_no_more_than_the_published_count(gulf: SimpleNamespace) -> None:
    adopted(gulf.database, women_of(VALLE))
    counts = {row["code"]: row["cells"][0] for row in gulf.get(PLANNER, "/map?unit=HN17").json["units"]}
    rates = {row["code"]: row["cells"][0] for row in gulf.get(PLANNER, "/map?unit=HN17&per=women").json["units"]}

    assert any(cell["withheld"] for cell in counts.values())
    assert {code: cell["withheld"] for code, cell in rates.items()} == {
        code: cell["withheld"] for code, cell in counts.items()
    }
    assert {code: cell["value"] for code, cell in rates.items()} == {
        code: None if cell["value"] is None else float(cell["value"]) for code, cell in counts.items()
    }


def test_a_place_without_a_denominator_has_no_rate_and_the_legend_says_so(gulf: SimpleNamespace) -> None:
    adopted(gulf.database, women_of([code for code in VALLE if code != "HN1709"]))
    told = gulf.get(TECHNICIAN, "/map?unit=HN17&per=population")

    assert cells(told)["HN1709"] == [None]
    assert cells(told)["HN1701"] == [3.5]
    assert any("Sin dato de habitantes" in entry["label"] for entry in told.json["legend"])


@pytest.mark.parametrize("per", [per for per in PER if per != "enterprises"])
def test_what_nobody_brought_divides_nothing(gulf: SimpleNamespace, per: str) -> None:
    answer = gulf.get(TECHNICIAN, f"/map?unit=HN17&per={per}")

    assert (answer.status_code, answer.json["code"]) == (409, "map.no_denominator")
    assert gulf.get(TECHNICIAN, "/map?unit=HN17").json["offers"]["per"] == ["enterprises"]


def test_working_age_is_the_sum_of_its_bands(gulf: SimpleNamespace) -> None:
    adopted(gulf.database, by_age(VALLE, FIVES))
    told = gulf.get(TECHNICIAN, "/map?unit=HN17&per=women_15_64")

    assert cells(told)["HN1709"] == [120.0]
    assert "women_15_64" in told.json["offers"]["per"]


def test_a_missing_band_is_no_smaller_population(gulf: SimpleNamespace) -> None:
    adopted(gulf.database, by_age(VALLE, [band for band in FIVES if band != "30-34"]))

    assert gulf.get(TECHNICIAN, "/map?unit=HN17&per=women_15_64").json["code"] == "map.no_denominator"
    assert "women_15_64" not in gulf.get(TECHNICIAN, "/map?unit=HN17").json["offers"]["per"]


def test_rates_change_and_come_by_year(gulf: SimpleNamespace) -> None:
    adopted(gulf.database, women_of(VALLE))
    changed = gulf.get(TECHNICIAN, "/map?unit=HN17&kind=change&since=2024-12-31&until=2026-12-31&per=women")
    by_year = gulf.get(TECHNICIAN, "/map?unit=HN17&kind=multiples&since=2024-01-01&until=2026-12-31&per=women")

    assert cells(changed)["HN1709"] == [3.0, 9.0, 12.0]
    assert cells(by_year)["HN1709"] == [9.0, 9.0, 12.0]


@pytest.mark.parametrize("kind", ["symbols", "hexagons", "clusters", "flows"])
def test_what_counts_no_figures_of_places_has_no_rate(gulf: SimpleNamespace, kind: str) -> None:
    adopted(gulf.database, women_of(VALLE))
    answer = gulf.get(TECHNICIAN, f"/map?unit=HN17&kind={kind}&per=women")

    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == "/per"


def test_what_divides_is_told_alike_by_both_databases(database: Database) -> None:
    adopted(database, by_age(VALLE, FIVES))
    with database.reading() as session:
        told = divisors_in_force(session, ["HN17"], published=False)
        found = wholes(session, divisors()["women_15_64"], ["HN1709", "HN17", "GT01"], published=True)

    assert set(told) == {"population", "women", "women_15_64"}
    assert found == {"HN1709": 100.0, "HN17": 900.0, "GT01": None}


EXACT = {"HN1709": 80, "HN1701": 23, "HN1702": 3, "HN1703": 60}
"""Establishments by place: those of Alianza are few, and those of Nacaome would give them away."""
RATES_OF_PLANNERS = {
    "map": ("/map?unit=HN17&per=establishments", 100),
    "own table": ("/own-tables/table?measure=enterprises&rows=place&units=HN17&per=establishments", 1000),
}


@pytest.fixture
def directory_of_valle(gulf: SimpleNamespace) -> SimpleNamespace:
    """The gulf with its establishments, whose table is not made yet."""
    lines = (f"{place},1071,MICROEMPRESA,{number}" for place, number in EXACT.items())
    adopted(gulf.database, directory(*lines), indicator="establishments")
    return gulf


def divided_by(gulf: SimpleNamespace, answer: Any, per: int) -> dict[str, int]:
    """What each rate was made with, as whoever knows the figure and the rate works it out."""
    counts = {code: row[0] for code, row in cells(gulf.get(PLANNER, "/map?unit=HN17")).items()}
    rates = {row["code"]: row["cells"][0]["value"] for row in answer.json.get("units") or answer.json["rows"]}
    return {code: round(per * counts[code] / rate) for code, rate in rates.items() if rate}


def link_to(gulf: SimpleNamespace, which: dict[str, Any]) -> str:
    body = {"unit": "HN17", "map": which, "purpose": "Prueba",
            "expires_on": (clock.today() + timedelta(days=9)).isoformat()}  # fmt: skip
    return f"/map-links/{gulf.call(COORDINATOR, 'POST', '/map-links', json=body).json['token']}/map"


def test_no_published_rate_tells_establishments_that_their_table_withholds(directory_of_valle: SimpleNamespace) -> None:
    gulf = directory_of_valle
    run_jobs(gulf)
    table = gulf.get(PLANNER, "/establishments").json["items"][0]["id"]
    shown = gulf.get(PLANNER, f"/establishments/{table}?by=place&place=HN17").json["rows"]
    told = {row["code"]: cell["value"] for row in shown for cell in row["cells"] if cell["size"] == "all"}
    answers = [(gulf.get(PLANNER, path), per) for path, per in RATES_OF_PLANNERS.values()]
    answers.append((gulf.get(PORTAL, link_to(gulf, {"per": "establishments"})), 100))

    assert told["HN1701"] is None
    for answer, per in answers:
        assert divided_by(gulf, answer, per) == {"HN1709": 80}
    live = gulf.get(TECHNICIAN, RATES_OF_PLANNERS["map"][0])
    assert cells(live)["HN1701"] == [round(100 * 7 / 23, 1)]
    assert cells(live)["HN1702"] == [None], "of three there is no rate"


def test_while_their_table_is_not_made_nothing_published_is_divided_by_establishments(
    directory_of_valle: SimpleNamespace,
) -> None:
    gulf = directory_of_valle
    refused = gulf.get(PLANNER, RATES_OF_PLANNERS["map"][0])
    own = gulf.get(PLANNER, RATES_OF_PLANNERS["own table"][0]).json

    assert (refused.status_code, refused.json["code"]) == (409, "map.no_denominator")
    assert {cell["value"] for row in own["rows"] for cell in row["cells"]} == {None}
    assert gulf.get(PLANNER, "/map?unit=HN17").json["offers"]["per"] == ["enterprises"]
    assert gulf.get(TECHNICIAN, "/map?unit=HN17").json["offers"]["per"] == ["enterprises", "establishments"]


def test_an_own_table_tells_no_rate_of_fewer_than_the_least(gulf: SimpleNamespace) -> None:
    women = {unit: 1000 if unit == "HN1709" else 4 for unit in VALLE}
    adopted(gulf.database, as_csv(("codigo", "mujeres"), women.items()))
    told = gulf.get(PLANNER, RATES_OF_PLANNERS["own table"][0].replace("establishments", "women")).json

    assert {row["code"]: row["cells"][0]["value"] for row in told["rows"] if row["cells"][0]["value"]} == {
        "HN1709": 9.0
    }
