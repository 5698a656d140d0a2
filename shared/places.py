"""The countries, departments and municipalities by their official codes.

`reference/places.csv` holds facts of the statistics institutes (INE Guatemala, BCR/CNR El Salvador, SINIT Honduras,
as gathered by OCHA COD-AB, 2018-2024); names are written with their accents. `reference/sv_division_2024.csv` says
which of El Salvador's municipalities became a district of which of the 44 (Ley Especial para la Reestructuración
Municipal, Decreto Legislativo 762 of 2023, in force since the 1st of May 2024); the law numbers none of the 44, their
codes here are ours: the department and where in it they lie.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

COUNTRY, DEPARTMENT, MUNICIPALITY = "country", "department", "municipality"
_SIZES = {COUNTRY: 2, DEPARTMENT: 4, MUNICIPALITY: 6}
"""How long the official codes of each level are: each begins with the code of what it lies in."""
LEVELS = tuple(_SIZES)
_COUNTRIES = "GT|HN|SV"
UNIT = rf"({_COUNTRIES})([0-9]{{2}}){{0,2}}"
"""How the official code of a country, a department or a municipality is written."""
MUNICIPALITY_CODE = rf"({_COUNTRIES})[0-9]{{4}}"

_FOLDER = Path(__file__).parent / "reference"
_FILE = _FOLDER / "places.csv"


@dataclass(frozen=True, slots=True)
class Division:
    """One of El Salvador's 44 municipalities since the 1st of May 2024; the 262 of before are its districts."""

    code: str
    name: str


@cache
def names() -> Mapping[str, str]:
    """The name of every country ("HN"), department ("HN17") and municipality ("HN1709") by its code."""
    with _FILE.open(encoding="utf-8", newline="") as lines:
        return MappingProxyType({row["code"]: row["name"] for row in csv.DictReader(lines)})


def level_of(code: str) -> str:
    """The level of an official code."""
    return next(level for level, size in _SIZES.items() if size == len(code))


def unit_at(code: str, level: str) -> str:
    """The unit of a level in which a smaller one lies; of its own level itself."""
    return code[: _SIZES[level]]


def units_at(level: str, inside: str = "") -> list[str]:
    """The official codes of a level, in order; those inside a larger unit where one is named."""
    return sorted(code for code in names() if len(code) == _SIZES[level] and code.startswith(inside))


def around(*codes: str) -> list[str]:
    """The units and those in which they lie, in order: HN, HN17, HN1709."""
    return sorted({code[:size] for code in codes for size in _SIZES.values() if size <= len(code)})


def around_all(codes: Sequence[str]) -> list[str]:
    """The units in which all of these lie, the largest first."""
    return [unit for unit in around(codes[0]) if all(code.startswith(unit) for code in codes)]


@cache
def municipalities() -> frozenset[str]:
    """The official codes of the 900 municipalities."""
    return frozenset(units_at(MUNICIPALITY))


@cache
def divisions_2024() -> Mapping[str, Division]:
    """The municipality of today in which each of El Salvador's 262 (its official code) is a district."""
    with (_FOLDER / "sv_division_2024.csv").open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines)
        return MappingProxyType({row["district"]: Division(row["code"], row["name"]) for row in rows})


def districts_of(division: str) -> list[str]:
    """The official codes of the districts of one of the 44; none for a code that is none of them."""
    return [district for district, of in divisions_2024().items() if of.code == division]


@cache
def every_name() -> Mapping[str, str]:
    """The names of all of them by their code, El Salvador's 44 among them."""
    return MappingProxyType({**names(), **{of.code: of.name for of in divisions_2024().values()}})


def name_of(code: str | None) -> str:
    """The name of a place, one of the 44 too; the code itself where it is unknown, nothing for no code."""
    return every_name().get(code, code) if code else ""


def full_name(municipality: str | None) -> str:
    """A municipality with its department, as one writes it: "San Lorenzo, Valle"."""
    return f"{name_of(municipality)}, {name_of(municipality[:4])}" if municipality else ""


def in_full(code: str | None) -> str:
    """A place as one writes it: a municipality with its department, the others by their name alone."""
    return full_name(code) if code in municipalities() else name_of(code)
