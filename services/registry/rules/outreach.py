"""Campaigns and fairs: what they reach, what they cost for each record, and how far a stand is."""

from collections.abc import Mapping
from datetime import date

from shared.kernel import Money

CHANNELS = (
    "radio",
    "conference",
    "university_talk",
    "promotional_material",
    "home_visit",
    "social_media",
)
RECORD_KINDS = ("brought_in", "validated")
LARGEST_FILE = 10_000_000
MOST_FILES = 20
SMALLEST_SUM = 5
"""Sums of fewer stands would tell who does not see single sales what one woman sold."""

STATES = ("invited", "confirmed", "took_part", "absent")
NEXT_STATES: Mapping[str, frozenset[str]] = {
    "invited": frozenset({"confirmed"}),
    "confirmed": frozenset({"took_part", "absent"}),
    "took_part": frozenset({"absent"}),
    "absent": frozenset({"took_part"}),
}
"""From a state to those that may follow it; the last two are each other's correction."""

_KINDS_OF_FILE = (
    (b"%PDF-", "application/pdf"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
)


def standing(begins_on: date, ends_on: date | None, today: date) -> str:
    """`future`, `running` (without an end it goes on, the last day included) or `over`."""
    if today < begins_on:
        return "future"
    return "over" if ends_on is not None and ends_on < today else "running"


def each(total: Money | None, count: int) -> Money | None:
    """The part of `total` for each of `count`, to the nearest cent, half a cent up; None where nothing is known of the
    total, and where there is nothing to divide it by.
    """
    if total is None or count <= 0:
        return None
    return Money((2 * total.minor + count) // (2 * count), total.currency)


def media_type_of(content: bytes) -> str | None:
    """What material is, by its first bytes: PDF, JPEG, PNG, MP3 or Ogg; None for anything else."""
    return next((media_type for head, media_type in _KINDS_OF_FILE if content.startswith(head)), None)


def impossible_reach(women: int | None, young_women: int | None) -> bool:
    """Young women are among the women: they cannot be more, nor known where the women are not."""
    return young_women is not None and (women is None or young_women > women)
