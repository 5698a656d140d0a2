"""How good the data of a unit or a chain are: covered, precise, recent, whole, free of contradictions."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from services.territory.rules.analysis.cells import Bools, Floats, Ints, added, flags, ratio, whole
from services.territory.rules.analysis.ranks import shares

ASPECTS = ("located", "profiled", "validated", "precise", "recent", "filled", "consistent")


@dataclass(frozen=True, slots=True)
class Records:
    """n records as arrays. `accuracy_m`: metres, -1 where the device told none or there is no point; `months` since the
    record was last checked; `present` [n, F]: which fields are filled in; `contradicted`: a record that contradicts
    itself or its place.
    """

    located: Bools
    profiled: Bools
    validated: Bools
    accuracy_m: Floats
    months: Ints
    present: Bools
    contradicted: Bools


@dataclass(frozen=True, slots=True)
class Quality:
    """By cell [G]. `aspects` [G, 7] are shares in the order of `ASPECTS` (NaN where they say nothing), `score` their
    weighted mean from 0 to 100. `accuracy_unknown` counts points without one;
    `median_m` and `median_months` are medians (NaN without any); `stale` counts records older than was allowed;
    `absent` [G, F] is the share of records that lack each field. `few` marks cells of too few records to say.
    """

    n: Ints
    aspects: Floats
    score: Floats
    accuracy_unknown: Ints
    median_m: Floats
    median_months: Floats
    stale: Ints
    absent: Floats
    contradicted: Ints
    few: Bools


def data_quality(
    cell: ArrayLike,
    cells: int,
    records: Records,
    *,
    precise_m: float,
    stale_after_months: int,
    weights: ArrayLike,
    few: int,
) -> Quality:
    """The quality of the records of each cell.

    Aspects, each a share from 0 to 1: `located` with a point, `profiled`, `validated`, `precise` with an accuracy of at
    most `precise_m` (of the points; one without a known accuracy is not precise), `recent` not older than
    `stale_after_months`, `filled` fields of all there are, `consistent` without a contradiction. The score is
    100 · Σ w·a / Σ w over the aspects that say something (without points nothing is precise or not; without fields
    nothing filled or not), `weights` [7] by the edition in force. The dimensions are those of Wang & Strong 1996,
    Beyond accuracy, J. Manage. Inf. Syst. 12, and Pipino, Lee & Wang 2002, Data quality assessment, Commun. ACM 45
    (simple ratio and weighted average). Refused: NaN, an accuracy below 0 that is not -1, weights that are none.
    """
    where = whole("cell", cell, below=cells)
    told = _checked(records, len(where))
    share = shares(weights)
    if len(share) != len(ASPECTS):
        raise ValueError(f"weights: one for each of {', '.join(ASPECTS)} is expected")
    n = added(where, cells)
    measured = told.located & (told.accuracy_m >= 0)
    stale, contradicted = added(where[told.months > stale_after_months], cells), added(where[told.contradicted], cells)
    precise = added(where[measured & (told.accuracy_m <= precise_m)], cells)
    points, filled = added(where[told.located], cells), _filled(where, cells, told.present)
    aspects = np.column_stack(
        [
            ratio(points, n),
            ratio(added(where[told.profiled], cells), n),
            ratio(added(where[told.validated], cells), n),
            ratio(precise, points),
            ratio(n - stale, n),
            ratio(filled.sum(axis=1), n * filled.shape[1]),
            ratio(n - contradicted, n),
        ]
    )
    says = ~np.isnan(aspects)
    return Quality(
        n,
        aspects,
        100 * ratio(np.nan_to_num(aspects) @ share, says @ share),
        points - added(where[measured], cells),
        medians(where[measured], cells, told.accuracy_m[measured]),
        medians(where, cells, told.months),
        stale,
        ratio(n[:, None] - filled, n[:, None]),
        contradicted,
        n < few,
    )


def medians(cell: Ints, cells: int, values: ArrayLike) -> Floats:
    """The median of each cell, the mean of the two in the middle where their number is even; NaN without any."""
    told = np.asarray(values, dtype=float)
    ranked = np.concatenate([told[np.lexsort((told, cell))], [np.nan]])
    n = added(cell, cells)
    start = np.cumsum(n) - n
    lower, upper = (np.where(n > 0, start + np.maximum(half, 0), len(told)) for half in ((n - 1) // 2, n // 2))
    return np.asarray((ranked[lower] + ranked[upper]) / 2)


def _checked(told: Records, rows: int) -> Records:
    accuracy, fields = np.asarray(told.accuracy_m, dtype=float), np.asarray(told.present)
    if accuracy.shape != (rows,) or not ((accuracy >= 0) | (accuracy == -1)).all():
        raise ValueError("accuracy_m: metres are expected, or -1")
    if fields.ndim != 2:
        raise ValueError("present: a row for each record and a column for each field are expected")
    named = ("located", "profiled", "validated", "contradicted")
    located, profiled, validated, contradicted = (flags(name, getattr(told, name), (rows,)) for name in named)
    months, present = whole("months", told.months, rows=rows), flags("present", fields, (rows, fields.shape[1]))
    return Records(located, profiled, validated, accuracy, months, present, contradicted)


def _filled(cell: Ints, cells: int, present: Bools) -> Ints:
    columns = [added(cell[present[:, field]], cells) for field in range(present.shape[1])]
    return np.array(columns, dtype=np.int64).reshape(present.shape[1], cells).T
