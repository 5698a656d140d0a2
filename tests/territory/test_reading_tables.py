"""Tables of denominators and units: the real ones are recognised, bad ones cost a refusal."""

import gzip
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.territory.intake import snappy, tables
from services.territory.intake.denominators import observed, read_denominators
from services.territory.intake.mapping import as_number, class_code, mapped
from services.territory.intake.tables import Table, read_table
from services.territory.intake.units import as_day, judged, read_units
from services.territory.models.tables import DENOMINATORS
from services.territory.use_cases.take_tables import read_limited
from shared.kernel import Invalid

GUATEMALA = "municipal_gt"


@pytest.mark.parametrize(
    ("file", "preset", "indicator", "values", "total"),
    [
        ("cuadroA1_poblacion_total_por_sexo_grupos_quinquenales_de__ed.json", "gt_census_2018_population",
         "population", 340 * 24, 14_901_286),
        ("cuadroA13_poblacion_de_15_anos_y_mas_economicamente_activa_e.json", "gt_census_2018_active",
         "economically_active", 340, 5_020_548),
        ("cuadroB1_hogares_por_tipo_de_tenencia_de_la_vivienda_sexo_de.json", "gt_census_2018_households",
         "households", 340, 3_275_931),
        ("gt_poverty_headcount_sae_2023_by_municipality.csv", "gt_poverty_2023", "poverty", 340, None),
        ("indice_de_pobreza_multidimensional.json", "gt_ipm_2014", "multidimensional_poverty", 340, None),
        ("ranking_municipal_segepla.json", "gt_ranking_2018", "municipal_ranking", 340, None),
    ],
)  # fmt: skip
def test_the_tables_of_guatemala_are_recognised(
    reference_data: Path, file: str, preset: str, indicator: str, values: int, total: float | None
) -> None:
    read = read_denominators((reference_data / GUATEMALA / file).read_bytes(), {})

    assert (read["mapping"]["preset"], read["mapping"]["indicator"]) == (preset, indicator)
    assert len(read["values"]) == values
    assert read["report"]["countries"]["GT"] == {"expected": 340, "found": 340, "missing": []}
    assert read["report"]["unequal"]["count"] == read["report"]["unknown"]["count"] == 0
    if total:
        assert read["report"]["total"] == total


def test_codes_that_the_census_printed_wrong_are_put_right_and_told(reference_data: Path) -> None:
    content = (
        reference_data / GUATEMALA / "cuadroA1_poblacion_total_por_sexo_grupos_quinquenales_de__ed.json"
    ).read_bytes()
    read = read_denominators(content, {})

    assert [one["code"] for one in read["report"]["corrected"]] == ["GT1015", "GT1311", "GT1406", "GT0207", "GT0206"]
    assert all(one["es"] and one["en"] for one in read["report"]["corrected"])
    told = {(row["id_municipal"], row["municipio"]): row["Poblacion total"] for row in json.loads(content)}
    totals = {value[0]: value[5] for value in read["values"] if value[1:5] == ["all"] * 4}
    assert totals["GT0206"] == told[207, "Sanarate"]
    assert totals["GT0207"] == told[206, "Sansare"]
    assert totals["GT1311"] == told[3111, "La Libertad"]


def test_an_interval_comes_with_the_poverty_of_a_municipality(reference_data: Path) -> None:
    read = read_denominators(
        (reference_data / GUATEMALA / "gt_poverty_headcount_sae_2023_by_municipality.csv").read_bytes(), {}
    )

    assert all(low <= value <= high and 0 <= value <= 1 for *_, value, low, high in read["values"])


def test_the_directory_of_honduras_is_the_same_counted_or_whole(reference_data: Path) -> None:
    """The codes lost their zeros, the labels of sizes have spaces; the sum of the parts is every establishment."""
    folder = reference_data / "establishments_hn"
    whole = read_limited((folder / "hnd_dee_2024_trimmed.parquet").read_bytes(), DENOMINATORS, {}, [])
    counted = read_denominators((folder / "hnd_dee_2024_counts_muni_ciiu4_size.csv.gz").read_bytes(), {})

    assert whole["values"] == counted["values"]
    assert whole["report"]["total"] == counted["report"]["total"] == 288_724
    assert {value[0] for value in whole["values"]} >= {"HN0101", "HN1807"}
    assert {value[4] for value in whole["values"]} == {"micro", "small", "medium", "large", "unknown"}
    assert all(len(value[3]) == 4 for value in whole["values"])
    assert whole["report"]["summed"] == ["ciiu", "size"]


