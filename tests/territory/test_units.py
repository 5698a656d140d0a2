"""Which units are in force on a day, and El Salvador by the municipalities of today."""

from datetime import date
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from pypdf import PdfReader

from services.territory.cli import group
from services.territory.queries import views
from services.territory.queries.analyses import ANALYSES
from services.territory.queries.analyses.analysis import Words
from services.territory.reference.editions import REFORM, editions
from services.territory.reference.make_divisions import OUT, SPELT_OTHERWISE, table
from services.territory.rules.figures import Count, Figures, joined
from shared import places
from shared.database import Database
from shared.testing import person
from tests.territory.conftest import register

NETWORK = person("network_coordinator", scope="*")


def test_the_crosswalk_is_what_the_list_of_the_law_gives(reference_data: Path) -> None:
    listed = (reference_data / "boundaries/sv_reform_2024_districts_44_municipios.csv").read_text(encoding="utf-8-sig")

    assert table(listed) == OUT.read_text(encoding="utf-8")
    assert len(SPELT_OTHERWISE) == 15
    assert all(settled["note"] for settled in SPELT_OTHERWISE.values())


def test_a_district_that_the_list_invents_stops_it(reference_data: Path) -> None:
    listed = (reference_data / "boundaries/sv_reform_2024_districts_44_municipios.csv").read_text(encoding="utf-8-sig")

    with pytest.raises(SystemExit, match="Macondo"):
        table(listed.replace("Atiquizaya", "Macondo"))
    with pytest.raises(SystemExit, match="without a municipality of today"):
        table("\n".join(listed.splitlines()[:-1]))


@pytest.mark.parametrize(
    ("day", "municipalities", "districts"),
    [(date(2024, 4, 30), 262, 0), (REFORM, 44, 262), (date(2026, 1, 1), 44, 262)],
)
def test_the_reform_holds_from_its_first_day(day: date, municipalities: int, districts: int) -> None:
    levels = [one.level for one in editions() if one.code.startswith("SV") and one.holds(day)]

    assert (levels.count("municipality"), levels.count("district")) == (municipalities, districts)


def test_no_unit_has_two_editions_in_force_on_one_day() -> None:
    for day in (date(2000, 1, 1), date(2024, 4, 30), REFORM, date(2030, 1, 1)):
        codes = [one.code for one in editions() if one.holds(day)]
        assert len(codes) == len(set(codes))


