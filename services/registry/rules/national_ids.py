"""What a national identity number tells about itself in Guatemala, El Salvador and Honduras."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import date
from typing import Literal

Kind = Literal["dpi", "dui", "dni"]

KINDS: tuple[Kind, ...] = ("dpi", "dui", "dni")
KIND_OF_COUNTRY: dict[str, Kind] = {"GT": "dpi", "SV": "dui", "HN": "dni"}
LENGTHS: dict[Kind, int] = {"dpi": 13, "dui": 9, "dni": 13}

_SEPARATORS = str.maketrans("", "", " -.\u00a0\u2010\u2011\u2012\u2013\u2014")
_EARLIEST_YEAR = 1900


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a number: a code of the catalogues and what its sentence needs."""

    code: str
    facts: dict[str, str | int]


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Who says that a number is right although something is wrong with it; `by` is the account of `by_name`."""

    by: str
    by_name: str
    on: date
    because: str


def normalised(kind: Kind, written: str | float) -> str:
    """The bare number. Separators go; a number that a spreadsheet took for a quantity gets its zeros back."""
    if isinstance(written, str):
        return written.translate(_SEPARATORS)
    return str(int(written)).zfill(LENGTHS[kind])


def examine(kind: Kind, number: str, *, municipalities: Container[str], year: int) -> Finding | None:
    """The first thing wrong with a normalised number, or None.

    `municipalities` holds official codes with their country ("GT0101"); `year` is the year of today.
    """
    if not (number.isascii() and number.isdecimal()):
        return Finding("national_id.characters", {"kind": kind.upper()})
    if len(number) != LENGTHS[kind]:
        return Finding("national_id.length", {"kind": kind.upper(), "length": len(number), "expected": LENGTHS[kind]})
    if set(number) == {"0"}:
        return Finding("national_id.characters", {"kind": kind.upper()})
    if kind == "dui":
        return None if dui_digit(number) == int(number[8]) else _wrong_digit(kind)
    if kind == "dpi":
        return _examine_dpi(number, municipalities)
    return _examine_dni(number, municipalities, year)


def dui_digit(number: str) -> int:
    """The check digit of a Salvadoran DUI: weights 9 to 2 over the first eight digits, complement to ten.

    Source: Registro Nacional de las Personas Naturales, Documento Único de Identidad; it misses 11 % of single
    wrong digits, so a right check digit is no proof of the person.
    """
    return -sum(int(digit) * weight for digit, weight in zip(number, range(9, 1, -1), strict=False)) % 10


def cui_digit(number: str) -> int:
    """The check digit of a Guatemalan CUI: weights 2 to 9 over the first eight digits, modulo 11.

    Source: Registro Nacional de las Personas (RENAP), Código Único de Identificación. Ten is never issued.
    """
    return sum(int(digit) * weight for digit, weight in zip(number, range(2, 10), strict=False)) % 11


def masked(number: str) -> str:
    """The number with all but its last three digits hidden, to be recognised and not copied."""
    return "•" * max(len(number) - 3, 0) + number[-3:]


def _examine_dpi(number: str, municipalities: Container[str]) -> Finding | None:
    if cui_digit(number) != int(number[8]):
        return _wrong_digit("dpi")
    # The last four digits are department and municipality of birth.
    if f"GT{number[9:]}" not in municipalities:
        return Finding("national_id.place", {"kind": "DPI", "place": number[9:]})
    return None


def _examine_dni(number: str, municipalities: Container[str], year: int) -> Finding | None:
    # A DNI has no check digit: department and municipality of registration, its year, a sequence number.
    if f"HN{number[:4]}" not in municipalities:
        return Finding("national_id.place", {"kind": "DNI", "place": number[:4]})
    registered = int(number[4:8])
    if not _EARLIEST_YEAR <= registered <= year:
        return Finding("national_id.year", {"kind": "DNI", "year": number[4:8]})
    return None


def _wrong_digit(kind: Kind) -> Finding:
    return Finding("national_id.check_digit", {"kind": kind.upper()})
