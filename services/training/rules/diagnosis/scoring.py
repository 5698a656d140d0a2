"""What a diagnosis comes to: exact scores by area and over all, how much was answered, and the stage of learning."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from services.training.rules.diagnosis.instrument import Area, Indicator, Instrument

UNKNOWN, NOT_APPLICABLE = "unknown", "na"


@dataclass(frozen=True, slots=True)
class AreaScore:
    """An area: `points` of `possible` (weighted levels), what was `asked`, how much of it was answered and how. The
    score is None where nothing in it applies or is answered.
    """

    code: str
    points: Fraction
    possible: Fraction
    asked: int
    answered: int
    unknown: int
    not_applicable: int

    @property
    def score(self) -> Fraction | None:
        return self.points / self.possible if self.possible else None


@dataclass(frozen=True, slots=True)
class Scores:
    """All areas; `gender` is the same over the indicators seen through the lens of gender."""

    areas: tuple[AreaScore, ...]
    overall: Fraction | None
    gender: Fraction | None

    @property
    def coverage(self) -> Fraction:
        """Which part of what is asked was answered, in whatever way."""
        asked = sum(area.asked for area in self.areas)
        return Fraction(sum(area.answered for area in self.areas), asked) if asked else Fraction(0)

    def of(self, code: str) -> Fraction | None:
        return next(area.score for area in self.areas if area.code == code)


def answers_of(instrument: Instrument) -> tuple[str, ...]:
    """What may be answered: a level, that it is not known, that it does not apply."""
    return (*map(str, range(instrument.most + 1)), UNKNOWN, NOT_APPLICABLE)


def score(instrument: Instrument, answers: Mapping[str, str], *, form: str, size: str, sector: str) -> Scores:
    """The scores of the answers of an enterprise, exactly (rational numbers from 0 to 1). What does not apply is left
    out, what is not known counts as level 0, what is not answered yet is left out and lowers the coverage. The whole is
    the mean of the areas that have a score, by their weights.
    """
    asked = [(area, area.asked_of(form, size, sector)) for area in instrument.areas]
    areas = tuple(_area(instrument, area, those, answers) for area, those in asked)
    weights = {area.code: area.weight for area in instrument.areas}
    scored = [(weights[area.code], area.score) for area in areas if area.score is not None]
    whole = sum((weight for weight, _ in scored), Fraction(0))
    lens = _points(instrument, (one for _, those in asked for one in those if one.gender), answers)
    return Scores(
        areas,
        sum((weight * found for weight, found in scored), Fraction(0)) / whole if whole else None,
        lens[0] / lens[1] if lens[1] else None,
    )


def _area(instrument: Instrument, area: Area, asked: tuple[Indicator, ...], answers: Mapping[str, str]) -> AreaScore:
    said = [answers[one.code] for one in asked if one.code in answers]
    points, possible = _points(instrument, asked, answers)
    return AreaScore(
        area.code, points, possible, len(asked), len(said), said.count(UNKNOWN), said.count(NOT_APPLICABLE)
    )


def _points(
    instrument: Instrument, asked: Iterable[Indicator], answers: Mapping[str, str]
) -> tuple[Fraction, Fraction]:
    """The points of the answers, and those that they could have come to."""
    points = possible = Fraction(0)
    for one in asked:
        said = answers.get(one.code, NOT_APPLICABLE)
        if said != NOT_APPLICABLE:
            points += one.weight * (0 if said == UNKNOWN else int(said))
            possible += one.weight * instrument.most
    return points, possible


@dataclass(frozen=True, slots=True)
class Change:
    """An area, or the whole (`code` None), in two diagnoses of an enterprise; `points` is what lies between them."""

    code: str | None
    before: Fraction | None
    after: Fraction | None

    @property
    def points(self) -> Fraction | None:
        return None if self.before is None or self.after is None else self.after - self.before


def changes(before: Scores, after: Scores) -> list[Change]:
    """What changed between two diagnoses, area by area and then over all: before and after, without comparison with
    others to whom nothing was done.
    """
    told = [Change(area.code, before.of(area.code), area.score) for area in after.areas]
    return [*told, Change(None, before.overall, after.overall)]
