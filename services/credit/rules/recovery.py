"""How borrowers pay: what the instalments of a fund's own past tell of it, and how sure that is.

An instalment that fell due passes through stages: paid by its day, up to 30 days late, up to 90, up to 360; what is not
paid then is taken for lost. Of each stage it is asked which share of what came into it was paid in it. What the past
tells is added to a prior (`PRIOR`, worth `PRIOR_WEIGHT` instalments), so that a young fund is told in a wide band: the
share of a stage has a Beta distribution (A. Gelman et al., *Bayesian Data Analysis*, 3rd edition, 2.4). Instalments of
one loan are alike; they count for fewer by the design effect 1 + (m - 1) r with m instalments a loan and r = `ALIKE`
(L. Kish, *Survey Sampling*, 1965).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

STAGES = ("on_time", "within_30", "within_90", "later")
ENDS = (0, 30, 90, 360)
"""How many days after its day each stage ends."""
OPEN = len(STAGES) + 1
"""The mark of an instalment that is not paid; one that was paid after the last stage bears the number before it."""
PRIOR = (0.80, 0.60, 0.50, 0.30)
PRIOR_WEIGHT = 20
ALIKE = 0.3


@dataclass(frozen=True, slots=True)
class Payments:
    """What the past tells: how many instalments were paid in each stage, how many passed it unpaid, and how many
    `instalments` of how many `loans` that rests on.
    """

    paid: tuple[int, ...] = (0, 0, 0, 0)
    passed: tuple[int, ...] = (0, 0, 0, 0)
    instalments: int = 0
    loans: int = 0

    @property
    def alpha(self) -> Floats:
        return np.array(PRIOR) * PRIOR_WEIGHT + np.array(self.paid) / self.design_effect

    @property
    def beta(self) -> Floats:
        return (1 - np.array(PRIOR)) * PRIOR_WEIGHT + np.array(self.passed) / self.design_effect

    @property
    def design_effect(self) -> float:
        """By how much less than independent ones the instalments tell, at least 1."""
        each = self.instalments / self.loans if self.loans else 1.0
        return 1 + (max(1.0, each) - 1) * ALIKE

    @property
    def expected(self) -> tuple[float, ...]:
        """The expected share paid in each stage of what comes into it."""
        return tuple(float(share) for share in self.alpha / (self.alpha + self.beta))

    @property
    def shares(self) -> tuple[float, ...]:
        """The expected share of an instalment paid on time, in each later stage, and never; they sum to 1."""
        left, found = 1.0, []
        for share in self.expected:
            found.append(left * share)
            left *= 1 - share
        return (*found, left)


def observed(rows: Iterable[tuple[int, int, int]], loans: int) -> Payments:
    """What the past tells, from rows of how many days ago instalments fell due, in which stage they were paid (`OPEN`
    where they are not) and how many there are. A stage is judged by those alone that could have passed through all of
    it: otherwise who pays early in it would count, and who has not paid yet would not.
    """
    paid, passed, instalments = [0] * len(STAGES), [0] * len(STAGES), 0
    for age, stage, count in rows:
        if age <= 0:
            continue
        instalments += count
        for number, end in enumerate(ENDS):
            if age > end and stage >= number:
                (paid if stage == number else passed)[number] += count
    return Payments(tuple(paid), tuple(passed), instalments, loans)


@dataclass(frozen=True, slots=True)
class Draws:
    """Chances drawn once, to compare futures with: for each stage and path the share that is paid, and for each month
    by how much it deviates (in standard deviations of `numbers` instalments).
    """

    rates: Floats
    noise: Floats
    numbers: Floats

    @property
    def paths(self) -> int:
        return int(self.rates.shape[1])

    def scaled(self, arrears: float) -> Floats:
        """The share of each stage and path where `arrears` times as much of it is not paid."""
        return np.clip(1 - (1 - self.rates) * arrears, 0.0, 1.0)

    def shares(self, arrears: float) -> Floats:
        """The same for each month, with its deviation; where fewer fall into arrears no share is smaller."""
        rates = self.scaled(arrears)[:, :, None]
        spread = self.noise * np.sqrt(rates * (1 - rates) / self.numbers[:, None, :])
        shares: Floats = np.clip(rates + spread, 0.0, 1.0)
        return shares


def drawn(payments: Payments, numbers: Iterable[float], paths: int, seed: int) -> Draws:
    """Chances for so many months as `numbers` has (how many instalments are paid in each); the same for one `seed`."""
    random = np.random.default_rng(seed)
    each = np.array(list(numbers), dtype=np.float64)
    rates = random.beta(payments.alpha[:, None], payments.beta[:, None], (len(STAGES), paths))
    noise = random.standard_normal((len(STAGES), paths, each.size))
    reach = np.cumprod([1.0, *(1 - share for share in payments.expected[:-1])])
    return Draws(rates, noise, np.maximum(1.0, reach[:, None] * each[None, :]))


def certain(rates: tuple[float, float, float, float], months: int) -> Draws:
    """One path without chance."""
    shape: Any = (len(STAGES), 1, months + 1)
    return Draws(np.array(rates)[:, None], np.zeros(shape), np.ones((len(STAGES), months + 1)))
