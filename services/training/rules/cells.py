"""What goes into a grouping and what comes out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Literal
from uuid import UUID

Reason = Literal["no_place", "too_many_partners", "too_few_near", "no_room", "neighbours_placed", "already_in_group"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What every group keeps to."""

    minimum: int
    maximum: int
    diameter_km: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """An enterprise with the number of women that would come from it, and where it is (lon, lat)."""

    id: UUID
    women: int
    place: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Group:
    """Enterprises that would be trained together, with the largest distance between two of them."""

    members: tuple[UUID, ...]
    women: int
    diameter_km: float


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Why an enterprise is in no group. `facts` can be checked: how many women are near, how many are missing."""

    reason: Reason
    facts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Grouping:
    """Every candidate is in one of the groups or among those left out."""

    groups: tuple[Group, ...]
    left_out: Mapping[UUID, LeftOut]


def middle_of(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The point in the middle of `points`: the median longitude and the median latitude."""
    return median(lon for lon, _ in points), median(lat for _, lat in points)
