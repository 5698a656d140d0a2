"""Charts of own tables: well formed, told apart in grey, silent about what is withheld."""

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.territory.rules.charting import MOST_SERIES, WIDTH, Chart, Point, draw

SVG = "{http://www.w3.org/2000/svg}"
KINDS = ("bars", "stacked", "dots", "lines")
points = st.one_of(
    st.floats(0, 1e9, allow_nan=False).map(lambda size: Point(size, f"{size:,.1f}")),
    st.just(Point(None, "reservado", withheld=True)),
    st.just(Point(None, "–")),
)
names = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=60)


@st.composite
def charts(draw_one: st.DrawFn) -> Chart:
    rows, series = draw_one(st.integers(1, 6)), draw_one(st.integers(1, MOST_SERIES))
    return Chart(
        draw_one(names), draw_one(names), [draw_one(names) for _ in range(rows)],
        [draw_one(names) for _ in range(series)],
        [[draw_one(points) for _ in range(series)] for _ in range(rows)],
        notes=[draw_one(names)], alone=draw_one(st.booleans()),
    )  # fmt: skip


@given(chart=charts(), kind=st.sampled_from(KINDS))
def test_any_chart_is_well_formed_and_stays_inside_its_paper(chart: Chart, kind: str) -> None:
    drawing = ET.fromstring(draw(kind, chart))
    width, height = map(float, drawing.attrib["viewBox"].split()[2:])

    assert (drawing.attrib["role"], width) == ("img", WIDTH)
    assert drawing.findtext(f"{SVG}title") == chart.title
    for box in drawing.iter(f"{SVG}rect"):
        if box.attrib["height"] != "8":
            left, top = float(box.attrib.get("x", 0)), float(box.attrib.get("y", 0))
            assert left >= -1
            assert left + float(box.attrib["width"]) <= WIDTH + 1
            assert top + float(box.attrib["height"]) <= height + 1


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_withheld_is_a_mark_of_one_size_whatever_it_counts(kind: str) -> None:
    shown = [Point(40, "40"), Point(None, "reservado", withheld=True)]
    drawing = draw(kind, Chart("Valle", "", ["San Lorenzo"], ["Café", "Miel"], [shown]))

    assert drawing.count('fill="url(#few)"') == 1
    assert "reservado" in drawing


@pytest.mark.parametrize("kind", KINDS)
def test_no_two_series_are_told_apart_by_colour_alone(kind: str) -> None:
    series = [f"Serie {place}" for place in range(MOST_SERIES)]
    row = [Point(10 + place, str(place)) for place in range(MOST_SERIES)]
    drawing = draw(kind, Chart("Valle", "", ["2026-10", "2026-11"], series, [row, row]))

    if kind in {"bars", "stacked"}:
        fills = set(re.findall(r'<rect [^>]*height="14" fill="([^"]+)"', drawing))
        assert len(fills) == MOST_SERIES
        assert sum(fill.startswith("#") for fill in fills) == 1
    else:
        assert len(set(re.findall(r'<path d="([^"]+)" transform=', drawing))) == MOST_SERIES


def test_a_bar_is_as_long_as_what_it_counts() -> None:
    drawing = draw("bars", Chart("Valle", "", ["A", "B", "C"], [""], [[Point(40, "40")], [Point(10, "10")],
                                                                     [Point(0, "0")]]))  # fmt: skip
    widths = [float(one) for one in re.findall(r'<rect x="6" y="[^"]*" width="([\d.]+)"', drawing)]

    assert widths == [pytest.approx(4 * widths[1]), widths[1]]


def test_a_line_breaks_where_a_figure_is_withheld() -> None:
    sizes = [10, 20, None, 30, 40]
    row = [[Point(size, "x", withheld=size is None)] for size in sizes]
    drawing = draw("lines", Chart("Valle", "", ["1", "2", "3", "4", "5"], [""], row))

    lines = re.findall(r'<path d="M[\d. ]+L[^"]*"', drawing)
    assert [line.count("L") for line in lines] == [1, 1]


def test_what_people_write_is_no_markup() -> None:
    drawing = draw("bars", Chart("<script>alert(1)</script>", "&", ["<b>"], [""], [[Point(1, "1")]], alone=True))

    assert "<script" not in drawing
    assert "<b>" not in drawing
