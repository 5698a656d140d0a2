"""Which column of a file holds the official codes, guessed from what stands in the columns, not from their names."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.territory.reference import municipalities
from shared import places

COUNTRIES = ("GT", "HN", "SV")
MARGIN = 0.15
"""Degrees around a shape inside which the reference centroid of its code is looked for."""
_WHOLE = re.compile(r"[A-Z]{2}[0-9]{4}")
_DIGITS = re.compile(r"[0-9]{1,6}(\.0)?")


@dataclass(frozen=True)
class Reading:
    """How the file is to be read: the column of the codes, the country of codes without one, the column of names."""

    code: str
    country: str | None
    name: str | None = None
    matched: int = 0


def official_code(value: object, country: str | None) -> str | None:
    """`"HN0301"`, `"0301"`, `301.0` and `"030100"` (with a country) are all HN0301; None for what is no code."""
    text = str(value).strip().upper()
    if _WHOLE.fullmatch(text):
        return text
    if country is None or not _DIGITS.fullmatch(text):
        return None
    digits = text.removesuffix(".0")
    if len(digits) > 4:
        digits = digits.zfill(6)
        if not digits.endswith("00"):
            return None
        digits = digits[:4]
    return country + digits.zfill(4)


def guess(
    columns: Mapping[str, Sequence[Any]], boxes: Sequence[Sequence[float]], country: str | None
) -> Reading | None:
    """The reading under which most shapes lie where their code says; None when no column fits at least one shape."""
    readings = [
        Reading(column, prefix, matched=_in_place(values, boxes, prefix))
        for column, values in columns.items()
        for prefix in ((country,) if country else (None, *COUNTRIES))
    ]
    best = max(readings, key=lambda reading: reading.matched, default=None)
    if best is None or best.matched == 0:
        return None
    codes = [official_code(value, best.country) for value in columns[best.code]]
    return Reading(best.code, best.country, _names(columns, codes), best.matched)


def _in_place(values: Sequence[Any], boxes: Sequence[Sequence[float]], country: str | None) -> int:
    """How many shapes have the reference centroid of their code in (or near) their bounding box."""
    known = municipalities()
    found = set()
    for value, (west, south, east, north) in zip(values, boxes, strict=True):
        unit = known.get(official_code(value, country) or "")
        if unit and west - MARGIN <= unit.lon <= east + MARGIN and south - MARGIN <= unit.lat <= north + MARGIN:
            found.add(unit.code)
    return len(found)


def _names(columns: Mapping[str, Sequence[Any]], codes: Sequence[str | None]) -> str | None:
    """The column in which most rows have the name of their municipality."""

    def agreeing(values: Sequence[Any]) -> int:
        return sum(same_name(value, code) for value, code in zip(values, codes, strict=True) if code)

    best = max(columns, key=lambda column: agreeing(columns[column]), default=None)
    return best if best and agreeing(columns[best]) else None


def same_name(value: object, code: str) -> bool:
    """Whether a name is the municipality's, accents and capitals aside."""
    return plain(str(value)) == plain(places.name_of(code))


def plain(name: str) -> str:
    """A name without accents, capitals and doubled spaces: what two ways to write it have in common."""
    import unicodedata

    letters = unicodedata.normalize("NFD", name.casefold())
    return " ".join("".join(c for c in letters if not unicodedata.combining(c)).split())


def free_names(names: Sequence[str], taken: Collection[str]) -> list[str]:
    """The names of columns, longer where they are `taken` or where another differs by its capitals alone: formats tell
    such columns not apart.
    """
    found: list[str] = []
    used = set(taken)
    for name in names:
        free = name
        while free.lower() in used:
            free += "_"
        used.add(free.lower())
        found.append(free)
    return found
