"""Maps of every kind by role: the table says what the drawing says, filters are for who sees live figures, and what is
taken away is the same twice.
"""

import gzip
import io
import re
import xml.etree.ElementTree as ET
from datetime import timedelta
from itertools import combinations
from types import SimpleNamespace
from typing import Any

import pytest
from pypdf import PdfReader

from services.territory.api import points
from services.territory.queries.map_kinds import KINDS
from services.territory.rules.access import EXACT_FIGURES, PUBLISHED_FIGURES
from shared.kernel import clock
from shared.testing import person
from tests.territory.conftest import lend, register

TECHNICIAN = person("technician", scope="HN17")
LEDA = person("leda_viewer", scope="HN17")
PLANNER = person("planner", scope="HN17")
EVERYWHERE = person("technician")


def cells(answer: Any) -> dict[str, list[Any]]:
    assert answer.status_code == 200, answer.json
    return {row["code"]: [cell["value"] for cell in row["cells"]] for row in answer.json["units"]}


def code_of(answer: Any) -> str:
    code: str = answer.json["code"]
    return code


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("chain=cashew", 3),
        ("chain=fishing", 9),
        ("chain=fishing&link=production", 9),
        ("link=production", 12),
        ("need=market", 3),
        ("tier=strategic", 9),
        ("tier=emerging", 0),
        ("validation=validated", 12),
        ("validation=captured", 0),
        ("recorded_from=2025-01-01", 3),
        ("recorded_until=2024-12-31", 9),
        ("recorded_from=2024-05-02&recorded_until=2024-05-02", 9),
        ("measure=women&chain=fishing", 9),
        ("measure=trained", 5),
        ("measure=trained&chain=cashew", 0),
        ("measure=loans&chain=fishing", 6),
        ("measure=loans&chain=cashew", 0),
        ("measure=open_loans", 6),
    ],
)
@pytest.mark.both_databases
def test_filters_let_pass_what_they_say(gulf: SimpleNamespace, query: str, expected: int) -> None:
    answer = gulf.get(TECHNICIAN, f"/map?unit=HN17&{query}")

    assert cells(answer)["HN1709"][0] == expected
    told = f"San Lorenzo: {expected}<" if expected else "San Lorenzo: 0<"
    assert told in answer.json["drawing"]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in {"multiples", "hexagons", "clusters", "flows"}])
def test_the_table_says_what_the_drawing_says(gulf: SimpleNamespace, kind: str) -> None:
    told = gulf.get(TECHNICIAN, f"/map?unit=HN17&kind={kind}").json

    drawn = dict(re.findall(r"<title>([^:<]+): ([^<]+)</title>", told["drawing"]))
    for row in told["units"]:
        texts = [cell["text"] for cell in row["cells"]]
        said = " · ".join(texts[:2]) if kind == "bivariate" else texts[0]
        assert drawn[row["name"]] in {said, "–"}
        assert len(row["cells"]) == len(told["columns"])
    assert told["legend"] or kind == "symbols"
    ET.fromstring(told["drawing"])


def test_a_rate_is_per_hundred_and_of_few_there_is_none(gulf: SimpleNamespace) -> None:
    told = cells(gulf.get(TECHNICIAN, "/map?unit=HN17&measure=women&per=enterprises"))

    assert told["HN1701"] == [200.0]
    assert told["HN1703"] == [None]
    assert gulf.get(TECHNICIAN, "/map?unit=HN17&kind=symbols&per=enterprises").status_code == 422


