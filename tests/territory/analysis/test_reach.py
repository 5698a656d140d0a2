import itertools

import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from services.territory.rules.analysis.metres import Plane
from services.territory.rules.analysis.reach import catchments, nearest, ways
from services.territory.rules.analysis.roads import roads, snapped
from services.territory.rules.locating import distance_km

KM = 1 / 111.19508
"""Degrees of latitude in a kilometre."""


def line(*kilometres):
    """A road near 0° 0°, where a kilometre is as long to the east as to the north."""
    return shapely.LineString([(x * KM, y * KM) for x, y in kilometres])


def reached(lines, points, facilities, *, kmh=30.0, tolerance_m=10.0, **how):
    network = roads(lines, kmh=kmh, tolerance_m=tolerance_m)
    (lon, lat), (goal_lon, goal_lat) = (
        np.array(places, float).reshape(-1, 2).T * KM for places in (points, facilities)
    )
    return nearest(lon, lat, goal_lon, goal_lat, network=network, **how)


def test_the_way_goes_along_the_road_and_the_rest_on_foot():
    found = reached([line((0, 0), (10, 0), (10, 5))], [(2, 1)], [(10.5, 4)])
    assert found.cost[0] == pytest.approx(1_000 + 8_000 + 4_000 + 500, rel=1e-4)
    assert found.by_road.tolist() == [True]
    assert (found.facility.tolist(), found.off_road, found.coverage, found.n) == ([0], (), 1.0, 1)
    minutes = reached([line((0, 0), (10, 0), (10, 5))], [(2, 1)], [(10.5, 4)], by="minutes", kmh=60, walking_kmh=5)
    assert minutes.cost[0] == pytest.approx(12 + 1.5 * 12, rel=1e-4)


def test_a_facility_farther_along_the_same_piece_is_not_reached_around_its_end():
    found = reached([line((0, 0), (10, 0))], [(4, 0), (8, 0), (0, 0), (10, 0)], [(5, 0), (9, 0)])
    assert found.cost == pytest.approx(np.array([1_000, 1_000, 5_000, 1_000]), rel=1e-4)
    assert found.facility.tolist() == [0, 1, 0, 1]


def test_the_quickest_way_need_not_be_the_shortest():
    lines = [line((0, 0), (4, 0)), line((0, 0), (2, 3), (4, 0))]
    short, quick = (reached(lines, [(0, 0)], [(4, 0)], by=by, kmh=[10, 60]) for by in ("metres", "minutes"))
    assert short.cost[0] == pytest.approx(4_000, rel=1e-4)
    assert quick.cost[0] == pytest.approx(2 * np.sqrt(13), rel=1e-4)
    unknown = reached(lines, [(0, 0)], [(4, 0)], by="minutes", kmh=[np.nan, 60])
    assert unknown.cost[0] == pytest.approx(4, rel=1e-4)


def test_an_end_that_almost_meets_a_road_is_joined_up_to_the_tolerance():
    lines = [line((0, 0), (10, 0)), line((5, 0.008), (5, 6))]  # 8 m short of it
    joined = reached(lines, [(5, 6)], [(0, 0)])
    assert joined.cost[0] == pytest.approx(11_000, rel=1e-4)
    assert joined.by_road[0]
    apart = reached(lines, [(5, 6)], [(0, 0)], tolerance_m=5)
    assert not apart.by_road[0]
    assert apart.cost[0] == pytest.approx(np.hypot(5_000, 6_000), rel=1e-4)


def test_ends_that_meet_a_road_exactly_and_roads_that_end_on_themselves_are_joined():
    lasso = [line((0, 0), (10, 0)), line((5, 0), (5, 4), (7, 4), (7, 6), (5, 6), (5, 3.999))]
    assert reached(lasso, [(7, 6)], [(0, 0)]).cost[0] == pytest.approx(5_000 + 4_000 + 4_000, rel=1e-3)


def test_roads_that_cross_without_a_vertex_do_not_meet():
    bridge = [line((0, 0), (10, 0)), line((5, -5), (5, 5))]
    assert not reached(bridge, [(5, 5)], [(0, 0)]).by_road[0]
    crossing = [line((0, 0), (5, 0), (10, 0)), line((5, -5), (5, 0), (5, 5))]
    assert reached(crossing, [(5, 5)], [(0, 0)]).cost[0] == pytest.approx(10_000, rel=1e-4)


def test_what_is_off_the_road_or_in_another_part_is_measured_straight_and_says_so():
    lines = [line((0, 0), (10, 0)), line((0, 20), (10, 20))]
    found = reached(lines, [(1, 1), (1, 3), (1, 20)], [(9, 0), (5, 30)], straight_kmh=6, by="minutes")
    assert found.by_road.tolist() == [True, False, False]
    assert found.coverage == pytest.approx(1 / 3)
    assert found.off_road == (1,)
    assert found.cost[1:] == pytest.approx(np.array([np.hypot(8, 3), np.hypot(4, 10)]) * 10, rel=1e-3)
    assert found.facility.tolist() == [0, 0, 1]


