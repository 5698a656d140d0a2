"""Drawings of every kind: well formed, light enough, needing nothing else; hexagons that lie still."""

import gzip
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from services.territory import reference
from services.territory.queries.boundaries import COARSE
from services.territory.rules import hexagons as grid
from services.territory.rules.classes import (
    Figure,
    Key,
    Kind,
    Pair,
    categories,
    changes_of,
    classes_of,
    pairs_of,
    plain,
)
from services.territory.rules.drawing import (
    Flow,
    Hexagon,
    MapText,
    Panel,
    Shown,
    circles,
    draw_map,
    draw_panels,
    flows,
    hexagons,
)
from services.territory.rules.fills import KINDS
from services.territory.rules.outlines import Outlines, outlines
from shared import places

TEXT = MapText("Mapa <de> prueba", "Descripción", places.names(), notes=["Una nota & otra"], axes=("Uno", "Dos"))
BUDGET = 25_000


def ground(unit: str) -> Outlines:
    shapes = {code: shape for code, shape in reference.cells().items() if code.startswith(unit)}
    return outlines(shapes, tolerance=COARSE)


def value(place: int) -> int:
    return (place * 7919) % 997


def choropleth(outline: Outlines) -> str:
    shown = {code: Figure(value(place)) for place, code in enumerate(outline.units)}
    return draw_map(outline, shown, classes_of(shown.values()), TEXT, key=True, alone=True)


def symbols(outline: Outlines) -> str:
    shown = {code: Figure(value(place)) for place, code in enumerate(outline.units)}
    over = circles(outline, shown, TEXT)
    return draw_map(outline, shown, plain(shown.values()), TEXT, over=over, key=True, alone=True)


def kinds(outline: Outlines) -> str:
    fills = {f"c{place}": fill for place, fill in enumerate(KINDS)}
    shown = {code: Kind(f"c{value(place) % len(KINDS)}") for place, code in enumerate(outline.units)}
    return draw_map(outline, shown, categories(fills, shown.values()), TEXT, key=True, alone=True)


def bivariate(outline: Outlines) -> str:
    shown = {code: Pair(Figure(value(place)), Figure(value(place + 5))) for place, code in enumerate(outline.units)}
    return draw_map(outline, shown, pairs_of(shown.values()), TEXT, key=True, alone=True)


def change(outline: Outlines) -> str:
    shown = {code: Figure(value(place) - 400) for place, code in enumerate(outline.units)}
    return draw_map(outline, shown, changes_of(shown.values()), TEXT, key=True, alone=True)


def hexes(outline: Outlines) -> str:
    points = [(unit.lon + dx / 20, unit.lat + dy / 20) for unit in reference.municipalities().values()
              if unit.code in outline.units for dx in range(-3, 4) for dy in range(-3, 4)]  # fmt: skip
    counted = grid.cells(points, grid.fitting(outline.width * outline.km_per_unit))
    drawn = [Hexagon(outline.projection.point(*cell.middle), Figure(cell.count)) for cell in counted]
    x, y = outline.projection.point(*counted[0].middle)
    corners = [(a - x, b - y) for a, b in (outline.projection.point(*one) for one in counted[0].corners)]
    classes = classes_of(one.count for one in drawn)
    over = hexagons(drawn, corners, classes, TEXT)
    return draw_map(outline, {}, plain([]), TEXT, over=over, legend=classes, key=True, alone=True)