def test_own_limits_make_the_classes(gulf: SimpleNamespace) -> None:
    told = gulf.get(TECHNICIAN, "/map?unit=HN17&scheme=own_breaks&breaks=2,10").json

    labels = [entry["label"] for entry in told["legend"] if entry["kind"] == "range"]
    assert labels == ["1 – 2", "3 – 10", "11 y más"]
    assert next(row["class_label"] for row in told["units"] if row["code"] == "HN1709") == "11 y más"


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("scheme=own_breaks", "/breaks"),
        ("breaks=5", "/breaks"),
        ("scheme=own_breaks&breaks=9,5", "/breaks"),
        ("scheme=own_breaks&breaks=5,x", "/breaks/1"),
        ("scheme=own_breaks&breaks=0", "/breaks/0"),
        ("number=9", "/number"),
        ("number=1", "/number"),
        ("kind=change&since=2026-05-01&until=2026-05-01", "/since"),
        ("kind=change&since=9999-01-01", "/since"),
        ("kind=bivariate&second=enterprises", "/second"),
        ("kind=pie", "/kind"),
        ("chain=gold", "/chain"),
        ("cell_km=500", "/cell_km"),
        ("level=parish", "/level"),
        ("tier=rich", "/tier"),
    ],
)
def test_what_does_not_go_together_is_refused_with_its_place(gulf: SimpleNamespace, query: str, pointer: str) -> None:
    answer = gulf.get(TECHNICIAN, f"/map?unit=HN17&{query}")

    assert answer.status_code == 422
    assert pointer in [error["pointer"] for error in answer.json["errors"]]


def test_departments_are_shown_of_whole_ones(gulf: SimpleNamespace) -> None:
    told = gulf.get(EVERYWHERE, "/map?unit=HN&level=department")

    assert cells(told)["HN17"][0] == 24
    assert code_of(gulf.get(EVERYWHERE, "/map?unit=HN1709&level=department")) == "map.level_of_a_part"
    assert gulf.get(PLANNER, "/map?unit=HN1709&level=department").status_code == 422


@pytest.mark.both_databases
def test_a_change_counts_both_days(gulf: SimpleNamespace) -> None:
    told = gulf.get(TECHNICIAN, "/map?unit=HN17&kind=change&since=2024-12-31&until=2025-12-31").json

    rows = {row["code"]: [cell["text"] for cell in row["cells"]] for row in told["units"]}
    assert rows["HN1709"] == ["0", "9", "9"]
    assert rows["HN1701"] == ["+7", "0", "7"]
    assert told["legend"][0]["label"] == "Sin cambio"
    before = cells(gulf.get(TECHNICIAN, "/map?unit=HN17&kind=change&measure=loans&since=2026-04-14&until=2026-04-15"))
    assert before["HN1709"] == [6, 0, 6]


@pytest.mark.both_databases
def test_small_maps_by_year_have_one_legend(gulf: SimpleNamespace) -> None:
    told = gulf.get(TECHNICIAN, "/map?unit=HN17&kind=multiples&since=2023-01-01&until=2025-12-31").json

    assert [column["code"] for column in told["columns"]] == ["2023", "2024", "2025"]
    rows = {row["code"]: [cell["value"] for cell in row["cells"]] for row in told["units"]}
    assert rows["HN1709"] == [0, 9, 9]
    assert rows["HN1701"] == [0, 0, 7]
    assert re.findall(r">(202\d)</text>", told["drawing"]) == ["2023", "2024", "2025"]


@pytest.mark.both_databases
def test_the_main_chain_of_each_place_is_named(gulf: SimpleNamespace) -> None:
    told = gulf.get(TECHNICIAN, "/map?unit=HN17&kind=categories").json

    named = {row["code"]: row["cells"][0]["text"] for row in told["units"]}
    assert named["HN1709"] == "Pesca y acuicultura"
    assert named["HN1701"] == "Lácteos"
    assert named["HN1704"] == "Ninguno"


@pytest.mark.parametrize("theme", ["local_moran", "hot_spots"])
def test_patterns_among_neighbours_need_enough_places(gulf: SimpleNamespace, theme: str) -> None:
    few = gulf.get(TECHNICIAN, f"/map?unit=HN1701,HN1703,HN1709&kind=categories&theme={theme}")
    assert (few.status_code, code_of(few)) == (409, "map.too_few_units")
    many = gulf.get(person("network_coordinator"), f"/map?kind=categories&theme={theme}")
    assert (many.status_code, code_of(many)) == (409, "map.too_many_units")


