"""Uploaded layers and clusters at the standard doors: items, filters, tiles and files, for who may see them."""

import io
import json
from tempfile import NamedTemporaryFile
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pyogrio.raw
import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from shapely import LineString, MultiLineString

from services.territory.rules.access import PUBLISHED_FIGURES
from services.territory.rules.vector_tiles import line_commands
from shared.events.registry import Point
from shared.identity import Caller
from shared.testing import person
from tests.territory.conftest import register
from tests.territory.doors.test_tiles import path, read
from tests.territory.test_layers import LAT, LON, ROADS, collection, feature, point, sent

TECHNICIAN = person("technician", scope="HN17")
LEDA = person("leda_viewer", scope="HN17")
PLANNER = person("planner", scope="HN1709")
STRANGER = person("technician", scope="GT01")
SQUARE = feature(
    {"type": "Polygon", "coordinates": [[[LON, LAT], [LON + 0.1, LAT], [LON + 0.1, LAT + 0.1], [LON, LAT]]]}, clase="A"
)


@pytest.fixture
def markets(service: SimpleNamespace) -> SimpleNamespace:
    """Two markets of Valle, and their collection."""
    service.at = f"/ogc/collections/layer-{sent(service)}"
    return service


def names(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [one["properties"]["nombre"].removeprefix("Mercado de ") for one in answer.json["features"]]


def test_a_layer_is_among_the_collections_of_who_reads_it(markets: SimpleNamespace) -> None:
    listed = {one["id"]: one["title"] for one in markets.get(PLANNER, "/ogc/collections").json["collections"]}

    assert listed[markets.at.rpartition("/")[2]] == "Mercados de Valle"
    assert not any(
        one["id"].startswith("layer-") for one in markets.get(STRANGER, "/ogc/collections").json["collections"]
    )
    told = markets.get(PLANNER, markets.at).json
    assert told["description"].startswith("ADEL Valle")


@pytest.mark.parametrize("what", ["", "/items", "/items/1", "/queryables", "/tiles", "/download?format=csv"])
def test_there_is_no_layer_outside_the_territory(markets: SimpleNamespace, what: str) -> None:
    assert markets.get(STRANGER, markets.at + what).status_code == 404
    assert markets.get(STRANGER, path(markets.at.rpartition("/")[2], 9, LON, LAT)).status_code == 404


def test_items_come_page_by_page_and_one_by_one(markets: SimpleNamespace) -> None:
    first = markets.get(LEDA, f"{markets.at}/items?limit=1")
    (onward,) = [link["href"] for link in first.json["links"] if link["rel"] == "next"]
    second = markets.get(LEDA, onward.split("/v1", 1)[1])

    assert names(first) + names(second) == ["San Lorenzo", "Nacaome"]
    assert not [link for link in second.json["links"] if link["rel"] == "next"]
    alone = markets.get(LEDA, f"{markets.at}/items/{first.json['features'][0]['id']}").json
    assert alone["geometry"]["coordinates"] == [LON, LAT]
    assert markets.get(LEDA, f"{markets.at}/items/99").status_code == 404
    assert "telefono" not in alone["properties"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("puestos > 100", ["San Lorenzo"]),
        ("nombre LIKE '%Naca%'", ["Nacaome"]),
        ("puestos BETWEEN 80 AND 90", ["Nacaome"]),
        ("puestos / 2 = 60", ["San Lorenzo"]),
        ("abierto = 1", ["San Lorenzo"]),
        ("abierto IS NULL", ["Nacaome"]),
        ("CASEI(nombre) = casei('MERCADO DE NACAOME')", ["Nacaome"]),
        (f"S_INTERSECTS(geometry, BBOX({LON - 0.01}, {LAT - 0.01}, {LON + 0.01}, {LAT + 0.01}))", ["San Lorenzo"]),
        ("puestos > 900", []),
    ],
)
def test_a_filter_names_the_columns_of_the_layer(markets: SimpleNamespace, query: str, found: list[str]) -> None:
    assert names(markets.get(LEDA, f"{markets.at}/items?filter={quote(query)}")) == found
    whole = markets.get(LEDA, f"{markets.at}/download?format=geojson&filter={quote(query)}")
    assert len(json.loads(whole.data)["features"]) == len(found)


