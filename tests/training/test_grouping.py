"""Groups: every limit is kept, everybody is placed or has one reason that can be checked, any order gives the same."""

import math
import random
from collections.abc import Sequence
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.training.rules.cells import Candidate, Grouping, Limits, middle_of
from services.training.rules.grouping import group
from services.training.rules.nearness import distances_km

CHOLUTECA = (-87.19, 13.30)


def km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """An independent distance: the spherical law of cosines."""
    (lon1, lat1), (lon2, lat2) = ((math.radians(x), math.radians(y)) for x, y in (one, other))
    cosine = math.sin(lat1) * math.sin(lat2) + math.cos(lat1) * math.cos(lat2) * math.cos(lon2 - lon1)
    return 6371.0088 * math.acos(min(1.0, max(-1.0, cosine)))


def at(number: int, east_km: float, north_km: float = 0.0, women: int = 1) -> Candidate:
    lon = CHOLUTECA[0] + east_km / (111.195 * math.cos(math.radians(CHOLUTECA[1])))
    return Candidate(UUID(int=number), women, (lon, CHOLUTECA[1] + north_km / 111.195))


def village(first: int, count: int, east_km: float) -> list[Candidate]:
    return [at(first + number, east_km + number * 0.01) for number in range(count)]


candidates = st.lists(
    st.tuples(
        st.integers(1, 4),
        st.one_of(
            st.none(), st.tuples(st.floats(-30, 30), st.floats(-30, 30)), st.sampled_from([(0.0, 0.0), (5.0, 5.0)])
        ),
    ),
    max_size=60,
).map(
    lambda rows: [
        Candidate(UUID(int=number + 1), women, None) if place is None else at(number + 1, *place, women=women)
        for number, (women, place) in enumerate(rows)
    ]
)
limits = st.tuples(st.integers(2, 8), st.integers(0, 8), st.floats(0.5, 25)).map(
    lambda drawn: Limits(drawn[0], drawn[0] + drawn[1], drawn[2])
)


def check(people: Sequence[Candidate], kept: Limits, result: Grouping) -> None:
    """A judge that shares no code with the proposal."""
    known = {candidate.id: candidate for candidate in people}
    placed = [member for one in result.groups for member in one.members]
    assert len(placed) == len(set(placed))
    assert sorted([*placed, *result.left_out]) == sorted(known)
    for one in result.groups:
        members = [known[member] for member in one.members]
        assert one.women == sum(member.women for member in members)
        assert kept.minimum <= one.women <= kept.maximum
        widest = max((km(a.place, b.place) for a in members for b in members if a.place and b.place), default=0.0)
        assert widest <= kept.diameter_km + 1e-3
        assert one.diameter_km == pytest.approx(widest, abs=1e-3)
    for who, why in result.left_out.items():
        check_reason(known[who], why.reason, dict(why.facts), known, kept, result)


def check_reason(
    her: Candidate, reason: str, facts: dict[str, int], known: dict[UUID, Candidate], kept: Limits, result: Grouping
) -> None:
    if reason == "too_many_partners":
        assert her.women > kept.maximum
        return
    assert her.women <= kept.maximum
    if reason == "no_place":
        assert her.place is None
        return
    assert her.place is not None
    others = [one for one in known.values() if one.place is not None and one.women <= kept.maximum]
    distances = {one.id: km(her.place, one.place) for one in others if one.place is not None}
    if any(abs(distance - kept.diameter_km) < 1e-3 for distance in distances.values()):
        return  # on the border the two formulas may differ
    near = sum(one.women for one in others if distances[one.id] <= kept.diameter_km)
    in_reach = [one for one in result.groups if all(distances[member] <= kept.diameter_km for member in one.members)]
    assert all(one.women + her.women > kept.maximum for one in in_reach), "she could have joined"
    if reason == "too_few_near":
        assert near < kept.minimum
        assert facts == {"near": near, "missing": kept.minimum - near}
    elif reason == "no_room":
        assert facts == {"groups": len(in_reach), "women": her.women}
        assert in_reach
    else:
        assert reason == "neighbours_placed"
        assert near >= kept.minimum
        assert not in_reach
        assert facts["near"] == near


@settings(max_examples=150, deadline=None)
@given(candidates, limits)
def test_every_limit_is_kept_and_everybody_is_placed_or_has_one_true_reason(
    people: list[Candidate], kept: Limits
) -> None:
    check(people, kept, group(people, kept))


