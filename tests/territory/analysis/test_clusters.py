import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import connected_components
from sklearn.cluster import DBSCAN, HDBSCAN
from sklearn.metrics import adjusted_rand_score

from services.territory.rules.analysis.clusters import HDBSCAN_MOST, NOISE, cards, dbscan, hdbscan, pairs_within
from services.territory.rules.analysis.metres import Plane
from services.territory.rules.locating import distance_km
from shared.masking import CELL_DEGREES

CHAINS, LINKS = ("coffee", "honey", "crafts"), ("inputs", "production", "marketing")
NEEDS = {"coffee": {"production", "marketing"}, "honey": {"inputs"}}


def towns(*sizes, spread=0.004, seed=0):
    """As many points around each of some places 0.2 degrees (22 km) apart."""
    rng = np.random.default_rng(seed)
    lon = np.concatenate([-88 + 0.2 * place + rng.normal(0, spread, size) for place, size in enumerate(sizes)])
    return lon, 14 + rng.normal(0, spread, sum(sizes))


def carded(labels, lon, lat, *, seed=0, **changed):
    rng, n = np.random.default_rng(seed), len(labels)
    facts = {
        "women": rng.integers(0, 6, n),
        "chain": rng.integers(0, 3, n),
        "at_link": rng.random((n, 3)) < 0.3,
        "chains": CHAINS,
        "links": LINKS,
        "needs": NEEDS,
    } | changed
    return cards(labels, lon, lat, **facts), facts


grid_points = st.lists(st.tuples(st.integers(0, 14), st.integers(0, 14)), min_size=1, max_size=60)


@settings(max_examples=60)
@given(grid_points, st.integers(1, 5), st.sampled_from([120, 180, 300]), st.randoms())
def test_clusters_are_what_their_definition_says(steps, least, radius, random):
    lon, lat = -88 + np.array([x for x, _ in steps]) / 1000, 14 + np.array([y for _, y in steps]) / 1000
    labels = dbscan(lon, lat, radius_m=radius, least=least)
    xy = Plane.around(lon, lat).metres(lon, lat)
    near = np.linalg.norm(xy[:, None] - xy[None], axis=2) <= radius
    core = near.sum(axis=1) >= least
    parts = connected_components(near[np.ix_(core, core)])[1]
    assert len(set(labels[core].tolist())) == len(set(parts.tolist()))
    assert len(set(zip(labels[core].tolist(), parts.tolist(), strict=True))) == len(set(parts.tolist()))
    for one in np.flatnonzero(~core):
        around = set(labels[core & near[one]].tolist())
        assert labels[one] in (around or {NOISE})
    sizes = np.bincount(labels[labels >= 0])
    assert np.all(sizes > 0)
    assert np.all(np.diff(sizes) <= 0)
    order = np.array(random.sample(range(len(steps)), len(steps)))
    assert np.array_equal(dbscan(lon[order], lat[order], radius_m=radius, least=least), labels[order])


def test_dbscan_is_that_of_scikit_learn_under_other_numbers():
    lon, lat = towns(300, 150, 80, 20, spread=0.01)
    labels = dbscan(lon, lat, radius_m=400, least=6)
    order = np.lexsort((lat, lon))
    xy = Plane.around(lon, lat).metres(lon, lat)[order]
    oracle = DBSCAN(eps=400, min_samples=6, algorithm="brute").fit(xy).labels_
    assert np.array_equal(labels[order] == NOISE, oracle == NOISE)
    assert adjusted_rand_score(labels[order], oracle) == 1
    assert labels.max() >= 3