def as_csv(*lines: str) -> bytes:
    return "\n".join(lines).encode()


def as_workbook(rows: list[list[Any]], *, sheet: str = "Datos") -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        book.add_worksheet("Notas").write(0, 0, "nota")
        written = book.add_worksheet(sheet)
        for number, row in enumerate(rows):
            written.write_row(number, 0, row)
    return out.getvalue()


SIMPLE = as_csv("codigo;municipio;mujeres;hombres", "1709;San Lorenzo;21,500;20,100", "1701;Nacaome;30000;29000")


def test_columns_are_guessed_by_what_stands_in_them() -> None:
    read = read_denominators(SIMPLE, {"indicator": "population", "year": "2024"})

    assert (read["mapping"]["unit"], read["mapping"]["country"], read["mapping"]["name"]) == (
        "codigo",
        "HN",
        "municipio",
    )
    assert [value[:6] for value in read["values"]] == [
        ["HN1701", "men", "all", "all", "all", 29000.0], ["HN1701", "women", "all", "all", "all", 30000.0],
        ["HN1709", "men", "all", "all", "all", 20100.0], ["HN1709", "women", "all", "all", "all", 21500.0],
    ]  # fmt: skip


def test_a_long_table_and_a_workbook_say_the_same() -> None:
    rows: list[list[Any]] = [["code", "sexo", "valor"], ["HN1709", "Mujeres", 12], ["HN1709", "Hombres", 10]]
    chosen = {"indicator": "population", "year": "2024"}
    book = read_denominators(as_workbook(rows), chosen)
    long = read_denominators(as_csv(*(",".join(map(str, row)) for row in rows)), chosen)

    assert book["values"] == long["values"]
    assert (book["sheets"], book["sheet"]) == (["Notas", "Datos"], "Datos")
    assert {value[1]: value[5] for value in long["values"]} == {"women": 12.0, "men": 10.0}


@pytest.mark.parametrize(
    ("choice", "code"),
    [({"year": "2024"}, "tables.which_indicator"), ({"indicator": "population"}, "tables.which_year"),
     ({"indicator": "population", "year": "2024", "unit": "x"}, "tables.no_such_column"),
     ({"indicator": "population", "year": "2024", "unit": "mujeres"}, "tables.no_units")]
)  # fmt: skip
def test_what_cannot_be_told_is_asked_for(choice: dict[str, str], code: str) -> None:
    with pytest.raises(Invalid, match=code.replace(".", r"\.")):
        read_denominators(SIMPLE, choice)


def test_what_is_wrong_with_a_table_is_counted_by_kind() -> None:
    content = as_csv(
        "codigo,municipio,total,mujeres,hombres",
        "HN1709,San Lorenzo,30,20,10",
        "HN1709,San Lorenzo,99,60,39",
        "HN1701,Tegucigalpa,30,20,9",
        "HN9999,Nada,1,1,1",
        "HN1702,Alianza,-5,s.d.,",
        "HN1703,Amapala,diez,NaN,inf",
        "HN17,Valle,1000,600,400",
    )
    report = read_denominators(content, {"indicator": "population", "year": "2024"})["report"]

    assert (report["unknown"]["count"], report["unknown"]["named"]) == (1, ["HN9999"])
    assert report["repeated"] == {"count": 3, "named": ["HN1709"]}
    assert report["names"]["named"] == ["HN1701: Tegucigalpa / Nacaome"]
    assert report["negative"]["count"] == 1
    assert report["not_numbers"]["count"] == 2
    assert report["unequal"]["named"] == ["HN1701"]
    assert (report["level"], report["other_levels"]) == ("municipality", ["HN17"])
    assert report["blank"] == 3
    assert "HN1704" in report["countries"]["HN"]["missing"]


def test_thousands_written_with_a_point_are_no_count() -> None:
    content = as_csv("codigo;total", "HN1709;21.500", "HN1701;30000")
    report = read_denominators(content, {"indicator": "population", "year": "2024"})["report"]

    assert (report["not_whole"]["named"], report["values"]) == (["total: 21.500"], 1)


def test_no_value_is_ever_no_number() -> None:
    table = Table({"codigo": ["HN1709"], "total": [float("nan")]}, 1)
    with pytest.raises(Invalid, match=r"tables\.nothing_usable"):
        observed(table, mapped(table, {"indicator": "population", "year": "2024"}))


