"""Reads flat Parquet tables, bounded; runs in the sandbox. Format: Apache Parquet 2.10, Thrift's compact protocol.

The house needs no more of the format than tables of numbers and texts: what is nested, encrypted or packed in a way
that the statistics institutes do not use is refused by name.
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.territory.intake import snappy
from shared.kernel import Invalid

MAGIC = b"PAR1"
MAX_PAGE = 64_000_000
MAX_DEPTH = 12
_NUMBERS = {1: "<i4", 2: "<i8", 4: "<f4", 5: "<f8"}
_BOOLEAN, _TEXT = 0, 6
_DATA, _DICTIONARY, _DATA_V2 = 0, 2, 3
_PLAIN, _BY_DICTIONARY = {0}, {2, 8}
_OPTIONAL, _REPEATED = 1, 2


def read_parquet(content: bytes, *, rows: int, columns: int) -> tuple[list[str], list[list[Any]]]:
    """The names of the columns and the values of each; refuses what has more than `rows` rows or `columns` columns."""
    try:
        meta = _Thrift(content, len(content) - 8 - int.from_bytes(content[-8:-4], "little")).struct()
        return _table(content, meta, rows, columns)
    except (IndexError, KeyError, ValueError, TypeError, OverflowError, zlib.error, UnicodeDecodeError):
        raise Invalid("file.cannot_be_read", reason="damaged") from None


def _table(content: bytes, meta: Mapping[int, Any], rows: int, columns: int) -> tuple[list[str], list[list[Any]]]:
    if content[-4:] != MAGIC:
        raise ValueError
    schema = meta[2][1:]
    if any(one.get(5) or one.get(3) == _REPEATED for one in schema):
        raise Invalid("tables.nested", pointer="/file")
    if meta[3] > rows:
        raise Invalid("tables.too_many_rows", pointer="/file", maximum=rows)
    if len(schema) > columns:
        raise Invalid("tables.too_many_columns", pointer="/file", maximum=columns)
    found: list[list[Any]] = [[] for _ in schema]
    for group in meta[4]:
        for number, (chunk, leaf) in enumerate(zip(group[1], schema, strict=True)):
            found[number] += _Chunk(content, chunk[3], leaf).values(group[3])
    if any(len(values) != meta[3] for values in found):
        raise ValueError
    return [one[4].decode() for one in schema], found


@dataclass(frozen=True)
class _Page:
    kind: int
    body: bytes
    count: int
    encoding: int
    levels: bytes | None
    """Of a page of the second version: its levels, which stand beside its body."""


class _Chunk:
    """The values of one column in one group of rows."""

    def __init__(self, content: bytes, meta: Mapping[int, Any], leaf: Mapping[int, Any]) -> None:
        self._content, self._kind, self._codec = content, meta[1], meta[4]
        self._optional = leaf.get(3) == _OPTIONAL
        self._at = min(meta[9], meta.get(11) or meta[9])
        self._dictionary: Sequence[Any] = []

    def values(self, wanted: int) -> list[Any]:
        """All of them, None where there is none."""
        found: list[Any] = []
        while len(found) < wanted:
            page = self._page()
            if page.kind == _DICTIONARY:
                self._dictionary = self._plain(page.body, page.count)
            else:
                found += self._of_page(page)
        return found

    def _page(self) -> _Page:
        thrift = _Thrift(self._content, self._at)
        head = thrift.struct()
        kind, packed, size = head[1], head[3], head[2]
        if not 0 <= size <= MAX_PAGE or packed < 0:
            raise Invalid("tables.too_large", pointer="/file", megabytes=MAX_PAGE // 1_000_000)
        self._at = thrift.at + packed
        raw = self._content[thrift.at : self._at]
        if kind == _DATA_V2:
            told = head[8]
            beside = told.get(6, 0) + told[5]
            body = raw[beside:]
            whole = self._unpacked(body, size - beside) if told.get(7, True) else body
            return _Page(kind, whole, told[1], told[4], raw[told.get(6, 0) : beside])
        told = head[5] if kind == _DATA else head[7]
        return _Page(kind, self._unpacked(raw, size), told[1], told[2], None)

    def _unpacked(self, raw: bytes, size: int) -> bytes:
        if self._codec == 0:
            return raw
        if self._codec == 1:
            return snappy.unpacked(raw, size)
        if self._codec == 2:
            return zlib.decompressobj(31).decompress(raw, size)
        raise Invalid("tables.packed_otherwise", pointer="/file")

    def _of_page(self, page: _Page) -> list[Any]:
        body, present = page.body, np.ones(page.count, dtype=bool)
        if self._optional:
            levels = page.levels
            if levels is None:
                size = int.from_bytes(body[:4], "little")
                levels, body = body[4 : 4 + size], body[4 + size :]
            present = _hybrid(levels, 1, page.count) == 1
        count = int(present.sum())
        values = self._encoded(page.encoding, body, count)
        if count == page.count:
            return list(values)
        found: list[Any] = [None] * page.count
        for place, value in zip(np.flatnonzero(present).tolist(), values, strict=True):
            found[place] = value
        return found

    def _encoded(self, encoding: int, body: bytes, count: int) -> Sequence[Any]:
        if encoding in _PLAIN:
            return self._plain(body, count)
        if encoding in _BY_DICTIONARY:
            return [self._dictionary[index] for index in _hybrid(body[1:], body[0], count).tolist()] if count else []
        raise Invalid("tables.packed_otherwise", pointer="/file")

    def _plain(self, body: bytes, count: int) -> list[Any]:
        if self._kind in _NUMBERS:
            return list(np.frombuffer(body, _NUMBERS[self._kind], count).tolist())
        if self._kind == _BOOLEAN:
            return list(np.unpackbits(np.frombuffer(body, np.uint8), bitorder="little")[:count].astype(bool).tolist())
        if self._kind != _TEXT:
            raise Invalid("tables.packed_otherwise", pointer="/file")
        texts, at = [], 0
        for _ in range(count):
            end = at + 4 + int.from_bytes(body[at : at + 4], "little")
            if end > len(body):
                raise ValueError
            texts.append(body[at + 4 : end].decode())
            at = end
        return texts


def _hybrid(body: bytes, width: int, count: int) -> NDArray[np.int64]:
    """`count` whole numbers of `width` bits, written as runs of one value and as packed groups of eight."""
    if not 0 <= width <= 32:
        raise ValueError
    parts: list[NDArray[np.int64]] = []
    have, at = 0, 0
    powers = 1 << np.arange(width, dtype=np.int64)
    while have < count:
        head, at = _varint(body, at)
        if head & 1:
            size = (head >> 1) * width
            bits = np.unpackbits(np.frombuffer(body, np.uint8, min(size, len(body) - at), at), bitorder="little")
            usable = len(bits) // width * width if width else 0
            run = (
                bits[:usable].reshape(-1, width).astype(np.int64) @ powers if width else np.zeros((head >> 1) * 8, int)
            )
            at += size
        else:
            size = (width + 7) // 8
            value = int.from_bytes(body[at : at + size], "little")
            run = np.full(min(head >> 1, count - have), value, dtype=np.int64)
            at += size
        if not len(run):
            raise ValueError
        parts.append(run)
        have += len(run)
    return np.concatenate(parts)[:count] if parts else np.zeros(0, np.int64)


def _varint(body: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = body[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return value, at
    raise ValueError


class _Thrift:
    """The compact protocol, read from a place in a file: structures are dicts by the number of the field."""

    def __init__(self, content: bytes, at: int) -> None:
        if at < 0:
            raise ValueError
        self._content = content
        self.at = at

    def struct(self, depth: int = 0) -> dict[int, Any]:
        if depth > MAX_DEPTH:
            raise ValueError
        found: dict[int, Any] = {}
        field = 0
        while head := self._byte():
            field = field + (head >> 4) if head >> 4 else self._zigzag()
            kind = head & 0x0F
            found[field] = kind == 1 if kind in {1, 2} else self._value(kind, depth)
        return found

    def _value(self, kind: int, depth: int) -> Any:  # noqa: PLR0911 - one kind after the other
        if kind in {1, 2}:  # in a list
            return self._byte() == 1
        if kind == 3:
            return self._byte()
        if kind in {4, 5, 6}:
            return self._zigzag()
        if kind == 7:
            return float(np.frombuffer(self._take(8), "<f8")[0])
        if kind == 8:
            return self._take(self._number())
        if kind in {9, 10}:
            head = self._byte()
            size = head >> 4 if head >> 4 != 15 else self._number()
            if size > len(self._content):
                raise ValueError
            return [self._value(head & 0x0F, depth + 1) for _ in range(size)]
        if kind == 12:
            return self.struct(depth + 1)
        raise ValueError

    def _byte(self) -> int:
        self.at += 1
        return self._content[self.at - 1]

    def _number(self) -> int:
        value, self.at = _varint(self._content, self.at)
        return value

    def _zigzag(self) -> int:
        value = self._number()
        return (value >> 1) ^ -(value & 1)

    def _take(self, size: int) -> bytes:
        self.at += size
        taken = self._content[self.at - size : self.at]
        if len(taken) != size:
            raise ValueError
        return taken
