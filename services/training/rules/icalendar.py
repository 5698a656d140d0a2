"""A calendar feed, as calendar programs read it: iCalendar (RFC 5545, RFC 7986)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from services.training.rules.timetable import Timetable

_LINE = 75
"""Octets of a line at most, its end not counted (RFC 5545, 3.1)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A session in a calendar. `sequence` counts its revisions, `changed_at` is the moment of the latest."""

    id: UUID
    sequence: int
    changed_at: datetime
    timetable: Timetable
    title: str
    description: str
    cancelled: bool = False


def feed(name: str, entries: Iterable[Entry]) -> bytes:
    """The calendar with its entries: each keeps its UID through all revisions, and its SEQUENCE grows with each; a
    session of some days is one event that repeats daily. Moments are in UTC: the three countries know no summer time.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Red CSEM//training//ES",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"NAME:{_text(name)}",
        f"X-WR-CALNAME:{_text(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT6H",
        *(line for entry in entries for line in _event(entry)),
        "END:VCALENDAR",
    ]
    return b"".join(part + b"\r\n" for line in lines for part in _folded(line))


def _event(entry: Entry) -> Sequence[str]:
    begins, ends = next(entry.timetable.meetings())
    days = entry.timetable.days
    return [
        "BEGIN:VEVENT",
        f"UID:{entry.id}",
        f"DTSTAMP:{_moment(entry.changed_at)}",
        f"LAST-MODIFIED:{_moment(entry.changed_at)}",
        f"SEQUENCE:{entry.sequence}",
        f"DTSTART:{_moment(begins)}",
        f"DTEND:{_moment(ends)}",
        *([f"RRULE:FREQ=DAILY;COUNT={days}"] if days > 1 else []),
        f"SUMMARY:{_text(entry.title)}",
        f"LOCATION:{_text(entry.timetable.place)}",
        f"DESCRIPTION:{_text(entry.description)}",
        f"STATUS:{'CANCELLED' if entry.cancelled else 'CONFIRMED'}",
        "END:VEVENT",
    ]


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(value: str) -> str:
    """A text value: backslash, semicolon, comma and line ends are escaped (RFC 5545, 3.3.11)."""
    plain = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return plain.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n")


def _folded(line: str) -> Iterator[bytes]:
    """The line in pieces of at most 75 octets, each but the first begun by a blank; no character is cut in two."""
    piece = b""
    for character in line:
        octets = character.encode()
        if len(piece) + len(octets) > _LINE:
            yield piece
            piece = b" "
        piece += octets
    yield piece
