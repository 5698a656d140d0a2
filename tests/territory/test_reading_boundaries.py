"""Boundary files: the official one with its quality report, and a corpus of bad ones that cost a refusal."""

import io
import json
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pyogrio
import pytest
import shapely

from services.territory import reference
from services.territory.intake import container
from services.territory.intake.columns import official_code
from services.territory.use_cases.take_boundaries import read_limited
from shared.kernel import Invalid


@cache
def official_file(data: Path) -> dict[str, Any]:
    return read_limited((data / "boundaries" / "gt_sv_hn_admin.gpkg").read_bytes(), {})


def test_the_official_file_is_understood_without_being_told_anything(reference_data: Path) -> None:
    read = official_file(reference_data)

    assert read["layers"] == ["adm2", "adm1"]
    assert read["layer"] == "adm2"
    assert read["mapping"] == {"code": "adm2_code", "name": "adm2_name", "country": None}
    assert len(read["shapes"]) == read["report"]["matched"] == 900
    assert {country: told["found"] for country, told in read["report"]["countries"].items()} == {
        "GT": 340,
        "HN": 298,
        "SV": 262,
    }


def test_its_quality_report_names_overlaps_gaps_and_what_is_no_municipality(reference_data: Path) -> None:
    report = official_file(reference_data)["report"]

    overlaps = report["overlaps"]
    assert (overlaps["pairs"], overlaps["across_borders"]) == (763, 57)
    assert overlaps["largest"][0] == {"codes": ["HN1613", "HN1628"], "hectares": pytest.approx(15143, abs=1)}
    assert report["unknown"] == {
        "count": 7,
        "named": ["GT0100", "GT0700", "SV0399", "SV1099", "SV1299", "SV1298", "HN9999"],
    }
    assert report["gaps"]["count"] > 0
    assert report["misplaced"]["count"] == report["invalid"]["count"] == report["repeated"]["count"] == 0


def test_the_honduran_file_as_published_is_understood_by_its_geocode(reference_data: Path) -> None:
    content = (reference_data / "boundaries" / "raw_hn_all_municipios_geocodigo.geojson").read_bytes()

    read = read_limited(content, {})

    assert read["mapping"] == {"code": "GEOCODIGO", "name": "NOMBRE", "country": "HN"}
    assert read["report"]["countries"]["HN"] == {"expected": 298, "found": 298, "missing": []}
    assert any("HN0313" in told for told in read["report"]["names"]["named"])


def test_a_mapping_that_was_chosen_is_kept(reference_data: Path) -> None:
    content = (reference_data / "boundaries" / "raw_hn_all_municipios_geocodigo.geojson").read_bytes()

    read = read_limited(content, {"code": "GEOCODIGO", "country": "HN", "name": "COLOR"})

    assert read["mapping"] == {"code": "GEOCODIGO", "name": "COLOR", "country": "HN"}


@pytest.mark.parametrize(
    ("value", "country", "code"),
    [("HN0301", None, "HN0301"), (" hn0301 ", None, "HN0301"), ("0301", "HN", "HN0301"), (301, "HN", "HN0301"),
     (301.0, "HN", "HN0301"), ("030100", "HN", "HN0301"), ("30100", "HN", "HN0301"), ("030101", "HN", None),
     ("0301", None, None), ("Tela", "HN", None), (None, "HN", None)],
)  # fmt: skip
def test_codes_are_read_as_institutions_write_them(value: object, country: str | None, code: str | None) -> None:
    assert official_code(value, country) == code


def collection(*features: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features)} | more).encode()


def feature(geometry: Any, code: str = "HN1709") -> dict[str, Any]:
    return {"type": "Feature", "properties": {"code": code}, "geometry": geometry}


def around(code: str, size: float = 0.1) -> dict[str, Any]:
    """A square around the centroid of a municipality."""
    unit = reference.municipalities()[code]
    return json.loads(
        shapely.to_geojson(shapely.box(unit.lon - size, unit.lat - size, unit.lon + size, unit.lat + size))
    )


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return out.getvalue()


MUCH = bytes(range(256)) * 20 + b"x" * 5000


