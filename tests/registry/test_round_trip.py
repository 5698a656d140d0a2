"""An export brought into an empty registry gives the same records, from every kind of file."""

import json
import math
import os
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from services.registry.exchange import guard
from services.registry.exchange.columns import MAIN, shape_of
from services.registry.exchange.formats import FORMATS
from services.registry.exchange.tables import tables_of
from services.registry.models import Enterprise, Submission
from services.registry.rules.visibility import view_of
from shared.spreadsheets import harmless
from shared.testing import person
from shared.workbooks import read_sheets
from tests.registry import pairs
from tests.registry.exported import KINDS, OWN_FORM, digest_of, empty_house, exported, furnish
from tests.registry.house import COORDINATOR, EXPORT, TECHNICIAN, House


def take_in(house: House, content: bytes, **options: Any) -> dict[str, Any]:
    return house.report(content, caller=COORDINATOR, **options)


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A registry with records by hand and from field forms; nothing in here changes it."""
    with empty_house(tmp_path_factory.mktemp("rich")) as house:
        furnish(house)
        yield house


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A registry with the 150 real field forms."""
    if not EXPORT.is_file() and "CI" not in os.environ:
        pytest.skip("the real data is not beside this checkout")
    with empty_house(tmp_path_factory.mktemp("real")) as house:
        take_in(house, EXPORT.read_bytes())
        yield house


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_out_of_the_ordinary_comes_back_as_it_was(rich: House, tmp_path: Path, kind: str) -> None:
    content = exported(rich, kind)
    with empty_house(tmp_path) as other:
        tried = take_in(other, content, dry_run=True)
        assert digest_of(other) != digest_of(rich)
        report = take_in(other, content)
        assert (report["problems"], report["created"]) == ([], report["records"])
        assert tried == report
        assert digest_of(other) == digest_of(rich)
        again = take_in(other, exported(other, kind))
        assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, report["records"])


def test_another_reader_finds_the_same_cells_in_the_workbook_and_computes_none_of_them(rich: House) -> None:
    content = exported(rich, "xlsx")
    theirs = openpyxl.load_workbook(BytesIO(content))
    assert set(theirs.sheetnames) == set(read_sheets(content))
    main = theirs[MAIN]
    assert main.freeze_panes == "A2"
    names = {str(main.cell(1, column).value): column for column in range(1, main.max_column + 1)}
    told = [main.cell(row, names["nombre"]).value for row in range(2, main.max_row + 1)]
    assert '=HYPERLINK("http://x")' in told
    assert {cell.data_type for row in main.iter_rows(min_row=2) for cell in row} <= {"s", "n", "d", "b", "inlineStr"}
    assert isinstance(main.cell(2, names["registrado_el"]).value, date)


@pytest.mark.usefixtures("reference_data")
@pytest.mark.parametrize("kind", KINDS)
def test_the_real_field_forms_come_back_as_they_were(real: House, tmp_path: Path, kind: str) -> None:
    content = exported(real, kind)
    with empty_house(tmp_path) as other:
        assert take_in(other, content)["created"] == 150
        assert digest_of(other) == digest_of(real)


def test_brought_into_its_own_registry_an_export_changes_nothing(real: House) -> None:
    before, events = digest_of(real), len(real.events())
    report = take_in(real, exported(real, "xlsx"))
    assert (report["created"], report["updated"], report["unchanged"], report["problems"]) == (0, 0, 150, [])
    assert (digest_of(real), len(real.events())) == (before, events)


def test_what_the_forms_brought_comes_along_so_that_they_change_nothing_in_the_new_registry(
    real: House, tmp_path: Path
) -> None:
    with empty_house(tmp_path) as other:
        take_in(other, exported(real, "gpkg"))
        assert take_in(other, EXPORT.read_bytes())["unchanged"] == 150


def test_what_our_own_form_tells_comes_along_with_the_day_of_its_check(rich: House, tmp_path: Path) -> None:
    with empty_house(tmp_path) as other:
        take_in(other, exported(rich, "csv"))
        assert take_in(other, OWN_FORM)["unchanged"] == 1
        checked = {row["id"]: row["checked_on"] for row in all_shown(rich)}
        assert {row["id"]: row["checked_on"] for row in all_shown(other)} == checked
        assert "2026-11-02" in checked.values()


def all_shown(house: House) -> list[dict[str, Any]]:
    rows = house.call("GET", "/enterprises?limit=200", COORDINATOR).json["items"]
    return [house.call("GET", f"/enterprises/{row['id']}", COORDINATOR).json for row in rows]


TEXTS = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Cn", "Co", "Cf"), include_characters="\t\n\r"), max_size=60
)
FORMULAS = st.builds(
    lambda sign, text: sign + text, st.sampled_from(["=", "+", "-", "@", "\t", "\r", "'", "'json:"]), TEXTS
)


@given(st.one_of(TEXTS, FORMULAS))
def test_a_text_made_harmless_is_read_back_as_it_was(text: str) -> None:
    assert guard.as_written(harmless(text)) == text
    assert guard.as_written(guard.in_workbook(text)) == text


