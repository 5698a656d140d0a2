"""The same programmes solved by CP-SAT of OR-tools, which is an extra: `pip install 'red-csem[cpsat]'`.

OR-tools brings a HiGHS of its own whose symbols clash with those of highspy: this is for a process that has not loaded
it (`use_cases/search_placement.py` starts one).
"""

import numpy as np

from services.training.rules.placement.cells import Numbers
from services.training.rules.placement.programme import Chosen, Programme, Weights

_WORK = 0.1
"""Units of deterministic time for each node that another solver would be given."""
_DIGITS = 2.0**46


def by_cpsat(_given: None, programme: Programme) -> Chosen | None:
    """Solved by one worker, with a fixed seed and within a deterministic time: the same programme always gives the
    same solution with the same version of OR-tools.
    """
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    size = len(programme.gain)
    low, high = (np.broadcast_to(one, size).astype(np.int64) for one in (programme.low, programme.high))
    chosen = [model.new_int_var(int(least), int(most), "") for least, most in zip(low, high, strict=True)]
    rows = programme.rows
    for row, limit in enumerate(programme.limit.tolist()):
        inside = slice(int(rows.indptr[row]), int(rows.indptr[row + 1]))
        columns, values = rows.indices[inside].tolist(), rows.data[inside].astype(np.int64).tolist()
        model.add(cp_model.LinearExpr.weighted_sum([chosen[one] for one in columns], values) <= limit)
    if programme.reached is not None:
        weights = programme.reached[0].astype(np.int64).tolist()
        model.add(cp_model.LinearExpr.weighted_sum(chosen, weights) >= round(programme.reached[1]))
    model.maximize(cp_model.LinearExpr.weighted_sum(chosen, _whole(programme.gain).tolist()))
    if programme.known is not None:
        for variable, value in zip(chosen, programme.known.tolist(), strict=True):
            model.add_hint(variable, int(value))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.linearization_level = 2
    solver.parameters.max_deterministic_time = _WORK * programme.nodes
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    return np.array([solver.value(one) for one in chosen], dtype=np.int64) > 0


def _whole(gain: Weights) -> Numbers:
    """Weights in whole numbers: exact in hundredths where they are such, else as many digits as there is room for."""
    hundredths = np.rint(gain * 100)
    if np.allclose(hundredths, gain * 100, rtol=0, atol=1e-9):
        return hundredths.astype(np.int64)
    whole: Numbers = np.rint(gain * (_DIGITS / np.abs(gain).sum())).astype(np.int64)
    return whole
