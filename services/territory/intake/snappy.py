"""Unpacks Snappy blocks (Google's format description of 2011), as Parquet files hold them."""


def unpacked(block: bytes, size: int) -> bytes:
    """The bytes of a block; `ValueError` where it is damaged or not of the `size` that was told."""
    told, at = _length(block)
    if told != size:
        raise ValueError
    out = bytearray()
    while at < len(block):
        tag = block[at]
        at += 1
        at = _literal(block, at, tag >> 2, out) if tag & 3 == 0 else _copy(block, at, tag, out)
        if len(out) > size:
            raise ValueError
    if len(out) != size:
        raise ValueError
    return bytes(out)


def _length(block: bytes) -> tuple[int, int]:
    value = 0
    for place in range(5):
        value |= (block[place] & 0x7F) << (7 * place)
        if not block[place] & 0x80:
            return value, place + 1
    raise ValueError


def _literal(block: bytes, at: int, length: int, out: bytearray) -> int:
    if length >= 60:
        extra = length - 59
        length = int.from_bytes(block[at : at + extra], "little")
        at += extra
    end = at + length + 1
    if end > len(block):
        raise ValueError
    out += block[at:end]
    return end


def _copy(block: bytes, at: int, tag: int, out: bytearray) -> int:
    """What was written before is written again; it may reach into itself."""
    if tag & 3 == 1:
        length, offset, used = ((tag >> 2) & 7) + 4, ((tag >> 5) << 8) | block[at], 1
    else:
        used = 2 if tag & 3 == 2 else 4
        length, offset = (tag >> 2) + 1, int.from_bytes(block[at : at + used], "little")
    start = len(out) - offset
    if offset == 0 or start < 0:
        raise ValueError
    if offset >= length:
        out += out[start : start + length]
    else:
        out += (bytes(out[start:]) * (length // offset + 1))[:length]
    return at + used
