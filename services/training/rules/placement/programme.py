"""A mixed-integer programme of yes and no, and how it is solved without any extra: by HiGHS, which scipy brings."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from services.training.rules.placement.cells import Numbers

Weights = NDArray[np.float64]
Chosen = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Programme:
    """The greatest `gain @ x` with `rows @ x <= limit` and `low <= x <= high`, x whole.

    `nodes` says how long is searched, `reached` what must be reached (weights and their least sum), `known` a way that
    keeps the rows, for solvers that can begin from one.
    """

    gain: Weights
    rows: csr_array
    limit: Numbers
    nodes: int
    low: Weights | float = 0.0
    high: Weights | float = 1.0
    reached: tuple[Weights, float] | None = None
    known: Chosen | None = None


Solve = Callable[[Programme], Chosen | None]
"""What is chosen in the best solution found; None when none was."""


def by_highs(programme: Programme) -> Chosen | None:
    """Solved up to so many nodes of the search tree; the same programme always gives the same solution."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    constraints = [LinearConstraint(programme.rows, -np.inf, programme.limit)]
    if programme.reached is not None:
        constraints.append(LinearConstraint(programme.reached[0][None, :], programme.reached[1], np.inf))
    found = milp(
        -programme.gain,
        constraints=constraints,
        bounds=Bounds(programme.low, programme.high),
        integrality=np.ones(len(programme.gain), dtype=np.int64),
        options={"node_limit": programme.nodes, "mip_rel_gap": 0.0},
    )
    return None if found.x is None else np.asarray(found.x) > 0.5
