"""What the cells of a table that a bank or an operator made say: days, amounts, words; and which column is which."""

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from services.credit.rules.statement_file import Cell

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            *(("ene", "jan"), ("feb",), ("mar",), ("abr", "apr"), ("may",), ("jun",)),
            *(("jul",), ("ago", "aug"), ("sep", "set"), ("oct",), ("nov",), ("dic", "dec")),
        ),
        start=1,
    )
    for name in names
}
HEADER_WITHIN = 40
"""The header stands within so many rows."""
_SAMPLES = 5
_MONEY_WORDS = re.compile(r"(US\$|USD|GTQ|HNL|LPS?\.?|Q\.?|L\.|L|\$)", re.IGNORECASE)
_NUMBER = re.compile(
    r"(?P<whole>[0-9]+|[0-9]{1,3}(?P<mark>[,.' ])[0-9]{3}((?P=mark)[0-9]{3})*)((?P<point>[.,])(?P<cents>[0-9]{1,2}))?"
)
_DAY = re.compile(r"([0-9]{1,4})[/.\- ]([0-9]{1,2}|[A-Za-z]{3,10})[/.\- ]([0-9]{2,4})(?:[ T].*)?")
MOST = 10**15
"""The largest amount that is read, in cents."""


def cents(cell: Cell) -> int | None:
    """The cents of a cell: a number, or `1,250.00`, `1.250,00`, `(125.00)`, `125.00-`, `Q 125.00`, `125.00 DB`; None
    for what can be read in two ways or in none.
    """
    if isinstance(cell, int | float):
        if not math.isfinite(cell):
            return None
        exact = Decimal(repr(cell)) * 100
        near = exact.to_integral_value()
        return int(near) if abs(exact - near) < Decimal("0.0001") else None
    if not isinstance(cell, str):
        return None
    text = _MONEY_WORDS.sub("", cell.upper()).strip()
    sign = -1 if re.search(r"^\(.*\)$|^-|-$|\bD[BR]$", text) else 1
    text = re.sub(r"\b(DB|DR|CR)$", "", text).strip().strip("()+-").strip()
    number = _NUMBER.fullmatch(text)
    if number is None or (number["mark"] and number["mark"] == number["point"]):
        return None
    if number["mark"] == "." and not number["point"]:
        return None  # 1.250 is a thousand to some and one to others
    whole = re.sub(r"[^0-9]", "", number["whole"])
    return sign * (int(whole) * 100 + int((number["cents"] or "0").ljust(2, "0")))


def day_of(cell: Cell, day_first: bool) -> date | None:
    """The day of a cell, written in one of the ways of the region; None where it is none."""
    if isinstance(cell, date):
        return cell
    found = _DAY.fullmatch(cell.strip()) if isinstance(cell, str) else None
    if found is None:
        return None
    first, middle, last = found.groups()
    month = _MONTHS.get(middle[:3].lower(), 0) if middle.isalpha() else int(middle)
    if len(first) == 4:
        year, day = int(first), int(last)
    else:
        year, day = int(last) + (2000 if len(last) == 2 else 0), int(first)
        if not day_first and not middle.isalpha():
            month, day = day, month
    try:
        return date(year, month, day) if 1990 <= year <= 2200 else None
    except ValueError:
        return None


def days_come_first(rows: Sequence[Sequence[Cell]], begins: int, column: int | None) -> bool:
    """Days come before months, as the region writes, unless more rows can be read the other way."""
    cells = [at(row, column) for row in rows[begins:]]
    readable = {first: sum(day_of(cell, first) is not None for cell in cells) for first in (True, False)}
    return readable[True] >= readable[False]


def named(row: Sequence[Cell], words: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """The columns that a header names, by the words a field goes by; a column is one field, the first that fits."""
    found: dict[str, int] = {}
    for column, cell in enumerate(row):
        text = _folded(clean(cell)) if isinstance(cell, str) else ""
        for name, known in words.items():
            if name not in found and any(re.search(rf"\b{word}", text) for word in known):
                found[name] = column
                break
    return found


def samples(rows: Sequence[Sequence[Cell]], begins: int) -> dict[str, Any]:
    """The titles of the columns and some of their cells, to be looked at."""
    width = max(map(len, rows))
    head = rows[begins - 1] if begins else ()
    shown = [row for row in rows[begins:] if any(cell is not None for cell in row)][:_SAMPLES]
    return {
        "titles": [clean(head[column]) if column < len(head) else "" for column in range(width)],
        "samples": [[clean(row[column]) if column < len(row) else "" for column in range(width)] for row in shown],
    }


def at(row: Sequence[Cell], column: int | None) -> Cell:
    """The cell of a row in that column; None where there is none."""
    return row[column] if column is not None and column < len(row) else None


def clean(cell: Cell) -> str:
    """The cell as one line of text without what cannot be seen."""
    text = "" if cell is None else str(cell)
    return " ".join("".join(" " if unicodedata.category(sign)[0] == "C" else sign for sign in text).split())


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.lower())
    return "".join(sign for sign in plain if not unicodedata.combining(sign))
