"""How many can be placed at most, proven.

The linear relaxation is solved for its prices; the bound is then recomputed from the prices in whole numbers (any
prices give a valid one: weak duality), so that it does not rest on the tolerances of the solver.
"""

import numpy as np
from scipy.optimize import linprog

from services.training.rules.placement.cells import Field
from services.training.rules.placement.model import model_of

_SCALE = 1 << 20


def most_placed(known: Field) -> int:
    """Priorities that no answer surpasses."""
    if not known.spots:
        return 0
    model = model_of(known, range(len(known.spots)), np.ones(len(known.parties), dtype=bool), apart=False)
    gain = np.zeros(model.variables, dtype=np.int64)
    gain[: model.entries] = known.priority[model.entry_party]
    found = linprog(-gain.astype(np.float64), A_ub=model.rows, b_ub=model.limit, bounds=(0, 1), method="highs")
    prices = np.rint(np.maximum(-found.ineqlin.marginals, 0) * _SCALE).astype(np.int64)
    rows = model.rows.astype(np.int64)
    left = np.maximum(gain * _SCALE - rows.T @ prices, 0)
    return int((int(prices @ model.limit) + int(left.sum())) // _SCALE)
