"""An assignment of women to groups while it is being made."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from services.training.rules.cells import Candidate, Limits
from services.training.rules.nearness import Distances

TOLERANCE = 1e-9
"""Kilometres by which a distance may exceed the diameter: less than the rounding of its computation."""


class Field:
    """Candidates of one cell as arrays."""

    def __init__(self, candidates: Sequence[Candidate], limits: Limits, distances: Distances) -> None:
        self.candidates = candidates
        self.limits = limits
        self.women: NDArray[np.int64] = np.array([candidate.women for candidate in candidates], dtype=np.int64)
        places = np.array([candidate.place for candidate in candidates], dtype=np.float64).reshape(-1, 2)
        self.lon, self.lat = places[:, 0], places[:, 1]
        self.distances = distances
        self.near: NDArray[np.bool_] = distances <= limits.diameter_km + TOLERANCE
        """Who may be in one group with whom."""
        self.far: NDArray[np.int64] = (~self.near).astype(np.int64)


class Draft:
    """An assignment under construction: `of[i]` is the group of candidate i, -1 while she is in none.

    Per candidate and group it keeps the sum of her distances to the members and how many of them are too far.
    """

    def __init__(self, field_: Field) -> None:
        people = len(field_.candidates)
        most = int(field_.women.sum()) // field_.limits.minimum + 1
        self.field = field_
        self.of: NDArray[np.int64] = np.full(people, -1, dtype=np.int64)
        self.count = 0
        self.women_in: NDArray[np.int64] = np.zeros(most, dtype=np.int64)
        self.size: NDArray[np.int64] = np.zeros(most, dtype=np.int64)
        self.km: NDArray[np.float64] = np.zeros((most, people))
        self.too_far: NDArray[np.int64] = np.zeros((most, people), dtype=np.int64)

    def members(self, group_: int) -> NDArray[np.intp]:
        return np.flatnonzero(self.of == group_)

    def put(self, who: int, group_: int) -> None:
        """Move her into a group, or with -1 out of every group."""
        for change, where in ((-1, int(self.of[who])), (1, group_)):
            if where >= 0:
                self.women_in[where] += change * self.field.women[who]
                self.size[where] += change
                self.km[where] += change * self.field.distances[who]
                self.too_far[where] += change * self.field.far[who]
        self.of[who] = group_

    def found(self, members: Sequence[int]) -> None:
        """Make a group of `members`, who were in none."""
        for who in members:
            self.put(who, self.count)
        self.count += 1

    def taking(self, who: int) -> NDArray[np.intp]:
        """The groups she could join: near everybody in them, with room for all her partners."""
        room = self.women_in[: self.count] + self.field.women[who] <= self.field.limits.maximum
        return np.flatnonzero(room & (self.too_far[: self.count, who] == 0))

    def mean_km(self, who: int, groups: NDArray[np.intp]) -> NDArray[np.float64]:
        """Her mean distance to the members of each of `groups` (none of them her own)."""
        return np.asarray(self.km[groups, who] / self.size[groups])

    def spares(self, who: int) -> bool:
        """Whether her group stays large enough without her."""
        return bool(self.women_in[self.of[who]] - self.field.women[who] >= self.field.limits.minimum)

    def cost(self) -> tuple[int, int, float]:
        """Women not placed, number of groups, woman-kilometres of travel."""
        unplaced = int(self.field.women[self.of < 0].sum())
        return unplaced, self.count, round(sum(self.travel(group_) for group_ in range(self.count)), 6)

    def travel(self, group_: int) -> float:
        """Woman-kilometres to the member for whom that sum is least."""
        members = self.members(group_)
        inside = self.field.distances[np.ix_(members, members)]
        return float((inside @ self.field.women[members]).min())
