"""Figures, classes, outlines and chains: the rules by themselves."""

import gzip
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from pathlib import Path

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from services.territory import reference
from services.territory.rules.chains import chain_table
from services.territory.rules.classes import Figure, classes_of
from services.territory.rules.doubles import Key
from services.territory.rules.drawing import MapText, draw_map
from services.territory.rules.figures import Count, Figures, added_up, protected
from services.territory.rules.outlines import outlines
from shared.events.vocabulary import CHAINS, LINKS

WORDS = MapText(
    "Mapa <de> prueba", "Descripción", {"HN0101": 'A & "B"'}, {"zero": "Ninguno", "suppressed": "Reservado"}
)


def test_a_department_and_its_municipalities_are_protected_together() -> None:
    told = {"HN1701": 30, "HN1702": 3, "HN1703": 12}
    figures = protected(added_up(((unit, "all"), Count(number, number)) for unit, number in told.items()), "HN17")

    assert figures.get("HN1702", "all") is None
    hidden = [unit for unit in ("HN17", "HN1701", "HN1703") if figures.get(unit, "all") is None]
    assert len(hidden) == 1


def test_stored_figures_come_back_without_what_was_withheld() -> None:
    figures = protected(added_up([(("HN1701", "all"), Count(30, 40)), (("HN1702", "all"), Count(3, 3))]), "HN17")

    stored = json.loads(json.dumps(figures.stored()))

    assert stored["HN1702/all"] is None
    again = Figures.from_stored(stored)
    assert again.hidden == figures.hidden
    assert all(again.get(*key) == figures.get(*key) for key in figures.counts)


figures_shown = st.lists(
    st.one_of(st.integers(0, 5000).map(Figure), st.just(Figure()), st.just(Figure(suppressed=True))), max_size=60
)


@given(figures_shown)
def test_every_figure_has_a_class_that_the_legend_lists_and_that_holds_it(figures: list[Figure]) -> None:
    classes = classes_of(figures)
    legend = classes.legend()

    for figure in figures:
        found = classes.of(figure)
        assert found in legend
        if found.kind == "range":
            assert found.low <= (figure.value or 0) <= (found.high or 0)
    ranges = [entry for entry in legend if entry.kind == "range"]
    assert len(ranges) <= 5
    assert [entry.low for entry in ranges] == sorted({entry.low for entry in ranges})
    assert len({entry.fill for entry in legend}) == len(legend)


def test_the_legend_lists_no_class_that_does_not_occur() -> None:
    assert [entry.kind for entry in classes_of([Figure(0), Figure(7)]).legend()] == ["zero", "range"]
    assert classes_of([]).legend() == []


def test_every_municipality_of_a_country_keeps_a_path_however_small() -> None:
    cells = reference.cells()
    for country in ("GT", "HN", "SV"):
        drawn = outlines({code: shape for code, shape in cells.items() if code.startswith(country)})
        assert all(re.fullmatch(r"(M-?\d+ -?\d+l[-\d ]+z)+", path) for path in drawn.units.values())
        assert drawn.groups


def test_a_drawing_is_wellformed_escaped_and_needs_nothing_else() -> None:
    shapes = {code: shape for code, shape in reference.cells().items() if code.startswith("HN01")}
    figures = {"HN0101": Figure(7), "HN0102": Figure(suppressed=True), "HN0103": Figure(0)}
    svg = draw_map(
        outlines(shapes),
        figures,
        classes_of(figures.values()),
        WORDS,
        points=[(-86.8, 15.7)],
        highlighted="HN0101",
        key=True,
    )

    root = ET.fromstring(svg)
    assert root.get("role") == "img"
    assert "Mapa &lt;de&gt; prueba" in svg
    assert "A &amp; &quot;B&quot;: 7" in svg
    assert not re.search(r"script|style=|href|http(?!://www.w3.org/2000/svg)", svg)
    assert "km</text>" in svg


def test_official_boundaries_of_a_country_fit_the_budget(reference_data: Path) -> None:
    import pyogrio

    from shared import places

    _, _, shapes, columns = pyogrio.raw.read(reference_data / "boundaries" / "gt_sv_hn_admin.gpkg", layer="adm2")
    by_code = {
        code: shapely.from_wkb(wkb)
        for code, wkb, kind in zip(columns[3], shapes, columns[5], strict=True)
        if kind == "municipality"
    }
    for country in ("GT", "HN", "SV"):
        mine = {code: shape for code, shape in by_code.items() if code.startswith(country)}
        figures = {code: Figure(number * 37 % 90) for number, code in enumerate(mine)}
        text = MapText("Emprendimientos", "Mapa", places.names())
        svg = draw_map(outlines(mine), figures, classes_of(figures.values()), text)
        assert len(gzip.compress(svg.encode())) <= 25_000, country


def chain_figures(links: Mapping[str, int], hidden: frozenset[Key] = frozenset()) -> Figures:
    told: dict[Key, Count] = {("HN1709", "chain", "coffee"): Count(9, 20)}
    told |= {("HN1709", "chain", "coffee", link): Count(number, number * 2) for link, number in links.items()}
    return Figures(told, hidden)


def test_a_link_that_the_chain_needs_and_nobody_stands_at_is_missing() -> None:
    (row,) = chain_table(chain_figures({"production": 9}), "HN1709", reference.chain_templates(), LINKS, language="es")

    assert row.name == "Café"
    assert row.missing == ("inputs", "processing", "marketing")
    assert [link.women for link in row.links] == [0, 18, 0, 0, 0]
    assert row.links[4].state == "absent"


def test_a_withheld_link_is_not_missing() -> None:
    hidden: frozenset[Key] = frozenset({("HN1709", "chain", "coffee", "inputs")})
    figures = chain_figures({"production": 9, "inputs": 1}, hidden)
    (row,) = chain_table(figures, "HN1709", reference.chain_templates(), LINKS, language="en")

    assert row.links[0].women is None
    assert "inputs" not in row.missing


@pytest.mark.parametrize("chain", CHAINS)
def test_every_chain_has_a_dated_template_in_both_languages(chain: str) -> None:
    template = reference.chain_templates()[chain]

    assert set(template.links) == set(LINKS)
    assert all(set(words) == {"es", "en"} for words in (template.names, *template.links.values()))
    assert template.needs <= set(LINKS)
    assert template.source


def test_the_reference_has_the_900_municipalities_of_54_departments() -> None:
    units = reference.municipalities()

    assert {country: sum(unit.country == country for unit in units.values()) for country in ("GT", "SV", "HN")} == {
        "GT": 340,
        "SV": 262,
        "HN": 298,
    }
    assert {unit.department_code for unit in units.values()} == set(reference.departments())
    assert len(reference.departments()) == 54
    assert all(unit.area_km2 > 0 for unit in units.values())
