"""The technical assistance that was given, added up."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

GROUPS = ("technician", "need", "accompaniment", "month")
NO_NEED = "none"


@dataclass(frozen=True, slots=True)
class Assistance:
    """One visit that was made: whose, when, how many minutes, which needs it answered."""

    accompaniment: str
    technician: str
    made_on: date
    minutes: int
    needs: tuple[str, ...]


def shares(visit: Assistance, by: str) -> Iterator[tuple[str, int]]:
    """Under which keys a visit counts, and with how many minutes: one that answers several needs is divided among them,
    so that the parts add up to the whole.
    """
    if by == "need":
        needs = visit.needs or (NO_NEED,)
        each, rest = divmod(visit.minutes, len(needs))
        for number, need in enumerate(needs):
            yield need, each + (number < rest)
    elif by == "month":
        yield visit.made_on.isoformat()[:7], visit.minutes
    else:
        yield (visit.technician if by == "technician" else visit.accompaniment), visit.minutes


def totals(visits: Iterable[Assistance], by: str) -> dict[str, tuple[int, int]]:
    """Visits and minutes under each key, the keys in order."""
    found: dict[str, tuple[int, int]] = {}
    for visit in visits:
        for key, minutes in shares(visit, by):
            count, known = found.get(key, (0, 0))
            found[key] = (count + 1, known + minutes)
    return dict(sorted(found.items()))
