"""Submissions of the inventory form, read from the tables of any export of it."""

import io
import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any, BinaryIO

from services.registry.exchange.reading import read_records
from services.registry.intake import cells, form
from services.registry.intake.cells import is_blank
from services.registry.intake.dialects import read_inventory
from services.registry.intake.layout import Inventory
from services.registry.intake.lines import Line, lines_of
from services.registry.intake.placing import Places
from services.registry.intake.repeated import Repeated, repeated
from services.registry.intake.richer import activity_of, facts_of_own_form, facts_told
from services.registry.rules import capture, national_ids
from services.registry.rules.chains import folded
from shared.kernel import COUNTRY_CURRENCY, Invalid
from shared.sandbox import Borrowed
from shared.workbooks import DEFAULT, Cell, Limits

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_JOBS = (0, 9_999)
_LONGEST_PHONE = 40
_FARTHEST_M = 100_000
_PART = 1_000
_NAMED = (form.IDENTITY, "gps", "municipio", "doc_num", "consent_registry", "consent_credit", "consent_map")


@dataclass(slots=True)
class _Book:
    """What is the same for the whole file, and what was met in it so far, by the row where it was met first."""

    municipalities: Container[str]
    places: Places
    today: date
    absent: list[str]
    richer: frozenset[str]
    """The facts that the file tells beyond those of the first form."""
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
    """The same as `read_parts` of the submissions of a file, in one piece."""
    whole: dict[str, Any] = {"submissions": []}
    for part in _parts(io.BytesIO(content), DEFAULT, municipalities, today, aliases, mapping):
        whole["submissions"] += part.pop("submissions", [])
        whole |= part
    return whole


def read_parts(
    file: Borrowed,
    limits: Limits,
    municipalities: Container[str],
    today: date,
    aliases: Iterable[tuple[str, str]] = (),
    mapping: Mapping[str, str] | None = None,
) -> Iterator[dict[str, Any]]:
    """Every submission of an export in file order, and what is wrong with the file row by row, a thousand at a time.

    `{"headers", "positions"}`, then `{"submissions": [...]}` as often as it takes, at last `{"problems": [...]}`; plain
    values only, so that it can be computed in a child process. A submission says its sheet and row, what was understood
    (`facts`), about which facts the file says nothing (`absent`), what is wrong with it (`problems`), and whether it
    can be kept at all (`stored`); the other problems are those of no submission. `headers` and `positions` say how the
    file names some fields and in which column they stand. A `mapping` tells which question each column of people's own
    table answers. Of an export of ours the first part says that it is one, and others hold whole `records` instead of
    submissions. Raises `Invalid("file.…")` when the file as a whole cannot be read, which may show late.
    """
    with file.opened() as opened:
        yield from _parts(opened, limits, municipalities, today, aliases, mapping)


def _parts(
    file: BinaryIO,
    limits: Limits,
    municipalities: Container[str],
    today: date,
    aliases: Iterable[tuple[str, str]],
    mapping: Mapping[str, str] | None,
) -> Iterator[dict[str, Any]]:
    if mapping is None and (ours := read_records(file, limits, municipalities, today)) is not None:
        yield {"ours": True}
        yield from ours
        return
    inventory = read_inventory(file, limits, mapping=mapping)
    main = inventory.submissions.layout
    several, orphans = repeated(inventory)
    book = _Book(municipalities, Places(aliases), today, _absent(inventory), facts_told(main), inventory.by_hand)
    where = {name: "_gps_latitude" if name == "gps" and name not in main.columns else name for name in _NAMED}
    yield {
        "headers": {name: main.header(column) for name, column in where.items()},
        "positions": {name: main.columns[column] for name, column in where.items() if column in main.columns},
    }
    lines, any_of_them = lines_of(inventory.submissions), False
    while part := list(islice(lines, _PART)):
        any_of_them = True
        yield {"submissions": [_submission(line, several(line), book) | {"problems": line.problems} for line in part]}
    if not any_of_them:
        raise Invalid("file.no_records")
    yield {"problems": orphans}


def _absent(inventory: Inventory) -> list[str]:
    """The facts that no column of the file tells: what is known of them stays as it is."""
    columns = inventory.submissions.layout.columns
    absent = [fact for fact, sources in form.SOURCES.items() if columns.keys().isdisjoint(sources)]
    return absent if inventory.products else [*absent, "products"]


def _submission(line: Line, told: Repeated, book: _Book) -> dict[str, Any]:
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
    facts = _facts(line, municipality, told, book)
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


def _has_identity(line: Line, identity: str | None, book: _Book) -> bool:
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

    def meaning(written: str) -> str:
        return f"uuid:{written.casefold()}" if _UUID.fullmatch(written) else written

    return cells.meant(cell, meaning)


def _municipality(line: Line, book: _Book) -> str | None:
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


def _facts(line: Line, municipality: str | None, told: Repeated, book: _Book) -> dict[str, Any]:
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
        "activity": activity_of(line, line.needed("sector", cells.choice, form.SECTORS)),
        "links": line.several("eslabones", form.LINKS),
        "needs": line.several("necesidades", form.NEEDS),
        "started_year": line.take("anio_inicio", cells.whole, capture.EARLIEST_START, book.today.year),
        "jobs_women": line.take("empleo_f", cells.whole, *_JOBS, default=0),
        "jobs_men": line.take("empleo_m", cells.whole, *_JOBS, default=0),
        "sales_minor": line.take("ventas_mes", cells.cents),
        "currency": COUNTRY_CURRENCY.get(country),
        "formal": line.needed("formal", cells.choice, form.YES_NO),
        **told,
        **facts_of_own_form(line, book.richer, book.today),
        "validation": line.take("_validation_status", cells.choice, form.VALIDATION, default="captured"),
        "captured_on": _past_day(line, "today", book.today),
        "captured_by": line.take("username", cells.text),
    }


def _national_id(line: Line, book: _Book) -> tuple[str | None, str | None]:
    kind = line.needed("doc_tipo", cells.choice, form.ID_KINDS)
    # What our own form's check does not take is written in a second place, and told here.
    asked = "doc_num_visto" if is_blank(line.cell("doc_num")) else "doc_num"
    cell = line.cell(asked)
    if is_blank(cell):
        line.note("national_id.missing", "doc_num")
        return kind, None
    if kind is None:
        return None, line.take(asked, cells.text)
    whole = isinstance(cell, float) and cell.is_integer() and cell >= 0
    number = national_ids.normalised(kind, cell if whole else str(line.take(asked, cells.text)))  # type: ignore[arg-type]
    finding = national_ids.examine(kind, number, municipalities=book.municipalities, year=book.today.year)
    if finding:
        line.note(finding.code, "doc_num", **finding.facts)
    first = book.documents.setdefault((kind, number), line.number)
    if first != line.number:
        line.note("national_id.repeated", "doc_num", first=first)
    return kind, number


def _past_day(line: Line, name: str, today: date) -> date | None:
    day: date | None = line.take(name, cells.day)
    if day is not None and not date(1900, 1, 1) <= day <= today:
        line.note("cell.day_out_of_range", name, day=day.isoformat())
        return None
    return day


def _point(line: Line) -> dict[str, float | None] | None:
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
