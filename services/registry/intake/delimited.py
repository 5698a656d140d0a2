"""A table of delimited text somebody uploaded: the comma, semicolon or tab is found by looking."""

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from typing import BinaryIO, overload

from shared.kernel import Invalid
from shared.workbooks import Cell, Limits

_DELIMITERS = ";,\t|"
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Lines(Sequence[list[Cell]]):
    """The rows of a text, read from its file as often as somebody goes through them: one at a time."""

    file: BinaryIO
    encoding: str
    delimiter: str
    longest: int
    length: int = 0
    skipped: int = 0

    def __len__(self) -> int:
        return self.length

    def __iter__(self) -> Iterator[list[Cell]]:
        return islice(self._from_the_top(), self.skipped, None)

    @overload
    def __getitem__(self, index: int) -> list[Cell]: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[list[Cell]]: ...

    def __getitem__(self, index: int | slice) -> list[Cell] | Sequence[list[Cell]]:
        if isinstance(index, int):
            return next(islice(iter(self), index, None))
        start, stop, _ = index.indices(self.length)
        if stop < self.length:
            return [*islice(iter(self), start, stop)]
        return replace(self, length=self.length - start, skipped=self.skipped + start)

    def _from_the_top(self) -> Iterator[list[Cell]]:
        csv.field_size_limit(self.longest)
        self.file.seek(0)
        text = io.TextIOWrapper(self.file, self.encoding, errors="replace", newline="")
        try:
            for row in csv.reader(text, delimiter=self.delimiter, strict=True):
                yield [*row]
        finally:
            with suppress(ValueError):  # the file may have been closed before its reader
                text.detach()


def read_table(file: BinaryIO, sheet: str, limits: Limits) -> Lines:
    """The rows of a delimited text, the one with the headers first.

    UTF-8 with or without a byte order mark, UTF-16 with one, or else what spreadsheets of the region write (Windows
    1252). Refuses what is no text or no table, and what is beyond the limits: all of it is gone through once.
    """
    encoding, first = _looked_through(file)
    lines = Lines(file, encoding, _delimiter(first), limits.text)
    count = 0
    try:
        for count, row in enumerate(lines, start=1):
            _check(count, len(row), sheet, limits)
    except csv.Error as error:
        if "field limit" in str(error):
            raise Invalid("file.text_too_long", sheet=sheet, maximum=limits.text) from error
        raise Invalid("file.damaged") from error
    return replace(lines, length=count)


def _check(rows: int, width: int, sheet: str, limits: Limits) -> None:
    if rows > limits.rows:
        raise Invalid("file.too_many_rows", sheet=sheet, rows=rows, maximum=limits.rows)
    if width > limits.columns:
        raise Invalid("file.too_many_columns", sheet=sheet, columns=width, maximum=limits.columns)
    if rows * width > limits.cells:
        raise Invalid("file.too_many_cells", sheet=sheet, cells=rows * width, maximum=limits.cells)


def _looked_through(file: BinaryIO) -> tuple[str, str]:
    """How the text is encoded, and what it begins with."""
    file.seek(0)
    start = file.read(4)
    encoding = next((name for mark, name in _MARKS if start.startswith(mark)), None)
    try:
        return encoding or "utf-8", _beginning(file, encoding or "utf-8", "strict")
    except UnicodeDecodeError as error:
        if encoding is not None:
            raise Invalid("file.damaged") from error
        return "cp1252", _beginning(file, "cp1252", "replace")


def _beginning(file: BinaryIO, encoding: str, errors: str) -> str:
    """What the text begins with: more than its first line; all of it is decoded."""
    file.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    first = ""
    binary = False
    while chunk := file.read(_CHUNK):
        text = decoder.decode(chunk)
        binary = binary or "\0" in text
        first = first or text
    rest = decoder.decode(b"", final=True)
    first = first or rest
    if binary or "\0" in rest or "\ufffd" in first[:4096] or first.startswith(("<", "%PDF")):
        raise Invalid("file.not_a_workbook")
    return first


def _delimiter(text: str) -> str:
    """The one that the first line holds most often outside of its quotes."""
    first = "".join(text.lstrip("\r\n").split("\n", 1)[0].split('"')[::2])
    best = max(_DELIMITERS, key=first.count)
    if first.count(best) == 0:
        raise Invalid("file.not_a_workbook")
    return best
