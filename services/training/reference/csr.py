"""The instruments of the diagnosis of social responsibility, and how plans are followed, by date."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from services.training.rules.diagnosis.instrument import Instrument
from shared.kernel import NotFound, clock

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class FollowUp:
    """How a plan is followed: its months, in which of them the enterprise reports, after how many days of delay its
    light turns; how many key aspects are chosen; how long a link holds; how many files show an indicator or a
    report; the smallest group that is shown.
    """

    valid_from: date
    source: str
    plan_months: int
    check_in_months: tuple[int, ...]
    amber_after_days: int
    red_after_days: int
    most_key_aspects: int
    link_days: int
    most_files: int
    smallest_group: int
    confidence: float


@cache
def instruments() -> tuple[Instrument, ...]:
    """Every edition of the instrument, the latest first."""
    found = [Instrument.read(one) for one in _records("csr_instruments.json")]
    return tuple(sorted(found, key=lambda one: one.valid_from, reverse=True))


def instrument(edition: int | None = None) -> Instrument:
    """The edition asked for, or the one that new diagnoses are made with today; refuses one that there is not."""
    if edition is None:
        today = clock.today()
        return next((one for one in instruments() if one.valid_from <= today), instruments()[-1])
    for one in instruments():
        if one.edition == edition:
            return one
    raise NotFound("diagnosis.unknown_edition", edition=edition)


def follow_up(day: date | None = None) -> FollowUp:
    """How plans are followed on a day, today where none is named; the first edition before its time."""
    wanted = day or clock.today()
    return next((one for one in _follow_ups() if one.valid_from <= wanted), _follow_ups()[-1])


@cache
def _follow_ups() -> tuple[FollowUp, ...]:
    found = [
        FollowUp(
            **{
                **one,
                "valid_from": date.fromisoformat(one["valid_from"]),
                "check_in_months": tuple(one["check_in_months"]),
            }
        )
        for one in _records("csr_follow_up.json")
    ]
    return tuple(sorted(found, key=lambda one: one.valid_from, reverse=True))


def _records(name: str) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = json.loads((HERE / name).read_bytes())["editions"]
    return found
