"""An instrument of diagnosis: its areas, their indicators, the levels of an answer and the stages of learning."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Self

AREAS = (
    *("governance", "internal_public", "environment", "community"),
    *("suppliers", "marketing", "public_policy"),
)
CORE_SUBJECTS = (
    *("governance", "human_rights", "labour", "environment"),
    *("fair_operating", "consumers", "community"),
)
"""The core subjects of ISO 26000:2010, clause 6."""
BOTTOM_LINES = ("economic", "social", "environmental")
FULL, SHORT = "full", "short"
FORMS = (FULL, SHORT)
"""All indicators, or the few for the smallest enterprises."""

Words = Mapping[str, str]
"""A text by language."""


@dataclass(frozen=True, slots=True)
class Indicator:
    """Something an enterprise does or does not; empty `sizes` and `sectors`: it is asked of all."""

    code: str
    words: Words
    evidence: Words
    weight: Fraction
    core_subject: str
    bottom_line: str
    gender: bool
    short: bool
    sizes: Collection[str]
    sectors: Collection[str]

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Self:
        return cls(
            code=row["code"],
            words={"es": row["es"], "en": row["en"]},
            evidence=row["evidence"],
            weight=Fraction(row["weight"]),
            core_subject=row["core_subject"],
            bottom_line=row["bottom_line"],
            gender=row["gender"],
            short=row["short"],
            sizes=frozenset(row.get("sizes", ())),
            sectors=frozenset(row.get("sectors", ())),
        )

    def asked_of(self, form: str, size: str, sector: str) -> bool:
        """Whether the form asks it of an enterprise of this size and sector."""
        fits = (not self.sizes or size in self.sizes) and (not self.sectors or sector in self.sectors)
        return fits and (form == FULL or self.short)


@dataclass(frozen=True, slots=True)
class Area:
    """One of the seven areas."""

    code: str
    words: Words
    lead: Words
    weight: Fraction
    indicators: tuple[Indicator, ...]

    def asked_of(self, form: str, size: str, sector: str) -> tuple[Indicator, ...]:
        return tuple(one for one in self.indicators if one.asked_of(form, size, sector))


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the learning curve, from a score (0 to 1) on."""

    code: str
    begins: Fraction
    words: Words


@dataclass(frozen=True, slots=True)
class Instrument:
    """An edition of the instrument. `most` is the highest level of an answer; a diagnosis is handed in once
    `minimum_coverage` of what is asked is answered.
    """

    edition: int
    valid_from: date
    source: str
    most: int
    minimum_coverage: Fraction
    levels: tuple[Words, ...]
    stages: tuple[Stage, ...]
    areas: tuple[Area, ...]
    radar: Mapping[str, Words]
    """What is written on the drawing of the scores."""

    @classmethod
    def read(cls, record: Mapping[str, Any]) -> Self:
        """The instrument of a record of reference data."""
        areas = tuple(
            Area(
                code=area["code"],
                words={"es": area["es"], "en": area["en"]},
                lead=area["lead"],
                weight=Fraction(area["weight"]),
                indicators=tuple(map(Indicator.read, area["indicators"])),
            )
            for area in record["areas"]
        )
        stages = [
            Stage(one["code"], Fraction(one["from"]), {"es": one["es"], "en": one["en"]}) for one in record["stages"]
        ]
        return cls(
            edition=record["edition"],
            valid_from=date.fromisoformat(record["valid_from"]),
            source=record["source"],
            most=record["most"],
            minimum_coverage=Fraction(record["minimum_coverage"]),
            levels=tuple(record["levels"]),
            stages=tuple(sorted(stages, key=lambda one: one.begins)),
            areas=areas,
            radar=record["radar"],
        )

    def area(self, code: str) -> Area | None:
        return next((one for one in self.areas if one.code == code), None)

    def indicator(self, code: str) -> Indicator | None:
        return next((one for area in self.areas for one in area.indicators if one.code == code), None)

    def stage(self, score: Fraction) -> Stage:
        """The last stage that a score has reached."""
        return [one for one in self.stages if one.begins <= score][-1]
