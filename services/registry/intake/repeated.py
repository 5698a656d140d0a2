"""What may be answered several times (products, suppliers and buyers, assets), joined to its submission."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from services.registry.intake import cells, form, own_form
from services.registry.intake.cells import is_blank
from services.registry.intake.layout import Inventory, Layout, Table
from services.registry.intake.lines import Line, lines_of
from services.registry.intake.richer import asset_of, partner_of, product_of, within_all

Repeated = dict[str, list[dict[str, Any]]]
_Told = tuple[dict[str, Any] | None, list[dict[str, Any]]]
"""One of several answers, and what is wrong with it."""

# Where one of several answers stands in the order of what is wrong with its submission: after its own columns.
_AFTER_SUBMISSION = 1_000
_OWN: Mapping[str, tuple[str, Callable[[Line], dict[str, Any] | None]]] = {
    "relaciones": ("partners", partner_of),
    "activos": ("assets", asset_of),
}
"""The facts that the repeats of our own form tell, and how one of them is read."""


def repeated(inventory: Inventory) -> tuple[Callable[[Line], Repeated], list[dict[str, Any]]]:
    """The several answers of a submission by the fact they tell, to be asked once for each of them in turn (what is
    wrong with them is noted on its line), and what is wrong with those of no submission. A fact of our own form is not
    there where the file has no table for it.
    """
    tables: dict[str, tuple[Iterable[Table], Callable[[Line], dict[str, Any] | None]]] = {
        _OWN[name][0]: ((table,), _OWN[name][1]) for name, table in inventory.repeats.items()
    }
    if not inventory.in_rows:
        tables["products"] = (inventory.products, _product)
    rows: dict[Any, int] = {}
    if any(several for several, _ in tables.values()):
        rows = {line.take("_index", cells.text): line.number for line in lines_of(inventory.submissions)}
    beside: dict[str, dict[int, list[_Told]]] = {}
    orphans: list[dict[str, Any]] = []
    for fact, (several, read) in tables.items():
        beside[fact], lost = _beside(several, read, rows)
        orphans += lost
    layouts = [table.layout for table in inventory.products] if inventory.in_rows else None

    def of(line: Line) -> Repeated:
        line.take("_index", cells.text)
        told: Repeated = {} if layouts is None else {"products": _in_row(layouts, line)}
        for fact, found in beside.items():
            mine = found.get(line.number, ())
            line.problems += [problem for _, problems in mine for problem in problems]
            told[fact] = [one for one, _ in mine if one]
        if told.get("partners"):
            told["partners"] = within_all(line, told["partners"])
        return told

    return of, orphans


def _beside(
    tables: Iterable[Table], read: Callable[[Line], dict[str, Any] | None], rows: Mapping[Any, int]
) -> tuple[dict[int, list[_Told]], list[dict[str, Any]]]:
    """What tables of their own tell, by the row of the submission it belongs to, and what is wrong with the others."""
    found: dict[int, list[_Told]] = {}
    orphans: list[dict[str, Any]] = []
    for table in tables:
        asked = _asked_in(table.layout)
        for line in lines_of(table):
            if _says_nothing(line, asked):
                continue
            parent = line.needed(form.PARENT, cells.text)
            told = read(line)
            if parent in rows:
                found.setdefault(rows[parent], []).append((told, _after_submission(line)))
            else:
                kind = "product" if asked is form.PRODUCT_COLUMNS else "repeat"
                line.note(f"{kind}.without_submission", form.PARENT, index=parent or "")
                orphans += line.problems
    return found, orphans


def _in_row(layouts: Sequence[Layout], line: Line) -> list[dict[str, Any]]:
    """The products that stand in the row itself."""
    offered = []
    for layout in layouts:
        here = Line(layout, line.number, line.cells)
        if _says_nothing(here, form.PRODUCT_COLUMNS):
            continue
        here.needed(form.PARENT, cells.text)
        product = _product(here)
        line.problems += _after_submission(here)
        offered += [product] if product else []
    return offered


def _says_nothing(line: Line, asked: Iterable[str]) -> bool:
    return all(is_blank(line.cell(name)) for name in asked)


def _asked_in(layout: Layout) -> Iterable[str]:
    """The questions without any of whose answers there is no product, partner or asset in a row."""
    if any(asked[0] in layout.columns for asked in own_form.REPEATS.values()):
        return tuple(name for name in layout.columns if name != form.PARENT)
    return form.PRODUCT_COLUMNS


def _product(line: Line) -> dict[str, Any] | None:
    """A product; None where it has no name."""
    name = line.needed("producto", cells.text)
    unit, price = line.take("unidad", cells.text), line.take("precio", cells.cents)
    product = {"name": name, "unit": unit, "price_minor": price, **product_of(line)}
    return product if name else None


def _after_submission(line: Line) -> list[dict[str, Any]]:
    return [problem | {"position": _AFTER_SUBMISSION + line.number} for problem in line.problems]
