"""A map with its table: what each unit shows, the legend, and the drawing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from services.territory.queries import boundaries as bounds
from services.territory.queries.choropleths import (
    ENTRIES,
    Drawing,
    Map,
    Speak,
    choropleth,
    legend_entry,
    map_of,
    only_one,
    words_of,
)
from services.territory.queries.map_figures import MEASURES, TABLED
from services.territory.queries.map_kinds import made
from services.territory.queries.map_kinds.making import Dots, Made, Making
from services.territory.rules.classes import Figure, Pair
from services.territory.rules.disclosure import THRESHOLD
from services.territory.rules.drawing import MapText, Shown, draw_map, draw_panels, label
from services.territory.rules.drawing.overlays import NOTHING_OVER
from services.territory.rules.drawing.words import told
from services.territory.rules.patterns import NOBODY
from shared import places
from shared.kernel import LOCAL_TIME

__all__ = ["Dots", "Drawing", "Map", "Sheet", "Speak", "choropleth", "complete_map", "map_of"]


@dataclass(frozen=True)
class Sheet:
    """How a drawing is to stand: with its key below, with its title above, with points, one unit framed."""

    key: bool = False
    alone: bool = False
    points: bool = False
    highlighted: str | None = None


def complete_map(making: Making, sheet: Sheet, dots: Dots) -> Map:
    """The map that is wanted, of any kind."""
    making = replace(making, dots=dots)
    selection, speak = making.selection, making.speak
    kind = made(making)
    notes = _notes(making, kind)
    text = _text(making, kind, notes)
    drawn = replace(sheet, highlighted=sheet.highlighted or only_one(selection))
    return Map(
        title=kind.title,
        level=selection.level,
        boundaries=_boundaries(making),
        legend=[legend_entry(entry, text) for entry in kind.classes.legend()],
        units=_rows(making, kind, text),
        total=_total(making, kind),
        drawing=_drawing(making.outlines, kind, text, drawn, dots.places if sheet.points else ()),
        kind=making.wanted.kind,
        columns=[{"code": code, "label": words} for code, words in kind.columns],
        notes=notes,
        description=speak("map.description", level=speak(f"level.{selection.level}"), number=len(selection.shown)),
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
    return words_of(speak, making.selection, kind.title, len(making.selection.shown), legend, **more, **words)


def _notes(making: Making, kind: Made) -> list[str]:
    """What has to be known to read the map: when, what is withheld, what is drawn, and who says so."""
    speak, source = making.speak, making.source
    as_of = source.as_of
    notes = [speak("map.as_of", day=as_of.astimezone(LOCAL_TIME).date()) if as_of else speak("map.no_data")]
    if kind.counted:
        notes.append(kind.counted)
    elif source.published:
        notes.append(speak("map.published", month=source.published, threshold=THRESHOLD - 1))
    else:
        notes.append(speak("map.live"))
    notes += [*kind.notes, *making.rate_notes()]
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
