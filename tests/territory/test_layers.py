"""Reference layers: sent, read within limits, seen where they belong, used by analyses, deleted."""

import io
import json
import math
import sqlite3
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from click.testing import CliRunner
from sqlalchemy import func, select, update

from services.territory import reference
from services.territory.cli import group
from services.territory.intake import features as intake
from services.territory.models import LayerFeature, ReferenceLayer
from services.territory.queries import layers as queries
from services.territory.rules.analysis.roads import roads as network
from services.territory.use_cases import send_layer as use_cases
from services.territory.use_cases.send_layer import read_limited
from shared import history
from shared.database import Database
from shared.events.registry import Point
from shared.identity import Caller
from shared.jobs import job_table, now
from shared.kernel import Forbidden, Invalid, NotFound, Refused
from shared.testing import person
from tests.territory.conftest import register
from tests.territory.test_boundaries import run_jobs
from tests.territory.test_reading_boundaries import collection, shapefile, zipped

pytestmark = pytest.mark.both_databases

LEDA = person("leda_viewer", scope="HN17")
VALLE = [[-87.9, 13.2, -87.2, 13.8]]
LON, LAT = -87.44, 13.42


def feature(geometry: dict[str, Any], **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def point(lon: float = LON, lat: float = LAT, **properties: Any) -> dict[str, Any]:
    return feature({"type": "Point", "coordinates": [lon, lat]}, **properties)


def line(*coordinates: tuple[float, float], **properties: Any) -> dict[str, Any]:
    return feature({"type": "LineString", "coordinates": [list(one) for one in coordinates]}, **properties)


MARKETS = collection(
    point(nombre="Mercado de San Lorenzo", puestos=120, telefono="9999-9999", abierto=True),
    point(LON + 0.05, nombre="Mercado de Nacaome", puestos=80),
)
ROADS = collection(
    line((LON, LAT), (LON + 0.1, LAT), maxspeed="50 km/h"),
    line((LON + 0.1, LAT), (LON + 0.1, LAT + 0.1), maxspeed="30 mph"),
    line((LON, LAT), (LON, LAT + 0.1), maxspeed="variable"),
)


def read(content: bytes, kind: str = "markets", layer: str | None = None, boxes: Any = VALLE) -> dict[str, Any]:
    return read_limited(content, layer, boxes, kind)


def test_properties_are_plain_and_nobody_is_named() -> None:
    found = read(MARKETS)

    name, wkb, properties, *box = found["features"][0]
    assert (found["shape"], name) == ("point", "Mercado de San Lorenzo")
    assert properties == {"nombre": "Mercado de San Lorenzo", "puestos": 120, "abierto": True}
    assert shapely.from_wkb(wkb).coords[0] == (LON, LAT)
    assert box == [LON, LAT, LON, LAT]
    assert found["report"]["left_out"] == ["telefono"]


@pytest.mark.parametrize(
    "column",
    [
        "tel_contacto",
        "propietarios",
        "nombre_duena",
        "nombreDuena",
        "Dueñas",
        "e-mail",
        "CEL.MOVIL2",
        "persona_encargada",
    ],
)
def test_a_column_that_names_a_person_in_any_of_its_words_is_left_out(column: str) -> None:
    found = read(collection(point(nombre="Mercado", puestos=3, **{column: "Rosa"})))

    assert found["report"]["left_out"] == [column]
    assert "Rosa" not in json.dumps([row[2] for row in found["features"]])


@pytest.mark.parametrize("column", ["direccion", "hotel", "cuota", "puestos", "tipo_de_via"])
def test_a_column_of_a_place_stays(column: str) -> None:
    assert read(collection(point(nombre="Mercado", **{column: "uno"})))["report"]["left_out"] == []


def test_odd_values_are_left_out_or_cut() -> None:
    content = json.dumps({"type": "FeatureCollection", "features": [
        point(nombre="a\u202eb" * 200, lista=[1], objeto={"a": 1}, grande=1e300, vacio="  "),
        point(nombre="x", nan=None),
    ]}).encode()  # fmt: skip
    found = read(content)

    properties = found["features"][0][2]
    assert properties["nombre"] == "ab" * 100
    assert not {"grande", "vacio"} & set(properties)
    assert all(isinstance(value, str | int | float | bool) for value in properties.values())
    assert found["report"]["cut"] >= 1


def test_a_shapefile_in_metres_comes_into_degrees(tmp_path: Path) -> None:
    found = read(shapefile(tmp_path, "HN1709"), kind="other", boxes=[[-180, -90, 180, 90]])

    assert found["shape"] == "polygon"
    assert abs(found["features"][0][3]) < 180


def test_a_geopackage_of_several_layers_is_read_by_the_one_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "dos.gpkg"
    for name, count in (("pocos", 1), ("muchos", 3)):
        wkb = np.array([shapely.to_wkb(shapely.Point(LON, LAT + n / 100)) for n in range(count)], dtype=object)
        pyogrio.raw.write(path, wkb, [np.array(["x"] * count, dtype=object)], ["nombre"], layer=name, driver="GPKG",
                          geometry_type="Point", crs="EPSG:4326", append=path.exists())  # fmt: skip
    content = path.read_bytes()

    assert len(read(content)["features"]) == 3
    assert len(read(content, layer="pocos")["features"]) == 1
    with pytest.raises(Invalid, match=r"layers\.no_such_layer"):
        read(content, layer="otra")


def test_areas_whose_rings_cross_are_mended() -> None:
    bow = {"type": "Polygon", "coordinates": [[[LON, LAT], [LON + 0.1, LAT + 0.1], [LON + 0.1, LAT], [LON, LAT + 0.1],
                                                [LON, LAT]]]}  # fmt: skip
    found = read(collection(feature(bow)), kind="other")

    assert found["report"]["mended"] == 1
    assert shapely.is_valid(shapely.from_wkb(found["features"][0][1]))


def test_what_lies_beside_the_territory_stays_and_is_counted() -> None:
    found = read(collection(point(), point(-89.2, 13.7)))

    assert (len(found["features"]), found["report"]["outside"]) == (2, 1)


def geopackage_with_a_view(tmp_path: Path) -> bytes:
    path = tmp_path / "vista.gpkg"
    pyogrio.raw.write(path, np.array([shapely.to_wkb(shapely.Point(LON, LAT))], dtype=object),
                      [np.array(["x"], dtype=object)], ["nombre"], layer="a", driver="GPKG", geometry_type="Point",
                      crs="EPSG:4326")  # fmt: skip
    with sqlite3.connect(path) as database:
        database.execute("CREATE VIEW b AS SELECT load_extension('x')")
    database.close()
    return path.read_bytes()


def many_vertices() -> bytes:
    angles = np.linspace(0, 2 * math.pi, 1_000_001)
    ring = np.column_stack([LON + 0.1 * np.cos(angles), LAT + 0.1 * np.sin(angles)]).round(7)
    ring[-1] = ring[0]
    return collection(feature({"type": "LineString", "coordinates": ring.tolist()}))


def nested(depth: int) -> dict[str, Any]:
    geometry: dict[str, Any] = {"type": "Point", "coordinates": [LON, LAT]}
    for _ in range(depth):
        geometry = {"type": "GeometryCollection", "geometries": [geometry]}
    return geometry


HOSTILE: list[tuple[str, Callable[[], bytes], str]] = [
    ("a VRT body", lambda: b"<OGRVRTDataSource><OGRVRTLayer/></OGRVRTDataSource>", "layers.format"),
    ("a path of GDAL's", lambda: b"/vsicurl/http://127.0.0.1/x.gpkg", "layers.format"),
    ("a linked reference system", lambda: collection(point(), crs={"type": "link", "properties": {"href": "http://x"}}),
     "layers.reference_elsewhere"),
    ("deep nesting", lambda: b'{"a":' * 60_000, "layers.nested_too_deeply"),
    ("nested collections", lambda: collection(feature(nested(3))), "layers.not_plain_shapes"),
    ("a collection", lambda: collection(feature(nested(1))), "layers.not_plain_shapes"),
    ("no features", lambda: collection(), "layers.empty"),
    ("features without shape", lambda: collection({"type": "Feature", "properties": {}, "geometry": None}), "layers.empty"),
    ("NaN", lambda: MARKETS.replace(str(LON).encode(), b"NaN", 1), "layers.not_finite"),
    ("beyond the earth", lambda: collection(point(500, 140)), "layers.not_on_earth"),
    ("metres without a projection", lambda: collection(point(452_000, 1_485_000)), "layers.not_on_earth"),
    ("axes exchanged", lambda: collection(point(LAT, LON)), "layers.elsewhere"),
    ("another country", lambda: collection(point(2.35, 48.85)), "layers.elsewhere"),
    ("too far east", lambda: collection(point(LON + 2, LAT)), "layers.elsewhere"),
    ("too far west", lambda: collection(point(LON - 2, LAT)), "layers.elsewhere"),
    ("too far north", lambda: collection(point(LON, LAT + 2)), "layers.elsewhere"),
    ("too far south", lambda: collection(point(LON, LAT - 2)), "layers.elsewhere"),
    ("points and lines", lambda: collection(point(), line((LON, LAT), (LON, LAT + 1))), "layers.mixed"),
    ("a million vertices", many_vertices, "layers.too_many_vertices"),
    ("many columns", lambda: collection(point(**{f"c{n}": n for n in range(80)})), "layers.too_many_columns"),
    ("a zip bomb", lambda: zipped(a_dot_shp=b"\0" * 60_000_000, a_dot_shx=b"x", a_dot_dbf=b"x"), "layers.zip_too_large"),
    ("a zip of nothing", lambda: zipped(a_dot_txt=b"x"), "layers.one_shapefile"),
    ("a broken GeoPackage", lambda: b"SQLite format 3\0" + b"\0" * 52 + b"GPKG" + b"\0" * 400, "file.cannot_be_read"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "code"), [one[1:] for one in HOSTILE], ids=[one[0] for one in HOSTILE])
def test_a_hostile_layer_costs_a_refusal(content: Callable[[], bytes], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(content())
    assert refused.value.code == code


def test_a_view_in_a_geopackage_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"layers\.not_a_table"):
        read(geopackage_with_a_view(tmp_path))


def test_roads_that_are_points_are_refused() -> None:
    with pytest.raises(Invalid, match=r"layers\.roads_are_lines"):
        read(MARKETS, kind="roads")


def test_more_features_than_are_read_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "MAX_FEATURES", 1)
    words = {"name": ["nombre"], "speed": [], "personal": []}
    with pytest.raises(Invalid, match=r"layers\.too_many_features"):
        _in_this_process(MARKETS, words)


