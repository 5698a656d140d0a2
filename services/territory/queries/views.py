"""What one caller sees of the territory: which units, and whose figures."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from services.territory import reference
from services.territory.queries import figures as queries
from services.territory.rules.access import sees_exact_figures
from services.territory.rules.figures import Figures
from shared import places
from shared.identity import EVERYWHERE, Caller
from shared.kernel import Invalid, NotFound, Refused

WHOLE = "total"
MOST_MUNICIPALITIES = 345
"""Beyond that many (Guatemala alone has 340) a map and its table show departments."""


@dataclass(frozen=True)
class Selection:
    """The units somebody looks at: their codes, and at which level they are shown."""

    units: tuple[str, ...]
    municipalities: tuple[str, ...]

    @property
    def level(self) -> str:
        return "municipality" if len(self.municipalities) <= MOST_MUNICIPALITIES else "department"

    @property
    def shown(self) -> tuple[str, ...]:
        """The codes of the units shown, in order."""
        if self.level == "municipality":
            return self.municipalities
        return tuple(sorted({code[:4] for code in self.municipalities}))

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


def selected(caller: Caller, asked: Sequence[str] | None) -> Selection:
    """The units asked for, or the caller's whole territory; refuses unknown ones and those outside her scope."""
    units = units_asked(caller, asked)
    known = reference.municipalities()
    return Selection(units, tuple(code for code in known if code.startswith(units)))


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


def municipality_of(caller: Caller, code: str) -> str:
    """The code of a municipality in the caller's scope; refuses anything else."""
    if code not in reference.municipalities():
        raise NotFound("unit.unknown", unit=code[:10])
    caller.require_scope(code)
    return code


def live(session: Session, selection: Selection) -> View:
    """The figures of this moment, with all units together as `total`."""
    found = queries.figures(session, selection.units, whole=WHOLE)
    return View(found, queries.as_of(session).time, None)


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
    return View(_only(merged, allowed), newest, month)


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
