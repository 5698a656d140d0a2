"""Single submissions that wait for somebody: how many a form server may send, and how long a rejected one is kept."""

from datetime import datetime, timedelta

WINDOW = timedelta(minutes=1)
MOST = 300
"""Submissions that one token may bring within the window: a technician's telephone sends a week's work at once."""

KEPT_REJECTED = timedelta(days=30)
STATES = ("waiting", "accepted", "rejected", "withdrawn")


def next_count(count: int, since: datetime | None, now: datetime) -> tuple[int, datetime]:
    """The count and the begin of the window after one more submission."""
    return (1, now) if since is None or now >= since + WINDOW else (count + 1, since)


def wait_seconds(count: int, since: datetime, now: datetime) -> int:
    """Whole seconds to wait where the window is full, 0 where it is not."""
    return 0 if count <= MOST else max(1, int((since + WINDOW - now).total_seconds()))