def _in_this_process(content: bytes, words: dict[str, list[str]]) -> None:
    """Without forgetting GDAL's drivers, which the other tests of this process need."""
    allow = intake.allow_only
    intake.allow_only = lambda _pyogrio, _driver: None
    try:
        intake.read_features(content, None, VALLE, words, False)
    finally:
        intake.allow_only = allow


def send(service: SimpleNamespace, content: bytes = MARKETS, caller: Caller = LEDA, **more: str) -> Any:
    told = {"kind": "markets", "title": "Mercados de Valle", "source": "ADEL Valle", "units": "HN17"} | more
    return service.call(caller, "POST", "/layers", data={"file": (io.BytesIO(content), "m.geojson"), **told})


def sent(service: SimpleNamespace, content: bytes = MARKETS, caller: Caller = LEDA, **more: str) -> str:
    answer = send(service, content, caller, **more)
    assert answer.status_code == 202, answer.get_data(as_text=True)
    run_jobs(service)
    return str(answer.json["id"])


def test_a_layer_is_sent_shown_drawn_and_taken_home(service: SimpleNamespace) -> None:
    layer_id = sent(service)
    reader = person("planner", scope="HN1709")

    shown = service.get(reader, f"/layers/{layer_id}").json
    assert (shown["state"], shown["features"], shown["units"], shown["shape"]) == ("ready", 2, ["HN17"], "point")
    rows = service.get(reader, f"/layers/{layer_id}/features?limit=1")
    assert rows.json["items"][0]["properties"]["puestos"] == 120
    assert 'rel="next"' in rows.headers["Link"]
    drawn = service.get(reader, f"/layers/{layer_id}/drawing").json
    assert drawn["drawn"] == 2
    assert '<title id="layer-title">Mercados de Valle</title>' in drawn["drawing"]
    whole = json.loads(service.get(reader, f"/layers/{layer_id}/document?format=geojson").data)
    assert whole["features"][0]["geometry"] == {"type": "Point", "coordinates": [LON, LAT]}
    assert "telefono" not in json.dumps(whole)
    table = service.get(reader, f"/layers/{layer_id}/document?format=csv").get_data(as_text=True).splitlines()
    told = dict(zip(table[0].lstrip("\ufeff").split(";"), table[1].split(";"), strict=True))
    assert (told["Número"], told["puestos"], told["Longitud"], told["Latitud"]) == ("1", "120", str(LON), str(LAT))
    assert "telefono" not in told
    assert service.get(reader, "/layers?kind=roads").json["items"] == []
    assert len(service.get(reader, "/layers?kind=markets").json["items"]) == 1


