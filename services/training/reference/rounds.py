"""What rounds of groups are made with: topics, hours, languages, families of chains, weights and limits, by date."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from shared.kernel import clock

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Topic:
    """Something that is taught, and the need that it answers."""

    code: str
    need: str
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Policy:
    """An edition of the data, in force from its first day until the next one's."""

    valid_from: date
    sources: Mapping[str, str]
    """Where it is from, in es and en."""
    topics: Mapping[str, Topic]
    slots: tuple[str, ...]
    """Half days of the week, `sat-am`."""
    languages: Mapping[str, Mapping[str, str]]
    """Each with its name in es and en."""
    families: Mapping[str, str]
    """Chain to the family with whose chains it may be taught together."""
    weights: Mapping[str, Any]
    """Points of need, 1 to 100: `profile` and `loan` of who told it, `levels` by the level of a subject from 0 on,
    which counts as a need up to `weak`; `gap` is added where territory found that gap.
    """
    gaps: Mapping[str, str]
    """A subject of territory's gaps to the need it means."""
    defaults: Mapping[str, int]
    limits: Mapping[str, tuple[int, int]]
    suggestion: Mapping[str, Any]
    """What a round begins with where nothing is known: `venues` at most, in `languages`, for `days`, improved in
    `budget` steps; how a venue, its room and who teaches are called until somebody names them.
    """


@cache
def editions() -> tuple[Policy, ...]:
    """Every edition, the latest first."""
    record = json.loads((HERE / "rounds.json").read_bytes())
    return tuple(sorted(map(_policy, record["editions"]), key=lambda one: one.valid_from, reverse=True))


def policy(day: date | None = None) -> Policy:
    """The edition in force on a day, today where none is named; the first one before its time."""
    wanted = day or clock.today()
    return next((one for one in editions() if one.valid_from <= wanted), editions()[-1])


def _policy(edition: Mapping[str, Any]) -> Policy:
    topics = {one["code"]: Topic(one["code"], one["need"], {lang: one[lang] for lang in ("es", "en")})
              for one in edition["topics"]}  # fmt: skip
    return Policy(
        valid_from=date.fromisoformat(edition["valid_from"]),
        sources={"es": edition["source"], "en": edition["source_en"]},
        topics=topics,
        slots=tuple(f"{day}-{half}" for day in edition["days"] for half in edition["halves"]),
        languages={one["code"]: {lang: one[lang] for lang in ("es", "en")} for one in edition["languages"]},
        families=edition["families"],
        weights=edition["weights"],
        gaps=edition["gaps"],
        defaults=edition["defaults"],
        limits={name: (least, most) for name, (least, most) in edition["limits"].items()},
        suggestion=edition["suggestion"],
    )


TOPICS = tuple(sorted({code for edition in editions() for code in edition.topics}))
SLOTS = editions()[0].slots
LANGUAGES = tuple(editions()[0].languages)
LARGEST_GROUP = max(edition.limits["maximum"][1] for edition in editions())
"""No edition allows a group of more women."""