def test_without_roads_all_is_straight_and_without_facilities_nothing_is_near():
    lon, lat = np.array([-88.0, -87.5]), np.array([14.0, 14.5])
    found = nearest(lon, lat, [-88.1, -87.0], [14.0, 14.0])
    for point in range(2):
        away = [distance_km(lon[point], lat[point], *goal) * 1000 for goal in ((-88.1, 14), (-87, 14))]
        assert found.cost[point] == pytest.approx(min(away), abs=0.01)
        assert found.facility[point] == int(np.argmin(away))
    assert (found.coverage, found.off_road) == (0.0, ())
    for network in (None, roads([]), roads([line((0, 0), (1, 1))])):
        nowhere = nearest(lon, lat, [], [], network=network)
        assert (nowhere.facility.tolist(), nowhere.cost.tolist()) == ([-1, -1], [np.inf, np.inf])
        nobody = nearest([], [], [-88.0], [14.0], network=network)
        assert (nobody.n, nobody.coverage) == (0, 0.0)
        assert nobody.off_road == (() if network is None else (0,))
    assert nearest([], [], [0.0], [0.0], network=roads([line((0, 0), (1, 1))])).off_road == ()
    bare = nearest(lon, lat, [-88.1], [14.0], network=roads([shapely.LineString()]))
    assert (bare.by_road.any(), bare.off_road) == (False, (0,))


def brute(network_lines, points, facilities, most_m):
    """The same question put to networkx, with every point and facility a node of the graph."""
    degrees = np.concatenate([shapely.get_coordinates(one) for one in network_lines])
    plane = Plane.around(*degrees.T)
    flat = [shapely.LineString(plane.metres(*shapely.get_coordinates(one).T)) for one in network_lines]
    stops = {number: [(0.0, one.coords[0]), (one.length, one.coords[-1])] for number, one in enumerate(flat)}
    graph = nx.Graph()
    for kind, places in (("point", points), ("facility", facilities)):
        for number, place in enumerate(plane.metres(*np.array(places).T)):
            graph.add_node((kind, number))
            spot = shapely.Point(place)
            road = min(range(len(flat)), key=lambda one, spot=spot: flat[one].distance(spot))
            if (gap := flat[road].distance(spot)) <= most_m:
                stops[road].append((flat[road].project(spot), ("foot", kind, number)))
                graph.add_edge((kind, number), ("foot", kind, number), weight=gap)
    for along in stops.values():
        along.sort(key=lambda stop: stop[0])
        for (here, one), (there, other) in itertools.pairwise(along):
            one, other = (tuple(np.round(n, 3)) if isinstance(n[0], float) else n for n in (one, other))
            if not graph.has_edge(one, other) or graph[one][other]["weight"] > there - here:
                graph.add_edge(one, other, weight=there - here)
    sources = {("facility", number) for number in range(len(facilities))}
    far = nx.multi_source_dijkstra_path_length(graph, sources)
    return [far.get(("point", number), np.inf) for number in range(len(points))]


@pytest.mark.parametrize("seed", range(6))
def test_ways_are_those_of_networkx_on_random_graphs(seed):
    rng = np.random.default_rng(seed)
    places = np.column_stack((rng.uniform(-88.3, -88, 40), rng.uniform(14, 14.3, 40)))
    ends = {tuple(sorted(rng.choice(40, 2, replace=False).tolist())) for _ in range(45)}
    lines = [shapely.LineString(places[list(pair)]) for pair in sorted(ends)]
    points = np.column_stack((rng.uniform(-88.3, -88, 200), rng.uniform(14, 14.3, 200)))
    goals = np.column_stack((rng.uniform(-88.3, -88, 5), rng.uniform(14, 14.3, 5)))
    network = roads(lines, tolerance_m=0)
    found = nearest(*points.T, *goals.T, network=network, most_m=1_500)
    oracle = np.array(brute(lines, points.tolist(), goals.tolist(), 1_500))
    assert np.array_equal(found.by_road, np.isfinite(oracle))
    assert found.by_road.any()
    assert found.cost[found.by_road] == pytest.approx(oracle[np.isfinite(oracle)], abs=0.05)
    straight = nearest(*points.T, *goals.T)
    assert found.cost[~found.by_road] == pytest.approx(straight.cost[~found.by_road])
    assert np.all(found.cost >= straight.cost * (1 - 1e-4))
    for goal in range(5):  # whom a facility serves, it alone serves at the same cost, and at no less
        alone = nearest(*points.T, *goals[[goal]].T, network=network, most_m=1_500)
        mine = found.by_road & (found.facility == goal)
        assert alone.cost[mine] == pytest.approx(found.cost[mine], abs=1e-6)
        both = alone.by_road & found.by_road
        assert np.all(alone.cost[both] >= found.cost[both] - 1e-6)