def test_a_geopackage_comes_back_as_it_went_in(service: SimpleNamespace, tmp_path: Path) -> None:
    layer_id = sent(service)
    path = tmp_path / "de-vuelta.gpkg"
    path.write_bytes(service.get(LEDA, f"/layers/{layer_id}/document?format=gpkg").data)

    back = read(path.read_bytes())
    assert [one[0] for one in back["features"]] == ["Mercado de San Lorenzo", "Mercado de Nacaome"]


def test_a_layer_is_seen_in_its_territory_and_nowhere_else(service: SimpleNamespace) -> None:
    layer_id = sent(service)

    for scope, seen in (("HN17", 1), ("HN", 1), ("HN1709", 1), ("*", 1), ("HN08", 0), ("SV", 0)):
        reader = person("technician", scope=scope)
        assert len(service.get(reader, "/layers").json["items"]) == seen, scope
        for path in ("", "/features", "/drawing", "/document"):
            assert service.get(reader, f"/layers/{layer_id}{path}").status_code == (200 if seen else 404), scope


@pytest.mark.parametrize("role", ["technician", "planner", "auditor", "admin"])
def test_others_may_not_send_layers(service: SimpleNamespace, role: str) -> None:
    assert send(service, caller=person(role, scope="HN17")).status_code == 403