def test_a_bad_filter_of_a_layer_is_told_with_its_place(markets: SimpleNamespace) -> None:
    for query in ("telefono = '1'", "puestos >", "puestos = 'x'"):
        answer = markets.get(LEDA, f"{markets.at}/items?filter={quote(query)}")
        assert answer.status_code == 400, query


def test_queryables_are_the_columns_that_were_kept(markets: SimpleNamespace) -> None:
    told = markets.get(LEDA, f"{markets.at}/queryables").json["properties"]

    assert told["puestos"] == {"type": "number"}
    assert set(told) == {"nombre", "puestos", "abierto", "geometry"}


def test_a_box_takes_what_touches_it(markets: SimpleNamespace) -> None:
    box = f"{LON + 0.04},{LAT - 0.01},{LON + 0.06},{LAT + 0.01}"

    assert names(markets.get(LEDA, f"{markets.at}/items?bbox={box}")) == ["Nacaome"]


def test_a_box_across_the_date_line_is_what_lies_on_either_side(markets: SimpleNamespace) -> None:
    assert names(markets.get(LEDA, f"{markets.at}/items?bbox=170,0,-80,30")) == ["San Lorenzo", "Nacaome"]
    assert names(markets.get(LEDA, f"{markets.at}/items?bbox=170,0,-95,30")) == []


@pytest.mark.parametrize("what", ["after=" + "9" * 30, "after=xyz", "after=-1", "datetime=nonsense"])
def test_what_cannot_be_read_is_a_bad_request(markets: SimpleNamespace, what: str) -> None:
    assert markets.get(TECHNICIAN, f"{markets.at}/items?{what}").status_code == 400
    assert markets.get(TECHNICIAN, f"/ogc/collections/clusters/items?{what}").status_code == 400


@pytest.mark.parametrize("form", ["gpkg", "geojson", "fgb", "csv", "xlsx"])
def test_a_file_loses_no_value_and_no_column(service: SimpleNamespace, form: str) -> None:
    houses = [point(Nombre=number, nombre="A", id_=7, id=8) for number in (*range(200), "12A")]
    at = f"/ogc/collections/layer-{sent(service, collection(*houses), kind='other', title='Casas')}"

    answer = service.get(LEDA, f"{at}/download?format={form}")

    assert answer.status_code == 200
    if form == "csv":
        assert "12A" in answer.data.decode("utf-8-sig")
    if form == "gpkg":
        with NamedTemporaryFile(suffix=".gpkg") as file:
            file.write(answer.data)
            file.flush()
            meta, _, _, values = pyogrio.raw.read(file.name)
        told = dict(zip(map(str, meta["fields"]), values, strict=True))
        assert len({name.lower() for name in told}) == len(told)
        assert "12A" in [value for column in told.values() for value in column]


@pytest.mark.parametrize("form", ["gpkg", "geojson", "fgb", "csv", "xlsx"])
def test_a_layer_is_taken_home_in_every_form(markets: SimpleNamespace, form: str) -> None:
    answer = markets.get(LEDA, f"{markets.at}/download?format={form}")

    assert answer.status_code == 200
    assert "Mercados" in answer.headers["Content-Disposition"]
    if form in {"csv", "xlsx"}:
        whole = answer.data.decode("utf-8-sig") if form == "csv" else str(
            CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()
        )  # fmt: skip
        assert "Mercado de Nacaome" in whole
        return
    with NamedTemporaryFile(suffix=f".{form}") as file:
        file.write(answer.data)
        file.flush()
        assert len(pyogrio.raw.read(file.name)[2]) == 2


def test_roads_and_areas_are_features_too(service: SimpleNamespace) -> None:
    roads = f"/ogc/collections/layer-{sent(service, ROADS, kind='roads', title='Caminos')}"
    areas = f"/ogc/collections/layer-{sent(service, collection(SQUARE), kind='other', title='Riego')}"

    for at, kind in ((roads, "LineString"), (areas, "Polygon")):
        shapes = {one["geometry"]["type"] for one in service.get(LEDA, f"{at}/items").json["features"]}
        assert {shape.removeprefix("Multi") for shape in shapes} == {kind}
        assert service.get(LEDA, f"{at}/download?format=fgb").status_code == 200
        tile = read(service.get(LEDA, path(at.rpartition("/")[2], 9, LON + 0.05, LAT + 0.05)))["features"]
        assert {one["geometry"]["type"].removeprefix("Multi") for one in tile} == {kind}


