import warnings
from itertools import groupby

import geopandas
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from services.territory.reference import cells, municipalities
from services.territory.rules.analysis.metres import EARTH_M, Plane, arc_m, chord_m, on_sphere
from services.territory.rules.analysis.neighbours import (
    components,
    nearest,
    queen,
    restricted,
    row_standardised,
    with_self,
    within,
)
from services.territory.rules.locating import distance_km

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from libpysal.cg import KDTree
    from libpysal.weights import KNN, DistanceBand, Queen, Rook, fuzzy_contiguity


def squares(rows, columns, *, side=0.01, gap=0.0):
    """A chessboard of squares near Tegucigalpa, `gap` degrees apart."""

    def at(*degrees):
        return [round(one, 7) for one in degrees]

    starts = [(-87.2 + x * (side + gap), 14.0 + y * (side + gap)) for y in range(rows) for x in range(columns)]
    return [shapely.box(*at(west, south, west + side, south + side)) for west, south in starts]


def names(n):
    return [f"u{number}" for number in range(n)]


def dense(weights):
    return weights.matrix.toarray()


def of_libpysal(weights):
    return weights.sparse.toarray() > 0


@pytest.fixture(scope="module")
def honduras():
    facts = [one for one in municipalities().values() if one.country == "HN"]
    return [one.code for one in facts], np.array([one.lon for one in facts]), np.array([one.lat for one in facts])


def test_squares_of_a_board_have_the_neighbours_of_a_queen():
    shapes = squares(7, 9)
    oracle = Queen.from_iterable(shapes, silence_warnings=True)
    for tolerance in (0, 1, 100):
        assert np.array_equal(dense(queen(names(63), shapes, tolerance_m=tolerance)), of_libpysal(oracle))


def test_a_gap_is_bridged_up_to_the_tolerance_and_not_beyond():
    shapes = squares(3, 3, gap=0.0005)  # about 55 m
    whole = of_libpysal(Queen.from_iterable(squares(3, 3), silence_warnings=True))
    assert queen(names(9), shapes, tolerance_m=0).islands == tuple(names(9))
    straight = Rook.from_iterable(squares(3, 3), silence_warnings=True)
    assert np.array_equal(dense(queen(names(9), shapes, tolerance_m=60)), of_libpysal(straight))
    assert np.array_equal(dense(queen(names(9), shapes, tolerance_m=100)), whole)


def test_shapes_that_overlap_are_neighbours_as_those_that_touch():
    one = shapely.box(-87, 14, -86.9, 14.1)
    assert dense(queen("ab", [one, shapely.box(-86.95, 14.05, -86.8, 14.2)], tolerance_m=0))[0, 1] == 1
    assert dense(queen("ab", [one, one], tolerance_m=0)).tolist() == [[0, 1], [1, 0]]


def test_the_cells_of_a_department_have_the_neighbours_that_share_a_vertex():
    drawn = cells()
    for _, members in groupby(drawn, key=lambda code: code[:4]):
        codes = list(members)
        shapes = [drawn[code] for code in codes]
        rounded = [shapely.set_precision(shape, 1e-9) for shape in shapes]
        oracle = of_libpysal(Queen.from_iterable(rounded, silence_warnings=True))
        assert np.array_equal(dense(queen(codes, shapes, tolerance_m=0.5)) > 0, oracle), codes[0]


def test_across_departments_neighbours_are_found_that_share_no_vertex():
    drawn = {code: shape for code, shape in cells().items() if code.startswith("SV")}
    weights = queen(list(drawn), list(drawn.values()), tolerance_m=100)
    plane = Plane.around([-90.13, -87.69], [13.15, 14.45])
    flat = shapely.transform(list(drawn.values()), lambda xy: plane.metres(*xy.T))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that an island is there
        oracle = fuzzy_contiguity(geopandas.GeoDataFrame(geometry=list(flat)), buffering=True, drop=False, buffer=50)
    assert np.mean((dense(weights) > 0) == of_libpysal(oracle)) > 0.9999  # buffers are polygons, not quite round
    assert weights.islands == ("SV0710",)  # on an island of the generalised department
    assert sorted(np.bincount(components(weights))) == [1, len(drawn) - 1]


def test_official_boundaries_with_gaps_hang_together_but_for_true_islands(reference_data):
    frame = geopandas.read_file(reference_data / "boundaries" / "gt_sv_hn_admin.gpkg", layer="adm2")
    frame = frame[(frame.country == "HND") | (frame.country == "HN")]
    frame = frame[frame.kind == "municipality"].drop_duplicates("adm2_code")
    weights = queen(list(frame.adm2_code), list(frame.geometry))
    assert set(weights.islands) == {"HN1102", "HN1104", "HN1703"}  # Guanaja, Utila, Amapala
    assert 0.98 < weights.coverage < 1
    assert 4 < weights.neighbours.mean() < 7


def test_an_empty_shape_is_an_island_and_no_shapes_are_no_units():
    shapes = [*squares(1, 2), shapely.Polygon()]
    assert queen("abc", shapes).islands == ("c",)
    assert queen("abc", shapes).coverage == pytest.approx(2 / 3)
    nobody = queen([], [])
    assert (nobody.n, nobody.islands, nobody.coverage) == (0, (), 0.0)
    assert queen("a", [shapely.Polygon()]).islands == ("a",)


