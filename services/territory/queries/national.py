"""A country beside a place: what the departments published, added up. Nobody learns more of it than those publications
tell her, and it is told in shares and means only, where enough lies outside of what is compared with it.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.territory.models import Publication
from services.territory.queries import criteria
from services.territory.rules.comparison import comparable
from services.territory.rules.figures import NOTHING, Count, Figures
from shared import places

_KEPT = 8
_one_at_a_time = Lock()
_kept: OrderedDict[tuple[Any, ...], Mapping[str, Figures]] = OrderedDict()


@dataclass(frozen=True)
class National:
    """What a country's departments published last, until the month of a report: the figures of each as a whole. `own`:
    departments of which the reader of the report sees more.
    """

    country: str
    departments: Mapping[str, Figures] = field(default_factory=dict)
    own: frozenset[str] = frozenset()
    few: int = 5
    least: int = 2

    @property
    def name(self) -> str:
        return places.name_of(self.country)

    @property
    def told(self) -> bool:
        """Whether there is anything to compare with."""
        return self.share(("all",), ("all",)) is not None

    def share(self, part: Sequence[str], whole: Sequence[str]) -> float | None:
        """How many percent one figure is of another, in the departments that tell both."""
        pairs = self._both(part, whole)
        total = sum(count.number for _, count in pairs.values())
        if not self._may_be_told({code: count.number for code, (_, count) in pairs.items()}):
            return None
        return 100 * sum(count.number for count, _ in pairs.values()) / total

    def mean(self, *key: str) -> float | None:
        """The mean of a level."""
        found = {
            code: count
            for code, figures in self.departments.items()
            if (count := figures.get(code, *key)) and count.number
        }
        if not self._may_be_told({code: count.number for code, count in found.items()}):
            return None
        points = sum(sum((count.amounts or {}).values()) for count in found.values())
        return points / sum(count.number for count in found.values())

    def women(self, *keys: Sequence[str]) -> list[int] | None:
        """The women of several figures, in the departments that tell all of them."""
        rows = {
            code: [count.women for count in counts if count is not None]
            for code, figures in self.departments.items()
            if None not in (counts := [figures.get(code, *key) for key in keys])
        }
        if not self._may_be_told({code: sum(row) for code, row in rows.items()}):
            return None
        return [sum(column) for column in zip(*rows.values(), strict=True)]

    def _both(self, part: Sequence[str], whole: Sequence[str]) -> dict[str, tuple[Count, Count]]:
        found = {}
        for code, figures in self.departments.items():
            one, other = figures.get(code, *part), figures.get(code, *whole)
            if one is not None and other is not None and other.number:
                found[code] = (one, other)
        return found

    def _may_be_told(self, numbers: Mapping[str, int]) -> bool:
        outside = {code: number for code, number in numbers.items() if code not in self.own and number}
        if not outside:
            return False
        rest = np.array([[number] for number in outside.values()])
        return bool(comparable(rest, list(outside), few=self.few, least=self.least)[0])


def national(session: Session, units: Sequence[str], month: str) -> National | None:
    """The country around these places, as its departments had published by the end of a month; None where they lie in
    several countries, are the whole of one, or too little lies outside of them for anything to be told.
    """
    countries = {unit[:2] for unit in units}
    if len(countries) > 1 or any(len(unit) == len("HN") for unit in units):
        return None
    (country,) = countries
    limits = criteria.holding(session, "comparison", country).values
    published = _published(session, country, month)
    own = frozenset(unit[:4] for unit in units)
    found = National(country, published, own, int(limits["few"]), int(limits["departments"]))
    return found if found.told else None


def _published(session: Session, country: str, month: str) -> Mapping[str, Figures]:
    """The last figures of each department; kept in this process until one publishes anew, for they are many."""
    table = Publication
    inside = (table.department.startswith(country, autoescape=True), table.month <= month)
    newest = func.row_number().over(partition_by=table.department, order_by=table.made_at.desc()).label("newest")
    ranked = select(table.id, table.department, newest).where(*inside).subquery()
    found: Sequence[UUID] = session.scalars(
        select(ranked.c.id).where(ranked.c.newest == 1).order_by(ranked.c.department)
    ).all()
    key = (str(session.get_bind().engine.url), *found)
    known = _kept.get(key)
    if known is None:
        rows = session.execute(select(table.department, table.figures).where(table.id.in_(found))).all()
        known = {row.department: _whole(row.department, row.figures) for row in rows}
        with _one_at_a_time:
            _kept[key] = known
            while len(_kept) > _KEPT:
                _kept.popitem(last=False)
    return known


def _whole(department: str, stored: Mapping[str, Any]) -> Figures:
    """The figures of the department as a whole."""
    return Figures.from_stored({key: value for key, value in stored.items() if key.startswith(f"{department}/")})


def mean_level(count: Count | None) -> float | None:
    """The mean of a published level; None where it is withheld or nobody's is known."""
    if count is None or count is NOTHING or not count.number or count.amounts is None:
        return None
    return sum(count.amounts.values()) / count.number
