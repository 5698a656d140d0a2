"""Submissions as JSON: the data of the KoboToolbox API (v2), and its GeoJSON."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from services.registry.intake import form, own_form
from services.registry.intake.layout import is_main
from shared.kernel import Invalid
from shared.workbooks import Cell, Limits, Sheet

_DEEPEST = 32
_BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+"|([\[{])|([\]}])', re.DOTALL)
_ROW = "_index"
_REPEAT = "productos"
_KNOWN = (*form.REQUIRED, *form.OPTIONAL)


def read_documents(content: bytes, limits: Limits) -> tuple[dict[str, Sheet], dict[str, dict[str, str]]]:
    """The tables in a JSON document, rows numbered by their place in it, and what their columns are called there.

    A list leaves out what nobody answered, so a question that no row holds is empty rather than not carried, except
    what the kind of document cannot carry: GeoJSON holds neither how accurate a point is nor repeats.
    """
    document = parsed(content)
    if isinstance(document, dict) and document.get("type") == "FeatureCollection":
        return _features(document.get("features"), limits)
    results = document.get("results") if isinstance(document, dict) else document
    return _results(results, limits)


def _results(results: Any, limits: Limits) -> tuple[dict[str, Sheet], dict[str, dict[str, str]]]:
    records = _records(results, "results", limits)
    _require_the_form(records, "results")
    repeats: dict[str, list[dict[str, Any]]] = {name: [] for name in (_REPEAT, *own_form.REPEATS)}
    for number, record in enumerate(records, start=1):
        record[_ROW] = number
        record[form.IDENTITY] = _identity(record)
        for key in [key for key, value in record.items() if isinstance(value, list)]:
            repeated = record.pop(key)
            repeats.get(key.rpartition("/")[2], []).extend(
                dict(item) | {form.PARENT: number} for item in repeated if isinstance(item, Mapping)
            )
    for name, rows in repeats.items():
        if len(rows) > limits.rows:
            raise Invalid("file.too_many_rows", sheet=name, rows=len(rows), maximum=limits.rows)
    own = _is_of_our_own(records)
    unsaid = [field for field in (*_KNOWN, *(own_form.QUESTIONS if own else ())) if field not in form.POINT]
    of_product = [*form.PRODUCT_COLUMNS, *(own_form.PRODUCT_COLUMNS if own else ()), form.PARENT]
    sheets = {
        "results": _table(records, unsaid, limits),
        _REPEAT: _table(repeats[_REPEAT], of_product, limits),
        **{
            name: _table(repeats[name], [*asked, form.PARENT], limits)
            for name, asked in own_form.REPEATS.items()
            if own or repeats[name]
        },
    }
    return sheets, {}


def _is_of_our_own(records: list[dict[str, Any]]) -> bool:
    """Whether our own form was filled in: only that one leaves its mark."""
    return any(key.rpartition("/")[2] == own_form.MARKER for record in records for key in record)


def _features(features: Any, limits: Limits) -> tuple[dict[str, Sheet], dict[str, dict[str, str]]]:
    rows = []
    for feature in _records(features, "features", limits):
        properties, geometry = feature.get("properties"), feature.get("geometry")
        record = dict(properties) if isinstance(properties, dict) else {}
        lon, lat = coordinates_of(geometry) if isinstance(geometry, dict) else ("", "")
        rows.append(record | {"_gps_latitude": lat, "_gps_longitude": lon, form.IDENTITY: _identity(record)})
    _require_the_form(rows, "features")
    own = own_form.QUESTIONS if _is_of_our_own(rows) else ()
    unsaid = [field for field in (*_KNOWN, *own) if field not in {"_gps_precision", "gps", "_index"}]
    shown = {"_gps_latitude": "geometry", "_gps_longitude": "geometry"}
    return {"features": _table(rows, unsaid, limits)}, {"features": shown}


def coordinates_of(geometry: Mapping[str, Any]) -> tuple[Any, Any]:
    """Longitude and latitude of a point; of anything else what it is, which is no number."""
    coordinates = geometry.get("coordinates")
    if geometry.get("type") == "Point" and isinstance(coordinates, list) and len(coordinates) >= 2:
        return coordinates[0], coordinates[1]
    kind = str(geometry.get("type"))
    return kind, kind


def _identity(record: Mapping[str, Any]) -> Any:
    """The first identity of a submission; a server that does not tell it has never let it be edited."""
    known = record.get(form.IDENTITY)
    if known or not record.get("_uuid"):
        return known
    return f"uuid:{str(record['_uuid']).removeprefix('uuid:')}"


def _table(records: list[dict[str, Any]], unsaid: list[str], limits: Limits) -> Sheet:
    keys = list(dict.fromkeys(key for record in records for key in record))
    if len(keys) > limits.columns:
        raise Invalid("file.too_many_columns", sheet="JSON", columns=len(keys), maximum=limits.columns)
    if len(keys) * len(records) > limits.cells:
        raise Invalid("file.too_many_cells", sheet="JSON", cells=len(keys) * len(records), maximum=limits.cells)
    said = {key.rpartition("/")[2] for key in keys} | set(keys)
    headers = [*keys, *(field for field in unsaid if field not in said)]
    return [[*headers], *([_cell(record.get(header), limits) for header in headers] for record in records)]


def _cell(value: Any, limits: Limits) -> Cell:
    if isinstance(value, Mapping):
        value = value.get("uid")  # of a validation status
    text = "" if value is None else value
    if not isinstance(text, str | int | float):
        text = json.dumps(text)
    if isinstance(text, str) and len(text) > limits.text:
        raise Invalid("file.text_too_long", sheet="JSON", maximum=limits.text)
    return text


def _records(found: Any, name: str, limits: Limits) -> list[dict[str, Any]]:
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise Invalid("file.sheet_missing", sheets="JSON")
    if not found:
        raise Invalid("file.no_records")
    if len(found) > limits.rows:
        raise Invalid("file.too_many_rows", sheet=name, rows=len(found), maximum=limits.rows)
    return found


def _require_the_form(records: list[dict[str, Any]], name: str) -> None:
    """Refuses the data of another form, before the questions that nobody answered are added."""
    if not is_main(list(dict.fromkeys(key for record in records for key in record))):
        raise Invalid("file.sheet_missing", sheets=name)


def parsed(content: bytes) -> Any:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid("file.damaged") from error
    if any(depth > _DEEPEST for depth in _depths(text)):
        raise Invalid("file.nested_too_deep", maximum=_DEEPEST)
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Invalid("file.damaged") from error


def _depths(text: str) -> Iterator[int]:
    """How deep the document is nested wherever it opens: brackets inside of texts do not count."""
    depth = 0
    for found in _BRACKET.finditer(text):
        if found[1]:
            depth += 1
            yield depth
        elif found[2]:
            depth -= 1


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _no_number(name: str) -> Any:
    raise ValueError(name)
