"""Where points lie: the field inventory's truth on both kinds of boundaries, overlaps, borders."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from services.territory import reference
from services.territory.rules.locating import Boundary, Located, Municipalities, distance_km


def approximate() -> Municipalities:
    return _with({})


@cache
def _cells() -> dict[str, shapely.Geometry]:
    return reference.cells()


def _with(official: dict[str, shapely.Geometry]) -> Municipalities:
    return Municipalities(
        [
            Boundary(
                unit.code,
                unit.code in official,
                unit.lon,
                unit.lat,
                unit.area_km2,
                official.get(unit.code, _cells()[unit.code]),
            )
            for unit in reference.municipalities().values()
        ]
    )


def official(data: Path) -> Municipalities:
    _, _, shapes, columns = pyogrio.raw.read(data / "boundaries" / "gt_sv_hn_admin.gpkg", layer="adm2")
    return _with(
        {
            code: shapely.from_wkb(wkb)
            for code, wkb, kind in zip(columns[3], shapes, columns[5], strict=True)
            if kind == "municipality"
        }
    )


def located_rows(data: Path) -> list[Located]:
    book = CalamineWorkbook.from_path(data / "field_forms" / "kobo_export_xml_values.xlsx")
    head, *rows = book.get_sheet_by_index(0).to_python()
    at = {name: head.index(f"emprendimiento/{name}") for name in ("_gps_longitude", "_gps_latitude", "municipio")}
    return [
        Located(float(row[at["_gps_longitude"]]), float(row[at["_gps_latitude"]]), row[at["municipio"]])
        for row in rows
        if row[at["_gps_latitude"]] != ""
    ]


@pytest.mark.parametrize("kind", ["approximate", "official"])
def test_exactly_twelve_rows_of_the_field_inventory_contradict_their_municipality(
    kind: str, reference_data: Path
) -> None:
    rows = located_rows(reference_data)
    municipalities = approximate() if kind == "approximate" else official(reference_data)

    places = municipalities.locate(rows)

    assert len(rows) == 138
    assert sum(place.contradicts is True for place in places) == 12
    assert {place.official for place in places} == {kind == "official"}
    wrong = [(place.distance_radii or 0) for place in places if place.contradicts]
    assert min(wrong) > 4.5
    if kind == "official":
        assert all(
            place.municipality == row.declared for row, place in zip(rows, places, strict=True) if not place.contradicts
        )


def test_the_same_twelve_rows_contradict_on_both_kinds_of_boundaries(reference_data: Path) -> None:
    rows = located_rows(reference_data)

    on_cells = [place.contradicts for place in approximate().locate(rows)]
    on_official = [place.contradicts for place in official(reference_data).locate(rows)]

    assert on_cells == on_official


def square(code: str, west: float, south: float, side: float = 1.0, *, official: bool = True) -> Boundary:
    shape = shapely.box(west, south, west + side, south + side)
    return Boundary(code, official, west + side / 2, south + side / 2, (side * 111) ** 2, shape)


def test_in_an_overlap_the_smaller_municipality_has_the_point_whatever_the_order() -> None:
    large, small = square("HN0101", 0, 0, 2), square("HN0102", 1, 1, 1)
    point = [Located(1.5, 1.5)]

    assert Municipalities([large, small]).locate(point) == Municipalities([small, large]).locate(point)
    assert Municipalities([large, small]).locate(point)[0].municipality == "HN0102"


def test_of_two_equal_ones_the_lower_code_has_the_point() -> None:
    found = Municipalities([square("HN0102", 0, 0), square("HN0101", 0, 0)]).locate([Located(0.5, 0.5)])

    assert found[0].municipality == "HN0101"


def test_an_official_shape_goes_before_an_approximate_one() -> None:
    cell, real = square("HN0101", 0, 0, 0.5, official=False), square("HN0102", 0, 0)

    assert Municipalities([cell, real]).locate([Located(0.2, 0.2)])[0].municipality == "HN0102"


def test_a_point_inside_the_declared_polygon_never_contradicts_though_another_holds_it_too() -> None:
    both = Municipalities([square("HN0101", 0, 0, 2), square("HN0102", 1, 1, 1)])

    place = both.locate([Located(1.5, 1.5, "HN0101")])[0]

    assert (place.municipality, place.contradicts) == ("HN0101", False)


@pytest.mark.parametrize(
    ("metres_outside", "accuracy", "contradicts"),
    [
        (50, None, False),
        (150, None, True),
        (150, 200.0, False),
        (450, 200.0, True),
        (450, 5_000.0, False),
        (700, 5_000.0, True),
    ],
)
def test_just_outside_an_official_border_the_accuracy_of_the_point_excuses_it(
    metres_outside: int, accuracy: float | None, contradicts: bool
) -> None:
    lon = 1 + metres_outside / 111_195
    pair = Municipalities([square("HN0101", 0, 0), square("HN0102", 1, 0)])
    place = pair.locate([Located(lon, 0.0001, "HN0101", accuracy)])[0]

    assert place.contradicts is contradicts


def test_a_point_just_across_a_border_is_snapped_to_the_municipality_it_was_declared_in() -> None:
    pair = Municipalities([square("HN0101", 0, 0), square("HN0102", 1, 0)])

    beside, far = pair.locate([Located(1 + 50 / 111_195, 0.5, "HN0101"), Located(1.01, 0.5, "HN0101")])

    assert (beside.municipality, beside.contradicts, beside.snapped_m) == ("HN0101", False, pytest.approx(50, abs=0.2))
    assert (far.municipality, far.contradicts, far.snapped_m) == ("HN0102", True, None)


@pytest.mark.parametrize("declared", [None, "HN0101", "HN0102"])
def test_a_point_at_sea_is_snapped_to_the_nearest_shore(declared: str | None) -> None:
    pair = Municipalities([square("HN0101", 0, 0), square("HN0102", 1, 0)])

    offshore, open_sea = pair.locate([Located(0.9, -2_000 / 111_195, declared), Located(0.9, -0.1, declared)])

    assert (offshore.municipality, offshore.snapped_m) == ("HN0101", pytest.approx(2_000, abs=2))
    assert offshore.contradicts is (None if declared is None else declared == "HN0102")
    assert (open_sea.municipality, open_sea.snapped_m) == (None, None)
    assert open_sea.contradicts is (None if declared is None else True)


def test_of_equally_near_shores_the_same_one_is_taken_whatever_the_order() -> None:
    west, east = square("HN0101", 0, 0), square("HN0102", 1.02, 0)
    between = [Located(1.01, 0.5)]

    assert Municipalities([west, east]).locate(between) == Municipalities([east, west]).locate(between)


def test_random_points_over_the_official_file_have_one_place_whatever_the_order_of_its_polygons(
    reference_data: Path,
) -> None:
    there = official(reference_data)
    backwards = Municipalities(there.under("HN", "SV", "GT")[::-1])
    rng = np.random.default_rng(20261129)
    points = [
        Located(lon, lat)
        for lon, lat in zip(rng.uniform(-92.3, -83.1, 3_000), rng.uniform(12.9, 17.9, 3_000), strict=True)
    ]

    places = there.locate(points)

    assert places == backwards.locate(points)
    assert {place.municipality is None for place in places} == {True, False}
    assert any(place.snapped_m for place in places)


def test_while_boundaries_are_approximate_only_three_radii_from_the_centroid_contradict() -> None:
    cell = square("HN0101", 0, 0, official=False)
    degrees = cell.radius_km / 111.195
    near, far = (Located(0.5, 0.5 + radii * degrees, "HN0101") for radii in (2.95, 3.05))

    assert [place.contradicts for place in Municipalities([cell]).locate([near, far])] == [False, True]


def test_an_unknown_or_missing_declaration_is_located_and_contradicts_nothing() -> None:
    places = approximate().locate([Located(-87.41, 13.44), Located(-87.41, 13.44, "XX9999"), Located(0, 0, None)])

    assert [place.contradicts for place in places] == [None, None, None]
    assert places[0].municipality == places[1].municipality
    assert places[2].municipality is None


def test_no_points_have_no_places() -> None:
    assert approximate().locate([]) == []


def test_every_municipality_has_a_cell_and_most_centroids_lie_in_their_own() -> None:
    units = list(reference.municipalities().values())
    cells = _cells()

    assert set(cells) == {unit.code for unit in units}
    assert all(cell.is_valid and cell.area > 0 for cell in cells.values())
    points = [Located(unit.lon, unit.lat, unit.code) for unit in units]
    at_home = sum(
        place.municipality == point.declared for point, place in zip(points, approximate().locate(points), strict=True)
    )
    assert at_home >= 890


def test_cells_of_a_department_fill_it_and_do_not_overlap() -> None:
    for code, department in reference.departments().items():
        members = [cell for unit, cell in _cells().items() if unit.startswith(code)]
        assert sum(cell.area for cell in members) == pytest.approx(department.area, rel=1e-6)
        assert shapely.union_all(members).area == pytest.approx(department.area, rel=1e-6)


@given(st.lists(st.tuples(st.floats(-92, -83), st.floats(12.5, 18)), min_size=1, max_size=30))
def test_the_place_of_a_point_does_not_depend_on_the_others_in_its_batch(
    degrees: Sequence[tuple[float, float]],
) -> None:
    points = [Located(lon, lat, "HN1709") for lon, lat in degrees]

    together = _kept().locate(points)

    assert together == [_kept().locate([point])[0] for point in points]


@cache
def _kept() -> Municipalities:
    return approximate()


def test_distance_is_that_of_a_sphere() -> None:
    assert distance_km(0, 0, 0, 1) == pytest.approx(111.195, abs=0.01)
    assert distance_km(-87.2, 14.1, -87.2, 14.1) == 0
