"""Publications read beside each other: what came and went between them in ones and twos is told by none of them, to
whoever subtracts one from the other and does sums with all that is shown.
"""

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from services.territory.rules.disclosure import THRESHOLD
from services.territory.rules.doubles import Key
from services.territory.rules.figures import Count, Figures, added_up, sums
from services.territory.rules.publications import beside_each_other

DEPARTMENT = "HN17"
TOWNS = ("HN1701", "HN1702", "HN1703")
CHAINS = ("coffee", "honey", "crafts")


def figures(by_town: dict[str, dict[str, tuple[int, int]]]) -> Figures:
    """Enterprises and women of each chain, added up to all and to the department."""
    return added_up(
        ((town, *key), Count(*count))
        for town, chains in by_town.items()
        for chain, count in chains.items()
        for key in (("all",), ("chain", chain))
    )


def alike(by_town: dict[str, dict[str, int]]) -> Figures:
    return figures({town: {chain: (n, n) for chain, n in chains.items()} for town, chains in by_town.items()})


def together(published: list[Figures]) -> list[Figures]:
    beside = beside_each_other(published, DEPARTMENT)
    return [beside.figures(place) for place in range(len(beside))]


counts = st.tuples(st.integers(THRESHOLD, 30), st.integers(THRESHOLD, 200))
months = st.lists(
    st.fixed_dictionaries({town: st.fixed_dictionaries(dict.fromkeys(CHAINS, counts)) for town in TOWNS}),
    min_size=2,
    max_size=3,
).map(lambda some: [figures(one) for one in some])


def worked_out(told: Figures, true: Figures) -> set[Key]:
    """The withheld figures that the sums of one publication leave one value (those that move in no solution)."""
    hidden = sorted(told.hidden)
    rows = [[(key == one.total) - (key in one.parts) for key in hidden] for one in sums(DEPARTMENT, true.counts)]
    _, sizes, right = np.linalg.svd(np.array(rows, dtype=float), full_matrices=True)
    free = right[int((sizes > 1e-9).sum()) :]
    return {key for place, key in enumerate(hidden) if not free[:, place].any(where=np.abs(free[:, place]) > 1e-9)}


def is_near(one: Count, other: Count) -> bool:
    return any(0 < abs(a - b) < THRESHOLD for a, b in ((one.number, other.number), (one.women, other.women)))


def recovered(published: list[Figures]) -> set[Key]:
    """Figures of which somebody with all publications learns that 1 to 4 came or went between two of them."""
    told = together(published)
    known = [
        {key for key in true.counts if key not in one.hidden} | (worked_out(one, true) if one.hidden else set())
        for one, true in zip(told, published, strict=True)
    ]
    return {
        key
        for earlier, later in combinations(range(len(published)), 2)
        for key in known[earlier] & known[later]
        if is_near(published[earlier].counts[key], published[later].counts[key])
    }


@settings(deadline=None)
@given(published=months)
def test_no_change_of_few_comes_back_from_all_that_is_shown(published: list[Figures]) -> None:
    assert recovered(published) == set()


@settings(deadline=None)
@given(published=months)
def test_adding_up_gives_nothing_back_that_was_withheld(published: list[Figures]) -> None:
    for one, true in zip(together(published), published, strict=True):
        for line in sums(DEPARTMENT, true.counts):
            assert sum(key in one.hidden for key in (line.total, *line.parts)) != 1


@settings(deadline=None)
@given(published=months)
def test_the_newest_stays_as_it_was_published_and_nothing_is_changed(published: list[Figures]) -> None:
    told = together(published)

    assert not told[-1].hidden
    for one, true in zip(told, published, strict=True):
        for key, count in true.counts.items():
            shown = one.get(*key)
            assert shown is None or (shown.number, shown.women) == (count.number, count.women)


def test_several_sums_together_give_no_change_away() -> None:
    """Two squares of withheld figures and one figure between them: every line has two of them, but the lines of the one
    square less its columns tell the one between.
    """
    towns, chains = [f"HN170{n}" for n in range(1, 7)], ["a", "b", "c", "d", "e", "f"]
    squares = {("HN1701", "a"), ("HN1701", "b"), ("HN1702", "a"), ("HN1702", "b"),
               ("HN1703", "c"), ("HN1703", "d"), ("HN1704", "c"), ("HN1704", "d"), ("HN1702", "c")}  # fmt: skip
    first = {town: dict.fromkeys(chains, 50) for town in towns}
    second = {
        town: {chain: first[town][chain] + (3 if (town, chain) in squares else 40) for chain in chains}
        for town in towns
    }
    published = [alike(first), alike(second)]

    assert together(published)[0].get("HN1702", "chain", "c") is None
    assert recovered(published) == set()


def test_what_changed_by_many_is_told() -> None:
    first = alike({town: {"coffee": 10, "honey": 10} for town in TOWNS})
    second = alike({town: {"coffee": 20, "honey": 30} for town in TOWNS})

    assert not any(one.hidden for one in together([first, second]))


def test_where_three_came_the_earlier_figure_is_withheld_with_another_of_its_sum() -> None:
    first = alike({town: {"coffee": 10, "honey": 10} for town in TOWNS})
    second = alike({town: {"coffee": 13 if town == "HN1701" else 30, "honey": 30} for town in TOWNS})

    earlier, later = together([first, second])

    assert earlier.get("HN1701", "chain", "coffee") is None
    assert earlier.get("HN1701", "chain", "honey") is None, "the total less honey would be coffee"
    assert earlier.get("HN1703", "all") == Count(20, 20, None)
    assert later.get("HN1701", "chain", "coffee") == Count(13, 13, None)


def test_a_town_is_not_told_by_its_department_and_the_other_towns() -> None:
    """The department grew by ten, one town by seven: the other by three."""
    first = alike({"HN1701": {"coffee": 20}, "HN1702": {"coffee": 20}})
    second = alike({"HN1701": {"coffee": 27}, "HN1702": {"coffee": 23}})

    earlier, _ = together([first, second])
    shown = [unit for unit in (DEPARTMENT, "HN1701", "HN1702") if earlier.get(unit, "all")]

    assert len(shown) == 1


def test_one_enterprise_with_many_women_is_told_in_neither_count() -> None:
    first = figures({town: {"coffee": (30, 60)} for town in TOWNS})
    second = figures({town: {"coffee": (31 if town == "HN1701" else 60, 72)} for town in TOWNS})

    assert together([first, second])[0].get("HN1701", "all") is None


def test_a_month_is_held_against_every_later_one() -> None:
    first, second, third = (alike({town: {"coffee": number, "honey": 10} for town in TOWNS}) for number in (10, 40, 13))

    earliest, between, _ = together([first, second, third])

    assert earliest.get("HN1701", "chain", "coffee") is None
    assert between.get("HN1701", "chain", "coffee") == Count(40, 40, None)


def test_some_tables_are_the_same_as_all_of_them() -> None:
    published = [alike({town: {"coffee": number} for town in TOWNS}) for number in (10, 13)]
    beside = beside_each_other(published, DEPARTMENT)

    whole, part = beside.figures(0), beside.figures(0, ("all",))
    assert part.hidden == {key for key in whole.hidden if key[1] == "all"}
    assert part.counts == {key: count for key, count in whole.counts.items() if key[1] == "all"}
