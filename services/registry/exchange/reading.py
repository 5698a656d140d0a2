"""An export of ours read back: whole records, and what is wrong with their cells."""

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any, BinaryIO

import orjson

from services.registry.codes import activities
from services.registry.exchange.columns import ENTERPRISE, ID, MAIN, PARTS, SEAL, Column, Part
from services.registry.exchange.prints import print_of, print_of_woman
from services.registry.exchange.tables import Grid, tables_of
from services.registry.exchange.taking import taken
from services.registry.intake.cells import Unreadable
from services.registry.rules import capture
from services.registry.rules.inventory import Partner, over_full
from shared.kernel import COUNTRY_CURRENCY, Invalid
from shared.workbooks import Cell, Limits

_PART = 1_000
_NEEDED = (
    *("id", "name", "municipality", "chain", "ownership", "validation", "recorded_on", "woman_id", "given_names"),
    "surnames",
)
_NEEDED_OF = {
    "otras_duenas": ("woman_id", "given_names", "surnames"),
    "consentimientos": ("woman_id", "purpose", "granted", "given_on", "channel"),
    "productos": ("name",),
    "socios": ("side", "kind"),
    "formalizacion": ("step", "state"),
    "bienes": ("kind", "text"),
    "fichas": ("identity", "woman_id"),
}
_UNIQUE = {"otras_duenas": "woman_id", "formalizacion": "step", "fichas": "identity"}
_KEYS = {column.key: column.name for column in ENTERPRISE}


@dataclass(slots=True)
class _Row:
    """One row of a grid, with what is noted about it on the way."""

    grid: Grid
    number: int
    cells: dict[str, Cell]
    problems: list[dict[str, Any]] = field(default_factory=list)

    def note(self, code: str, column: str | None, **facts: Any) -> None:
        self.problems.append(
            {
                "sheet": self.grid.sheet,
                "row": self.number,
                "column": self.grid.header(column),
                "position": self.grid.position(column),
                "code": code,
                "facts": facts,
            }
        )

    def values(self, columns: tuple[Column, ...]) -> dict[str, Any]:
        """What the columns say, by their keys."""
        found: dict[str, Any] = {}
        for column in columns:
            if column.told:
                continue
            cell = self.cells.get(column.name)
            found[column.key] = [] if column.kind in {"codes", "numbers"} else None
            try:
                value = taken(column, cell, guarded=self.grid.guarded)
            except Unreadable as unreadable:
                self.note(unreadable.code, column.name, **unreadable.facts)
                value = unreadable.instead
            if value is not None:
                found[column.key] = value
        return found


@dataclass(slots=True)
class _Book:
    """What is the same for the whole file, and what was met in it so far, by the row where it was met first."""

    municipalities: Container[str]
    today: date
    parts: dict[str, dict[str, list[_Row]]]
    ids: dict[str, int] = field(default_factory=dict)
    women: dict[str, str] = field(default_factory=dict)
    identities: dict[str, str] = field(default_factory=dict)


def read_records(
    file: BinaryIO, limits: Limits, municipalities: Container[str], today: date
) -> Iterator[dict[str, Any]] | None:
    """The records in an export of ours, a thousand at a time; None for any other file.

    `{"records": [...]}` as often as it takes, at last `{"problems": [...]}`, plain values only. A record says where it
    stands, whether it can be kept at all (`stored`), whether its row is as it was exported (`sealed`), what its row and
    parts say (`record`) and what is wrong with them. Refuses an export that does not hold all that a record says.
    """
    tables = tables_of(file, limits)
    if tables is None:
        return None
    main, grids = tables
    if SEAL not in main.names:
        raise Invalid("file.partial_export")
    book = _Book(municipalities, today, {name: _by_record(grid) for name, grid in grids.items()})
    return _read(_rows(main), book)


