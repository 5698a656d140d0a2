"""A reader with time, paper and everything that is published learns no small count.

The readers here know nothing of how the service decides: they search by hand, changing one withheld figure and mending
one broken sum after the other, for other figures that agree with all they see; where they find none, an integer program
says whether there are any.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from services.territory.rules.disclosure import OTHER_VALUES, is_small, withheld
from services.territory.rules.dominance import Dominance
from services.territory.rules.doubles import AtLeast, Key, Sum
from services.territory.rules.figures import DEPARTMENTAL, Count, Figures, added_up, protected
from shared.events.vocabulary import CHAINS, LINKS, NEEDS

FAR = 4
ATTEMPTS = 6
Rows = list[tuple[dict[Key, int], float, float]]


class Reader:
    """Knows the figures that are shown, that a withheld one counts somebody, and what holds between them all: for each
    row, that the signed sum of its cells lies between two bounds. The true figures only tell where to begin.
    """

    def __init__(self, true: Mapping[Key, int], hidden: Iterable[Key], rows: Rows) -> None:
        self.hidden = set(hidden)
        self.least = {key: 1 - true[key] for key in self.hidden}
        self.rows = []
        for signs, low, high in rows:
            now = sum(sign * true[key] for key, sign in signs.items())
            assert low <= now <= high, "the reader believes something false"
            self.rows.append((signs, low - now, high - now))
        self.numbers = defaultdict(list)
        for number, (signs, _, _) in enumerate(self.rows):
            for key in signs:
                self.numbers[key].append(number)

    def could_be_off_by(self, key: Key, step: int) -> bool:
        """Whether the reader finds other figures that agree with everything, in which this one is greater by `step`.
        Those that change few figures are looked for first.
        """
        if step < self.least[key]:
            return False
        for attempt in range(ATTEMPTS):
            self.chance, self.patience = Random(attempt), 100 * (attempt + 3)
            if self._mend({key: step}, 3 + 4 * (attempt % 8)):
                return True
        return self._exactly(key, step)

    def _exactly(self, key: Key, step: int) -> bool:
        """Whether there are such figures at all: every withheld one may move by whole numbers, all rows hold."""
        place = {one: column for column, one in enumerate(sorted(self.hidden))}
        rows = [(signs, low, high) for signs, low, high in self.rows if any(one in place for one in signs)]
        signed = np.zeros((len(rows), len(place)))
        for number, (signs, _, _) in enumerate(rows):
            for one, sign in signs.items():
                if one in place:
                    signed[number, place[one]] = sign
        least, most = np.array([self.least[one] for one in place], float), np.full(len(place), 10.0 * FAR)
        least[place[key]] = most[place[key]] = step
        holds = LinearConstraint(signed, [low for _, low, _ in rows], [high for _, _, high in rows])
        whole = np.ones(len(place))
        return bool(
            milp(np.zeros(len(place)), constraints=holds, bounds=Bounds(least, most), integrality=whole).success
        )

    def _mend(self, steps: dict[Key, int], moves: int) -> bool:
        """Whether the broken sums can be mended by at most so many more moves; the one with the fewest ways first."""
        self.patience -= 1
        broken = [self._ways(*row, steps) for row in self._rows_of(steps)]
        broken = [ways for ways in broken if ways is not None]
        if not broken or self.patience < 0:
            return not broken
        key, ways = min(broken, key=lambda found: len(found[1]))
        return any(self._mend(steps | {key: way}, moves - bool(way)) for way in ways if moves or not way)

    def _rows_of(self, steps: Mapping[Key, int]) -> list[tuple[dict[Key, int], float, float]]:
        return [self.rows[number] for number in sorted({number for key in steps for number in self.numbers[key]})]

    def _ways(self, signs: Mapping[Key, int], low: float, high: float, steps: Mapping[Key, int]) -> Any:
        """A figure of a broken sum that has not been moved, and how it may move without making the sum hopeless."""
        off = sum(sign * steps.get(key, 0) for key, sign in signs.items())
        if low <= off <= high:
            return None
        free = [key for key in signs if key in self.hidden and key not in steps] or [None]
        self.chance.shuffle(free)
        first, *rest = free
        if first is None:
            return None, []
        most, least = off, off
        for key in rest:
            up, down = (FAR, self._down(key)) if signs[key] > 0 else (self._down(key), FAR)
            most, least = most + up, least - down
        ways = (far for far in (1, -1, 0, 2, -2, 3, -3, FAR, -FAR) if far >= -self._down(first))
        return first, [way for way in ways if most + signs[first] * way >= low and least + signs[first] * way <= high]

    def _down(self, key: Key) -> int:
        return min(FAR, -self.least[key])


def learned(reader: Reader, small: Iterable[Key]) -> list[Key]:
    """The small counts for which the reader finds fewer other values than were promised."""
    return [key for key in sorted(small) if len(list(islice(others(reader, key), OTHER_VALUES))) < OTHER_VALUES]


def others(reader: Reader, key: Key) -> Iterator[int]:
    """By how much else a figure could be off."""
    return (step for step in (1, -1, 2, -2, 3, -3, FAR) if reader.could_be_off_by(key, step))


def table(counts: list[list[int]]) -> tuple[dict[Key, int], list[Sum]]:
    """A table of counts with its totals by row, by column and of all."""
    rows, columns = range(len(counts)), range(len(counts[0]))
    cells: dict[Key, int] = {(f"r{r}", f"c{c}"): counts[r][c] for r in rows for c in columns}
    sums = []
    for r in rows:
        cells[f"r{r}", "all"] = sum(counts[r])
        sums.append(Sum((f"r{r}", "all"), tuple((f"r{r}", f"c{c}") for c in columns)))
    for c in columns:
        cells["all", f"c{c}"] = sum(counts[r][c] for r in rows)
        sums.append(Sum(("all", f"c{c}"), tuple((f"r{r}", f"c{c}") for r in rows)))
    cells["all", "all"] = sum(map(sum, counts))
    sums.append(Sum(("all", "all"), tuple(("all", f"c{c}") for c in columns)))
    sums.append(Sum(("all", "all"), tuple((f"r{r}", "all") for r in rows)))
    return cells, sums


def rows_of(sums: Iterable[Sum]) -> Rows:
    return [({one.total: 1} | dict.fromkeys(one.parts, -1), 0, 0) for one in sums]


THE_REVIEWERS = [[4, 4, 0, 0, 20], [4, 4, 0, 0, 20], [3, 0, 4, 4, 20], [0, 0, 4, 4, 20]]
"""Two municipalities' rows minus a chain's column leave 8, and 11 - 8 is the third municipality's 3."""


