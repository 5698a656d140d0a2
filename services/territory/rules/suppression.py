"""What is withheld of a large table of several dimensions with all its totals, so that nobody learns a figure of few.

Primary: small counts, and cells that one or two dominate. Secondary: what has to be withheld with them because
everything adds up. The reader is taken to know all that is shown, zeros among it, every total, and that whoever is
counted counts one: so that a withheld figure is at least the number of those leaves of it that are not zero. With x
the true value of a primary figure and q the interval, the reader must not be able to exclude

    x - q x (or the least that is known beforehand, where that is more)   nor   x + q x, and in counts x + 1.

The least and the most that can be worked out are linear programmes over all tables that agree with what is seen; the
true one agrees, and with two tables every one between them. So it is enough to find one table in which the figure is
high enough and one in which it is low enough. Nearly all are found by one programme for thousands of figures at once;
where a figure cannot move, the same programme says which shown figures would have to move with it at the least loss,
and these are withheld too. What was proven stays proven, as withholding more only adds tables.

A secondary figure points at nobody. Of as many as possible a table is found in which they are further off than q, on
one side at least: what stays silent cannot be worked out to within q. To withhold yet more for the few others would
cost more than it is worth: they are told as the range that adding up along lines gives anyway, which says nothing that
was not said.

Not covered: what somebody knows beside the tables (a contributor who knows her own size knows the others' sum the
better; of two in a cell each knows the other: `test_suppression` shows how far), two editions of a table compared, and
that counts are whole numbers, which can leave fewer tables than the programmes see.

Sources: Cox 1980 (Suppression methodology and statistical disclosure control, JASA 75) and 1995 (Network models for
complementary cell suppression, JASA 90); Kelly, Golden and Assad 1992 (Networks 22) for programmes that make others
move at a cost; Fischetti and Salazar-González 2001 (Solving the cell suppression problem on tabular data with linear
constraints, Management Science 47); Hundepool et al. 2012, Statistical Disclosure Control, chapter 4.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import TypeAlias

import numpy as np
from scipy.sparse import csc_array

from services.territory.rules.margins import Flags, Margins, Numbers, Whole, matrix_of
from services.territory.rules.moves import NOTHING, Wanted, moved
from services.territory.rules.ranges import worked_out

_AT_ONCE = 0.3
"""The share of what is not proven yet that one programme is asked for: asked for everything, figures get in each
other's way and more is withheld than needs to be."""
_A_PART = 0.15
"""The same of secondary figures, which are large and need much to move."""
_FEW = 12
"""So few are asked for at once."""
_LOOKS, _TURNS = 10, 60
_ROUNDS = 20
_PROVING = 0.5
"""About so much of the time goes into the primary figures."""
Progress: TypeAlias = Callable[[float], None]
_REWARD = 2000.0
"""What a wanted step is worth beside the price of what has to be withheld for it: enough that it is made."""


@dataclass(frozen=True)
class Suppression:
    """Which cells are withheld, in the order of the table: `primary` for their own sake, `withheld` all. Of a withheld
    cell that is `ranged` in a measure the range from `low` to `high` is told (a row for each measure).
    """

    primary: Flags
    withheld: Flags
    ranged: Flags
    low: Numbers
    high: Numbers

    def lost(self, table: Margins) -> dict[str, float]:
        """What is not told: cells, and the share of the counts of all cells together that stood in them."""
        counts = table.values[0]
        return {
            "cells": len(table.cells),
            "primary": int(self.primary.sum()),
            "secondary": int(self.withheld.sum() - self.primary.sum()),
            "mass": float(counts[self.withheld].sum() / max(counts.sum(), 1)),
        }


