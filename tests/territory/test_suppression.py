"""A reader with linear programmes learns no withheld figure of a large table to within a fifth."""

import csv
import gzip
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.territory.queries import criteria
from services.territory.rules.dominance import Band, Dominance, dominated_by_bands
from services.territory.rules.margins import Dimension
from services.territory.rules.protected_table import ProtectedTable, Protection, protected_table
from tests.territory.table_attack import Attack

SHARE = 0.2
NOBODY = Dominance(0, ())
SMALL = Protection(5, 100 * SHARE, NOBODY, {})
IN_FORCE = Protection.from_criteria(criteria.shipped("disclosure").values)


def establishments(folder: Path) -> tuple[dict[tuple, int], dict[str, str]]:
    """Honduras' directory by municipality, class and size, and of each class and division what it is a part of."""
    with (folder / "ciiu_rev4_sections_divisions_es.csv").open(encoding="utf-8-sig") as lines:
        section = {row["division"].zfill(2): row["section"] for row in csv.DictReader(lines)}
    leaves: Counter[tuple] = Counter()
    with gzip.open(folder / "hnd_dee_2024_counts_muni_ciiu4_size.csv.gz", "rt", encoding="utf-8-sig") as lines:
        for row in csv.DictReader(lines):
            key = (row["cod_muni_4"].zfill(4), row["ciiu4"].zfill(4), row["tipo_de_empresa"].strip())
            leaves[key] += int(row["n"])
    classes = {code for _, code, _ in leaves}
    return dict(leaves), {code: code[:2] for code in classes} | {code[:2]: section[code[:2]] for code in classes}


def with_municipalities_of(departments: set[str], leaves: Mapping[tuple, int]) -> dict[tuple, tuple[int]]:
    """The national table in which only these departments are divided into municipalities."""
    found: Counter[tuple] = Counter()
    for (place, *rest), count in leaves.items():
        found[place if place[:2] in departments else place[:2], *rest] += count
    return {leaf: (count,) for leaf, count in found.items()}


class Honduras:
    """The directory as a table in which these departments are divided into municipalities, and what it is in truth;
    `alone`: as if there were no others.
    """

    def __init__(self, folder: Path, departments: set[str], *, alone: bool = False) -> None:
        everything, self.parents = establishments(folder)
        if alone:
            everything = {leaf: count for leaf, count in everything.items() if leaf[0][:2] in departments}
        self.leaves = with_municipalities_of(departments, everything)
        self.truth: Counter[tuple] = Counter()
        self.least: Counter[tuple] = Counter()
        for leaf, (count,) in self.leaves.items():
            for cell in self.above(leaf):
                self.truth[cell] += count
                self.least[cell] += 1

    def above(self, leaf: tuple) -> Iterator[tuple]:
        place, code, size = leaf
        classes = (code, code[:2], self.parents[code[:2]], "")
        return product(dict.fromkeys((place, place[:2], "")), classes, (size, ""))

    def totals_of(self, cell: tuple) -> Iterator[tuple[int, tuple]]:
        place, code, size = cell
        if place:
            yield 0, (place[:2] if len(place) > 2 else "", code, size)
        if code:
            yield 1, (place, self.parents.get(code, ""), size)
        if size:
            yield 2, (place, code, "")

    def protected(self, progress: Callable[[float], None] | None = None) -> tuple[dict, dict]:
        """What is told of each cell, and what that costs."""
        places = {place: place[:2] for place, _, _ in self.leaves if len(place) == 4}
        dimensions = [Dimension(places), Dimension(self.parents), Dimension({})]
        begun = time.process_time()
        protected = protected_table(dimensions, self.leaves, IN_FORCE, sizes=2, progress=progress)
        took = time.process_time() - begun
        told = {cell: values[0] for cell, values in protected.shown().items()}
        primary = [cell for cell, own in zip(protected.table.cells, protected.suppression.primary, strict=True) if own]
        ranged = sum(isinstance(value, tuple) for value in told.values())
        lost = protected.suppression.lost(protected.table) | {"ranged": ranged, "protecting_cpu_s": round(took)}
        return told, lost | {"own": primary}

    def recovered(self, told: Mapping, primary: Iterable[tuple], **how: Any) -> list:
        """The cells that a reader learns of what is told, which first must be what it should be."""
        assert set(told) == set(self.truth)
        assert all(told[cell] is None for cell, count in self.truth.items() if count < 5)
        assert all(told[cell] == self.truth[cell] for cell in told if isinstance(told[cell], float))
        assert all(told[cell][0] <= self.truth[cell] <= told[cell][1] for cell in told if isinstance(told[cell], tuple))
        return Attack(told, self.leaves, self.totals_of).recovered(self.truth, self.least, primary, SHARE, **how)