@given(FORMULAS)
def test_no_cell_of_delimited_text_is_computed(text: str) -> None:
    safe = harmless(text)
    assert safe[:1] not in {"=", "@", "\t", "\r", "\n"}
    assert safe[:1] not in {"+", "-"} or math.isfinite(float(safe.replace(",", ".")))


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(TEXTS, FORMULAS).filter(lambda text: text.strip()), min_size=1, max_size=6))
@pytest.mark.parametrize("kind", KINDS)
def test_any_text_of_a_product_comes_back(tmp_path: Path, kind: str, texts: list[str]) -> None:

    view = view_of({"coordinator"})
    assert view is not None
    shape = shape_of(view)
    row: dict[str, Any] = {column.key: [] if column.kind == "codes" else None for column in shape.main}
    row |= {"id": "018f0000-0000-7000-8000-000000000001", "name": texts[0], "municipality": "HN1709", "seal": "x"}
    row |= {"validation": "captured"}
    record: dict[str, Any] = {name: [] for name in shape.parts} | {MAIN: [row]}
    empty: dict[str, Any] = {column.key: None for column in shape.parts["bienes"]}
    record["bienes"] = [empty | {"kind": "tools", "text": text} for text in texts]
    path = tmp_path / f"file.{kind}"
    path.unlink(missing_ok=True)
    FORMATS[kind].write(path, shape, [record])
    with path.open("rb") as file:
        found = tables_of(file)
        assert found is not None
        main, parts = found
        [(_, cells)] = main.numbered()
        inside = parts["bienes"].numbered() if "bienes" in parts else enumerate(_list(cells["bienes"]))
        told = [item["detalle"] for _, item in inside]
    apart = main.guarded and "bienes" in parts
    assert [guard.as_written(text) if apart else text for text in told] == texts
    name = cells["nombre"]
    assert (guard.as_written(name) if main.guarded else name) == texts[0]


def _list(cell: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(cell) if isinstance(cell, str) else cell
    return found


def test_numbers_stay_numbers_in_every_file_that_knows_them(rich: House) -> None:

    rows = read_sheets(exported(rich, "xlsx"))["inventario"]
    at = rows[0].index("ventas_mes")
    assert 12500.07 in {row[at] for row in rows[1:]}
    features = json.loads(exported(rich, "geojson"))["features"]
    assert {type(feature["properties"]["mujeres"]) for feature in features} == {int}


def test_a_record_that_says_something_else_by_now_is_left_as_it_is(rich: House, tmp_path: Path) -> None:
    content = exported(rich, "csv")
    with empty_house(tmp_path) as other:
        take_in(other, content)
        record = other.call("GET", f"/enterprises/{other.enterprise_id()}").json
        other.call("PATCH", f"/enterprises/{record['id']}", version=record["version"], json={"jobs_men": 77})
        before = digest_of(other)
        report = take_in(other, content)
        assert [problem["code"] for problem in report["problems"]] == ["record.differs"]
        assert digest_of(other) == before


def test_an_import_of_an_export_is_undone_whole(rich: House, tmp_path: Path) -> None:
    with empty_house(tmp_path) as other:
        empty = digest_of(other)
        shown = other.take_in(exported(rich, "xlsx"), caller=COORDINATOR)
        assert shown["undo"]["state"] == "possible", shown["undo"]
        assert shown["undo"]["removes"] == shown["created"]
        other.context.work.undo(other.directly(COORDINATOR), UUID(shown["id"]))
        assert digest_of(other) == empty
        with other.database.reading() as session:
            assert session.scalar(select(func.count()).select_from(Submission)) == 0
        assert take_in(other, exported(rich, "xlsx"))["created"] == shown["created"]
        assert digest_of(other) == digest_of(rich)


def test_only_the_coordinator_brings_records_back(rich: House, tmp_path: Path) -> None:
    with empty_house(tmp_path) as other:
        shown = other.take_in(exported(rich, "csv"), caller=TECHNICIAN)
        assert (shown["state"], shown["refusal"]["code"]) == ("failed", "record.by_coordinator")
        assert shown["refusal"]["detail"] != "record.by_coordinator"
        elsewhere = person("coordinator", subject="otra", scope="GT")
        report = other.report(exported(rich, "csv"), caller=elsewhere)
        assert {problem["code"] for problem in report["problems"]} == {"permission.row_outside_scope"}
        with other.database.reading() as session:
            assert session.scalar(select(func.count()).select_from(Enterprise)) == 0


@pytest.mark.parametrize("kind", KINDS)
def test_an_export_of_who_may_not_see_everything_cannot_be_brought_back(rich: House, tmp_path: Path, kind: str) -> None:
    content = exported(rich, kind, person("auditor"))
    with empty_house(tmp_path) as other:
        shown = other.take_in(content, caller=COORDINATOR)
        assert (shown["state"], shown["refusal"]["code"]) == ("failed", "file.partial_export")


def test_a_record_that_is_part_of_another_by_now_is_not_brought_back_beside_it(sqlite_house: House) -> None:
    pairs.twice(sqlite_house)
    content = exported(sqlite_house, "csv")
    assert pairs.merge(sqlite_house, pairs.pair_of(sqlite_house)).status_code < 300
    before = digest_of(sqlite_house)
    codes = sorted(problem["code"] for problem in take_in(sqlite_house, content)["problems"])
    assert codes == ["record.differs", "record.merged"]
    assert digest_of(sqlite_house) == before