@pytest.mark.parametrize(("units", "status"), [("HN08", 403), ("HN17,SV", 403), ("HN99", 422), ("x", 422), ("", 422)])
def test_a_layer_of_another_territory_is_refused(service: SimpleNamespace, units: str, status: int) -> None:
    assert send(service, units=units).status_code == status


def test_the_same_file_twice_is_refused_until_the_first_is_deleted(service: SimpleNamespace) -> None:
    layer_id = sent(service)
    again = send(service)
    assert (again.status_code, again.json["code"]) == (409, "layers.sent_already")
    assert send(service, units="HN1709").status_code == 202
    run_jobs(service)

    version = service.get(LEDA, f"/layers/{layer_id}").json["version"]
    headers = {"If-Match": f'"{version}"'}
    assert service.call(LEDA, "DELETE", f"/layers/{layer_id}").status_code == 428
    assert service.call(LEDA, "DELETE", f"/layers/{layer_id}", headers={"If-Match": '"99"'}).status_code == 412
    assert service.call(LEDA, "DELETE", f"/layers/{layer_id}", headers=headers).status_code == 204
    assert service.get(LEDA, f"/layers/{layer_id}").status_code == 404
    with service.database.reading() as session:
        assert [entry["action"] for entry in history.of(session, _uuid(layer_id))] == ["send", "delete"]
    assert send(service).status_code == 202


def _uuid(text: str) -> Any:
    from uuid import UUID

    return UUID(text)


def test_who_works_in_a_part_of_it_deletes_no_layer(service: SimpleNamespace) -> None:
    layer_id = sent(service)
    version = service.get(LEDA, f"/layers/{layer_id}").json["version"]

    refused = service.call(
        person("coordinator", scope="HN1709"), "DELETE", f"/layers/{layer_id}", headers={"If-Match": f'"{version}"'}
    )
    assert refused.status_code == 403


def test_a_layer_that_cannot_be_read_says_why_in_her_language(service: SimpleNamespace) -> None:
    layer_id = sent(service, b"<OGRVRTDataSource/>")
    shown = service.get(LEDA, f"/layers/{layer_id}").json

    assert (shown["state"], shown["problem"]["code"]) == ("unreadable", "layers.format")
    assert "GeoPackage" in shown["problem"]["detail"]
    assert service.get(LEDA, f"/layers/{layer_id}/drawing").json["drawn"] == 0
    assert json.loads(service.get(LEDA, f"/layers/{layer_id}/document").data)["features"] == []


def test_a_reading_that_was_killed_is_taken_up_again(service: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = send(service)
    whole = use_cases.keep_features

    def killed(*given: Any) -> None:
        whole(*given)
        raise KeyboardInterrupt

    monkeypatch.setattr(use_cases, "keep_features", killed)
    with pytest.raises(KeyboardInterrupt):
        run_jobs(service)
    monkeypatch.setattr(use_cases, "keep_features", whole)
    with service.database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(LayerFeature)) == 0
        session.execute(update(job_table).where(job_table.c.state == "running").values(due_at=now()))
    run_jobs(service)

    assert service.get(LEDA, f"/layers/{answer.json['id']}").json["features"] == 2


