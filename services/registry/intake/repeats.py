"""Repeats in the row of their submission: `productos[1]/producto` of an old exporter, «Producto 1» of our template."""

import re
from dataclasses import replace

from services.registry.intake import form
from services.registry.intake.layout import Inventory, Layout, Reshaped, Table, is_empty
from shared.workbooks import Cell

_REPEATED = re.compile(r"(?:.*/)?productos\[(\d{1,4})\]/(\w+)")
_NUMBERED = re.compile(r"(\w+) (\d{1,2})")
_INDEX = "_index"


def with_repeats_apart(inventory: Inventory) -> Inventory:
    """The same inventory with the repeats inside of its rows as tables of products, one for each place in the row."""
    table = inventory.submissions
    places: dict[int, dict[str, int]] = {}
    for position, header in enumerate(table.layout.headers):
        if named := _product_column(header):
            places.setdefault(named[0], {})[named[1]] = position
    for name, position in inventory.numbered_products.items():
        field, _, number = name.rpartition(" ")
        places.setdefault(int(number), {})[field] = position
    if not places:
        return inventory
    width = len(table.layout.headers)

    def with_its_number(number: int, row: list[Cell]) -> list[Cell]:
        return [*(row + [""] * width)[:width], "" if is_empty(row) else number]

    numbered = Reshaped(table.rows, with_its_number, table.first)
    headers = [*table.layout.headers, _INDEX]
    sheet = table.layout.sheet
    columns = dict(table.layout.columns) | {_INDEX: width}
    return replace(
        inventory,
        submissions=Table(Layout(sheet, columns, headers), numbered, table.first),
        in_rows=True,
        products=tuple(
            replace(table, layout=Layout(sheet, places[place] | {form.PARENT: width}, headers), rows=numbered)
            for place in sorted(places)
        ),
    )


def _product_column(header: str) -> tuple[int, str] | None:
    """Which product of the row a column belongs to, and what of it."""
    if found := _REPEATED.fullmatch(header):
        return int(found[1]), found[2]
    if found := _NUMBERED.fullmatch(header):
        for field in form.PRODUCT_COLUMNS:
            if found[1] in form.LABELS[field]:
                return int(found[2]), field
    return None
