"""Lists that go out as a table: exactly the rows on screen, as CSV or as a workbook."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.territory import reference
from services.territory.composition import Composition
from shared import places
from shared.kernel import Money
from shared.spreadsheets import CSV, XLSX, Sheet, as_csv, as_xlsx
from shared.web import Call, Download

FORMATS = ("csv", "xlsx")


def download(
    call: Call, name: str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]], *, coded: Mapping[str, str]
) -> Download:
    """The rows under their `columns`, whose heads are the sentences `NAME.COLUMN`; `coded` maps a column of codes to
    the beginning of the sentences that say them. Amounts are plain numbers; their currency has its own column.
    """
    context: Composition = call.context
    speak = context.words(call.language)
    heads = [speak(f"{name}.{column}") for column in columns]

    def cell(column: str, value: Any) -> Any:
        if column in coded:
            return speak(f"{coded[column]}.{value}") if value else None
        if column == "chain":
            return reference.chain_templates()[value].names[call.language] if value else None
        if column == "unit":
            return places.in_full(value)
        if isinstance(value, Money):
            return float(value.decimal)
        return ", ".join(value) if isinstance(value, list) else value

    cells = [[cell(column, row[column]) for column in columns] for row in rows]
    file = speak(f"{name}.file")
    return sent(Sheet(file, heads, cells), file, call.query["format"])


def sent(sheet: Sheet, file: str, form: str) -> Download:
    """A table as a file of that name, in one of `FORMATS`."""
    if form == "xlsx":
        return Download(as_xlsx(sheet), f"{file}.xlsx", XLSX)
    return Download(as_csv(sheet.heads, sheet.rows), f"{file}.csv", CSV)