def multiples(outline: Outlines) -> str:
    panels = [
        Panel(str(year), {code: Figure(value(place) * year // 2026) for place, code in enumerate(outline.units)})
        for year in range(2021, 2027)
    ]
    classes: Key = classes_of([figure for panel in panels for figure in panel.shown.values()])  # type: ignore[misc]
    return draw_panels(outline, panels, classes, TEXT, key=True, alone=True)


def lines(outline: Outlines) -> str:
    codes = list(outline.units)
    given_ = [Flow(codes[place], codes[value(place) % len(codes)], value(place) + 1) for place in range(len(codes))]
    shown = {code: Figure(0) for code in codes}
    return draw_map(outline, shown, plain([]), TEXT, over=flows(outline, given_, TEXT), key=True, alone=True)


EVERY = [choropleth, symbols, kinds, bivariate, change, hexes, multiples, lines]


@pytest.mark.parametrize("country", ["GT", "HN", "SV"])
@pytest.mark.parametrize("draw", EVERY)
def test_every_kind_of_a_country_is_well_formed_and_within_the_budget(
    draw: Callable[[Outlines], str], country: str
) -> None:
    svg = draw(ground(country))

    root = ET.fromstring(svg)
    assert root.get("role") == "img"
    assert len(gzip.compress(svg.encode())) <= BUDGET
    assert "Mapa &lt;de&gt; prueba" in svg
    assert "Una nota &amp; otra" in svg
    assert " km</text>" in svg
    assert ">N</text>" in svg
    assert not re.search(r"<script|style=|on\w+=|(?<!#)http(?!://www.w3.org/2000/svg)", svg)
    assert all(target.startswith("#") for target in re.findall(r'href="([^"]+)"', svg))
    assert set(re.findall(r"url\(#(\w+)\)", svg)) <= set(re.findall(r'id="(\w+)"', svg))


@pytest.mark.parametrize("draw", EVERY)
def test_every_kind_of_one_municipality_can_be_drawn(draw: Callable[[Outlines], str]) -> None:
    ET.fromstring(draw(ground("HN1709")))


def test_official_boundaries_keep_every_kind_within_the_budget(reference_data: Path) -> None:
    _, _, shapes, columns = pyogrio.raw.read(reference_data / "boundaries" / "gt_sv_hn_admin.gpkg", layer="adm2")
    by_code = {
        code: shapely.from_wkb(wkb)
        for code, wkb, kind in zip(columns[3], shapes, columns[5], strict=True)
        if kind == "municipality"
    }
    for country in ("GT", "HN", "SV"):
        drawn = outlines({code: shape for code, shape in by_code.items() if code.startswith(country)}, tolerance=COARSE)
        for draw in EVERY:
            assert len(gzip.compress(draw(drawn).encode())) <= BUDGET, (country, draw.__name__)


def test_circles_lie_in_their_units_the_largest_lowest() -> None:
    outline = ground("HN17")
    figures: dict[str, Figure] = {code: Figure(place) for place, code in enumerate(outline.units)}
    figures["HN1701"] = Figure(suppressed=True)

    markup = circles(outline, figures, TEXT).markup

    radii = [float(found) for found in re.findall(r' r="([\d.]+)"', markup)]
    assert radii == sorted(radii, reverse=True)
    assert len(radii) == len(figures) - 1
    assert "Nacaome" not in markup or figures["HN1701"].suppressed


def test_flows_leave_out_what_does_not_move_or_lies_elsewhere() -> None:
    outline = ground("HN17")
    given_ = [
        Flow("HN1701", "HN1709", 5),
        Flow("HN1709", "HN1709", 9),
        Flow("HN1701", "GT0101", 4),
        Flow("HN1703", "HN1701", 0),
    ]

    over = flows(outline, given_, TEXT)

    assert over.markup.count("<title>") == 1
    assert "Nacaome → San Lorenzo: 5" in over.markup
    assert flows(outline, [], TEXT).markup == ""


def test_the_ground_of_a_map_tells_no_figure_of_its_own() -> None:
    text = MapText("", "", places.names(), names_only=True)
    shown: dict[str, Shown] = {"HN1709": Figure(0)}

    assert "<title>San Lorenzo</title>" in draw_map(ground("HN17"), shown, plain([]), text)


degrees = st.tuples(st.floats(-92, -83.2), st.floats(12.9, 17.8))


@given(st.lists(degrees, min_size=1, max_size=40), st.sampled_from(grid.CELLS_KM))
def test_every_point_is_counted_once_in_the_hexagon_nearest_to_it(points: list[tuple[float, float]], size: int) -> None:
    counted = grid.cells(points, size)

    assert sum(cell.count for cell in counted) == len(points)
    far = size / 3**0.5 * 1000 * 1.001
    middles = grid.PLANE.metres(*zip(*(cell.middle for cell in counted), strict=True))
    for x, y in grid.PLANE.metres(*zip(*points, strict=True)):
        assert min(((x - a) ** 2 + (y - b) ** 2) ** 0.5 for a, b in middles) <= far


@given(degrees, degrees)
def test_the_grid_lies_still_whatever_else_is_counted(one: tuple[float, float], other: tuple[float, float]) -> None:
    (alone,) = grid.cells([one], 5)

    assert alone.middle in {cell.middle for cell in grid.cells([one, other], 5)}
