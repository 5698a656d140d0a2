"""What one caller sees of the territory: which units, and whose figures."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from services.territory import reference
from services.territory.queries import figures as queries
from services.territory.rules.access import sees_exact_figures
from services.territory.rules.figures import Figures, joined
from shared import places
from shared.identity import EVERYWHERE, Caller
from shared.kernel import Invalid, NotFound, Refused

WHOLE = "total"
MOST_MUNICIPALITIES = 345
"""Beyond that many (Guatemala alone has 340) a map and its table show departments."""
MUNICIPALITY, DEPARTMENT, DIVISION = "municipality", "department", "municipality_2024"
LEVELS = (MUNICIPALITY, DEPARTMENT, DIVISION)
"""El Salvador's 44 municipalities since 2024 are shown where `municipality_2024` is asked for."""


@dataclass(frozen=True)
class Selection:
    """The units somebody looks at: their codes, and at which level they are shown. At `municipality_2024` El Salvador's
    are the 44 municipalities of today, each the sum of its districts in the selection.
    """

    units: tuple[str, ...]
    municipalities: tuple[str, ...]
    wanted: str | None = None
    """The level asked for, where one was."""

    @property
    def level(self) -> str:
        if len(self.municipalities) > MOST_MUNICIPALITIES or self.wanted == DEPARTMENT:
            return DEPARTMENT
        return DIVISION if self.wanted == DIVISION else MUNICIPALITY

    @property
    def shown(self) -> tuple[str, ...]:
        """The codes of the units shown, in order."""
        return tuple(sorted({self.unit_of(code) for code in self.municipalities}))

    def unit_of(self, municipality: str) -> str:
        """The unit shown that a municipality is, or lies in."""
        if self.level == MUNICIPALITY:
            return municipality
        return division_of(municipality) if self.level == DIVISION else municipality[:4]

    @property
    def frame(self) -> tuple[str, ...]:
        """What is drawn: the units, and around single municipalities their departments, so that one sees where."""
        return tuple(dict.fromkeys(unit[:4] for unit in self.units))

    @property
    def departments(self) -> tuple[str, ...]:
        return tuple(sorted({code[:4] for code in self.municipalities}))

    @property
    def title(self) -> str:
        return ", ".join(places.name_of(unit) for unit in self.units)


@dataclass(frozen=True)
class View:
    """Figures as one caller may see them. `published` is the month they are of, None for live ones."""

    figures: Figures
    as_of: datetime | None
    published: str | None


def selected(caller: Caller, asked: Sequence[str] | None, *, level: str | None = None) -> Selection:
    """The units asked for, or the caller's whole territory; refuses unknown ones, those outside her scope, and
    departments (`level`) of which only a part is asked for. With the level `municipality_2024`, El Salvador by its
    municipalities of today.
    """
    units = units_asked(caller, asked)
    known = reference.municipalities()
    if level == DEPARTMENT and any(len(unit) > 4 for unit in units):
        raise Invalid("map.level_of_a_part", pointer="/level")
    return Selection(units, tuple(code for code in known if code.startswith(units)), level)


def units_asked(caller: Caller, asked: Sequence[str] | None) -> tuple[str, ...]:
    """Only the codes of the same."""
    units = tuple(asked or _own(caller))
    if not units:
        raise Refused("territory.no_scope")
    for unit in units:
        if unit not in places.names():
            raise Invalid("unit.unknown", pointer="/unit", unit=unit[:10])
        caller.require_scope(unit)
    return units


def division_of(code: str) -> str:
    """The municipality of today in which a municipality of before is a district; itself outside El Salvador."""
    division = places.divisions_2024().get(code)
    return division.code if division else code


def municipality_of(caller: Caller, code: str) -> str:
    """The code of a municipality in the caller's scope; refuses anything else."""
    if code not in reference.municipalities():
        raise NotFound("unit.unknown", unit=code[:10])
    caller.require_scope(code)
    return code


def live(session: Session, selection: Selection) -> View:
    """The figures of this moment, with all units together as `total`."""
    found = queries.figures(session, selection.units, whole=WHOLE)
    return View(divided(found, selection), queries.as_of(session).time, None)


def published(session: Session, selection: Selection) -> View:
    """What is published of the departments; the figures of municipalities outside the selection are left out."""
    merged, newest, month = Figures({}), None, None
    for department in selection.departments:
        row = queries.latest_publication(session, department)
        if row is None:
            raise NotFound("publication.unknown", department=department)
        merged |= Figures.from_stored(row["figures"])
        newest, month = max(filter(None, (newest, row["as_of"])), default=None), row["month"]
    allowed = {*selection.municipalities, *_whole_departments(selection)}
    return View(divided(_only(merged, allowed), selection), newest, month)


def divided(figures: Figures, selection: Selection) -> Figures:
    """The figures with those of El Salvador's municipalities of today, where they are shown."""
    if selection.level != DIVISION:
        return figures
    return joined(figures, {code: division_of(code) for code in selection.municipalities})


def may_see_live(caller: Caller) -> bool:
    return sees_exact_figures(caller.roles)


def _own(caller: Caller) -> list[str]:
    if EVERYWHERE in caller.scope.units:
        return ["GT", "HN", "SV"]
    return sorted(unit for unit in caller.scope.units if unit in places.names())


def _whole_departments(selection: Selection) -> set[str]:
    return {code for code in selection.departments if code.startswith(selection.units)}


def _only(figures: Figures, units: set[str]) -> Figures:
    shown = {key: count for key, count in figures.counts.items() if key[0] in units}
    return replace(figures, counts=shown, hidden=frozenset(key for key in figures.hidden if key[0] in units))


def municipalities_under(unit: str) -> tuple[str, ...]:
    return tuple(code for code in reference.municipalities() if code.startswith(unit))