def test_a_hot_spot_is_found_where_it_is(service: SimpleNamespace) -> None:
    with service.database.transaction() as session:
        for place in range(1, 10):
            register(session, 12, f"HN17{place:02}")

    told = service.get(EVERYWHERE, "/map?unit=HN&kind=categories&theme=hot_spots").json
    again = service.get(EVERYWHERE, "/map?unit=HN&kind=categories&theme=local_moran").json

    hot = {row["code"] for row in told["units"] if row["cells"][0]["text"].startswith("Foco")}
    assert hot
    assert all(code[:4] in {"HN17", "HN06", "HN08", "HN12"} for code in hot)
    high = {row["code"] for row in again["units"] if row["cells"][0]["text"] == "Alto entre altos"}
    assert high
    assert all(code.startswith("HN17") for code in high)
    tables = service.get(EVERYWHERE, "/analyses/patterns?unit=HN").json["tables"]
    units = next(table["rows"] for table in tables if table["name"] == "units")
    assert {row["code"] for row in units if row["spot"] == "punto caliente"} == hot, "the analysis says the same"
    assert {row["code"] for row in units if row["local"] == "mucho junto a mucho"} == high


@pytest.mark.both_databases
def test_who_sees_exact_points_counts_them_in_hexagons(gulf: SimpleNamespace) -> None:
    told = gulf.get(TECHNICIAN, "/map?unit=HN17&kind=hexagons&cell_km=2").json

    assert [row["cells"][2]["value"] for row in told["units"]] == [24]
    assert told["units"][0]["name"].endswith("Valle")
    assert "<title>24</title>" in told["drawing"]


@pytest.mark.both_databases
def test_who_sees_masked_points_is_told_no_small_hexagon(gulf: SimpleNamespace) -> None:
    told = gulf.get(LEDA, "/map?unit=HN17&kind=hexagons&cell_km=1").json

    counted = [row["cells"][2] for row in told["units"]]
    assert sum(cell["value"] or 0 for cell in counted) <= 21
    assert all(cell["withheld"] or cell["value"] >= 5 for cell in counted)
    assert not re.search(r"<title>[1-4]</title>", told["drawing"])


