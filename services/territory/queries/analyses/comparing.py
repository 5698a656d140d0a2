"""A selection beside its country: its own counts, and of the rest of the country only what may be told."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from services.territory.queries import criteria
from services.territory.queries.analyses.counts import Cells, cells
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
    def is_whole(self) -> bool:
        return bool(self.own.all())


def country_of(session: Session, caller: Caller, selection: Selection, measure: str) -> Country:
    """The countries a selection lies in. What of them may be told is judged by the whole territory of the caller: she
    can subtract whatever she may look at.
    """
    countries = tuple(dict.fromkeys(unit[:2] for unit in selection.units))
    found, known = cells(session, countries, measure), criteria.in_force("comparison")
    seen = np.array([caller.scope.covers(unit) for unit in found.units], bool)
    outside = [unit[:4] for unit, own in zip(found.units, seen.tolist(), strict=True) if not own]
    told = comparable(
        found.counts[~seen], outside, few=known.values["few"], least=known.values["departments"]
    )  # fmt: skip
    own = np.isin(found.units, selection.municipalities)
    return Country(", ".join(map(places.name_of, countries)), found, own, told, known)