def _read(rows: Iterator["_Row"], book: "_Book") -> Iterator[dict[str, Any]]:
    any_of_them = False
    while part := list(islice(rows, _PART)):
        any_of_them = True
        yield {"records": [_record(row, book) for row in part]}
    if not any_of_them:
        raise Invalid("file.no_records")
    orphans = [row for of in book.parts.values() for rows in of.values() for row in rows]
    for row in orphans:
        row.note("record.part_without_record", ID)
    yield {"problems": [problem for row in orphans for problem in row.problems]}


def _rows(grid: Grid) -> Iterator[_Row]:
    for number, cells in grid.numbered():
        yield _Row(grid, number, cells)


def _by_record(grid: Grid) -> dict[str, list[_Row]]:
    found: dict[str, list[_Row]] = {}
    for row in _rows(grid):
        found.setdefault(str(row.cells.get(ID, "")), []).append(row)
    return found


def _record(row: _Row, book: _Book) -> dict[str, Any]:
    values = row.values(ENTERPRISE)
    stored = _is_complete(row, values, book)
    record: dict[str, list[dict[str, Any]]] = {MAIN: [values]}
    for part in PARTS:
        record[part.name] = _part(row, part, values, book)
    stored = _complete(row, record, book) and stored
    seal = values.pop("seal", None)
    sealed = stored and not row.problems and seal == print_of(record)
    if not sealed:
        values["place_state"] = "missing" if values["lon"] is None else "pending"
        values["derived_municipality"] = values["place_boundaries"] = values["snapped_m"] = None
    return {
        "sheet": row.grid.sheet,
        "row": row.number,
        "column": row.grid.header(ID),
        "position": row.grid.position(ID),
        "stored": stored,
        "sealed": sealed,
        "record": record,
        "problems": row.problems,
    }


def _is_complete(row: _Row, values: dict[str, Any], book: _Book) -> bool:
    """Whether a record can be made of the row."""
    for key in _NEEDED:
        if values[key] is None and not any(p["column"] == row.grid.header(_KEYS[key]) for p in row.problems):
            row.note("cell.required", _KEYS[key])
    key = values["id"]
    if key is not None and key in book.ids:
        row.note("submission.doubled", ID, first=book.ids[key])
        return False
    book.ids[key] = row.number
    if values["municipality"] is not None and values["municipality"] not in book.municipalities:
        row.note("municipality.unknown", "municipio", value=values["municipality"])
        return False
    _leave_out(row, values, book)
    if values["validation"] == "captured":
        values["checked_on"] = None
    for name in ("recorded_on", "born_on", "checked_on"):
        if values[name] is not None and values[name] > book.today:
            row.note("cell.day_out_of_range", _KEYS[name], day=values[name].isoformat())
            return False
    return all(values[key] is not None for key in _NEEDED)


def _leave_out(row: _Row, values: dict[str, Any], book: _Book) -> None:
    """What is not of our lists is noted, and not there."""
    for name in ("jobs_women", "jobs_men"):
        values[name] = values[name] or 0
    for name in ("formal", "chain_declared"):
        values[name] = bool(values[name])
    if values["derived_municipality"] not in book.municipalities:
        values["derived_municipality"] = values["snapped_m"] = None
    if values["activity"] is not None and values["activity"] not in activities():
        row.note("cell.unknown_choice", "actividad", value=values["activity"], choices="CIIU Rev. 4")
        values["activity"] = None
    _check_point(row, values)


def _check_point(row: _Row, values: dict[str, Any]) -> None:
    here = values["lon"], values["lat"]
    refused = None if None in here else capture.refused_point(*here)
    if refused:
        row.note(refused, "lat", lon=here[0], lat=here[1])
    if refused or None in here:
        values |= dict.fromkeys(("lon", "lat", "accuracy_m", "point_source"))


