"""Which files are taken as papers and evidence: a PDF as it is, a picture without what the camera wrote beside it."""

LARGEST_FILE = 10_000_000
_JPEG, _PNG = b"\xff\xd8", b"\x89PNG\r\n\x1a\n"
_SCAN, _COMMENT, _FIRST_NOTE, _COLOURS, _LAST_NOTE = 0xDA, 0xFE, 0xE1, 0xEE, 0xEF
_NOTES = frozenset({b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME"})


def kept_of(content: bytes) -> tuple[str, bytes] | None:
    """The kind of a PDF, a JPEG or a PNG and the bytes to keep of it; None of anything else, and of half a picture."""
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-1024:]:
        return "application/pdf", content
    if content.startswith(_JPEG):
        picture = _jpeg(content)
        return ("image/jpeg", picture) if picture else None
    if content.startswith(_PNG):
        picture = _png(content)
        return ("image/png", picture) if picture else None
    return None


def _jpeg(content: bytes) -> bytes | None:
    """Without the segments that hold notes: where and when it was taken, with what."""
    kept, at = [_JPEG], 2
    while content[at : at + 1] == b"\xff" and at + 4 <= len(content):
        marker, end = content[at + 1], at + 2 + int.from_bytes(content[at + 2 : at + 4])
        if marker == _SCAN:
            whole = content.rfind(b"\xff\xd9")
            return b"".join([*kept, content[at : whole + 2]]) if whole > end else None
        if marker != _COMMENT and (not _FIRST_NOTE <= marker <= _LAST_NOTE or marker == _COLOURS):
            kept.append(content[at:end])
        at = end
    return None


def _png(content: bytes) -> bytes | None:
    """Without the chunks that hold notes."""
    kept, at = [_PNG], len(_PNG)
    while at + 12 <= len(content):
        kind, end = content[at + 4 : at + 8], at + 12 + int.from_bytes(content[at : at + 4])
        if kind not in _NOTES:
            kept.append(content[at:end])
        if kind == b"IEND":
            return b"".join(kept)
        at = end
    return None
