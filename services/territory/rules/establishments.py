"""Establishments by place, class and size as a table that may leave the house."""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from services.territory.rules.margins import EVERYTHING, Cell, Dimension
from services.territory.rules.protected_table import ProtectedTable, Protection, Told, protected_table
from services.territory.rules.suppression import Progress

ALL = "all"
PLACE, CLASS, SIZE = range(3)
_CLASS_LENGTH, _DIVISION_LENGTH = 4, 2
_COUNTRY_LENGTH, _DEPARTMENT_LENGTH = 2, 4
Row: TypeAlias = tuple[str, str, str, int | None, int | None, int | None]
"""Place, class, size; the value, or the least and the most where a range is told."""


def protected_establishments(
    counts: Mapping[Cell, float], sections: Mapping[str, str], protection: Protection, progress: Progress | None = None
) -> ProtectedTable:
    """The table of establishments counted by municipality (or by department, or of a country alone), class and size
    (`all` where a source does not tell it), with the totals of departments, divisions and sections; `sections` names
    that of each division.
    """
    leaves, parents = _leaves(counts), {}
    for _, code, _ in leaves:
        if len(code) == _CLASS_LENGTH:
            parents[code] = code[:_DIVISION_LENGTH]
            parents[code[:_DIVISION_LENGTH]] = sections.get(code[:_DIVISION_LENGTH], "") or EVERYTHING
        elif code.endswith(_REST):
            parents[code] = code.removesuffix(_REST)
    departments = {place: place[:_DEPARTMENT_LENGTH] for place, _, _ in leaves if len(place) > _DEPARTMENT_LENGTH}
    dimensions = [Dimension(departments), Dimension(parents), Dimension({})]
    return protected_table(
        dimensions, {leaf: (count,) for leaf, count in leaves.items()}, protection, sizes=SIZE, progress=progress
    )


_REST = "-"
"""After a section's letter: those of the section of which no class is told, where it is told of others."""


def _leaves(counts: Mapping[Cell, float]) -> dict[Cell, float]:
    """What is counted apart: where a source tells the parts, its own totals are left out; one that only names the
    section of some is a class of its own.
    """
    larger = {place[:length] for place, _, _ in counts for length in (_COUNTRY_LENGTH, _DEPARTMENT_LENGTH)
              if len(place) > length}  # fmt: skip
    broken_down = {axis for axis in (CLASS, SIZE) if any(cell[axis] != ALL for cell in counts)}
    classes = any(code[:1].isdigit() for _, code, _ in counts)
    leaves: dict[Cell, float] = {}
    for (place, code, size), count in counts.items():
        if place in larger or (CLASS in broken_down and code == ALL) or (SIZE in broken_down and size == ALL):
            continue
        where = EVERYTHING if len(place) == _COUNTRY_LENGTH else place
        told = EVERYTHING if code == ALL else f"{code}{_REST}" if classes and code.isalpha() else code
        leaves[where, told, EVERYTHING if size == ALL else size] = count
    return leaves


def told_rows(protected: ProtectedTable, country: str) -> Iterator[Row]:
    """What is told of each cell that counts somebody, by the codes that readers see; in order."""
    for (place, code, size), told in protected.shown().items():
        yield (place or country, code or ALL, size or ALL, *_told(told[0]))


def _told(told: Told) -> tuple[int | None, int | None, int | None]:
    if told is None:
        return None, None, None
    if isinstance(told, tuple):
        return None, round(told[0]), round(told[1])
    return round(told), None, None
