"""A finding in its reader's words: what a page, a table file or a command shows."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from services.territory.queries.analyses.analysis import Analysis, Table, Words
from services.territory.queries.choropleths import Drawing
from services.territory.queries.views import Selection
from shared.kernel import Invalid
from shared.spreadsheets import Sheet, as_csv, as_xlsx

_FORMATS = {"count": "#,##0", "number": "#,##0.00", "percent": "0.0%", "chance": "0.0000", "degrees": "0.0000"}


def told(finding: Analysis, selection: Selection, drawing: Drawing | None, as_of: Any, words: Words) -> dict[str, Any]:
    """The finding with its title, its columns by name, its formula and where that comes from."""
    return {
        "analysis": finding.analysis,
        "title": title(finding, selection, words),
        "answer": finding.answer,
        "unit": list(selection.units),
        "level": selection.level,
        "n": finding.n,
        "coverage": finding.coverage,
        "notes": list(finding.notes),
        "tables": [_table(finding, table, words) for table in finding.tables],
        "formula": words(f"{finding.analysis}.formula"),
        "source": words(f"{finding.analysis}.source"),
        "criteria_source": finding.criteria.source,
        "criteria_valid_from": finding.criteria.valid_from,
        "as_of": as_of,
        "shows": finding.shows,
        "points_show": words(f"{finding.analysis}.points") if finding.points else "",
        "boundaries": drawing.boundaries if drawing else None,
        "legend": drawing.legend if drawing else [],
        "drawing": drawing.svg if drawing else "",
    }


def title(finding: Analysis, selection: Selection, words: Words) -> str:
    return f"{words(f'{finding.analysis}.title')}: {selection.title}"


def table_csv(finding: Analysis, name: str | None, words: Words) -> bytes:
    """One table as CSV: that with this name, or the first one that has rows."""
    table = chosen(finding, name)
    return as_csv(heads(finding, table, words), _cells(table))


def workbook(finding: Analysis, selection: Selection, as_of: datetime | None, words: Words) -> bytes:
    """All tables as a workbook, a sheet each, and one that says what they answer and how."""
    lines = [
        finding.answer,
        *finding.notes,
        words(f"{finding.analysis}.formula"),
        words(f"{finding.analysis}.source"),
        finding.criteria.source,
        as_of.isoformat() if as_of else "",
    ]
    about = Sheet(words("sheet.about"), [title(finding, selection, words)], [[line] for line in lines])
    return as_xlsx(about, *(_sheet(finding, table, words) for table in finding.tables))


def _sheet(finding: Analysis, table: Table, words: Words) -> Sheet:
    formats = [_FORMATS.get(kind) for kind in table.columns.values()]
    name = words(f"table.{finding.analysis}.{table.name}")
    return Sheet(name, heads(finding, table, words), _cells(table), formats=formats)


def chosen(finding: Analysis, name: str | None) -> Table:
    """The table with this name, or the first one that has rows; refuses a name that none has."""
    if name is None:
        return next((table for table in finding.tables if table.rows), finding.tables[0])
    for table in finding.tables:
        if table.name == name:
            return table
    raise Invalid("analysis.table_unknown", pointer="/table", tables=", ".join(table.name for table in finding.tables))


def heads(finding: Analysis, table: Table, words: Words) -> list[str]:
    """The names of a table's columns."""
    return [column["label"] for column in _table(finding, table, words)["columns"]]


def _cells(table: Table) -> Iterable[list[Any]]:
    return ([row[key] for key in table.columns] for row in table.rows)


def _table(finding: Analysis, table: Table, words: Words) -> dict[str, Any]:
    columns = [{"key": key, "kind": kind, "label": words(f"column.{key}")} for key, kind in table.columns.items()]
    kept = [*table.columns, *(["code"] if table.rows and "code" in table.rows[0] else [])]
    rows = [{key: row[key] for key in kept} for row in table.rows]
    return {
        "name": table.name,
        "caption": words(f"table.{finding.analysis}.{table.name}"),
        "columns": columns,
        "rows": rows,
    }