@pytest.mark.parametrize(
    ("cell", "number"),
    [("1234", 1234), ("1,234", 1234), ("1.234,5", 1234.5), ("1,234.5", 1234.5), ("12,5", 12.5), ("0,123", 0.123), (7, 7),
     ("1e3", 1000), ("1_000", None), ("\uff11", None), ("", None), (None, None), (True, None), ("12 %", None),
     ("1,23,4", None), ("--5", None)],
)  # fmt: skip
def test_numbers_are_read_where_there_is_no_doubt(cell: object, number: float | None) -> None:
    assert as_number(cell) == number


@pytest.mark.parametrize(("text", "code"), [("111", "0111"), ("0111", "0111"), ("111.0", "0111"), ("G", "G"), ("", None),
                                            ("1111111", None), ("Comercio", None)])  # fmt: skip
def test_classes_get_their_lost_zero_back(text: str, code: str | None) -> None:
    assert class_code(text) == code


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * 201_000_000)
    return out.getvalue()


def evil_workbook(part: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", part)
    return out.getvalue()


HOSTILE: list[tuple[str, Callable[[], bytes], str]] = [
    ("a VRT body", lambda: b"<OGRVRTDataSource><SrcDataSource>/vsicurl/http://x</SrcDataSource></OGRVRTDataSource>", "tables.format"),
    ("NUL bytes", lambda: b"a,b\n1,\0", "tables.format"),
    ("one column", lambda: b"a\n1\n2", "tables.format"),
    ("nothing but heads", lambda: b"a,b\n", "tables.empty"),
    ("a column twice", lambda: b"a,a\n1,2", "tables.column_twice"),
    ("a row too long", lambda: b"a,b\n1,2,3", "tables.ragged"),
    ("too many columns", lambda: as_csv(",".join(f"c{n}" for n in range(400)), ",".join("1" * 400)), "tables.too_many_columns"),
    ("a long text", lambda: b"a,b\n1," + b"x" * 3000, "tables.text_too_long"),
    ("deep JSON", lambda: b"[" * 100_000 + b"]" * 100_000, "tables.nested"),
    ("nested records", lambda: b'[{"a": {"b": 1}}]', "tables.nested"),
    ("JSON without records", lambda: b'{"a": 1}', "tables.no_records"),
    ("broken JSON", lambda: b'[{"a": 1', "file.cannot_be_read"),
    ("a gzip bomb", lambda: gzip.compress(b"0" * 201_000_000), "tables.too_large"),
    ("a broken gzip", lambda: b"\x1f\x8b" + b"x" * 50, "file.cannot_be_read"),
    ("a zip bomb", bomb, "tables.too_large"),
    ("a zip that is no workbook", lambda: zip_of("a.txt"), "tables.format"),
    ("an entity", lambda: evil_workbook(b'<!DOCTYPE x [<!ENTITY a "b">]><x/>'), "file.cannot_be_read"),
    ("a far cell", lambda: evil_workbook(b'<c r="XFD1048576"/>'), "file.cannot_be_read"),
    ("an old workbook", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "tables.old_workbook"),
    ("a broken Parquet", lambda: b"PAR1" + b"\x15" * 400 + (300).to_bytes(4, "little") + b"PAR1", "file.cannot_be_read"),
    ("a Parquet of nothing", lambda: b"PAR1PAR1", "file.cannot_be_read"),
]  # fmt: skip


def zip_of(name: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, b"x")
    return out.getvalue()


@pytest.mark.parametrize(("content", "code"), [(one[1], one[2]) for one in HOSTILE], ids=[one[0] for one in HOSTILE])
def test_a_hostile_table_costs_a_refusal(content: Callable[[], bytes], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_limited(content(), DENOMINATORS, {}, [])
    assert refused.value.code == code


def test_more_rows_than_are_read_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MAX_ROWS", 10)
    with pytest.raises(Invalid, match=r"tables\.too_many_rows"):
        read_table(b"a,b\n" + b"1,2\n" * 11)


@given(st.binary(max_size=300))
def test_no_bytes_bring_the_reader_down(content: bytes) -> None:
    for start in (b"", b"PAR1", b"[", b"a,b\n"):
        try:
            read_table(start + content)
        except Invalid:
            continue


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=20)
@given(st.integers(0, 2**31), st.data())
def test_a_damaged_parquet_is_refused_and_nothing_else(reference_data: Path, place: int, data: st.DataObject) -> None:
    whole = _parquet(reference_data)
    spot = len(whole) - 1 - place % 7_000
    damaged = whole[:spot] + bytes([data.draw(st.integers(0, 255))]) + whole[spot + 1 :]
    try:
        found = tables.read_parquet(damaged, rows=500_000, columns=20)
    except (Invalid, MemoryError):
        return
    names, values = found
    assert len(names) == len(values) <= 20
    assert len({len(column) for column in values}) == 1


def _parquet(reference_data: Path) -> bytes:
    return (reference_data / "establishments_hn/hnd_dee_2024_trimmed.parquet").read_bytes()


def snappy_of(content: bytes) -> bytes:
    """Packed as one literal: what every reader has to take."""
    length, head = len(content), bytearray()
    while length >= 0x80:
        head.append(length & 0x7F | 0x80)
        length >>= 7
    head.append(length)
    return bytes(head) + bytes([61 << 2]) + struct.pack("<H", len(content) - 1) + content


@given(st.binary(min_size=1, max_size=2000))
def test_a_literal_unpacks_to_itself(content: bytes) -> None:
    assert snappy.unpacked(snappy_of(content), len(content)) == content


def test_a_copy_may_reach_into_itself() -> None:
    block = bytes([10, 0 << 2]) + b"a" + bytes([((9 - 1) << 2) | 2, 1, 0])
    assert snappy.unpacked(block, 10) == b"a" * 10


@pytest.mark.parametrize("block", [b"", b"\x05", bytes([10, 2, 0, 0]), bytes([4, 0, 97, 6, 5, 0]), b"\xff" * 8])
def test_a_damaged_block_is_an_error(block: bytes) -> None:
    with pytest.raises((ValueError, IndexError)):
        snappy.unpacked(block, 10)


UNITS = as_csv(
    "codigo,nombre,nivel,municipio,vigente desde,vigente hasta",
    "170901,El Centro,aldea,1709,2001-01-01,",
    "170902,La Criba,aldea,1709,2001-01-01,2010-12-31",
    "170902,La Criba Vieja,aldea,1709,2011-01-01,",
    "170902,La Criba Otra,aldea,1709,2005-01-01,2006-01-01",
    "170903,Sin Lugar,aldea,9999,,",
    "170104,Ajena,aldea,1709,,",
    "170905,Al Revés,aldea,1709,2010-01-01,2009-01-01",
    "170906,el centro,aldea,1709,,",
    "1709,San Lorenzo de Otro,municipio,17,,",
    "x,Nada,aldea,1709,,",
    "170901,El Centro,aldea,1709,2001-01-01,",
)


def test_districts_are_read_with_what_is_wrong_with_them() -> None:
    read = read_units(UNITS, {"country": "HN"}, [])
    report = read["report"]

    assert [value[:4] for value in read["values"]] == [
        ["HN170901", "El Centro", "district", "HN1709"], ["HN170902", "La Criba", "district", "HN1709"],
        ["HN170902", "La Criba Vieja", "district", "HN1709"], ["HN170906", "el centro", "district", "HN1709"],
    ]  # fmt: skip
    assert read["values"][1][4:] == [date(2001, 1, 1), date(2010, 12, 31)]
    counts = {kind: report[kind]["count"] for kind in
              ("codes", "parents", "elsewhere", "days", "overlapping", "names", "same_name")}  # fmt: skip
    assert counts == {"codes": 1, "parents": 1, "elsewhere": 1, "days": 1, "overlapping": 1, "names": 1, "same_name": 1}
    assert "HN1709: San Lorenzo de Otro / San Lorenzo" in report["names"]["named"]


def test_a_village_lies_in_a_district_of_the_file_or_one_known_before() -> None:
    row = {"written": "", "code": "HN170901001", "name": "El Zope", "level": "village", "parent": "HN170901",
           "valid_from": None, "valid_to": None}  # fmt: skip

    assert judged([row], [])[1]["parents"]["count"] == 1
    assert len(judged([row], ["HN170901"])[0]) == 1


@pytest.mark.parametrize(("cell", "day"), [("2024-05-01", date(2024, 5, 1)), ("1/5/2024", date(2024, 5, 1)), ("", None),
                                           (None, None), ("2024-05-01 00:00:00", date(2024, 5, 1))])  # fmt: skip
def test_days_are_read_as_they_are_written_here(cell: object, day: date | None) -> None:
    assert as_day(cell) == day


@pytest.mark.parametrize("cell", ["2024-13-01", "31/2/2024", "mayo", 45000])
def test_what_is_no_day_is_none(cell: object) -> None:
    with pytest.raises(ValueError):
        as_day(cell)


def test_the_format_of_gzip_is_that_of_the_file() -> None:
    assert zlib.decompress(gzip.compress(SIMPLE), 31) == SIMPLE
    assert read_table(gzip.compress(SIMPLE)).rows == 2
