"""Which kind of file somebody brought, by its content and never by its name, and the tables in it."""

from services.registry.intake.delimited import read_table
from services.registry.intake.documents import read_documents
from services.registry.intake.layout import Inventory, inventory_of
from services.registry.intake.repeats import with_repeats_apart
from services.registry.intake.workbook import DEFAULT, Limits, check_size, is_archive, is_old, read_sheets, tables_in

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read_inventory(content: bytes, limits: Limits = DEFAULT) -> Inventory:
    """Submissions and products of an export.

    KoboToolbox: XLSX, CSV, the data of its API (v2), GeoJSON, and the CSV of its old kind; ODK Central: CSV, alone
    or with its repeats in a zip. Refuses with a code what is none of them.
    """
    check_size(content, limits)
    if is_archive(content):
        tables = tables_in(content, limits)
        if tables is None:
            return with_repeats_apart(inventory_of(read_sheets(content, limits)))
        return inventory_of({name: read_table(table, name, limits) for name, table in tables.items()})
    if is_old(content):
        return inventory_of(read_sheets(content, limits))
    if content.removeprefix(_BYTE_ORDER_MARK).lstrip()[:1] in {b"{", b"["}:
        sheets, named = read_documents(content, limits)
        return inventory_of(sheets, first=1, named=named)
    return with_repeats_apart(inventory_of({"CSV": read_table(content, "CSV", limits)}))
