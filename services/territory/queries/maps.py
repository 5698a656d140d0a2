"""A map with its table: what each unit shows, the legend, and the drawing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from services.territory.queries import boundaries as bounds
from services.territory.queries.views import WHOLE, Selection, View, division_names, name_of
from services.territory.rules.classes import Class, Figure, classes_of
from services.territory.rules.drawing import MapText, draw_map, label
from services.territory.rules.figures import Count, Figures
from services.territory.rules.locating import Municipalities
from shared import places

MEASURES = ("enterprises", "women", "trained", "loans")
Speak = Callable[..., str]
"""The words of a code with its facts, in the reader's language."""


@dataclass(frozen=True)
class Map:
    """A map ready to be shown. `units` are the rows of its table."""

    title: str
    level: str
    boundaries: str
    legend: list[dict[str, Any]]
    units: list[dict[str, Any]]
    total: dict[str, Any] | None
    drawing: str


def map_of(
    view: View,
    selection: Selection,
    municipalities: Municipalities,
    measure: str,
    speak: Speak,
    *,
    points: Sequence[tuple[float, float]] = (),
    highlighted: str | None = None,
    key: bool = False,
) -> Map:
    """The map of a measure over the selected units."""
    shown = {unit: figure_of(view.figures, unit, measure) for unit in selection.shown}
    drawn = municipalities.under(*selection.frame)
    around = [Figure()] if len(drawn) > len(selection.municipalities) else []
    classes = classes_of([*shown.values(), *around])
    kind = bounds.kind_of(drawn)
    title = speak("map.title", measure=speak(f"measure.{measure}"), place=selection.title)
    text = MapText(
        title=title,
        description=speak("map.description", level=speak(f"level.{selection.level}"), number=len(shown)),
        names={**places.names(), **division_names()},
        legend={name: speak(f"legend.{name}") for name in ("zero", "suppressed", "no_data")},
        withheld=speak("withheld"),
        note=speak("map.approximate") if kind == bounds.APPROXIMATE else "",
    )
    outlines = bounds.drawn(municipalities, selection.frame, selection.level)
    return Map(
        title=title,
        level=selection.level,
        boundaries=kind,
        legend=[_told(entry, text) for entry in classes.legend()],
        units=[{"code": unit, "name": name_of(unit), **_row(view.figures, unit)} for unit in selection.shown],
        total=None if view.published else _row(view.figures, WHOLE),
        drawing=draw_map(
            outlines, shown, classes, text, points=points, highlighted=highlighted or _single(selection), key=key
        ),
    )


def _single(selection: Selection) -> str | None:
    return selection.municipalities[0] if len(selection.municipalities) == 1 else None


def _row(figures: Figures, unit: str) -> dict[str, Any]:
    """All measures of a unit, None where they are withheld."""
    return {measure: figure_of(figures, unit, measure).value for measure in MEASURES}


def figure_of(figures: Figures, unit: str, measure: str) -> Figure:
    """What a unit shows of a measure."""
    keys = {"trained": (unit, "training", "in"), "loans": (unit, "loans")}
    count: Count | None = figures.get(*keys.get(measure, (unit, "all")))
    if count is None:
        return Figure(suppressed=True)
    return Figure(count.women if measure == "women" else count.number)


def _told(entry: Class, text: MapText) -> dict[str, Any]:
    return {"kind": entry.kind, "fill": entry.fill, "label": label(entry, text)}