@settings(max_examples=60, deadline=None)
@given(candidates, limits, st.randoms(use_true_random=False))
def test_the_same_women_in_any_order_give_the_same_groups(
    people: list[Candidate], kept: Limits, chance: random.Random
) -> None:
    shuffled = list(people)
    chance.shuffle(shuffled)
    assert group(people, kept) == group(shuffled, kept)


@settings(max_examples=100, deadline=None)
@given(candidates, limits)
def test_nobody_left_out_has_enough_others_left_out_within_half_the_diameter(
    people: list[Candidate], kept: Limits
) -> None:
    alone = [Candidate(one.id, 1, one.place) for one in people]
    result = group(alone, kept)
    left = [one for one in alone if one.id in result.left_out and one.place is not None]
    for her in left:
        around = [one for one in left if km(her.place, one.place) <= kept.diameter_km / 2 - 1e-3]  # type: ignore[arg-type]
        assert len(around) < kept.minimum


def test_thirty_five_neighbours_are_divided_evenly_and_nobody_is_left_over() -> None:
    result = group(village(1, 35, 0), Limits(10, 30, 5))
    assert sorted(one.women for one in result.groups) == [17, 18]
    assert result.left_out == {}


def test_two_villages_far_apart_make_two_groups() -> None:
    result = group([*village(1, 12, 0), *village(100, 15, 40)], Limits(10, 30, 10))
    assert [one.women for one in result.groups] == [15, 12]
    assert all(one.diameter_km < 1 for one in result.groups)


def test_a_hamlet_that_is_too_small_borrows_from_a_neighbour_that_can_spare() -> None:
    town = [at(number, 6 + number * 0.01) for number in range(1, 29)]
    hamlet = [at(number, 0) for number in range(101, 107)]
    result = group([*town, *hamlet], Limits(10, 28, 7))
    assert sum(one.women for one in result.groups) == 34
    assert result.left_out == {}


def test_a_woman_alone_is_told_how_many_are_missing() -> None:
    result = group([*village(1, 10, 0), at(50, 80), at(51, 80)], Limits(10, 30, 10))
    assert dict(result.left_out[UUID(int=50)].facts) == {"near": 2, "missing": 8}
    assert result.left_out[UUID(int=51)].reason == "too_few_near"


def test_partners_of_one_enterprise_stay_together() -> None:
    people = [at(number, 0, women=7) for number in range(1, 6)]
    result = group(people, Limits(10, 30, 5))
    assert [one.women for one in result.groups] == [21, 14]


def test_an_enterprise_with_more_women_than_a_group_holds_says_so() -> None:
    result = group([at(1, 0, women=40), *village(10, 12, 0)], Limits(10, 30, 5))
    assert result.left_out[UUID(int=1)].reason == "too_many_partners"
    assert result.groups[0].women == 12


def test_without_a_place_nobody_is_grouped_and_nothing_fails() -> None:
    assert group([], Limits(10, 30, 5)) == Grouping((), {})
    nowhere = group([Candidate(UUID(int=1), 1, None)], Limits(2, 30, 5))
    assert nowhere.left_out[UUID(int=1)].reason == "no_place"


def test_distances_are_those_of_the_sphere() -> None:
    tegucigalpa, san_salvador = (-87.2068, 14.0723), (-89.1872, 13.6929)
    assert distances_km([tegucigalpa, san_salvador])[0, 1] == pytest.approx(km(tegucigalpa, san_salvador), rel=1e-9)
    assert distances_km([(-180.0, 0.0), (180.0, 0.0)])[0, 1] == pytest.approx(0, abs=1e-6)
    assert middle_of([(0.0, 0.0), (1.0, 5.0), (100.0, 6.0)]) == (1.0, 5.0)


def test_three_hundred_women_are_grouped_at_once() -> None:
    chance = random.Random(7)
    towns = [(chance.uniform(-40, 40), chance.uniform(-40, 40)) for _ in range(10)]
    people = []
    for number in range(300):
        east, north = chance.choice(towns)
        people.append(at(number + 1, chance.gauss(east, 3), chance.gauss(north, 3)))
    kept = Limits(10, 30, 10)
    result = group(people, kept)
    check(people, kept, result)
    assert sum(one.women for one in result.groups) >= 285