@dataclass(frozen=True)
class _Figures:
    """The figures of a table, each once: what it counts and measures, how little it may be, in how many cells it
    stands. Magnitudes are scaled (`scale`) so that a unit of each weighs as much as one counted.
    """

    values: Numbers
    least: Numbers
    cells: Numbers
    sums: tuple[Whole, ...]
    lines: csc_array
    scale: Numbers

    @classmethod
    def of(cls, table: Margins) -> "_Figures":
        figure, first = table.same, np.unique(table.same, return_index=True)[1]
        sums = tuple(_sums(table))
        lines = matrix_of((([int(one[0])], one[1:].tolist()) for one in sums), len(first)).tocsc()
        sum_of_all = table.values.sum(axis=1)
        scale = np.where(sum_of_all > 0, sum_of_all[0] / np.where(sum_of_all > 0, sum_of_all, 1), 1)
        values = table.values[:, first] * scale[:, None]
        least = np.zeros_like(values)
        least[0] = table.leaves[first]
        return cls(values, least, np.bincount(figure).astype(float), sums, lines, scale)

    @property
    def price(self) -> Numbers:
        """What it costs to withhold a figure: the cells that go, each the dearer the more it counts."""
        price: Numbers = self.cells * (1 + np.log2(self.values[0]))
        return price

    def range_of(self, measure: int, hidden: Flags) -> tuple[Numbers, Numbers]:
        """What each figure can be, for whoever adds up along lines."""
        true = self.values[measure]
        low, high = np.where(hidden, self.least[measure], true), np.where(hidden, np.inf, true)
        return worked_out(self.sums, low, high)

    def within(self, measure: int, bounds: tuple[Numbers, Numbers], share: float) -> Flags:
        """Whether bounds lie within a share of the true value on both sides."""
        far = share * self.values[measure] + NOTHING
        inside: Flags = (self.values[measure] - bounds[0] <= far) & (bounds[1] - self.values[measure] <= far)
        return inside


def _sums(table: Margins) -> Iterator[Whole]:
    """The lines of several parts, as figures, the total first; each once."""
    starts, inside = table.lines.indptr, table.same[table.lines.indices]
    seen = set()
    for line in np.flatnonzero(np.diff(starts) > 2):
        total, *parts = inside[starts[line] : starts[line + 1]].tolist()
        key = (total, *sorted(parts))
        if key not in seen:
            seen.add(key)
            yield np.array(key)


def suppressed(
    table: Margins, primary: Flags, *, interval: float, seed: int = 0, progress: Progress | None = None
) -> Suppression:
    """What to withhold of a table so that no `primary` cell can be worked out to within `interval` percent of its true
    value, on either side and in any of its measures. The same table, primary cells and seed give the same answer.
    `progress` is called between the programmes with the share of it that is done.
    """
    figures = _Figures.of(table)
    own = np.zeros(len(figures.cells), dtype=bool)
    own[table.same[primary]] = True
    hidden = own.copy()
    if own.any():
        asked = _Asked.of(figures, own, interval / 100)
        chance = np.random.default_rng(seed)
        _hide_partners(figures, own, hidden, asked)
        told = progress or _untold
        _prove(figures, hidden, asked, chance, lambda share: told(_PROVING * share))
        tight = _loosen(
            figures, own, hidden, interval / 100, chance, lambda share: told(_PROVING + (1 - _PROVING) * share)
        )
    else:
        tight = np.zeros_like(figures.values, dtype=bool)
    ranges = [figures.range_of(measure, hidden) for measure in range(len(figures.values))]
    low, high = (np.array(some)[:, table.same] / figures.scale[:, None] for some in zip(*ranges, strict=True))
    return Suppression(own[table.same], hidden[table.same], tight[:, table.same], low, high)


@dataclass(frozen=True)
class _Asked:
    """How far each primary figure has to be able to move in each measure, up and down."""

    up: Numbers
    down: Numbers

    @classmethod
    def of(cls, figures: _Figures, own: Flags, share: float) -> "_Asked":
        far = np.where(own, share * figures.values, 0)
        far[0] = np.where(own, np.maximum(1, np.ceil(far[0] - NOTHING)), 0)
        return cls(far, np.minimum(far, figures.values - figures.least))


def _hide_partners(figures: _Figures, own: Flags, hidden: Flags, asked: _Asked) -> None:
    """Withhold along every line what obviously has to be, the cheapest first: a second figure beside a single one, and
    as much as a primary figure has to be able to gain or lose. What draws further lines in costs more.
    """
    spare, price = (figures.values - figures.least)[0], figures.price
    of: list[list[int]] = [[] for _ in spare]
    for number, line in enumerate(figures.sums):
        for figure in line.tolist():
            of[figure].append(number)
    inside = np.array([hidden[line].sum() for line in figures.sums])
    waiting = deque(range(len(figures.sums)))
    while waiting:
        line = figures.sums[waiting.popleft()]
        while (lacking := _lacking(line, own, hidden, spare, asked)) > 0 and not hidden[line].all():
            offered = line[~hidden[line]]
            drawn = np.array([sum(inside[number] == 0 for number in of[figure]) for figure in offered])
            enough = (spare[offered] >= lacking) | (offered == line[0])
            best = offered[np.argmin(price[offered] * (1 + drawn) * np.where(enough, 1, 3))]
            hidden[best] = True
            inside[of[best]] += 1
            waiting.extend(of[best])