@pytest.mark.timeout(900)
def test_no_withheld_cell_of_honduras_directory_can_be_recovered(reference_data: Path) -> None:
    """Three small departments by municipality, class and size; `make soak-disclosure` attacks the whole country."""
    honduras = Honduras(reference_data / "establishments_hn", {"09", "11", "17"}, alone=True)
    told, lost = honduras.protected()

    assert honduras.recovered(told, lost["own"]) == []
    assert lost["cells"] > 4_900
    assert lost["secondary"] < lost["primary"]
    assert lost["ranged"] < lost["secondary"] / 2


PLACES = {"a1": "a", "a2": "a", "b1": "b"}
CLASSES = {"x1": "x", "x2": "x"}
SIDES = (Dimension(PLACES), Dimension(CLASSES))


def totals_of_small(cell: tuple) -> Iterator[tuple[int, tuple]]:
    place, code, *rest = cell
    if place:
        yield 0, (PLACES.get(place, ""), code, *rest)
    if code:
        yield 1, (place, CLASSES.get(code, ""), *rest)


def above_small(leaf: tuple) -> Iterator[tuple]:
    place, code = leaf
    return product((place, PLACES[place], ""), (code, CLASSES[code], "") if code in CLASSES else (code, ""))


def told_of(protected: ProtectedTable, measure: int = 0) -> dict:
    return {cell: values[measure] for cell, values in protected.shown().items()}


class Counting:
    """A reader without linear programmes: goes through tables of whole numbers one by one. She begins with those in
    which every leaf is off by one at most, then by two, then by three, and gives a table up as soon as what is left
    cannot make up what is told; `MOST` looks are enough, or the test says so.
    """

    MOST = 200_000

    def __init__(self, told: Mapping, leaves: Mapping[tuple, int]) -> None:
        self.leaves = leaves
        self.cells = {cell: [leaf for leaf in leaves if cell in set(above_small(leaf))] for cell in told}
        self.hidden = [leaf for leaf in leaves if not isinstance(told[leaf], float)]
        seen = [cell for cell in told if told[cell] is not None and set(self.cells[cell]) & set(self.hidden)]
        self.bounds = {cell: (told[cell],) * 2 if isinstance(told[cell], float) else told[cell] for cell in seen}
        self.sums = {leaf: [cell for cell in seen if leaf in self.cells[cell]] for leaf in self.hidden}
        self.looks = 0

    def finds(self, cell: tuple, most: bool, far: float, reach: int) -> bool:
        """Whether there is a table that is told the same, in which a cell is at least (or at most) so much."""

        def wanted(table: Mapping) -> bool:
            return (self.of(cell, table) >= far) if most else (self.of(cell, table) <= far)

        self.looks = 0
        return any(self._from(0, {}, wanted, step) for step in range(1, reach + 1))

    def of(self, cell: tuple, table: Mapping) -> int:
        return sum(table.get(leaf, self.leaves[leaf]) for leaf in self.cells[cell])

    def _from(self, place: int, table: dict, wanted: Callable[[Mapping], bool], reach: int) -> bool:
        self.looks += 1
        assert self.looks <= self.MOST, "more tables than anybody goes through"
        if place == len(self.hidden):
            return wanted(table)
        leaf = self.hidden[place]
        near = sorted(self._near(leaf, reach), key=lambda value: abs(value - self.leaves[leaf]))
        return any(
            self._from(place + 1, table | {leaf: value}, wanted, reach)
            for value in near
            if all(self._may_hold(cell, table | {leaf: value}, reach) for cell in self.sums[leaf])
        )

    def _near(self, leaf: tuple, reach: int) -> range:
        return range(max(1, self.leaves[leaf] - reach), self.leaves[leaf] + reach + 1)

    def _may_hold(self, cell: tuple, table: Mapping, reach: int) -> bool:
        """Whether the leaves that are not chosen yet can make up what is told of a cell."""
        chosen = self.of(cell, table)
        open_ones = [leaf for leaf in self.cells[cell] if leaf in self.sums and leaf not in table]
        least = chosen - sum(self.leaves[leaf] - self._near(leaf, reach).start for leaf in open_ones)
        low, high = self.bounds[cell]
        return least <= high and low <= chosen + reach * len(open_ones)


