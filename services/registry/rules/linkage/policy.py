"""The dated rules by which records are taken for duplicates: weights of outcomes, limits of likeness, thresholds."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from math import log2


class Stance(Enum):
    """Whether an outcome speaks for certainty, or forbids it."""

    AGREES = "agrees"
    NEUTRAL = "neutral"
    CONTRADICTS = "contradicts"


@dataclass(frozen=True)
class Weight:
    """How often pairs of one woman (m) and of two (u) show an outcome, and what it means for certainty.

    Where it matters how common the value is, u is what is usual, and the share among the records at hand counts.
    """

    m: float
    u: float
    by_share: bool
    stance: Stance

    @cached_property
    def points(self) -> float:
        """log2(m / u), for a value as common as usual. Source: Fellegi and Sunter, JASA 64 (1969), 1183-1210."""
        return log2(self.m / self.u)


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on words and texts count as alike (shares of their letters) and points as near (metres); how a block
    is kept small; from how many points on a pair is what.

    `look_at` and `certain` count beyond log2 of the number of records, taken for `fewest_records` at least: the more
    there are, the more often two agree by chance. `personal` is the least that names, document and day of birth must
    bring. `surroundings` is the most that living in the same place brings. `agreements` is how many independent facts
    must agree for certainty. The usual share of a value counts as much as `usual_records` records, and no share is
    taken for less than `least_share`.
    """

    name_nearly: float
    text_equal: float
    text_nearly: float
    spot_m: float
    near_m: float
    far_m: float
    block_cap: int
    fewest_records: int
    usual_records: float
    least_share: float
    look_at: float
    certain: float
    personal: float
    surroundings: float
    agreements: int


@dataclass(frozen=True)
class Policy:
    """The weights in force, by field and outcome, and the limits."""

    weights: Mapping[tuple[str, str], Weight]
    limits: Limits