def test_a_count_cannot_be_had_by_adding_rows_and_taking_columns_away() -> None:
    cells, sums = table(THE_REVIEWERS)
    small = {key for key, count in cells.items() if is_small(count)}
    assert learned(Reader(cells, small, rows_of(sums)), small) == [("r2", "c0")]

    hidden = withheld([cells], sums)

    assert learned(Reader(cells, hidden, rows_of(sums)), small) == []
    assert len(hidden - small) <= 3


counts = st.integers(2, 5).flatmap(
    lambda width: st.lists(st.lists(st.integers(0, 12), min_size=width, max_size=width), min_size=2, max_size=6)
)


@settings(max_examples=150, deadline=None)
@given(counts)
def test_no_small_count_of_a_table_is_shown_or_can_be_worked_out(numbers: list[list[int]]) -> None:
    cells, sums = table(numbers)

    hidden = withheld([cells], sums)

    small = {key for key, count in cells.items() if is_small(count)}
    assert small <= hidden
    assert learned(Reader(cells, hidden, rows_of(sums)), small) == []


@settings(max_examples=50, deadline=None)
@given(counts)
def test_zero_is_never_withheld_and_without_small_counts_nothing_is(numbers: list[list[int]]) -> None:
    cells, sums = table(numbers)
    assert all(cells[key] for key in withheld([cells], sums))
    large, sums = table([[count + 5 for count in row] for row in numbers])
    assert withheld([large], sums) == frozenset()


@settings(max_examples=20, deadline=None)
@given(counts)
def test_the_same_counts_are_protected_in_the_same_way(numbers: list[list[int]]) -> None:
    cells, sums = table(numbers)

    assert withheld([cells], sums) == withheld([dict(reversed(cells.items()))], sums)


def test_a_small_count_beside_a_total_takes_a_second_one_with_it() -> None:
    cells: dict[Key, int] = {("all",): 40, ("a",): 3, ("b",): 9, ("c",): 28}

    assert withheld([cells], [Sum(("all",), (("a",), ("b",), ("c",)))]) == {("a",), ("b",)}


