"""A workbook somebody uploaded, opened only after its container proved harmless."""

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import partial

from python_calamine import CalamineError, CalamineWorkbook

from shared.archives import Archive, ArchiveLimits, Fault, Unsafe, is_archive, opened
from shared.kernel import Invalid

Cell = str | int | float | bool | date | datetime | time | timedelta
Sheet = Sequence[list[Cell]]

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_DECLARATION = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
# A reference to a row of six or more digits or to a column of three or more letters: one pass of a regular
# expression over the raw XML, because one cell at XFD1048576 makes a reader reserve the whole rectangle before it.
_FAR_CELL = re.compile(rb"""\br\s*=\s*["'](?:([A-Z]{3,})\d+|[A-Z]*(\d{6,}))["']""", re.IGNORECASE)
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a stranger's workbook is read."""

    file_bytes: int = 64_000_000
    inflated_bytes: int = 256 * 2**20
    ratio: int = 200
    entries: int = 500
    sheets: int = 50
    rows: int = 99_999
    columns: int = 702
    cells: int = 6_000_000
    text: int = 32_767
    seconds: int = 120
    """Of computing."""

    def at_once(self) -> "Limits":
        """The same for a file that can only be read as a whole, into memory."""
        names = ("file_bytes", "rows", "cells")
        return replace(self, **{name: min(getattr(self, name), getattr(DEFAULT, name)) for name in names})


DEFAULT = Limits()
AT_HAND = Limits(file_bytes=2 * 10**9, rows=2_000_000, cells=200_000_000, seconds=3600)
"""What the operator of the house brings herself: tables of text, which are read row by row, may be long."""


def read_sheets(content: bytes, limits: Limits = DEFAULT) -> dict[str, Sheet]:
    """The sheets of an XLSX file by name, every row from the first one of the sheet on.

    Refuses with a code of its own: what is too large, no workbook, an old, encrypted or macro workbook, an archive
    that inflates beyond the limits whatever it declares, and XML that declares entities.
    """
    check_size(len(content), limits)
    _check_kind(content)
    with _opened(content, limits) as archive:
        _check_parts(archive)
        archive.inflate(partial(_look, limits=limits))
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = workbook.sheet_names
        if len(names) > limits.sheets:
            raise Invalid("file.too_many_sheets", sheets=len(names), maximum=limits.sheets)
        return {name: _rows(workbook, name, limits) for name in names}
    except (CalamineError, ValueError, OSError) as error:
        raise Invalid("file.damaged") from error


def _rows(workbook: CalamineWorkbook, name: str, limits: Limits) -> Sheet:
    sheet = workbook.get_sheet_by_name(name)
    if sheet.height > limits.rows:
        raise Invalid("file.too_many_rows", sheet=name, rows=sheet.height, maximum=limits.rows)
    if sheet.width > limits.columns:
        raise Invalid("file.too_many_columns", sheet=name, columns=sheet.width, maximum=limits.columns)
    if sheet.height * sheet.width > limits.cells:
        raise Invalid("file.too_many_cells", sheet=name, cells=sheet.height * sheet.width, maximum=limits.cells)
    rows: list[list[Cell]] = sheet.to_python(skip_empty_area=False)
    if any(isinstance(cell, str) and len(cell) > limits.text for row in rows for cell in row):
        raise Invalid("file.text_too_long", sheet=name, maximum=limits.text)
    return rows


def check_size(size: int, limits: Limits) -> None:
    """Refuses nothing at all, and more bytes than are read."""
    if not size:
        raise Invalid("file.empty")
    if size > limits.file_bytes:
        raise Invalid("file.too_large", megabytes=size // 1_000_000, maximum=limits.file_bytes // 1_000_000)


def _check_kind(content: bytes) -> None:
    if content.startswith(_OLE):
        encrypted = "EncryptedPackage".encode("utf-16-le") in content
        raise Invalid("file.encrypted" if encrypted else "file.old_workbook")
    if not is_archive(content):
        raise Invalid("file.not_a_workbook")


def is_old(content: bytes) -> bool:
    """Whether it is a container of the old kind, or of the encrypted new one."""
    return content.startswith(_OLE)


def tables_in(content: bytes, limits: Limits) -> dict[str, bytes] | None:
    """The delimited tables of an archive that holds nothing else, by their names without ending; None for any other
    archive. Refuses one that inflates beyond the limits, whatever it declares.
    """
    with _opened(content, limits) as archive:
        archive.inflate(partial(_look, limits=limits))
        names = [name for name in archive.names if not name.endswith("/")]
        if not names or not all(name.lower().endswith(".csv") for name in names):
            return None
        return {_stem(name): archive.read(name) for name in names}


def _stem(name: str) -> str:
    return name.rpartition("/")[2][:-4]


@contextmanager
def _opened(content: bytes, limits: Limits) -> Iterator[Archive]:
    """The archive; refuses one that is damaged, encrypted or a bomb."""
    try:
        with opened(content, ArchiveLimits(limits.entries, limits.inflated_bytes, limits.ratio)) as archive:
            yield archive
    except Unsafe as unsafe:
        match unsafe.fault:
            case Fault.PARTS:
                raise Invalid("file.too_many_parts", parts=unsafe.parts, maximum=limits.entries) from unsafe
            case Fault.ENCRYPTED:
                raise Invalid("file.encrypted") from unsafe
            case Fault.INFLATES:
                raise Invalid("file.inflates_too_much", maximum=limits.inflated_bytes >> 20) from unsafe
            case Fault.DAMAGED:
                raise Invalid("file.damaged") from unsafe


def _look(name: str, window: bytes, first: bool, *, limits: Limits) -> None:
    """XML is looked through while it is inflated."""
    if not name.lower().endswith((".xml", ".rels", ".vml")):
        return
    if first and window[:2] in {b"\xff\xfe", b"\xfe\xff", b"\x00<", b"<\x00"}:
        raise Invalid("file.damaged")
    _look_through(window, name, limits)


def _look_through(xml: bytes, name: str, limits: Limits) -> None:
    if _DECLARATION.search(xml):
        raise Invalid("file.declares_entities")
    if not name.startswith("xl/worksheets/"):
        return
    for found in _FAR_CELL.finditer(xml):
        if found[1]:
            raise Invalid("file.too_many_columns", sheet=name, columns=found[1].decode(), maximum=limits.columns)
        raise Invalid("file.too_many_rows", sheet=name, rows=int(found[2][:12]), maximum=limits.rows)


def _check_parts(archive: Archive) -> None:
    """That the archive is a plain workbook: not a template with macros, not another Office document."""
    names = archive.names
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Invalid("file.has_macros")
    if "xl/workbook.bin" in names:
        raise Invalid("file.binary_workbook")
    if not {"[Content_Types].xml", "xl/workbook.xml"} <= set(names):
        raise Invalid("file.not_a_workbook")
    if _KIND.encode() not in archive.read("[Content_Types].xml"):
        raise Invalid("file.not_a_workbook")
