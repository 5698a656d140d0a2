"""Which badges were taken back, as everybody who has one can ask: the W3C's Bitstring Status List v1.0.

A diploma's place in the list is the running part of its number, so that nothing more is kept of it.
"""

import base64
import gzip
from collections.abc import Iterable
from typing import Any

SIZE = 131_072
"""Places of one list: the least that the standard allows, so that asking for one says little of whom it is about."""
REVOCATION = "revocation"


def place_of(number: str) -> tuple[int, int]:
    """In which list, and at which place in it, the diploma with this number stands."""
    return divmod(int(number.rpartition("-")[2]), SIZE)


def entry(address: str, place: int) -> dict[str, str]:
    """What a badge says of it: `address` is where its list is fetched."""
    return {
        "id": f"{address}#{place}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": REVOCATION,
        "statusListIndex": str(place),
        "statusListCredential": address,
    }


def subject(address: str, revoked: Iterable[int]) -> dict[str, Any]:
    """What the list says: a bit for each place, set where the badge was taken back, the first place leftmost; written
    as multibase base64url of the gzipped bits (Bitstring Status List v1.0, 3.1).
    """
    bits = bytearray(SIZE // 8)
    for place in revoked:
        bits[place // 8] |= 0x80 >> place % 8
    written = base64.urlsafe_b64encode(gzip.compress(bytes(bits), mtime=0)).decode().rstrip("=")
    return {
        "id": f"{address}#list",
        "type": "BitstringStatusList",
        "statusPurpose": REVOCATION,
        "encodedList": f"u{written}",
    }
