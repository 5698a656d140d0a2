"""Visits as an iCalendar file (RFC 5545), each a day of its own without an hour."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

_WIDEST = 75
_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})


@dataclass(frozen=True, slots=True)
class Entry:
    """One visit: what stands in the calendar of who makes it."""

    uid: str
    day: date
    summary: str
    place: str
    notes: str


def calendar(entries: Iterable[Entry], name: str, made_at: datetime) -> bytes:
    """The file, its lines folded at 75 octets and ended as the standard wants it."""
    stamp = f"{made_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Red CSEM//Agenda//ES", f"X-WR-CALNAME:{_text(name)}"]
    for entry in entries:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{entry.uid}",
            f"DTSTAMP:{stamp}",
            f"DTSTART;VALUE=DATE:{entry.day:%Y%m%d}",
            f"DTEND;VALUE=DATE:{entry.day + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_text(entry.summary)}",
            f"LOCATION:{_text(entry.place)}",
            f"DESCRIPTION:{_text(entry.notes)}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    return "".join(f"{_folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"]).encode()


def _text(value: str) -> str:
    return value.translate(_ESCAPED)


def _folded(line: str) -> str:
    """No line is longer than 75 octets; a letter of several octets stays whole."""
    parts, width = [""], 0
    for letter in line:
        size = len(letter.encode())
        if width + size > _WIDEST:
            parts.append(" ")
            width = 1
        parts[-1] += letter
        width += size
    return "\r\n".join(parts)
