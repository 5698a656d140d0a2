"""A zip that a stranger sent, opened only after its directory proved harmless and read only within limits."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

_LOCAL_HEADER = b"PK\x03\x04"
_EMPTY_ARCHIVE = b"PK\x05\x06"
UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, struct.error, ValueError, OSError, RuntimeError),
    *(NotImplementedError, EOFError, KeyError, IndexError, OverflowError),
)
"""Besides its own exception, the standard library tells a damaged archive in all these ways."""

_CHUNK = 1 << 18
_OVERLAP = 64
_ENCRYPTED = 1
_HEADER = 30
Look = Callable[[str, bytes, bool], None]
"""What looks at the parts: told the name of one, the next bytes of it with the end of those before, and whether they
are its first."""


class Fault(StrEnum):
    """What is wrong with an archive."""

    PARTS = "parts"
    INFLATES = "inflates"
    ENCRYPTED = "encrypted"
    DAMAGED = "damaged"


class Unsafe(Exception):  # noqa: N818 - it reads as a word where it is caught
    """An archive is not read; whoever opened it says so in words of its own."""

    def __init__(self, fault: Fault, parts: int = 0) -> None:
        super().__init__(fault)
        self.fault, self.parts = fault, parts


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """How many parts an archive may have, and how far it may inflate.

    A part becomes at most `ratio` times as long as it is packed; up to `any_density` bytes it may be of any density.
    Where `dense_bytes` is given the same holds of the whole archive: more than that only `ratio` times as long.
    """

    entries: int
    inflated_bytes: int
    ratio: int = 200
    any_density: int = 1 << 20
    dense_bytes: int | None = None

    def most_of_all(self, packed: int) -> int:
        """How many bytes an archive of this length may become."""
        if self.dense_bytes is None:
            return self.inflated_bytes
        return min(max(packed * self.ratio, self.dense_bytes), self.inflated_bytes)

    def most(self, entry: zipfile.ZipInfo) -> int:
        """How many bytes a part may become."""
        return min(max(entry.compress_size * self.ratio, self.any_density), self.inflated_bytes)


def is_archive(content: bytes) -> bool:
    """Whether it begins as a zip."""
    return content.startswith((_LOCAL_HEADER, _EMPTY_ARCHIVE))


@contextmanager
def opened(content: bytes, limits: ArchiveLimits) -> Iterator["Archive"]:
    """The archive, whose directory declares nothing beyond the limits, no encrypted part, no name twice and none that
    leads out of a folder. Raises `Unsafe` for these, and where whoever reads it finds it damaged.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as found:
            entries = found.infolist()
        _check_directory(entries, limits, len(content))
        yield Archive(content, limits, entries)
    except UNREADABLE as error:
        raise Unsafe(Fault.DAMAGED) from error


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive whose directory is harmless; its parts are still not believed."""

    content: bytes
    limits: ArchiveLimits
    entries: list[zipfile.ZipInfo]

    @property
    def names(self) -> list[str]:
        """The names of its parts, in their order."""
        return [entry.filename for entry in self.entries]

    def read(self, name: str) -> bytes:
        """The bytes of one part. Raises `Unsafe` where it becomes longer than it may, or is not whole."""
        (entry,) = (entry for entry in self.entries if entry.filename == name)
        return b"".join(self._pieces(entry, self.limits.most(entry)))

    def inflate(self, look: Look | None = None) -> None:
        """Every part is there, whole and within the limits, whatever the directory declares; `look` sees all of it."""
        left = self.limits.inflated_bytes
        for entry in self.entries:
            tail, first = b"", True
            for piece in self._pieces(entry, min(left, self.limits.most(entry))):
                left -= len(piece)
                if look is not None:
                    look(entry.filename, tail + piece, first)
                    tail, first = piece[-_OVERLAP:], False

    def _pieces(self, entry: zipfile.ZipInfo, most: int) -> Iterator[bytes]:
        size = checksum = 0
        for piece in filter(None, self._inflated(entry)):
            size += len(piece)
            if size > most:
                raise Unsafe(Fault.INFLATES)
            checksum = zlib.crc32(piece, checksum)
            yield piece
        if (size, checksum) != (entry.file_size, entry.CRC):
            raise Unsafe(Fault.DAMAGED)

    def _inflated(self, entry: zipfile.ZipInfo) -> Iterator[bytes]:
        """The bytes of a part as any reader would inflate them, whatever size the directory declares."""
        header = self.content[entry.header_offset : entry.header_offset + _HEADER]
        if not header.startswith(_LOCAL_HEADER):
            raise Unsafe(Fault.DAMAGED)
        name_length, extra_length = struct.unpack("<HH", header[26:])
        start = entry.header_offset + _HEADER + name_length + extra_length
        packed = memoryview(self.content)[start : start + entry.compress_size]
        if entry.compress_type == zipfile.ZIP_STORED:
            for at in range(0, len(packed), _CHUNK):
                yield bytes(packed[at : at + _CHUNK])
            return
        if entry.compress_type != zipfile.ZIP_DEFLATED:
            raise Unsafe(Fault.DAMAGED)
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        for at in range(0, len(packed), _CHUNK):
            rest = bytes(packed[at : at + _CHUNK])
            while rest and not inflater.eof:
                yield inflater.decompress(rest, _CHUNK)
                rest = inflater.unconsumed_tail
        yield inflater.flush()


def _check_directory(entries: list[zipfile.ZipInfo], limits: ArchiveLimits, packed: int) -> None:
    """What the directory of the archive declares, before anything is inflated."""
    if len(entries) > limits.entries:
        raise Unsafe(Fault.PARTS, len(entries))
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise Unsafe(Fault.ENCRYPTED)
    if len({entry.filename for entry in entries}) != len(entries) or any(map(_climbs, entries)):
        raise Unsafe(Fault.DAMAGED)
    declared = sum(entry.file_size for entry in entries)
    if declared > limits.most_of_all(packed) or any(entry.file_size > limits.most(entry) for entry in entries):
        raise Unsafe(Fault.INFLATES)


def _climbs(entry: zipfile.ZipInfo) -> bool:
    """Whether a name leads out of the folder that it would be unpacked into."""
    steps = entry.filename.replace("\\", "/").split("/")
    return steps[0] == "" or steps[0].endswith(":") or ".." in steps
