"""A selection beside its country: its own counts, and of the rest of the country only what may be told."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from services.territory.queries import criteria
from services.territory.queries.analyses.counts import COUNTED, Cells, cells
from services.territory.queries.criteria import Criteria
from services.territory.queries.views import Selection
from services.territory.rules.comparison import comparable
from shared import places
from shared.identity import Caller


@dataclass(frozen=True)
class Country:
    """Counts of all municipalities of the countries a selection lies in. `own`: which of them it is of; `told`: of
    which chains the country may be told to this caller. Never shown by row but for the selection's own.
    """

    name: str
    cells: Cells
    own: NDArray[np.bool_]
    told: NDArray[np.bool_]
    criteria: Criteria

    @property
    def is_alone(self) -> bool:
        """Whether there is no inventory outside of the selection to compare it with."""
        return not self.cells.counts[~self.own].any()


def country_of(session: Session, caller: Caller, selection: Selection, measure: str) -> Country:
    """The countries a selection lies in. What of them may be told is judged by the whole territory of the caller, who
    can subtract whatever she may look at, by enterprises and women alike, and by the criteria of the country: what is
    told of it is not for a part of it to decide.
    """
    countries = tuple(dict.fromkeys(unit[:2] for unit in selection.units))
    known, counted = (
        criteria.judging(session, "comparison", countries),
        {one: cells(session, countries, one) for one in COUNTED},
    )
    units = counted[measure].units
    seen = np.array([caller.scope.covers(unit) for unit in units], bool)
    outside = [unit[:4] for unit, hers in zip(units, seen.tolist(), strict=True) if not hers]
    limits = {"few": known.values["few"], "least": known.values["departments"]}
    told = [comparable(found.counts[~seen], outside, **limits) for found in counted.values()]
    own = np.isin(units, selection.municipalities)
    name = ", ".join(map(places.name_of, countries))
    return Country(name, counted[measure], own, np.logical_and.reduce(told), known)
