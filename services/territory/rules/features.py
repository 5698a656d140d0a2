"""An enterprise as a GeoJSON feature: what of it stands there, and its text as it is kept ready."""

from collections.abc import Mapping
from typing import Any

import orjson

from services.territory.rules.filtering import Kind, Properties

SHOWN: Properties = {
    "municipality": Kind.TEXT, "place_state": Kind.TEXT, "chain": Kind.TEXT, "validation": Kind.TEXT,
    "jobs_women": Kind.NUMBER, "recorded_on": Kind.DAY,
}  # fmt: skip
"""What everybody sees of a place, exact or masked."""
EXACT: Properties = {
    **SHOWN, "accuracy_m": Kind.NUMBER, "activity": Kind.TEXT, "jobs_men": Kind.NUMBER, "home_based": Kind.TRUTH,
    "formal": Kind.TRUTH, "started_year": Kind.NUMBER, "consent_map": Kind.TRUTH,
}  # fmt: skip
"""What the technical team sees besides."""
PROPERTIES: Mapping[str, Properties] = {"exact": EXACT, "masked": SHOWN}
"""What is seen of an enterprise, by sight."""
BETWEEN = ",\n"
"""What stands between the texts of two features; in none of them is a line break."""


def feature(row: Mapping[str, Any], sight: str) -> dict[str, Any]:
    """An enterprise as GeoJSON, at the place `lon`, `lat` of its row; `precision` is `exact`, or `masked`: somewhere in
    the same two kilometres.
    """
    return {
        "type": "Feature",
        "id": row["id"],
        "geometry": {"type": "Point", "coordinates": [row["lon"], row["lat"]]},
        "properties": {name: row[name] for name in PROPERTIES[sight]} | {"precision": sight},
    }


def text_of(row: Mapping[str, Any], sight: str) -> str:
    """The feature as text on one line."""
    return orjson.dumps(feature(row, sight)).decode()


def last_of(texts: str) -> tuple[float, float, str]:
    """Of the last of these features its longitude, latitude and id."""
    told = orjson.loads(texts.rpartition(BETWEEN)[2])
    return *told["geometry"]["coordinates"], told["id"]
