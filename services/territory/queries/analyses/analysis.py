"""What an analysis answers: one sentence, tables that say what their columns are, and how it was worked out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from services.territory import reference
from services.territory.queries.boundaries import drawn, in_force, kind_of
from services.territory.queries.criteria import Criteria
from services.territory.queries.maps import Speak, legend_entry
from services.territory.queries.views import Selection
from services.territory.rules.classes import Figure, Key, Kind, categories, classes_of
from services.territory.rules.drawing import MapText, Shown, draw_map
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


@dataclass(frozen=True)
class Drawing:
    """The map of a finding. `boundaries`: `approximate` or `official`."""

    boundaries: str
    legend: list[dict[str, Any]]
    svg: str


def drawing_of(session: Session, selection: Selection, finding: Analysis, words: Words) -> Drawing | None:
    """The map of what a finding shows, by unit; None where it shows nothing by unit."""
    if not finding.values:
        return None
    municipalities = in_force(session)
    shapes = municipalities.under(*selection.frame)
    figures, classes = _filled(finding, around=len(shapes) > len(selection.municipalities))
    legend = {name: words.speak(f"legend.{name}") for name in ("zero", "suppressed", "no_data")}
    text = MapText(
        title=f"{finding.shows}: {selection.title}",
        description=words.speak("map.description", level=words.speak(f"level.{selection.level}"), number=len(figures)),
        names=places.names(),
        legend=legend | dict(finding.categories.names if finding.categories else {}),
    )
    outlines = drawn(municipalities, selection.frame, selection.level)
    return Drawing(
        boundaries=kind_of(shapes),
        legend=[legend_entry(one, text) for one in classes.legend()],
        svg=draw_map(outlines, figures, classes, text, points=finding.points),
    )


def _filled(finding: Analysis, *, around: bool) -> tuple[Mapping[str, Shown], Key]:
    """What the units show and its classes; `around`: more is drawn than the finding is of."""
    if finding.categories is None:
        figures = {unit: Figure(value) for unit, value in finding.values.items()}
        return figures, classes_of([*figures.values(), *([Figure()] if around else [])])
    kinds = {unit: Kind(code) for unit, code in finding.categories.of.items()}
    return kinds, categories(finding.categories.fills, [*kinds.values(), *([Kind()] if around else [])])


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