def test_two_small_counts_that_sum_to_two_are_not_enough_to_hide_each_other() -> None:
    cells: dict[Key, int] = {("all",): 40, ("a",): 1, ("b",): 1, ("c",): 38}

    assert ("c",) in withheld([cells], [Sum(("all",), (("a",), ("b",), ("c",)))])


def test_few_enterprises_with_many_women_are_withheld_in_both_counts() -> None:
    enterprises: dict[Key, int] = {("a",): 2}

    assert withheld([enterprises, {("a",): 40}], []) == {("a",)}


def test_an_enterprise_in_which_no_woman_works_is_withheld_like_any_other() -> None:
    enterprises: dict[Key, int] = {("all",): 12, ("a",): 2, ("b",): 4, ("c",): 6}
    women: dict[Key, int] = {("all",): 14, ("a",): 0, ("b",): 5, ("c",): 9}

    assert withheld([enterprises, women], [Sum(("all",), (("a",), ("b",), ("c",)))]) == {("a",), ("b",)}


def test_of_overlapping_parts_the_total_tells_nothing_until_it_is_nearly_reached() -> None:
    cells: dict[Key, int] = {("all",): 90, ("a",): 90, ("b",): 3}
    relations = [AtLeast("inside", (("all",),), (part,)) for part in "ab"]
    relations.append(AtLeast("all", (("a",), ("b",)), ("all",)))
    assert withheld([cells], relations) == {("b",)}

    beside = {("all",): 90, ("a",): 87, ("b",): 3}
    assert withheld([beside], relations) == {("b",)}
    capped = {("all",): 5, ("a",): 5, ("b",): 4}
    assert withheld([capped], relations) == {("b",)}


def test_what_the_figures_belie_nobody_believes() -> None:
    """Some enterprises need nothing: that all needs together are at least all enterprises is then no knowledge."""
    cells: dict[Key, int] = {("all",): 9, ("credit",): 3, ("market",): 5}

    assert withheld([cells], [AtLeast("need", (("credit",), ("market",)), ("all",))]) == {("credit",)}


def test_what_equals_another_figure_by_its_nature_goes_with_it() -> None:
    """As many accompaniments as loans: whoever shows the one shows the other."""
    cells: dict[Key, int] = {("loans",): 3, ("accompaniments",): 3, ("approved",): 12}
    relations = [
        AtLeast("approved", (("approved",),), ("loans",)),
        AtLeast("accompanied", (("accompaniments",),), ("loans",)),
        AtLeast("lent to", (("loans",),), ("accompaniments",)),
    ]

    assert withheld([cells], relations) == {("loans",), ("accompaniments",)}


@dataclass(frozen=True)
class Enterprise:
    """One of the enterprises behind the figures."""

    municipality: str
    chain: str
    links: frozenset[str]
    needs: frozenset[str]
    formal: bool
    women: int
    trained: bool
    credit: str
    men: int
    placed: bool

    def counts(self) -> Iterable[tuple[Key, Count]]:
        one = Count(1, self.women, largest=(self.women,))
        entries: list[Key] = [("all",), ("chain", self.chain), ("formal", "yes" if self.formal else "no")]
        entries += [("training", "in" if self.trained else "out"), *(("need", need) for need in self.needs)]
        for link in self.links:
            entries += [("link", link), ("chain", self.chain, link)]
        entries += [("chain_need", need, self.chain) for need in self.needs]
        entries.append(("chain_training", "in" if self.trained else "out", self.chain))
        yield from (((self.municipality, *entry), one) for entry in entries)
        if self.placed:
            yield from (((self.municipality, *entry), Count(1)) for entry in (("placed",), ("placed", self.chain)))
        if self.men:
            men = Count(self.men)
            yield from (((self.municipality, *entry), men) for entry in (("men",), ("men", self.chain)))
        lent: list[Key] = []
        if self.credit:
            lent = [
                ("applications",),
                ("applications", {"refused": "refused", "waiting": "waiting"}.get(self.credit, "approved")),
            ]
        if self.credit in {"open", "settled"}:
            lent += [("loans",), ("loans", self.credit), ("chain_loans", self.chain), ("accompaniments",)]
        yield from (((self.municipality, *entry), Count(1)) for entry in lent)