few = st.fixed_dictionaries({leaf: st.integers(0, 9) for leaf in product(PLACES, ("x1", "x2", "y"))})


@settings(max_examples=8)
@given(few)
def test_of_a_small_table_even_who_tries_all_whole_numbers_learns_nothing_of_few(counts: dict[tuple, int]) -> None:
    """Of two dimensions, of which the sums are a network, the bounds are whole numbers: nothing is lost by them."""
    leaves = {leaf: count for leaf, count in counts.items() if count}
    protected = protected_table(SIDES, {leaf: (count,) for leaf, count in counts.items()}, SMALL)
    reader = Counting(told_of(protected), leaves)

    for cell, own in zip(protected.table.cells, protected.suppression.primary, strict=True):
        true = sum(leaves[leaf] for leaf in reader.cells[cell])
        assert own == (0 < true < 5)
        if own:
            assert protected.shown()[cell] == (None,)
            assert reader.finds(cell, True, true + 1, reach=3)
            assert true == len(reader.cells[cell]) or reader.finds(cell, False, true - 1, reach=3)


@settings(max_examples=12)
@given(few, st.randoms(use_true_random=False))
def test_counts_and_magnitudes_are_protected_by_the_same_cells(counts: dict[tuple, int], chance) -> None:
    leaves = {leaf: (float(n), float(sum(chance.randint(1, 30) for _ in range(n)))) for leaf, n in counts.items()}
    protected = protected_table(SIDES, leaves, SMALL)
    primary = [cell for cell, own in zip(protected.table.cells, protected.suppression.primary, strict=True) if own]
    least = Counter(cell for leaf, n in counts.items() if n for cell in above_small(leaf))

    for measure, known in ((0, {leaf for leaf, n in counts.items() if n}), (1, set())):
        told = told_of(protected, measure)
        truth = dict(zip(protected.table.cells, protected.table.values[measure], strict=True))
        beforehand = least if measure == 0 else dict.fromkeys(truth, 0.0)
        assert Attack(told, known, totals_of_small).recovered(truth, beforehand, primary, SHARE) == []


@settings(max_examples=25)
@given(few)
def test_a_range_that_is_told_is_one_that_everybody_works_out(counts: dict[tuple, int]) -> None:
    protected = protected_table(SIDES, {leaf: (count,) for leaf, count in counts.items()}, SMALL)
    told = told_of(protected)
    silent = {cell: value if isinstance(value, float) else None for cell, value in told.items()}
    reader = Attack(silent, {leaf for leaf, count in counts.items() if count}, totals_of_small)

    for cell, value in told.items():
        if isinstance(value, tuple):
            assert value[0] <= reader.bound(cell, -1) + 1e-6
            assert value[1] >= reader.bound(cell, 1) - 1e-6


@settings(max_examples=15)
@given(few)
def test_the_same_table_is_protected_in_the_same_way_and_large_ones_wholly_shown(counts: dict[tuple, int]) -> None:
    leaves = {leaf: (float(count),) for leaf, count in counts.items()}
    assert protected_table(SIDES, leaves, SMALL).shown() == protected_table(SIDES, leaves, SMALL).shown()
    large = {leaf: (count + 5.0,) for leaf, count in counts.items()}
    assert not protected_table(SIDES, large, SMALL).suppression.withheld.any()


def test_an_empty_table_stays_empty() -> None:
    assert protected_table(SIDES, {}, SMALL).shown() == {}
    assert protected_table(SIDES, {("a1", "x1"): (0,)}, SMALL).shown() == {}