def test_a_tile_has_what_lies_in_it(markets: SimpleNamespace) -> None:
    layer = markets.at.rpartition("/")[2]
    near = read(markets.get(LEDA, path(layer, 14, LON, LAT)))["features"]
    wide = read(markets.get(LEDA, path(layer, 6, LON, LAT)))["features"]

    assert [one["properties"]["name"] for one in near] == ["Mercado de San Lorenzo"]
    assert len(wide) == 2
    assert read(markets.get(LEDA, path(layer, 14, 20.0, 20.0))) == {}
    told = markets.get(LEDA, f"{markets.at}/tiles/WebMercatorQuad/tilejson").json
    assert told["name"] == "Mercados de Valle"


GRID = st.tuples(st.integers(-64, 4160), st.integers(-64, 4160))


@given(st.lists(st.lists(GRID, min_size=2, max_size=6, unique=True), min_size=1, max_size=4))
def test_lines_are_read_back_as_they_were_written(lines: list[list[tuple[int, int]]]) -> None:
    numbers, values, shift = [], 0, 0
    for byte in line_commands(MultiLineString([LineString(one) for one in lines])):
        values |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            numbers.append(values)
            values = shift = 0
    found: list[list[tuple[int, int]]] = []
    x = y = place = 0
    while place < len(numbers):
        command, count = numbers[place] & 7, numbers[place] >> 3
        place += 1
        if command == 1:
            found.append([])
        for _ in range(count):
            x += numbers[place] >> 1 ^ -(numbers[place] & 1)
            y += numbers[place + 1] >> 1 ^ -(numbers[place + 1] & 1)
            found[-1].append((x, y))
            place += 2
    assert found == lines


@pytest.fixture
def crowds(service: SimpleNamespace) -> SimpleNamespace:
    """Eight enterprises of fishing near each other, six of cashew elsewhere, four in a third place."""
    with service.database.transaction() as session:
        for count, lon, chain, agreed in ((8, -87.449, "fishing", True), (6, -87.309, "cashew", False),
                                          (4, -87.609, "dairy", True)):  # fmt: skip
            for number in range(count):
                at = Point(lon=lon + number / 10_000, lat=13.421, accuracy_m=8.0)
                register(session, 1, chain=chain, point=at, consent_map=agreed, jobs_women=2)
    return service


def clusters(answer: Any) -> list[tuple[int, int, str]]:
    assert answer.status_code == 200, answer.text
    rows = (one["properties"] for one in answer.json["features"])
    return [(row["enterprises"], row["women"], row["main_chain"]) for row in rows]


def test_clusters_are_features_of_five_and_more(crowds: SimpleNamespace) -> None:
    whole = crowds.get(TECHNICIAN, "/ogc/collections/clusters/items")

    assert clusters(whole) == [(8, 16, "fishing"), (6, 12, "cashew")]
    assert {one["geometry"]["type"] for one in whole.json["features"]} == {"Polygon"}
    assert clusters(crowds.get(TECHNICIAN, "/ogc/collections/clusters/items?chain=cashew")) == [(6, 12, "cashew")]
    assert clusters(crowds.get(TECHNICIAN, "/ogc/collections/clusters/items?filter=enterprises%3C8")) == [
        (6, 12, "cashew")
    ]
    assert clusters(crowds.get(TECHNICIAN, "/ogc/collections/clusters/items?bbox=-87.5,13,-87.4,14")) == [
        (8, 16, "fishing")
    ]
    first = crowds.get(TECHNICIAN, "/ogc/collections/clusters/items?limit=1").json
    assert [link["rel"] for link in first["links"]].count("next") == 1
    assert crowds.get(TECHNICIAN, "/ogc/collections/clusters/items/2").json["properties"]["enterprises"] == 6
    cashew = crowds.get(TECHNICIAN, "/ogc/collections/clusters/items?chain=cashew").json["features"][0]
    alone = crowds.get(TECHNICIAN, f"/ogc/collections/clusters/items/{cashew['id']}?chain=cashew").json
    assert alone["properties"] == cashew["properties"]
    assert clusters(crowds.get(TECHNICIAN, "/ogc/collections/clusters/items?bbox=170,13,-87.4,14")) == [
        (8, 16, "fishing")
    ]
    assert crowds.get(TECHNICIAN, "/ogc/collections/clusters/items/3").status_code == 404


def test_masked_readers_get_clusters_of_who_agreed_only(crowds: SimpleNamespace) -> None:
    told = clusters(crowds.get(LEDA, "/ogc/collections/clusters/items"))

    assert all(chain != "cashew" and number >= 5 for number, _, chain in told)