def test_points_snapped_once_serve_every_kind_of_facility():
    lines = [line((0, 0), (10, 0)), line((5, 0), (5, 5))]
    network = roads(lines)
    lon, lat = np.array([[1, 0.3], [5, 4], [9, 8]]).T * KM
    spots = snapped(network, lon, lat, most_m=1_000)
    assert spots.gap_m[:2] == pytest.approx([300, 0], abs=0.1)
    assert spots.piece[2] == -1
    for goal in ((0, 0), (5, 5)):
        again = nearest(lon, lat, [goal[0] * KM], [goal[1] * KM], network=network, points=spots, most_m=1_000)
        plain = nearest(lon, lat, [goal[0] * KM], [goal[1] * KM], network=network, most_m=1_000)
        assert again.cost.tolist() == plain.cost.tolist()


pairs = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=2, max_size=6)


@settings(max_examples=60)
@given(st.lists(pairs, min_size=1, max_size=8), pairs, pairs)
def test_more_facilities_and_faster_roads_never_make_a_way_along_them_longer(shapes, points, goals):
    lines = [line(*shape) for shape in shapes if len(set(shape)) > 1]
    less = reached(lines, points, goals[:-1], tolerance_m=0, most_m=50)
    more = reached(lines, points, goals, tolerance_m=0, most_m=50)
    assert np.all(more.by_road | ~less.by_road)
    assert np.all(more.cost[less.by_road] <= less.cost[less.by_road] + 0.2)
    slow, fast = (
        reached(lines, points, goals, tolerance_m=0, most_m=50, by="minutes", kmh=np.arange(len(lines)) * 7 + kmh)
        for kmh in (10, 15)
    )
    assert np.array_equal(slow.by_road, fast.by_road)
    assert np.all(fast.cost <= slow.cost * (1 + 1e-9) + 1e-9)
    assert np.all(more.facility >= 0)
    assert np.isfinite(more.cost).all()


@settings(max_examples=50)
@given(pairs, pairs, st.floats(0, 9_000), st.randoms())
def test_catchments_add_up_to_everybody(points, goals, limit, random):
    (lon, lat), (goal_lon, goal_lat) = np.array(points).T * KM, np.array(goals).T * KM
    found = nearest(lon, lat, goal_lon, goal_lat)
    weight = np.array([random.randint(0, 9) for _ in points])
    served = catchments(found, len(goals), limit=limit, weight=weight)
    assert served.points.sum() == served.n == len(points)
    assert served.weight.sum() == weight.sum()
    assert served.beyond == sum(cost > limit for cost in found.cost)
    assert served.weight_beyond == weight[found.cost > limit].sum()
    for goal in range(len(goals)):
        own = found.facility == goal
        if weight[own].sum():
            assert served.mean[goal] == pytest.approx(np.average(found.cost[own], weights=weight[own]))
        if own.any():
            assert served.farthest[goal] == found.cost[own].max()
        else:
            assert np.isnan(served.farthest[goal])
            assert np.isnan(served.mean[goal])


def test_whom_no_facility_serves_is_beyond_every_limit():
    nowhere = nearest([0.0, 1.0], [0.0, 0.0], [], [])
    served = catchments(nowhere, 0, limit=1e9)
    assert (served.beyond, served.weight_beyond, served.points.tolist()) == (2, 2.0, [])


def test_what_makes_no_sense_is_refused():
    road = line((0, 0), (1, 0))
    network = roads([road])
    found = nearest([0.0], [0.0], [0.1], [0.1])
    for refused in (
        lambda: roads([road], kmh=0),
        lambda: roads([road], kmh=np.nan),
        lambda: roads([road], tolerance_m=-1),
        lambda: roads([road], walking_kmh=0),
        lambda: roads([road, road], kmh=[1, 2, 3]),
        lambda: roads([shapely.Point(0, 0)]),
        lambda: nearest([np.nan], [0], [0], [0]),
        lambda: nearest([0], [0], [0], [91]),
        lambda: nearest([0], [0], [0], [0], straight_kmh=0),
        lambda: nearest([0], [0], [0], [0], network=network, points=snapped(network, [0, 0], [0, 0])),
        lambda: catchments(found, 1, limit=5, weight=[-1]),
        lambda: catchments(found, 1, limit=5, weight=[1, 2]),
        lambda: catchments(found, 1, limit=5, weight=[np.inf]),
    ):
        with pytest.raises(ValueError):
            refused()


@pytest.mark.parametrize("seed", range(6))
def test_each_way_to_each_goal_is_that_of_the_goal_asked_for_alone(seed):
    random = np.random.default_rng(seed)
    shapes = [shapely.LineString(random.uniform((-87.6, 13.3), (-87.4, 13.5), (3, 2))) for _ in range(12)]
    network = roads(shapes, tolerance_m=2_000.0)
    points, goals = (random.uniform((-87.6, 13.3), (-87.4, 13.5), (size, 2)) for size in (25, 9))

    found = ways(*points.T, *goals.T, network, most_m=3_000.0)

    for goal in range(len(goals)):
        alone = nearest(*points.T, *goals[[goal]].T, network=network, most_m=3_000.0)
        np.testing.assert_allclose(found[alone.by_road, goal], alone.cost[alone.by_road], atol=1e-6)
        assert np.isinf(found[~alone.by_road, goal]).all()
