"""Repeats that an old exporter wrote into the row of their submission: `productos[1]/producto`, `productos[2]/…`."""

import re
from dataclasses import replace

from services.registry.intake import form
from services.registry.intake.layout import Inventory, Layout, Table
from services.registry.intake.workbook import Cell

_REPEATED = re.compile(r"(?:.*/)?productos\[(\d{1,4})\]/(\w+)")
_INDEX = "_index"


def with_repeats_apart(inventory: Inventory) -> Inventory:
    """The same inventory with the repeats inside of its rows as tables of products, one for each place in the row."""
    table = inventory.submissions
    places: dict[int, dict[str, int]] = {}
    for position, header in enumerate(table.layout.headers):
        if found := _REPEATED.fullmatch(header):
            places.setdefault(int(found[1]), {})[found[2]] = position
    if not places:
        return inventory
    width = len(table.layout.headers)
    numbered: list[list[Cell]] = [
        [*(row + [""] * width)[:width], number] for number, row in enumerate(table.rows, start=table.first)
    ]
    headers = [*table.layout.headers, _INDEX]
    sheet = table.layout.sheet
    columns = dict(table.layout.columns) | {_INDEX: width}
    return Inventory(
        Table(Layout(sheet, columns, headers), numbered, table.first),
        tuple(
            replace(table, layout=Layout(sheet, places[place] | {form.PARENT: width}, headers), rows=numbered)
            for place in sorted(places)
        ),
    )