def _lacking(line: Whole, own: Flags, hidden: Flags, spare: Numbers, asked: _Asked) -> float:
    """How much more the withheld figures of a line would have to be able to lose, or something where one is alone."""
    total, parts = line[0], line[1:][hidden[line[1:]]]
    if hidden[line].sum() <= 1:
        return float(hidden[line].any())
    losable = spare[parts].sum()
    if hidden[total]:
        return float(asked.down[0][total] - losable) if own[total] else 0.0
    mine = parts[own[parts]]
    return float(np.max(asked.up[0][mine] - losable + spare[mine], initial=0.0))


def _untold(share: float) -> None:
    """Nobody watches."""


def _nth(progress: Progress, number: int, of: int, share: float) -> None:
    """The share that is done of one of several equal parts."""
    progress((number + share) / of)


def _prove(figures: _Figures, hidden: Flags, asked: _Asked, chance: np.random.Generator, progress: Progress) -> None:
    """Find for every primary figure a table in which it is as high as asked and one in which it is as low, and withhold
    what has to move for it.
    """
    for measure in range(len(figures.values)):
        spare = figures.values[measure] - figures.least[measure]
        open_up, open_down = asked.up[measure] > NOTHING, asked.down[measure] > NOTHING
        every = max(int(open_up.sum() + open_down.sum()), 1)
        for turn in count():
            _nth(progress, measure, len(figures.values), 1 - (open_up.sum() + open_down.sum()) / every)
            open_ones = np.flatnonzero(open_up | open_down)
            if not len(open_ones):
                break
            insist = turn >= _ROUNDS
            picked = open_ones[:1] if insist else _part(open_ones, _AT_ONCE, chance)
            up = open_up[picked] & (~open_down[picked] | (chance.random(len(picked)) < 0.5))
            far = np.where(up, asked.up[measure][picked], -asked.down[measure][picked])
            steps = moved(
                figures.lines, spare, hidden, figures.price, Wanted(picked, far), reward=None if insist else _REWARD
            )
            hidden |= np.abs(steps) > NOTHING
            open_up &= steps < asked.up[measure] - NOTHING
            open_down &= steps > NOTHING - asked.down[measure]


def _loosen(
    figures: _Figures, own: Flags, hidden: Flags, share: float, chance: np.random.Generator, progress: Progress
) -> Flags:
    """Find for secondary figures a table in which they are further off than `share`, above or below; comes back with
    those of which none was found, for each measure, all of which have a range to be told. Where one has none, what has
    to move for it is withheld.
    """
    tight: Flags = np.zeros((len(figures.values), len(hidden)), dtype=bool)
    before = -1
    while hidden.sum() != before:
        before = hidden.sum()
        for measure in range(len(tight)):
            each = partial(_nth, progress, measure, len(tight))
            tight[measure] = hidden & ~_loose(figures, measure, own, hidden, share, chance, each)
    return tight


def _loose(
    figures: _Figures,
    measure: int,
    own: Flags,
    hidden: Flags,
    share: float,
    chance: np.random.Generator,
    progress: Progress,
) -> Flags:
    """Which figures a table was found for, the primary ones among them."""
    true, loose = figures.values[measure], own.copy()
    spare, far = true - figures.least[measure], share * true + 2 * NOTHING

    def push(some: Whole, price: Numbers | None, reward: float | None) -> Numbers:
        down = (spare[some] >= far[some]) & (chance.random(len(some)) < 0.5)
        wanted = Wanted(some, np.where(down, -far[some], far[some]))
        return moved(figures.lines, spare, hidden, price, wanted, reward=reward)

    for turn in count():
        bounds = figures.range_of(measure, hidden)
        told = figures.within(measure, bounds, share)
        for look in range(2 if turn else _LOOKS):
            progress(1 if turn else look / _LOOKS)
            some = _part(np.flatnonzero(hidden & ~loose & ~told), _AT_ONCE, chance)
            loose |= np.abs(push(some, None, 1.0)) >= far - NOTHING
        open_ones = np.flatnonzero(hidden & ~loose & np.isinf(bounds[1]))
        if not len(open_ones):
            return loose
        insist = turn >= _TURNS
        some = open_ones[:1] if insist else _part(open_ones, _A_PART, chance)
        steps = push(some, figures.price, None if insist else _REWARD)
        hidden |= np.abs(steps) > NOTHING
        loose |= np.abs(steps) >= far - NOTHING
    raise AssertionError  # count() has no end


def _part(some: Whole, share: float, chance: np.random.Generator) -> Whole:
    return some if len(some) <= _FEW else some[chance.random(len(some)) < share]
