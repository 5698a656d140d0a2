"""The rows of a sheet, each read answer by answer, with what is wrong with them noted on the way."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from services.registry.intake.answers import Choices
from services.registry.intake.cells import Unreadable, is_blank, shown, text, ticked
from services.registry.intake.layout import Layout, Table
from shared.workbooks import Cell

_LONGEST_LIST = 2_000


@dataclass(slots=True)
class Line:
    """One row of a sheet, with what is noted about it."""

    layout: Layout
    number: int
    cells: list[Cell]
    problems: list[dict[str, Any]] = field(default_factory=list)

    def cell(self, name: str) -> Cell | None:
        position = self.layout.columns.get(name)
        return None if position is None or position >= len(self.cells) else self.cells[position]

    def note(self, code: str, column: str | None, **facts: Any) -> None:
        self.problems.append(
            {
                "sheet": self.layout.sheet,
                "row": self.number,
                "column": self.layout.header(column) if column else None,
                "position": self.layout.columns.get(column or "", 0),
                "code": code,
                "facts": facts,
            }
        )

    def take(self, name: str, read: Callable[..., Any], *args: Any, default: Any = None) -> Any:
        """The value of a cell, `default` where it is empty; what cannot be read is noted."""
        cell = self.cell(name)
        if is_blank(cell):
            return default
        try:
            return read(cell, *args)
        except Unreadable as unreadable:
            self.note(unreadable.code, name, **unreadable.facts)
            return default if unreadable.instead is None else unreadable.instead

    def needed(self, name: str, read: Callable[..., Any], *args: Any) -> Any:
        """Like `take`, for an answer the form asks for: an empty cell of a column that is there is noted too."""
        if name in self.layout.columns and is_blank(self.cell(name)):
            self.note("cell.required", name)
        return self.take(name, read, *args)

    def several(self, name: str, choices: Choices[Any]) -> list[Any]:
        """The answers of a multiple choice: from its 0/1 columns, from the text column where there are none."""
        if all(f"{name}/{code}" in self.layout.columns for code in choices.codes):
            ticks = {code: self.take(f"{name}/{code}", ticked, default=False) for code in choices.codes}
            return [meaning for code, meaning in choices.meanings.items() if ticks[code]]
        codes, unknown = choices.split(str(self.take(name, text, _LONGEST_LIST, default="")))
        for word in unknown:
            self.note("cell.unknown_choice", name, value=shown(word), choices=", ".join(choices.codes)[:300])
        return [meaning for code, meaning in choices.meanings.items() if code in codes]


def lines_of(table: Table) -> Iterator[Line]:
    """The rows that hold anything, with the number each has in the file."""
    return (Line(table.layout, number, row) for number, row in table.lines())
