"""Figures by unit as a coloured map: for reports, analyses, and every other map that shows them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeAlias

from services.territory.queries import boundaries as bounds
from services.territory.queries.map_figures import figure_of, measured
from services.territory.queries.views import WHOLE, Selection, View
from services.territory.rules.classes import Class, Figure, Key, classes_of
from services.territory.rules.drawing import MapText, Shown, draw_map, label, swatch
from services.territory.rules.locating import Municipalities
from shared import places

Speak: TypeAlias = Callable[..., str]
"""The words of a code with its facts, in the reader's language."""
ENTRIES = ("zero", "suppressed", "no_data")
NO_FIGURE = Figure()


@dataclass(frozen=True)
class Map:
    """A map ready to be shown. `units` are the rows of its table, each with a cell for each of `columns`."""

    title: str
    level: str
    boundaries: str
    legend: list[dict[str, Any]]
    units: list[dict[str, Any]]
    total: dict[str, Any] | None
    drawing: str
    kind: str = "choropleth"
    columns: list[dict[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    description: str = ""


@dataclass(frozen=True)
class Drawing:
    """Figures by unit on a map. `boundaries`: `approximate` or `official`."""

    boundaries: str
    legend: list[dict[str, Any]]
    svg: str


def map_of(
    view: View,
    selection: Selection,
    municipalities: Municipalities,
    measure: str,
    speak: Speak,
    *,
    highlighted: str | None = None,
    key: bool = False,
) -> Map:
    """The choropleth of figures that are at hand, as a report has it."""
    shown = {unit: figure_of(view.figures, unit, measure) for unit in selection.shown}
    title = speak("map.title", measure=speak(f"measure.{measure}"), place=selection.title)
    drawn = choropleth(municipalities, selection, shown, title, speak, highlighted=highlighted, key=key)
    return Map(
        title=title,
        level=selection.level,
        boundaries=drawn.boundaries,
        legend=drawn.legend,
        units=[
            {"code": unit, "name": places.name_of(unit), **measured(view.figures, unit)} for unit in selection.shown
        ],
        total=None if view.published else measured(view.figures, WHOLE),
        drawing=drawn.svg,
    )


def choropleth(
    municipalities: Municipalities,
    selection: Selection,
    figures: Mapping[str, Shown],
    title: str,
    speak: Speak,
    *,
    points: Sequence[tuple[float, float]] = (),
    highlighted: str | None = None,
    key: bool = False,
    outside: Shown = NO_FIGURE,
    classed: Callable[[Sequence[Any]], Key] = classes_of,
    names: Mapping[str, str] = MappingProxyType({}),
) -> Drawing:
    """Figures by unit, drawn where the selection lies; says so where boundaries are approximate. `classed` gives their
    classes, `outside` what is around them shows, `names` the words of the legend that are theirs alone.
    """
    within = municipalities.under(*selection.frame)
    around = [outside] if len(within) > len(selection.municipalities) else []
    classes, kind = classed([*figures.values(), *around]), bounds.kind_of(within)
    note = speak("map.approximate") if kind == bounds.APPROXIMATE else ""
    legend = {name: speak(f"legend.{name}") for name in ENTRIES} | dict(names)
    text = words_of(speak, selection, title, len(figures), legend, note=note)
    outlines = bounds.drawn(municipalities, selection.frame, selection.level)
    return Drawing(
        boundaries=kind,
        legend=[legend_entry(entry, text) for entry in classes.legend()],
        svg=draw_map(
            outlines, figures, classes, text, points=points, highlighted=highlighted or only_one(selection), key=key
        ),
    )


def words_of(
    speak: Speak, selection: Selection, title: str, number: int, legend: Mapping[str, str], **more: Any
) -> MapText:
    """What a map of so many units says."""
    return MapText(
        title=title,
        description=speak("map.description", level=speak(f"level.{selection.level}"), number=number),
        names=places.every_name(),
        legend=legend,
        withheld=speak("withheld"),
        **more,
    )


def only_one(selection: Selection) -> str | None:
    """The municipality, where one alone is looked at."""
    return selection.municipalities[0] if len(selection.municipalities) == 1 else None


def legend_entry(entry: Class, text: MapText) -> dict[str, Any]:
    """An entry of a legend as it is told."""
    return {"kind": entry.kind, "fill": entry.fill, "label": label(entry, text), "swatch": swatch(entry)}
