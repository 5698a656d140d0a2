"""Where the questions of the form stand in the tables of a file."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.registry.intake import form, own_form
from services.registry.intake.cells import is_blank
from services.registry.intake.guessing import columns_of, header_row
from shared.kernel import Invalid
from shared.workbooks import Cell, Sheet

_REPEATS = tuple(own_form.REPEATS.items())
_KNOWN_AT_LEAST = 2
"""So many columns must be guessed before people are asked about the others."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the columns of one sheet stand: field -> position, position -> header as the user sees it."""

    sheet: str
    columns: Mapping[str, int]
    headers: list[str]

    def header(self, field: str) -> str:
        """The header of a field; its plain name where the sheet has no such column."""
        return self.headers[self.columns[field]] if field in self.columns else field


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a sheet under its layout; the first one is number `first` to who looks into the file."""

    layout: Layout
    rows: Iterable[list[Cell]]
    first: int = 2

    def lines(self) -> Iterator[tuple[int, list[Cell]]]:
        """The rows that hold anything, with their numbers."""
        return ((number, row) for number, row in enumerate(self.rows, start=self.first) if not is_empty(row))


@dataclass(frozen=True, slots=True)
class Reshaped:
    """Rows as `shape` makes them of others, each when it is asked for; it is told their numbers, from `first` on."""

    rows: Iterable[list[Cell]]
    shape: Callable[[int, list[Cell]], list[Cell]]
    first: int = 2

    def __iter__(self) -> Iterator[list[Cell]]:
        return (self.shape(number, row) for number, row in enumerate(self.rows, start=self.first))


@dataclass(frozen=True, slots=True)
class Inventory:
    """What a file holds, whichever way it was exported: submissions and, where it can carry them, their products."""

    submissions: Table
    products: tuple[Table, ...] = ()
    repeats: Mapping[str, Table] = field(default_factory=dict)
    """What our own form lets be answered several times besides the products."""
    in_rows: bool = False
    """Whether the products stand in the rows of their submissions."""
    by_hand: bool = False
    """Whether people wrote the table: its rows need no identity."""
    numbered_products: Mapping[str, int] = field(default_factory=dict)
    """Columns that were told to hold a product of the row («producto 1»), where headers do not say so."""


def inventory_of(
    sheets: Mapping[str, Sheet], *, first: int = 2, named: Mapping[str, Mapping[str, str]] | None = None
) -> Inventory:
    """The submissions and products among the sheets of a file, by what their columns are called.

    `named` says what a column is called to who looks into the file, where that differs. Refuses a file that is the
    form itself, any other table, and missing or doubled columns.
    """
    headers = {name: headers_of(rows) for name, rows in sheets.items()}
    main = next((n for n, h in headers.items() if is_main(h)), None)
    if main is None:
        raise _no_submissions(headers, sheets)
    beside = {name: of for name, of in headers.items() if name != main and has(of, form.PARENT)}
    products = next((n for n, h in beside.items() if has(h, "producto")), None)
    found = {kind: next((n for n, h in beside.items() if has(h, asked[0])), None) for kind, asked in _REPEATS}
    repeats = {kind: name for kind, name in found.items() if name is not None}
    shown = named or {}

    def table(sheet: str, required: Sequence[str], optional: Sequence[str]) -> Table:
        layout = lay_out(sheet, headers[sheet], required, optional)
        names = shown.get(sheet, {})
        layout = replace(layout, headers=[names.get(header, header) for header in layout.headers])
        return with_points_split(Table(layout, sheets[sheet][1:], first))

    if is_plain(headers[main]):
        if not all(has(headers[main], field) for field in form.ESSENTIAL):
            raise Invalid("file.mapping_needed")
        return Inventory(table(main, form.ESSENTIAL, (*form.REQUIRED, *form.OPTIONAL)), by_hand=True)
    own = (*form.OPTIONAL, *own_form.QUESTIONS, *own_form.split_columns())
    months = [f"meses/{code}" for code in own_form.MONTHS.codes]
    return Inventory(
        table(main, (*form.REQUIRED, *(("_index",) if products or repeats else ())), own),
        (table(products, (*form.PRODUCT_COLUMNS, form.PARENT), (*own_form.PRODUCT_COLUMNS, *months)),)
        if products
        else (),
        {kind: table(name, (form.PARENT,), own_form.REPEATS[kind]) for kind, name in repeats.items()},
    )


def headers_of(rows: Sheet) -> list[str]:
    return [str(cell).strip() for cell in rows[0]] if rows else []


def is_main(headers: Sequence[str]) -> bool:
    """Whether a sheet is that of the submissions."""
    known = sum(has(headers, field) for field in form.ESSENTIAL)
    return known >= 3 and not has(headers, form.PARENT)


def is_plain(headers: Sequence[str]) -> bool:
    """Whether people wrote the table, and no server."""
    return not any(_names(header, name) for name in form.EXPORTED for header in headers)


def has(headers: Sequence[str], field: str) -> bool:
    """Whether one of the headers is a name of `field`."""
    return any(_names(header, name) for name in form.names_of(field) for header in headers)


def mapped(sheets: Mapping[str, Sheet], mapping: Mapping[str, str]) -> Inventory:
    """The inventory in a table of people's own, where it was told which question each column answers (`mapping`:
    position -> question).
    """
    name = table_of_people(sheets)
    at = None if name is None else header_row(sheets[name])
    if name is None or at is None:
        raise Invalid("file.sheet_missing", sheets=", ".join(sheets)[:200])
    shown = headers_of(sheets[name][at:])
    asked = [mapping.get(str(position), "") for position in range(len(shown))]
    table = Table(
        replace(lay_out(name, asked, form.ESSENTIAL, (*form.REQUIRED, *form.OPTIONAL)), headers=shown),
        sheets[name][at + 1 :],
        at + 2,
    )
    products = {field: asked.index(field) for field in asked if field.rpartition(" ")[0] in form.PRODUCT_COLUMNS}
    return Inventory(table, by_hand=True, numbered_products=products)


def table_of_people(sheets: Mapping[str, Sheet]) -> str | None:
    """The sheet that people wrote a table into: the longest one with headers, which is no export of another form."""
    written = [
        name
        for name, rows in sheets.items()
        if (at := header_row(rows)) is not None and len(rows) > at + 1 and is_plain(headers_of(rows[at:]))
    ]
    return max(written, key=lambda name: len(sheets[name]), default=None)


def _no_submissions(headers: Mapping[str, list[str]], sheets: Mapping[str, Sheet]) -> Invalid:
    if {"survey", "choices"} <= set(headers):
        return Invalid("file.is_the_form")
    if all(not any(row) for row in headers.values()):
        return Invalid("file.no_records")
    table = table_of_people(sheets)
    if table and sum(column["field"] is not None for column in columns_of(sheets[table])) >= _KNOWN_AT_LEAST:
        return Invalid("file.mapping_needed")
    return Invalid("file.sheet_missing", sheets=", ".join(headers)[:200])


def lay_out(sheet: str, headers: list[str], required: Sequence[str], optional: Sequence[str]) -> Layout:
    """The layout of a sheet of the form; refuses missing and doubled columns."""
    columns: dict[str, int] = {}
    split = [f"{field}/{code}" for field, choices in form.MULTIPLE.items() for code in choices.codes]
    for name in dict.fromkeys((*required, *optional, *split)):
        _place(sheet, headers, name, columns)
    missing = [field for field in required if field not in columns and not _is_told_otherwise(field, columns)]
    if missing:
        raise Invalid("file.columns_missing", sheet=sheet, columns=", ".join(missing))
    return Layout(sheet, columns, headers)


def _is_told_otherwise(field: str, columns: Mapping[str, int]) -> bool:
    """A multiple choice may come as its 0/1 columns alone, a point as its text."""
    if field in form.MULTIPLE:
        return all(f"{field}/{code}" in columns for code in form.MULTIPLE[field].codes)
    return field in form.POINT and "gps" in columns


def _place(sheet: str, headers: list[str], field: str, columns: dict[str, int]) -> None:
    for name in form.names_of(field):
        found = [position for position, header in enumerate(headers) if _names(header, name)]
        if len(found) > 1:
            raise Invalid("file.columns_doubled", sheet=sheet, column=headers[found[0]][:80])
        if found:
            columns[field] = found[0]
            return


def _names(header: str, name: str) -> bool:
    """Groups may be written before a question or not: `emprendimiento/gps`, `emprendimiento-gps`, `gps`."""
    return header == name or header.endswith(("/" + name, "-" + name))


def with_points_split(table: Table) -> Table:
    """The table with the text of a point («lat lon altitude accuracy») in columns of its own, where there are none."""
    layout = table.layout
    if "gps" not in layout.columns or "_gps_latitude" in layout.columns:
        return table
    text, width = layout.columns["gps"], len(layout.headers)
    columns = dict(layout.columns) | {field: width + at for at, field in enumerate(form.POINT)}
    headers = layout.headers + [layout.header("gps")] * len(form.POINT)

    def split(_number: int, row: list[Cell]) -> list[Cell]:
        return [*(row + [""] * width)[:width], *_parts(row[text] if text < len(row) else "")]

    return Table(Layout(layout.sheet, columns, headers), Reshaped(table.rows, split), table.first)


def _parts(cell: Cell) -> list[Cell]:
    parts: list[Cell] = [] if is_blank(cell) else [*str(cell).split()[: len(form.POINT)]]
    return parts + [""] * (len(form.POINT) - len(parts))


def is_empty(row: Sequence[Cell]) -> bool:
    return all(is_blank(cell) for cell in row)
