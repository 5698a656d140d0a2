"""Which of several marks of one woman at one session stands, what her hours come to, and whether she completed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from uuid import UUID

PRESENT, EXCUSED, ABSENT = "present", "excused", "absent"
STATUSES = (PRESENT, EXCUSED, ABSENT)
PAGE, OFFLINE, SHEET, COMMAND = "page", "offline", "sheet", "command"
WAYS = (PAGE, OFFLINE, SHEET, COMMAND)


@dataclass(frozen=True, slots=True)
class Mark:
    """What somebody noted of a woman at a session. `seen` is the mark that she was shown when she noted it."""

    id: UUID
    status: str
    minutes: int
    marked_at: datetime
    seen: UUID | None = None


def later(one: Mark, other: Mark) -> Mark:
    """The mark that stands: the one noted later; of the same moment, that with the greater id, so that every order of
    arrival ends the same.
    """
    return max(one, other, key=lambda mark: (mark.marked_at, mark.id))


def contradicts(new: Mark, standing: Mark | None) -> bool:
    """Whether two phones noted different things of her, each without having seen what the other noted."""
    if standing is None or new.seen == standing.id:
        return False
    return (new.status, new.minutes) != (standing.status, standing.minutes)


def within(moment: datetime, earliest: datetime, now: datetime) -> datetime:
    """When a mark was noted, as far as a phone's clock can be believed: not before the session, not after it came."""
    return min(max(moment, earliest), now)


def default_minutes(status: str, whole: int) -> int:
    """The minutes of who was there are all of the session's unless told otherwise; of others there are none."""
    return whole if status == PRESENT else 0


@dataclass(frozen=True, slots=True)
class Share:
    """The minutes that a woman was there of those that were held."""

    attended: int
    held: int

    @property
    def percent(self) -> float | None:
        """Of the hours, to a tenth; None where nothing was held yet."""
        return round(float(Fraction(100 * self.attended, self.held)), 1) if self.held else None

    def completes(self, share_percent: int) -> bool:
        """Whether it is enough, exactly: 4 of 5 hours are 80 %. Where nothing was held nobody completed."""
        return self.held > 0 and 100 * self.attended >= share_percent * self.held


def by_woman(marks: Iterable[tuple[UUID, UUID, int]], held: Mapping[UUID, int]) -> dict[UUID, Share]:
    """The share of each woman, of (woman, session, minutes) that stand. A session counts once, with the most minutes
    told: a woman with two records was there once.
    """
    most: dict[tuple[UUID, UUID], int] = {}
    for woman, session, minutes in marks:
        most[woman, session] = max(minutes, most.get((woman, session), 0))
    attended: dict[UUID, int] = {}
    for (woman, session), minutes in most.items():
        attended[woman] = attended.get(woman, 0) + (minutes if session in held else 0)
    whole = sum(held.values())
    return {woman: Share(minutes, whole) for woman, minutes in attended.items()}
