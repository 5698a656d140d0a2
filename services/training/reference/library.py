"""What the library of materials is kept with: kinds, licences of use, languages and limits, by date."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from shared.kernel import clock

HERE = Path(__file__).parent
_SPOKEN = ("es", "en")


@dataclass(frozen=True, slots=True)
class Policy:
    """An edition. `widest`: by licence of use, how far a material may be shared at most."""

    valid_from: date
    source: str
    kinds: Mapping[str, Mapping[str, str]]
    licences: Mapping[str, Mapping[str, str]]
    widest: Mapping[str, str]
    languages: Mapping[str, Mapping[str, str]]
    file_megabytes: int
    most_versions: int


@cache
def editions() -> tuple[Policy, ...]:
    """Every edition, the latest first."""
    record = json.loads((HERE / "library.json").read_bytes())
    return tuple(sorted(map(_policy, record["editions"]), key=lambda one: one.valid_from, reverse=True))


def policy(day: date | None = None) -> Policy:
    """The edition in force on a day, today where none is named; the first one before its time."""
    wanted = day or clock.today()
    return next((one for one in editions() if one.valid_from <= wanted), editions()[-1])


def _policy(edition: Mapping[str, Any]) -> Policy:
    def named(kind: str) -> dict[str, dict[str, str]]:
        return {one["code"]: {lang: one[lang] for lang in _SPOKEN} for one in edition[kind]}

    return Policy(
        valid_from=date.fromisoformat(edition["valid_from"]),
        source=edition["source"],
        kinds=named("kinds"),
        licences=named("licences"),
        widest={one["code"]: one["widest"] for one in edition["licences"]},
        languages=named("languages"),
        file_megabytes=edition["file_megabytes"],
        most_versions=edition["most_versions"],
    )


KINDS = tuple(sorted({code for edition in editions() for code in edition.kinds}))
LICENCES = tuple(sorted({code for edition in editions() for code in edition.licences}))
LANGUAGES = tuple(sorted({code for edition in editions() for code in edition.languages}))
MOST_BYTES = max(edition.file_megabytes for edition in editions()) * 1_000_000
