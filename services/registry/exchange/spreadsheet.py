"""A workbook written row after row, in little memory and several times as fast as by a general library."""

import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, TypeAlias

from services.registry.exchange.guard import computed, in_workbook
from shared.kernel import Refused

MOST_ROWS = 1_048_575
_LONGEST = 32_767
_COMPRESSION = 1
_EPOCH = date(1899, 12, 30)
_FIRST_DAY = date(1900, 3, 1)
"""Spreadsheets count days from here without mistake."""

_HEADING, _DAY, _QUOTED = 1, 2, 3
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

Write: TypeAlias = Callable[[Any], str]
"""Makes of a value what follows the address of its cell."""
Append: TypeAlias = Callable[[Iterable[Any]], None]


@contextmanager
def spreadsheet(path: Path) -> Iterator["Spreadsheet"]:
    """A new workbook at `path`. Its first sheet is written into it at once; the others wait beside it, each in a file
    of its own, until all rows are there.
    """
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=_COMPRESSION) as archive, ExitStack() as files:
        book = Spreadsheet(path, archive, files)
        yield book
        book.close()


class Spreadsheet:
    """Sheets with a row of headers that stays in sight."""

    def __init__(self, path: Path, archive: zipfile.ZipFile, files: ExitStack) -> None:
        self._path, self._archive, self._files = path, archive, files
        self._sheets: list[tuple[str, Path | None, IO[bytes]]] = []

    def sheet(self, name: str, headers: Sequence[str], cells: Sequence[Write]) -> Append:
        """A new sheet; what comes back appends a row of values to it, written by `cells`; None and an empty list are
        empty cells.
        """
        part, out = self._opened()
        self._sheets.append((name, part, out))
        pane = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
        letters = [_letters(at) for at in range(len(headers))]
        heading = [f'<c r="{at}1" s="{_HEADING}"{plain(header)}' for at, header in zip(letters, headers, strict=True)]
        view = f'<sheetViews><sheetView workbookViewId="0">{pane}</sheetView></sheetViews>'
        begun = f'{_HEAD}<worksheet xmlns="{_MAIN}">{view}<sheetData><row r="1">{"".join(heading)}</row>'
        out.write(begun.encode())
        return _appender(out, name, list(zip(letters, cells, strict=True)))

    def _opened(self) -> tuple[Path | None, IO[bytes]]:
        if not self._sheets:
            return None, self._files.enter_context(self._archive.open(_sheet_file(1), "w", force_zip64=True))
        part = self._path.with_name(f"{self._path.name}.{len(self._sheets)}")
        self._files.callback(part.unlink, missing_ok=True)
        return part, self._files.enter_context(part.open("wb"))

    def close(self) -> None:
        for number, (_, part, out) in enumerate(self._sheets, start=1):
            out.write(b"</sheetData></worksheet>")
            out.close()
            if part is not None:
                self._archive.write(part, _sheet_file(number))
        for name, content in self._frame().items():
            self._archive.writestr(name, content)

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


def _appender(out: IO[bytes], name: str, cells: list[tuple[str, Write]]) -> Append:
    row = 1

    def append(values: Iterable[Any]) -> None:
        nonlocal row
        row += 1
        if row > MOST_ROWS + 1:
            raise Refused("export.sheet_full", sheet=name, maximum=MOST_ROWS)
        written = [
            f'<c r="{at}{row}"{write(value)}'
            for (at, write), value in zip(cells, values, strict=True)
            if value is not None and value != []
        ]
        out.write(f'<row r="{row}">{"".join(written)}</row>'.encode())

    return append


def plain(text: str) -> str:
    """A text that no spreadsheet takes for anything else."""
    return f' t="inlineStr"><is><t>{_escaped(text)}</t></is></c>'


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "_x000D_")


def number(value: float) -> str:
    return f"><v>{value!r}</v></c>"


@lru_cache(maxsize=50_000)
def day(value: date) -> str:
    if value < _FIRST_DAY:
        return plain(value.isoformat())
    return f' s="{_DAY}"><v>{(value - _EPOCH).days}</v></c>'


def text_of(sheet: str) -> Write:
    """Writes texts of anybody into the cells of this sheet; refuses one that is too long for a cell."""

    def write(text: str) -> str:
        safe = in_workbook(text)
        if len(safe) > _LONGEST:
            raise Refused("export.cell_full", sheet=sheet, maximum=_LONGEST)
        style = f' s="{_QUOTED}"' if computed(safe) else ""
        return f'{style} t="inlineStr"><is><t xml:space="preserve">{_escaped(safe)}</t></is></c>'

    return write


def _sheet_file(sheet: int) -> str:
    return f"xl/worksheets/sheet{sheet}.xml"


def _letters(column: int) -> str:
    """The name of a column by its place: A, B … Z, AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