def some_enterprise(chance: Random) -> Enterprise:
    return Enterprise(
        municipality=chance.choice(["HN1701", "HN1702", "HN1702", "HN1703", "HN1703", "HN1703"]),
        chain=chance.choice(CHAINS[:3]),
        links=frozenset(chance.sample(LINKS[:3], chance.choice((1, 1, 2)))),
        needs=frozenset(chance.sample(NEEDS[:2], chance.choice((0, 1, 2)))),
        formal=chance.random() < 0.5,
        women=chance.choice((1, 1, 1, 2, 4)),
        trained=chance.random() < 0.5,
        credit=chance.choice(("", "", "", "refused", "waiting", "open", "open", "settled")),
        men=chance.choice((0, 0, 1, 3)),
        placed=chance.random() < 0.2,
    )


PLACES = ("HN1701", "HN1702", "HN1703")


def is_published(key: Key) -> bool:
    """Some tables of chains are told of departments only."""
    return key[0] == "HN17" or key[1] not in DEPARTMENTAL


def read(published: dict[str, list | None], true: Figures, measure: int) -> Reader:
    """A reader of one publication as it is stored, who knows what the tables are made of."""
    cells = {tuple(key.split("/")): value for key, value in published.items() if value is None or value[measure]}
    entries = sorted({key[1:] for key in cells})
    rows: Rows = []

    def told(keys: Iterable[Key]) -> list[Key]:
        return [key for key in keys if key in cells]

    def adds_up(total: Key, parts: Iterable[Key]) -> None:
        if total in cells:
            rows.append(({total: 1} | dict.fromkeys(told(parts), -1), 0, 0))

    def covers(total: Key, parts: Iterable[Key], *, wholly: bool = True) -> None:
        rows.extend(({total: 1, part: -1}, 0, float("inf")) for part in told(parts))
        if wholly and total in cells:
            rows.append((dict.fromkeys(told(parts), 1) | {total: -1}, 0, float("inf")))

    for entry in entries:
        if entry[0] in DEPARTMENTAL:
            continue
        adds_up(("HN17", *entry), [(place, *entry) for place in PLACES])
    for unit in ("HN17", *PLACES):
        for name in ("chain", "formal", "training"):
            adds_up((unit, "all"), [(unit, *entry) for entry in entries if entry[0] == name and len(entry) == 2])
        for name in ("applications", "loans", "men", "placed"):
            adds_up((unit, name), [(unit, *entry) for entry in entries if entry[0] == name and len(entry) == 2])
        for link in LINKS:
            adds_up((unit, "link", link), [(unit, "chain", chain, link) for chain in CHAINS])
        for chain in CHAINS:
            covers((unit, "chain", chain), [(unit, "chain", chain, link) for link in LINKS])
        covers((unit, "all"), [(unit, "link", link) for link in LINKS])
        covers((unit, "all"), [(unit, "placed")], wholly=False)
        for chain in CHAINS:
            covers((unit, "chain", chain), [(unit, "placed", chain)], wholly=False)
        covers((unit, "all"), [(unit, "need", need) for need in NEEDS], wholly=False)
        covers((unit, "applications", "approved"), [(unit, "loans")], wholly=False)
        adds_up((unit, "accompaniments"), [(unit, "loans")])
    for chain in CHAINS:
        covers(("HN17", "chain", chain), [("HN17", "chain_need", need, chain) for need in NEEDS], wholly=False)
        adds_up(("HN17", "chain", chain), [("HN17", "chain_training", here, chain) for here in ("in", "out")])
    for need in NEEDS:
        adds_up(("HN17", "need", need), [("HN17", "chain_need", need, chain) for chain in CHAINS])
    for here in ("in", "out"):
        adds_up(("HN17", "training", here), [("HN17", "chain_training", here, chain) for chain in CHAINS])
    adds_up(("HN17", "loans"), [("HN17", "chain_loans", chain) for chain in CHAINS])
    truth = {key: (count.number, count.women)[measure] for key, count in true.counts.items() if key in cells}
    return Reader(truth, (key for key, value in cells.items() if value is None), rows)


@pytest.mark.parametrize("seed", [1, 3, 5, 6, 7, 9, 10, 12])
def test_no_small_count_of_a_publication_can_be_worked_out(seed: int) -> None:
    chance = Random(seed)
    enterprises = [some_enterprise(chance) for _ in range(chance.randint(5, 45))]
    true = added_up(entry for enterprise in enterprises for entry in enterprise.counts())

    published = json.loads(json.dumps(protected(true, "HN17").stored()))

    numbers = read(published, true, 0)
    small = [
        key
        for key, count in true.counts.items()
        if (is_small(count.number) or is_small(count.women)) and is_published(key)
    ]
    assert not any(key.split("/")[0] in PLACES for key in published if key.split("/")[1] in DEPARTMENTAL)
    assert set(small) <= numbers.hidden
    assert learned(numbers, small) == []
    women = read({key: value for key, value in published.items() if true.get(*key.split("/")).women}, true, 1)
    assert learned(women, (key for key in small if true.counts[key].women)) == []


