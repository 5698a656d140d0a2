"""How large a change is between before and after, and how sure: every figure with its formula and its source.

Percentage points are the headline. "Thirty per cent more" of what was known before, half of what was still to be
learned, and a change as large as women differ among themselves are three other questions; each has its own figure.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean, stdev

from services.training.rules.learning.distributions import fair_two_sided, t_quantile, t_two_sided

COVERAGE = 0.95
"""Of every interval told here."""


@dataclass(frozen=True, kw_only=True)
class Gain:
    """A change from `before` to `after`, both shares from 0 to 1."""

    points: float
    """Percentage points: 100 (after - before)."""
    relative: float | None
    """(after - before) / before; None where it began at nothing."""
    normalised: float | None
    """(after - before) / (1 - before): of what was still to be gained, how much was. Hake, Am. J. Phys. 66 (1998) 64.
    None where nothing was left to gain.
    """


def gain(before: float, after: float) -> Gain:
    """The change between two shares from 0 to 1."""
    moved = after - before
    return Gain(
        points=100 * moved,
        relative=moved / before if before else None,
        normalised=moved / (1 - before) if before < 1 else None,
    )


@dataclass(frozen=True, kw_only=True)
class PairedMeans:
    """The same women measured twice: what changed in the mean, with a 95 % interval of it."""

    pairs: int
    before: float
    after: float
    difference: float
    low: float | None
    high: float | None
    t: float | None
    p: float | None
    effect: float | None
    """Cohen's d for pairs: mean difference by the standard deviation of the differences. Cohen (1988), 2.3.5."""


def paired_means(before: Sequence[float], after: Sequence[float]) -> PairedMeans:
    """Student's paired t (Biometrika 6 (1908) 1): difference ± t(0.975, n-1) s/√n. Interval and test are None of fewer
    than two pairs; test and effect also where all differences are equal. Refuses lists of different lengths or none.
    """
    differences = [second - first for first, second in zip(before, after, strict=True)]
    pairs, moved = len(differences), fmean(differences)
    told = {"pairs": pairs, "before": fmean(before), "after": fmean(after), "difference": moved}
    if pairs < 2:
        return PairedMeans(**told, low=None, high=None, t=None, p=None, effect=None)  # type: ignore[arg-type]
    spread = stdev(differences)
    error = spread / math.sqrt(pairs)
    reach = t_quantile(COVERAGE, pairs - 1) * error
    t = moved / error if error else None
    return PairedMeans(
        **told,  # type: ignore[arg-type]
        low=moved - reach,
        high=moved + reach,
        t=t,
        p=None if t is None else t_two_sided(t, pairs - 1),
        effect=moved / spread if spread else None,
    )


@dataclass(frozen=True, kw_only=True)
class PairedShares:
    """The same women asked the same thing twice, and who said yes (or was right)."""

    pairs: int
    before: int
    after: int
    gained: int
    """No before, yes after."""
    lost: int
    """Yes before, no after."""
    low: float
    high: float
    """The 95 % interval of the change in percentage points."""
    p: float
    """Of the exact test of McNemar."""
    effect: float
    """Cohen's h: 2 asin √after - 2 asin √before. Cohen (1988), 6.2.1."""

    @property
    def gain(self) -> Gain:
        return gain(self.before / self.pairs, self.after / self.pairs)


def paired_shares(before: Sequence[bool], after: Sequence[bool]) -> PairedShares:
    """The change of a share among the same women; refuses lists of different lengths or none.

    Test: exact McNemar, those who changed fall either way like a fair coin (Psychometrika 12 (1947) 153). Interval:
    adjusted Wald of Bonett & Price, J. Educ. Behav. Stat. 37 (2012) 479, with one more woman gained and one more lost:
    (g-l) ± z √(g + l - (g-l)²) / √(n+2), where g = (gained+1)/(n+2), l = (lost+1)/(n+2), and n+2 women.
    """
    both = list(zip(before, after, strict=True))
    gained = sum(not first and second for first, second in both)
    lost = sum(first and not second for first, second in both)
    pairs, said_before, said_after = len(both), sum(before), sum(after)
    up, down = (gained + 1) / (pairs + 2), (lost + 1) / (pairs + 2)
    middle = up - down
    reach = NormalDist().inv_cdf((1 + COVERAGE) / 2) * math.sqrt((up + down - middle * middle) / (pairs + 2))
    return PairedShares(
        pairs=pairs,
        before=said_before,
        after=said_after,
        gained=gained,
        lost=lost,
        low=100 * max(-1.0, middle - reach),
        high=100 * min(1.0, middle + reach),
        p=fair_two_sided(gained, lost),
        effect=2 * math.asin(math.sqrt(said_after / pairs)) - 2 * math.asin(math.sqrt(said_before / pairs)),
    )


@dataclass(frozen=True, kw_only=True)
class TwoGroups:
    """The difference between who was trained and who waits, with a 95 % interval of it."""

    difference: float
    low: float
    high: float


def against_waiting(trained: Sequence[float], waiting: Sequence[float]) -> TwoGroups | None:
    """By how much the changes of those trained exceed the changes of those who wait: Welch's interval (Biometrika 34
    (1947) 28) with the degrees of freedom rounded down. None where either has fewer than two women, or nobody differs.
    """
    if min(len(trained), len(waiting)) < 2:
        return None
    parts = [stdev(group) ** 2 / len(group) for group in (trained, waiting)]
    error = sum(parts)
    moved = fmean(trained) - fmean(waiting)
    if not error:
        return None
    shares = zip(parts, (trained, waiting), strict=True)
    df = error**2 / sum(part**2 / (len(group) - 1) for part, group in shares)
    reach = t_quantile(COVERAGE, max(1, math.floor(df))) * math.sqrt(error)
    return TwoGroups(difference=moved, low=moved - reach, high=moved + reach)
