"""A map with its table: what each unit shows, the legend, and the drawing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from services.territory.queries import boundaries as bounds
from services.territory.queries.map_figures import MEASURES, TABLED, figure_of, measured
from services.territory.queries.map_hexagons import hexagon_map
from services.territory.queries.map_kinds import Made, Making, Speak, made
from services.territory.queries.views import WHOLE, Selection, View
from services.territory.rules.classes import Class, Figure, Key, Pair, classes_of
from services.territory.rules.disclosure import THRESHOLD
from services.territory.rules.drawing import MapText, Shown, draw_map, draw_panels, label, swatch
from services.territory.rules.drawing.overlays import NOTHING_OVER
from services.territory.rules.drawing.words import told
from services.territory.rules.locating import Municipalities
from services.territory.rules.patterns import NOBODY
from shared import places
from shared.kernel import LOCAL_TIME

__all__ = ["Dots", "Drawing", "Map", "Sheet", "Speak", "choropleth", "complete_map", "map_of"]
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


@dataclass(frozen=True)
class Dots:
    """The points of enterprises as the caller may see them: longitude and latitude, `exact` or `masked`."""

    places: Sequence[tuple[float, float]] = ()
    sight: str | None = None


@dataclass(frozen=True)
class Sheet:
    """How a drawing is to stand: with its key below, with its title above, with points, one unit framed."""

    key: bool = False
    alone: bool = False
    points: bool = False
    highlighted: str | None = None


def complete_map(making: Making, sheet: Sheet, dots: Dots) -> Map:
    """The map that is wanted, of any kind."""
    wanted, selection, speak = making.wanted, making.selection, making.speak
    outlines = bounds.drawn(making.municipalities, selection.frame, selection.level, coarse=wanted.kind != "choropleth")
    hexagons = wanted.kind == "hexagons"
    kind = hexagon_map(making, outlines, dots.places, dots.sight) if hexagons else made(making)
    notes = _notes(making, wanted.kind, dots)
    text = _text(making, kind, notes)
    drawn = replace(sheet, highlighted=sheet.highlighted or _single(selection))
    return Map(
        title=kind.title,
        level=selection.level,
        boundaries=_boundaries(making),
        legend=[legend_entry(entry, text) for entry in kind.classes.legend()],
        units=_rows(making, kind, text),
        total=_total(making, kind),
        drawing=_drawing(outlines, kind, text, drawn, dots.places if sheet.points else ()),
        kind=wanted.kind,
        columns=[{"code": code, "label": words} for code, words in kind.columns],
        notes=notes,
        description=speak("map.description", level=speak(f"level.{selection.level}"), number=len(selection.shown)),
    )


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
    text = _words(speak, selection, title, len(figures), legend, note=note)
    outlines = bounds.drawn(municipalities, selection.frame, selection.level)
    return Drawing(
        boundaries=kind,
        legend=[legend_entry(entry, text) for entry in classes.legend()],
        svg=draw_map(
            outlines, figures, classes, text, points=points, highlighted=highlighted or _single(selection), key=key
        ),
    )


def _words(
    speak: Speak, selection: Selection, title: str, number: int, legend: Mapping[str, str], **more: Any
) -> MapText:
    return MapText(
        title=title,
        description=speak("map.description", level=speak(f"level.{selection.level}"), number=number),
        names=places.every_name(),
        legend=legend,
        withheld=speak("withheld"),
        **more,
    )


def _drawing(outlines: Any, kind: Made, text: MapText, sheet: Sheet, points: Sequence[tuple[float, float]]) -> str:
    if kind.panels:
        return draw_panels(outlines, kind.panels, kind.classes, text, key=sheet.key, alone=sheet.alone)
    over = kind.over(outlines, text) if kind.over else NOTHING_OVER
    return draw_map(
        outlines, kind.shown, kind.ground or kind.classes, text,
        over=over, legend=kind.classes, points=points, highlighted=sheet.highlighted, key=sheet.key, alone=sheet.alone,
    )  # fmt: skip


def _text(making: Making, kind: Made, notes: Sequence[str]) -> MapText:
    speak, words = making.speak, dict(kind.words)
    legend = {name: speak(f"legend.{name}") for name in ENTRIES} | words.pop("legend", {})
    more = {"notes": notes, "more": speak("map.and_more", low="{low}")}
    return _words(speak, making.selection, kind.title, len(making.selection.shown), legend, **more, **words)


def _notes(making: Making, kind: str, dots: Dots) -> list[str]:
    """What has to be known to read the map: when, what is withheld, what is drawn, and who says so."""
    speak, source = making.speak, making.source
    as_of = source.as_of
    notes = [speak("map.as_of", day=as_of.astimezone(LOCAL_TIME).date()) if as_of else speak("map.no_data")]
    if kind == "hexagons":
        notes.append(speak(f"map.points_{dots.sight}", threshold=THRESHOLD - 1))
    elif source.published:
        notes.append(speak("map.published", month=source.published, threshold=THRESHOLD - 1))
    else:
        notes.append(speak("map.live"))
    if kind == "categories" and making.wanted.theme != "main_chain":
        share = round(100 * making.judging.values["false_discovery"])
        notes.append(speak("map.judged", share=share))
    if kind == "change" and not source.published:
        notes.append(speak("map.change_live"))
    if _boundaries(making) == bounds.APPROXIMATE:
        notes.append(speak("map.approximate") + ".")
    return [*notes, speak("map.source")]


def _boundaries(making: Making) -> str:
    return bounds.kind_of(making.municipalities.under(*making.selection.frame))


def _rows(making: Making, kind: Made, text: MapText) -> list[dict[str, Any]]:
    if kind.rows is not None:
        return [dict(row) for row in kind.rows]
    measures = [code for code, _ in kind.columns]
    plain_text = replace(text, signed=False)
    rows = []
    for unit, cells in kind.cells.items():
        entry = kind.classes.of(kind.shown[unit])
        shown = [_cell(cell, text if place == 0 else plain_text, making.speak) for place, cell in enumerate(cells)]
        known = (
            dict(zip(measures, shown, strict=True))
            if making.wanted.kind == "choropleth" and not making.wanted.per
            else {}
        )
        rows.append(
            {
                "code": unit,
                "name": places.name_of(unit),
                **{measure: known[measure]["value"] if measure in known else None for measure in TABLED},
                "cells": shown,
                "class_label": label(entry, text),
            }
        )
    return rows


def _cell(cell: Shown, text: MapText, speak: Speak) -> dict[str, Any]:
    """A cell of the table: its number (None where withheld or missing) and its words."""
    if isinstance(cell, Pair):
        raise TypeError("a cell tells one figure")
    words = told(cell, text)
    if not isinstance(cell, Figure):
        nobody = 0 if cell.code == NOBODY else None
        return {"value": nobody, "withheld": cell.suppressed, "text": speak("withheld") if cell.suppressed else words}
    value = (
        None
        if cell.suppressed or cell.value is None
        else cell.value / 10**text.decimals
        if text.decimals
        else cell.value
    )
    return {"value": value, "withheld": cell.suppressed, "text": words}


def _total(making: Making, kind: Made) -> dict[str, Any] | None:
    """What all units have together; nobody is told it of published figures, which could give a withheld one away."""
    if making.source.published is not None or making.wanted.kind != "choropleth" or making.wanted.per:
        return None
    found: dict[str, int] = {}
    for place, (code, _) in enumerate(kind.columns):
        found[code] = sum(_value(cells[place]) for cells in kind.cells.values())
    return {measure: found.get(measure) for measure in MEASURES}


def _value(cell: Shown) -> int:
    return (cell.value or 0) if isinstance(cell, Figure) else 0


def _single(selection: Selection) -> str | None:
    return selection.municipalities[0] if len(selection.municipalities) == 1 else None


def legend_entry(entry: Class, text: MapText) -> dict[str, Any]:
    """An entry of a legend as it is told."""
    return {"kind": entry.kind, "fill": entry.fill, "label": label(entry, text), "swatch": swatch(entry)}
