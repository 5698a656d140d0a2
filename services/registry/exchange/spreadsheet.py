"""A workbook written row after row, in little memory and several times as fast as by a general library."""

import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from typing import Any, TextIO

from services.registry.exchange.guard import computed, in_workbook
from shared.kernel import Refused

MOST_ROWS = 1_048_575
_LONGEST = 32_767
_EPOCH = date(1899, 12, 30)
_FIRST_DAY = date(1900, 3, 1)
"""Spreadsheets count days from here without mistake."""

_HEADING, _DAY, _QUOTED = 1, 2, 3
_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "_x000D_"})
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font>'
    '</fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/>'
    '</fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="4">'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    # Typed anew in its cell, a text that looks like a formula stays text.
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0" quotePrefix="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)

Append = Callable[[Sequence[Any]], None]


@contextmanager
def spreadsheet(path: Path) -> Iterator["Spreadsheet"]:
    """A new workbook at `path`; its sheets wait beside it, each in a file of its own, until all rows are there."""
    with ExitStack() as sheets:
        book = Spreadsheet(path, sheets)
        yield book
        book.close()


class Spreadsheet:
    """Sheets with a row of headers that stays in sight."""

    def __init__(self, path: Path, files: ExitStack) -> None:
        self._path, self._files = path, files
        self._sheets: list[tuple[str, Path, TextIO]] = []

    def sheet(self, name: str, headers: Sequence[str]) -> Append:
        """A new sheet; what comes back appends a row to it: texts, numbers, days, None for an empty cell."""
        part = self._path.with_name(f"{self._path.name}.{len(self._sheets)}")
        out = self._files.enter_context(part.open("w", encoding="utf-8", newline=""))
        self._files.callback(part.unlink, missing_ok=True)
        self._sheets.append((name, part, out))
        pane = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
        out.write(
            f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews>'
            f'<sheetView workbookViewId="0">{pane}</sheetView></sheetViews>'
            '<sheetData><row r="1">'
        )
        letters = [_letters(at) for at in range(len(headers))]
        out.write("".join(_text(f"{at}1", header, _HEADING) for at, header in zip(letters, headers, strict=True)))
        out.write("</row>")
        return _appender(out, name, letters)

    def close(self) -> None:
        with zipfile.ZipFile(self._path, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
            for name, content in self._frame().items():
                archive.writestr(name, content)
            for number, (_, part, out) in enumerate(self._sheets, start=1):
                out.write("</sheetData></worksheet>")
                out.flush()
                archive.write(part, f"xl/worksheets/sheet{number}.xml")

    def _frame(self) -> dict[str, str]:
        """The parts of a workbook that say what its sheets are."""
        numbers = range(1, len(self._sheets) + 1)
        sheet, book = f"{_DOCUMENT}/worksheet", f"{_KIND}.sheet.main+xml"
        kinds = "".join(
            f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_KIND}.worksheet+xml"/>' for n in numbers
        )
        named = "".join(f'<sheet name="{self._sheets[n - 1][0]}" sheetId="{n}" r:id="rId{n}"/>' for n in numbers)
        told = "".join(f'<Relationship Id="rId{n}" Type="{sheet}" Target="worksheets/sheet{n}.xml"/>' for n in numbers)
        relations = f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
        return {
            "[Content_Types].xml": f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
            f'ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{book}"/><Override '
            f'PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/>{kinds}</Types>',
            "_rels/.rels": f'{relations}<Relationship Id="rId1" Type="{_DOCUMENT}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_DOCUMENT}">'
            f"<sheets>{named}</sheets></workbook>",
            "xl/_rels/workbook.xml.rels": f'{relations}{told}<Relationship Id="rId{len(numbers) + 1}" '
            f'Type="{_DOCUMENT}/styles" Target="styles.xml"/></Relationships>',
            "xl/styles.xml": _STYLES,
        }


def _appender(out: TextIO, name: str, letters: Sequence[str]) -> Append:
    row = 1

    def append(cells: Sequence[Any]) -> None:
        nonlocal row
        row += 1
        if row > MOST_ROWS + 1:
            raise Refused("export.sheet_full", sheet=name, maximum=MOST_ROWS)
        written = [_cell(f"{at}{row}", cell, name) for at, cell in zip(letters, cells, strict=True) if cell is not None]
        out.write(f'<row r="{row}">{"".join(written)}</row>')

    return append


def _cell(at: str, cell: Any, sheet: str) -> str:
    if type(cell) is str:
        safe = in_workbook(cell)
        if len(safe) > _LONGEST:
            raise Refused("export.cell_full", sheet=sheet, maximum=_LONGEST)
        return _text(at, safe, _QUOTED if computed(safe) else 0)
    if isinstance(cell, date):
        if cell < _FIRST_DAY:
            return _text(at, cell.isoformat(), 0)
        return f'<c r="{at}" s="{_DAY}"><v>{(cell - _EPOCH).days}</v></c>'
    return f'<c r="{at}"><v>{cell!r}</v></c>'


def _text(at: str, text: str, style: int) -> str:
    told = f' s="{style}"' if style else ""
    return f'<c r="{at}"{told} t="inlineStr"><is><t xml:space="preserve">{text.translate(_ESCAPED)}</t></is></c>'


def _letters(column: int) -> str:
    """The name of a column by its place: A, B … Z, AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
