"""How many women can come, taken from a table that the team filled in."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from services.training.reference.rounds import policy
from services.training.rules.women_table import MOST_ROWS, Mistake, Table, read
from services.training.use_cases.note_woman import check_woman, note_woman
from shared.archives import is_archive
from shared.identity import Caller
from shared.kernel import Forbidden, Invalid, NotFound
from shared.sandbox import run_limited
from shared.workbooks import Limits, read_sheets

MOST_BYTES = 2_000_000
_WORKBOOK = Limits(file_bytes=MOST_BYTES, inflated_bytes=20 * 2**20, rows=2 * MOST_ROWS, columns=100, cells=200_000)
_SECONDS, _MEGABYTES = 20, 512


def import_women(session: Session, caller: Caller, rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """Note all women of a table, or none where a cell is wrong: how many are `noted`, and the `mistakes` by line,
    column, code and value.
    """
    table = read(rows, policy().slots, policy().languages)
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


def rows_of(content: bytes) -> Sequence[Sequence[Any]]:
    """The rows of a table (CSV, or the first sheet of an XLSX file); refuses a file that is none. A workbook is read in
    a process of its own: a small one can be made to ask for all the memory there is.
    """
    return _sheet(content) if is_archive(content) else _text(content)


def _text(content: bytes) -> Sequence[Sequence[Any]]:
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
    try:
        sheets = run_limited(read_sheets, content, _WORKBOOK, seconds=_SECONDS, memory_mb=_MEGABYTES)
    except Invalid as refused:
        raise Invalid(refused.code, pointer="/file", **refused.facts) from None
    return next(iter(sheets.values()), [])
