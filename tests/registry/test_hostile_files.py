"""Files that are wrong, broken or meant to harm: each is one clear refusal, and nothing is taken in."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from services.registry.intake.submissions import read_export
from shared import places
from shared.kernel import Invalid, clock
from shared.sandbox import run_limited
from shared.workbooks import Limits, read_sheets
from tests.registry.house import TECHNICIAN, House
from tests.registry.workbooks import HEADERS, part, repacked, submission, workbook

GOOD = workbook([submission(1)])
SHEET = "xl/worksheets/sheet1.xml"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def lying_bomb(size: int) -> bytes:
    """An archive whose directory declares a small part that inflates to `size` bytes."""
    content = bytearray(repacked(GOOD, {"xl/media/x.bin": b"\0" * size}))
    declared = struct.pack("<I", 1000)
    real = struct.pack("<I", size)
    return bytes(content).replace(real, declared)


def with_sheet(change: Callable[[bytes], bytes]) -> bytes:
    return repacked(GOOD, {SHEET: change(part(GOOD, SHEET))})


def with_cell(reference: bytes) -> bytes:
    cell = b'<row r="2"><c r="' + reference + b'"><v>1</v></c></row></sheetData>'
    return with_sheet(lambda xml: xml.replace(b"</sheetData>", cell))


def _word() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<w/>")
    return out.getvalue()


def _zipped(name: str, content: bytes, *others: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
        for other in others:
            archive.writestr(other, b"x")
    return out.getvalue()


def _without(header: str) -> bytes:
    headers = [known for known in HEADERS if known != header]
    return workbook([submission(1)], headers=headers)


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "file.empty"),
    "text": (lambda: b"hola mundo\n", "file.not_a_workbook"),
    "a table of something else": (lambda: b"hola;mundo\n1;2\n", "file.sheet_missing"),
    "a page": (lambda: b"<!DOCTYPE html><p>a;b</p>", "file.not_a_workbook"),
    "a quote that never ends": (lambda: (";".join(HEADERS) + '\n"x').encode(), "file.damaged"),
    "a CSV with a cell beyond all text": (
        lambda: (";".join(HEADERS) + "\n" + "x" * 40_000).encode(),
        "file.text_too_long",
    ),
    "a CSV with a thousand columns": (lambda: b";" * 1_000 + b"\n", "file.too_many_columns"),
    "a CSV of empty rows": (lambda: b"a;b\n" + b";\n" * 120_000, "file.too_many_rows"),
    "half a JSON": (lambda: b'{"results": [{"nombres": "Ro', "file.damaged"),
    "JSON of something else": (lambda: b'{"results": [{"a": 1}]}', "file.sheet_missing"),
    "JSON without records": (lambda: b'{"results": []}', "file.no_records"),
    "JSON that is a text": (lambda: b'["a", "b"]', "file.sheet_missing"),
    "JSON with a name twice": (lambda: b'{"results": [{"nombres": "a", "nombres": "b"}]}', "file.damaged"),
    "JSON with a number that is none": (lambda: b'{"results": [{"nombres": NaN}]}', "file.damaged"),
    "JSON without a bottom": (lambda: b"[" * 100_000, "file.nested_too_deep"),
    "JSON without a bottom in its text": (lambda: b'[{"a": "' + b"[" * 100_000 + b'"}]', "file.sheet_missing"),
    "GeoJSON of something else": (
        lambda: b'{"type": "FeatureCollection", "features": [{"properties": {"a": 1}}]}',
        "file.sheet_missing",
    ),
    "a zip of tables that inflates": (lambda: _zipped("a.csv", b"a;b\n" * 10_000_000), "file.inflates_too_much"),
    "a zip of a table of something else": (lambda: _zipped("a.csv", b"a,b\n1,2\n"), "file.sheet_missing"),
    "a zip of a table and a picture": (lambda: _zipped("a.csv", b"a,b\n1,2\n", "b.png"), "file.not_a_workbook"),
    "a PDF": (lambda: b"%PDF-1.7\n" + b"x" * 500, "file.not_a_workbook"),
    "a Word document": (_word, "file.not_a_workbook"),
    "an empty archive": (lambda: b"PK\x05\x06" + b"\0" * 18, "file.not_a_workbook"),
    "a template of another kind": (
        lambda: repacked(GOOD, {"[Content_Types].xml": part(GOOD, "[Content_Types].xml").replace(b"sheet.main", b"x")}),
        "file.not_a_workbook",
    ),
    "an old workbook": (lambda: _OLE + b"\0" * 600, "file.old_workbook"),
    "an encrypted workbook": (lambda: _OLE + "EncryptedPackage".encode("utf-16-le") + b"\0" * 600, "file.encrypted"),
    "an encrypted archive": (lambda: _flagged(GOOD), "file.encrypted"),
    "macros": (lambda: repacked(GOOD, {"xl/vbaProject.bin": b"x"}), "file.has_macros"),
    "a binary workbook": (lambda: repacked(GOOD, {"xl/workbook.bin": b"x"}), "file.binary_workbook"),
    "half a file": (lambda: GOOD[: len(GOOD) // 2], "file.damaged"),
    "bytes turned over": (lambda: GOOD[:2000] + bytes(400) + GOOD[2400:], "file.damaged"),
    "a sheet that is no XML": (lambda: with_sheet(lambda _: b"<worksheet><sheetData><row"), "file.damaged"),
    "a bomb": (lambda: repacked(GOOD, {"xl/media/x.bin": b"\0" * (300 * 2**20)}), "file.inflates_too_much"),
    "a dense bomb under the limit": (
        lambda: repacked(GOOD, {"xl/media/x.bin": b"\0" * (30 * 2**20)}),
        "file.inflates_too_much",
    ),
    "a bomb that lies": (lambda: lying_bomb(40 * 2**20), "file.inflates_too_much"),
    "too many parts": (lambda: repacked(GOOD, {f"xl/x{n}.xml": b"<x/>" for n in range(600)}), "file.too_many_parts"),
    "entities": (
        lambda: with_sheet(lambda xml: b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + xml),
        "file.declares_entities",
    ),
    "an outside entity": (
        lambda: repacked(GOOD, {"xl/sharedStrings.xml": b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><sst/>'}),
        "file.declares_entities",
    ),
    "XML in UTF-16": (
        lambda: with_sheet(lambda xml: xml.decode().replace("UTF-8", "UTF-16").encode("utf-16")),
        "file.damaged",
    ),
    "a cell in the last corner": (lambda: with_cell(b"XFD1048576"), "file.too_many_columns"),
    "a cell far off in small letters": (lambda: with_cell(b"zzz99998"), "file.too_many_columns"),
    "a cell in the last row": (lambda: with_cell(b"A1048576"), "file.too_many_rows"),
    "many sheets": (lambda: _sheets(60), "file.too_many_sheets"),
    "the wrong sheet": (lambda: workbook([{"a": 1}], headers=["a", "b"], sheet="Ventas"), "file.sheet_missing"),
    "no rows": (lambda: workbook([]), "file.no_records"),
    "no cells at all": (lambda: workbook([], headers=[]), "file.no_records"),
    "a missing column": (lambda: _without("emprendimiento/municipio"), "file.columns_missing"),
    "no identity": (lambda: _without("meta/rootUuid"), "file.columns_missing"),
    "a doubled column": (
        lambda: workbook([submission(1)], headers=[*HEADERS, "emprendedora/nombres"]),
        "file.columns_doubled",
    ),
    "a doubled field in another group": (
        lambda: workbook([submission(1)], headers=[*HEADERS, "otra/nombres"]),
        "file.columns_doubled",
    ),
    "a cell beyond all text": (lambda: _long_text(), "file.text_too_long"),
}


def _flagged(content: bytes) -> bytes:
    """The archive with the bit of encryption set in its directory."""
    at = content.rindex(b"PK\x01\x02")
    return content[: at + 8] + b"\x01\x00" + content[at + 10 :]


def _sheets(number: int) -> bytes:
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        for _ in range(number):
            book.add_worksheet()
    return out.getvalue()


def _long_text() -> bytes:
    inline = b'<row r="9"><c r="A9" t="inlineStr"><is><t>' + b"ab cd" * 8_000 + b"</t></is></c></row></sheetData>"
    return with_sheet(lambda xml: xml.replace(b"</sheetData>", inline))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_with_its_own_code(name: str) -> None:
    make, code = HOSTILE[name]
    with pytest.raises(Invalid) as refused:
        read_export(make(), places.municipalities(), clock.today())
    assert refused.value.code == code


def test_what_kobo_publishes_besides_is_refused_by_what_it_is(reference_data: Path) -> None:
    forms = reference_data / "field_forms"
    expected = {
        "csem_inventario_xlsform.xlsx": "file.is_the_form",
        "kobo_docs_repeat_group_dataset_export.xlsx": "file.sheet_missing",
        "kobocat_legacy_transportation_export.xlsx": "file.sheet_missing",
        "kobocat_grouped_gps_xlsform.xls": "file.old_workbook",
        "kobocat_legacy_transportation.csv": "file.sheet_missing",
        "kobocat_legacy_tutorial_w_repeats.csv": "file.sheet_missing",
        "csem_inventario.xml": "file.not_a_workbook",
    }
    for name, code in expected.items():
        with pytest.raises(Invalid) as refused:
            read_export((forms / name).read_bytes(), places.municipalities(), clock.today())
        assert (name, refused.value.code) == (name, code)


def test_a_file_larger_than_the_limit_is_not_even_looked_at() -> None:
    with pytest.raises(Invalid) as refused:
        read_sheets(b"x" * 2000, Limits(file_bytes=1000))
    assert refused.value.code == "file.too_large"


def test_rows_columns_and_cells_have_limits_of_their_own() -> None:
    three = workbook([submission(n) for n in range(1, 4)])
    for limits, code in (
        (Limits(rows=3), "file.too_many_rows"),
        (Limits(columns=10), "file.too_many_columns"),
        (Limits(cells=100), "file.too_many_cells"),
    ):
        with pytest.raises(Invalid) as refused:
            read_sheets(three, limits)
        assert refused.value.code == code


def test_a_child_that_eats_memory_or_time_costs_a_refusal_and_no_worker() -> None:
    with pytest.raises(Invalid) as refused:
        run_limited(eat_memory, memory_mb=100, seconds=20)
    assert (refused.value.code, refused.value.facts["reason"]) == ("file.cannot_be_read", "memory")
    with pytest.raises(Invalid) as refused:
        run_limited(eat_time, seconds=1)
    assert refused.value.facts["reason"] == "time"
    with pytest.raises(Invalid) as refused:
        run_limited(die)
    assert refused.value.code == "file.cannot_be_read"


def eat_memory() -> int:
    return len(bytearray(2**30))


def eat_time() -> None:
    while True:
        zlib.crc32(b"x")


def die() -> None:
    import ctypes

    ctypes.string_at(0)


def test_a_refusal_inside_the_child_is_the_same_refusal_outside() -> None:
    with pytest.raises(Invalid) as refused:
        run_limited(read_export, _without("emprendimiento/municipio"), places.municipalities(), clock.today())
    assert refused.value.code == "file.columns_missing"
    assert refused.value.facts["columns"] == "municipio"


def test_a_defect_inside_the_child_is_a_defect_outside() -> None:
    with pytest.raises(RuntimeError, match="TypeError"):
        run_limited(read_export, 7, places.municipalities(), clock.today())


def test_an_import_of_a_hostile_file_fails_with_a_sentence_and_takes_nothing_in(sqlite_house: House) -> None:
    make, code = HOSTILE["a bomb that lies"]
    shown = sqlite_house.take_in(make())
    assert (shown["state"], shown["report"]) == ("failed", None)
    assert shown["refusal"]["code"] == code
    assert "MB" in shown["refusal"]["detail"]
    assert sqlite_house.call("GET", "/enterprises").json["items"] == []


def test_formula_cells_are_text_here_and_harmless_in_what_goes_out(sqlite_house: House) -> None:
    content = workbook([submission(1, nombre_neg="=1+1", empleo_f="=cmd|'/c calc'!A0")])
    shown = sqlite_house.take_in(content)
    assert sqlite_house.call("GET", "/enterprises").json["items"][0]["name"] == "=1+1"
    table = sqlite_house.call("GET", f"/imports/{shown['id']}/problems.csv", TECHNICIAN).get_data(as_text=True)
    assert table.startswith("\ufeffsheet;row;column;code;message;suggestion")
    assert not [
        cell for line in table.splitlines() for cell in line.split(";") if cell.strip('"').startswith(("=", "+", "@"))
    ]


def test_the_name_of_a_sheet_is_as_harmless_in_the_report_as_in_an_export(sqlite_house: House) -> None:
    shown = sqlite_house.take_in(workbook([submission(1, empleo_f="veintiocho")], sheet="\uff1dSUMA(1)"))
    table = sqlite_house.call("GET", f"/imports/{shown['id']}/problems.csv", TECHNICIAN).get_data(as_text=True)
    assert {line.split(";")[0] for line in table.splitlines()[1:]} == {"'\uff1dSUMA(1)"}


def test_bytes_changed_at_random_are_read_or_refused_and_never_a_defect() -> None:
    random = Random(20260301)
    outcomes = set()
    for _ in range(120):
        content = bytearray(GOOD)
        for _ in range(random.choice((1, 4, 40))):
            content[random.randrange(len(content))] = random.randrange(256)
        try:
            outcomes.add(len(read_export(bytes(content), places.municipalities(), clock.today())["submissions"]))
        except Invalid as refused:
            outcomes.add(refused.code)
    assert "file.damaged" in outcomes
