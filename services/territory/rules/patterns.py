"""Units by category: the value chain most of their enterprises are in, and how they lie among their neighbours."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from shapely import Geometry

from services.territory.rules.analysis.autocorrelation import QUADRANTS, false_discovery, getis_ord, local_moran
from services.territory.rules.analysis.neighbours import queen, row_standardised, with_self
from services.territory.rules.classes import Figure, Kind
from services.territory.rules.fills import HIGH, KINDS, LOW, NOTHING, OUT_HIGH, OUT_LOW, PLAIN

OTHERS, NOBODY = "other_chains", "nobody"
LOCAL = {"high_high": HIGH, "high_low": OUT_HIGH, "low_high": OUT_LOW, "low_low": LOW, "none": PLAIN}
HOT = {"hot": HIGH, "cold": LOW, "none": PLAIN}


@dataclass(frozen=True)
class Found:
    """The category of each unit, and the fills of all of them in the order of the legend."""

    kinds: Mapping[str, Kind]
    fills: Mapping[str, str]


@dataclass(frozen=True)
class Judging:
    """The share of false findings that is borne, and how many permutations tell chance."""

    false_discovery: float
    permutations: int


def main_chains(counts: Mapping[str, Mapping[str, Figure]], totals: Mapping[str, Figure]) -> Found:
    """The chain with most enterprises of each unit (the first by code among equals). Where counts are withheld it is
    told only if no withheld one can be as large, by the unit's total: nothing is told that the table does not tell.
    Beyond seven chains the rarer ones are one category; places without enterprises are one too.
    """
    kinds = {unit: _main(of_unit, totals.get(unit, Figure())) for unit, of_unit in counts.items()}
    leading: dict[str, int] = {}
    for kind in kinds.values():
        if kind.code:
            leading[kind.code] = leading.get(kind.code, 0) + 1
    ranked = sorted(leading, key=lambda code: (-leading[code], code))
    named = ranked if len(ranked) <= len(KINDS) else ranked[: len(KINDS) - 1]
    fills = dict(zip([*named, *([OTHERS] if len(named) < len(ranked) else [])], KINDS, strict=False))
    told = {unit: _listed(kind, fills) for unit, kind in kinds.items()}
    return Found(told, {NOBODY: NOTHING, **fills})


def local_patterns(
    figures: Mapping[str, Figure], shapes: Mapping[str, Geometry], judging: Judging, *, seed: int
) -> Found:
    """Local Moran's I: high among high, low among low, high among low, low among high; `none` where the pattern could
    be chance (`analysis.autocorrelation.local_moran`, false discoveries controlled).
    """
    units, values = _known(figures)
    weights = row_standardised(queen(units, [shapes[unit] for unit in units]))
    result = local_moran(values, weights, permutations=judging.permutations, seed=seed)
    told = [QUADRANTS[quadrant] for quadrant in result.significant(judging.false_discovery)[:, 0].tolist()]
    return Found(_spread(figures, dict(zip(units, told, strict=True))), LOCAL)


def hot_spots(figures: Mapping[str, Figure], shapes: Mapping[str, Geometry], judging: Judging) -> Found:
    """Getis-Ord Gi*: where a unit and its neighbours together have more (hot) or less (cold) than chance explains."""
    units, values = _known(figures)
    result = getis_ord(values, with_self(queen(units, [shapes[unit] for unit in units])))
    with np.errstate(invalid="ignore"):
        stands_out = false_discovery(result.p[:, 0]) <= judging.false_discovery
    told = [
        ("hot" if score > 0 else "cold") if found else "none"
        for score, found in zip(result.z[:, 0].tolist(), stands_out.tolist(), strict=True)
    ]
    return Found(_spread(figures, dict(zip(units, told, strict=True))), HOT)


def _main(counts: Mapping[str, Figure], total: Figure) -> Kind:
    shown = {chain: figure.value for chain, figure in counts.items() if figure.value and not figure.suppressed}
    best = min(shown, key=lambda chain: (-shown[chain], chain), default=None)
    if not any(figure.suppressed for figure in counts.values()):
        return Kind(best)
    if best is None or total.suppressed or total.value is None:
        return Kind(suppressed=True)
    return Kind(best) if shown[best] > total.value - sum(shown.values()) else Kind(suppressed=True)


def _listed(kind: Kind, fills: Mapping[str, str]) -> Kind:
    if kind.suppressed:
        return kind
    return Kind(NOBODY) if kind.code is None else kind if kind.code in fills else Kind(OTHERS)


def _known(figures: Mapping[str, Figure]) -> tuple[list[str], NDArray[np.float64]]:
    units = [unit for unit, figure in figures.items() if figure.value is not None and not figure.suppressed]
    return units, np.array([[float(figures[unit].value or 0)] for unit in units])


def _spread(figures: Mapping[str, Figure], told: Mapping[str, str]) -> dict[str, Kind]:
    return {unit: Kind(told.get(unit), figure.suppressed) for unit, figure in figures.items()}
