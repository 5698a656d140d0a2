"""Reads a file of municipal boundaries and says how good it is. Runs in the sandbox, never in a service's process."""

import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import pi, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely import Geometry

from services.territory.intake import columns, quality
from services.territory.intake.container import DRIVERS, Source, unpack
from services.territory.reference import municipalities
from services.territory.rules.approximate import multi_polygon
from services.territory.rules.locating import distance_km
from shared import places
from shared.kernel import Invalid

SECONDS, MEMORY_MB = 120, 3000
MAX_SHAPES = 20_000
MAX_VERTICES = 3_000_000
FAR_RADII = 3.0
NAMED = 50
EQUAL_AREA = "EPSG:6933"
_POLYGONS = frozenset({"Polygon", "MultiPolygon", "Polygon Z", "MultiPolygon Z", "Polygon M", "MultiPolygon M"})


def read_boundaries(content: bytes, choice: Mapping[str, str]) -> dict[str, Any]:
    """The boundaries in a file and their quality report.

    `choice` may fix `layer`, `code` (the column of the codes), `name` and `country`; what it leaves open is guessed.
    Comes back with `layers`, `layer`, `columns`, `mapping`, `report`, and `shapes`: WKB in degrees by official code.
    """
    pyogrio = bare_pyogrio()
    with tempfile.TemporaryDirectory() as folder:
        source = unpack(content, Path(folder))
        allow_only(pyogrio, source.driver)
        try:
            layers = _layers(pyogrio, source)
            tried = [choice["layer"]] if "layer" in choice else layers
            return _best(pyogrio, source, layers, tried, choice)
        except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError, KeyError):
            raise Invalid("file.cannot_be_read", reason="damaged") from None


def bare_pyogrio() -> Any:
    """GDAL's reader without the data frames, which take a second and 60 MB and are not used here."""
    for name in ("geopandas", "pandas"):
        sys.modules.setdefault(name, None)  # type: ignore[arg-type] # the import system's own way to say "absent"
    import pyogrio

    return pyogrio


def allow_only(pyogrio: Any, driver: str) -> None:
    """GDAL keeps the one driver and forgets all others: no VRT, no network, no file behind the file."""
    if driver not in DRIVERS:
        raise Invalid("boundaries.format", pointer="/file")
    others = ",".join(name for name in pyogrio.list_drivers() if name != driver)
    pyogrio.set_gdal_config_options({"GDAL_SKIP": others, "OGR_SKIP": others, "GDAL_DISABLE_READDIR_ON_OPEN": "TRUE"})
    pyogrio._ogr._register_drivers()  # noqa: SLF001 - applies GDAL_SKIP; the only door to it
    if set(pyogrio.list_drivers()) != {driver}:
        raise RuntimeError("GDAL has drivers that it must not have")


def _layers(pyogrio: Any, source: Source) -> list[str]:
    found = [name for name, kind in pyogrio.list_layers(source.path).tolist() if kind in _POLYGONS or kind == "Unknown"]
    if not found:
        raise Invalid("boundaries.no_polygons", pointer="/file")
    return found[:20]


def _best(
    pyogrio: Any, source: Source, layers: Sequence[str], tried: Sequence[str], choice: Mapping[str, str]
) -> dict[str, Any]:
    """What the layer with the most municipalities says (`tried` is one layer when one was chosen)."""
    if unknown := set(tried) - set(layers):
        raise Invalid("boundaries.no_such_layer", pointer="/layer", layer=unknown.pop()[:60], layers=", ".join(layers))
    read = [_Layer(pyogrio, source, name) for name in tried]
    guessed = [(layer, layer.mapping(choice)) for layer in read]
    layer, mapping = max(guessed, key=lambda pair: pair[1].matched if pair[1] else -1)
    if mapping is None:
        raise Invalid("boundaries.no_codes", pointer="/code", columns=", ".join(layer.columns))
    shapes, report = layer.judged(mapping)
    return {
        "layers": list(layers),
        "layer": layer.name,
        "columns": list(layer.columns),
        "mapping": {"code": mapping.code, "name": mapping.name, "country": mapping.country},
        "report": report,
        "shapes": {code: shapely.to_wkb(multi_polygon(shape)) for code, shape in shapes.items()},
    }


