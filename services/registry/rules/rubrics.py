"""The rubric by which a centre profiles an enterprise: what each level means, what it weighs, what a tier asks for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Self
from uuid import UUID

from shared.events import vocabulary
from shared.kernel import Invalid

SUBJECTS = vocabulary.SUBJECTS
DIMENSIONS, POTENTIALS = SUBJECTS[:5], SUBJECTS[5:]
"""The five in which the centres' model looks for strengths and weaknesses, and the two potentials."""

HIGHEST = 4
"""Levels go from 0 to this one."""

WHOLE = 25
"""What the weights add up to, so that the highest level in everything is a score of 100."""


@dataclass(frozen=True)
class Rubric:
    """What one edition says. `minimums` are the conditions of the tier *strategic*; `levels` are the words of each
    level, by language; `stale_after_months` is how long the check of a record counts.
    """

    weights: Mapping[str, int]
    minimums: Mapping[str, int]
    strategic_from: int
    strength_from: int
    weakness_to: int
    stale_after_months: int
    levels: Mapping[str, tuple[Mapping[str, str], ...]]

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        levels = {subject: tuple(told["levels"][subject]) for subject in SUBJECTS}
        return cls(**{**told, "levels": levels})

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "weights": dict(self.weights),
            "minimums": dict(self.minimums),
            "strategic_from": self.strategic_from,
            "strength_from": self.strength_from,
            "weakness_to": self.weakness_to,
            "stale_after_months": self.stale_after_months,
            "levels": {subject: [dict(words) for words in self.levels[subject]] for subject in SUBJECTS},
        }

    def require_whole(self) -> None:
        """Refuses weights that do not add up to `WHOLE`."""
        total = sum(self.weights[subject] for subject in SUBJECTS)
        if total != WHOLE:
            raise Invalid("rubric.weights_sum", pointer="/weights", total=total, whole=WHOLE)


@dataclass(frozen=True)
class Edition:
    """A rubric with whose it is and since when; `id` and `centre_id` are None for the network's."""

    id: UUID | None
    centre_id: UUID | None
    valid_from: date
    source: str
    rubric: Rubric


@dataclass(frozen=True)
class Editions:
    """The editions that centres adopted, by the municipalities they cover; what came into force last stands first."""

    covering: Mapping[str, tuple[Edition, ...]]

    def on(self, municipality: str, day: date) -> Edition | None:
        """The edition of a centre in force there on a day; None where it is the network's."""
        return next((edition for edition in self.covering.get(municipality, ()) if edition.valid_from <= day), None)
