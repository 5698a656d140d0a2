"""Which files the library takes: a PDF, a picture, a sound, or a document of an office program without macros."""

import io
import zipfile
import zlib

from shared.kernel import Invalid
from shared.papers import kept_of

PDF = "application/pdf"
_OFFICE = "application/vnd.openxmlformats-officedocument."
_PARTS = {
    "word/document.xml": f"{_OFFICE}wordprocessingml.document",
    "xl/workbook.xml": f"{_OFFICE}spreadsheetml.sheet",
    "ppt/presentation.xml": f"{_OFFICE}presentationml.presentation",
}
_OPEN = frozenset(f"application/vnd.oasis.opendocument.{kind}" for kind in ("text", "spreadsheet", "presentation"))
_SOUNDS = ((b"ID3", "audio/mpeg"), (b"\xff\xfb", "audio/mpeg"), (b"OggS", "audio/ogg"))
_MOST_PARTS = 5_000
_MOST_UNFOLDED = 300_000_000
_PIECE = 1 << 20
_ENCRYPTED = 1


def is_packed(content: bytes) -> bool:
    """Whether it begins as a zip: such a file is opened apart, with `packed_kind`."""
    return content.startswith(b"PK\x03\x04")


def plain_kept(content: bytes) -> tuple[str, bytes]:
    """The media type and the bytes that are kept of a file that is no zip: pictures without what the camera wrote.
    Refuses what the library does not take.
    """
    if kept := kept_of(content):
        return kept
    for head, media_type in _SOUNDS:
        if content.startswith(head):
            return media_type, content
    raise Invalid("library.file_kind", pointer="/file")


def packed_kind(content: bytes) -> str:
    """The media type of a whole document of an office program; refuses any other zip, one with macros or a password,
    and one that unfolds to more than a computer of the centre can open.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _MOST_UNFOLDED:
                raise Invalid("library.file_unfolds", pointer="/file")
            if any(part.flag_bits & _ENCRYPTED for part in parts):
                raise Invalid("library.file_locked", pointer="/file")
            names = {part.filename for part in parts}
            if any(_is_macro(name) for name in names):
                raise Invalid("library.file_macros", pointer="/file")
            media_type = _told(archive, names)
            _read_all(archive, parts)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError):
        raise Invalid("library.file_damaged", pointer="/file") from None
    except RuntimeError:
        raise Invalid("library.file_locked", pointer="/file") from None
    return media_type


def _is_macro(name: str) -> bool:
    lower = name.lower()
    return lower.endswith(("vbaproject.bin", ".exe", ".js", ".vbs")) or lower.startswith(("basic/", "scripts/"))


def _told(archive: zipfile.ZipFile, names: set[str]) -> str:
    if "[Content_Types].xml" in names:
        for part, media_type in _PARTS.items():
            if part in names:
                return media_type
    if "mimetype" in names:
        with archive.open("mimetype") as opened:
            media_type = opened.read(100).decode("ascii", "replace").strip()
        if media_type in _OPEN:
            return media_type
    raise Invalid("library.file_kind", pointer="/file")


def _read_all(archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo]) -> None:
    """Every part is there and whole, and no larger than it says."""
    left = _MOST_UNFOLDED
    for part in parts:
        with archive.open(part) as opened:
            while piece := opened.read(_PIECE):
                left -= len(piece)
                if left < 0:
                    raise Invalid("library.file_unfolds", pointer="/file")
