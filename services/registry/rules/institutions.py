"""The institutions a centre works with, and how long their agreements stand."""

from collections.abc import Collection
from datetime import date, timedelta

KINDS = (
    "leda",
    "municipality",
    "municipal_consortium",
    "university",
    "learning_centre",
    "bank",
    "ministry",
    "womens_organization",
    "chamber",
    "cooperation_agency",
)
EXPIRES_SOON_DAYS = 60
"""So many days before its end an agreement is to be renewed or let go."""

LARGEST_FILE = 10_000_000


def standing(valid_from: date, valid_until: date | None, today: date) -> str:
    """`future`, `in_force`, `expiring` (within `EXPIRES_SOON_DAYS`, the last day included) or `over`."""
    if today < valid_from:
        return "future"
    if valid_until is None or valid_until > today + timedelta(days=EXPIRES_SOON_DAYS):
        return "in_force"
    return "over" if valid_until < today else "expiring"


def is_pdf(content: bytes) -> bool:
    """Whether the bytes are a PDF from its head to its end mark."""
    return content.startswith(b"%PDF-") and b"%%EOF" in content[-1024:]


def around(units: Collection[str]) -> set[str]:
    """The countries and departments that hold these units: who works in a part deals with institutions of the whole."""
    return {unit[:length] for unit in units for length in (2, 4) if length < len(unit)}
