"""How a cell of a field form is understood: text, whole numbers, money, days and choices."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from services.registry.intake.answers import Choices
from shared.workbooks import Cell

T = TypeVar("T")

LONGEST_TEXT = 200
_EXCEL_EPOCH = date(1899, 12, 30)
_NUMBER = re.compile(r"-?\d{1,15}(?:[.,]\d+)?")
_NOTHING = frozenset({"", "n/a", "#n/a"})
_LONGEST_NOTHING = max(map(len, _NOTHING))
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:\s.*)?")
_TICKS = {"0": False, "1": True, "false": False, "true": True, "falso": False, "verdadero": True}
_UNSAFE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


class Unreadable(Exception):  # noqa: N818 - an answer about a cell, not an error of the program
    """A cell does not hold what its column asks for; `instead` is what is kept of it."""

    def __init__(self, code: str, instead: object = None, **facts: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.instead = instead
        self.facts = facts


def is_blank(cell: Cell | None) -> bool:
    """Whether nothing was answered; old exporters write so."""
    if not isinstance(cell, str):
        return cell is None
    written = cell.strip()
    return len(written) <= _LONGEST_NOTHING and written.casefold() in _NOTHING


def text(cell: Cell, longest: int = LONGEST_TEXT) -> str:
    """The trimmed text of at most `longest` characters; a number that should have been text is written without its
    decimal point.
    """
    safe, as_written = _safe(cell)
    if not as_written:
        raise Unreadable("cell.unsafe_characters", safe[:longest])
    if len(safe) > longest:
        raise Unreadable("cell.too_long", safe[:longest], maximum=longest)
    return safe


def meant(cell: Cell, meaning: Callable[[str], T], longest: int = LONGEST_TEXT) -> T:
    """The `meaning` of the text of a cell, which decides over more than words: characters that nobody sees do not
    change it, and are noted; text that is too long, or has no others, means nothing.
    """
    safe, as_written = _safe(cell)
    if len(safe) > longest:
        raise Unreadable("cell.too_long", maximum=longest)
    if as_written:
        return meaning(safe)
    raise Unreadable("cell.unsafe_characters", meaning(safe) if safe else None)


def _safe(cell: Cell) -> tuple[str, bool]:
    """The trimmed text without characters that nobody sees, and whether it is all that was written."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    written = unicodedata.normalize("NFC", str(cell))
    if written.isprintable():
        return written.strip(), True
    safe = _without_unsafe(written).strip()
    return safe, safe == written.strip()


def _without_unsafe(written: str) -> str:
    return "".join(char for char in written if unicodedata.category(char) not in _UNSAFE_CATEGORIES)


def whole(cell: Cell, low: int, high: int) -> int:
    """A whole number from `low` to `high`; 3.7 is none and neither is a date."""
    try:
        number = _decimal(cell)
    except InvalidOperation:
        raise Unreadable("cell.not_a_whole_number", value=shown(cell)) from None
    if number != number.to_integral_value():
        raise Unreadable("cell.not_a_whole_number", value=shown(cell))
    if not low <= number <= high:
        raise Unreadable("cell.out_of_range", value=shown(cell), low=low, high=high)
    return int(number)


def cents(cell: Cell) -> int:
    """An amount of money in minor units; more than two decimals are not money."""
    try:
        minor = _decimal(cell) * 100
    except InvalidOperation:
        raise Unreadable("cell.not_an_amount", value=shown(cell)) from None
    if minor != minor.to_integral_value() or not 0 <= minor < 10**15:
        raise Unreadable("cell.not_an_amount", value=shown(cell))
    return int(minor)


def degrees(cell: Cell) -> float:
    """A coordinate or a distance as written by the device."""
    try:
        return float(_decimal(cell))
    except InvalidOperation:
        raise Unreadable("cell.not_a_number", value=shown(cell)) from None


def day(cell: Cell) -> date:
    """A calendar day: a date cell, ISO text, day/month/year, or the number a spreadsheet keeps for a date."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    try:
        if isinstance(cell, str):
            if written := _DAY_FIRST.fullmatch(cell.strip()):
                return date(int(written[3]), int(written[2]), int(written[1]))
            return date.fromisoformat(cell.strip()[:10])
        if isinstance(cell, int | float) and not isinstance(cell, bool) and 1 <= cell < 100_000:
            return _EXCEL_EPOCH + timedelta(days=int(cell))
    except ValueError:
        pass  # told below, with every other cell that is no day
    raise Unreadable("cell.not_a_day", value=shown(cell))


def choice(cell: Cell, choices: Choices[T]) -> T:
    """What a coded answer means, written as its code or as its label."""

    def meaning(written: str) -> T:
        code = choices.code_of(written)
        if code is None:
            raise Unreadable("cell.unknown_choice", value=shown(cell), choices=", ".join(choices.codes))
        return choices.meanings[code]

    return meant(cell, meaning)


def ticked(cell: Cell) -> bool:
    """Whether a column of a multiple choice is marked: 0/1, or true/false."""
    return cell if isinstance(cell, bool) else meant(cell, _tick)


def _tick(written: str) -> bool:
    marked = _TICKS.get(written.casefold())
    if marked is None:
        raise Unreadable("cell.unknown_choice", value=shown(written), choices="0, 1")
    return marked


def shown(cell: Cell) -> str:
    """A short form of what stands in the cell, to be named in a message."""
    safe = _without_unsafe(str(cell))
    return safe if len(safe) <= 40 else safe[:39] + "…"


def _decimal(cell: Cell) -> Decimal:
    if isinstance(cell, bool) or not isinstance(cell, int | float | str):
        raise InvalidOperation
    written = repr(cell) if isinstance(cell, int | float) else cell.strip()
    if isinstance(cell, str) and not (_NUMBER.fullmatch(written) and written.isascii()):
        raise InvalidOperation
    number = Decimal(written.replace(",", "."))
    if not number.is_finite():
        raise InvalidOperation
    return number
