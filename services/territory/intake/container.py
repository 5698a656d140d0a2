"""What kind of file was sent, told from its bytes, and its parts unpacked within limits."""

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from shared.archives import ArchiveLimits, Fault, Unsafe, is_archive, opened
from shared.kernel import Invalid

DRIVERS = ("GPKG", "GeoJSON", "ESRI Shapefile")
MAX_UNPACKED = 200_000_000
_LIMITS = ArchiveLimits(entries=60, inflated_bytes=MAX_UNPACKED, any_density=20_000_000, dense_bytes=20_000_000)
MAX_DEPTH = 16
SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_SQLITE = b"SQLite format 3\0"
_GPKG_IDS = (b"GPKG", b"GP10", b"GP11")


@dataclass(frozen=True)
class Source:
    """A file ready for GDAL: where it lies, and the one driver that may open it."""

    path: Path
    driver: str


def unpack(content: bytes, folder: Path) -> Source:
    """Write the file into `folder` under a name of our own; refuses everything that is no GeoPackage, GeoJSON or
    zipped Shapefile by its content, whatever its name says.
    """
    if content.startswith(_SQLITE):
        return _geopackage(content, folder)
    if is_archive(content):
        return _shapefile(content, folder)
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return _geojson(content, folder)
    raise Invalid("boundaries.format", pointer="/file")


def _geopackage(content: bytes, folder: Path) -> Source:
    path = folder / "boundaries.gpkg"
    path.write_bytes(content)
    if content[68:72] not in _GPKG_IDS:
        raise Invalid("boundaries.format", pointer="/file")
    _only_tables(path)
    return Source(path, "GPKG")


def _only_tables(path: Path) -> None:
    """A view may call functions of the reader (one of them asks the network): layers must be plain tables."""
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            kinds = database.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_master").fetchall()
    except sqlite3.Error:
        raise Invalid("file.cannot_be_read", reason="damaged") from None
    for kind, name, sql in kinds:
        words = sql.upper().split()
        # Spatial indexes are virtual tables of their own kind, and their triggers are part of the standard.
        alien = kind == "view" or ("VIRTUAL" in words[:3] and not str(name).startswith("rtree_"))
        if alien:
            raise Invalid("boundaries.not_a_table", pointer="/file", name=str(name)[:60])


def _geojson(content: bytes, folder: Path) -> Source:
    require_shallow(content)
    try:
        head = json.loads(content, object_pairs_hook=_self_contained)
    except (ValueError, RecursionError):
        raise Invalid("file.cannot_be_read", reason="damaged") from None
    if head.get("type") != "FeatureCollection" or not isinstance(head.get("features"), list):
        raise Invalid("boundaries.format", pointer="/file")
    path = folder / "boundaries.geojson"
    path.write_bytes(content)
    return Source(path, "GeoJSON")


def _self_contained(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of the file; a reference system that is only linked would be fetched from wherever the link says."""
    for key, value in pairs:
        if key.casefold() == "crs" and value is not None and not _is_named(value):
            raise Invalid("boundaries.reference_elsewhere", pointer="/file")
    found = dict(pairs)
    if len(found) != len(pairs):  # of a name that stands twice, two readers take two values
        raise ValueError
    return found


def _is_named(system: object) -> bool:
    return isinstance(system, dict) and str(system.get("type")).casefold() in {"name", "epsg", "ogc"}


def require_shallow(content: bytes, maximum: int = MAX_DEPTH, code: str = "boundaries.nested_too_deeply") -> None:
    """Before any parser sees it: brackets outside texts may not nest deeper than what is sent needs."""
    depth, inside, escaped = 0, False, False
    for byte in content:
        if inside:
            inside = escaped or byte != 0x22
            escaped = byte == 0x5C and not escaped
        elif byte == 0x22:
            inside = True
        elif byte in b"[{":
            depth += 1
            if depth > maximum:
                raise Invalid(code, pointer="/file", maximum=maximum)
        elif byte in b"]}":
            depth -= 1


def _shapefile(content: bytes, folder: Path) -> Source:
    """The parts of the one Shapefile in a zip, each under our own name."""
    try:
        with opened(content, _LIMITS) as archive:
            parts = {suffix: archive.read(name) for suffix, name in _parts(archive.names).items()}
    except Unsafe as unsafe:
        if unsafe.fault in {Fault.PARTS, Fault.INFLATES}:
            raise Invalid("boundaries.zip_too_large", pointer="/file", megabytes=MAX_UNPACKED // 1_000_000) from None
        raise Invalid("file.cannot_be_read", reason="damaged") from None
    for suffix, part in parts.items():
        (folder / f"boundaries{suffix}").write_bytes(part)
    return Source(folder / "boundaries.shp", "ESRI Shapefile")


def _parts(names: list[str]) -> dict[str, str]:
    found: dict[str, dict[str, str]] = {}
    for listed in names:
        name = PurePosixPath(listed.lower())
        if name.suffix in SHAPEFILE_PARTS and not name.name.startswith("."):
            found.setdefault(str(name.with_suffix("")), {})[name.suffix] = listed
    whole = [parts for parts in found.values() if {".shp", ".shx", ".dbf"} <= parts.keys()]
    if len(whole) != 1:
        raise Invalid("boundaries.one_shapefile", pointer="/file", found=len(whole))
    return whole[0]
