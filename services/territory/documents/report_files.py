"""A report as a workbook, as a page that needs nothing else, and as a GeoPackage of its map; the same bytes for the
same report.
"""

import io
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import date, datetime
from typing import Any

from markupsafe import Markup, escape
from shapely import Geometry

from services.territory.documents.features import Table, written
from services.territory.documents.report_sheets import Report, Say, Sheet
from services.territory.documents.report_tables import sheets
from shared.spreadsheets import XLSX, harmless
from shared.writing import LOCALES, day

HTML = "text/html; charset=utf-8"
MEASURES = ("enterprises", "women", "trained", "loans")
OF_CHAIN = ("enterprises", "women", "men")
_WIDEST = 60
_STYLE = """
body{font:16px/1.5 sans-serif;color:#222;max-width:70rem;margin:0 auto;padding:1rem}
table{border-collapse:collapse;margin:.5rem 0 1.5rem;width:100%}
.wide{overflow-x:auto}
caption{text-align:left;font-weight:bold;font-size:1.15rem;padding:.5rem 0}
th,td{border-bottom:1px solid #cfc6c0;padding:.35rem .6rem;text-align:left;vertical-align:top}
td.n{text-align:right;font-variant-numeric:tabular-nums}
svg{max-width:100%;height:auto}
"""


def workbook(report: Report, speak: Say, lines: Sequence[str]) -> bytes:
    """A sheet for each table, and first one with `lines`: what it is, of which month, how it is verified."""
    import xlsxwriter

    out = io.BytesIO()
    plain = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, plain | {"default_date_format": "yyyy-mm-dd"}) as book:
        book.set_properties({"created": datetime.fromisoformat("2000-01-01")})
        bold, dates = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        about = book.add_worksheet(speak("report.sheet.about")[:31])
        about.set_column(0, 0, _WIDEST)
        for number, line in enumerate(lines):
            about.write_string(number, 0, harmless(line))
        for sheet in sheets(report, speak):
            _fill(book.add_worksheet(sheet.name[:31]), sheet, bold, dates)
    return out.getvalue()


def _fill(page: Any, sheet: Sheet, bold: Any, dates: Any) -> None:
    page.freeze_panes(1, 0)
    page.write_row(0, 0, sheet.heads, bold)
    for column in range(len(sheet.heads)):
        longest = max(len(str(value)) for value in (sheet.heads[column], *(row[column] for row in sheet.rows)))
        page.set_column(column, column, min(longest + 2, _WIDEST))
    for number, row in enumerate(sheet.rows, start=1):
        for column, value in enumerate(row):
            if isinstance(value, str):
                page.write_string(number, column, harmless(value))
            elif isinstance(value, date):
                page.write_datetime(number, column, datetime.combine(value, datetime.min.time()), dates)
            elif value is not None:
                page.write_number(number, column, value)


def web_page(report: Report, speak: Say, lines: Sequence[str], language: str) -> bytes:
    """One HTML file with every table and both drawings; it loads nothing and runs nothing."""
    title, *rest = lines
    drawings = [one["drawing"] for one in (report["links_drawing"], report["map"]) if one]
    parts = [
        Markup('<!doctype html><html lang="{}"><head><meta charset="utf-8">').format(language),
        Markup('<meta name="viewport" content="width=device-width, initial-scale=1"><title>{}</title>').format(title),
        Markup("<style>{}</style></head><body><main><h1>{}</h1>").format(Markup(_STYLE), title),  # noqa: S704 - our own
        *(Markup("<p>{}</p>").format(line) for line in rest),
        *(_table(sheet, language) for sheet in sheets(report, speak)),
        *(Markup("<figure>{}</figure>").format(Markup(one)) for one in drawings),  # noqa: S704 - drawn and escaped here
        Markup("</main></body></html>"),
    ]
    return "\n".join(parts).encode()


def _table(sheet: Sheet, language: str) -> Markup:
    heads = Markup("").join(Markup('<th scope="col">{}</th>').format(head) for head in sheet.heads)
    rows = Markup("").join(
        Markup("<tr>{}</tr>").format(Markup("").join(_cell(value, language) for value in row)) for row in sheet.rows
    )
    inside = Markup("<caption>{}</caption><thead><tr>{}</tr></thead><tbody>{}</tbody>").format(sheet.name, heads, rows)
    return Markup('<div class="wide" role="group" tabindex="0" aria-label="{}"><table>{}</table></div>').format(
        sheet.name, inside
    )


def _cell(value: Any, language: str) -> Markup:
    if isinstance(value, date):
        return Markup("<td>{}</td>").format(day(value, LOCALES[language]))
    if isinstance(value, int | float):
        return Markup('<td class="n">{}</td>').format(f"{value:,}" if isinstance(value, int) else f"{value:,.2f}")
    return Markup("<td>{}</td>").format(escape("" if value is None else value))


def geopackage(report: Report, shapes: Mapping[str, Geometry]) -> bytes:
    """The units of the report's map with their shapes and the month's published figures; a withheld one is missing, and
    `withheld` names it.
    """
    measures = OF_CHAIN if report["kind"] == "chain" else MEASURES
    kinds: dict[str, type] = {"code": str, "name": str, **dict.fromkeys(measures, int), "withheld": str}
    kinds |= {"published": str, "boundaries": str, "report": str}
    rows = [
        {
            **{name: row[name] for name in ("code", "name", *measures)},
            "withheld": ", ".join(name for name in measures if row[name] is None),
            "published": report["published"],
            "boundaries": report["boundaries"],
            "report": report["number"],
        }
        for row in report["map"]["units"]
    ]
    table = Table("report", "MultiPolygon", kinds, rows, [shapes[row["code"]] for row in rows])
    content, _ = written(table, "gpkg")
    return _dated(content, report["as_of"])


def _dated(content: bytes, as_of: datetime | None) -> bytes:
    """The GeoPackage dated by its figures, not by the moment it was written; SQLite's count of changes, and the copy of
    it that must be the same, are those of a new file.
    """
    stamp = f"{as_of or datetime.fromisoformat('2000-01-01T00:00:00+00:00'):%Y-%m-%dT%H:%M:%S.000Z}"
    with closing(sqlite3.connect(":memory:")) as package:
        package.deserialize(content)
        package.execute("UPDATE gpkg_contents SET last_change = ?", [stamp])
        package.commit()
        dated = bytearray(package.serialize())
    dated[24:28] = dated[92:96] = (1).to_bytes(4, "big")
    return bytes(dated)


MEDIA_TYPES = {
    "pdf": "application/pdf",
    "xlsx": XLSX,
    "html": HTML,
    "gpkg": "application/geopackage+sqlite3",
}
