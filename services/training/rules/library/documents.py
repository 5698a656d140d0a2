"""Which files the library takes: a PDF, a picture, a sound, or a document of an office program without macros."""

from shared.archives import Archive, ArchiveLimits, Fault, Unsafe, opened
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
_DENSEST = 1_032
"""So many times as long as it is packed a part becomes at most: its pictures and its text may be of any density."""
_LIMITS = ArchiveLimits(entries=5_000, inflated_bytes=300_000_000, ratio=_DENSEST)
_FAULTS = {
    Fault.PARTS: "file_unfolds",
    Fault.INFLATES: "file_unfolds",
    Fault.ENCRYPTED: "file_locked",
    Fault.DAMAGED: "file_damaged",
}


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
        with opened(content, _LIMITS) as archive:
            if any(map(_is_macro, archive.names)):
                raise Invalid("library.file_macros", pointer="/file")
            media_type = _told(archive)
            archive.inflate()
    except Unsafe as unsafe:
        raise Invalid(f"library.{_FAULTS[unsafe.fault]}", pointer="/file") from None
    return media_type


def _is_macro(name: str) -> bool:
    lower = name.lower()
    return lower.endswith(("vbaproject.bin", ".exe", ".js", ".vbs")) or lower.startswith(("basic/", "scripts/"))


def _told(archive: Archive) -> str:
    names = set(archive.names)
    if "[Content_Types].xml" in names:
        for part, media_type in _PARTS.items():
            if part in names:
                return media_type
    if "mimetype" in names:
        media_type = archive.read("mimetype")[:100].decode("ascii", "replace").strip()
        if media_type in _OPEN:
            return media_type
    raise Invalid("library.file_kind", pointer="/file")
