"""Exports of the inventory form made for one test each, good and hostile."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import xlsxwriter

HEADERS = (
    "start",
    "today",
    "username",
    "consentimiento/consent_registry",
    "consentimiento/consent_credit",
    "consentimiento/consent_map",
    "emprendedora/nombres",
    "emprendedora/apellidos",
    "emprendedora/doc_tipo",
    "emprendedora/doc_num",
    "emprendedora/fecha_nac",
    "emprendedora/telefono",
    "emprendedora/pueblo",
    "emprendimiento/nombre_neg",
    "emprendimiento/pais",
    "emprendimiento/departamento",
    "emprendimiento/municipio",
    "gps",
    "emprendimiento/_gps_latitude",
    "emprendimiento/_gps_longitude",
    "emprendimiento/_gps_altitude",
    "emprendimiento/_gps_precision",
    "emprendimiento/ubic_tipo",
    "emprendimiento/sector",
    "emprendimiento/eslabones",
    *(
        f"emprendimiento/eslabones/{link}"
        for link in ("insumos", "produccion", "transformacion", "comercializacion", "servicios")
    ),
    "emprendimiento/anio_inicio",
    "emprendimiento/empleo_f",
    "emprendimiento/empleo_m",
    "emprendimiento/ventas_mes",
    "emprendimiento/formal",
    "emprendimiento/necesidades",
    *(
        f"emprendimiento/necesidades/{need}"
        for need in ("credito", "mercado", "calidad", "capacitacion", "formalizacion")
    ),
    "_id",
    "_uuid",
    "_submission_time",
    "_validation_status",
    "meta/rootUuid",
    "_index",
)
PRODUCT_HEADERS = (
    "emprendimiento/productos/producto",
    "emprendimiento/productos/unidad",
    "emprendimiento/productos/precio",
    "_index",
    "_parent_table_name",
    "_parent_index",
)


def identity(number: int) -> str:
    return f"uuid:{uuid5(NAMESPACE_URL, str(number))}"


def submission(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A faultless submission; `changes` name columns by the last part of their header."""
    row: dict[str, Any] = dict.fromkeys(HEADERS, "")
    good = {
        "today": "2026-03-01",
        "username": "tecnica1",
        "consent_registry": "si",
        "consent_credit": "si",
        "consent_map": "no",
        "nombres": "Rosa",
        "apellidos": f"Inventada {number}",
        "doc_tipo": "dui",
        "doc_num": dui(10_000_000 + number),
        "fecha_nac": "1985-04-05",
        "telefono": "72105398",
        "pueblo": "lenca",
        "nombre_neg": f"Tienda {number}",
        "pais": "SV",
        "departamento": "SV14",
        "municipio": "SV1423",
        "gps": "13.34 -88.43 50 6",
        "_gps_latitude": 13.34,
        "_gps_longitude": -88.43,
        "_gps_altitude": 50,
        "_gps_precision": 6,
        "ubic_tipo": "vivienda",
        "sector": "G",
        "eslabones": "comercializacion",
        "eslabones/comercializacion": 1,
        "anio_inicio": 2010,
        "empleo_f": 2,
        "empleo_m": 1,
        "ventas_mes": 390.38,
        "formal": "no",
        "necesidades": "credito mercado",
        "necesidades/credito": 1,
        "necesidades/mercado": 1,
        "_id": 500_000 + number,
        "_uuid": identity(number).removeprefix("uuid:"),
        "_validation_status": "validation_status_approved",
        "rootUuid": identity(number),
        "_index": number,
    } | changes
    for name, value in good.items():
        row[_header(name)] = value
    return row


def _header(name: str) -> str:
    return next(header for header in HEADERS if header == name or header.endswith("/" + name))


def dui(number: int) -> str:
    digits = f"{number:08d}"
    return digits + str(-sum(int(d) * w for d, w in zip(digits, range(9, 1, -1), strict=True)) % 10)


def product(parent: int, name: Any = "queso", price: Any = 2.5, number: int = 1) -> dict[str, Any]:
    values = (name, "libra", price, number, "Inventario CSEM", parent)
    return dict(zip(PRODUCT_HEADERS, values, strict=True))


def workbook(
    rows: Sequence[Mapping[str, Any]],
    products: Sequence[Mapping[str, Any]] = (),
    *,
    headers: Sequence[str] = HEADERS,
    sheet: str = "Inventario CSEM",
) -> bytes:
    """The XLSX bytes of an export."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"created": datetime(2026, 3, 1)})  # the same bytes every time
        _write(book.add_worksheet(sheet), headers, rows)
        if products:
            _write(book.add_worksheet("productos"), PRODUCT_HEADERS, products)
    return out.getvalue()


def _write(sheet: Any, headers: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    sheet.write_row(0, 0, headers)
    for at, row in enumerate(rows, start=1):
        for column, header in enumerate(headers):
            value = row.get(header, "")
            if value != "":
                sheet.write(at, column, value)


def repacked(content: bytes, changes: Mapping[str, bytes | None], *, compress: int = zipfile.ZIP_DEFLATED) -> bytes:
    """The same archive with some parts replaced, added, or (None) left out."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", compress) as new:
        for entry in old.infolist():
            if entry.filename not in changes:
                new.writestr(entry.filename, old.read(entry.filename))
        for name, part in changes.items():
            if part is not None:
                new.writestr(name, part)
    return out.getvalue()


def part(content: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name)
