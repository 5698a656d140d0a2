"""The dated tables of the registry: which one is in force on a day."""

import csv
import json
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from services.registry.rules.cash_flow import Prudence
from services.registry.rules.chains import ChainTable
from services.registry.rules.linkage.policy import Limits, Policy, Stance, Weight
from services.registry.rules.rubrics import Edition, Rubric
from services.registry.rules.visits import Stop

T = TypeVar("T")

_FOLDER = Path(__file__).parent / "reference"


def chains_on(day: date) -> ChainTable:
    """The chain table in force on `day`; the oldest one for the days before it."""
    return _in_force("value_chains", day, _chains)


def visit_stops_on(day: date) -> tuple[Stop, ...]:
    """The visits of an accompaniment after a loan, as planned on `day`."""
    return _in_force("visit_plan", day, _stops)


def arrears_visit_within(day: date, days_late: int) -> int:
    """Within how many days who owes an instalment for so long is visited, as in force on `day`."""
    steps = _in_force("arrears_visit", day, _arrears)
    return next(within for late, within in reversed(steps) if late <= days_late)


def plan_prudence_on(day: date) -> Prudence:
    """How prudently the capacity to pay is reckoned in a business plan, as in force on `day`."""
    return _in_force("plan_prudence", day, _prudence)


def place_aliases(day: date) -> tuple[tuple[str, str], ...]:
    """Other names of places in use on `day`, each with the code it stands for."""
    return _in_force("place_names", day, _aliases)


def duplicate_policy_on(day: date) -> Policy:
    """The weights and limits by which duplicates are found, as in force on `day`."""
    return Policy(
        weights=_in_force("duplicate_weights", day, _weights), limits=_in_force("duplicate_limits", day, _limits)
    )


def network_rubric_on(day: date) -> Edition:
    """The network's rubric in force on `day`, for the places whose centre has none of its own."""
    return _in_force("rubric", day, _rubric)


def _in_force(kind: str, day: date, read: Callable[[Path], T]) -> T:
    dated = _dated(kind)
    begun = [path for valid_from, path in dated if valid_from <= day]
    return read(begun[-1] if begun else dated[0][1])


@cache
def _dated(kind: str) -> list[tuple[date, Path]]:
    """The files of a kind with the day from which each is in force, the oldest first."""
    return sorted((date.fromisoformat(path.stem.rpartition("_")[2]), path) for path in _FOLDER.glob(f"{kind}_*.csv"))


@cache
def _chains(path: Path) -> ChainTable:
    rows = _rows(path)
    return ChainTable(
        valid_from=date.fromisoformat(path.stem.rpartition("_")[2]),
        words={row["match"]: row["chain"] for row in rows if row["kind"] == "word"},
        sectors={row["match"]: row["chain"] for row in rows if row["kind"] == "sector"},
    )


@cache
def _stops(path: Path) -> tuple[Stop, ...]:
    return tuple(Stop(int(row["after_days"]), row["purpose"], row["need"] or None) for row in _rows(path))


@cache
def _arrears(path: Path) -> tuple[tuple[int, int], ...]:
    return tuple(sorted((int(row["from_days_late"]), int(row["within_days"])) for row in _rows(path)))


@cache
def _prudence(path: Path) -> Prudence:
    return Prudence(**{row["name"]: int(row["value"]) for row in _rows(path)})


@cache
def _aliases(path: Path) -> tuple[tuple[str, str], ...]:
    return tuple((row["alias"], row["code"]) for row in _rows(path))


@cache
def _weights(path: Path) -> dict[tuple[str, str], Weight]:
    return {
        (row["field"], row["outcome"]): Weight(
            m=float(row["m"]), u=float(row["u"]), by_share=row["by_share"] == "yes", stance=Stance(row["stance"])
        )
        for row in _rows(path)
    }


@cache
def _limits(path: Path) -> Limits:
    values: dict[str, Any] = {row["name"]: json.loads(row["value"]) for row in _rows(path)}
    return Limits(**values)


@cache
def _rubric(path: Path) -> Edition:
    found: dict[str, dict[str, int]] = {"limit": {}, "weight": {}, "minimum": {}}
    levels: dict[str, list[dict[str, str]]] = {}
    source = ""
    for row in _rows(path):
        if row["kind"] == "level":
            levels.setdefault(row["subject"], []).append({"es": row["es"], "en": row["en"]})
        elif row["kind"] == "source":
            source = row["es"]
        else:
            found[row["kind"]][row["subject"]] = int(row["value"])
    told = {"weights": found["weight"], "minimums": found["minimum"], "levels": levels, **found["limit"]}
    valid_from = date.fromisoformat(path.stem.rpartition("_")[2])
    return Edition(None, None, valid_from, source, Rubric.from_json(told))


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
