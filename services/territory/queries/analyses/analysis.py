"""What an analysis answers: one sentence, tables that say what their columns are, and how it was worked out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from services.territory import reference
from services.territory.queries.boundaries import in_force
from services.territory.queries.choropleths import Drawing, Speak, choropleth
from services.territory.queries.criteria import Criteria
from services.territory.queries.views import Selection
from services.territory.rules.classes import Figure, Kind, categories
from shared import places

KINDS = ("text", "count", "number", "percent", "chance", "degrees")
"""What stands in a column: words, a whole number, a number of two decimals, a share (0.125), a p-value, longitude
or latitude.
"""
Row = dict[str, Any]


@dataclass(frozen=True)
class Words:
    """How an analysis speaks to its reader."""

    speak: Speak
    language: str

    def __call__(self, code: str, **facts: Any) -> str:
        return self.speak(f"analysis.{code}", **facts)

    def chain(self, code: str) -> str:
        return reference.chain_templates()[code].names[self.language]

    def link(self, code: str) -> str:
        return self(f"link.{code}")


@dataclass(frozen=True)
class Table:
    """Rows, and of each of their columns its key and what stands in it (`KINDS`); None where nothing can be said."""

    name: str
    columns: Mapping[str, str]
    rows: Sequence[Row]


@dataclass(frozen=True)
class Categories:
    """What each unit is drawn as (None: nothing can be said), and of each code its fill and its name in the legend, in
    their order.
    """

    of: Mapping[str, str | None]
    fills: Mapping[str, str]
    names: Mapping[str, str]


@dataclass(frozen=True)
class Analysis:
    """The answer of one analysis. `n`: how many enterprises (women, places) it is of; `coverage`: which share of all
    those that there are. `notes` say what a reader has to know before she believes it. `values` are drawn, or the
    `categories` where there are some, with `points` (degrees) above them.
    """

    analysis: str
    answer: str
    tables: Sequence[Table]
    n: int
    coverage: float | None
    criteria: Criteria
    notes: Sequence[str] = ()
    values: Mapping[str, int | None] = field(default_factory=dict)
    categories: Categories | None = None
    shows: str = ""
    points: Sequence[tuple[float, float]] = ()


def drawing_of(session: Session, selection: Selection, finding: Analysis, words: Words) -> Drawing | None:
    """The map of what a finding shows, by unit; None where it shows nothing by unit."""
    if not finding.values:
        return None
    title, told = f"{finding.shows}: {selection.title}", finding.categories
    if told is None:
        figures = {unit: Figure(value) for unit, value in finding.values.items()}
        return choropleth(in_force(session), selection, figures, title, words.speak, points=finding.points)
    kinds = {unit: Kind(code) for unit, code in told.of.items()}
    return choropleth(
        in_force(session), selection, kinds, title, words.speak,
        points=finding.points, outside=Kind(), classed=partial(categories, told.fills), names=told.names,
    )  # fmt: skip


def named(unit: str) -> Row:
    """The first cells of a row that is about a unit."""
    return {"code": unit, "place": places.in_full(unit)}


def plain(value: Any, decimals: int = 2) -> float | None:
    """A number to stand in a row, 0 without a sign; None for one that is not finite."""
    number = float(value)
    return round(number, decimals) + 0.0 if np.isfinite(number) else None


def written(value: float, decimals: int = 1) -> str:
    """A number as it stands in a sentence."""
    return f"{value:,.{decimals}f}"


def listed(names: Sequence[str], words: Words) -> str:
    """The names as a sentence lists them: San Lorenzo, Nacaome and Amapala."""
    if len(names) < 2:
        return "".join(names)
    return words("and", first=", ".join(names[:-1]), last=names[-1])
