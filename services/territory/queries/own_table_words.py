"""An own table in the words of its reader: title, heads, cells, notes, and the drawing beside it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.territory import reference
from services.territory.queries.choropleths import Speak
from services.territory.queries.own_table_figures import MOST_MONTHS, Cell, Grid
from services.territory.rules import charting
from services.territory.rules.charting import MOST_SERIES, Chart, Point, most_rows
from services.territory.rules.disclosure import THRESHOLD
from services.territory.rules.drawing.words import DASH
from services.territory.rules.own_tables import (
    AMOUNT,
    COUNT,
    MEASURES,
    OVERLAPPING,
    PLACE,
    RATES,
    SHARE,
    STACKED,
    TABLE,
    TIMES,
)
from shared import places
from shared.kernel import LOCAL_TIME
from shared.spreadsheets import Sheet

_CENTS = 100
_MOST_NAMED = 12


@dataclass(frozen=True)
class Shown:
    """An own table as it is shown. Each of `rows` has a `name` and `cells`, a cell `value`, `withheld`, `text`; `below`
    is the row of published wholes, empty where there is none. `chart`: what is drawn, None where only a table is.
    """

    title: str
    head: str
    columns: list[dict[str, str]]
    rows: list[dict[str, Any]]
    below: list[dict[str, Any]]
    notes: list[str]
    published: str
    as_of: datetime | None
    kind: str
    chart: Chart | None

    def drawing(self, *, alone: bool = False) -> str:
        """The chart as SVG, with its title and notes where it stands `alone`; nothing of a table without one."""
        return charting.draw(self.kind, replace(self.chart, alone=alone)) if self.chart else ""

    @property
    def heads(self) -> list[str]:
        """What stands above the columns, the names of the rows first."""
        return [self.head, *(column["label"] for column in self.columns)]

    def lines(self) -> list[list[Any]]:
        """The rows of the table with the wholes below; what is withheld is a word."""
        below = [{"name": self.below[0]["text"], "cells": self.below[1:]}] if self.below else []
        return [[row["name"], *map(_plain, row["cells"])] for row in (*self.rows, *below)]

    def sheet(self, title: str) -> Sheet:
        """The table to take away."""
        return Sheet(self.head, self.heads, self.lines(), title=title, kept=1)


def shown(grid: Grid, speak: Speak, language: str, *, title: str | None = None) -> Shown:
    """The table in words; `title` is what its owner called it; a note then says what is shown."""
    say = _Words(grid, speak, language)
    definition = grid.definition
    columns = [say.entry(definition.columns, code) for code in grid.columns]
    rows = [_row(grid, say, place) for place in range(len(grid.rows))]
    below = [{"value": None, "withheld": False, "text": say.whole(definition.rows)}, *map(say.cell, grid.below or ())]
    heads = [{"code": code or definition.measure, "label": label} for code, label in
             zip(grid.columns, columns, strict=True)]  # fmt: skip
    if grid.aside is not None:
        heads.append({"code": "total", "label": say.whole(definition.columns)})
    notes = [*([f"{say.title()}."] if title else []), *say.notes()]
    said = title or say.title()
    chart = _chart(grid, say, said, columns, notes) if definition.chart != TABLE and grid.rows else None
    return Shown(
        title=said, head=speak(f"own_table.axis.{definition.rows}"), columns=heads, rows=rows,
        below=below if grid.below is not None else [], notes=notes, published=grid.published, as_of=grid.as_of,
        kind=definition.chart, chart=chart,
    )  # fmt: skip


def _row(grid: Grid, say: "_Words", place: int) -> dict[str, Any]:
    cells = [*grid.cells[place], *(grid.aside[place : place + 1] if grid.aside is not None else ())]
    name = say.entry(grid.definition.rows, grid.rows[place])
    return {"code": grid.rows[place], "name": name, "cells": [say.cell(cell) for cell in cells]}


def _plain(cell: dict[str, Any]) -> Any:
    return cell["text"] if cell["value"] is None else cell["value"]


def _chart(grid: Grid, say: "_Words", title: str, columns: Sequence[str], notes: list[str]) -> Chart | None:
    """What is drawn: of many rows and columns the largest, in their order; `notes` then say so. None where nothing is
    counted.
    """
    rows, across = list(range(len(grid.rows))), range(len(columns))
    drawn = [place for place in across if any(cells[place].value or cells[place].withheld for cells in grid.cells)]
    if not drawn:
        return None
    if len(drawn) > MOST_SERIES:
        drawn = sorted(sorted(drawn, key=lambda place: -_weight([cells[place] for cells in grid.cells]))[:MOST_SERIES])
        notes.append(say.speak("own_table.few_columns", number=MOST_SERIES))
    if grid.definition.rows not in TIMES and len(rows) > (most := most_rows(len(drawn))):
        rows = sorted(sorted(rows, key=lambda row: -_weight(grid.cells[row]))[:most])
        notes.append(say.speak("own_table.few_rows", number=most))
    if grid.definition.chart == STACKED and any(cell.withheld for row in rows for cell in grid.cells[row]):
        notes.append(say.speak("own_table.stacked_withheld"))
    points = [[say.point(grid.cells[row][place]) for place in drawn] for row in rows]
    series = [columns[place] for place in drawn] if grid.definition.columns else [""]
    names = [say.entry(grid.definition.rows, grid.rows[row]) for row in rows]
    return Chart(title, say.speak("own_table.drawn", rows=len(rows)), names, series, points, tuple(notes))


def _weight(cells: Sequence[Cell]) -> float:
    return max((cell.value or 0 for cell in cells), default=0)


class _Words:
    """The reader's words for one table."""

    def __init__(self, grid: Grid, speak: Speak, language: str) -> None:
        self._grid, self.speak, self._language = grid, speak, language

    def title(self) -> str:
        """What is counted, by what, and where."""
        definition = self._grid.definition
        axes = [self.speak(f"own_table.by.{axis}") for axis in definition.axes]
        by = self.speak("own_table.both", first=axes[0], second=axes[1]) if len(axes) > 1 else axes[0]
        only = "".join(f", {self._restricted(name, code)}" for name, code in definition.only.items())
        names = ", ".join(places.name_of(unit) for unit in definition.units)
        return self.speak("own_table.title", measure=self.measure() + only, by=by, place=names)

    def measure(self) -> str:
        """What is counted, and as what."""
        definition = self._grid.definition
        told = self.speak(f"own_table.measure.{definition.measure}")
        if definition.currency:
            return f"{told} ({definition.currency})"
        return told if definition.per == COUNT else self.speak(f"own_table.per.{definition.per}", measure=told)

    def entry(self, axis: str | None, code: str | None) -> str:
        """What stands at the head of a row or a column."""
        if axis is None or code is None:
            return self.measure()
        if axis == PLACE:
            return places.name_of(code)
        if axis == "chain":
            return reference.chain_templates()[code].names[self._language]
        if axis in TIMES:
            return code
        return self.speak(f"own_table.{axis}.{code}")

    def whole(self, axis: str | None) -> str:
        return self.speak("own_table.everything" if axis in OVERLAPPING else "own_table.total")

    def cell(self, cell: Cell) -> dict[str, Any]:
        """A cell: its number (amounts with their cents), None where there is none, and its words."""
        return {"value": self._number(cell), "withheld": cell.withheld, "text": self._text(cell)}

    def point(self, cell: Cell) -> Point:
        return Point(self._number(cell), self._text(cell), cell.withheld)

    def notes(self) -> Iterator[str]:
        """What has to be known to read the table: when, what is withheld, what does not add up, who says so."""
        grid, definition, speak = self._grid, self._grid.definition, self.speak
        yield speak("map.as_of", day=grid.as_of.astimezone(LOCAL_TIME).date()) if grid.as_of else speak("map.no_data")
        yield speak("map.published", month=grid.published, threshold=THRESHOLD - 1)
        if definition.time:
            yield speak("own_table.over_time", months=MOST_MONTHS, threshold=THRESHOLD - 1)
        if set(OVERLAPPING) & {*definition.axes}:
            yield speak("own_table.overlaps")
        if definition.per == SHARE:
            yield speak("own_table.share_of_place")
        for source in grid.sources:
            title = source.title_es if self._language == "es" else source.title_en
            yield speak("own_table.divided_by", title=title, year=source.year, source=source.source)
        if definition.per in RATES and not grid.sources:
            yield speak("own_table.no_denominators")
        yield from self._silent()
        yield speak("map.source")

    def _silent(self) -> Iterator[str]:
        """Which rows and columns are left out, because nothing is counted in them."""
        shown = {*self._grid.rows, *self._grid.columns}
        names = [
            self.entry(axis, code) for axis, codes in self._grid.entries.items() for code in codes if code not in shown
        ]
        named, more = ", ".join(names[:_MOST_NAMED]), len(names) - _MOST_NAMED
        if more > 0:
            yield self.speak("own_table.silent_and_more", names=named, number=more)
        elif names:
            yield self.speak("own_table.silent", names=named)

    def _restricted(self, name: str, code: str) -> str:
        return f"{self.speak(f'own_table.axis.{name}').lower()}: {self.entry(name, code).lower()}"

    def _number(self, cell: Cell) -> float | None:
        if cell.value is None:
            return None
        definition = self._grid.definition
        if MEASURES[definition.measure].tells == AMOUNT:
            return cell.value / _CENTS
        return cell.value

    def _text(self, cell: Cell) -> str:
        if cell.withheld:
            return self.speak("withheld")
        value = self._number(cell)
        if value is None:
            return DASH
        definition = self._grid.definition
        if MEASURES[definition.measure].tells == AMOUNT:
            return f"{value:,.2f}"
        decimals = 0 if definition.per == COUNT else 1 if definition.per == SHARE else 2
        return f"{value:,.{decimals}f}" + (" %" if definition.per == SHARE else "")