def test_clusters_have_tiles_for_map_programs(crowds: SimpleNamespace) -> None:
    def shown(caller: Caller, query: str = "") -> list[tuple[int, int, str]]:
        told = read(crowds.get(caller, path("clusters", 7, -87.449, 13.421) + query)).get("clusters", [])
        rows = (one["properties"] for one in told)
        return [(row["enterprises"], row["women"], row["main_chain"]) for row in rows]

    assert shown(TECHNICIAN) == [(8, 16, "fishing"), (6, 12, "cashew")]
    assert shown(TECHNICIAN, "?chain=cashew") == [(6, 12, "cashew")]
    assert "cashew" not in {chain for _, _, chain in shown(LEDA)}
    assert crowds.get(PLANNER, path("clusters", 7, -87.449, 13.421)).status_code == 403
    assert crowds.get(TECHNICIAN, path("clusters", 12, -87.9, 13.9)).status_code == 204
    assert crowds.get(TECHNICIAN, "/ogc/collections/clusters/tiles/WebMercatorQuad/3/9/9").status_code == 404
    told = crowds.get(TECHNICIAN, "/ogc/collections/clusters/tiles/WebMercatorQuad/tilejson").json
    assert [one["id"] for one in told["vector_layers"]] == ["clusters"]


def test_a_new_neighbour_is_in_the_cluster_at_once(crowds: SimpleNamespace) -> None:
    assert clusters(crowds.get(TECHNICIAN, "/ogc/collections/clusters/items"))[0] == (8, 16, "fishing")
    with crowds.database.transaction() as session:
        at = Point(lon=-87.449, lat=13.421, accuracy_m=8.0)
        register(session, 1, chain="fishing", point=at, consent_map=True, jobs_women=3)
    assert clusters(crowds.get(TECHNICIAN, "/ogc/collections/clusters/items"))[0] == (9, 19, "fishing")


@pytest.mark.parametrize("role", sorted(PUBLISHED_FIGURES))
def test_who_sees_no_points_gets_no_clusters(crowds: SimpleNamespace, role: str) -> None:
    caller = person(role, scope="HN17")

    assert crowds.get(caller, "/ogc/collections/clusters/items").status_code == 403
    listed = crowds.get(caller, "/ogc/collections").json["collections"]
    assert "clusters" not in {one["id"] for one in listed}


@pytest.mark.parametrize("form", ["gpkg", "geojson", "fgb", "csv", "xlsx"])
def test_clusters_are_taken_home(crowds: SimpleNamespace, form: str) -> None:
    answer = crowds.get(TECHNICIAN, f"/ogc/collections/clusters/download?format={form}")

    assert answer.status_code == 200
    if form == "geojson":
        told = json.loads(answer.data)["features"]
        assert [one["properties"]["enterprises"] for one in told] == [8, 6]
        assert {one["geometry"]["type"] for one in told} == {"Polygon"}
        assert "geometry" not in told[0]["properties"]


def test_who_takes_clusters_home_leaves_them_for_the_next_reader(crowds: SimpleNamespace) -> None:
    """They are kept in the process: once, a download took their outlines out of what was kept."""
    what = "/ogc/collections/clusters/items"
    before = crowds.get(TECHNICIAN, what).json["features"]
    for form in ("csv", "geojson"):
        assert crowds.get(TECHNICIAN, f"/ogc/collections/clusters/download?format={form}").status_code == 200
    assert crowds.get(TECHNICIAN, what).json["features"] == before


def test_points_of_a_layer_do_not_leave_their_tile(service: SimpleNamespace) -> None:
    many = collection(*(point(LON + number / 50, LAT, nombre=str(number)) for number in range(8)))
    layer = f"layer-{sent(service, many)}"
    tiles = {path(layer, 13, LON + number / 50, LAT) for number in range(8)}

    told = [one["properties"]["name"] for tile in tiles for one in read(service.get(LEDA, tile))["features"]]
    assert sorted(told) == [str(number) for number in range(8)]


def test_the_doors_are_read_with_layers_as_pages(markets: SimpleNamespace) -> None:
    for what in ("", "/items", "/items/1", "/queryables", "/tiles"):
        page = markets.get(LEDA, f"{markets.at}{what}?f=html")
        assert page.status_code == 200, what
        assert "<h1>" in page.text
