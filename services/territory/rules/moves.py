"""How the withheld figures of a large table can move while all that is shown stays: other tables that look the same."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csc_array, hstack

from services.territory.rules.margins import Flags, Numbers, Whole

NOTHING = 1e-6
"""A move that is shorter is none."""


@dataclass(frozen=True)
class Wanted:
    """Figures that should move, and how far: up where `far` is positive, down where it is negative."""

    figures: Whole
    far: Numbers


def moved(
    lines: csc_array, spare: Numbers, hidden: Flags, price: Numbers | None, wanted: Wanted, *, reward: float | None
) -> Numbers:
    """The step of every figure in the cheapest move in which no line changes its sum, no figure loses more than its
    `spare`, those withheld move for nothing and those shown for `price` a unit (None: they stay). Wanted moves earn
    `reward` a unit and may fall short; with None they are made whatever they cost. A linear programme (HiGHS, dual
    simplex): one solution moves very many figures at once, and each step stays possible when more is withheld.
    """
    few, many = np.flatnonzero(hidden), np.flatnonzero(~hidden if price is not None else np.zeros_like(hidden))
    prices = np.zeros(0) if price is None else price[many]
    low, high = -spare.copy(), np.full(len(spare), np.inf)
    up, down = wanted.far > 0, wanted.far < 0
    low[wanted.figures[up]] = 0
    high[wanted.figures[down]] = 0
    low[wanted.figures[down]] -= wanted.far[down]
    far, ways = np.abs(wanted.far), np.where(up, 1.0, -1.0)
    columns = lines[:, wanted.figures].multiply(ways)
    matrix = csc_array(hstack([lines[:, few], lines[:, many], -lines[:, many], columns]))
    ends = np.cumsum([len(few), len(many), len(many)])
    costs = [np.zeros(len(few)), prices, prices, np.full(len(far), -(reward or 0.0))]
    lows = [low[few], np.zeros(2 * len(many)), np.zeros(len(far)) if reward else far]
    highs = [high[few], np.full(len(many), np.inf), spare[many], far]
    values = _solved(matrix, costs, lows, highs)
    steps = np.zeros(len(spare))
    steps[few] = values[: ends[0]]
    steps[many] = values[ends[0] : ends[1]] - values[ends[1] : ends[2]]
    steps[wanted.figures] += ways * values[ends[2] :]
    return steps


def _solved(matrix: csc_array, costs: Sequence[Numbers], lows: Sequence[Numbers], highs: Sequence[Numbers]) -> Numbers:
    import highspy

    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = matrix.shape
    model.col_cost_, model.col_lower_, model.col_upper_ = (np.concatenate(some) for some in (costs, lows, highs))
    model.row_lower_ = model.row_upper_ = np.zeros(matrix.shape[0])
    inside = model.a_matrix_
    inside.format_ = highspy.MatrixFormat.kColwise
    inside.start_, inside.index_, inside.value_ = matrix.indptr, matrix.indices, matrix.data
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.passModel(model)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise ArithmeticError("no other table adds up")
    return np.array(solver.getSolution().col_value)
