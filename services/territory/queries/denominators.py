"""What figures are divided by: how many women live in a unit, how many establishments there are; and the rates."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from services.territory import reference
from services.territory.models import Denominator, DenominatorSet, TableFile
from services.territory.models.tables import IN_FORCE
from services.territory.queries.establishments import ESTABLISHMENTS, published_counts
from services.territory.reference import Divisor
from shared import places
from shared.kernel import Forbidden, NotFound

ALL, COUNT = "all", "count"
_BAND = re.compile(r"[0-9]{1,3}-[0-9]{1,3}")
_SET = DenominatorSet.__table__.c
_VALUE = Denominator.__table__.c
SET_ID = _SET.id.label("id")
TABLE_ID = TableFile.id.label("id")


@dataclass(frozen=True)
class Source:
    """Where the denominators of a country come from, and of which year they are."""

    set_id: UUID
    country: str
    indicator: str
    year: int
    source: str
    title_es: str
    title_en: str
    level: str
    summed: tuple[str, ...]
    """What the set breaks down without telling the whole: adding up is left to the reader."""


@dataclass(frozen=True)
class Rate:
    """A figure of a unit beside what it is divided by. `value` is None where either is missing; `covered` is the share
    of the unit's municipalities that the denominator is known of, and below 1 there is no rate.
    """

    unit: str
    numerator: float | None
    denominator: float | None
    value: float | None
    covered: float


@dataclass(frozen=True)
class Rates:
    """Figures per so many (`per`), in the order of the units asked for. `coverage`: the share of them with a whole
    denominator; `sources`: of each country its year.
    """

    rates: tuple[Rate, ...]
    per: float
    coverage: float
    sources: tuple[Source, ...]


def rates(
    session: Session,
    numerators: Mapping[str, float | None],
    indicator: str,
    units: Sequence[str],
    *,
    per: float = 1000.0,
    year: int | None = None,
    sex: str = ALL,
    age: str = ALL,
    ciiu: str = ALL,
    size: str = ALL,
    published: bool = False,
) -> Rates:
    """The figures of units (countries, departments, municipalities of either division of El Salvador) per so many of an
    indicator: enterprises per 1,000 women with `sex="women"`, a share of all establishments with `per=100`.

    Of each country the newest set in force is taken, not newer than `year`. A larger unit is divided by the sum of its
    municipalities, and by nothing where one of them is missing. `ciiu` is a class or the beginning of one. A withheld
    figure (None) has no rate. For whoever gets `published` figures establishments are those of the published table
    (`queries/establishments`), where they are told.
    """
    sources = sources_of(session, indicator, {unit[:2] for unit in units}, year)
    found: dict[str, float] = {}
    for source in sources:
        asked = {"sex": sex, "age": age, "ciiu": ciiu, "size": size}
        found |= _told(session, source, asked, published=published)
    whole = reference.indicators()[indicator]["kind"] == COUNT if indicator in reference.indicators() else False
    made = tuple(_rate(unit, numerators.get(unit), *_denominator(unit, found, whole), per) for unit in units)
    complete = sum(one.covered == 1 for one in made)
    return Rates(made, per, complete / len(made) if made else 0.0, tuple(sources))


def wholes(session: Session, divisor: Divisor, units: Sequence[str], *, published: bool) -> dict[str, float | None]:
    """What each unit's figures are divided by, of the newest set in force of its country; None where it, or one of its
    municipalities, is missing. Beside `published` figures establishments are those of the published table: whoever
    knows a figure and its rate knows what it was divided by.
    """
    found: dict[str, float] = {}
    asked = {"sex": divisor.sex, "age": ALL, "ciiu": ALL, "size": ALL}
    for source in sources_of(session, divisor.indicator, {unit[:2] for unit in units}):
        if divisor.ages is None:
            found |= _told(session, source, asked, published=published)
        else:
            found |= _of_ages(session, source, asked, divisor.ages)
    return {unit: _denominator(unit, found, whole=True)[0] for unit in units}


def divisors_in_force(session: Session, units: Sequence[str], *, published: bool) -> tuple[str, ...]:
    """The codes of those by which figures of some of these units can be divided; `published` ones by establishments
    only where their table is made.
    """
    countries = {unit[:2] for unit in units}
    return tuple(
        code for code, one in reference.divisors().items() if _has(session, one, countries, published=published)
    )


def sources_of(session: Session, indicator: str, countries: Collection[str], year: int | None = None) -> list[Source]:
    """Of each country the newest set in force of an indicator, not newer than `year`."""
    wanted = [_SET.indicator == indicator, _SET.country.in_(sorted(countries)), _SET.state == IN_FORCE]
    if year is not None:
        wanted.append(_SET.year <= year)
    rows = session.execute(
        select(DenominatorSet.__table__).where(*wanted).order_by(_SET.country, _SET.year, _SET.id)
    ).all()
    newest = {row.country: row for row in rows}
    return [
        Source(row.id, row.country, row.indicator, row.year, row.source, row.title_es, row.title_en, row.level,
               tuple(row.report["summed"]))
        for row in newest.values()
    ]  # fmt: skip


def _told(session: Session, source: Source, asked: Mapping[str, str], *, published: bool) -> dict[str, float]:
    """The denominators of a set by unit, as they may stand beside figures: of establishments, beside `published` ones,
    those of the published table.
    """
    if published and source.indicator == ESTABLISHMENTS:
        return published_counts(session, source.set_id, asked)
    return _values(session, source, asked)


def _values(session: Session, source: Source, asked: Mapping[str, str]) -> dict[str, float]:
    """The denominators of a set by unit."""
    conditions = [_VALUE.set_id == source.set_id]
    for name, value in asked.items():
        if value == ALL and name in source.summed:
            continue
        conditions.append(_inside(name, value, source))
    statement = select(_VALUE.unit, func.sum(_VALUE.value)).where(and_(*conditions)).group_by(_VALUE.unit)
    found = {unit: float(value) for unit, value in session.execute(statement)}
    if set(source.summed) & {name for name, value in asked.items() if value != ALL}:
        # Of what is counted by class or size, a unit without any has none of it.
        known = session.scalars(select(_VALUE.unit).where(_VALUE.set_id == source.set_id).distinct())
        found = dict.fromkeys(known, 0.0) | found
    return found


def _has(session: Session, divisor: Divisor, countries: Collection[str], *, published: bool) -> bool:
    for source in sources_of(session, divisor.indicator, countries):
        if published and source.indicator == ESTABLISHMENTS and not published_counts(session, source.set_id, {}):
            continue
        if divisor.sex == ALL and divisor.ages is None:
            return True
        if divisor.sex in set(_kinds(session, source, "sex")) and (
            divisor.ages is None or _bands(_kinds(session, source, "age"), divisor.ages)
        ):
            return True
    return False


def _kinds(session: Session, source: Source, name: str) -> list[str]:
    """By what a set tells its values of a dimension; those of what it only breaks down, and `all`."""
    told = list(session.scalars(select(_VALUE[name]).where(_VALUE.set_id == source.set_id).distinct()))
    return [*told, ALL] if name in source.summed else told


def _of_ages(session: Session, source: Source, asked: Mapping[str, str], ages: tuple[int, int]) -> dict[str, float]:
    """The sum of the bands of age that make up the ages asked for; of no unit where none do."""
    found: dict[str, float] = {}
    for band in _bands(_kinds(session, source, "age"), ages):
        for unit, value in _values(session, source, {**asked, "age": band}).items():
            found[unit] = found.get(unit, 0.0) + value
    return found


def _bands(known: Sequence[str], ages: tuple[int, int]) -> list[str]:
    """The bands (`15-19`) that follow one another from the first age to the last; none where one is missing."""
    limits = {tuple(map(int, band.split("-"))): band for band in known if _BAND.fullmatch(band)}
    found, age = [], ages[0]
    while age <= ages[1]:
        next_one = min(((low, high) for low, high in limits if low == age and high <= ages[1]), default=None)
        if next_one is None:
            return []
        found.append(limits[next_one])
        age = next_one[1] + 1
    return found


def _inside(name: str, value: str, source: Source) -> ColumnElement[bool]:
    column: Any = _VALUE[name]
    if name == "ciiu" and name in source.summed and value.isdigit():
        return column.startswith(value, autoescape=True)  # type: ignore[no-any-return]
    return column == value  # type: ignore[no-any-return]


def _denominator(unit: str, values: Mapping[str, float], whole: bool) -> tuple[float | None, float]:
    """The denominator of a unit, its own or the sum of its municipalities, and the share of them that is known."""
    if unit in values:
        return values[unit], 1.0
    parts = places.districts_of(unit) or [code for code in reference.municipalities() if code.startswith(unit)]
    known = [values[part] for part in parts if part in values]
    if not whole or not parts or unit in parts:
        return None, 0.0
    covered = len(known) / len(parts)
    return (sum(known) if covered == 1 else None), covered


def _rate(unit: str, numerator: float | None, denominator: float | None, covered: float, per: float) -> Rate:
    value = per * numerator / denominator if numerator is not None and denominator else None
    return Rate(unit, numerator, denominator, value, covered)


def list_sets(indicator: str | None, countries: Collection[str], state: str | None) -> Select[Any]:
    """The sets, without their reports."""
    shown = [column.label(column.name) for column in _SET if column.name not in {"id", "report", "file_id"}]
    statement = select(SET_ID, *shown)
    if indicator:
        statement = statement.where(_SET.indicator == indicator)
    if countries:
        statement = statement.where(_SET.country.in_(sorted(countries)))
    return statement.where(_SET.state == state) if state else statement


def set_of(session: Session, set_id: UUID) -> dict[str, Any]:
    """One set with its report."""
    found = session.execute(select(DenominatorSet.__table__).where(_SET.id == set_id)).mappings().one_or_none()
    if found is None:
        raise NotFound("denominators.unknown")
    return dict(found)


def require_exact(row: Mapping[str, Any], *, exact: bool) -> None:
    """Refuses the values of establishments, by class and size down to the single one, to who gets published figures."""
    if row["indicator"] == ESTABLISHMENTS and not exact:
        raise Forbidden("denominators.only_published")


KEYS = tuple(_VALUE[name].label(name) for name in ("unit", "sex", "age", "ciiu", "size"))


def values_of(set_id: UUID, units: Sequence[str]) -> Select[Any]:
    """The values of a set, of all units or of those inside some."""
    more = [_VALUE[name].label(name) for name in ("value", "low", "high")]
    statement = select(*KEYS, *more).where(_VALUE.set_id == set_id)
    if units:
        statement = statement.where(or_(*(_VALUE.unit.startswith(unit, autoescape=True) for unit in units)))
    return statement


def list_tables(purpose: str | None) -> Select[Any]:
    """The tables that were sent, without their reports."""
    shown = ("purpose", "name", "state", "sent_at", "sent_by_name", "adopted_at", "version")
    statement = select(TABLE_ID, *(getattr(TableFile, name).label(name) for name in shown))
    return statement.where(TableFile.purpose == purpose) if purpose else statement
