"""How the values of a record stand in each kind of file."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import orjson

from services.registry.exchange import spreadsheet
from services.registry.exchange.columns import Column
from shared.spreadsheets import harmless

Write: TypeAlias = Callable[[Any], Any]

_EXACT_CENTS = 10**15


def money(minor: int) -> str:
    """An amount in units of its currency, with its two decimals."""
    return f"{'-' if minor < 0 else ''}{abs(minor) // 100}.{abs(minor) % 100:02}"


def _amount(minor: int) -> float | str:
    """The same as a number, where a number holds it to the cent."""
    return minor / 100 if abs(minor) < _EXACT_CENTS else money(minor)


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _yes(value: bool) -> str:
    return "si" if value else "no"


def _as_it_is(value: Any) -> Any:
    return value


def _joined(values: Any) -> str:
    return " ".join(map(str, values))


def _word(column: Column) -> Write:
    known: Mapping[str, str] = {} if column.words is None else column.words.of
    return lambda code: known.get(code, code)


def _several(column: Column) -> Write:
    word = _word(column)
    return lambda codes: " ".join(word(code) for code in codes)


def as_text(column: Column) -> Write:
    """For delimited text."""
    kinds: dict[str, Write] = {
        "id": str,
        "text": harmless,
        "whole": str,
        "real": repr,
        "money": money,
        "day": lambda day: day.isoformat(),
        "flag": _yes,
        "code": _word(column),
        "codes": _several(column),
        "numbers": _joined,
        "json": _json,
    }
    return kinds[column.kind]


def as_value(column: Column) -> Write:
    """For databases and JSON: numbers and truth values as what they are."""
    kinds: dict[str, Write] = {
        "id": str,
        "money": _amount,
        "day": lambda day: day.isoformat(),
        "code": _word(column),
        "codes": _several(column),
        "numbers": _joined,
        "json": _json,
    }
    return kinds.get(column.kind, _as_it_is)


def as_cell(column: Column, sheet: str) -> spreadsheet.Write:
    """For the cells of a sheet."""
    plain, number, text = spreadsheet.plain, spreadsheet.number, spreadsheet.text_of(sheet)
    flags, word = {True: plain("si"), False: plain("no")}, _word(column)
    codes = {} if column.words is None else {code: plain(told) for code, told in column.words.of.items()}
    kinds: dict[str, spreadsheet.Write] = {
        "id": lambda value: plain(str(value)),
        "text": text,
        "whole": number,
        "real": number,
        "money": lambda minor: number(minor / 100) if abs(minor) < _EXACT_CENTS else plain(money(minor)),
        "day": spreadsheet.day,
        "flag": flags.__getitem__,
        "code": lambda code: codes.get(code) or text(code),
        "codes": lambda several: text(" ".join(map(word, several))),
        "numbers": lambda several: plain(_joined(several)),
        "json": lambda value: text(_json(value)),
    }
    return kinds[column.kind]


def row_writer(
    columns: tuple[Column, ...], style: Callable[[Column], Write]
) -> Callable[[Mapping[str, Any]], list[Any]]:
    """Which makes of a row of a record the list of its cells; nothing told, and nothing in it, is None."""
    told = [(column.key, style(column)) for column in columns]

    def write(row: Mapping[str, Any]) -> list[Any]:
        return [None if (value := row[key]) is None or value == [] else put(value) for key, put in told]

    return write


def parts_as_json(columns: tuple[Column, ...]) -> Callable[[list[dict[str, Any]]], list[dict[str, Any]]]:
    """Which makes of a part of a record plain objects by the names of its columns; what is not told is left out."""
    told = [(column.name, column.key, as_value(column)) for column in columns]

    def write(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [
            {name: put(value) for name, key, put in told if (value := item[key]) is not None and value != []}
            for item in items
        ]

    return write