def damaged(archive: bytes) -> bytes:
    """The archive with a first member whose packed bytes no longer unpack."""
    start = 30 + len("a.shp")
    return archive[:start] + b"\xff" * 10 + archive[start + 10 :]


def shapefile(folder: Path, *codes: str) -> bytes:
    """A zipped Shapefile, in a subfolder and with a projected reference system, as institutions send it."""
    import pyproj

    to_utm = pyproj.Transformer.from_crs(4326, 32616, always_xy=True)
    shapes = [shapely.from_geojson(json.dumps(around(code))) for code in codes]
    flat = [
        shapely.transform(s, lambda xy: __import__("numpy").column_stack(to_utm.transform(xy[:, 0], xy[:, 1])))
        for s in shapes
    ]
    import numpy as np

    pyogrio.raw.write(
        folder / "muni.shp", geometry=np.array(shapely.to_wkb(flat), dtype=object), field_data=[np.array(codes, dtype=object)],
        fields=np.array(["COD"]), geometry_type="Polygon", crs="EPSG:32616", driver="ESRI Shapefile",
    )  # fmt: skip
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path in folder.glob("muni.*"):
            archive.write(path, f"Límites/{path.name}")
    return out.getvalue()


def test_a_zipped_shapefile_in_another_projection_is_read_in_degrees(tmp_path: Path) -> None:
    read = read_limited(shapefile(tmp_path, "HN1709", "HN1701"), {})

    shape = shapely.from_wkb(read["shapes"]["HN1709"])
    unit = reference.municipalities()["HN1709"]
    assert shape.centroid.distance(shapely.Point(unit.lon, unit.lat)) < 0.001
    assert read["report"]["countries"]["HN"]["found"] == 2


def test_a_bow_tie_is_told_and_mended() -> None:
    unit = reference.municipalities()["HN1709"]
    x, y = unit.lon, unit.lat
    tie = {
        "type": "Polygon",
        "coordinates": [
            [[x - 0.1, y - 0.1], [x + 0.1, y + 0.1], [x + 0.1, y - 0.1], [x - 0.1, y + 0.1], [x - 0.1, y - 0.1]]
        ],
    }

    read = read_limited(collection(feature(tie)), {})

    told = read["report"]["invalid"]
    assert told["count"] == 1
    assert told["named"][0]["code"] == "HN1709"
    assert "Self-intersection" in told["named"][0]["reason"]
    assert shapely.from_wkb(read["shapes"]["HN1709"]).is_valid


def test_repeated_unknown_and_misplaced_codes_are_told() -> None:
    read = read_limited(
        collection(
            feature(around("HN1709")), feature(around("HN1709", 0.2)), feature(around("HN1701")),
            feature(around("GT0101"), "HN1702"), feature(around("HN1703"), "HN9999"),
        ),
        {},
    )  # fmt: skip

    report = read["report"]
    assert report["repeated"]["named"] == ["HN1709"]
    assert report["unknown"]["named"] == ["HN9999"]
    assert report["misplaced"]["named"] == ["HN1701", "HN1702"] or report["misplaced"]["named"] == ["HN1702"]


def deep(levels: int) -> bytes:
    return b'{"type":"FeatureCollection","features":[' + b"[" * levels + b"]" * levels + b"]}"


def geopackage(tmp: Path, *statements: str) -> bytes:
    path = tmp / "made.gpkg"
    import numpy as np

    box = shapely.to_wkb([shapely.box(-87.5, 13.3, -87.3, 13.5)])
    pyogrio.raw.write(path, geometry=np.array(box, dtype=object), field_data=[np.array(["HN1709"], dtype=object)],
                      fields=np.array(["code"]), geometry_type="Polygon", crs="EPSG:4326", driver="GPKG", layer="m")  # fmt: skip
    with closing(sqlite3.connect(path)) as database, database:
        for statement in statements:
            database.execute(statement)
    return path.read_bytes()


VRT = b'<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
NETWORK = VRT.replace(b"/etc/passwd", b"/vsicurl/http://127.0.0.1:9/x.geojson")
NAN = b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"HN1709"},"geometry":{"type":"Polygon","coordinates":[[[NaN,13],[-87,13],[-87,14],[NaN,13]]]}}]}'
HUGE = NAN.replace(b"NaN", b"1e400")


