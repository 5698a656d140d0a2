"""What anybody can work out of withheld figures by adding up and taking away, line by line."""

from collections.abc import Sequence

import numpy as np

from services.territory.rules.margins import Numbers, Whole

_PASSES = 200
_SHORTER = 1e-9


def worked_out(sums: Sequence[Whole], low: Numbers, high: Numbers) -> tuple[Numbers, Numbers]:
    """The least and the most that each figure can be, given bounds of all of them and lines of which the first figure
    is the sum of the others: bounds of a total from its parts, of a part from its total and the other parts, again and
    again until nothing moves. Linear programming may find narrower ones, never wider ones.
    """
    if not sums:
        return low, high
    low, high = low.copy(), high.copy()
    totals = np.array([line[0] for line in sums])
    parts = np.concatenate([line[1:] for line in sums])
    sizes = np.array([len(line) - 1 for line in sums])
    starts, line = np.cumsum(sizes) - sizes, np.repeat(np.arange(len(sums)), sizes)
    for _ in range(_PASSES):
        before = low.copy(), high.copy()
        least = np.add.reduceat(low[parts], starts)
        endless = np.isinf(high[parts])
        most = np.add.reduceat(np.where(endless, 0, high[parts]), starts)
        many = np.add.reduceat(endless.astype(int), starts)
        np.maximum.at(low, totals, least)
        np.minimum.at(high, totals, np.where(many > 0, np.inf, most))
        np.minimum.at(high, parts, high[totals][line] - (least[line] - before[0][parts]))
        others = many[line] - endless
        rest = np.where(endless, most[line], most[line] - np.where(endless, 0, before[1][parts]))
        np.maximum.at(low, parts, np.where(others > 0, -np.inf, low[totals][line] - rest))
        if not np.any((low > before[0] + _SHORTER) | (high < before[1] - _SHORTER)):
            break
    return low, high
