"""When a sum tells what one of those in it has: cells of which one or two hold nearly all."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

KNOWN = 2
"""Of how many of the largest it is known what they have."""


@dataclass(frozen=True)
class Dominance:
    """When a sum is dominated. `percent` of the p%-rule: whoever has the second most takes her own from the total and
    must not come nearer than that to what the first has. `shares` of the (n, k)-rule: the n largest must not hold more
    than k percent of the total. Source of both: Hundepool et al. 2012, Statistical Disclosure Control, 4.2.
    """

    percent: float
    shares: tuple[tuple[int, float], ...]

    @classmethod
    def from_criteria(cls, values: Mapping[str, Any]) -> "Dominance":
        """As the criteria of disclosure have it; refuses to judge by more of the largest than are known."""
        shares = tuple((int(n), float(k)) for n, k in values["shares"])
        if any(not 1 <= n <= KNOWN for n, _ in shares):
            raise ValueError(f"dominance is judged by the {KNOWN} largest at most")
        return cls(float(values["percent"]), shares)

    def holds(self, total: float, largest: Sequence[float]) -> bool:
        """Whether the `largest` (in falling order, as many as are known) dominate this total. With
        X the total and x1 >= x2 >= … what each has: X - x1 - x2 < p/100 x1, or x1 + … + xn > k/100 X.
        """
        if not largest or largest[0] <= 0:
            return False
        alone = total - sum(largest[:2]) < self.percent / 100 * largest[0]
        return alone or any(sum(largest[:n]) > share / 100 * total for n, share in self.shares)


@dataclass(frozen=True)
class Band:
    """How many persons an establishment of a size band employs; `most` is an assumption where the band is open."""

    least: int
    most: int

    @classmethod
    def from_criteria(cls, values: Mapping[str, Any]) -> dict[str, "Band"]:
        """The bands by their labels."""
        return {label: cls(int(least), int(most)) for label, (least, most) in values["bands"].items()}


def dominated_by_bands(counts: Mapping[str, int], bands: Mapping[str, Band], rule: Dominance) -> bool:
    """Whether, of establishments of which only the size band is known, the largest may dominate the persons employed:
    the largest are taken at the upper limit of their band and all others at the lower, which is the most that they can
    dominate. One of a band that is unknown counts with the least and is never taken for a large one.
    """
    known = sorted(((bands[label], number) for label, number in counts.items() if label in bands and number),
                   key=lambda one: -one[0].most)  # fmt: skip
    unknown = sum(number for label, number in counts.items() if label not in bands)
    least = sum(band.least * number for band, number in known) + unknown
    largest = list(_first(known, KNOWN))
    taken = (largest[:n] for n in range(1, KNOWN + 1))
    return any(
        rule.holds(least + sum(band.most - band.least for band in some), [band.most for band in some]) for some in taken
    )


def _first(known: Iterable[tuple[Band, int]], depth: int) -> Iterable[Band]:
    for band, number in known:
        take = min(number, depth)
        yield from [band] * take
        depth -= take


def top(*several: Iterable[float]) -> tuple[float, ...]:
    """The largest of several lists, in falling order."""
    return tuple(sorted((one for some in several for one in some), reverse=True)[:KNOWN])
