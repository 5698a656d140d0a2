"""A zip of a stranger: every hostile shape is refused with what is wrong with it, and a plain one is read whole."""

import io
import struct
import warnings
import zipfile
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.archives import ArchiveLimits, Fault, Unsafe, is_archive, opened

LIMITS = ArchiveLimits(entries=10, inflated_bytes=3_000_000, ratio=50, any_density=100_000)
_CENTRAL, _LOCAL = b"PK\x01\x02", b"PK\x03\x04"
_FLAGS, _METHOD, _CHECKSUM, _SIZE = 8, 10, 16, 24
"""Where they stand in an entry of the directory."""


def zipped(*parts: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    held = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(held, "w", method) as archive:
        warnings.simplefilter("ignore")  # a name twice
        for name, content in parts:
            archive.writestr(name, content)
    return held.getvalue()


def plain() -> bytes:
    return zipped(("carpeta/", b""), ("carpeta/a.txt", b"hola " * 400), ("b.txt", b"adi\xc3\xb3s"))


def declared(content: bytes, at: int, value: bytes) -> bytes:
    """The archive, whose directory says something else of its first part."""
    place = content.index(_CENTRAL) + at
    return content[:place] + value + content[place + len(value) :]


def damaged(content: bytes, at: int = 36) -> bytes:
    return content[:at] + bytes(byte ^ 0xFF for byte in content[at : at + 4]) + content[at + 4 :]


def named(name: str) -> bytes:
    """An archive with a part of this name, as a program without scruples writes it."""
    held = "x" * len(name.encode())
    return zipped((held, b"hola")).replace(held.encode(), name.encode())


def far_header() -> bytes:
    """The directory leads to a part behind the end of the file."""
    content = plain()
    return declared(content, 42, struct.pack("<L", len(content)))


HOSTILE: dict[str, tuple[Fault, Callable[[], bytes]]] = {
    "more parts than are read": (Fault.PARTS, lambda: zipped(*((f"{n}.txt", b"x") for n in range(11)))),
    "one part far denser than text is": (Fault.INFLATES, lambda: zipped(("a", bytes(2_000_000)))),
    "parts that are too much together": (
        Fault.INFLATES,
        lambda: zipped(*((f"{n}", bytes(range(256)) * 4_000) for n in range(4)), method=zipfile.ZIP_STORED),
    ),
    "a size that is declared small": (
        Fault.INFLATES,
        lambda: declared(zipped(("a", bytes(2_000_000))), _SIZE, struct.pack("<L", 10)),
    ),
    "a size that is declared enormous": (Fault.INFLATES, lambda: declared(plain(), _SIZE, b"\xfe\xff\xff\xff")),
    "a password": (Fault.ENCRYPTED, lambda: declared(zipped(("a", b"hola")), _FLAGS, b"\x01\x00")),
    "a name twice": (Fault.DAMAGED, lambda: zipped(("a", b"1"), ("a", b"2"))),
    "a name that climbs": (Fault.DAMAGED, lambda: named("../../etc/x")),
    "a name that climbs on the way": (Fault.DAMAGED, lambda: named("a/../../x")),
    "a name that climbs on Windows": (Fault.DAMAGED, lambda: named("a\\..\\..\\x")),
    "a name from the root": (Fault.DAMAGED, lambda: named("/etc/x")),
    "a name on a drive": (Fault.DAMAGED, lambda: named("C:/x")),
    "packed bytes that are damaged": (Fault.DAMAGED, lambda: damaged(zipped(("a", b"hola mundo " * 90)))),
    "stored bytes that are damaged": (
        Fault.DAMAGED,
        lambda: damaged(zipped(("a", b"hola mundo " * 90), method=zipfile.ZIP_STORED)),
    ),
    "another checksum": (Fault.DAMAGED, lambda: declared(zipped(("a", b"hola")), _CHECKSUM, b"\x00\x01\x02\x03")),
    "a way of packing that nobody uses": (
        Fault.DAMAGED,
        lambda: declared(zipped(("a", b"hola")), _METHOD, b"\x63\x00"),
    ),
    "a way of packing that is denser still": (
        Fault.DAMAGED,
        lambda: zipped(("a", b"hola" * 100), method=zipfile.ZIP_LZMA),
    ),
    "a part behind the end": (Fault.DAMAGED, far_header),
    "half of it": (Fault.DAMAGED, lambda: plain()[: len(plain()) // 2]),
    "only its beginning": (Fault.DAMAGED, lambda: _LOCAL),
    "nothing": (Fault.DAMAGED, lambda: b""),
}


def read_all(content: bytes, limits: ArchiveLimits = LIMITS) -> dict[str, bytes]:
    with opened(content, limits) as archive:
        archive.inflate()
        return {name: archive.read(name) for name in archive.names}


@pytest.mark.parametrize(("fault", "made"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_archive_is_refused_with_what_is_wrong(fault: Fault, made: Callable[[], bytes]) -> None:
    with pytest.raises(Unsafe) as refused:
        read_all(made())
    assert refused.value.fault == fault


def test_a_plain_archive_is_read_whole_and_each_part_is_looked_at() -> None:
    seen: list[tuple[str, bytes, bool]] = []
    with opened(plain(), LIMITS) as archive:
        archive.inflate(lambda name, window, first: seen.append((name, window, first)))
        assert archive.names == ["carpeta/", "carpeta/a.txt", "b.txt"]
        assert archive.read("b.txt").decode() == "adiós"
    assert b"".join(window for name, window, _first in seen if name == "carpeta/a.txt") == b"hola " * 400
    assert is_archive(plain())
    assert not is_archive(b"%PDF-1.7")


def test_what_stands_across_two_pieces_is_seen_in_one() -> None:
    wide = ArchiveLimits(entries=1, inflated_bytes=2_000_000)
    whole = b"." * (2**18 - 3) + b"<!DOCTYPE x>" + b"." * 50
    seen: list[tuple[bytes, bool]] = []
    with opened(zipped(("a.xml", whole), method=zipfile.ZIP_STORED), wide) as archive:
        archive.inflate(lambda _name, window, first: seen.append((window, first)))
    assert [first for _window, first in seen] == [True, False]
    assert any(b"<!DOCTYPE" in window for window, _first in seen)


def test_a_dense_part_is_read_where_it_is_small() -> None:
    assert read_all(zipped(("a", bytes(90_000)))) == {"a": bytes(90_000)}
    assert len(read_all(zipped(("a", bytes(2_000_000))), ArchiveLimits(1, 3_000_000, ratio=1_032))["a"]) == 2_000_000


def test_how_many_parts_there_were_is_told() -> None:
    with pytest.raises(Unsafe) as refused:
        read_all(zipped(*((f"{n}", b"x") for n in range(12))))
    assert refused.value.parts == 12


@given(at=st.integers(0, 400), byte=st.integers(0, 255))
def test_whatever_byte_is_changed_it_is_read_or_refused_and_nothing_else(at: int, byte: int) -> None:
    content = bytearray(plain())
    content[at % len(content)] = byte
    with suppress(Unsafe):
        read_all(bytes(content))


def test_many_dense_parts_together_are_as_much_as_one() -> None:
    """Each of them is small enough to be of any density; where the whole is bounded, all of them are not."""
    content = zipped(*((f"{number}.txt", bytes(90_000)) for number in range(9)))
    with opened(content, LIMITS) as archive:
        assert len(archive.read("8.txt")) == 90_000
    bounded = ArchiveLimits(entries=10, inflated_bytes=3_000_000, ratio=50, any_density=100_000, dense_bytes=100_000)
    with pytest.raises(Unsafe) as refused, opened(content, bounded):
        pass
    assert refused.value.fault is Fault.INFLATES
