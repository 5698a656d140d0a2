"""Which kind of file somebody brought, by its content and never by its name, and the tables in it."""

from collections.abc import Mapping
from typing import Any

from services.registry.intake.delimited import read_table
from services.registry.intake.documents import read_documents
from services.registry.intake.geopackage import is_database, read_geopackage
from services.registry.intake.guessing import columns_of
from services.registry.intake.layout import Inventory, inventory_of, mapped, table_of_people
from services.registry.intake.repeats import with_repeats_apart
from services.registry.intake.workbook import (
    DEFAULT,
    Limits,
    Sheet,
    check_size,
    is_archive,
    is_old,
    read_sheets,
    tables_in,
)

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read_inventory(content: bytes, limits: Limits = DEFAULT, *, mapping: Mapping[str, str] | None = None) -> Inventory:
    """Submissions and products of an export.

    KoboToolbox: XLSX, CSV, the data of its API (v2), GeoJSON, and the CSV of its old kind; ODK Central: CSV, alone
    or with its repeats in a zip; our template; with a `mapping` any other table, the layers of a GeoPackage too.
    Refuses with a code what is none of them.
    """
    sheets, first, named = _sheets(content, limits)
    inventory = mapped(sheets, mapping) if mapping else inventory_of(sheets, first=first, named=named)
    return with_repeats_apart(inventory)


def columns_to_map(content: bytes, limits: Limits = DEFAULT) -> list[dict[str, Any]]:
    """The columns of somebody's own table, with what each is taken for."""
    sheets = _sheets(content, limits)[0]
    table = table_of_people(sheets)
    return [] if table is None else columns_of(sheets[table])


def _sheets(content: bytes, limits: Limits) -> tuple[dict[str, Sheet], int, dict[str, dict[str, str]]]:
    """The tables of a file, the number of their first row, and how the file calls their columns where that differs."""
    check_size(content, limits)
    tables = tables_in(content, limits) if is_archive(content) else None
    if tables is not None:
        return {name: read_table(table, name, limits) for name, table in tables.items()}, 2, {}
    if is_database(content):
        return read_geopackage(content, limits), 1, {}
    if is_archive(content) or is_old(content):
        return read_sheets(content, limits), 2, {}
    if content.removeprefix(_BYTE_ORDER_MARK).lstrip()[:1] in {b"{", b"["}:
        sheets, named = read_documents(content, limits)
        return sheets, 1, named
    return {"CSV": read_table(content, "CSV", limits)}, 2, {}
