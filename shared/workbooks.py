"""A workbook somebody uploaded, opened only after its container proved harmless."""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from python_calamine import CalamineError, CalamineWorkbook

from shared.kernel import Invalid

Cell = str | int | float | bool | date | datetime | time | timedelta
Sheet = Sequence[list[Cell]]

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOCAL_HEADER = b"PK\x03\x04"
_EMPTY_ARCHIVE = b"PK\x05\x06"
UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, struct.error, ValueError),
    *(NotImplementedError, EOFError, KeyError, IndexError, OverflowError),
)
"""Besides its own exception, the standard library tells a damaged archive in all these ways."""

_CHUNK = 1 << 18
_MOST_TYPES = 1 << 20
_OVERLAP = 64
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
    check_archive(content, limits, _check_parts)
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


def is_archive(content: bytes) -> bool:
    return content.startswith((_LOCAL_HEADER, _EMPTY_ARCHIVE))


def is_old(content: bytes) -> bool:
    """Whether it is a container of the old kind, or of the encrypted new one."""
    return content.startswith(_OLE)


def tables_in(content: bytes, limits: Limits) -> dict[str, bytes] | None:
    """The delimited tables of an archive that holds nothing else, by their names without ending; None for any other
    archive. Refuses one that inflates beyond the limits, whatever it declares.
    """
    names: list[str] = []

    def look(archive: zipfile.ZipFile) -> None:
        names.extend(name for name in archive.namelist() if not name.endswith("/"))

    check_archive(content, limits, look)
    if not names or not all(name.lower().endswith(".csv") for name in names):
        return None
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        return {_stem(entry.filename): b"".join(_chunks(content, entry)) for entry in entries}


def _stem(name: str) -> str:
    return name.rpartition("/")[2][:-4]


def check_archive(content: bytes, limits: Limits, check_parts: Callable[[zipfile.ZipFile], None]) -> None:
    """Refuses an archive that is damaged, encrypted or a bomb; `check_parts` says whether it holds what it should."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            _check_directory(entries, limits)
            check_parts(archive)
            _check_declared(entries, limits)
            left = limits.inflated_bytes
            for entry in entries:
                left -= _inflated(content, entry, min(left, _most(entry, limits)), limits)
    except UNREADABLE as error:
        raise Invalid("file.damaged") from error


def _check_directory(entries: list[zipfile.ZipInfo], limits: Limits) -> None:
    """What the directory of the archive declares, before anything is inflated."""
    if len(entries) > limits.entries:
        raise Invalid("file.too_many_parts", parts=len(entries), maximum=limits.entries)
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise Invalid("file.encrypted")
    if len({entry.filename for entry in entries}) != len(entries):
        raise Invalid("file.damaged")


def _check_declared(entries: list[zipfile.ZipInfo], limits: Limits) -> None:
    declared = sum(entry.file_size for entry in entries)
    if declared > limits.inflated_bytes or any(e.file_size > _most(e, limits) for e in entries):
        raise Invalid("file.inflates_too_much", maximum=limits.inflated_bytes >> 20)


def _most(entry: zipfile.ZipInfo, limits: Limits) -> int:
    """How many bytes a part may become; small parts may be of any density."""
    return max(entry.compress_size * limits.ratio, 2**20)


def _inflated(content: bytes, entry: zipfile.ZipInfo, most: int, limits: Limits) -> int:
    """How many bytes a part really becomes; its XML is looked through on the way."""
    size, tail = 0, b""
    looked_at = entry.filename.lower().endswith((".xml", ".rels", ".vml"))
    for chunk in _chunks(content, entry):
        size += len(chunk)
        if size > most:
            raise Invalid("file.inflates_too_much", maximum=limits.inflated_bytes >> 20)
        if looked_at:
            if not tail and chunk[:2] in {b"\xff\xfe", b"\xfe\xff", b"\x00<", b"<\x00"}:
                raise Invalid("file.damaged")
            _look_through(tail + chunk, entry.filename, limits)
            tail = chunk[-_OVERLAP:]
    return size


def _look_through(xml: bytes, name: str, limits: Limits) -> None:
    if _DECLARATION.search(xml):
        raise Invalid("file.declares_entities")
    if not name.startswith("xl/worksheets/"):
        return
    for found in _FAR_CELL.finditer(xml):
        if found[1]:
            raise Invalid("file.too_many_columns", sheet=name, columns=found[1].decode(), maximum=limits.columns)
        raise Invalid("file.too_many_rows", sheet=name, rows=int(found[2][:12]), maximum=limits.rows)


def _chunks(content: bytes, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The bytes of a part as any reader would inflate them, whatever size the directory declares."""
    name_length = int.from_bytes(content[entry.header_offset + 26 : entry.header_offset + 28], "little")
    extra_length = int.from_bytes(content[entry.header_offset + 28 : entry.header_offset + 30], "little")
    start = entry.header_offset + 30 + name_length + extra_length
    packed = memoryview(content)[start : start + entry.compress_size]
    if entry.compress_type == zipfile.ZIP_STORED:
        for at in range(0, len(packed), _CHUNK):
            yield bytes(packed[at : at + _CHUNK])
        return
    if entry.compress_type != zipfile.ZIP_DEFLATED:
        raise Invalid("file.damaged")
    inflater = zlib.decompressobj(-15)
    for at in range(0, len(packed), _CHUNK):
        rest = bytes(packed[at : at + _CHUNK])
        while rest and not inflater.eof:
            yield inflater.decompress(rest, _CHUNK)
            rest = inflater.unconsumed_tail
    yield inflater.flush()


def _check_parts(archive: zipfile.ZipFile) -> None:
    """That the archive is a plain workbook: not a template with macros, not another Office document."""
    names = archive.namelist()
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Invalid("file.has_macros")
    if "xl/workbook.bin" in names:
        raise Invalid("file.binary_workbook")
    if not {"[Content_Types].xml", "xl/workbook.xml"} <= set(names):
        raise Invalid("file.not_a_workbook")
    if _KIND.encode() not in archive.open("[Content_Types].xml").read(_MOST_TYPES):
        raise Invalid("file.not_a_workbook")
