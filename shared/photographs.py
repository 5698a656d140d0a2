"""A photograph without what it tells besides the picture: where and when it was taken, with which device, by whom.

Nothing is decoded: a JPEG is a row of segments, a PNG a row of chunks, and only those a picture is drawn from are
copied. What is no whole JPEG or PNG is refused. Sources: ITU-T T.81 annex B, JFIF 1.02, Exif 2.32, PNG (W3C, 2003).
"""

import zlib
from collections.abc import Iterator
from typing import Literal

from shared.kernel import Invalid

LARGEST = 8_000_000
_SIDE = 20_000
_EOI, _SOS = 0xD9, 0xDA
_RESTARTS = range(0xD0, 0xD8)
_FRAMES = frozenset({0xC0, 0xC1, 0xC2})
_TABLES = frozenset({0xC4, 0xDB, 0xDD})
_APPS, _COMMENT = range(0xE0, 0xF0), 0xFE
_JFIF, _EXIF, _ADOBE = 0xE0, 0xE1, 0xEE
_ORIENTATION = 0x0112
_PNG = b"\x89PNG\r\n\x1a\n"
_DRAWN = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"sRGB", b"gAMA", b"cHRM", b"sBIT", b"bKGD", b"pHYs"})


def cleaned(content: bytes) -> tuple[str, bytes]:
    """The media type and the bytes that are kept of a photograph; which way up it is held is all that stays of its
    notes. Refuses what is neither a JPEG nor a PNG, or not whole.
    """
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg", _jpeg(content)
    if content.startswith(_PNG):
        return "image/png", _png(content)
    raise Invalid("photo.not_an_image", pointer="/file")


def _jpeg(content: bytes) -> bytes:
    head: list[bytes] = []
    kept: list[bytes] = []
    orientation, seen = 1, set()
    for marker, body in _segments(content):
        seen.add(marker)
        if marker == _JFIF and body.startswith(b"JFIF\0") and not head:
            head.append(_segment(marker, body[:12] + b"\0\0"))  # without its small picture
        elif marker == _EXIF:
            orientation = _orientation(body) or orientation
        elif marker == _ADOBE and body.startswith(b"Adobe"):
            kept.append(_segment(marker, body[:12]))  # how its colours are meant
        elif marker == _SOS:
            kept.append(b"\xff\xda" + body)
        elif marker in _FRAMES | _TABLES:
            kept.append(_segment(marker, body))
        if marker in _FRAMES:
            _check_size(int.from_bytes(body[3:5]), int.from_bytes(body[1:3]))
    if not seen & _FRAMES or _SOS not in seen:
        raise _damaged()
    upright = [] if orientation == 1 else [_upright(orientation)]
    return b"".join([b"\xff\xd8", *head, *upright, *kept, b"\xff\xd9"])


def _segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Marker and body of each segment; of a scan with its length in front and its data behind. What follows the end of
    the image (a second picture, a film) is left out.
    """
    at = 2
    while True:
        if content[at : at + 1] != b"\xff":
            raise _damaged()
        while content[at : at + 1] == b"\xff":
            at += 1
        if at >= len(content):
            raise _damaged()
        marker = content[at]
        if marker == _EOI:
            return
        if marker not in _FRAMES | _TABLES | {_SOS, _COMMENT} and marker not in _APPS:
            raise _damaged()
        length = int.from_bytes(content[at + 1 : at + 3])
        end = at + 1 + length
        if length < 2 or end > len(content):
            raise _damaged()
        if marker == _SOS:
            data = _end_of_scan(content, end)
            yield marker, content[at + 1 : data]
            at = data
        else:
            yield marker, content[at + 3 : end]
            at = end


def _end_of_scan(content: bytes, at: int) -> int:
    """Where the next marker stands that is no restart and no stuffed byte."""
    while True:
        at = content.find(b"\xff", at)
        if at < 0 or at + 1 >= len(content):
            raise _damaged()
        after = content[at + 1]
        if after == 0xFF:
            at += 1
        elif after == 0 or after in _RESTARTS:
            at += 2
        else:
            return at


def _segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2) + body


def _orientation(body: bytes) -> int | None:
    """Which way up the camera was held (1 to 8), where the notes say it."""
    if not body.startswith(b"Exif\0\0"):
        return None
    tiff = body[6:]
    if tiff[:4] not in {b"II*\0", b"MM\0*"}:
        return None
    order: Literal["little", "big"] = "little" if tiff.startswith(b"II") else "big"

    def number(start: int, size: int) -> int:
        return int.from_bytes(tiff[start : start + size], order)

    directory = number(4, 4)
    for entry in range(min(number(directory, 2), 200)):
        start = directory + 2 + 12 * entry
        if number(start, 2) == _ORIENTATION:
            return found if 1 <= (found := number(start + 8, 2)) <= 8 else None
    return None


def _upright(orientation: int) -> bytes:
    """Notes that say nothing but which way up the picture is held."""
    entry = _ORIENTATION.to_bytes(2) + (3).to_bytes(2) + (1).to_bytes(4) + orientation.to_bytes(2) + b"\0\0"
    directory = (1).to_bytes(2) + entry + bytes(4)
    return _segment(_EXIF, b"Exif\0\0MM\0*" + (8).to_bytes(4) + directory)


def _png(content: bytes) -> bytes:
    kept, at = [_PNG], len(_PNG)
    kinds: list[bytes] = []
    while not kinds or kinds[-1] != b"IEND":
        length = int.from_bytes(content[at : at + 4])
        end = at + 12 + length
        kind, check = content[at + 4 : at + 8], content[end - 4 : end]
        if end > len(content) or zlib.crc32(content[at + 4 : end - 4]).to_bytes(4) != check:
            raise _damaged()
        is_critical = not kind[0] & 0x20
        if is_critical and kind not in _DRAWN:
            raise _damaged()
        if kind == b"IHDR":
            _check_size(int.from_bytes(content[at + 8 : at + 12]), int.from_bytes(content[at + 12 : at + 16]))
        if kind in _DRAWN:
            kept.append(content[at:end])
        kinds.append(kind)
        at = end
    if kinds[0] != b"IHDR" or kinds.count(b"IHDR") != 1 or b"IDAT" not in kinds:
        raise _damaged()
    return b"".join(kept)


def _check_size(width: int, height: int) -> None:
    if not 0 < width <= _SIDE or not 0 < height <= _SIDE:
        raise Invalid("photo.too_wide", pointer="/file", maximum=_SIDE)


def _damaged() -> Invalid:
    return Invalid("photo.damaged", pointer="/file")