def _part(row: _Row, part: Part, values: dict[str, Any], book: _Book) -> list[dict[str, Any]]:
    """The items of one part: in rows of its own, or in a cell of the row. An item that cannot be is left out."""
    rows = book.parts.get(part.name, {}).pop(str(row.cells.get(ID, "")), [])
    if inside := row.cells.get(part.name):
        rows = [*rows, *_inside(row, part, inside)]
    seen: set[Any] = {values["woman_id"]} if part.name == "otras_duenas" else set()
    found = []
    for item in rows:
        said = item.values(part.columns)
        if item is not row:
            row.problems += item.problems
        unique = said.get(_UNIQUE.get(part.name, ""))
        if any(said[key] is None for key in _NEEDED_OF[part.name]) or (unique is not None and unique in seen):
            row.note("record.part_unfit", None, part=part.name, number=item.number)
            continue
        seen.add(unique)
        found.append(said)
    return found


def _inside(row: _Row, part: Part, cell: Any) -> list[_Row]:
    """The items of a part that stand in one cell, as JSON."""
    items = _items(cell)
    if items is None:
        row.note("record.part_unfit", part.name, part=part.name, number=row.number)
        return []
    plain = Grid(row.grid.sheet, row.grid.names, row.grid.headers, [], row.grid.first, guarded=False)
    return [_Row(plain, row.number, item) for item in items]


def _items(cell: Any) -> list[dict[str, Any]] | None:
    try:
        items = orjson.loads(cell) if isinstance(cell, str) else cell
    except orjson.JSONDecodeError:
        return None
    fit = isinstance(items, list) and all(isinstance(item, dict) for item in items)
    return items if fit else None


def _complete(row: _Row, record: dict[str, list[dict[str, Any]]], book: _Book) -> bool:
    """Put what follows from the rest; whether the parts fit to each other and to the other rows of the file."""
    values = record[MAIN][0]
    owners = [values, *record["otras_duenas"]]
    known = {owner["woman_id"] for owner in owners}
    answers = [answer for answer in record["consentimientos"] if answer["woman_id"] in known]
    if len(answers) != len(record["consentimientos"]):
        row.note("record.part_unfit", None, part="consentimientos", number=row.number)
    record["consentimientos"] = answers
    last = {(answer["woman_id"], answer["purpose"]): answer["granted"] for answer in answers}
    for purpose in ("registry", "credit", "map"):
        values[f"consent_{purpose}"] = all(last.get((woman, purpose), False) for woman in known)
    values["currency"] = COUNTRY_CURRENCY.get((values["municipality"] or "")[:2])
    _complete_parts(row, record)
    return all(
        [
            *(_is_the_same_woman(row, owner, answers, book) for owner in owners),
            *(_is_nobody_elses(row, form["identity"], values["id"], book) for form in record["fichas"]),
        ]
    )


def _complete_parts(row: _Row, record: dict[str, list[dict[str, Any]]]) -> None:
    values = record[MAIN][0]
    for product in record["productos"]:
        if product["price_minor"] is None or product["currency"] != values["currency"]:
            if product["price_minor"] is not None:
                row.note("record.part_unfit", None, part="productos", number=row.number)
            product["price_minor"] = product["currency"] = None
    partners = tuple(
        Partner(item["side"], item["kind"], None, item["name"], item["share"], item["product"])
        for item in record["socios"]
    )
    if over_full(partners):
        row.note("record.part_unfit", None, part="socios", number=row.number)
        for item in record["socios"]:
            item["share"] = None
    if values["ownership"] == "individual" and record["otras_duenas"]:
        row.note("record.part_unfit", None, part="propiedad", number=row.number)
        values["ownership"] = "group"
    record["formalizacion"].sort(key=lambda step: step["step"])


def _is_the_same_woman(row: _Row, owner: Mapping[str, Any], answers: list[dict[str, Any]], book: _Book) -> bool:
    """Whether all rows of the file say the same of a woman who owns several enterprises."""
    key = owner["woman_id"]
    if key is None:
        return True
    mine = print_of_woman(owner, [answer for answer in answers if answer["woman_id"] == key])
    if book.women.setdefault(key, mine) == mine:
        return True
    row.note("record.woman_differs", "duena_id")
    return False


def _is_nobody_elses(row: _Row, identity: str, key: str, book: _Book) -> bool:
    if book.identities.setdefault(identity, key) == key:
        return True
    row.note("record.form_of_another", None)
    return False
