"""An export as a workbook: a sheet of enterprises, one for each of their parts, and what the columns are."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from services.registry.exchange import kobo
from services.registry.exchange.columns import DOCUMENTATION, ID, MAIN, PARTS, Column, Shape
from services.registry.exchange.spreadsheet import Spreadsheet, number, plain, spreadsheet, text_of
from services.registry.exchange.values import as_cell


def write_xlsx(path: Path, shape: Shape, records: Iterable[Mapping[str, Any]]) -> None:
    """A sheet for each part, whose rows name their record."""
    keys = [column.key for column in shape.main]
    with spreadsheet(path) as book:
        named = [column.name for column in shape.main]
        main = book.sheet(MAIN, named, [as_cell(column, MAIN) for column in shape.main])
        parts = _part_sheets(book, shape)
        _document(book, shape)
        for record in records:
            row = record[MAIN][0]
            main([row[key] for key in keys])
            for put in parts:
                put(record, row["id"])


def write_kobo_xlsx(path: Path, shape: Shape, records: Iterable[Mapping[str, Any]]) -> None:
    """The sheets of KoboToolbox, then those of the parts that its form does not ask for."""
    sheet = kobo.main_sheet(shape)
    with spreadsheet(path) as book:
        cells = [as_cell(column, kobo.SHEET) for column in sheet.columns]
        main = book.sheet(kobo.SHEET, [*sheet.headers, kobo.INDEX], [*cells, number])
        products = _kobo_products(book, shape)
        parts = _part_sheets(book, shape, besides=("productos",))
        _document(book, shape)
        for count, record in enumerate(records, start=1):
            row = record[MAIN][0]
            main([*sheet.cells(row), count])
            products(record, count)
            for write in parts:
                write(record, row["id"])


_Put = Callable[[Mapping[str, Any], Any], None]


def _part_sheets(book: Spreadsheet, shape: Shape, besides: Sequence[str] = ()) -> list[_Put]:
    return [_part_sheet(book, name, columns) for name, columns in shape.parts.items() if name not in besides]


def _part_sheet(book: Spreadsheet, name: str, columns: tuple[Column, ...]) -> _Put:
    cells = [plain, *(as_cell(column, name) for column in columns)]
    sheet = book.sheet(name, [ID, *(column.name for column in columns)], cells)
    keys = [column.key for column in columns]

    def put(record: Mapping[str, Any], key: Any) -> None:
        for item in record[name]:
            sheet([str(key), *[item[key] for key in keys]])

    return put


def _kobo_products(book: Spreadsheet, shape: Shape) -> _Put:
    columns = shape.parts["productos"]
    named = [kobo.PRODUCT_HEADERS.get(column.name, kobo.OURS + column.name) for column in columns]
    cells = [as_cell(column, kobo.PRODUCTS) for column in columns]
    sheet = book.sheet(
        kobo.PRODUCTS,
        [*named, kobo.INDEX, kobo.PARENT_TABLE, kobo.PARENT, ID],
        [*cells, number, plain, number, plain],
    )
    keys = [column.key for column in columns]
    count = 0

    def put(record: Mapping[str, Any], parent: int) -> None:
        nonlocal count
        for item in record["productos"]:
            count += 1
            sheet([*[item[key] for key in keys], count, kobo.SHEET, parent, str(record[MAIN][0]["id"])])

    return put


def _document(book: Spreadsheet, shape: Shape) -> None:
    """The last sheet: each column, what it says, and its words."""
    headers = ["hoja", "columna", "significado", "meaning", "respuestas"]
    sheet = book.sheet(DOCUMENTATION, headers, [text_of(DOCUMENTATION)] * len(headers))
    said = {part.name: part.says for part in PARTS}
    for table, columns in ((MAIN, shape.main), *shape.parts.items()):
        if table in said:
            sheet([table, None, *said[table], None])
        for column in columns:
            sheet([table, column.name, *column.says, column.words.listed if column.words else None])
