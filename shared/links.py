"""Personal and shared links: what stands in the address, and whether it was signed here.

Whoever has the address has what it leads to, until its last day; that it was taken back is a row of the service's own.
"""

import base64
import binascii
import hmac
from datetime import date
from uuid import UUID

_SIGNATURE = 16
_SAID = 20


def signed(link_id: UUID, last_day: date, key: bytes) -> str:
    """The link's id, its last day and a signature of both (HMAC-SHA-256, 16 bytes), in 48 characters."""
    said = link_id.bytes + last_day.toordinal().to_bytes(4)
    return base64.urlsafe_b64encode(said + _signature(said, key)).decode()


def read(token: str, key: bytes) -> tuple[UUID, date] | None:
    """The link's id and its last day, or None where this was not signed with `key`."""
    try:
        whole = base64.b64decode(token, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    said, signature = whole[:_SAID], whole[_SAID:]
    if len(said) != _SAID or not hmac.compare_digest(signature, _signature(said, key)):
        return None
    return UUID(bytes=said[:16]), date.fromordinal(int.from_bytes(said[16:]))


def _signature(said: bytes, key: bytes) -> bytes:
    return hmac.digest(key, said, "sha256")[:_SIGNATURE]
