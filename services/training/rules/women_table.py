"""The table in which a team notes how many women can come: a row for each, filled in in a spreadsheet."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

COLUMNS = ("entrepreneur_id", "name", "municipality", "slots", "languages", "children", "priority")
"""`name` and `municipality` are there to be read; hours and languages are separated by blanks."""
_NEEDED = ("entrepreneur_id", "slots", "languages", "children", "priority")
MOST_CHILDREN, MOST_PRIORITY, MOST_ROWS = 12, 9, 5_000


@dataclass(frozen=True, slots=True)
class Mistake:
    """A cell that cannot be taken: its row (2 is the first below the heads), its column, why, and what stands there."""

    row: int
    column: str
    code: str
    value: str


@dataclass(slots=True)
class Table:
    """What was read: how each woman can come, and every mistake; with one mistake nothing is to be taken."""

    women: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    rows: dict[UUID, int] = field(default_factory=dict)
    """In which row each of them stands."""
    mistakes: list[Mistake] = field(default_factory=list)


def read(rows: Sequence[Sequence[Any]], slots: Collection[str], languages: Collection[str]) -> Table:
    """The women of a table whose first row are the heads, in any order; further columns are passed over."""
    table = Table()
    heads = [str(cell).strip().lower() for cell in rows[0]] if rows else []
    table.mistakes += [Mistake(1, name, "table.column_missing", "") for name in _NEEDED if name not in heads]
    if table.mistakes:
        return table
    if len(rows) - 1 > MOST_ROWS:
        table.mistakes.append(Mistake(MOST_ROWS + 2, "", "table.too_long", str(MOST_ROWS)))
        return table
    for number, cells in enumerate(rows[1:], start=2):
        row = {name: _text(cell) for name, cell in zip(heads, cells, strict=False)}
        if any(row.get(name) for name in _NEEDED):
            _read_row(table, number, row, slots, languages)
    return table


def _read_row(
    table: Table, number: int, row: Mapping[str, str], slots: Collection[str], languages: Collection[str]
) -> None:
    before = len(table.mistakes)
    woman = _id(table, number, row.get("entrepreneur_id", ""))
    told = {
        "slots": _codes(table, number, "slots", row, slots),
        "languages": _codes(table, number, "languages", row, languages) or ["es"],
        "children": _number(table, number, "children", row, (0, MOST_CHILDREN)),
        "priority": _number(table, number, "priority", row, (1, MOST_PRIORITY)),
    }
    if woman is not None and woman in table.women:
        table.mistakes.append(Mistake(number, "entrepreneur_id", "table.woman_twice", str(woman)))
    if woman is not None and len(table.mistakes) == before:
        table.women[woman], table.rows[woman] = told, number


def _id(table: Table, number: int, text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        table.mistakes.append(Mistake(number, "entrepreneur_id", "table.not_an_id", text[:40]))
        return None


def _codes(table: Table, number: int, column: str, row: Mapping[str, str], known: Collection[str]) -> list[str]:
    told = row.get(column, "").lower().replace(",", " ").split()
    for code in told:
        if code not in known:
            table.mistakes.append(Mistake(number, column, f"table.unknown_{column}", code[:40]))
    return sorted(set(told))


def _number(table: Table, number: int, column: str, row: Mapping[str, str], limits: tuple[int, int]) -> int:
    text = row.get(column, "")
    if not text:
        return limits[0]
    if not text.isascii() or not text.isdecimal() or not limits[0] <= int(text[:9]) <= limits[1]:
        table.mistakes.append(Mistake(number, column, "table.not_a_number", text[:40]))
        return limits[0]
    return int(text)


def _text(cell: Any) -> str:
    """A cell as it reads: 3.0 of a workbook is 3."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()
