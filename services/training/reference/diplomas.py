"""The rule of diplomas by date, and the vocabularies that badges are written in."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from services.training.rules.diplomas.award import KINDS, Rule
from shared.kernel import clock

HERE = Path(__file__).parent
_CONTEXTS = {
    "https://www.w3.org/ns/credentials/v2": "credentials-v2.json",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json": "ob-v3p0-context-3.0.3.json",
}


@dataclass(frozen=True, slots=True)
class Policy:
    """An edition: the rule of each kind of diploma, and for how many days a personal link may lead to one."""

    valid_from: date
    source: str
    rules: Mapping[str, Rule]
    link_days: int


def policy(day: date | None = None) -> Policy:
    """The edition in force on a day, today where none is named; the first one before its time."""
    wanted = day or clock.today()
    return next((one for one in _editions() if one.valid_from <= wanted), _editions()[-1])


@cache
def contexts() -> Mapping[str, Any]:
    """The vocabularies of a badge by the address that names them."""
    return {address: json.loads((HERE / "contexts" / name).read_bytes()) for address, name in _CONTEXTS.items()}


@cache
def _editions() -> tuple[Policy, ...]:
    """Every edition, the latest first."""
    record = json.loads((HERE / "diplomas.json").read_bytes())
    return tuple(sorted(map(_policy, record["editions"]), key=lambda one: one.valid_from, reverse=True))


def _policy(edition: Mapping[str, Any]) -> Policy:
    first, source = date.fromisoformat(edition["valid_from"]), edition["source"]
    rules = {kind: Rule(valid_from=first, source=source, **edition[kind]) for kind in KINDS}
    return Policy(first, source, rules, edition["link_days"])
