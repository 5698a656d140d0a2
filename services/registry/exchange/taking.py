"""How a cell of an export is understood: exactly as it was written, or not at all."""

import math
import re
import unicodedata
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson

from services.registry.codes import languages
from services.registry.exchange.columns import Column
from services.registry.exchange.guard import as_written
from services.registry.exchange.prints import is_fit
from services.registry.intake import cells, form
from services.registry.intake.cells import Unreadable, shown
from shared.incoming import check_text
from shared.kernel import Invalid

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_NUMBER = re.compile(r"-?\d{1,30}(?:[.,]\d{1,30})?(?:[eE][+-]?\d{1,3})?", re.ASCII)
_MOST_MINOR = 2**63
_MOST_WORDS = 60


def taken(column: Column, cell: Any, *, guarded: bool) -> Any:
    """The value of a cell, None where nothing stands in it; raises `Unreadable`. `guarded` is a file whose texts were
    made harmless for spreadsheets.
    """
    if cell is None or cell == "":
        return None
    return _KINDS[column.kind](column, as_written(cell) if guarded and isinstance(cell, str) else cell)


def _text(column: Column, cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        cell = str(int(cell))
    text = str(cell) if isinstance(cell, int) and not isinstance(cell, bool) else cell
    if not isinstance(text, str):
        raise Unreadable("cell.unsafe_characters")
    if len(text) > column.size:
        raise Unreadable("cell.too_long", text[: column.size], maximum=column.size)
    try:
        check_text(text)
    except Invalid:
        if any(unicodedata.category(char) in _UNSAFE and char not in "\t\r\n" for char in text):
            raise Unreadable("cell.unsafe_characters") from None
    return text if text.strip() else _nothing()


def _nothing() -> str:
    raise Unreadable("cell.required")


def _id(_column: Column, cell: Any) -> str:
    if not isinstance(cell, str) or not _UUID.fullmatch(cell.casefold()):
        raise Unreadable("cell.unknown_choice", value=shown(cell), choices="UUID")
    return cell.casefold()


def _whole(column: Column, cell: Any) -> int:
    return cells.whole(cell, *column.size)


def _real(column: Column, cell: Any) -> float:
    low, high = column.size
    try:
        number = float(_written(cell))
    except (InvalidOperation, OverflowError):
        raise Unreadable("cell.not_a_number", value=shown(cell)) from None
    if not math.isfinite(number):
        raise Unreadable("cell.not_a_number", value=shown(cell))
    if not low <= number <= high:
        raise Unreadable("cell.out_of_range", value=shown(cell), low=f"{low:g}", high=f"{high:g}")
    return number


def _money(_column: Column, cell: Any) -> int:
    try:
        minor = Decimal(_written(cell)) * 100
        if minor == minor.to_integral_value() and 0 <= minor < _MOST_MINOR:
            return int(minor)
    except InvalidOperation:
        pass  # told below, with every other cell that is no amount
    raise Unreadable("cell.not_an_amount", value=shown(cell))


def _written(cell: Any) -> str:
    """A number as one writes it, with its decimal point."""
    plain = isinstance(cell, int | float) and not isinstance(cell, bool)
    written = repr(cell) if plain else str(cell).strip()
    if not _NUMBER.fullmatch(written):
        raise InvalidOperation
    return written.replace(",", ".")


def _day(_column: Column, cell: Any) -> date:
    return cells.day(cell)


def _flag(_column: Column, cell: Any) -> bool:
    if isinstance(cell, int | float) and cell in {0, 1}:
        return bool(cell)
    return cells.choice(str(cell), form.YES_NO)


def _code(column: Column, cell: Any) -> str:
    known = {} if column.words is None else column.words.codes
    code = known.get(str(cell).strip())
    if code is None:
        listed = "" if column.words is None else column.words.listed
        raise Unreadable("cell.unknown_choice", value=shown(cell), choices=listed)
    return code


def _codes(column: Column, cell: Any) -> list[str]:
    written = str(cell).split()[:_MOST_WORDS]
    known = {code: code for code in languages()} if column.words is None else column.words.codes
    found = [known[word] for word in written if word in known]
    if column.words is not None:
        found = sorted(set(found))
    if unknown := [word for word in written if word not in known]:
        listed = "ISO 639-3" if column.words is None else column.words.listed
        raise Unreadable("cell.unknown_choice", found, value=shown(unknown[0]), choices=listed)
    return found


def _numbers(column: Column, cell: Any) -> list[int]:
    text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
    return [cells.whole(word, *column.size) for word in text.split()[:_MOST_WORDS]]


def _json(_column: Column, cell: Any) -> dict[str, Any] | None:
    try:
        found = orjson.loads(cell) if isinstance(cell, str) else cell
    except orjson.JSONDecodeError:
        found = cell
    if not (isinstance(found, dict) and is_fit(found)):
        raise Unreadable("cell.unknown_choice", value=shown(cell), choices="JSON")
    return found


_KINDS: dict[str, Callable[[Column, Any], Any]] = {
    "id": _id,
    "text": _text,
    "whole": _whole,
    "real": _real,
    "money": _money,
    "day": _day,
    "flag": _flag,
    "code": _code,
    "codes": _codes,
    "numbers": _numbers,
    "json": _json,
}
