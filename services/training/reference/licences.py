"""What a licence to teach asks for and which topics need one, by date."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from services.training.rules.licences import Level
from shared.kernel import clock

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Policy:
    """An edition. `renewal_days`: from so many days before its end a licence may be renewed; `expiring_days` and
    `agreement_expiring_days`: so many days before their end licences and agreements are told as ending soon.
    """

    valid_from: date
    source: str
    topics_with_licence: frozenset[str]
    levels: Mapping[str, Level]
    criteria: Mapping[str, Mapping[str, str]]
    most_marks: int
    """Points that a criterion of an observation can have."""
    expiring_days: int
    renewal_days: int
    agreement_expiring_days: int


@cache
def editions() -> tuple[Policy, ...]:
    """Every edition, the latest first."""
    record = json.loads((HERE / "licences.json").read_bytes())
    return tuple(sorted(map(_policy, record["editions"]), key=lambda one: one.valid_from, reverse=True))


def policy(day: date | None = None) -> Policy:
    """The edition in force on a day, today where none is named; the first one before its time."""
    wanted = day or clock.today()
    return next((one for one in editions() if one.valid_from <= wanted), editions()[-1])


def _policy(edition: Mapping[str, Any]) -> Policy:
    return Policy(
        valid_from=date.fromisoformat(edition["valid_from"]),
        source=edition["source"],
        topics_with_licence=frozenset(edition["topics_with_licence"]),
        levels={one["code"]: _level(one) for one in edition["levels"]},
        criteria={one["code"]: {"es": one["es"], "en": one["en"]} for one in edition["rubric"]["criteria"]},
        most_marks=edition["rubric"]["most"],
        **{name: edition[name] for name in ("expiring_days", "renewal_days", "agreement_expiring_days")},
    )


def _level(told: Mapping[str, Any]) -> Level:
    names = ("code", "hours", "test_percent", "observations", "observed_percent", "years")
    return Level(**{name: told[name] for name in names}, names={"es": told["es"], "en": told["en"]})


LEVELS = tuple(sorted({code for edition in editions() for code in edition.levels}))
CRITERIA = tuple(sorted({code for edition in editions() for code in edition.criteria}))
MOST_MARKS = max(edition.most_marks for edition in editions())
