"""Tables for spreadsheets: what stands in them, and that none of it computes."""

import io
from datetime import date
from decimal import Decimal

import openpyxl
import pytest

from shared.spreadsheets import Sheet, as_csv, as_xlsx

HEADS = ("name", "share", "day", "told")
ROWS = [["Olla", 0.125, date(2026, 1, 2), True], ["=1+1", Decimal("0.5"), None, False], ["+504 1", None, None, None]]


def book(*sheets: Sheet) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(as_xlsx(*sheets)))


def test_a_workbook_holds_numbers_days_and_words_as_what_they_are() -> None:
    [page] = book(Sheet("Datos", HEADS, ROWS)).worksheets
    head, first, second, third = page.iter_rows(values_only=True)
    assert head == HEADS
    assert (first[0], first[1], first[2].date(), first[3]) == ("Olla", 0.125, date(2026, 1, 2), True)
    assert second == ("'=1+1", 0.5, None, False)
    assert third == ("'+504 1", None, None, None)
    assert page["A3"].data_type == "s"


def test_a_title_stands_above_the_heads_and_both_stay_in_sight() -> None:
    page = book(Sheet("Datos", HEADS, ROWS, title="=Uno", kept=2)).active
    assert page["A1"].value == "'=Uno"
    assert [cell.value for cell in page[2]] == list(HEADS)
    assert page["A3"].value == "Olla"
    assert page.freeze_panes == "C3"


def test_numbers_are_written_as_the_sheet_says() -> None:
    page = book(Sheet("Datos", HEADS, ROWS, formats=[None, "0.0%"])).active
    assert page["B2"].number_format == "0.0%"
    assert page["C2"].number_format == "yyyy-mm-dd"
    assert page["A2"].number_format == "General"


def test_several_tables_are_several_sheets_with_names_that_fit() -> None:
    long = "Emprendimientos de la cadena de pesca"
    assert book(Sheet("Una", ["a"], []), Sheet(long, ["b"], [[1]])).sheetnames == ["Una", long[:31]]


def test_the_same_rows_make_the_same_bytes_and_others_do_not() -> None:
    assert as_xlsx(Sheet("Datos", HEADS, ROWS)) == as_xlsx(Sheet("Datos", HEADS, iter(ROWS)))
    assert as_xlsx(Sheet("Datos", HEADS, ROWS)) != as_xlsx(Sheet("Datos", HEADS, ROWS[:1]))


def test_a_row_of_another_length_than_the_heads_is_no_row() -> None:
    with pytest.raises(ValueError, match="zip"):
        as_xlsx(Sheet("Datos", HEADS, [["Olla"]]))


def test_no_cell_of_a_csv_computes() -> None:
    assert as_csv(["a"], [["@SUM(A1)"], ["-3"]]).decode("utf-8-sig").splitlines() == ["a", "'@SUM(A1)", "-3"]