@pytest.mark.parametrize("k", [1, 4, 8])
def test_the_nearest_are_those_of_libpysal(honduras, k):
    codes, lon, lat = honduras
    tree = KDTree(np.column_stack((lon, lat)), distance_metric="arc", radius=EARTH_M)
    oracle = KNN(tree, k=k, silence_warnings=True)
    assert np.array_equal(dense(nearest(codes, lon, lat, k)), of_libpysal(oracle))


@pytest.mark.parametrize("metres", [5_000, 20_000, 60_000])
def test_those_within_a_distance_are_those_of_libpysal(honduras, metres):
    codes, lon, lat = honduras
    tree = KDTree(np.column_stack((lon, lat)), distance_metric="arc", radius=EARTH_M)
    oracle = DistanceBand(tree, threshold=metres, binary=True, silence_warnings=True)
    weights = within(codes, lon, lat, metres)
    assert np.array_equal(dense(weights), of_libpysal(oracle))
    assert weights.islands == tuple(codes[place] for place in oracle.islands)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=25), st.data())
def test_equally_near_ones_are_taken_in_the_order_given(places, data):
    k = data.draw(st.integers(1, len(places) - 1))
    lon, lat = -88 + np.array([x for x, _ in places]) / 100, np.array([y for _, y in places]) / 100
    found = dense(nearest(names(len(places)), lon, lat, k))
    for one in range(len(places)):
        away = [round(distance_km(lon[one], lat[one], *there) * 1000, 3) for there in zip(lon, lat, strict=True)]
        others = sorted((metres, other) for other, metres in enumerate(away) if other != one)
        assert sorted(other for _, other in others[:k]) == np.flatnonzero(found[one]).tolist()


def test_rows_are_standardised_and_islands_keep_an_empty_row():
    weights = row_standardised(queen("abcd", [*squares(1, 3), shapely.box(0, 0, 1, 1)]))
    assert dense(weights).tolist() == [[0, 1, 0, 0], [0.5, 0, 0.5, 0], [0, 1, 0, 0], [0, 0, 0, 0]]
    assert (weights.kind, weights.islands) == ("row", ("d",))


def test_a_unit_may_be_its_own_neighbour_and_is_an_island_all_the_same():
    weights = with_self(queen("abc", [*squares(1, 2), shapely.box(0, 0, 1, 1)]))
    assert dense(weights).tolist() == [[1, 1, 0], [1, 1, 0], [0, 0, 1]]
    assert weights.islands == ("c",)
    assert np.array_equal(dense(with_self(weights)), dense(weights))
    assert dense(row_standardised(weights))[0].tolist() == [0.5, 0.5, 0]
    with pytest.raises(ValueError, match="before rows"):
        with_self(row_standardised(weights))


def test_where_figures_are_missing_the_others_are_weighed_again():
    weights = row_standardised(queen("abc", squares(1, 3)))
    less = restricted(weights, np.array([True, True, False]))
    assert (less.ids, dense(less).tolist()) == (("a", "b"), [[0, 1], [1, 0]])
    assert restricted(weights, np.array([True, False, True])).islands == ("a", "c")
    with pytest.raises(ValueError, match="boolean"):
        restricted(weights, np.array([1, 1, 0]))


def test_what_makes_no_sense_is_refused():
    lon, lat = [-87.0, -87.1, -87.2], [14.0, 14.0, 14.0]
    for refused in (
        lambda: nearest("abc", lon, lat, 0),
        lambda: nearest("abc", lon, lat, 3),
        lambda: nearest("abb", lon, lat, 1),
        lambda: nearest("ab", lon, lat, 1),
        lambda: nearest("abc", [-87.0, np.nan, -87.2], lat, 1),
        lambda: within("abc", lon, [14, 14, 91], 5),
        lambda: within("abc", lon, lat, -1),
        lambda: within("abc", lon, lat, np.inf),
        lambda: within("abc", lon, lat[:2], 5),
        lambda: queen("ab", squares(1, 2), tolerance_m=np.nan),
    ):
        with pytest.raises(ValueError):
            refused()


degrees = st.tuples(st.floats(-92.3, -83.1), st.floats(12.9, 17.9))


@given(degrees, degrees)
def test_great_circles_and_the_plane_agree_with_the_haversine(one, other):
    lon, lat = np.array([one, other]).T
    exact = distance_km(*one, *other) * 1000
    chord = np.linalg.norm(np.diff(on_sphere(lon, lat), axis=0))
    assert arc_m(chord) == pytest.approx(exact, abs=1e-2)
    assert chord_m(arc_m(chord)) == pytest.approx(chord, abs=1e-6)
    plane = Plane.around([-92.3, -83.1], [12.9, 17.9])
    flat = plane.metres(lon, lat)
    assert np.linalg.norm(np.diff(flat, axis=0)) == pytest.approx(exact, rel=1.1e-3, abs=1e-2)
    assert plane.degrees(flat) == pytest.approx(np.column_stack((lon, lat)), abs=1e-9)


def test_areas_of_the_plane_are_true():
    plane = Plane.around([-92, -83], [13, 18])
    box = shapely.segmentize(shapely.box(-91, 13.5, -90, 14.5), 0.001)
    flat = shapely.transform(box, lambda xy: plane.metres(*xy.T))
    band = EARTH_M**2 * np.radians(1) * (np.sin(np.radians(14.5)) - np.sin(np.radians(13.5)))
    assert flat.area == pytest.approx(band, rel=1e-7)
    assert plane.degrees(np.zeros((1, 2))) == pytest.approx(np.array([[-87.5, 15.5]]))
