"""What a table says of districts and villages: each with its code, what it lies in, and the days on which it holds."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.territory.intake.columns import plain, same_name
from services.territory.intake.tables import Table, read_table
from services.territory.reference.editions import DISTRICT, VILLAGE, editions
from shared import places
from shared.kernel import Invalid

OPTIONS = ("sheet", "country", "code", "name", "level", "parent", "valid_from", "valid_to")
NAMED, SAMPLE = 50, 5
WORDS: Mapping[str, Sequence[str]] = {
    "code": ("code", "codigo", "cod", "geocodigo", "codigo aldea"),
    "name": ("name", "nombre", "aldea", "distrito", "caserio", "lugar poblado"),
    "level": ("level", "nivel", "tipo", "categoria"),
    "parent": ("parent", "pertenece a", "superior", "municipio", "codigo municipio", "cod municipio"),
    "valid_from": ("valid from", "desde", "vigente desde", "from"),
    "valid_to": ("valid to", "hasta", "vigente hasta", "to"),
}
LEVELS: Mapping[str, str] = {
    **dict.fromkeys(("district", "distrito", "aldea", "canton"), DISTRICT),
    **dict.fromkeys(("village", "caserio", "lugar poblado", "comunidad", "barrio", "colonia"), VILLAGE),
    **dict.fromkeys(("municipality", "municipio"), "municipality"),
    **dict.fromkeys(("department", "departamento"), "department"),
    **dict.fromkeys(("country", "pais"), "country"),
}
_WRITTEN = re.compile(r"(GT|HN|SV)[0-9A-Z-]{2,18}")
_DIGITS = re.compile(r"[0-9]{1,9}(\.0)?")
_DAY = re.compile(r"([0-9]{4})-([0-9][0-9])-([0-9][0-9])([T ]00:00:00)?")
_DAY_HERE = re.compile(r"([0-9][0-9]?)/([0-9][0-9]?)/([0-9]{4})")
_ALWAYS = (date.min, date.max)


@dataclass(frozen=True)
class UnitRow:
    """A district or village as a row tells it; `valid_to` is its last day."""

    code: str
    name: str
    level: str
    parent: str
    valid_from: date | None
    valid_to: date | None

    @property
    def days(self) -> tuple[date, date]:
        return self.valid_from or _ALWAYS[0], self.valid_to or _ALWAYS[1]


def read_units(content: bytes, choice: Mapping[str, str], known: Collection[str]) -> dict[str, Any]:
    """The districts and villages in a file and their quality report; `known` are the codes of those adopted before.
    `choice` may fix the sheet, the country of codes without one, and the columns; what it leaves open is guessed.
    """
    table = read_table(content, choice.get("sheet"))
    mapping = _mapped(table, choice)
    found, report = judged(list(_rows(table, mapping)), known)
    if not found:
        raise Invalid("tables.nothing_usable", pointer="/file", rows=table.rows)
    return {
        "sheets": list(table.sheets),
        "sheet": table.sheet,
        "columns": list(table.columns),
        "sample": [[str(column[row] or "")[:60] for column in table.columns.values()]
                   for row in range(min(SAMPLE, table.rows))],
        "mapping": mapping,
        "report": {"rows": table.rows, **report},
        "values": [[one.code, one.name, one.level, one.parent, one.valid_from, one.valid_to] for one in found],
    }  # fmt: skip


def _mapped(table: Table, choice: Mapping[str, str]) -> dict[str, Any]:
    for option in WORDS:
        if option in choice and choice[option] not in table.columns:
            raise Invalid("tables.no_such_column", pointer=f"/{option}", column=choice[option][:60],
                          columns=", ".join(table.columns)[:800])  # fmt: skip
    found: dict[str, Any] = {}
    for option, words in WORDS.items():
        named = (name for word in words for name in table.columns if plain(re.sub(r"[_.\-]+", " ", name)) == word)
        found[option] = choice.get(option) or next((name for name in named if name not in found.values()), None)
    for option in ("code", "name"):
        if not found[option]:
            raise Invalid("tables.no_units", pointer=f"/{option}", columns=", ".join(table.columns)[:800])
    return found | {"country": choice.get("country")}


def _rows(table: Table, mapping: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    """Each row's cells by what they mean; what is not told follows from the code where it can."""
    options = [option for option in WORDS if mapping[option]]
    for cells in zip(*(table.columns[mapping[option]] for option in options), strict=True):
        told = dict.fromkeys(WORDS) | dict(zip(options, cells, strict=True))
        code = unit_code(told["code"], mapping["country"])
        level = LEVELS.get(plain(str(told["level"]))) if mapping["level"] else _level_of(code)
        parent = unit_code(told["parent"], mapping["country"]) if mapping["parent"] else _parent_of(code)
        yield told | {"written": str(told["code"] or "")[:40], "code": code, "level": level, "parent": parent}


