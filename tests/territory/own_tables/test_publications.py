"""Publications read beside each other: what came and went between them in ones and twos is told by neither."""

from hypothesis import given
from hypothesis import strategies as st

from services.territory.rules.disclosure import THRESHOLD
from services.territory.rules.figures import Count, Figures, added_up, sums
from services.territory.rules.publications import beside_each_other

DEPARTMENT = "HN17"
TOWNS = ("HN1701", "HN1702", "HN1703")
large = st.integers(THRESHOLD, 40)


def figures(by_town: dict[str, dict[str, int]]) -> Figures:
    return added_up(
        ((town, *key), Count(number, number))
        for town, chains in by_town.items()
        for chain, number in chains.items()
        for key in (("all",), ("chain", chain))
    )


months = st.lists(
    st.fixed_dictionaries({town: st.fixed_dictionaries({"coffee": large, "honey": large}) for town in TOWNS}),
    min_size=2,
    max_size=4,
).map(lambda some: [figures(one) for one in some])


@given(published=months)
def test_no_two_figures_that_are_shown_differ_by_few(published: list[Figures]) -> None:
    told = beside_each_other(published, DEPARTMENT)

    for place, earlier in enumerate(told):
        for later in told[place + 1 :]:
            for key in earlier.counts:
                one, other = earlier.get(*key), later.get(*key)
                assert one is None or other is None or not 0 < abs(one.number - other.number) < THRESHOLD


@given(published=months)
def test_adding_up_gives_nothing_back_that_was_withheld(published: list[Figures]) -> None:
    for one in beside_each_other(published, DEPARTMENT):
        for line in sums(DEPARTMENT, one.counts):
            cells = [key for key in (line.total, *line.parts) if key in one.hidden]
            assert len(cells) != 1


@given(published=months)
def test_the_newest_stays_as_it_was_published_and_nothing_is_changed(published: list[Figures]) -> None:
    told = beside_each_other(published, DEPARTMENT)

    assert told[-1] == published[-1]
    assert [one.counts for one in told] == [one.counts for one in published]


def test_what_changed_by_many_is_told() -> None:
    first = figures({town: {"coffee": 10, "honey": 10} for town in TOWNS})
    second = figures({town: {"coffee": 20, "honey": 30} for town in TOWNS})

    assert beside_each_other([first, second], DEPARTMENT) == [first, second]


def test_where_three_came_the_earlier_figure_is_withheld_with_another_of_its_sum() -> None:
    first = figures({town: {"coffee": 10, "honey": 10} for town in TOWNS})
    second = figures({town: {"coffee": 13 if town == "HN1701" else 30, "honey": 30} for town in TOWNS})

    earlier, later = beside_each_other([first, second], DEPARTMENT)

    assert earlier.get("HN1701", "chain", "coffee") is None
    assert earlier.get("HN1701", "chain", "honey") is None, "the total less honey would be coffee"
    assert earlier.get("HN1703", "all") == Count(20, 20)
    assert later.get("HN1701", "chain", "coffee") == Count(13, 13)
