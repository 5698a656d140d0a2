"""What an application is worth in points, by the scorecard of the regulations, and how it came by them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.credit.rules.demands import demand
from shared.kernel import Invalid

COMPUTED = ("share_of_surplus", "debt_service_coverage", "uncovered_months", "leverage", "loans_settled")
"""What is counted from the figures and the register; every other criterion is answered by who visits."""
MOST_POINTS = 100


@dataclass(frozen=True, slots=True)
class Band:
    """Values up to `up_to`, this one too, earn so many points; the last band has no end."""

    up_to: int | None
    points: int


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer and what it earns."""

    code: str
    name: str
    points: int


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that counts, by bands where it is computed (`COMPUTED`), by choices where it is answered."""

    code: str
    name: str
    weight: int
    bands: tuple[Band, ...] = ()
    choices: tuple[Choice, ...] = ()

    @property
    def answered(self) -> bool:
        return bool(self.choices)


@dataclass(frozen=True, slots=True)
class Scorecard:
    """The criteria, and the points under which an approval is recommended only with a reason; empty where there is no
    scorecard.
    """

    criteria: tuple[Criterion, ...] = ()
    minimum: int = 0
    source: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """What one criterion earned: `answer` is the name of what was chosen, or None beside a computed `value`."""

    code: str
    name: str
    weight: int
    value: int | None
    answer: str | None
    points: int


@dataclass(frozen=True, slots=True)
class Score:
    """The points of an application, of `MOST_POINTS`, and how they came about."""

    points: int
    minimum: int
    parts: tuple[Part, ...]
    source: str

    @property
    def enough(self) -> bool:
        return self.points >= self.minimum


def score(card: Scorecard, computed: Mapping[str, int | None], answers: Mapping[str, str]) -> Score | None:
    """The weighted mean of the criteria's points, rounded down; None without a scorecard.

    What cannot be computed (no surplus, no balance sheet) earns nothing. Refuses, naming the criterion, an answer that
    is missing or not among its choices, and one to what nobody asks.
    """
    if not card.criteria:
        return None
    asked = {criterion.code for criterion in card.criteria if criterion.answered}
    for code in sorted(answers.keys() - asked):
        raise Invalid("appraisal.answer_unknown", pointer=f"/answers/{code}")
    parts = tuple(_part(criterion, computed, answers) for criterion in card.criteria)
    weights = sum(part.weight for part in parts)
    points = sum(part.weight * part.points for part in parts) // weights
    return Score(points, card.minimum, parts, card.source)


def _part(criterion: Criterion, computed: Mapping[str, int | None], answers: Mapping[str, str]) -> Part:
    if criterion.answered:
        chosen = next((choice for choice in criterion.choices if choice.code == answers.get(criterion.code)), None)
        if chosen is None:
            pointer = f"/answers/{criterion.code}"
            raise Invalid("appraisal.answer_missing", pointer=pointer, criterion=criterion.name)
        return Part(criterion.code, criterion.name, criterion.weight, None, chosen.name, chosen.points)
    value = computed[criterion.code]
    points = 0 if value is None else _points(criterion.bands, value)
    return Part(criterion.code, criterion.name, criterion.weight, value, None, points)


def _points(bands: tuple[Band, ...], value: int) -> int:
    return next(band.points for band in bands if band.up_to is None or value <= band.up_to)


def read_scorecard(item: Mapping[str, Any]) -> Scorecard:
    """The scorecard of a set of regulations; refuses one that leaves a value without points."""
    demand(item.keys() <= {"criteria", "minimum", "source"}, "/scorecard")
    card = Scorecard(tuple(map(_criterion, item["criteria"])), item["minimum"], item["source"])
    demand(_counts(card.minimum, 0), "/scorecard/minimum")
    demand(type(card.source) is str and bool(card.source.strip()), "/scorecard/source")
    codes = [criterion.code for criterion in card.criteria]
    demand(bool(codes) and len(set(codes)) == len(codes), "/scorecard/criteria")
    for number, criterion in enumerate(card.criteria):
        _check(criterion, f"/scorecard/criteria/{number}")
    return card


def _criterion(row: Mapping[str, Any]) -> Criterion:
    bands = tuple(Band(band.get("up_to"), band["points"]) for band in row.get("bands", ()))
    choices = tuple(Choice(**choice) for choice in row.get("choices", ()))
    return Criterion(**{**row, "bands": bands, "choices": choices})


def _check(criterion: Criterion, at: str) -> None:
    for field in ("code", "name"):
        demand(_said(getattr(criterion, field)), f"{at}/{field}")
    demand(_counts(criterion.weight, 1), f"{at}/weight")
    computed = criterion.code in COMPUTED
    demand(computed == bool(criterion.bands) and computed != criterion.answered, f"{at}/bands")
    if computed:
        demand(criterion.bands[-1].up_to is None, f"{at}/bands")
        ends: list[Any] = [band.up_to for band in criterion.bands[:-1]]
        demand(all(type(end) is int for end in ends) and ends == sorted(set(ends)), f"{at}/bands")
    names = [choice.code for choice in criterion.choices]
    demand(len(set(names)) == len(names), f"{at}/choices")
    demand(all(_said(choice.code) and _said(choice.name) for choice in criterion.choices), f"{at}/choices")
    points = [*(band.points for band in criterion.bands), *(choice.points for choice in criterion.choices)]
    demand(all(_counts(one, 0) for one in points), f"{at}/points")


def _said(text: Any) -> bool:
    return type(text) is str and 0 < len(text) <= 200 and bool(text.strip())


def _counts(number: Any, least: int) -> bool:
    return type(number) is int and least <= number <= MOST_POINTS
