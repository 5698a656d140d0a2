"""The kinds of files an export can be."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from services.registry.exchange.columns import Shape
from services.registry.exchange.delimited import write_csv, write_kobo_csv
from services.registry.exchange.geographic import write_geojson, write_geopackage
from services.registry.exchange.workbook import write_kobo_xlsx, write_xlsx
from shared.spreadsheets import CSV, XLSX


@dataclass(frozen=True)
class Format:
    """How a file of this kind is written, what its name ends in, and what it is to a browser."""

    write: Callable[[Path, Shape, Iterable[Mapping[str, Any]]], None]
    ending: str
    media_type: str


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "xlsx": Format(write_xlsx, ".xlsx", XLSX),
        "csv": Format(write_csv, ".csv", CSV),
        "gpkg": Format(write_geopackage, ".gpkg", "application/geopackage+sqlite3"),
        "geojson": Format(write_geojson, ".geojson", "application/geo+json"),
        "kobo_xlsx": Format(write_kobo_xlsx, "-kobo.xlsx", XLSX),
        "kobo_csv": Format(write_kobo_csv, "-kobo.csv", CSV),
    }
)