def all_units(service: SimpleNamespace, query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    path = f"/units?limit=100&{query}"
    while True:
        answer = service.get(person("planner"), path)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        found += answer.json["items"]
        if "Link" not in answer.headers:
            return found
        path = answer.headers["Link"].partition("/v1")[2].partition(">")[0]


def test_units_are_told_of_a_day_page_by_page(service: SimpleNamespace) -> None:
    before = all_units(service, "day=2024-04-30&inside=SV")
    today = all_units(service, "day=2026-01-01&inside=SV")

    assert len(before) == 14 + 262
    assert len(today) == 14 + 44 + 262
    assert len({row["code"] for row in today}) == len(today)
    tecla = next(row for row in today if row["code"] == "SV0510")
    assert (tecla["level"], tecla["inside"], tecla["valid_from"]) == ("district", "SV05-SUR", "2024-05-01")
    assert next(row for row in before if row["code"] == "SV0510")["valid_to"] == "2024-04-30"


def test_the_districts_of_a_municipality_of_today_are_found_under_it(service: SimpleNamespace) -> None:
    found = all_units(service, "day=2026-01-01&inside=SV01-CENTRO")

    assert {row["code"] for row in found} == set(places.districts_of("SV01-CENTRO"))


def test_without_a_day_the_codes_of_the_house_are_as_they_were(service: SimpleNamespace) -> None:
    assert len(all_units(service, "level=municipality")) == 900
    assert all_units(service, "level=district") == []


@pytest.mark.parametrize(
    "query", ["day=2026-13-01", "day=today", "level=barrio", "inside=sv", "day=2026-01-01&after=%27"]
)
def test_a_question_that_is_none_is_refused(service: SimpleNamespace, query: str) -> None:
    assert service.get(person("planner"), f"/units?{query}").status_code in {400, 422}


def test_the_map_adds_up_the_districts_of_each_municipality_of_today(service: SimpleNamespace) -> None:
    with service.database.transaction() as session:
        register(session, 3, "SV0101")
        register(session, 4, "SV0102")
        register(session, 5, "SV0103")

    shown = service.get(NETWORK, "/map?unit=SV01&level=municipality_2024").json

    assert shown["level"] == "municipality_2024"
    rows = {row["code"]: row for row in shown["units"]}
    assert set(rows) == {"SV01-CENTRO", "SV01-NORTE", "SV01-SUR"}
    assert (rows["SV01-CENTRO"]["enterprises"], rows["SV01-NORTE"]["enterprises"]) == (7, 5)
    assert rows["SV01-CENTRO"]["name"] == "Ahuachapán Centro"
    assert shown["total"]["enterprises"] == 12
    assert "<title>Ahuachapán Centro: 7</title>" in shown["drawing"]


@pytest.mark.parametrize("code", ANALYSES)
def test_analyses_add_up_the_districts_of_each_municipality_of_today(database: Database, code: str) -> None:
    with database.transaction() as session:
        for place, number in (("SV0101", 6), ("SV0102", 7), ("SV0103", 8), ("SV0202", 9)):
            register(session, number, place, point=None)
        today = views.selected(NETWORK, ["SV01", "SV02"], level=views.DIVISION)
        asked = {"measure": "women", "by": "recorded", "per": "area", "method": "dbscan", "among": "seats"}
        found = ANALYSES[code](session, NETWORK, today, asked, Words(lambda code, **_: code, "es"))
    assert set(found.values) <= set(today.shown)
    by_unit = {table.name: table for table in found.tables}.get("units")
    assert by_unit is None or {row["code"] for row in by_unit.rows} <= set(today.shown)


@pytest.mark.parametrize("theme", ["local_moran", "hot_spots"])
def test_neighbours_are_judged_among_the_municipalities_of_today(service: SimpleNamespace, theme: str) -> None:
    with service.database.transaction() as session:
        register(session, 6, "SV0101")
    told = service.get(NETWORK, f"/map?unit=SV&level=municipality_2024&kind=categories&theme={theme}")
    assert told.status_code == 200, told.json
    assert len(told.json["units"]) == 44


def test_the_paper_and_the_command_know_the_municipalities_of_today(service: SimpleNamespace, tmp_path: Path) -> None:
    with service.database.transaction() as session:
        register(session, 6, "SV0101")
    path = "/map/drawing?unit=SV01&format=pdf&level="
    heads = {}
    for level in ("municipality_2024", "department"):
        pdf = PdfReader(BytesIO(service.get(NETWORK, path + level).get_data()))
        heads[level] = "Lugar" in " ".join(page.extract_text() for page in pdf.pages)
    assert heads == {"municipality_2024": True, "department": False}
    house = SimpleNamespace(service=lambda _name: service.built)
    words = ["map", "SV01", "-o", str(tmp_path / "mapa.csv"), "--level", "municipality_2024"]
    done = CliRunner().invoke(group, words, obj=house, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert "Ahuachapán Centro" in (tmp_path / "mapa.csv").read_text("utf-8-sig")


def test_elsewhere_that_level_changes_nothing(service: SimpleNamespace) -> None:
    asked = service.get(NETWORK, "/map?unit=HN17&level=municipality_2024").json
    plain = service.get(NETWORK, "/map?unit=HN17").json

    assert asked["units"] == plain["units"]


def test_a_sum_is_withheld_with_any_of_its_parts() -> None:
    figures = Figures({("a", "all"): Count(7), ("c", "all"): Count(9)}, frozenset({("b", "all")}))

    found = joined(figures, {"a": "ab", "b": "ab", "c": "c"})

    assert found.get("ab", "all") is None
    assert found.get("c", "all") == Count(9)


def test_published_sums_never_tell_a_withheld_district(service: SimpleNamespace) -> None:
    with service.database.transaction() as session:
        register(session, 9, "SV0101")
        register(session, 2, "SV0102")
        register(session, 8, "SV0103")
    planner = person("planner", scope="SV01")

    districts = {row["code"]: row for row in service.get(planner, "/map?unit=SV01").json["units"]}
    today = {row["code"]: row for row in service.get(planner, "/map?unit=SV01&level=municipality_2024").json["units"]}

    assert districts["SV0102"]["enterprises"] is None
    assert today["SV01-CENTRO"]["enterprises"] is None


def test_the_migrated_database_keeps_units(database: Database) -> None:
    from services.territory.queries.units import known

    with database.reading() as session:
        assert [one.level for one in known(session)["SV0101"]] == ["municipality", "district"]