def test_more_points_than_are_counted_at_once_are_refused_before_they_are_read(
    gulf: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(points, "MOST_COUNTED", 20)
    answer = gulf.get(TECHNICIAN, "/map?unit=HN17&kind=hexagons")
    assert (answer.status_code, answer.json["code"]) == (409, "map.too_many_points")
    assert gulf.get(TECHNICIAN, "/map?unit=HN1701&kind=hexagons").status_code == 200
    assert gulf.get(LEDA, "/map?unit=HN17&kind=hexagons").status_code == 409


@pytest.mark.parametrize("role", sorted(PUBLISHED_FIGURES))
def test_who_sees_no_points_gets_no_hexagons(gulf: SimpleNamespace, role: str) -> None:
    answer = gulf.get(person(role, scope="HN17"), "/map?unit=HN17&kind=hexagons")

    assert (answer.status_code, code_of(answer)) == (403, "map.no_points")


@pytest.mark.parametrize(
    "query",
    ["tier=strategic", "recorded_from=2024-01-01", "recorded_until=2026-01-01", "chain=fishing&need=credit",
     "need=credit&link=production", "chain=fishing&validation=validated", "measure=trained&chain=fishing",
     "measure=loans&need=credit", "kind=categories&chain=fishing", "kind=multiples&tier=strategic",
     "per=enterprises&measure=loans&chain=fishing"],
)  # fmt: skip
@pytest.mark.parametrize("role", ["planner", "organization", "admin"])
def test_planners_choose_among_published_tables_only(gulf: SimpleNamespace, role: str, query: str) -> None:
    answer = gulf.get(person(role, scope="HN17"), f"/map?unit=HN17&{query}")

    assert (answer.status_code, code_of(answer)) == (409, "map.filter_not_published")
    assert "de uno en uno" in answer.json["detail"]
    assert gulf.get(TECHNICIAN, f"/map?unit=HN17&{query}").status_code == 200


@pytest.mark.parametrize("query", ["chain=fishing", "link=production", "need=credit", "validation=validated",
                                   "chain=fishing&link=production", "chain=dairy&measure=women"])  # fmt: skip
def test_planners_see_published_tables_without_small_counts(gulf: SimpleNamespace, query: str) -> None:
    told = cells(gulf.get(PLANNER, f"/map?unit=HN17&{query}"))

    assert all(value is None or value == 0 or value >= 5 for row in told.values() for value in row)


def is_told_by_subtraction(shown: list[float]) -> bool:
    return any(0 < abs(one - other) < 5 for one, other in combinations(shown, 2))


@pytest.fixture
def gulf_by_year(gulf: SimpleNamespace) -> SimpleNamespace:
    """The gulf, published last year and this year, when in San Lorenzo two, in Nacaome six had come since."""
    with clock.frozen(clock.now() - timedelta(days=370)):
        assert gulf.get(PLANNER, "/map?unit=HN17").status_code == 200
    with gulf.database.transaction() as session:
        register(session, 2, links=["production"])
        register(session, 6, "HN1701", chain="dairy")
    assert gulf.get(PLANNER, "/map?unit=HN17").status_code == 200
    return gulf


@pytest.mark.parametrize("kind", ["choropleth", "symbols", "categories", "bivariate", "change", "multiples"])
def test_no_published_map_of_any_kind_tells_a_small_count(gulf_by_year: SimpleNamespace, kind: str) -> None:
    today = clock.today()
    told = gulf_by_year.get(PLANNER, f"/map?unit=HN17&kind={kind}&since={today - timedelta(days=366)}").json

    shown = [cell["value"] for row in told["units"] for cell in row["cells"]]
    assert any(shown)
    assert all(value is None or value == 0 or value >= 5 for value in shown)
    assert not re.search(r"<title>[^<]*(?:: | · )[1-4](?: ·|<)", told["drawing"])
    assert told["total"] is None
    assert told["published"]


@pytest.mark.parametrize("kind", ["change", "multiples"])
def test_what_changed_by_a_few_is_not_told_by_subtraction(gulf_by_year: SimpleNamespace, kind: str) -> None:
    since = clock.today() - timedelta(days=366)
    told = gulf_by_year.get(PLANNER, f"/map?unit=HN17&kind={kind}&since={since}").json

    rows = {row["code"]: row["cells"] for row in told["units"]}
    by_day = {"change": slice(1, 3), "multiples": slice(0, 2)}[kind]
    for cells_of in rows.values():
        assert not is_told_by_subtraction([cell["value"] for cell in cells_of[by_day] if cell["value"] is not None])
    assert [cell["value"] for cell in rows["HN1709"][by_day]] == [None, 11]
    assert [cell["value"] for cell in rows["HN1701"][by_day]] == [None, 13], "the department's change less hers"
    assert [cell["withheld"] for cell in rows["HN1709"]] == [True, True, False][-len(rows["HN1709"]) :]
    assert "San Lorenzo: 9" not in told["drawing"]
    if kind == "change":
        assert rows["HN1701"][0]["withheld"]


def test_a_rate_between_publications_is_told_where_enough_came_or_went(gulf: SimpleNamespace) -> None:
    with gulf.database.transaction() as session:
        more = register(session, 8)
        for enterprise in more[:6]:
            lend(session, enterprise)
    with clock.frozen(clock.now() - timedelta(days=370)):
        gulf.get(PLANNER, "/map?unit=HN17")
    with gulf.database.transaction() as session:
        for enterprise in more[6:]:
            lend(session, enterprise)
    gulf.get(PLANNER, "/map?unit=HN17")
    since = clock.today() - timedelta(days=366)

    told = gulf.get(PLANNER, f"/map?unit=HN17&kind=change&measure=loans&per=enterprises&since={since}").json

    row = next(row["cells"] for row in told["units"] if row["code"] == "HN1709")
    assert [cell["withheld"] for cell in row] == [True, True, False], "two loans more, whatever their rate"


def test_a_technician_may_print_what_is_published(gulf: SimpleNamespace) -> None:
    told = gulf.get(TECHNICIAN, "/map?unit=HN17&figures=published").json

    assert told["published"]
    assert {row["code"]: row["enterprises"] for row in told["units"]}["HN1709"] == 9
    assert gulf.get(TECHNICIAN, "/map?unit=HN17&figures=published&tier=strategic").status_code == 409


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("role", sorted(EXACT_FIGURES - {"service"}))
def test_every_kind_is_refused_outside_the_territory(gulf: SimpleNamespace, role: str, kind: str) -> None:
    answer = gulf.get(person(role, scope="HN17"), f"/map?unit=HN06&kind={kind}")

    assert (answer.status_code, code_of(answer)) == (403, "permission.outside_scope")


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_country_has_a_map_of_every_kind(service: SimpleNamespace, kind: str) -> None:
    told = service.get(EVERYWHERE, f"/map?unit=HN&kind={kind}&stage=made").json

    ET.fromstring(told["drawing"])
    assert len(gzip.compress(told["drawing"].encode())) <= 25_000


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", ["svg", "png", "csv"])
def test_what_is_taken_away_is_the_same_twice(gulf: SimpleNamespace, kind: str, form: str) -> None:
    path = f"/map/drawing?unit=HN17&kind={kind}&format={form}"
    first, second = gulf.get(TECHNICIAN, path), gulf.get(TECHNICIAN, path)

    assert first.status_code == 200, first.json
    assert first.get_data() == second.get_data()
    if form == "png":
        assert first.get_data().startswith(b"\x89PNG")
    if form == "svg":
        svg = first.get_data().decode()
        assert "Fuente: inventario" in svg
        assert "para el trabajo interno" in svg
        assert " km</text>" in svg


@pytest.mark.parametrize("paper", ["a4", "a3"])
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "flows"])
def test_a_map_on_paper_is_tagged_and_has_its_table(gulf: SimpleNamespace, kind: str, paper: str) -> None:
    path = f"/map/drawing?unit=HN17&kind={kind}&format=pdf&paper={paper}"
    first = gulf.get(TECHNICIAN, path).get_data()

    assert first == gulf.get(TECHNICIAN, path).get_data()
    pdf = PdfReader(io.BytesIO(first))
    size = sorted(float(side) for side in pdf.pages[0].mediabox[2:])
    assert size[0] == pytest.approx({"a4": 595.3, "a3": 841.9}[paper], abs=1)
    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"]
    text = " ".join(page.extract_text() for page in pdf.pages)
    assert "Las mismas cifras en una tabla" in text
    assert "San Lorenzo" in text


def test_the_paper_speaks_the_language_asked_for(gulf: SimpleNamespace) -> None:
    pdf = gulf.get(TECHNICIAN, "/map/drawing?unit=HN17&format=pdf&language=en").get_data()

    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    assert "The same figures as a table" in text
    assert "Enterprises: Valle" in text


def test_the_csv_says_what_is_withheld(gulf: SimpleNamespace) -> None:
    table = gulf.get(PLANNER, "/map/drawing?unit=HN17&format=csv").get_data().decode("utf-8-sig")

    rows = {line.split(";")[0]: line.split(";")[2:] for line in table.splitlines()}
    assert rows["HN1709"][0] == "9"
    assert rows["HN1703"][0] == "reservado"
