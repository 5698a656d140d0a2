"""How many women can come, taken from a table that the team filled in."""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Sequence
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook
from sqlalchemy.orm import Session

from services.training.reference.rounds import policy
from services.training.rules.women_table import Mistake, Table, read
from services.training.use_cases.note_woman import check_woman, note_woman
from shared.identity import Caller
from shared.kernel import Forbidden, Invalid, NotFound

MOST_BYTES = 2_000_000
MOST_UNFOLDED = 20_000_000
_WORKBOOK = b"PK\x03\x04"
_FAR_CELL = re.compile(rb"""\br\s*=\s*["'](?:[A-Z]{3,}\d+|[A-Z]*\d{5,})["']""", re.IGNORECASE)
"""One cell far out makes a reader reserve the whole rectangle before it."""


def import_women(session: Session, caller: Caller, content: bytes) -> dict[str, Any]:
    """Note all women of a table (CSV or XLSX), or none where a cell is wrong: `noted`, and `mistakes` by line, column,
    code and value. Refuses a file that is no table.
    """
    table = read(_rows(content), policy().slots, policy().languages)
    _check_women(session, caller, table)
    if table.mistakes:
        found = [
            {"line": one.row, "column": one.column, "code": one.code, "value": one.value} for one in table.mistakes
        ]
        return {"noted": 0, "mistakes": found}
    for woman, told in table.women.items():
        note_woman(session, caller, entrepreneur_id=woman, version=None, told=told)
    return {"noted": len(table.women), "mistakes": []}


def _check_women(session: Session, caller: Caller, table: Table) -> None:
    for woman, number in table.rows.items():
        try:
            check_woman(session, caller, woman)
        except (NotFound, Forbidden):
            table.mistakes.append(Mistake(number, "entrepreneur_id", "table.woman_unknown", str(woman)))


def _rows(content: bytes) -> Sequence[Sequence[Any]]:
    if content.startswith(_WORKBOOK):
        return _sheet(content)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid("table.unreadable", pointer="/file") from None
    if "\0" in text:
        raise Invalid("table.unreadable", pointer="/file")
    delimiter = max(";,\t", key=text.partition("\n")[0].count)
    try:
        return list(csv.reader(io.StringIO(text), delimiter=delimiter, strict=True))
    except csv.Error:
        raise Invalid("table.unreadable", pointer="/file") from None


def _sheet(content: bytes) -> Sequence[Sequence[Any]]:
    """The first sheet of a workbook; refused before it is opened where it unfolds to too much or reaches too far."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            room = MOST_UNFOLDED
            for name in archive.namelist():
                with archive.open(name) as part:
                    unfolded = part.read(room + 1)
                room -= len(unfolded)
                if room < 0 or ("worksheets" in name and _FAR_CELL.search(unfolded)):
                    raise Invalid("table.unreadable", pointer="/file")
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        raise Invalid("table.unreadable", pointer="/file") from None
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        rows: list[list[Any]] = workbook.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, ValueError, OSError, IndexError):
        raise Invalid("table.unreadable", pointer="/file") from None
    return rows
