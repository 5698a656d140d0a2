"""What the units of a map show: live counts by any filter, or the fixed tables of a publication."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Any, Protocol, TypeAlias

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from services.territory.models import (
    CopyEnterprise,
    CopyGroup,
    CopyGroupMember,
    CopyLoan,
    CopyMerged,
)
from services.territory.queries import figures as queries
from services.territory.queries.placing import chain_of, in_chain
from services.territory.queries.publications import publications_of
from services.territory.queries.views import Selection, divided
from services.territory.rules.classes import Figure
from services.territory.rules.figures import Figures
from shared.kernel import LOCAL_TIME, NotFound, Refused
from shared.merged import one_with, standing_for

OF_ENTERPRISES = ("enterprises", "women")
"""What can be counted of enterprises by any of their properties."""
TABLED = (*OF_ENTERPRISES, "trained", "loans")
"""The measures that every table of units tells."""
MEASURES = (*TABLED, "open_loans")
_E = CopyEnterprise
_LOANS = ("loans", "open_loans")
_PUBLISHED: Mapping[str, tuple[str, ...]] = {
    "enterprises": ("all",),
    "women": ("all",),
    "trained": ("training", "in"),
    "loans": ("loans",),
    "open_loans": ("loans", "open"),
}


Counts: TypeAlias = tuple[Mapping[str, Figure], ...]
"""What the figures of units are made of: a count, or a part and its whole."""


@dataclass(frozen=True)
class Filters:
    """Which enterprises are counted; None lets all pass. `recorded_from` and `recorded_until` are the first and the
    last day on which they entered the inventory.
    """

    chain: str | None = None
    link: str | None = None
    need: str | None = None
    validation: str | None = None
    tier: str | None = None
    recorded_from: date | None = None
    recorded_until: date | None = None

    @classmethod
    def of(cls, asked: Mapping[str, Any]) -> "Filters":
        """Those among the parameters of a call."""
        return cls(**{one.name: asked[one.name] for one in fields(cls) if asked.get(one.name) is not None})

    def told(self) -> dict[str, Any]:
        """Those that are set."""
        return {one.name: value for one in fields(self) if (value := getattr(self, one.name)) is not None}

    def published(self) -> tuple[str, ...] | None:
        """Where a publication has these enterprises: its table and entry; None where they are in no table."""
        told = self.told()
        if not told:
            return ("all",)
        if set(told) == {"chain", "link"}:
            return ("chain", told["chain"], told["link"])
        if len(told) == 1 and (name := next(iter(told))) in {"chain", "link", "need", "validation"}:
            return (name, told[name])
        return None


class Source(Protocol):
    """Where the figures of a map come from. A unit that is not in an answer counts nothing."""

    @property
    def published(self) -> str | None:
        """The month they were published in; None of live ones."""
        ...

    @property
    def as_of(self) -> datetime | None:
        """The time of the newest event in them."""
        ...

    def figures(self, measure: str, filters: Filters, day: date | None = None) -> dict[str, Figure]:
        """What each unit shows, as it was at the end of `day`."""
        ...

    def chains(self, filters: Filters) -> dict[str, dict[str, Figure]]:
        """The enterprises of each value chain, by unit."""
        ...


@dataclass(frozen=True)
class Live:
    """Counts of this moment. As of an earlier day: what was recorded, formed or paid out by then, as known now."""

    session: Session
    selection: Selection
    published: str | None = None

    @property
    def as_of(self) -> datetime | None:
        return queries.as_of(self.session).time

    def figures(self, measure: str, filters: Filters, day: date | None = None) -> dict[str, Figure]:
        counted = self._by_municipality(measure, filters, day)
        found = dict.fromkeys(self.selection.shown, 0)
        for municipality, number in counted.items():
            found[self.selection.unit_of(municipality)] += number
        return {unit: Figure(number) for unit, number in found.items()}

    def chains(self, filters: Filters) -> dict[str, dict[str, Figure]]:
        counted = _counted(self.selection, filters, None)
        each = select(_E.municipality, chain_of().label("chain")).where(counted).subquery()
        by = (each.c.municipality, each.c.chain)
        statement = select(*by, func.count()).group_by(*by)
        added: dict[str, dict[str, int]] = {unit: {} for unit in self.selection.shown}
        for municipality, chain, number in self.session.execute(statement):
            of_unit = added[self.selection.unit_of(municipality)]
            of_unit[chain] = of_unit.get(chain, 0) + number
        return {unit: {chain: Figure(number) for chain, number in found.items()} for unit, found in added.items()}

    def _by_municipality(self, measure: str, filters: Filters, day: date | None) -> dict[str, int]:
        number: Any
        column: Any = CopyLoan.municipality if measure in _LOANS else _E.municipality
        if measure in _LOANS:
            number, which = func.count(), _lent(self.selection, filters, day, still_open=measure == "open_loans")
        else:
            number = func.sum(_E.jobs_women) if measure == "women" else func.count()
            which = _counted(self.selection, filters, day)
            which = and_(which, _in_a_group(day)) if measure == "trained" else which
        return {unit: int(count or 0) for unit, count in self.session.execute(
            select(column, number).where(which).group_by(column)
        )}  # fmt: skip


@dataclass(frozen=True)
class Published:
    """The protected figures that were published, the same for whoever asks: only what is in their tables."""

    session: Session
    selection: Selection

    @property
    def published(self) -> str | None:
        return max((row["month"] for row in self._rows()), default=None)

    @property
    def as_of(self) -> datetime | None:
        return max(filter(None, (row["as_of"] for row in self._rows())), default=None)

    def figures(self, measure: str, filters: Filters, day: date | None = None) -> dict[str, Figure]:
        """Refuses what no published table has."""
        place = self._key(measure, filters)
        told = self._told() if day is None else self._told_by(day, place[0])
        return {unit: _figure(told, (unit, *place), women=measure == "women") for unit in self.selection.shown}

    def chains(self, filters: Filters) -> dict[str, dict[str, Figure]]:
        if filters.told():
            raise Refused("map.filter_not_published")
        told = self._told()
        return {
            unit: {chain: _figure(told, (unit, "chain", chain), women=False) for chain in told.entries(unit, "chain")}
            for unit in self.selection.shown
        }

    def _key(self, measure: str, filters: Filters) -> tuple[str, ...]:
        place = filters.published()
        if place is None:
            raise Refused("map.filter_not_published")
        if place == ("all",):
            return _PUBLISHED[measure]
        if measure not in OF_ENTERPRISES:
            raise Refused("map.filter_not_published")
        return place

    def _told(self) -> Figures:
        told = Figures({})
        for row in self._rows():
            told |= Figures.from_stored(row["figures"])
        return divided(told, self.selection)

    def _told_by(self, day: date, table: str) -> Figures:
        """A table as it was published by a day; what may not stand beside a later publication is withheld, whether that
        is shown beside it or not.
        """
        told = Figures({})
        for department in self.selection.departments:
            publications = publications_of(self.session, department)
            month = publications.by(_end_of(day))
            if month is None:
                raise NotFound("map.not_published_then", department=department, day=day)
            told |= publications.figures(month, (table,))
        return divided(told, self.selection)

    def _rows(self) -> list[Any]:
        rows = []
        for department in self.selection.departments:
            row = queries.latest_publication(self.session, department)
            if row is None:
                raise NotFound("map.not_published_then", department=department, day="")
            rows.append(row)
        return rows


def places_of(selection: Selection, filters: Filters, *, on_map: bool) -> Any:
    """The id and the point of the enterprises that the filters let pass; `on_map`: only of owners who agreed to be
    shown.
    """
    which = [_counted(selection, filters, None), _E.lon.is_not(None)]
    return select(queries.POINT_ID, _E.lon, _E.lat).where(and_(*which, *([_E.consent_map] if on_map else [])))


def changed(before: Mapping[str, Figure], after: Mapping[str, Figure]) -> dict[str, Figure]:
    """By how much each unit changed; withheld where one of the two is."""
    found = {}
    for unit, now in after.items():
        then = before.get(unit, Figure(0))
        if now.suppressed or then.suppressed or now.value is None or then.value is None:
            found[unit] = Figure(suppressed=now.suppressed or then.suppressed)
        else:
            found[unit] = Figure(now.value - then.value)
    return found


def rates(
    parts: Mapping[str, Figure], wholes: Mapping[str, Figure], *, least: int, per: int = 100
) -> dict[str, Figure]:
    """Tenths per so many of the whole; none where the whole is under `least` (a rate of few says nothing)."""
    found = {}
    for unit, part in parts.items():
        whole = wholes.get(unit, Figure())
        if part.suppressed or whole.suppressed:
            found[unit] = Figure(suppressed=True)
        elif part.value is None or not whole.value or whole.value < least:
            found[unit] = Figure()
        else:
            found[unit] = Figure(round(10 * per * part.value / whole.value))
    return found


def figure_of(told: Figures, unit: str, measure: str) -> Figure:
    """What a unit shows of a measure."""
    return _figure(told, (unit, *_PUBLISHED[measure]), women=measure == "women")


def measured(told: Figures, unit: str) -> dict[str, int | None]:
    """The measures of a unit, None where they are withheld."""
    return {measure: figure_of(told, unit, measure).value for measure in TABLED}


def _figure(told: Figures, key: tuple[str, ...], *, women: bool) -> Figure:
    count = told.get(*key)
    if count is None:
        return Figure(suppressed=True)
    return Figure(count.women if women else count.number)


def _counted(selection: Selection, filters: Filters, day: date | None) -> ColumnElement[bool]:
    return and_(_E.counted, queries.inside(_E.municipality, selection.units), *passing(filters, day))


def passing(filters: Filters, day: date | None) -> list[ColumnElement[bool]]:
    """What the filters ask of an enterprise."""
    found: list[ColumnElement[bool]] = []
    told = filters.told()
    found += [getattr(_E, name) == told[name] for name in ("validation", "tier") if name in told]
    found += [in_chain(told["chain"])] if "chain" in told else []
    found += queries.standing(filters.link, filters.need)
    if filters.recorded_from:
        found.append(_E.recorded_on >= filters.recorded_from)
    until = min(filter(None, (filters.recorded_until, day)), default=None)
    return [*found, _E.recorded_on <= until] if until else found


def _in_a_group(day: date | None) -> ColumnElement[bool]:
    member = select(CopyGroupMember.enterprise_id).where(one_with(CopyMerged, CopyGroupMember.enterprise_id, _E.id))
    if day:
        member = member.join(CopyGroup, CopyGroup.id == CopyGroupMember.group_id).where(CopyGroup.formed_on <= day)
    return member.exists()


def _lent(selection: Selection, filters: Filters, day: date | None, *, still_open: bool) -> ColumnElement[bool]:
    """Loans paid out in the units, to enterprises that the filters let pass."""
    which = [queries.inside(CopyLoan.municipality, selection.units)]
    if day:
        which.append(CopyLoan.disbursed_on <= day)
    if still_open:
        settled = CopyLoan.settled_on
        which.append(or_(settled.is_(None), settled > day) if day else settled.is_(None))
    if filters.told():
        hers = select(_E.id).where(and_(_E.counted, *passing(filters, None)))
        which.append(standing_for(CopyMerged, CopyLoan.enterprise_id).in_(hers))
    return and_(*which)


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time.min, LOCAL_TIME)