def test_a_table_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="one code of each dimension"):
        protected_table(SIDES, {("a1",): (4,)}, SMALL)
    with pytest.raises(ValueError, match="not below zero"):
        protected_table(SIDES, {("a1", "x1"): (-4,)}, SMALL)
    with pytest.raises(ValueError, match="not below zero"):
        protected_table(SIDES, {("a1", "x1"): (float("nan"),)}, SMALL)
    with pytest.raises(ValueError, match="part of itself"):
        protected_table([Dimension({"a": "b", "b": "a"})], {("a",): (4,)}, SMALL)


def test_who_knows_her_own_leaf_learns_that_of_her_only_neighbour() -> None:
    """Two withheld leaves beside each other hide one another from everybody but those who know one of them."""
    leaves = {("a1", "y"): (3.0,), ("a2", "y"): (30.0,), ("b1", "y"): (40.0,)}
    protected = protected_table(SIDES, leaves, SMALL)
    told = told_of(protected)
    primary = [("a1", "y")]
    truth = dict(zip(protected.table.cells, protected.table.values[0], strict=True))
    assert told["a1", "y"] is None
    assert Attack(told, set(leaves), totals_of_small).recovered(truth, dict.fromkeys(truth, 1.0), primary, SHARE) == []

    beside = Attack(told, set(leaves), totals_of_small, knows={("a2", "y"): 30.0, ("a2", ""): 30.0})

    assert beside.bound(("a1", "y"), 1) == pytest.approx(3) == beside.bound(("a1", "y"), -1)


RULE = Dominance(15, ((1, 75), (2, 90)))


@pytest.mark.parametrize(
    ("total", "largest", "dominated"),
    [
        (100, (80, 5), True),
        (100, (75, 10), False),
        (100, (60, 32), True),
        (100, (45, 45), False),
        (100, (60, 30), False),
        (100, (60, 31.5), True),
        (0, (0, 0), False),
        (100, (), False),
        (7, (7,), True),
    ],
)
def test_a_sum_is_dominated_by_the_most_that_one_or_two_hold(
    total: float, largest: tuple[float, ...], dominated: bool
) -> None:
    assert RULE.holds(total, largest) is dominated


def test_the_second_largest_must_not_come_near_the_first() -> None:
    """By the p%-rule alone: 100 - 70 - 20 leaves 10, and 15 % of 70 are 10.5."""
    rule = Dominance(15, ())
    assert rule.holds(100, (70, 20))
    assert not rule.holds(101, (70, 20))


def test_dominance_is_not_judged_by_more_than_is_known() -> None:
    with pytest.raises(ValueError, match="2 largest"):
        Dominance.from_criteria({"percent": 15, "shares": [[3, 90]]})


BANDS = {"micro": Band(1, 10), "large": Band(151, 500)}


@pytest.mark.parametrize(
    ("counts", "dominated"),
    [
        ({"micro": 9, "large": 1}, True),
        ({"micro": 6}, False),
        ({"large": 6}, False),
        ({"unknown": 9}, False),
        ({"large": 2, "micro": 40}, True),
        ({"large": 1, "unknown": 30}, True),
    ],
)
def test_a_large_establishment_among_small_ones_dominates(counts: dict[str, int], dominated: bool) -> None:
    assert dominated_by_bands(counts, BANDS, RULE) is dominated


def test_a_dominated_cell_is_withheld_though_many_are_counted() -> None:
    leaves = {("a1", "y"): (9.0, 200.0), ("a2", "y"): (12.0, 90.0), ("b1", "y"): (20.0, 100.0)}
    protection = Protection(5, 20, RULE, {})
    largest = {("a1", "y"): [(190.0, 2.0)], ("a2", "y"): [(12.0, 11.0)], ("b1", "y"): [(9.0, 9.0)]}

    protected = protected_table(SIDES, leaves, protection, largest=largest)

    assert [cell for cell, own in zip(protected.table.cells, protected.suppression.primary, strict=True) if own] == [
        ("a1", ""),
        ("a1", "y"),
    ]
    assert protected.shown()["a1", "y"] == (None, None)
    assert protected_table(SIDES, leaves, protection).shown()["a1", "y"] == (9.0, 200.0)
    assert np.array_equal(protected.table.values[:, protected.table.position["", ""]], [41, 390])
