"""What is kept of a photograph or document: the picture itself, nothing of where and when it was taken."""

from dataclasses import dataclass

from services.registry.rules.institutions import is_pdf

LARGEST_FILE = 10_000_000

_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
# JPEG: JFIF (APP0), colours (APP2 ICC, APP14 Adobe) and all that makes the picture stay; Exif and XMP (APP1), IPTC
# (APP13), other application segments and comments go. Source: ITU-T T.81, table B.1.
_KEPT_APPLICATIONS = frozenset({0xE0, 0xE2, 0xEE})
_COMMENT, _START_OF_SCAN, _END = 0xFE, 0xDA, 0xD9
# PNG: the chunks that make the picture. Source: PNG specification, third edition.
_KEPT_CHUNKS = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP"})


@dataclass(frozen=True, slots=True)
class Kept:
    """The bytes to keep, and what they are."""

    media_type: str
    content: bytes


def file_kept(content: bytes) -> Kept | None:
    """A JPEG or PNG without what the camera wrote beside the picture, or a PDF as it is; None for anything else, and
    for a picture that is broken off.
    """
    try:
        if content.startswith(_JPEG):
            return Kept("image/jpeg", _bare_jpeg(content))
        if content.startswith(_PNG):
            return Kept("image/png", _bare_png(content))
    except (IndexError, ValueError):
        return None
    return Kept("application/pdf", content) if is_pdf(content) else None


def _bare_jpeg(content: bytes) -> bytes:
    kept, at = bytearray(content[:2]), 2
    while True:
        if content[at] != 0xFF:
            raise ValueError("no marker")
        marker = content[at + 1]
        if marker == _END:
            raise ValueError("no picture")
        length = int.from_bytes(content[at + 2 : at + 4])
        behind = at + 2 + length
        if length < 2 or behind > len(content):
            raise ValueError("broken off")
        if marker == _START_OF_SCAN:
            end = content.index(b"\xff\xd9", behind) + 2
            return bytes(kept + content[at:end])
        if not (0xE0 <= marker <= 0xEF or marker == _COMMENT) or marker in _KEPT_APPLICATIONS:
            kept += content[at:behind]
        at = behind


def _bare_png(content: bytes) -> bytes:
    kept, at = bytearray(_PNG), len(_PNG)
    while True:
        length, kind = int.from_bytes(content[at : at + 4]), content[at + 4 : at + 8]
        behind = at + 12 + length
        if len(kind) < 4 or behind > len(content):
            raise ValueError("broken off")
        if kind in _KEPT_CHUNKS:
            kept += content[at:behind]
        if kind == b"IEND":
            return bytes(kept)
        at = behind
