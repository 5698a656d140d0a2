"""The inventory form as KoboToolbox exports it: its columns, and what its coded answers mean."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.registry.intake.cells import is_blank
from services.registry.intake.workbook import Sheet
from shared.kernel import Invalid

IDENTITY = "meta/rootUuid"
YES_NO = {"si": True, "no": False}
ID_KINDS = {"dui": "dui", "dpi": "dpi", "dni": "dni"}
PEOPLES = {name: name for name in ("maya", "garifuna", "xinka", "lenca", "mestiza", "otro")}
SITES = {"vivienda": "home", "local": "shop", "ambulante": "mobile", "parcela": "farm"}
SECTORS = {letter: letter for letter in "ABCDEFGHIJKLMNOPQRSTU"}
LINKS = {
    "insumos": "inputs",
    "produccion": "production",
    "transformacion": "processing",
    "comercializacion": "marketing",
    "servicios": "support_services",
}
NEEDS = {
    "credito": "credit",
    "mercado": "market",
    "calidad": "quality",
    "capacitacion": "training",
    "formalizacion": "formalization",
}
# «on hold» says that somebody doubts, which is what an unverified record is to us.
VALIDATION = {
    "": "captured",
    "validation_status_on_hold": "captured",
    "validation_status_approved": "validated",
    "validation_status_not_approved": "rejected",
}

REQUIRED = (
    IDENTITY,
    "consent_registry",
    "consent_credit",
    "consent_map",
    "nombres",
    "apellidos",
    "doc_tipo",
    "doc_num",
    "nombre_neg",
    "municipio",
    "_gps_latitude",
    "_gps_longitude",
    "_gps_precision",
    "ubic_tipo",
    "sector",
    "eslabones",
    "empleo_f",
    "empleo_m",
    "formal",
    "necesidades",
)
OPTIONAL = (
    "today",
    "username",
    "fecha_nac",
    "telefono",
    "pueblo",
    "pais",
    "departamento",
    "gps",
    "_gps_altitude",
    "anio_inicio",
    "ventas_mes",
    "_validation_status",
    "_submission_time",
    "_index",
)
PRODUCT_COLUMNS = ("producto", "unidad", "precio", "_parent_index")
_LABELS = ("Nombre del negocio", "¿Acepta que sus datos se guarden en el inventario?")
_MULTIPLE = {"eslabones": LINKS, "necesidades": NEEDS}


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the columns of one sheet stand: field -> position, position -> header as the user sees it."""

    sheet: str
    columns: Mapping[str, int]
    headers: list[str]

    def header(self, field: str) -> str:
        """The header of a field; its plain name where the sheet has no such column."""
        return self.headers[self.columns[field]] if field in self.columns else field


def find_layouts(sheets: Mapping[str, Sheet]) -> tuple[Layout, Layout | None]:
    """The sheet of submissions and, where the form has products, their sheet.

    Refuses a file that is the form itself, an export with labels, any other workbook, and missing or
    doubled columns.
    """
    headers = {name: [str(cell).strip() for cell in rows[0]] if rows else [] for name, rows in sheets.items()}
    main = next((n for n, h in headers.items() if _is_main(h)), None)
    if main is None:
        raise _no_submissions(headers)
    products = next((n for n, h in headers.items() if n != main and _is_products(h)), None)
    return (
        _layout(main, headers[main], (*REQUIRED, *(("_index",) if products else ())), OPTIONAL),
        _layout(products, headers[products], PRODUCT_COLUMNS, ()) if products else None,
    )


def _is_main(headers: list[str]) -> bool:
    known = sum(any(_names(header, field) for header in headers) for field in REQUIRED)
    return known >= 3 and not any(_names(header, "_parent_index") for header in headers)


def _is_products(headers: list[str]) -> bool:
    return any(_names(h, "_parent_index") for h in headers) and any(_names(h, "producto") for h in headers)


def _no_submissions(headers: Mapping[str, list[str]]) -> Invalid:
    seen = {header for row in headers.values() for header in row}
    if any(label in seen for label in _LABELS):
        return Invalid("file.exported_with_labels")
    if {"survey", "choices"} <= set(headers):
        return Invalid("file.is_the_form")
    if all(not any(row) for row in headers.values()):
        return Invalid("file.no_records")
    return Invalid("file.sheet_missing", sheets=", ".join(headers)[:200])


def _layout(sheet: str, headers: list[str], required: tuple[str, ...], optional: tuple[str, ...]) -> Layout:
    columns: dict[str, int] = {}
    for field in dict.fromkeys((*required, *optional)):
        _place(sheet, headers, field, columns)
    for field, meanings in _MULTIPLE.items():
        for answer in meanings:
            _place(sheet, headers, f"{field}/{answer}", columns)
    missing = [field for field in required if field not in columns and not _is_split(field, columns)]
    if missing:
        raise Invalid("file.columns_missing", sheet=sheet, columns=", ".join(missing))
    return Layout(sheet, columns, headers)


def _is_split(field: str, columns: Mapping[str, int]) -> bool:
    """A multiple choice may come as its 0/1 columns alone."""
    return field in _MULTIPLE and all(f"{field}/{answer}" in columns for answer in _MULTIPLE[field])


def _place(sheet: str, headers: list[str], field: str, columns: dict[str, int]) -> None:
    found = [position for position, header in enumerate(headers) if _names(header, field)]
    if len(found) > 1:
        raise Invalid("file.columns_doubled", sheet=sheet, column=headers[found[0]][:80])
    if found:
        columns[field] = found[0]


def _names(header: str, field: str) -> bool:
    """Groups may be written before a field or not: `emprendimiento/_gps_latitude` and `_gps_latitude`."""
    return header == field or header.endswith("/" + field)


def is_empty(row: list[object]) -> bool:
    return all(is_blank(cell) for cell in row)  # type: ignore[arg-type]
