"""An export as a workbook: a sheet of enterprises, one for each of their parts, and what the columns are."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from services.registry.exchange import kobo
from services.registry.exchange.columns import DOCUMENTATION, ID, MAIN, PARTS, Column, Shape
from services.registry.exchange.spreadsheet import Spreadsheet, spreadsheet
from services.registry.exchange.values import as_cell, row_writer


def write_xlsx(path: Path, shape: Shape, records: Iterable[Mapping[str, Any]]) -> None:
    """A sheet for each part, whose rows name their record."""
    with spreadsheet(path) as book:
        main = book.sheet(MAIN, [column.name for column in shape.main])
        rows = row_writer(shape.main, as_cell)
        parts = _part_sheets(book, shape)
        _document(book, shape)
        for record in records:
            row = record[MAIN][0]
            main(rows(row))
            for put in parts:
                put(record, row["id"])


def write_kobo_xlsx(path: Path, shape: Shape, records: Iterable[Mapping[str, Any]]) -> None:
    """The sheets of KoboToolbox, then those of the parts that its form does not ask for."""
    sheet = kobo.main_sheet(shape)
    style = [as_cell(column) for column in sheet.columns]
    with spreadsheet(path) as book:
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
            main([*cells, number])
            products(record, number)
            for write in parts:
                write(record, row["id"])


_Put = Callable[[Mapping[str, Any], Any], None]


def _part_sheets(book: Spreadsheet, shape: Shape, besides: Sequence[str] = ()) -> list[_Put]:
    return [_part_sheet(book, name, columns) for name, columns in shape.parts.items() if name not in besides]


def _part_sheet(book: Spreadsheet, name: str, columns: tuple[Column, ...]) -> _Put:
    sheet = book.sheet(name, [ID, *(column.name for column in columns)])
    rows = row_writer(columns, as_cell)

    def put(record: Mapping[str, Any], key: Any) -> None:
        for item in record[name]:
            sheet([str(key), *rows(item)])

    return put


def _kobo_products(book: Spreadsheet, shape: Shape) -> _Put:
    columns = shape.parts["productos"]
    named = [kobo.PRODUCT_HEADERS.get(column.name, kobo.OURS + column.name) for column in columns]
    sheet = book.sheet(kobo.PRODUCTS, [*named, kobo.INDEX, kobo.PARENT_TABLE, kobo.PARENT, ID])
    rows = row_writer(columns, as_cell)
    count = 0

    def put(record: Mapping[str, Any], parent: int) -> None:
        nonlocal count
        for item in record["productos"]:
            count += 1
            sheet([*rows(item), count, kobo.SHEET, parent, str(record[MAIN][0]["id"])])

    return put


def _document(book: Spreadsheet, shape: Shape) -> None:
    """The last sheet: each column, what it says, and its words."""
    sheet = book.sheet(DOCUMENTATION, ["hoja", "columna", "significado", "meaning", "respuestas"])
    said = {part.name: part.says for part in PARTS}
    for table, columns in ((MAIN, shape.main), *shape.parts.items()):
        if table in said:
            sheet([table, None, *said[table], None])
        for column in columns:
            sheet([table, column.name, *column.says, column.words.listed if column.words else None])