def test_hdbscan_is_that_of_scikit_learn_and_does_not_depend_on_the_order():
    lon, lat = towns(200, 120, 60, spread=0.003, seed=4)
    labels = hdbscan(lon, lat, least=15)
    xy = Plane.around(lon, lat).metres(lon, lat)
    oracle = HDBSCAN(min_cluster_size=15, algorithm="brute", copy=True).fit(xy).labels_
    assert adjusted_rand_score(labels, oracle) > 0.999
    assert labels.max() == 2
    assert np.bincount(labels[labels >= 0]).tolist() == sorted(np.bincount(labels[labels >= 0]).tolist(), reverse=True)
    order = np.random.default_rng(0).permutation(len(lon))
    assert np.array_equal(hdbscan(lon[order], lat[order], least=15), labels[order])


def test_enterprises_at_one_place_count_one_by_one():
    lon, lat = np.full(7, -88.0), np.full(7, 14.0)
    assert dbscan(lon, lat, radius_m=1, least=7).tolist() == [0] * 7
    assert dbscan(lon, lat, radius_m=1, least=8).tolist() == [NOISE] * 7
    lon, lat = np.r_[np.full(30, -88.0), np.full(20, -87.0)], np.full(50, 14.0)
    assert hdbscan(lon, lat, least=10).tolist() == [0] * 30 + [1] * 20


def test_of_equally_large_clusters_the_western_one_comes_first():
    lon = np.repeat([-87.0, -88.0, -87.5], [5, 5, 6])
    assert dbscan(lon, np.full(16, 14.0), radius_m=10, least=5).tolist() == [2] * 5 + [1] * 5 + [0] * 6


def test_few_points_are_noise_and_none_are_nothing():
    assert dbscan([], [], radius_m=5, least=3).tolist() == []
    assert hdbscan([], [], least=3).tolist() == []
    assert hdbscan([-88, -88.1], [14, 14], least=3).tolist() == [NOISE, NOISE]
    nobody, _ = carded(np.empty(0, int), [], [])
    assert (nobody.n, nobody.cards, nobody.noise, nobody.coverage) == (0, (), 0, 0.0)
    lost, _ = carded([NOISE, NOISE], [-88, -87], [14, 14])
    assert (lost.cards, lost.noise, lost.coverage) == ((), 2, 0.0)


def test_a_card_counts_what_counting_one_by_one_gives():
    lon, lat = towns(60, 30, 12, 3, spread=0.002)
    labels = dbscan(lon, lat, radius_m=600, least=4)
    found, facts = carded(labels, lon, lat)
    assert len(found.cards) == labels.max() + 1
    assert found.noise == np.sum(labels == NOISE) >= 3
    assert found.coverage == np.mean(labels != NOISE)
    assert sum(card.enterprises for card in found.cards) + found.noise == found.n
    for card in found.cards:
        own = labels == card.number
        assert card.enterprises == own.sum() == sum(row.enterprises for row in card.chains)
        assert card.women == facts["women"][own].sum() == sum(row.women for row in card.chains)
        assert [-row.women for row in card.chains] == sorted(-row.women for row in card.chains)
        for row in card.chains:
            these = own & (facts["chain"] == CHAINS.index(row.chain))
            assert row.enterprises == these.sum() > 0
            at = {link: int(facts["at_link"][these, place].sum()) for place, link in enumerate(LINKS)}
            assert row.links == at
            assert row.missing == tuple(link for link in LINKS if link in NEEDS.get(row.chain, ()) and not at[link])


def test_a_link_is_missing_where_the_chain_needs_it_and_nobody_stands_there():
    at = np.zeros((6, 3), bool)
    at[:, 1] = True
    found, _ = carded(np.zeros(6, int), np.full(6, -88.0), np.full(6, 14.0), at_link=at, chain=[0, 0, 1, 1, 2, 2])
    missing = {row.chain: row.missing for row in found.cards[0].chains}
    assert missing == {"coffee": ("marketing",), "honey": ("inputs",), "crafts": ()}


def test_where_fewer_than_five_enterprises_work_nothing_is_drawn():
    labels, lon, lat = np.repeat([0, 1], [5, 4]), np.full(9, -88.0), np.full(9, 14.0)
    found, _ = carded(labels, lon, lat)
    five, four = found.cards
    assert five.drawn
    assert (four.drawn, four.centre, four.hull, four.radius_m, four.density) == (False, None, None, None, None)
    assert four.enterprises == 4


