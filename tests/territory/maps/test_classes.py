"""Classes of every kind of map: the fill of a figure is the fill of the legend's entry whose range holds it."""

import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.territory.rules.classes import (
    SCHEMES,
    Categories,
    Class,
    Figure,
    Key,
    Kind,
    Pair,
    categories,
    changes_of,
    classes_of,
    pairs_of,
)
from services.territory.rules.drawing import MapText, label, swatch
from services.territory.rules.drawing.overlays import LARGEST, Sizes, Widths
from services.territory.rules.fills import DECREASES, KINDS, PAIRS, RAMP, definitions, spread
from services.territory.rules.patterns import OTHERS, main_chains

TEXT = MapText("", "", {}, signed=True, between="{low} a {high}")
counts = st.one_of(st.integers(0, 5000).map(Figure), st.just(Figure()), st.just(Figure(suppressed=True)))
changes = st.one_of(st.integers(-900, 900).map(Figure), st.just(Figure()), st.just(Figure(suppressed=True)))
breaks = st.lists(st.integers(1, 4000), min_size=1, max_size=6, unique=True).map(sorted)


def holding(value: int, legend: Sequence[Class]) -> list[Class]:
    """The entries of the legend that hold a value."""
    return [
        entry
        for entry in legend
        if (entry.kind == "zero" and value == 0)
        or (entry.kind == "range" and entry.low <= value and (entry.high is None or value <= entry.high))
    ]


def agrees(classes: Key, figures: Sequence[Figure]) -> None:
    legend = classes.legend()
    for figure in figures:
        found = classes.of(figure)
        assert found in legend
        if figure.value is not None and not figure.suppressed:
            assert holding(figure.value, legend) == [found]
    assert len({entry.fill for entry in legend}) == len(legend)


@pytest.mark.parametrize("scheme", [scheme for scheme in SCHEMES if scheme != "own_breaks"])
@given(figures=st.lists(counts, max_size=50), number=st.integers(2, 7))
def test_the_fill_of_a_count_is_that_of_the_legend_by_every_scheme(
    scheme: str, figures: list[Figure], number: int
) -> None:
    classes = classes_of(figures, scheme, number)

    agrees(classes, figures)
    assert sum(entry.kind == "range" for entry in classes.legend()) <= number


@given(figures=st.lists(counts, max_size=50), ends=breaks)
def test_own_limits_stay_whatever_the_figures_are(figures: list[Figure], ends: list[int]) -> None:
    classes = classes_of(figures, "own_breaks", breaks=ends)

    agrees(classes, figures)
    ranges = [(entry.low, entry.high) for entry in classes.legend() if entry.kind == "range"]
    assert [high for _, high in ranges] == [*ends, None]
    assert ranges[0][0] == 1


@given(figures=st.lists(changes, max_size=50), scheme=st.sampled_from(SCHEMES))
def test_the_fill_of_a_change_is_that_of_the_legend_and_zero_lies_between(figures: list[Figure], scheme: str) -> None:
    classes = changes_of(figures, scheme)
    legend = classes.legend()

    agrees(classes, figures)
    lows = [entry.low for entry in legend if entry.kind == "range"]
    assert lows == sorted(lows)
    assert all((entry.fill in DECREASES) == (entry.low < 0) for entry in legend if entry.kind == "range")


@given(st.lists(st.tuples(counts, counts).map(lambda two: Pair(*two)), max_size=40), st.sampled_from(SCHEMES))
def test_the_fill_of_two_figures_is_that_of_the_square(pairs: list[Pair], scheme: str) -> None:
    classes = pairs_of(pairs, scheme)
    legend = classes.legend()

    for pair in pairs:
        found = classes.of(pair)
        assert found in legend
        if found.kind == "pair":
            assert found.second is not None
            assert found.low <= (pair.first.value or 0) <= (found.high or 0)
            assert found.second[0] <= (pair.second.value or 0) <= (found.second[1] or 0)


def test_an_empty_map_has_an_empty_legend() -> None:
    assert classes_of([]).legend() == changes_of([]).legend() == pairs_of([]).legend() == []
    assert categories({"a": "#000"}, []).legend() == []


