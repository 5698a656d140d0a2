"""The score and the tier of an enterprise, and how they came about."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.registry.rules.rubrics import HIGHEST, SUBJECTS, Edition, Rubric

STRATEGIC, EMERGING = "strategic", "emerging"


@dataclass(frozen=True, slots=True)
class Term:
    """What one subject brings: `level` x `weight` = `part`, of `most`. It is `lacking` below its `minimum`; `standing`
    is `strength`, `weakness` or `middle`.
    """

    subject: str
    level: int
    weight: int
    part: int
    most: int
    minimum: int
    lacking: bool
    standing: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """The score (0-100) as the sum of its terms, the tier, and how far the score is from it."""

    terms: tuple[Term, ...]
    score: int
    strategic_from: int
    tier: str

    @property
    def missing(self) -> int:
        """How many points the score lacks for the tier *strategic*."""
        return max(0, self.strategic_from - self.score)

    @property
    def lacking(self) -> tuple[str, ...]:
        """The minimal conditions that are not met: what the centre works on first."""
        return tuple(term.subject for term in self.terms if term.lacking)


@dataclass(frozen=True, slots=True)
class Assessed:
    """What was seen of an enterprise on a day (a level and the evidence for it in each subject), and what follows from
    it by an edition.
    """

    on: date
    seen: Mapping[str, tuple[int, str | None]]
    edition: Edition

    @property
    def result(self) -> Assessment:
        return assess({subject: level for subject, (level, _) in self.seen.items()}, self.edition.rubric)


def as_announced(assessed_on: date, score: int, levels: Mapping[str, int]) -> dict[str, Any]:
    """A profile as the others hear of it, in plain JSON values: `shared.events.registry.ProfileLevels`."""
    return {**levels, "score": score, "assessed_on": assessed_on.isoformat()}


def seen_in(levels: Mapping[str, Mapping[str, Any]]) -> dict[str, tuple[int, str | None]] | None:
    """What a form saw in each subject; None where it did not judge them all."""
    if not all(subject in levels for subject in SUBJECTS):
        return None
    return {subject: (levels[subject]["level"], levels[subject]["evidence"]) for subject in SUBJECTS}


def assess(levels: Mapping[str, int], rubric: Rubric) -> Assessment:
    """What follows from the level of each subject.

    *Strategic* (a larger scaling potential: financial and business services) takes the score of the rubric and every
    minimal condition; everybody else is *emerging* (the minimal conditions first). Source: the centres' description,
    "Training of the entrepreneurs".
    """
    terms = tuple(_term(subject, levels[subject], rubric) for subject in SUBJECTS)
    score = sum(term.part for term in terms)
    reached = score >= rubric.strategic_from and not any(term.lacking for term in terms)
    return Assessment(terms, score, rubric.strategic_from, STRATEGIC if reached else EMERGING)


def _term(subject: str, level: int, rubric: Rubric) -> Term:
    if not 0 <= level <= HIGHEST:
        raise ValueError(f"{subject}: there is no level {level}")
    weight, minimum = rubric.weights[subject], rubric.minimums[subject]
    standing = "strength" if level >= rubric.strength_from else "weakness" if level <= rubric.weakness_to else "middle"
    return Term(subject, level, weight, level * weight, HIGHEST * weight, minimum, level < minimum, standing)
