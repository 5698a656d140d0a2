"""Our own template: the table that people fill in where they have no form on a telephone."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

import xlsxwriter

from services.registry.intake import form

HEADERS = (
    *(form.title(field) for field in form.TEMPLATE),
    *(
        f"{form.title(field)} {number}"
        for number in range(1, form.TEMPLATE_PRODUCTS + 1)
        for field in form.PRODUCT_COLUMNS
    ),
)
_SHEET, _ANSWERS = "Inventario", "Respuestas"
_NOTICE = "Aviso: "
_ROWS_TO_FILL = 2_000
# No cell may become a formula, a number or an address by what is written in it.
_AS_WRITTEN = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}


def template_csv() -> bytes:
    """The empty template as spreadsheets here read it: UTF-8 with its mark, semicolons."""
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerow(HEADERS)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def template_xlsx() -> bytes:
    """The empty template as a workbook, its choices to be picked from lists."""
    return _workbook(HEADERS, [], {})


def corrections_xlsx(rows: Sequence[Mapping[str, str]], notices: Sequence[Mapping[str, str]]) -> bytes:
    """The template holding only `rows`, each with what is wrong (`notices`, by question) beside the cell."""
    told = {field for found in notices for field in found}
    headers: list[str] = []
    for field in form.TEMPLATE:
        headers += [form.title(field)] + ([_NOTICE + form.title(field)] if field in told else [])
    products = max(
        (int(name.rpartition(" ")[2]) for row in rows for name in row if name not in form.TEMPLATE), default=0
    )
    for number in range(1, products + 1):
        headers += [f"{form.title(field)} {number}" for field in form.PRODUCT_COLUMNS]
    headers += [_NOTICE.strip(": ")] if "" in told else []
    lines = [
        {form.title_of(name): text for name, text in row.items()}
        | {(_NOTICE + form.title(name) if name else _NOTICE.strip(": ")): text for name, text in found.items()}
        for row, found in zip(rows, notices, strict=True)
    ]
    return _workbook(headers, lines, {name for name in headers if name.startswith(_NOTICE.strip(": "))})


def _workbook(headers: Sequence[str], rows: Sequence[Mapping[str, str]], marked: Any) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, _AS_WRITTEN) as book:
        heading = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#e9eef0"})
        notice = book.add_format({"text_wrap": True, "valign": "top", "font_color": "#9c2b12", "bg_color": "#fdf0e6"})
        text = book.add_format({"num_format": "@", "valign": "top"})
        sheet = book.add_worksheet(_SHEET)
        sheet.freeze_panes(1, 0)
        for column, header in enumerate(headers):
            wide = 34 if header in marked else max(12, min(len(header) + 2, 28))
            sheet.set_column(column, column, wide, notice if header in marked else text)
            sheet.write_string(0, column, header, heading)
            for number, row in enumerate(rows, start=1):
                if row.get(header):
                    sheet.write_string(number, column, row[header], notice if header in marked else text)
        _offer_answers(book, sheet, headers, heading)
    return out.getvalue()


def _offer_answers(book: Any, sheet: Any, headers: Sequence[str], heading: Any) -> None:
    """A second sheet with the answers of every question that has a list, offered in the cells of the first."""
    answers = book.add_worksheet(_ANSWERS)
    for column, (field, choices) in enumerate(form.CODED.items()):
        titles = [choices.labels.get(code, (code,))[0] for code in choices.codes]
        answers.set_column(column, column, 24)
        answers.write_string(0, column, form.title(field), heading)
        answers.write_column(1, column, titles)
        if field in form.MULTIPLE or form.title(field) not in headers:
            continue
        letter = xlsxwriter.utility.xl_col_to_name(column)
        source = f"={_ANSWERS}!${letter}$2:${letter}${len(titles) + 1}"
        place = headers.index(form.title(field))
        allowed = {"validate": "list", "source": source, "error_type": "warning"}
        sheet.data_validation(1, place, _ROWS_TO_FILL, place, allowed)
