"""An export as a workbook: a sheet of enterprises, one for each of their parts, and what the columns are."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter

from services.registry.exchange import kobo
from services.registry.exchange.columns import DOCUMENTATION, ID, MAIN, PARTS, Column, Shape
from services.registry.exchange.guard import computed, in_workbook
from services.registry.exchange.values import as_cell, row_writer
from shared.kernel import Refused

_MOST_ROWS = 1_048_575
_LONGEST = 32_767
_FIRST_DAY = date(1900, 3, 1)
"""Spreadsheets count days from here without mistake."""


def write_xlsx(path: Path, shape: Shape, records: Iterable[Mapping[str, Any]]) -> None:
    """A sheet for each part, whose rows name their record."""
    with _workbook(path) as book:
        main = book.sheet(MAIN, [column.name for column in shape.main])
        rows = row_writer(shape.main, as_cell)
        parts = _part_sheets(book, shape)
        _document(book, shape)
        for record in records:
            row = record[MAIN][0]
            main.append(rows(row))
            for put in parts:
                put(record, row["id"])


def write_kobo_xlsx(path: Path, shape: Shape, records: Iterable[Mapping[str, Any]]) -> None:
    """The sheets of KoboToolbox, then those of the parts that its form does not ask for."""
    sheet = kobo.main_sheet(shape)
    style = [as_cell(column) for column in sheet.columns]
    with _workbook(path) as book:
        main = book.sheet(kobo.SHEET, [*sheet.headers, kobo.INDEX])
        products = _kobo_products(book, shape)
        parts = _part_sheets(book, shape, besides=("productos",))
        _document(book, shape)
        for number, record in enumerate(records, start=1):
            row = record[MAIN][0]
            cells = [
                None if cell is None or cell == [] else put(cell)
                for put, cell in zip(style, sheet.cells(row), strict=True)
            ]
            main.append([*cells, number])
            products(record, number)
            for write in parts:
                write(record, row["id"])


class _Sheet:
    """One sheet, written row after row."""

    def __init__(self, book: Any, formats: Mapping[str, Any], name: str, headers: Sequence[str]) -> None:
        self._sheet = book.add_worksheet(name)
        self._name, self._formats, self._row = name, formats, 0
        self._sheet.freeze_panes(1, 0)
        for at, header in enumerate(headers):
            self._sheet.write_string(0, at, header, formats["heading"])

    def append(self, cells: Sequence[Any]) -> None:
        self._row += 1
        if self._row > _MOST_ROWS:
            raise Refused("export.sheet_full", sheet=self._name, maximum=_MOST_ROWS)
        row, sheet = self._row, self._sheet
        for at, cell in enumerate(cells):
            if cell is None:
                continue
            if isinstance(cell, str):
                self._text(row, at, cell)
            elif isinstance(cell, date):
                self._day(row, at, cell)
            elif isinstance(cell, float) and float(f"{cell:.16G}") != cell:
                sheet.write_string(row, at, repr(cell))  # a workbook would keep one digit less
            else:
                sheet.write_number(row, at, cell)

    def _text(self, row: int, at: int, text: str) -> None:
        safe = in_workbook(text)
        if len(safe) > _LONGEST:
            raise Refused("export.cell_full", sheet=self._name, maximum=_LONGEST)
        if computed(safe):
            self._sheet.write_string(row, at, safe, self._formats["text"])
        else:
            self._sheet.write_string(row, at, safe)

    def _day(self, row: int, at: int, day: date) -> None:
        if day < _FIRST_DAY:
            self._sheet.write_string(row, at, day.isoformat())
        else:
            self._sheet.write_datetime(row, at, day, self._formats["day"])


class _Book:
    def __init__(self, book: Any) -> None:
        self._book = book
        self._formats = {
            "heading": book.add_format({"bold": True, "bg_color": "#e9eef0"}),
            "day": book.add_format({"num_format": "yyyy-mm-dd"}),
            # Typed anew in its cell, such a text stays text.
            "text": book.add_format({"quote_prefix": True}),
        }

    def sheet(self, name: str, headers: Sequence[str]) -> _Sheet:
        return _Sheet(self._book, self._formats, name, headers)


@contextmanager
def _workbook(path: Path) -> Any:
    options = {"constant_memory": True, "strings_to_urls": False, "tmpdir": str(path.parent)}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.use_zip64()
        yield _Book(book)


_Put = Callable[[Mapping[str, Any], Any], None]


def _part_sheets(book: _Book, shape: Shape, besides: Sequence[str] = ()) -> list[_Put]:
    return [_part_sheet(book, name, columns) for name, columns in shape.parts.items() if name not in besides]


def _part_sheet(book: _Book, name: str, columns: tuple[Column, ...]) -> _Put:
    sheet = book.sheet(name, [ID, *(column.name for column in columns)])
    rows = row_writer(columns, as_cell)

    def put(record: Mapping[str, Any], key: Any) -> None:
        for item in record[name]:
            sheet.append([str(key), *rows(item)])

    return put


def _kobo_products(book: _Book, shape: Shape) -> _Put:
    columns = shape.parts["productos"]
    named = [kobo.PRODUCT_HEADERS.get(column.name, kobo.OURS + column.name) for column in columns]
    sheet = book.sheet(kobo.PRODUCTS, [*named, kobo.INDEX, kobo.PARENT_TABLE, kobo.PARENT, ID])
    rows = row_writer(columns, as_cell)
    count = 0

    def put(record: Mapping[str, Any], parent: int) -> None:
        nonlocal count
        for item in record["productos"]:
            count += 1
            sheet.append([*rows(item), count, kobo.SHEET, parent, str(record[MAIN][0]["id"])])

    return put


def _document(book: _Book, shape: Shape) -> None:
    """The last sheet: each column, what it says, and its words."""
    sheet = book.sheet(DOCUMENTATION, ["hoja", "columna", "significado", "meaning", "respuestas"])
    said = {part.name: part.says for part in PARTS}
    for table, columns in ((MAIN, shape.main), *shape.parts.items()):
        if table in said:
            sheet.append([table, None, *said[table], None])
        for column in columns:
            sheet.append([table, column.name, *column.says, column.words.listed if column.words else None])
