"""What a report is of: a municipality beside its department, a department, the territory somebody answers for, or one
value chain in a department or a territory.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.territory import reference
from services.territory.queries import views
from services.territory.queries.views import WHOLE, Selection, View
from services.territory.rules.figures import joined
from shared import places
from shared.identity import Caller
from shared.kernel import NotFound, Refused

MUNICIPAL, DEPARTMENTAL, TERRITORIAL, CHAIN = "municipal", "departmental", "territorial", "chain"
KINDS = (MUNICIPAL, DEPARTMENTAL, TERRITORIAL, CHAIN)
MOST_UNITS = 40
"""As many places a report of a territory takes."""


@dataclass(frozen=True)
class Subject:
    """What a report is of. `key`: its figures; `around`: those of the larger place it is compared with, None where
    there is none; `selection`: the places on its map, whose departments have to be published; `chain`: the one it is
    of, None where it is of all.
    """

    kind: str
    units: tuple[str, ...]
    key: str
    around: str | None
    selection: Selection
    chain: str | None = None

    @property
    def code(self) -> str:
        """As it stands in numbers and names of files: `HN1709`, `HN06-HN17`, `coffee-HN17`."""
        return "-".join((*filter(None, [self.chain]), *self.units))

    @property
    def name(self) -> str:
        return ", ".join(places.name_of(unit) for unit in self.units)

    @property
    def country(self) -> str:
        return ", ".join(dict.fromkeys(places.name_of(unit[:2]) for unit in self.units))

    @property
    def inside(self) -> str:
        """The name of the place it lies in."""
        return places.name_of(self.units[0][:4]) if self.kind == MUNICIPAL else self.country

    @property
    def area_km2(self) -> float:
        known = reference.municipalities()
        return round(sum(area.area_km2 for code, area in known.items() if code.startswith(self.units)), 2)

    def seen(self, view: View) -> View:
        """The view with the figures of the whole territory, each withheld where one of its parts is."""
        if self.key != WHOLE:
            return view
        parts = [part for unit in self.units for part in _parts(unit)]
        return View(joined(view.figures, dict.fromkeys(parts, WHOLE)), view.as_of, view.published)


def municipal(municipality: str) -> Subject:
    """A municipality beside its department."""
    department = municipality[:4]
    selection = Selection((department,), views.municipalities_under(department))
    return Subject(MUNICIPAL, (municipality,), municipality, department, selection)


def departmental(department: str) -> Subject:
    """A department by its municipalities."""
    selection = Selection((department,), views.municipalities_under(department))
    return Subject(DEPARTMENTAL, (department,), department, None, selection)


def territorial(units: Sequence[str]) -> Subject:
    """All of these places together: countries, departments, municipalities; those that lie in another of them are
    counted once.
    """
    own = tuple(sorted({unit for unit in units if not any(unit != one and unit.startswith(one) for one in units)}))
    known = tuple(code for code in reference.municipalities() if code.startswith(own))
    return Subject(TERRITORIAL, own, WHOLE, None, Selection(own, known))


def of_chain(chain: str, units: Sequence[str]) -> Subject:
    """A value chain in a place, or in several together; refuses what is none."""
    if chain not in reference.chain_templates():
        raise NotFound("report.unknown_chain", chain=chain[:40])
    place = departmental(units[0]) if len(units) == 1 and len(units[0]) == len("HN17") else territorial(units)
    if len(place.units) > MOST_UNITS:
        raise Refused("report.too_many_places", most=MOST_UNITS)
    return replace(place, kind=CHAIN, chain=chain)


def department_of(caller: Caller, code: str) -> str:
    """The code of a department in the caller's scope; refuses anything else."""
    if code not in {known[:4] for known in reference.municipalities()}:
        raise NotFound("unit.unknown", unit=code[:10])
    caller.require_scope(code)
    return code


def territory_of(caller: Caller, asked: Sequence[str] | None) -> Subject:
    """The territory asked for, or the caller's own; refuses what lies outside, and more places than a report takes."""
    subject = territorial(views.units_asked(caller, asked))
    if len(subject.units) > MOST_UNITS:
        raise Refused("report.too_many_places", most=MOST_UNITS)
    return subject


def _parts(unit: str) -> Sequence[str]:
    """The places whose published figures add up to a unit."""
    if len(unit) > len("HN"):
        return (unit,)
    return sorted({code[:4] for code in reference.municipalities() if code.startswith(unit)})
