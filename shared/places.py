"""The countries, departments and municipalities by their official codes.

`reference/places.csv` holds facts of the statistics institutes (INE Guatemala, BCR/CNR El Salvador, SINIT Honduras,
as gathered by OCHA COD-AB, 2018-2024); names are written with their accents.
"""

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

_FILE = Path(__file__).parent / "reference" / "places.csv"


@cache
def names() -> Mapping[str, str]:
    """The name of every country ("HN"), department ("HN17") and municipality ("HN1709") by its code."""
    with _FILE.open(encoding="utf-8", newline="") as lines:
        return MappingProxyType({row["code"]: row["name"] for row in csv.DictReader(lines)})


@cache
def municipalities() -> frozenset[str]:
    """The official codes of the 900 municipalities."""
    return frozenset(code for code in names() if len(code) == 6)


def name_of(code: str | None) -> str:
    """The name of a place; the code itself where it is unknown, nothing for no code."""
    return names().get(code, code) if code else ""


def full_name(municipality: str | None) -> str:
    """A municipality with its department, as one writes it: "San Lorenzo, Valle"."""
    return f"{name_of(municipality)}, {name_of(municipality[:4])}" if municipality else ""