def keep(database: Database, content: bytes, kind: str, units: list[str]) -> ReferenceLayer:
    """A layer as the job leaves it."""
    with database.transaction() as session:
        made = ReferenceLayer.received(
            LEDA, file_id=_uuid("01890000-0000-7000-8000-000000000000"), sha256=kind, units=units, layer=None, kind=kind,
            title=f"{kind} de {units[0]}", source="ADEL", licence="",
        )  # fmt: skip
        session.add(made)
        session.flush()
        use_cases.keep_features(session, made, read(content, kind=kind))
        return made


def test_analyses_take_the_facilities_of_their_units(database: Database) -> None:
    keep(database, MARKETS, "markets", ["HN17"])
    with database.reading() as session:
        found = queries.facilities(session, "markets", ["HN1709"])
        assert found.names == ("Mercado de San Lorenzo", "Mercado de Nacaome")
        assert found.lon.tolist() == pytest.approx([LON, LON + 0.05])
        assert found.sources == ("markets de HN17",)
        assert len(queries.facilities(session, "markets", ["HN"])) == 2
        assert len(queries.facilities(session, "banks", ["HN17"])) == 0
        assert len(queries.facilities(session, "markets", ["SV14"])) == 0
        assert len(queries.facilities(session, "markets", [])) == 0


def test_an_area_counts_as_a_place_inside_it(database: Database) -> None:
    square = json.loads(shapely.to_geojson(shapely.box(LON, LAT, LON + 0.02, LAT + 0.02)))
    keep(database, collection(feature(square, name="Feria")), "markets", ["HN17"])
    with database.reading() as session:
        found = queries.facilities(session, "markets", ["HN17"])
    assert LON < found.lon[0] < LON + 0.02


def test_roads_come_with_their_speeds_and_make_a_network(database: Database) -> None:
    keep(database, ROADS, "roads", ["HN17"])
    with database.reading() as session:
        found = queries.roads(session, ["HN17"])

    assert found.kmh[:2].tolist() == pytest.approx([50, 48.28032])
    assert np.isnan(found.kmh[2])
    assert network(found.lines, kmh=found.kmh).lines == 3


def test_without_a_layer_there_are_no_roads(database: Database) -> None:
    with database.reading() as session:
        found = queries.roads(session, ["HN17"])
    assert (found.lines, len(found.kmh), found.sources) == ((), 0, ())


@pytest.mark.parametrize(("text", "kmh"), [("40", 40), (40, 40), ("25.5 km/h", 25.5), ("none", None), (None, None),
                                           ("999", None), ("0", None), ("50;60", None)])  # fmt: skip
def test_a_speed_is_read_where_it_is_one(text: object, kmh: float | None) -> None:
    found = queries._speed(text, 200)

    assert found == kmh if kmh is not None else math.isnan(found)


def test_a_deleted_layer_cannot_be_deleted_again(database: Database) -> None:
    made = keep(database, MARKETS, "markets", ["HN17"])
    made.delete()
    with pytest.raises(Refused, match=r"layers\.deleted_already"):
        made.delete()


def test_outside_the_territory_nothing_is_deleted(database: Database) -> None:
    made = keep(database, MARKETS, "markets", ["HN17"])
    with database.transaction() as session:
        with pytest.raises(Forbidden):
            use_cases.delete_layer(session, person("coordinator", scope="SV"), made.id, version=None)
        with pytest.raises(NotFound):
            use_cases.delete_layer(session, LEDA, _uuid("01890000-0000-7000-8000-000000000009"), version=None)


@pytest.mark.services
def test_on_postgresql_features_are_real_geometry(tmp_path: Path) -> None:
    from sqlalchemy import text

    from shared.testing import database_of

    with database_of("territory", tmp_path, "postgresql") as database:
        keep(database, MARKETS, "markets", ["HN17"])
        with database.reading() as session:
            kinds = session.execute(text("SELECT DISTINCT ST_GeometryType(geom), ST_SRID(geom) FROM layer_feature"))
            assert kinds.all() == [("ST_Point", 4326)]


def command(service: SimpleNamespace, *arguments: str) -> Any:
    house = SimpleNamespace(service=lambda _name: service.built)
    return CliRunner().invoke(group, list(arguments), obj=house)


