"""Submissions of the inventory form, read from a KoboToolbox export (XML values, XLSX)."""

from collections.abc import Callable, Container
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from services.registry.intake import cells, form
from services.registry.intake.cells import Unreadable, is_blank
from services.registry.intake.form import Layout, find_layouts
from services.registry.intake.workbook import Cell, Sheet, read_sheets
from services.registry.rules import capture, national_ids
from shared.kernel import COUNTRY_CURRENCY, Invalid

_JOBS = (0, 9_999)
_LONGEST_PHONE = 40
_FARTHEST_M = 100_000
# Where a product stands in the order of what is wrong with its submission: after the submission's own columns.
_AFTER_SUBMISSION = 1_000
_NAMED = (form.IDENTITY, "gps", "municipio", "doc_num", "consent_registry", "consent_credit", "consent_map")


@dataclass(slots=True)
class _Line:
    """One row of a sheet, with what is noted about it on the way."""

    layout: Layout
    number: int
    cells: list[Cell]
    problems: list[dict[str, Any]] = field(default_factory=list)

    def cell(self, name: str) -> Cell | None:
        position = self.layout.columns.get(name)
        return None if position is None or position >= len(self.cells) else self.cells[position]

    def note(self, code: str, column: str | None, **facts: Any) -> None:
        self.problems.append(
            {
                "sheet": self.layout.sheet,
                "row": self.number,
                "column": self.layout.header(column) if column else None,
                "position": self.layout.columns.get(column or "", 0),
                "code": code,
                "facts": facts,
            }
        )

    def take(self, name: str, read: Callable[..., Any], *args: Any, default: Any = None) -> Any:
        """The value of a cell, `default` where it is empty; what cannot be read is noted."""
        cell = self.cell(name)
        if is_blank(cell):
            return default
        try:
            return read(cell, *args)
        except Unreadable as unreadable:
            self.note(unreadable.code, name, **unreadable.facts)
            return default if unreadable.instead is None else unreadable.instead

    def needed(self, name: str, read: Callable[..., Any], *args: Any) -> Any:
        """Like `take`, for an answer the form asks for: an empty cell is noted too."""
        if is_blank(self.cell(name)):
            self.note("cell.required", name)
        return self.take(name, read, *args)


@dataclass(slots=True)
class _Book:
    """What is the same for the whole file, and what was met in it so far, by the row where it was met first."""

    municipalities: Container[str]
    today: date
    identities: dict[str, int] = field(default_factory=dict)
    documents: dict[tuple[str, str], int] = field(default_factory=dict)


def read_export(content: bytes, municipalities: Container[str], today: date) -> dict[str, Any]:
    """Every submission of an export in file order, and what is wrong with the file row by row.

    `{"submissions": [...], "problems": [...], "headers", "positions"}`, plain values only, so that it can be computed
    in a child process. A submission says its sheet and row, what was understood (`facts`), what is wrong with it
    (`problems`), and whether it can be kept at all (`stored`); the other problems are those of no submission.
    `headers` and `positions` say how the file names some fields and in which column they stand. Raises
    `Invalid("file.…")` when the file as a whole cannot be read.
    """
    sheets = read_sheets(content)
    main, products = find_layouts(sheets)
    lines = [
        _Line(main, number, row)
        for number, row in enumerate(sheets[main.sheet][1:], start=2)
        if not form.is_empty(row)  # type: ignore[arg-type]
    ]
    if not lines:
        raise Invalid("file.no_records")
    offered, orphans = _products(products, sheets, lines)
    book = _Book(municipalities, today)
    submissions = [
        _submission(line, offered.get(line.number, []), book) | {"problems": line.problems} for line in lines
    ]
    return {
        "headers": {name: main.header(name) for name in _NAMED},
        "positions": {name: main.columns[name] for name in _NAMED if name in main.columns},
        "submissions": submissions,
        "problems": orphans,
    }


