"""The tables that analyses begin with: enterprises and women by unit and chain, and places of enterprises."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from services.territory.models import CopyEnterprise
from services.territory.queries.figures import inside
from services.territory.queries.placing import chain_of, in_chain, links_of
from services.territory.queries.views import Selection, municipalities_under
from services.territory.rules.analysis.specialisation import table_of
from shared import masking
from shared.events.vocabulary import CHAINS, LINKS
from shared.kernel import Refused

_E = CopyEnterprise
COUNTED = ("enterprises", "women")
Counts = NDArray[np.float64]
_COLUMN = {chain: number for number, chain in enumerate(CHAINS)}
_LINK = {link: number for number, link in enumerate(LINKS)}


@dataclass(frozen=True)
class Cells:
    """Counts of `units` (rows) by `CHAINS` (columns)."""

    units: tuple[str, ...]
    counts: Counts

    def shown_as(self, selection: Selection) -> Counts:
        """The rows of a selection, added up to the units it is shown as."""
        shown, own = selection.shown, set(selection.municipalities)
        place = {unit: number for number, unit in enumerate(shown)}
        rows = [number for number, unit in enumerate(self.units) if unit in own]
        added = np.zeros((len(shown), len(CHAINS)))
        np.add.at(added, [place[selection.unit_of(self.units[row])] for row in rows], self.counts[rows])
        return added


def cells(session: Session, units: Sequence[str], measure: str, *conditions: Any) -> Cells:
    """Counts of every municipality in `units` by chain; of jobs of women where the `measure` is `women`."""
    where = and_(_E.counted, inside(_E.municipality, units), *conditions)
    each = select(_E.municipality, chain_of().label("chain"), _E.jobs_women).where(where).subquery()
    by, told = (each.c.municipality, each.c.chain), func.sum(each.c.jobs_women) if measure == "women" else func.count()
    statement = select(*by, told).group_by(*by)
    rows = tuple(dict.fromkeys(code for unit in units for code in municipalities_under(unit)))
    place, counts = {unit: number for number, unit in enumerate(rows)}, np.zeros((len(rows), len(CHAINS)))
    for unit, chain, number in session.execute(statement):
        counts[place[unit], _COLUMN[chain]] = number
    return Cells(rows, table_of(counts))


def recorded_until(day: date) -> Any:
    """Only what was in the inventory on that day."""
    return _E.recorded_on <= day


def started_until(year: int) -> Any:
    """Only what had begun by the end of that year; what does not say when it began is left out."""
    return _E.started_year <= year


def known_start(session: Session, units: Sequence[str]) -> float | None:
    """The share of the enterprises that say when they began."""
    where = and_(_E.counted, inside(_E.municipality, units))
    whole, known = session.execute(select(func.count(), func.count(_E.started_year)).where(where)).one()
    return known / whole if whole else None


@dataclass(frozen=True)
class Places:
    """Enterprises with the place where the reader may see them, `(n,)` arrays in order of their ids. `whole`: how many
    there are with a place or without; `sight`: `exact` or `masked`.
    """

    sight: str
    whole: int
    municipality: tuple[str, ...]
    lon: Counts
    lat: Counts
    women: NDArray[np.int64]
    chain: NDArray[np.int64]
    at_link: NDArray[np.bool_]

    @property
    def n(self) -> int:
        return len(self.municipality)

    @property
    def coverage(self) -> float | None:
        return self.n / self.whole if self.whole else None


def enterprise_places(
    session: Session,
    selection: Selection,
    sight: str,
    *passing: ColumnElement[bool],
    chain: str | None = None,
    most: int | None = None,
) -> Places:
    """The places of the enterprises of a selection that pass. Who sees masked points gets those of women who
    agreed to be on the map, at their masks, so that nothing worked out from them tells more than the points she sees
    one by one. Refuses more than `most` before any is read.
    """
    conditions = [_E.counted, inside(_E.municipality, selection.units), *passing]
    conditions += [in_chain(chain)] if chain else []
    whole = session.scalar(select(func.count()).where(and_(*conditions))) or 0
    placed = and_(*conditions, _E.lon.is_not(None), *([_E.consent_map] if sight != "exact" else []))
    if most is not None and (n := session.scalar(select(func.count()).where(placed)) or 0) > most:
        raise Refused("analysis.too_many_points", most=most, n=n)
    columns = (_E.id, _E.municipality, _E.lon, _E.lat, _E.jobs_women, chain_of().label("chain"))
    rows = session.execute(select(*columns).where(placed).order_by(_E.id)).all()
    number = {row.id: place for place, row in enumerate(rows)}
    at_link = np.zeros((len(rows), len(LINKS)), bool)
    for enterprise, link in session.execute(select(links_of(placed))):
        at_link[number[enterprise], _LINK[link]] = True
    seen = [_seen(row.id, row.lon, row.lat, sight) for row in rows]
    return Places(
        sight, whole, tuple(row.municipality for row in rows),
        np.array([lon for lon, _ in seen], float), np.array([lat for _, lat in seen], float),
        np.array([row.jobs_women for row in rows], np.int64), np.array([_COLUMN[row.chain] for row in rows], np.int64),
        at_link,
    )  # fmt: skip


def _seen(record: UUID, lon: float, lat: float, sight: str) -> tuple[float, float]:
    return (lon, lat) if sight == "exact" else masking.masked_point(record, lon, lat)