class _Layer:
    """One layer of the file, in degrees."""

    def __init__(self, pyogrio: Any, source: Source, name: str) -> None:
        info = pyogrio.read_info(source.path, layer=name, force_feature_count=True)
        if info["features"] > MAX_SHAPES:
            raise Invalid("boundaries.too_many_shapes", pointer="/file", maximum=MAX_SHAPES)
        meta, _, wkb, values = pyogrio.raw.read(source.path, layer=name, force_2d=True, datetime_as_string=True)
        self.name = name
        self.shapes = to_degrees([_shape(one) for one in wkb], meta["crs"])
        self.columns = {str(field): list(column) for field, column in zip(meta["fields"], values, strict=True)}

    def mapping(self, choice: Mapping[str, str]) -> columns.Reading | None:
        """How the columns are read: as chosen, and guessed where nothing was chosen."""
        offered = self.columns
        for option in ("code", "name"):
            if option in choice and choice[option] not in self.columns:
                raise Invalid("boundaries.no_such_column", pointer=f"/{option}", column=choice[option][:60],
                              columns=", ".join(self.columns))  # fmt: skip
        if "code" in choice:
            offered = {choice["code"]: self.columns[choice["code"]]}
        guessed = columns.guess(offered, shapely.bounds(self.shapes).tolist(), choice.get("country"))
        if guessed and "code" in choice:
            every = columns.guess(self.columns, shapely.bounds(self.shapes).tolist(), choice.get("country"))
            guessed = replace(guessed, name=every.name if every else None)
        if guessed and "name" in choice:
            guessed = replace(guessed, name=choice["name"])
        return guessed

    def judged(self, mapping: columns.Reading) -> tuple[dict[str, Geometry], dict[str, Any]]:
        """The usable shapes by official code, and the report."""
        known = municipalities()
        codes = [columns.official_code(value, mapping.country) for value in self.columns[mapping.code]]
        by_code: dict[str, Geometry] = {}
        repeated: set[str] = set()
        strangers: list[tuple[str, Geometry]] = []
        for value, code, shape in zip(self.columns[mapping.code], codes, self.shapes, strict=True):
            if code not in known:
                strangers.append((str(value)[:40], shape))
            elif code in by_code:
                repeated.add(str(code))
                by_code[code] = shapely.union_all([by_code[code], shape])
            else:
                by_code[str(code)] = shape
        good, invalid = quality.mended(by_code)
        names = dict(zip(codes, self.columns[mapping.name], strict=True)) if mapping.name else {}
        return good, {
            "shapes": len(self.shapes),
            "vertices": int(shapely.get_num_coordinates(self.shapes).sum()),
            "matched": len(good),
            "countries": _coverage(good),
            "unknown": _told([value for value, _ in strangers]),
            "repeated": _told(sorted(repeated)),
            "invalid": {"count": len(invalid), "named": invalid[:NAMED]},
            "names": _told([f"{code}: {names[code]} / {places.name_of(code)}"[:120] for code in sorted(good)
                            if code in names and not columns.same_name(names[code], code)]),
            "misplaced": _told([code for code in sorted(good) if _misplaced(good[code], code)]),
            **_relations(good, [shape for _, shape in strangers]),
        }  # fmt: skip


def _shape(wkb: bytes | None) -> Geometry:
    """A polygon; refused before it is parsed when it is anything else, since a collection may nest without end."""
    if not wkb:
        return shapely.MultiPolygon()
    if len(wkb) < 5 or int.from_bytes(wkb[1:5], "little" if wkb[0] else "big") not in {3, 6}:
        raise Invalid("boundaries.not_polygons", pointer="/file")
    if len(wkb) > MAX_VERTICES * 16:
        raise Invalid("boundaries.too_many_vertices", pointer="/file", maximum=MAX_VERTICES)
    try:
        return shapely.from_wkb(wkb)
    except shapely.errors.GEOSException:
        # A ring that does not close, or closes at NaN.
        raise Invalid("boundaries.not_finite", pointer="/file") from None


def to_degrees(shapes: Sequence[Geometry], crs: str | None) -> Any:
    """Shapes in WGS 84; refuses coordinates that are not finite or not on earth."""
    drawn = np.asarray(shapes, dtype=object)
    if int(shapely.get_num_coordinates(drawn).sum()) > MAX_VERTICES:
        raise Invalid("boundaries.too_many_vertices", pointer="/file", maximum=MAX_VERTICES)
    if not np.isfinite(shapely.get_coordinates(drawn)).all():
        raise Invalid("boundaries.not_finite", pointer="/file")
    if crs and crs not in {"EPSG:4326", "OGC:CRS84"}:
        drawn = _projected(drawn, crs, "EPSG:4326")
    lonlat = shapely.get_coordinates(drawn)
    if not np.isfinite(lonlat).all() or (np.abs(lonlat) > (180.0, 90.0)).any():
        raise Invalid("boundaries.not_on_earth", pointer="/file")
    return drawn


def _projected(shapes: Any, crs: str, other: str) -> Any:
    import pyproj

    try:
        transformer = pyproj.Transformer.from_crs(crs, other, always_xy=True)
    except pyproj.exceptions.CRSError:
        raise Invalid("boundaries.projection", pointer="/file") from None
    return shapely.transform(shapes, lambda xy: np.column_stack(transformer.transform(xy[:, 0], xy[:, 1])))


def _coverage(good: Mapping[str, Geometry]) -> dict[str, Any]:
    """For each country that occurs: how many of its municipalities there are, and which are missing."""
    told = {}
    for country in sorted({code[:2] for code in good}):
        expected = [code for code in municipalities() if code.startswith(country)]
        missing = [code for code in expected if code not in good]
        told[country] = {"expected": len(expected), "found": len(expected) - len(missing), "missing": missing}
    return told


def _misplaced(shape: Geometry, code: str) -> bool:
    """Whether the shape lies far from where its municipality is known to be: a sign of exchanged codes."""
    unit, centre = municipalities()[code], shapely.centroid(shape)
    radius = sqrt(unit.area_km2 / pi)
    return distance_km(shapely.get_x(centre), shapely.get_y(centre), unit.lon, unit.lat) > FAR_RADII * max(radius, 2.0)


def _relations(good: Mapping[str, Geometry], strangers: Sequence[Geometry]) -> dict[str, Any]:
    """Overlaps and gaps; lakes and other shapes of the file that are no municipality fill what would be a gap."""
    shapes = np.asarray(list(good.values()), dtype=object)
    waters = np.asarray([shapely.make_valid(one) for one in strangers], dtype=object)
    found = quality.gaps(list(_flat(shapes)), list(_flat(waters)))
    for gap in found["largest"]:
        point = _projected(np.asarray([shapely.Point(gap["at"])]), EQUAL_AREA, "EPSG:4326")[0]
        gap["at"] = [round(point.x, 4), round(point.y, 4)]
    overlapping = quality.overlaps(list(good), shapes, lambda shared: shapely.area(_flat(shared)))
    return {"overlaps": overlapping, "gaps": found}


def _flat(shapes: Any) -> Any:
    return _projected(shapes, "EPSG:4326", EQUAL_AREA)


def _told(items: Sequence[str]) -> dict[str, Any]:
    return {"count": len(items), "named": list(items[:NAMED])}
