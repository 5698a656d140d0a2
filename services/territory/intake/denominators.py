"""What a table says of an indicator: which of its columns mean what, the values, and how good they are."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from services.territory.intake.columns import plain, same_name
from services.territory.intake.mapping import ALL, as_number, class_code, mapped, unit_code
from services.territory.intake.tables import Table, read_table
from services.territory.reference import denominator_dictionary, indicators
from shared import places
from shared.kernel import Invalid

SECONDS, MEMORY_MB = 120, 2000
NAMED, SAMPLE = 50, 5
LARGEST = 1e12
Key = tuple[str, str, str, str, str]
"""Unit, sex, age, CIIU class, size."""


def read_denominators(content: bytes, choice: Mapping[str, str]) -> dict[str, Any]:
    """The values in a file and their quality report. `choice` may fix the sheet, the indicator, country and year, and
    the columns of units, values (all, women, men), sex, age, CIIU class and size; what it leaves open is guessed.

    Comes back with `columns`, `sample`, `sheets`, `mapping`, `report`, and `values`: rows of unit, sex, age, CIIU
    class, size, value, low, high; never one that is no finite number.
    """
    table = read_table(content, choice.get("sheet"))
    mapping = mapped(table, choice)
    values, report = observed(table, mapping)
    return {
        "sheets": list(table.sheets),
        "sheet": table.sheet,
        "columns": list(table.columns),
        "sample": [
            [_shown(column[row]) for column in table.columns.values()] for row in range(min(SAMPLE, table.rows))
        ],
        "mapping": mapping,
        "report": report,
        "values": values,
    }


class _Observing:
    """The rows of a table one after the other, and what was wrong with them."""

    def __init__(self, mapping: Mapping[str, Any]) -> None:
        self._mapping = mapping
        told = denominator_dictionary()
        self._sexes, self._sizes = told["sexes"], told["sizes"]
        self._zero, self._missing = set(told["zero"]), set(told["missing"])
        self._counts = indicators()[mapping["indicator"]]["kind"] == "count"
        self._adds_up = any(mapping[name] for name in ("ciiu", "size", "sex", "age")) or _counts_rows(mapping)
        self.values: dict[Key, tuple[float, float | None, float | None]] = {}
        self.wrong: dict[str, Counter[str]] = {
            kind: Counter()
            for kind in ("unknown", "repeated", "not_numbers", "not_whole", "negative", "codes", "labels", "names")
        }
        self.blank = self.skipped = self.used = 0

    def rows(self, unit: str | None, row: Mapping[str, Any], alike: int) -> None:
        """So many rows that are alike, of a unit."""
        mapping = self._mapping
        if any(str(row[name]).strip() != value for name, value in mapping["where"].items()):
            self.skipped += alike
            return
        if unit is None:
            self.wrong["unknown"][str(row[mapping["unit"]])[:40]] += alike
            return
        if mapping["name"] and row[mapping["name"]] is not None and not same_name(row[mapping["name"]], unit):
            self.wrong["names"][f"{unit}: {row[mapping['name']]} / {places.name_of(unit)}"[:120]] = 1
        broken = self._broken_down(row, alike)
        if broken is None:
            return
        self.used += alike
        for value in mapping["values"]:
            self._take(unit, broken, value, row, alike)

    def _broken_down(self, row: Mapping[str, Any], alike: int) -> tuple[str | None, str, str, str] | None:
        """Sex, age, class and size of a row; None where one of them cannot be told."""
        columns = (self._mapping[option] for option in ("sex", "age", "ciiu", "size"))
        sex, age, ciiu, size = (column and " ".join(str(row[column] or "").split()) for column in columns)
        told_sex = None if sex is None else self._labelled(self._sexes, sex, alike)
        told_size = ALL if size is None else self._labelled(self._sizes, size, alike)
        told_ciiu = ALL if ciiu is None else class_code(ciiu)
        if told_ciiu is None:
            self.wrong["codes"][(ciiu or "?")[:40]] += alike
        if told_ciiu is None or told_size is None or (sex is not None and told_sex is None):
            return None
        return told_sex, (age or ALL)[:12], told_ciiu, told_size

    def _labelled(self, known: Mapping[str, str], label: str, alike: int) -> str | None:
        found = known.get(plain(label))
        if found is None:
            self.wrong["labels"][label[:40] or "?"] += alike
        return found

    def _take(
        self,
        unit: str,
        broken: tuple[str | None, str, str, str],
        told: Mapping[str, Any],
        row: Mapping[str, Any],
        alike: int,
    ) -> None:
        sex, age, ciiu, size = broken
        key = (unit, sex or told["sex"], age if age != ALL else told["age"], ciiu, size)
        value = float(alike) if told["column"] is None else self._number(told["column"], row)
        if value is None:
            return
        if key in self.values and not self._adds_up:
            self.wrong["repeated"][unit] += 1
            return
        before = self.values[key][0] if key in self.values else 0.0
        low, high = (as_number(row[told[edge]]) if told[edge] else None for edge in ("low", "high"))
        self.values[key] = (before + value, low, high)

    def _number(self, column: str, row: Mapping[str, Any]) -> float | None:
        """The number in a cell; None, counted, where there is none."""
        cell = row[column]
        value = 0.0 if cell in self._zero else as_number(cell)
        if value is not None and 0 <= value <= LARGEST and (not self._counts or value.is_integer()):
            return value
        if cell is None or plain(str(cell)) in self._missing:
            self.blank += 1
        else:
            kind = "not_numbers" if value is None else "negative" if value < 0 else "not_whole"
            self.wrong[kind][f"{column}: {cell}"[:60]] += 1
        return None


def observed(table: Table, mapping: Mapping[str, Any]) -> tuple[list[list[Any]], dict[str, Any]]:
    """The values of a table as it is mapped, in order, and the report on them. Units of the level that most values are
    of are kept; the others (a row of totals) are told and left out. Refuses a table without a single value.
    """
    seen = _Observing(mapping)
    units, corrected = _units(table, mapping)
    names = _used(mapping)
    rows = zip(units, *(table.columns[name] for name in names), strict=True)
    for (unit, *cells), alike in Counter(rows).items() if _counts_rows(mapping) else ((row, 1) for row in rows):
        seen.rows(unit, dict(zip(names, cells, strict=True)), alike)
    levels = Counter(places.level_of(key[0]) for key in seen.values)
    if not levels:
        raise Invalid("tables.nothing_usable", pointer="/file", rows=table.rows)
    level = levels.most_common(1)[0][0]
    kept = {key: value for key, value in seen.values.items() if places.level_of(key[0]) == level}
    report = {
        "rows": table.rows, "used": seen.used, "left_out": seen.skipped, "values": len(kept), "blank": seen.blank,
        "level": level, "other_levels": sorted({key[0] for key in seen.values} - {key[0] for key in kept})[:NAMED],
        "total": round(sum(value[0] for key, value in kept.items() if key[1:3] == (ALL, ALL)), 6),
        "countries": _coverage({key[0] for key in kept}, level),
        "summed": [name for place, name in enumerate(("sex", "age", "ciiu", "size"), 1)
                   if all(key[place] != ALL for key in kept)],
        "unequal": _unequal(kept), "corrected": corrected,
        **{kind: {"count": sum(found.values()), "named": [name for name, _ in found.most_common(NAMED)]}
           for kind, found in seen.wrong.items()},
    }  # fmt: skip
    return [[*key, *kept[key]] for key in sorted(kept)], report


def _used(mapping: Mapping[str, Any]) -> list[str]:
    """The columns that are read."""
    named = [mapping[option] for option in ("unit", "name", "sex", "age", "ciiu", "size")]
    named += [value[edge] for value in mapping["values"] for edge in ("column", "low", "high")]
    return list(dict.fromkeys(name for name in (*named, *mapping["where"]) if name))


def _units(table: Table, mapping: Mapping[str, Any]) -> tuple[list[str | None], list[dict[str, str]]]:
    """The unit of each row, None where the code is none; and the codes that are known to be wrong in print, which were
    put right, each with the note that says why.
    """
    column, country = table.columns[mapping["unit"]], mapping["country"]
    codes = {value: code if (code := unit_code(value, country)) in places.names() else None for value in set(column)}
    found = [codes[value] for value in column]
    told = []
    for one in denominator_dictionary()["corrections"]:
        if one["country"] != country:
            continue
        for number, value in enumerate(column):
            if str(value).lstrip("0") == one["written"] and _beside(table, number, one["beside"]):
                found[number] = one["code"]
                told.append({"written": one["written"], "code": one["code"], "es": one["es"], "en": one["en"]})
    return found, told


def _beside(table: Table, number: int, text: str) -> bool:
    return any(isinstance(column[number], str) and plain(column[number]) == plain(text)
               for column in table.columns.values())  # fmt: skip


def _counts_rows(mapping: Mapping[str, Any]) -> bool:
    return any(value["column"] is None for value in mapping["values"])


def _coverage(units: set[str], level: str) -> dict[str, Any]:
    """For each country that occurs: how many of its units there are, and which are missing."""
    told = {}
    for country in sorted({unit[:2] for unit in units}):
        expected = places.units_at(level, country)
        missing = [code for code in expected if code not in units]
        told[country] = {"expected": len(expected), "found": len(expected) - len(missing), "missing": missing}
    return told


def _unequal(values: Mapping[Key, Any]) -> dict[str, Any]:
    """Units whose women and men, or whose ages, do not add up to their total."""
    wrong = []
    totals = {key[0]: value[0] for key, value in values.items() if key[1:] == (ALL,) * 4}
    for place in (1, 2):
        parts: Counter[str] = Counter()
        for key, value in values.items():
            others = [part for other, part in enumerate(key[1:], 1) if other != place]
            if key[place] != ALL and set(others) == {ALL}:
                parts[key[0]] += value[0]
        wrong += [unit for unit, part in parts.items() if unit in totals and abs(part - totals[unit]) > 0.5]
    return {"count": len(set(wrong)), "named": sorted(set(wrong))[:NAMED]}


def _shown(cell: object) -> str:
    return "" if cell is None else str(cell)[:60]