def _submission(line: _Line, products: list[dict[str, Any]], book: _Book) -> dict[str, Any]:
    identity = line.take(form.IDENTITY, cells.text)
    stored = _has_identity(line, identity, book)
    submission = {"sheet": line.layout.sheet, "row": line.number, "identity": identity, "stored": stored}
    agreed = line.needed("consent_registry", cells.choice, form.YES_NO)
    if not agreed:
        # Without her consent nothing of what stands in the row is read.
        if agreed is False:
            line.note("consent.refused", "consent_registry")
        return submission | {"stored": False, "refused": agreed is False and stored}
    municipality = _municipality(line, book)
    facts = _facts(line, municipality, products, book)
    complete = municipality is not None and all(facts[name] for name in ("name", "given_names", "surnames"))
    return submission | {"stored": stored and complete, "facts": facts}


def _has_identity(line: _Line, identity: str | None, book: _Book) -> bool:
    if not identity:
        line.note("submission.identity_missing", form.IDENTITY)
        return False
    if identity in book.identities:
        line.note("submission.doubled", form.IDENTITY, first=book.identities[identity])
        return False
    book.identities[identity] = line.number
    return True


def _municipality(line: _Line, book: _Book) -> str | None:
    code: str | None = line.needed("municipio", cells.text)
    if code is None:
        return None
    code = code.upper()
    if code not in book.municipalities:
        line.note("municipality.unknown", "municipio", value=cells.shown(code))
        return None
    department = line.take("departamento", cells.text)
    if department and not code.startswith(department.upper()):
        line.note("municipality.outside_department", "departamento", municipality=code, department=department)
    return code


def _facts(line: _Line, municipality: str | None, products: list[dict[str, Any]], book: _Book) -> dict[str, Any]:
    country = (municipality or "")[:2]
    kind, number = _national_id(line, book)
    return {
        "consent_credit": bool(line.needed("consent_credit", cells.choice, form.YES_NO)),
        "consent_map": bool(line.needed("consent_map", cells.choice, form.YES_NO)),
        "given_names": line.needed("nombres", cells.text),
        "surnames": line.needed("apellidos", cells.text),
        "id_kind": kind,
        "id_number": number,
        "born_on": _past_day(line, "fecha_nac", book.today),
        "phone": line.take("telefono", cells.text, _LONGEST_PHONE),
        "people": line.take("pueblo", cells.choice, form.PEOPLES),
        "name": line.needed("nombre_neg", cells.text),
        "municipality": municipality,
        "point": _point(line),
        "site": line.needed("ubic_tipo", cells.choice, form.SITES),
        "activity": line.needed("sector", cells.choice, form.SECTORS),
        "links": _several(line, "eslabones", form.LINKS),
        "needs": _several(line, "necesidades", form.NEEDS),
        "started_year": line.take("anio_inicio", cells.whole, capture.EARLIEST_START, book.today.year),
        "jobs_women": line.take("empleo_f", cells.whole, *_JOBS, default=0),
        "jobs_men": line.take("empleo_m", cells.whole, *_JOBS, default=0),
        "sales_minor": line.take("ventas_mes", cells.cents),
        "currency": COUNTRY_CURRENCY.get(country),
        "formal": line.needed("formal", cells.choice, form.YES_NO),
        "products": products,
        "validation": line.take("_validation_status", cells.choice, form.VALIDATION, default="captured"),
        "captured_on": _past_day(line, "today", book.today),
        "captured_by": line.take("username", cells.text),
    }


def _national_id(line: _Line, book: _Book) -> tuple[str | None, str | None]:
    kind = line.needed("doc_tipo", cells.choice, form.ID_KINDS)
    cell = line.cell("doc_num")
    if is_blank(cell):
        line.note("national_id.missing", "doc_num")
        return kind, None
    if kind is None:
        return None, line.take("doc_num", cells.text)
    whole = isinstance(cell, float) and cell.is_integer() and cell >= 0
    number = national_ids.normalised(kind, cell if whole else str(line.take("doc_num", cells.text)))  # type: ignore[arg-type]
    finding = national_ids.examine(kind, number, municipalities=book.municipalities, year=book.today.year)
    if finding:
        line.note(finding.code, "doc_num", **finding.facts)
    first = book.documents.setdefault((kind, number), line.number)
    if first != line.number:
        line.note("national_id.repeated", "doc_num", first=first)
    return kind, number