def unit_code(value: object, country: str | None) -> str | None:
    """A code written whole ("HN170901"), or of a country by its digits with the zeros they lost; None for others."""
    text = str(value or "").strip().upper()
    if _WRITTEN.fullmatch(text) or text in {"GT", "HN", "SV"}:
        return text
    if country is None or not _DIGITS.fullmatch(text):
        return None
    digits = text.removesuffix(".0")
    return country + digits.zfill(next(size for size in (2, 4, 6, 9) if len(digits) <= size))


def _level_of(code: str | None) -> str | None:
    return {2: "country", 4: "department", 6: "municipality", 8: DISTRICT, 11: VILLAGE}.get(len(code or ""))


def _parent_of(code: str | None) -> str | None:
    """What a unit lies in by its code: an aldea in its municipality, a village in its aldea."""
    return None if code is None else {8: code[:6], 11: code[:8]}.get(len(code))


def as_day(cell: object) -> date | None:
    """A day written 2024-05-01 or 1/5/2024; raises `ValueError` for what is none, None for an empty cell."""
    if cell is None or str(cell).strip() == "":
        return None
    text = str(cell).strip()
    if found := _DAY.fullmatch(text):
        return date(int(found[1]), int(found[2]), int(found[3]))
    if found := _DAY_HERE.fullmatch(text):
        return date(int(found[3]), int(found[2]), int(found[1]))
    raise ValueError(text)


def judged(rows: Sequence[Mapping[str, Any]], known: Collection[str]) -> tuple[list[UnitRow], dict[str, Any]]:
    """The rows that can be used, by code and first day, and what is wrong with the others."""
    wrong: dict[str, list[str]] = {kind: [] for kind in _KINDS}
    shipped = {one.code: one.name for one in editions()}
    inside = {*shipped, *known, *(row["code"] for row in rows if row["code"])}
    found: list[UnitRow] = []
    for row in rows:
        kind = _mistake(row, shipped, inside)
        if kind is None:
            days = as_day(row["valid_from"]), as_day(row["valid_to"])
            found.append(UnitRow(row["code"], " ".join(str(row["name"]).split()), row["level"], row["parent"], *days))
        elif kind != "shipped":
            wrong[kind].append(_told(row))
        elif not same_name(row["name"], row["code"]) and row["code"] in places.names():
            wrong["names"].append(f"{row['code']}: {row['name']} / {places.name_of(row['code'])}"[:120])
    used = _without_overlaps(found, wrong["overlapping"])
    wrong["same_name"] = _same_names(used)
    levels = {level: sum(one.level == level for one in used) for level in (DISTRICT, VILLAGE)}
    named = {kind: {"count": len(told), "named": told[:NAMED]} for kind, told in wrong.items()}
    return used, {"used": len(used), "levels": levels, "shipped": sum(row["code"] in shipped for row in rows), **named}


_KINDS = ("codes", "not_levels", "blank", "days", "parents", "elsewhere", "overlapping", "names", "same_name")


def _told(row: Mapping[str, Any]) -> str:
    return " · ".join(str(row[name]) for name in ("written", "name", "parent") if row[name])[:120]


def _mistake(row: Mapping[str, Any], shipped: Collection[str], inside: Collection[str]) -> str | None:
    """What is wrong with a row, or that it tells of a unit whose code is of the house."""
    code, parent = row["code"], row["parent"]
    checks = (
        ("codes", code is None or len(code) > 20),
        ("blank", not row["name"] or len(str(row["name"])) > 120),
        ("shipped", code in shipped),
        ("not_levels", row["level"] not in {DISTRICT, VILLAGE}),
        ("days", not _are_days(row)),
        ("parents", parent not in inside or parent == code),
        ("elsewhere", _elsewhere(code or "", parent or "")),
    )
    return next((kind for kind, holds in checks if holds), None)


def _are_days(row: Mapping[str, Any]) -> bool:
    try:
        first, last = as_day(row["valid_from"]), as_day(row["valid_to"])
    except ValueError:
        return False
    return first is None or last is None or first <= last


def _elsewhere(code: str, parent: str) -> bool:
    """Whether the code names another municipality than the one that it is said to lie in."""
    of_code, of_parent = code[:6], parent[:6]
    both = {of_code, of_parent} <= places.municipalities()
    return code[:2] != parent[:2] or (both and of_code != of_parent)


def _without_overlaps(rows: Sequence[UnitRow], overlapping: list[str]) -> list[UnitRow]:
    """Of the editions of one code that hold on the same day the first one stays; a row that stands twice is one."""
    by_code: dict[str, list[UnitRow]] = defaultdict(list)
    for row in dict.fromkeys(rows):
        before = by_code[row.code]
        if any(row.days[0] <= other.days[1] and other.days[0] <= row.days[1] for other in before):
            overlapping.append(f"{row.code}: {row.name}")
        else:
            before.append(row)
    return [row for code in sorted(by_code) for row in sorted(by_code[code], key=lambda one: one.days)]


def _same_names(rows: Sequence[UnitRow]) -> list[str]:
    """Names that stand under several codes in the same place: perhaps one unit twice."""
    codes: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in rows:
        codes[row.parent, plain(row.name)].add(row.code)
    return [f"{', '.join(sorted(same))}: {name}" for (_, name), same in sorted(codes.items()) if len(same) > 1]
