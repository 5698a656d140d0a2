"""How curricula and training strategies are made: methods, forms, limits and the strategies to begin with, by date."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from services.training.reference import rounds
from services.training.rules.strategies import ANY, Strategy
from shared.events.vocabulary import CHAINS
from shared.kernel import clock

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class CurriculumPolicy:
    """An edition of the data, in force from its first day until the next one's.

    Hours of a module are whole steps of `step_minutes`, up to `most_minutes`; a link to a version is open for
    `link_days` days at most.
    """

    valid_from: date
    source: str
    methods: Mapping[str, Mapping[str, str]]
    """Each with its name in es and en; `forms` likewise."""
    forms: Mapping[str, Mapping[str, str]]
    step_minutes: int
    most_minutes: int
    most_modules: int
    most_files: int
    link_days: int


@cache
def editions() -> tuple[CurriculumPolicy, ...]:
    """Every edition, the latest first."""
    return tuple(map(_policy, _editions("curricula.json")))


def policy(day: date | None = None) -> CurriculumPolicy:
    """The edition in force on a day, today where none is named; the first one before its time."""
    wanted = day or clock.today()
    return next((one for one in editions() if one.valid_from <= wanted), editions()[-1])


def starting_strategies() -> tuple[Strategy, ...]:
    """What the network begins with where no centre has decided, every edition of it."""
    return tuple(
        Strategy(
            unit="",
            type=one["type"],
            need=one["need"],
            since=date.fromisoformat(edition["valid_from"]),
            order=0,
            facts={name: one[name] for name in ("form", "methods", "minutes", "smallest", "largest")}
            | {"source": edition["source"]},
        )
        for edition in _editions("strategies.json")
        for one in edition["strategies"]
    )


@cache
def _editions(name: str) -> tuple[Mapping[str, Any], ...]:
    record = json.loads((HERE / name).read_bytes())
    return tuple(sorted(record["editions"], key=lambda one: str(one["valid_from"]), reverse=True))


def _policy(edition: Mapping[str, Any]) -> CurriculumPolicy:
    named = {
        kind: {one["code"]: {lang: one[lang] for lang in ("es", "en")} for one in edition[kind]}
        for kind in ("methods", "forms")
    }
    rest = ("source", "step_minutes", "most_minutes", "most_modules", "most_files", "link_days")
    return CurriculumPolicy(
        valid_from=date.fromisoformat(edition["valid_from"]),
        methods=named["methods"],
        forms=named["forms"],
        **{name: edition[name] for name in rest},
    )


METHODS = tuple(sorted({code for edition in editions() for code in edition.methods}))
FORMS = tuple(sorted({code for edition in editions() for code in edition.forms}))
FAMILIES = tuple(sorted({f"family:{one}" for edition in rounds.editions() for one in edition.families.values()}))
TYPES = (*CHAINS, *FAMILIES, ANY)
"""What a curriculum or a strategy is for: a chain, a family of chains, or any enterprise."""
