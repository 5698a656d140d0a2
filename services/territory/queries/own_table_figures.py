"""What an own table shows: figures of publications, each as it was published, withheld where it was."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from services.territory.queries import criteria, denominators, views
from services.territory.queries.denominators import Source
from services.territory.queries.publications import MOST_YEARS, Month, publications_of
from services.territory.queries.views import Selection
from services.territory.rules.figures import Count, Figures
from services.territory.rules.own_tables import (
    AMOUNT,
    COUNT,
    ENTRIES,
    MEASURES,
    MONTH,
    PLACE,
    RATES,
    SHARE,
    TIMES,
    WOMEN,
    Definition,
)
from shared.identity import Caller
from shared.kernel import Invalid

MOST_MONTHS = 12
MOST_COLUMNS = 16
"""Of places; more are told in rows."""
_THOUSAND = 1000


@dataclass(frozen=True)
class Cell:
    """A figure: whole for a count, with decimals for a rate, minor units for an amount; None where it is withheld, or
    where there is none (nothing was published then, or the whole is too small for a rate).
    """

    value: float | None = None
    withheld: bool = False


@dataclass(frozen=True)
class Grid:
    """A table with the codes of its rows and columns. `aside`: the published whole of each row, `below` of each column
    (with that of all behind it, where there is one); None where no publication has it. `entries`: all there could be
    along each axis, also where nothing is counted.
    """

    definition: Definition
    selection: Selection
    rows: tuple[str, ...]
    columns: tuple[str | None, ...]
    cells: tuple[tuple[Cell, ...], ...]
    aside: tuple[Cell, ...] | None
    below: tuple[Cell, ...] | None
    entries: Mapping[str, tuple[str, ...]]
    published: str
    as_of: datetime | None
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class _Told:
    """The figures of each publication looked at, by its month or year, from the first to the newest."""

    by_period: Mapping[str, Figures]
    departments: Mapping[str, frozenset[str]]
    """Of each period the departments that had a publication."""
    published: str
    as_of: datetime | None


def selection_of(caller: Caller, definition: Definition) -> Selection:
    """The places of a definition, by the caller's rights of this moment; refuses those outside her scope, and more
    places than columns may be.
    """
    selection = views.selected(caller, definition.units, level=definition.level)
    if definition.columns == PLACE and len(selection.shown) > MOST_COLUMNS:
        raise Invalid("own_table.too_many_columns", pointer="/columns", most=MOST_COLUMNS)
    return selection


def grid_of(session: Session, definition: Definition, selection: Selection) -> Grid:
    """The table, of what is published of the places in `selection`; each department has to be published already."""
    told = _publications(session, definition, selection)
    least = int(criteria.judging(session, "maps", selection.units).values["least_rate"])
    cut = _Cut(definition, selection, told, _denominators(session, definition, selection), least)
    rows = _told_of(definition.rows, cut.entries(definition.rows), lambda row: cut.all_of(row, None))
    columns: tuple[str | None, ...] = (None,)
    if definition.columns:
        columns = _told_of(definition.columns, cut.entries(definition.columns), lambda column: cut.all_of(None, column))
    aside = tuple(cut.at(row, None) for row in rows) if cut.has_whole(definition.columns) else None
    below = None
    if cut.has_whole(definition.rows):
        corner = (cut.at(None, None),) if aside is not None else ()
        below = (*(cut.at(None, column) for column in columns), *corner)
    return Grid(
        definition, selection, rows, columns, tuple(tuple(cut.at(row, column) for column in columns) for row in rows),
        aside, below, {axis: cut.entries(axis) for axis in definition.axes}, told.published, told.as_of, cut.sources,
    )  # fmt: skip


def _told_of(axis: str, entries: Sequence[str], cells: Callable[[str], Iterable[Cell]]) -> tuple[str, ...]:
    """The entries of an axis in which something is counted; of publications all."""
    return tuple(entry for entry in entries if axis in TIMES or any(map(_says, cells(entry))))


class _Cut:
    """The publications cut by rows and columns."""

    def __init__(
        self,
        definition: Definition,
        selection: Selection,
        told: _Told,
        divided: denominators.Rates | None,
        least: int,
    ) -> None:
        self._definition, self._selection, self._told, self._least = definition, selection, told, least
        self._divided = {one.unit: one.denominator for one in divided.rates} if divided else {}
        self.sources = divided.sources if divided else ()

    def entries(self, axis: str) -> tuple[str, ...]:
        """What stands along an axis."""
        if axis == PLACE:
            return self._selection.shown
        return tuple(self._told.by_period) if axis in TIMES else ENTRIES[axis]

    def has_whole(self, axis: str | None) -> bool:
        """Whether publications tell the whole of what stands along an axis: of places, of one whole department."""
        return axis in ENTRIES or (axis == PLACE and _one_department(self._selection) is not None)

    def all_of(self, row: str | None, column: str | None) -> Iterator[Cell]:
        """The figures of a row, or of a column."""
        definition = self._definition
        for one in self.entries(definition.rows) if row is None else (row,):
            for other in self.entries(definition.columns) if column is None and definition.columns else (column,):
                yield self.at(one, other)

    def at(self, row: str | None, column: str | None) -> Cell:
        """The figure of a row and a column; of None, the whole of that axis."""
        definition = self._definition
        named = ((definition.rows, row), (definition.columns, column))
        chosen = {axis: code for axis, code in named if axis and code}
        unit = chosen.get(PLACE) or _one_department(self._selection) or definition.units[0]
        period = next((chosen[axis] for axis in TIMES if axis in chosen), max(self._told.by_period))
        if unit[:4] not in self._told.departments[period]:
            return Cell()
        figures = self._told.by_period[period]
        key = definition.key(unit, {name: code for name, code in chosen.items() if name in ENTRIES})
        value = self._value(figures.get(*key))
        if value is None:
            return Cell(withheld=True)
        if definition.per == COUNT:
            return Cell(value)
        if definition.per == SHARE:
            return self._share(value, figures.get(unit, *MEASURES[definition.measure].whole))
        whole = self._divided.get(unit)
        return Cell(round(_THOUSAND * value / whole, 2)) if whole and whole >= self._least else Cell()

    def _share(self, value: float, whole: Count | None) -> Cell:
        of = self._value(whole)
        if of is None:
            return Cell(withheld=True)
        return Cell(round(100 * value / of, 1)) if of and of >= self._least else Cell()

    def _value(self, count: Count | None) -> float | None:
        if count is None:
            return None
        tells = MEASURES[self._definition.measure].tells
        if tells == AMOUNT:
            return None if count.amounts is None else count.amounts.get(str(self._definition.currency), 0)
        return count.women if tells == WOMEN else count.number


def _says(cell: Cell) -> bool:
    return cell.withheld or cell.value != 0


def _one_department(selection: Selection) -> str | None:
    """The department whose municipalities are shown, all of it and nothing else."""
    one = selection.units[0] if len(selection.units) == 1 else ""
    return one if len(one) == 4 and selection.level == views.MUNICIPALITY else None


def _denominators(session: Session, definition: Definition, selection: Selection) -> denominators.Rates | None:
    if definition.per not in RATES:
        return None
    indicator, sex = RATES[definition.per]
    units = tuple(dict.fromkeys((*selection.shown, *definition.units)))
    return denominators.rates(session, {}, indicator, units, sex=sex, published=True)


def _publications(session: Session, definition: Definition, selection: Selection) -> _Told:
    if definition.time is None:
        view = views.published(session, selection)
        month = view.published or ""
        return _Told({month: view.figures}, {month: frozenset(selection.departments)}, month, view.as_of)
    by_period: dict[str, Figures] = {}
    departments: dict[str, set[str]] = {}
    newest: list[Month] = []
    for department in selection.departments:
        publications = publications_of(session, department)
        newest.append(publications.months[-1])
        for period, published in _periods(publications.months, definition.time):
            told = publications.figures(published, definition.tables())
            by_period[period] = by_period.get(period, Figures({})) | told
            departments.setdefault(period, set()).add(department)
    told_of = {period: views.divided(by_period[period], selection) for period in sorted(by_period)}
    as_of = max((one.as_of for one in newest if one.as_of), default=None)
    held = {period: frozenset(some) for period, some in departments.items()}
    return _Told(told_of, held, max(one.month for one in newest), as_of)


def _periods(months: Sequence[Month], time: str) -> list[tuple[str, Month]]:
    """The last months with a publication, or the years, each with the month that stands for it."""
    if time == MONTH:
        return [(one.month, one) for one in months[-MOST_MONTHS:]]
    return list({one.month[:4]: one for one in months}.items())[-MOST_YEARS:]