@pytest.mark.parametrize("seed", [1, 6, 9])
def test_a_count_of_women_of_which_one_enterprise_has_most_is_withheld_and_cannot_be_worked_out(seed: int) -> None:
    chance = Random(seed)
    enterprises = [some_enterprise(chance) for _ in range(40)]
    enterprises[0] = replace(enterprises[0], women=90)
    true = added_up(entry for enterprise in enterprises for entry in enterprise.counts())
    rule = Dominance(15, ((1, 75),))
    dominated = [
        key for key, count in true.counts.items() if rule.holds(count.women, count.largest) and is_published(key)
    ]
    many = [key for key in dominated if true.counts[key].number >= 5]
    assert many

    published = json.loads(json.dumps(protected(true, "HN17", rule).stored()))

    women = read({key: value for key, value in published.items() if true.get(*key.split("/")).women}, true, 1)
    assert set(dominated) <= women.hidden
    assert learned(women, dominated) == []
    assert set(many) - protected(true, "HN17").hidden


RULE = Dominance(15, ((1, 75), (2, 90)))


def lent(municipality: str, *loans: int) -> Iterator[tuple[Key, Count]]:
    """So many loans of as much, each of another borrower, half of it still owed."""
    for amount in loans:
        for rest, minor in ((("loans",), amount), (("loans", "open"), amount // 2)):
            yield (municipality, *rest), Count(1, 0, {"HNL": minor}, (), {"HNL": (minor,)})


def amounts_of(published: Mapping[str, Any], rest: str = "loans") -> dict[str, int | None]:
    told = {key.partition("/")[0]: value for key, value in published.items() if key.partition("/")[2] == rest}
    return {unit: None if one is None or one[2] is None else one[2].get("HNL", 0) for unit, one in told.items()}


@pytest.mark.parametrize("rest", ["loans", "loans/open"])
def test_an_amount_that_one_borrower_has_most_of_is_withheld_with_what_would_give_it_away(rest: str) -> None:
    loans = [*lent("HN1701", 9000, *[100] * 7), *lent("HN1702", *[500] * 10), *lent("HN1703", *[300] * 90)]
    published = json.loads(json.dumps(protected(added_up(loans), "HN17", RULE).stored()))

    told = amounts_of(published, rest)
    assert published["HN1701/loans"][:2] == [8, 0], "how many there are is told"
    assert told["HN1701"] is None
    assert told["HN1703"]
    assert told["HN17"]
    assert told["HN1702"] is None, "the department's less the others' would be the dominated amount"


def test_where_one_borrower_has_most_of_a_department_its_amount_is_withheld() -> None:
    loans = [*lent("HN1701", 90_000, *[100] * 7), *lent("HN1702", *[500] * 10)]
    told = amounts_of(protected(added_up(loans), "HN17", RULE).stored())
    assert told == {"HN17": None, "HN1701": None, "HN1702": 5000}


@given(st.lists(st.lists(st.integers(0, 12).map(lambda power: 2**power), max_size=12), min_size=1, max_size=6))
def test_no_amount_that_points_at_few_is_told_or_can_be_subtracted(loans: list[list[int]]) -> None:
    true = added_up(entry for place, some in enumerate(loans) for entry in lent(f"HN17{place:02}", *some))
    published = json.loads(json.dumps(protected(true, "HN17", RULE).stored()))

    for rest in (("loans",), ("loans", "open")):
        told = amounts_of(published, "/".join(rest))
        counts = {unit: true.counts[unit, *rest] for unit in told if (unit, *rest) in true.counts}
        for unit, count in counts.items():
            assert told[unit] in {None, count.amounts["HNL"]}  # type: ignore[index]
            assert told[unit] is None or not count.amounts_point_at_few(RULE)
        apart = [counts[unit] for unit in counts if told[unit] is None and unit != "HN17"]
        if told.get("HN17") is not None and apart:
            assert not sum(apart, Count()).amounts_point_at_few(RULE)


def test_sums_of_withheld_amounts_are_withheld() -> None:
    known = Count(5, 0, {"HNL": 10})
    assert (known + Count(9, 0, None)).amounts is None
    assert (Count(9, 0, None) + known).number == 14