def test_fisher_jenks_finds_the_groups_that_quantiles_cut_through() -> None:
    figures = [Figure(value) for value in (1, 2, 3, 2, 1, 50, 52, 51, 900)]

    assert [entry.low for entry in classes_of(figures, "fisher_jenks", 3).legend()] == [1, 50, 900]
    assert [entry.low for entry in classes_of(figures, "quantile", 3).legend()] != [1, 50, 900]


def test_a_change_is_told_with_its_sign() -> None:
    told = [label(entry, TEXT) for entry in changes_of([Figure(-7), Figure(-3), Figure(4), Figure(0)]).legend()]

    assert told[0].startswith("−7") or told[0] == "−7"
    assert told[-1].startswith("+")


def test_a_rate_is_told_in_tenths() -> None:
    assert label(Class("range", "", 125, 1000), MapText("", "", {}, decimals=1)) == "12.5 – 100.0"


@pytest.mark.parametrize("number", range(1, 8))
def test_the_colours_of_a_ramp_descend_in_lightness(number: int) -> None:
    lightness = [_luminance(fill) for fill in spread(RAMP, number)]

    assert lightness == sorted(lightness, reverse=True)
    assert len(set(lightness)) == number


def test_the_square_darkens_to_the_right_and_upwards() -> None:
    for row in PAIRS:
        assert [_luminance(fill) for fill in row] == sorted((_luminance(fill) for fill in row), reverse=True)
    for column in zip(*PAIRS, strict=True):
        assert [_luminance(fill) for fill in column] == sorted((_luminance(fill) for fill in column), reverse=True)


def test_categories_are_told_apart_without_colour() -> None:
    drawn = [re.sub(r"#[0-9a-f]{6}|k\d", "", definitions([fill])) for fill in KINDS]

    assert len(set(drawn)) == len(KINDS)


def test_a_swatch_brings_its_own_pattern() -> None:
    assert 'id="few"' in swatch(Class("suppressed", "url(#few)"))
    assert "<defs>" not in swatch(Class("zero", "#ffffff"))


@given(st.integers(1, 10**7), st.integers(1, 10**7))
def test_the_area_of_a_circle_is_as_its_value(one: int, other: int) -> None:
    sizes = Sizes(max(one, other))

    assert sizes.radius(one) ** 2 * other == pytest.approx(sizes.radius(other) ** 2 * one)
    assert sizes.radius(sizes.top) == LARGEST
    assert all(1 <= value <= sizes.top for value in sizes.legend())
    assert sizes.legend() == sorted(set(sizes.legend()), reverse=True)


@given(st.integers(1, 10**7))
def test_the_legend_of_lines_lies_within_the_values(top: int) -> None:
    assert all(1 <= value <= top for value in Widths(top).legend())


def test_the_main_chain_is_the_one_with_most_enterprises_and_the_first_of_equals() -> None:
    counted = {"A": {"coffee": Figure(3), "honey": Figure(9)}, "B": {"honey": Figure(2), "coffee": Figure(2)}, "C": {}}

    found = main_chains(counted, {})

    assert {unit: kind.code for unit, kind in found.kinds.items()} == {"A": "honey", "B": "coffee", "C": "nobody"}


def test_a_main_chain_is_withheld_where_a_withheld_one_could_be_larger() -> None:
    hidden = Figure(suppressed=True)
    counted = {
        "sure": {"coffee": Figure(9), "honey": hidden},
        "unsure": {"coffee": Figure(9), "honey": hidden},
        "unknown": {"coffee": Figure(9), "honey": hidden},
    }

    found = main_chains(counted, {"sure": Figure(13), "unsure": Figure(18), "unknown": hidden}).kinds

    assert found["sure"] == Kind("coffee")
    assert found["unsure"].suppressed
    assert found["unknown"].suppressed


def test_beyond_what_can_be_told_apart_rare_chains_are_one_category() -> None:
    many = {f"u{place}": {f"chain{place}": Figure(5)} for place in range(12)}

    found = main_chains(many, {})
    classes: Categories = categories(found.fills, found.kinds.values())

    assert len(classes.legend()) == len(KINDS)
    assert sum(kind.code == OTHERS for kind in found.kinds.values()) == 5


def _luminance(colour: str) -> float:
    red, green, blue = (channel / 255 for channel in bytes.fromhex(colour[1:]))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
