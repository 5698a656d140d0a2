"""Submissions of the inventory form, read from the tables of any export of it."""

import re
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from services.registry.exchange.reading import read_records
from services.registry.intake import cells, form
from services.registry.intake.answers import Choices
from services.registry.intake.cells import Unreadable, is_blank
from services.registry.intake.dialects import read_inventory
from services.registry.intake.layout import Inventory, Layout, Table, is_empty
from services.registry.intake.placing import Places
from services.registry.intake.workbook import Cell
from services.registry.rules import capture, national_ids
from services.registry.rules.chains import folded
from shared.kernel import COUNTRY_CURRENCY, Invalid

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
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
        """Like `take`, for an answer the form asks for: an empty cell of a column that is there is noted too."""
        if name in self.layout.columns and is_blank(self.cell(name)):
            self.note("cell.required", name)
        return self.take(name, read, *args)


@dataclass(slots=True)
class _Book:
    """What is the same for the whole file, and what was met in it so far, by the row where it was met first."""

    municipalities: Container[str]
    places: Places
    today: date
    absent: list[str]
    by_hand: bool = False
    identities: dict[str, int] = field(default_factory=dict)
    documents: dict[tuple[str, str], int] = field(default_factory=dict)


def read_export(
    content: bytes,
    municipalities: Container[str],
    today: date,
    aliases: Iterable[tuple[str, str]] = (),
    mapping: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Every submission of an export in file order, and what is wrong with the file row by row.

    `{"submissions": [...], "problems": [...], "headers", "positions"}`, plain values only, so that it can be computed
    in a child process. A submission says its sheet and row, what was understood (`facts`), about which facts the file
    says nothing (`absent`), what is wrong with it (`problems`), and whether it can be kept at all (`stored`); the
    other problems are those of no submission. `headers` and `positions` say how the file names some fields and in
    which column they stand. A `mapping` tells which question each column of people's own table answers. An export of
    ours holds whole `records` instead. Raises `Invalid("file.…")` when the file as a whole cannot be read.
    """
    if mapping is None and (ours := read_records(content, municipalities, today)) is not None:
        return ours
    inventory = read_inventory(content, mapping=mapping)
    main = inventory.submissions.layout
    lines = list(_lines(inventory.submissions))
    if not lines:
        raise Invalid("file.no_records")
    offered, orphans = _products(inventory, lines)
    book = _Book(municipalities, Places(aliases), today, _absent(inventory), inventory.by_hand)
    submissions = [
        _submission(line, offered.get(line.number, []), book) | {"problems": line.problems} for line in lines
    ]
    where = {name: "_gps_latitude" if name == "gps" and name not in main.columns else name for name in _NAMED}
    return {
        "headers": {name: main.header(column) for name, column in where.items()},
        "positions": {name: main.columns[column] for name, column in where.items() if column in main.columns},
        "submissions": submissions,
        "problems": orphans,
    }


def _lines(table: Table) -> Iterable[_Line]:
    """The rows that hold anything, with the number each has in the file."""
    numbered = enumerate(table.rows, start=table.first)
    return (_Line(table.layout, number, row) for number, row in numbered if not is_empty(row))


def _absent(inventory: Inventory) -> list[str]:
    """The facts that no column of the file tells: what is known of them stays as it is."""
    columns = inventory.submissions.layout.columns
    absent = [fact for fact, sources in form.SOURCES.items() if columns.keys().isdisjoint(sources)]
    return absent if inventory.products else [*absent, "products"]


def _submission(line: _Line, products: list[dict[str, Any]], book: _Book) -> dict[str, Any]:
    identity = line.take(form.IDENTITY, _identity)
    stored = (book.by_hand and not identity) or _has_identity(line, identity, book)
    submission = {"sheet": line.layout.sheet, "row": line.number, "identity": identity, "stored": stored}
    submission["absent"] = book.absent
    agreed = line.needed("consent_registry", cells.choice, form.YES_NO)
    if not agreed:
        # Without her consent nothing of what stands in the row is read.
        if agreed is False:
            line.note("consent.refused", "consent_registry")
        return submission | {"stored": False, "refused": agreed is False and stored}
    municipality = _municipality(line, book)
    facts = _facts(line, municipality, products, book)
    complete = municipality is not None and all(facts[name] for name in ("name", "given_names", "surnames"))
    submission |= {"stored": stored and complete, "facts": facts}
    if identity or not submission["stored"]:
        return submission
    key = _key(facts)
    return submission | {"stored": _has_identity(line, key, book), "key": key}


def _key(facts: dict[str, Any]) -> str:
    """By which a row that people wrote without a number is known when it comes again: her document, or else her names
    and place, and what her enterprise is called. It is personal, so it is kept nowhere but as a keyed fingerprint.
    """
    numbered = f"{facts['id_kind']}:{facts['id_number']}" if facts["id_number"] else ""
    who = numbered or folded(f"{facts['given_names']} {facts['surnames']} {facts['municipality']}")
    return f"{who}|{folded(facts['name'])}"


def _has_identity(line: _Line, identity: str | None, book: _Book) -> bool:
    if not identity:
        line.note("submission.identity_missing", form.IDENTITY)
        return False
    if identity in book.identities:
        line.note("submission.doubled", form.IDENTITY, first=book.identities[identity])
        return False
    book.identities[identity] = line.number
    return True


def _identity(cell: Cell) -> str:
    """KoboToolbox and ODK Central write the same identity with and without its scheme."""
    written = cells.text(cell)
    return f"uuid:{written.casefold()}" if _UUID.fullmatch(written) else written


def _municipality(line: _Line, book: _Book) -> str | None:
    written: str | None = line.needed("municipio", cells.text)
    if written is None:
        return None
    code = written.upper()
    if code in book.municipalities:
        department = line.take("departamento", cells.text)
        if department and book.places.is_code(department) and not code.startswith(department.upper()):
            line.note("municipality.outside_department", "departamento", municipality=code, department=department)
        return code
    meant = book.places.municipality(
        written, line.take("departamento", cells.text, default=""), line.take("pais", cells.text, default="")
    )
    if meant.code is None:
        named = book.places.named(meant.alternatives)
        value = cells.shown(written)
        if named:
            line.note("municipality.undecided", "municipio", value=value, alternatives=named)
        else:
            line.note("municipality.unknown", "municipio", value=value)
    return meant.code


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
    if "_gps_latitude" not in line.layout.columns:
        return None
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
    if accuracy == 0:
        # No receiver is exact to the metre: the point was set by hand, or by a program that pretends to be one.
        line.note("gps.mock", "_gps_precision")
        accuracy = None
    if accuracy is not None and not 0 <= accuracy <= _FARTHEST_M:
        line.note("cell.out_of_range", "_gps_precision", value=f"{accuracy:g}", low=0, high=_FARTHEST_M)
        accuracy = None
    if accuracy is not None and accuracy > capture.ACCURACY_WARNING_M:
        limit = f"{capture.ACCURACY_WARNING_M:g}"
        line.note("gps.inaccurate", "_gps_precision", accuracy=f"{accuracy:g}", limit=limit)
    return {"lon": lon, "lat": lat, "accuracy_m": accuracy}


def _several(line: _Line, name: str, choices: Choices[str]) -> list[str]:
    """The answers of a multiple choice: from its 0/1 columns, from the text column where there are none."""
    if all(f"{name}/{code}" in line.layout.columns for code in choices.codes):
        ticks = {code: line.take(f"{name}/{code}", cells.ticked, default=False) for code in choices.codes}
        return [meaning for code, meaning in choices.meanings.items() if ticks[code]]
    codes, unknown = choices.split(str(line.take(name, cells.text, default="")))
    for word in unknown:
        line.note("cell.unknown_choice", name, value=cells.shown(word), choices=", ".join(choices.codes))
    return [meaning for code, meaning in choices.meanings.items() if code in codes]


def _products(inventory: Inventory, lines: list[_Line]) -> tuple[dict[int, list[dict[str, Any]]], list[dict[str, Any]]]:
    """Products by the row of their submission, and what is wrong with products of no submission."""
    parents = {line.take("_index", cells.text): line for line in lines}
    offered: dict[int, list[dict[str, Any]]] = {}
    problems: list[dict[str, Any]] = []
    for line in (line for table in inventory.products for line in _lines(table)):
        if all(is_blank(line.cell(name)) for name in form.PRODUCT_COLUMNS):
            continue
        parent = line.needed(form.PARENT, cells.text)
        name = line.needed("producto", cells.text)
        product = {
            "name": name,
            "unit": line.take("unidad", cells.text),
            "price_minor": line.take("precio", cells.cents),
        }
        if parent not in parents:
            line.note("product.without_submission", form.PARENT, index=parent or "")
            problems += line.problems
            continue
        parents[parent].problems += [found | {"position": _AFTER_SUBMISSION + line.number} for found in line.problems]
        if name:
            offered.setdefault(parents[parent].number, []).append(product)
    return offered, problems