def test_the_command_brings_exports_and_deletes_a_layer(service: SimpleNamespace, tmp_path: Path) -> None:
    path = tmp_path / "mercados.geojson"
    path.write_bytes(MARKETS)
    told = ["--kind", "markets", "--title", "Mercados", "--source", "ADEL", "--unit", "HN17"]

    done = command(service, "layers", "import", str(path), *told)
    assert done.exit_code == 0, done.output
    layer_id = done.output.split()[0]
    assert "telefono" in done.output
    assert layer_id in command(service, "layers", "list").output
    out = tmp_path / "fuera.gpkg"
    assert command(service, "layers", "export", layer_id, "-o", str(out)).exit_code == 0
    assert out.read_bytes().startswith(b"SQLite format 3")
    assert isinstance(command(service, "layers", "import", str(path), *told).exception, Refused)
    assert command(service, "layers", "delete", layer_id).exit_code == 0
    assert command(service, "layers", "list").output == ""


def test_the_way_leads_along_the_roads_that_were_sent_to_the_places_of_a_layer(service: SimpleNamespace) -> None:
    with service.database.transaction() as session:
        register(session, 3, point=Point(lon=LON, lat=LAT, accuracy_m=5.0))
        register(session, 2, "HN1701", point=None)
    technician = person("technician", scope="HN17")
    ask = "/analyses/reach?unit=HN17&to=markets"
    refused = service.get(technician, ask, headers={"Accept-Language": "es"})
    assert (refused.status_code, refused.json["code"]) == (409, "analysis.no_layer")
    market = collection(point(LON + 0.1, LAT + 0.1, nombre="Mercado ficticio"))
    sent(service, market)

    straight = service.get(technician, ask, headers={"Accept-Language": "es"}).json
    assert any("Mercados de Valle" in note for note in straight["notes"])
    assert "Líneas rectas" in straight["notes"][0]
    served = next(table for table in straight["tables"] if table["name"] == "facilities")["rows"]
    assert [(row["facility"], row["enterprises"]) for row in served] == [("Mercado ficticio", 3)]
    assert straight["points_show"]

    sent(service, ROADS, kind="roads", title="Caminos de Valle")
    along = service.get(technician, ask, headers={"Accept-Language": "es"}).json
    by_road, direct = (
        next(table for table in told["tables"] if table["name"] == "facilities")["rows"][0]["mean_km"]
        for told in (along, straight)
    )
    assert "100 % se midió por los caminos cargados" in along["notes"][0]
    assert direct == pytest.approx(15.5, abs=0.2)
    assert by_road == pytest.approx(10.8 + 11.1, abs=0.2), "round the corner, for the middle is not passable"
    assert service.get(technician, "/analyses/reach?to=roads").status_code == 422


def sites_of(service: SimpleNamespace) -> tuple[str, str]:
    """The best place for one market day, and how its ways were measured."""
    ask = "/analyses/sites?unit=HN17&places=1"
    told = service.get(person("technician", scope="HN17"), ask, headers={"Accept-Language": "es"}).json
    return next(table for table in told["tables"] if table["name"] == "sites")["rows"][0]["site"], told["notes"][0]


def test_the_best_place_for_a_market_day_is_where_the_roads_meet(service: SimpleNamespace) -> None:
    seats = {code: reference.municipalities()[code] for code in ("HN1701", "HN1703", "HN1709")}
    with service.database.transaction() as session:
        for code in seats:
            register(session, 5, code, point=None)
    in_line, note = sites_of(service)
    assert "líneas rectas" in note

    hub = next(seat for seat in seats.values() if not in_line.startswith(seat.name))
    spokes = [line((hub.lon, hub.lat), (seat.lon, seat.lat)) for seat in seats.values() if seat is not hub]
    sent(service, collection(*spokes), kind="roads", title="Caminos de Valle")

    by_road, note = sites_of(service)
    assert by_road.startswith(hub.name)
    assert "Por los caminos cargados, para el 100 % de las mujeres" in note


def test_roads_that_join_no_places_leave_straight_lines_and_say_so(service: SimpleNamespace) -> None:
    with service.database.transaction() as session:
        register(session, 5, "HN1701", point=None)
    seat = reference.municipalities()["HN1701"]
    sent(
        service, collection(line((seat.lon + 0.2, seat.lat), (seat.lon + 0.21, seat.lat))), kind="roads", title="Lejos"
    )

    assert "no unen bastantes" in sites_of(service)[1]
