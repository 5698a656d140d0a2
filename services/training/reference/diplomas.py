"""The rule of diplomas by date, and the vocabularies that badges are written in."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from services.training.reference.sessions import Completion, completion
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
    """The edition in force on a day, today where none is named; the first one before its time. How much of the hours
    is enough is said once, for diplomas and for who completed: `completion.json`.
    """
    wanted = day or clock.today()
    edition = next((one for one in _editions() if _first(one) <= wanted), _editions()[-1])
    return _policy(edition, completion(wanted))


@cache
def contexts() -> Mapping[str, Any]:
    """The vocabularies of a badge by the address that names them."""
    return {address: json.loads((HERE / "contexts" / name).read_bytes()) for address, name in _CONTEXTS.items()}


@cache
def _editions() -> tuple[Mapping[str, Any], ...]:
    """Every edition, the latest first."""
    return tuple(sorted(json.loads((HERE / "diplomas.json").read_bytes())["editions"], key=_first, reverse=True))


def _first(edition: Mapping[str, Any]) -> date:
    return date.fromisoformat(edition["valid_from"])


def _policy(edition: Mapping[str, Any], enough: Completion) -> Policy:
    first, source = max(_first(edition), enough.valid_from), edition["source"]
    told = {"valid_from": first, "source": source, "share_percent": enough.share_percent}
    return Policy(first, source, {kind: Rule(**told, **edition[kind]) for kind in KINDS}, edition["link_days"])
