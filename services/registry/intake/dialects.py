"""Which kind of file somebody brought, by its content and never by its name, and the tables in it."""

import io
from collections.abc import Mapping
from typing import Any, BinaryIO

from services.registry.intake.delimited import read_table
from services.registry.intake.documents import read_documents
from services.registry.intake.geopackage import is_database, read_geopackage
from services.registry.intake.guessing import columns_of
from services.registry.intake.layout import Inventory, inventory_of, mapped, table_of_people
from services.registry.intake.repeats import with_repeats_apart
from shared.archives import is_archive
from shared.workbooks import (
    DEFAULT,
    Limits,
    Sheet,
    check_size,
    is_old,
    read_sheets,
    tables_in,
)

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_START = 1 << 16


def read_inventory(file: BinaryIO, limits: Limits = DEFAULT, *, mapping: Mapping[str, str] | None = None) -> Inventory:
    """Submissions and products of an export; the rows of a table of text are read from `file` as they are asked for.

    KoboToolbox: XLSX, CSV, the data of its API (v2), GeoJSON, and the CSV of its old kind; ODK Central: CSV, alone
    or with its repeats in a zip; our template; with a `mapping` any other table, the layers of a GeoPackage too.
    Refuses with a code what is none of them.
    """
    sheets, first, named = _sheets(file, limits)
    inventory = mapped(sheets, mapping) if mapping else inventory_of(sheets, first=first, named=named)
    return with_repeats_apart(inventory)


def columns_to_map(content: bytes, limits: Limits = DEFAULT) -> list[dict[str, Any]]:
    """The columns of somebody's own table, with what each is taken for."""
    sheets = _sheets(io.BytesIO(content), limits)[0]
    table = table_of_people(sheets)
    return [] if table is None else columns_of(sheets[table])


def _sheets(file: BinaryIO, limits: Limits) -> tuple[dict[str, Sheet], int, dict[str, dict[str, str]]]:
    """The tables of a file, the number of their first row, and how the file calls their columns where that differs."""
    size = file.seek(0, io.SEEK_END)
    check_size(size, limits)
    file.seek(0)
    start = file.read(_START)
    if not _is_whole(start):
        return {"CSV": read_table(file, "CSV", limits)}, 2, {}
    check_size(size, limits := limits.at_once())
    content = start + file.read()
    tables = tables_in(content, limits) if is_archive(content) else None
    if tables is not None:
        return {name: [*read_table(io.BytesIO(table), name, limits)] for name, table in tables.items()}, 2, {}
    if is_database(content):
        return read_geopackage(content, limits), 1, {}
    if is_archive(content) or is_old(content):
        return read_sheets(content, limits), 2, {}
    sheets, named = read_documents(content, limits)
    return sheets, 1, named


def _is_whole(start: bytes) -> bool:
    """Whether a file that begins so is a workbook, an archive, a database or a document; any other is a table of
    text.
    """
    opening = start.removeprefix(_BYTE_ORDER_MARK).lstrip()[:1]
    return is_archive(start) or is_old(start) or is_database(start) or opening in {b"{", b"["}
