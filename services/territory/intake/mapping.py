"""Which columns of a table hold the units, the values and what they are broken down by; how cells are read."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from services.territory.intake.columns import official_code, plain, same_name
from services.territory.intake.tables import Table
from services.territory.reference import denominator_dictionary, indicators
from shared import places
from shared.kernel import Invalid

ALL = "all"
COUNTRIES = ("GT", "HN", "SV")
OPTIONS = ("sheet", "indicator", "country", "year", "unit", "value", "women", "men", "sex", "age", "ciiu", "size")
_PLAIN = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_THOUSANDS = re.compile(r"-?[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]+)?")
_EUROPEAN = re.compile(r"-?[1-9][0-9]{0,2}(\.[0-9]{3})+,[0-9]+")
_COMMA = re.compile(r"-?[0-9]+,[0-9]+")
_CIIU = re.compile(r"[0-9]{1,4}(\.0)?|[A-U]")


def mapped(table: Table, choice: Mapping[str, str]) -> dict[str, Any]:
    """How the table is read: as one of the known tables, or by the names and contents of its columns, and in any case
    as chosen. Refuses a choice that the table lacks, and a table whose units, values, indicator or year cannot be told.
    """
    for option in ("unit", "value", "women", "men", "sex", "age", "ciiu", "size"):
        if option in choice and choice[option] not in table.columns:
            raise Invalid("tables.no_such_column", pointer=f"/{option}", column=choice[option][:60],
                          columns=_listed(table))  # fmt: skip
    found = _preset(table) or _guessed(table, choice.get("country"))
    found |= {name: choice[name] for name in _CHOSEN if name in choice}
    if "year" in choice:
        found["year"] = _year(choice["year"])
    chosen = [{"column": choice[option], "sex": sex} for option, sex in _VALUES if option in choice]
    if chosen:
        found["values"], found["preset"] = [_value(one) for one in chosen], None
    _require_whole(table, found)
    return found


def _require_whole(table: Table, mapping: Mapping[str, Any]) -> None:
    if not mapping["unit"] or not _matches(table.columns[mapping["unit"]], mapping["country"]):
        raise Invalid("tables.no_units", pointer="/unit", columns=_listed(table))
    if not mapping["values"]:
        raise Invalid("tables.no_values", pointer="/value", columns=_listed(table))
    if mapping["indicator"] not in indicators():
        raise Invalid("tables.which_indicator", pointer="/indicator")
    if not mapping["year"]:
        raise Invalid("tables.which_year", pointer="/year")


def _listed(table: Table) -> str:
    return ", ".join(table.columns)[:800]


_CHOSEN = ("indicator", "country", "unit", "sex", "age", "ciiu", "size")
_VALUES = (("value", ALL), ("women", "women"), ("men", "men"))


def _value(told: Mapping[str, Any]) -> dict[str, Any]:
    return {"column": None, "sex": ALL, "age": ALL, "low": None, "high": None, **told}


def _preset(table: Table) -> dict[str, Any] | None:
    for one in denominator_dictionary()["presets"]:
        if all(name in table.columns for name in one["requires"]):
            return {
                "preset": one["name"], "indicator": one["indicator"], "country": one["country"], "year": one["year"],
                "unit": one["unit"], "name": one.get("label"), "where": one.get("where", {}),
                "values": [_value(value) for value in one["values"]], "sex": None, "age": None,
                "ciiu": one.get("ciiu"), "size": one.get("size"),
                "title": one["title"], "publisher": one["publisher"], "licence": one["licence"],
            }  # fmt: skip
    return None


def _guessed(table: Table, country: str | None) -> dict[str, Any]:
    """The column under whose values most units are found, and the others by their names."""
    tried = [
        (_matches(values, prefix), name, prefix)
        for name, values in table.columns.items()
        for prefix in ((country,) if country else (None, *COUNTRIES))
    ]
    matched, unit, prefix = max(tried, key=lambda one: (one[0], one[0] and _names(table, one[1], one[2])[1]))
    words = denominator_dictionary()["words"]

    def called(kind: str) -> str | None:
        return next((name for name in table.columns if name != unit and _word(name) in words[kind]), None)

    years = set(table.columns[name]) if (name := called("year")) else set()
    values = [_value({"column": name, "sex": sex}) for kind, sex in _KINDS if (name := called(kind))]
    return {
        "preset": None, "indicator": "", "country": prefix, "year": _year(years.pop()) if len(years) == 1 else None,
        "unit": unit if matched else None, "name": _names(table, unit, prefix)[0], "where": {}, "values": values,
        "sex": called("sex"), "age": called("age"), "ciiu": called("ciiu"), "size": called("size"),
        "title": {"es": "", "en": ""}, "publisher": "", "licence": "",
    }  # fmt: skip


_KINDS = (("total", ALL), ("women", "women"), ("men", "men"))


def _word(name: str) -> str:
    return plain(re.sub(r"[_.\-]+", " ", name))


def _year(value: object) -> int | None:
    text = str(value).removesuffix(".0")
    return int(text) if re.fullmatch(r"(19|20)[0-9]{2}", text) else None


def _matches(values: Sequence[Any], country: str | None) -> int:
    """How many units a column names by code."""
    return len({code for value in set(values) if (code := unit_code(value, country)) in places.names()})


def unit_code(value: object, country: str | None) -> str | None:
    """The code of a municipality, or of a department or country written as the house writes it ("HN17")."""
    text = str(value).strip().upper()
    return text if len(text) in {2, 4} and text in places.names() else official_code(value, country)


def _names(table: Table, unit: str, country: str | None) -> tuple[str | None, int]:
    """The column in which most rows have the name of their unit, and how many have."""
    codes = [unit_code(value, country) for value in table.columns[unit]]

    def agreeing(name: str) -> int:
        pairs = set(zip(table.columns[name], codes, strict=True))
        return sum(same_name(value, code) for value, code in pairs if code and isinstance(value, str))

    best, agreed = max(((name, agreeing(name)) for name in table.columns), key=lambda one: one[1])
    return (best if agreed else None), agreed


def class_code(text: str) -> str | None:
    """A CIIU class as it is written in the classification ("111" lost its zero: 0111), or a section's letter."""
    cell = text.strip().upper()
    if not _CIIU.fullmatch(cell):
        return None
    return cell if cell.isalpha() else cell.removesuffix(".0").zfill(4)


def as_number(cell: object) -> float | None:
    """The number in a cell, whichever of the ways of writing it is meant without doubt: 1234.5, 1,234.5, 1.234,5, 12,5;
    1,234 counts thousands. None for anything else.
    """
    if isinstance(cell, bool) or cell is None:
        return None
    if isinstance(cell, int | float):
        return float(cell)
    text = str(cell).strip()
    if _PLAIN.fullmatch(text):
        return float(text)
    if _THOUSANDS.fullmatch(text):
        return float(text.replace(",", ""))
    if _EUROPEAN.fullmatch(text) or _COMMA.fullmatch(text):
        return float(text.replace(".", "").replace(",", "."))
    return None
