"""A department's publications of several months, as maps, reports and own tables may read them beside each other."""

from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.territory.models import Publication
from services.territory.rules.figures import Figures
from services.territory.rules.publications import Beside, beside_each_other

MOST_MONTHS = 13
"""So that the month of a year ago is among them."""
MOST_YEARS = 10
_KEPT = 64
"""More departments than the three countries have."""
_one_at_a_time = Lock()
_kept: OrderedDict[tuple[str, tuple[UUID, ...]], Beside] = OrderedDict()


@dataclass(frozen=True)
class Month:
    """A month's publication: its last one, where it was published anew."""

    id: UUID
    month: str
    made_at: datetime
    as_of: datetime | None


@dataclass(frozen=True)
class Publications:
    """The last publication of each of the last months, and of the last month of each year before, from the first to the
    newest. Whatever is told of an earlier day is taken from these, so that no two questions tell more than one; what
    was published anew within a month is told of no longer.
    """

    months: tuple[Month, ...]
    _beside: Beside

    def figures(self, month: Month, tables: Collection[str] | None = None) -> Figures:
        """The counts of a month, of some tables where they are named; what may not stand beside a later month is
        withheld.
        """
        return self._beside.figures(self.months.index(month), tables)

    def before(self, month: str) -> Month | None:
        """The last one before a month (YYYY-MM)."""
        return next((one for one in reversed(self.months) if one.month < month), None)

    def by(self, moment: datetime) -> Month | None:
        """The last one that was made before a moment."""
        return next((one for one in reversed(self.months) if one.made_at < moment), None)


def publications_of(session: Session, department: str) -> Publications:
    """What a department published, none where it never did. Comparing them is kept in this process until it publishes
    anew.
    """
    months = _last_of_months(session, department)
    key = (str(session.get_bind().engine.url), tuple(one.id for one in months))
    known = _kept.get(key)
    if known is None:
        table = Publication.__table__.c
        rows = select(table.id, table.figures).where(table.id.in_(key[1]))
        stored = {row.id: Figures.from_stored(row.figures) for row in session.execute(rows)}
        known = beside_each_other([stored[one.id] for one in months], department)
        with _one_at_a_time:
            _kept[key] = known
            while len(_kept) > _KEPT:
                _kept.popitem(last=False)
    return Publications(months, known)


def _last_of_months(session: Session, department: str) -> tuple[Month, ...]:
    table = Publication.__table__.c
    number = func.row_number().over(partition_by=table.month, order_by=table.made_at.desc()).label("number")
    shown = (table.id, table.month, table.made_at, table.as_of)
    ranked = select(*shown, number).where(table.department == department).subquery()
    columns = [ranked.c[one.name] for one in shown]
    rows: Sequence[Any] = session.execute(select(*columns).where(ranked.c.number == 1).order_by(ranked.c.month)).all()
    months = [Month(row.id, row.month, row.made_at, row.as_of) for row in rows]
    last_of_years = list({one.month[:4]: one for one in months}.values())[-MOST_YEARS:]
    return tuple(one for one in months if one in months[-MOST_MONTHS:] or one in last_of_years)