def elsewhere(kind: str, where: str) -> bytes:
    """A GeoJSON whose coordinate system would have to be fetched."""
    crs = {
        "type": kind,
        "properties": {"href": "http://127.0.0.1:9/x", "url": "http://127.0.0.1:9/x", "type": "ogcwkt"},
    }
    told = {where: {"crs": crs}}
    one = feature(around("HN1709") | told.get("geometry", {})) | told.get("feature", {})
    return collection(one, **told.get("file", {}))


def nested_collections(levels: int) -> dict[str, Any]:
    geometry: dict[str, Any] = {"type": "Point", "coordinates": [0, 0]}
    for _ in range(levels):
        geometry = {"type": "GeometryCollection", "geometries": [geometry]}
    return geometry


BAD: dict[str, tuple[Callable[[Path], bytes], str]] = {
    "text": (lambda _: b"municipio;codigo\n", "boundaries.format"),
    "a VRT": (lambda _: VRT, "boundaries.format"),
    "a VRT that asks the network": (lambda _: NETWORK, "boundaries.format"),
    "a VRT in a zip": (lambda _: zipped(muni_dot_vrt=VRT), "boundaries.one_shapefile"),
    "a VRT called .shp": (lambda _: zipped(m_dot_shp=VRT, m_dot_shx=VRT, m_dot_dbf=VRT), "file.cannot_be_read"),
    "a VRT inside a GeoJSON": (
        lambda _: collection(feature(None), name=VRT.decode()),
        "boundaries.no_polygons|boundaries.no_codes|file.cannot_be_read",
    ),
    "XML": (lambda _: b"<?xml version='1.0'?><kml/>", "boundaries.format"),
    "a bare SQLite file": (lambda _: container._SQLITE + b"\0" * 200, "boundaries.format"),
    "a cut GeoPackage": (lambda tmp: geopackage(tmp)[:5000], "file.cannot_be_read"),
    "a GeoPackage with a view": (
        lambda tmp: geopackage(tmp, "CREATE VIEW v AS SELECT * FROM m"),
        "boundaries.not_a_table",
    ),
    "a GeoPackage with a virtual table": (
        lambda tmp: geopackage(tmp, "CREATE VIRTUAL TABLE t USING fts5(x)"),
        "boundaries.not_a_table",
    ),
    "deep GeoJSON": (lambda _: deep(100_000), "boundaries.nested_too_deeply"),
    "nested collections": (lambda _: collection(feature(nested_collections(9))), "boundaries.nested_too_deeply"),
    "a shallow collection": (
        lambda _: collection(feature(nested_collections(1))),
        "boundaries.no_polygons|boundaries.not_polygons",
    ),
    **{
        f"a reference system at an address ({kind} in {where})": (
            lambda _, kind=kind, where=where: elsewhere(kind, where),
            "boundaries.reference_elsewhere",
        )
        for kind in ("link", "URL", "Link")
        for where in ("file", "feature", "geometry")
    },
    "a reference system told twice": (
        lambda _: collection(feature(around("HN1709"))).replace(
            b'"type"', b'"crs": null, "crs": {"type": "name"}, "type"', 1
        ),
        "file.cannot_be_read",
    ),
    "points": (lambda _: collection(feature({"type": "Point", "coordinates": [-87, 13]})), "boundaries.no_polygons"),
    "one geometry": (lambda _: b'{"type":"Polygon","coordinates":[]}', "boundaries.format"),
    "broken JSON": (lambda _: b'{"type":"FeatureCollection","features":[', "file.cannot_be_read"),
    "not a number": (lambda _: NAN, "boundaries.not_finite|file.cannot_be_read|boundaries.no_codes"),
    "infinite": (lambda _: HUGE, "boundaries.not_finite|file.cannot_be_read|boundaries.no_codes"),
    "off the earth": (
        lambda _: collection(
            feature({"type": "Polygon", "coordinates": [[[500, 140], [501, 140], [501, 141], [500, 140]]]})
        ),
        "boundaries.not_on_earth",
    ),
    "metres without a projection": (
        lambda _: collection(
            feature({"type": "Polygon", "coordinates": [[[4e5, 1.5e6], [5e5, 1.5e6], [5e5, 1.6e6], [4e5, 1.5e6]]]})
        ),
        "boundaries.not_on_earth",
    ),
    "unknown codes": (lambda _: collection(feature(around("HN1709"), "ZZ0001")), "boundaries.no_codes"),
    "no features": (lambda _: collection(), "boundaries.no_polygons|boundaries.no_codes|file.cannot_be_read"),
    "an empty zip": (lambda _: zipped(), "boundaries.one_shapefile"),
    "two Shapefiles": (
        lambda _: zipped(**{f"{n}_dot_{s}": b"x" for n in "ab" for s in ("shp", "shx", "dbf")}),
        "boundaries.one_shapefile",
    ),
    "a Shapefile without its table": (lambda _: zipped(a_dot_shp=b"x", a_dot_shx=b"x"), "boundaries.one_shapefile"),
    "a zip bomb": (
        lambda _: zipped(a_dot_shp=b"\0" * 150_000_000, a_dot_shx=b"", a_dot_dbf=b""),
        "boundaries.zip_too_large",
    ),
    "a zip of many": (lambda _: zipped(**{f"f{n}": b"" for n in range(100)}), "boundaries.zip_too_large"),
    "a zip with damaged content": (
        lambda _: damaged(zipped(a_dot_shp=MUCH, a_dot_shx=MUCH, a_dot_dbf=MUCH)),
        "file.cannot_be_read",
    ),
    "a cut zip": (lambda _: zipped(a_dot_shp=b"x" * 999)[:60], "file.cannot_be_read"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_with_a_reason(name: str, tmp_path: Path) -> None:
    make, codes = BAD[name]

    content, folder = make(tmp_path), tmp_path / "unpacked"
    folder.mkdir()
    assert refusal(content, folder) in codes.split("|")


def refusal(content: bytes, folder: Path) -> str:
    """The code with which a file is refused; most are before any library of others sees them."""
    try:
        container.unpack(content, folder)
        read_limited(content, {})
    except Invalid as refused:
        return refused.code
    return "taken"


@pytest.mark.parametrize(
    ("choice", "code"),
    [({"layer": "nada"}, "boundaries.no_such_layer"), ({"code": "nada"}, "boundaries.no_such_column"),
     ({"name": "nada"}, "boundaries.no_such_column"), ({"country": "GT", "code": "code"}, None)],
)  # fmt: skip
def test_a_choice_that_the_file_does_not_offer_is_refused(choice: dict[str, str], code: str | None) -> None:
    content = collection(feature(around("HN1709")))
    if code is None:
        assert read_limited(content, choice)["report"]["matched"] == 1
        return
    with pytest.raises(Invalid) as refused:
        read_limited(content, choice)
    assert refused.value.code == code


def test_two_combs_that_would_take_minutes_cost_a_refusal() -> None:
    def comb(teeth: int, dx: float) -> list[list[float]]:
        unit = reference.municipalities()["HN1709"]
        points = [
            [unit.lon + dx + 0.4 * i / teeth - 0.2, unit.lat + (0.1 if i % 2 else -0.1) + dx] for i in range(2 * teeth)
        ]
        return [*points, [unit.lon + 0.25, unit.lat - 0.3], [unit.lon - 0.25, unit.lat - 0.3], points[0]]

    shapes = [
        feature({"type": "Polygon", "coordinates": [comb(3000, dx)]}, code)
        for dx, code in ((0, "HN1709"), (1e-5, "HN1701"))
    ]
    from services.territory.intake.reading import read_boundaries
    from shared.sandbox import run_limited

    with suppress_unreadable():
        run_limited(read_boundaries, collection(*shapes), {}, seconds=6, memory_mb=600)


@contextmanager
def suppress_unreadable() -> Iterator[None]:
    """Either the machine is fast enough, or the sandbox gives the file up: nothing else may happen."""
    try:
        yield
    except Invalid as refused:
        if refused.code != "file.cannot_be_read":
            raise