def test_the_drawing_tells_cells_and_no_home():
    lon, lat = towns(40, spread=0.02)
    drawn = carded(np.zeros(40, int), lon, lat)[0].cards[0]
    corners = shapely.get_coordinates(drawn.hull) / CELL_DEGREES
    assert corners == pytest.approx(np.round(corners), abs=1e-6)
    assert np.all(shapely.covers(drawn.hull, shapely.points(lon, lat)))
    # Each enterprise somewhere else in its cell: the same hull, and the same centre while the medoid's cell is.
    inside = np.random.default_rng(1).uniform(0.05, 0.95, (2, 40))
    moved = [
        (np.floor(one / CELL_DEGREES + 1e-9) + share) * CELL_DEGREES
        for one, share in zip((lon, lat), inside, strict=True)
    ]
    again = carded(np.zeros(40, int), *moved)[0].cards[0]
    assert shapely.equals(drawn.hull, again.hull)
    homes = set(np.round(lon, 4).tolist())
    assert drawn.centre[0] not in homes


def test_centre_radius_and_density_are_those_of_their_definitions():
    lon, lat = towns(50, spread=0.03, seed=9)
    card = carded(np.zeros(50, int), lon, lat)[0].cards[0]
    squares = [
        sum(distance_km(x, y, *other) ** 2 for other in zip(lon, lat, strict=True))
        for x, y in zip(lon, lat, strict=True)
    ]
    medoid = int(np.argmin(squares))
    assert abs(card.centre[0] - lon[medoid]) <= CELL_DEGREES / 2 + 1e-9
    assert abs(card.centre[1] - lat[medoid]) <= CELL_DEGREES / 2 + 1e-9
    pairs = sum(squares) / (2 * 50**2)  # the mean squared distance to the mean, from all pairs
    assert card.radius_m == pytest.approx(1000 * np.sqrt(pairs), rel=1e-3)
    width = 111.195 * np.cos(np.radians(shapely.centroid(card.hull).y)) * 111.195
    assert card.density == pytest.approx(50 / (card.hull.area * width), rel=2e-3)


def test_what_makes_no_sense_is_refused():
    lon, lat = [-88.0, -87.0], [14.0, 14.0]
    for refused in (
        lambda: dbscan(lon, lat, radius_m=0, least=3),
        lambda: dbscan(lon, lat, radius_m=np.inf, least=3),
        lambda: dbscan(lon, lat, radius_m=5, least=0),
        lambda: dbscan([np.nan, -88], lat, radius_m=5, least=1),
        lambda: dbscan(lon, [14.0], radius_m=5, least=1),
        lambda: hdbscan(lon, lat, least=1),
        lambda: hdbscan(np.zeros(HDBSCAN_MOST + 1), np.zeros(HDBSCAN_MOST + 1), least=5),
        lambda: carded([0, 0], lon, lat, women=[1, -1]),
        lambda: carded([0, 0], lon, lat, chain=[0, 3]),
        lambda: carded([0, -2], lon, lat),
        lambda: carded([0, 0, 0], lon, lat),
        lambda: carded([0, 0], lon, lat, at_link=np.zeros((2, 2), bool)),
    ):
        with pytest.raises(ValueError):
            refused()


def test_pairs_within_a_radius_are_all_pairs_at_most_so_far_apart() -> None:
    generator = np.random.default_rng(7)
    lon, lat = -87 + generator.random(60) / 20, 13 + generator.random(60) / 20
    metres = Plane.around(lon, lat).metres(lon, lat)
    far = np.linalg.norm(metres[:, None] - metres[None], axis=2)
    assert pairs_within(lon, lat, 1_500.0) == int((far <= 1_500).sum())
    assert pairs_within([], [], 1_500.0) == 0