def _past_day(line: _Line, name: str, today: date) -> date | None:
    day: date | None = line.take(name, cells.day)
    if day is not None and not date(1900, 1, 1) <= day <= today:
        line.note("cell.day_out_of_range", name, day=day.isoformat())
        return None
    return day


def _point(line: _Line) -> dict[str, float | None] | None:
    if is_blank(line.cell("_gps_latitude")) and is_blank(line.cell("_gps_longitude")):
        line.note("gps.missing", "gps" if "gps" in line.layout.columns else "_gps_latitude")
        return None
    lat = line.needed("_gps_latitude", cells.degrees)
    lon = line.needed("_gps_longitude", cells.degrees)
    if lat is None or lon is None:
        return None
    if refused := capture.refused_point(lon, lat):
        line.note(refused, "_gps_latitude", lon=lon, lat=lat)
        return None
    accuracy = line.take("_gps_precision", cells.degrees)
    if accuracy is not None and not 0 <= accuracy <= _FARTHEST_M:
        line.note("cell.out_of_range", "_gps_precision", value=f"{accuracy:g}", low=0, high=_FARTHEST_M)
        accuracy = None
    if accuracy is not None and accuracy > capture.ACCURACY_WARNING_M:
        limit = f"{capture.ACCURACY_WARNING_M:g}"
        line.note("gps.inaccurate", "_gps_precision", accuracy=f"{accuracy:g}", limit=limit)
    return {"lon": lon, "lat": lat, "accuracy_m": accuracy}


def _several(line: _Line, name: str, meanings: dict[str, str]) -> list[str]:
    """The answers of a multiple choice: from its 0/1 columns, from the text column where there are none."""
    if all(f"{name}/{answer}" in line.layout.columns for answer in meanings):
        ticks = {answer: line.take(f"{name}/{answer}", cells.ticked, default=False) for answer in meanings}
        return [meaning for answer, meaning in meanings.items() if ticks[answer]]
    written = str(line.take(name, cells.text, default="")).split()
    for unknown in [answer for answer in written if answer not in meanings]:
        line.note("cell.unknown_choice", name, value=cells.shown(unknown), choices=", ".join(meanings))
    return [meaning for answer, meaning in meanings.items() if answer in written]


def _products(
    layout: Layout | None, sheets: dict[str, Sheet], lines: list[_Line]
) -> tuple[dict[int, list[dict[str, Any]]], list[dict[str, Any]]]:
    """Products by the row of their submission, and what is wrong with the sheet of products."""
    if layout is None:
        return {}, []
    parents = {line.take("_index", cells.whole, 1, 10**7): line for line in lines}
    offered: dict[int, list[dict[str, Any]]] = {}
    problems: list[dict[str, Any]] = []
    for number, row in enumerate(sheets[layout.sheet][1:], start=2):
        if form.is_empty(row):  # type: ignore[arg-type]
            continue
        line = _Line(layout, number, row)
        parent = line.needed("_parent_index", cells.whole, 1, 10**7)
        name = line.needed("producto", cells.text)
        product = {
            "name": name,
            "unit": line.take("unidad", cells.text),
            "price_minor": line.take("precio", cells.cents),
        }
        if parent not in parents:
            line.note("product.without_submission", "_parent_index", index=parent or "")
            problems += line.problems
            continue
        parents[parent].problems += [found | {"position": _AFTER_SUBMISSION + number} for found in line.problems]
        if name:
            offered.setdefault(parents[parent].number, []).append(product)
    return offered, problems
