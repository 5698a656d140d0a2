"""The steps by which an enterprise becomes formal, and when it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.registry.rules.national_ids import masked

STEPS = ("tax_id", "municipal_licence", "sanitary_registration", "trademark")
STATES = ("none", "under_way", "done", "not_needed")

_DECISIVE = ("tax_id", "municipal_licence")


@dataclass(frozen=True, slots=True)
class Step:
    """How far one step is; where it is done, since when and under which number."""

    step: str
    state: str
    happened_on: date | None = None
    number: str | None = None

    @property
    def number_masked(self) -> str | None:
        return None if self.number is None else masked(self.number)


def steps_of(told: Mapping[str, Mapping[str, Any]]) -> tuple[Step, ...]:
    """The steps that a form tells, by their names."""
    return tuple(
        Step(step, said["state"], None if said["on"] is None else date.fromisoformat(said["on"]), said["number"])
        for step, said in told.items()
    )


def formal_by(states: Mapping[str, str]) -> bool | None:
    """Whether an enterprise is formal by what is known of its steps: with its tax number and its municipal licence (or
    without need of them). None where one of the two is not known.
    """
    told = [states[step] for step in _DECISIVE if step in states]
    if len(told) < len(_DECISIVE):
        return None
    return all(state in {"done", "not_needed"} for state in told)
