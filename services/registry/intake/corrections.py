"""The rows of a file in which something is wrong, as rows of our template, to be put right and sent again."""

import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from services.registry.intake import cells, form
from services.registry.intake.cells import is_blank
from services.registry.intake.dialects import read_inventory
from services.registry.intake.layout import Inventory, Layout
from shared.workbooks import Cell


def rows_to_correct(
    content: bytes, problems: Sequence[Mapping[str, Any]], mapping: Mapping[str, str] | None = None
) -> dict[str, list[dict[str, str]]]:
    """`rows` (question -> text) with what is wrong with each in `notices` (question -> sentences, "" for the row as a
    whole). `problems` are those of the report, each with `sheet`, `row`, `column` and `message`.
    """
    inventory = read_inventory(io.BytesIO(content), mapping=mapping)
    main = inventory.submissions
    offered, parents = _products(inventory)
    by_header = _questions(main.layout)
    told: dict[int, dict[str, list[str]]] = {}
    for problem in problems:
        number, question = problem["row"], by_header.get(problem["column"] or "", "")
        if problem["sheet"] != main.layout.sheet:
            number, question = parents.get((problem["sheet"], number)), ""
        if number is not None:
            told.setdefault(number, {}).setdefault(question, []).append(problem["message"])
    wanted = [(number, row) for number, row in main.lines() if number in told]
    return {
        "rows": [_row(main.layout, row) | _numbered_products(offered.get(number, [])) for number, row in wanted],
        "notices": [{name: " ".join(said) for name, said in told[number].items()} for number, _ in wanted],
    }


def _questions(layout: Layout) -> dict[str, str]:
    """The question of the template that each column of the file belongs to."""
    found: dict[str, str] = {}
    for field in layout.columns:
        question = field.rpartition("/")[0] if field not in form.TEMPLATE else field
        question = "_gps_latitude" if field == "gps" else question
        if question in form.TEMPLATE:
            found.setdefault(layout.header(field), question)
    return found


def _row(layout: Layout, row: Sequence[Cell]) -> dict[str, str]:
    texts = {field: _text(_cell(layout, row, field)) for field in form.TEMPLATE if field in layout.columns}
    for field, choices in form.MULTIPLE.items():
        if not texts.get(field):
            ticked = [code for code in choices.codes if _is_ticked(_cell(layout, row, f"{field}/{code}"))]
            texts[field] = ", ".join(choices.labels[code][0] for code in ticked)
    return {field: text for field, text in texts.items() if text}


def _is_ticked(cell: Cell | None) -> bool:
    try:
        return cell is not None and not is_blank(cell) and cells.ticked(cell)
    except cells.Unreadable as unreadable:
        return unreadable.instead is True


def _products(inventory: Inventory) -> tuple[dict[int, list[dict[str, str]]], dict[tuple[str, int], int]]:
    """The products of each submission by its row, and the row of the submission that each row of a product is of."""
    main = inventory.submissions
    by_key = {_text(_cell(main.layout, row, "_index")): number for number, row in main.lines()}
    offered: dict[int, list[dict[str, str]]] = {}
    parents: dict[tuple[str, int], int] = {}
    for table in inventory.products:
        for number, row in table.lines():
            parent = by_key.get(_text(_cell(table.layout, row, form.PARENT)))
            texts = {field: _text(_cell(table.layout, row, field)) for field in form.PRODUCT_COLUMNS}
            if parent is not None and any(texts.values()):
                offered.setdefault(parent, []).append(texts)
                parents[table.layout.sheet, number] = parent
    return offered, parents


def _numbered_products(products: Sequence[Mapping[str, str]]) -> dict[str, str]:
    return {
        f"{field} {at}": text for at, product in enumerate(products, start=1) for field, text in product.items() if text
    }


def _cell(layout: Layout, row: Sequence[Cell], field: str) -> Cell | None:
    position = layout.columns.get(field)
    return None if position is None or position >= len(row) else row[position]


def _text(cell: Cell | None) -> str:
    """What stands in a cell, as one types it."""
    if cell is None or is_blank(cell):
        return ""
    if isinstance(cell, bool):
        return "Sí" if cell else "No"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)
