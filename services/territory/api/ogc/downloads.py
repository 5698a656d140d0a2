"""Downloads: what a filter shows, as a file, for who may see it."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, cast
from uuid import UUID

import shapely

from services.territory.api.ogc.answers import Format, say
from services.territory.api.ogc.asking import box_of, filter_of, unfit
from services.territory.api.ogc.clusters import ClusterItems, chosen_by
from services.territory.api.ogc.clusters import resource as clusters
from services.territory.api.ogc.enterprises import EnterpriseItems, sight_of, wanted_of
from services.territory.api.ogc.enterprises import resource as enterprises
from services.territory.api.ogc.layers import ONE, LayerItems, asked_by
from services.territory.api.ogc.layers import resource as layers
from services.territory.api.ogc.units import UnitItems, candidates_of, view_of_codes
from services.territory.api.ogc.units import resource as units
from services.territory.documents.features import FORMS, MEDIA_TYPES, Table, written
from services.territory.intake.columns import free_names
from services.territory.queries import boundaries as bounds
from services.territory.queries import features, layer_features
from services.territory.queries.map_figures import measured
from services.territory.queries.unit_features import FACTS, chosen, facts_of
from services.territory.rules.access import POINT_READERS, READERS
from services.territory.rules.filtering import BadFilter, Kind
from services.territory.rules.filtering.deciding import GEOMETRY
from shared.kernel import Refused
from shared.web import Call, Download, fields

RESOURCES = (enterprises, units, clusters, layers)
MOST = 200_000
TYPES = {Kind.TEXT: str, Kind.NUMBER: float, Kind.TRUTH: bool, Kind.DAY: date}
WHOLE = frozenset({"jobs_women", "jobs_men", "started_year"})
UNIT_COLUMNS: dict[str, type] = {
    "id": str, "name": str, "level": str, "inside": str, "area_km2": float, "boundaries": str, "enterprises": int,
    "women": int, "trained": int, "loans": int, "published": str,
}  # fmt: skip
CLUSTER_COLUMNS: dict[str, type] = {
    "id": str, "number": int, "municipality": str, "name": str, "enterprises": int, "women": int, "main_chain": str,
    "chains": int,
}  # fmt: skip


def _with_form(query: type[Format], name: str) -> type[Format]:
    return cast("type[Format]", query.from_dict({"format": fields.Code(FORMS, required=True)}, name=name))


@enterprises.get(
    "/download", query=_with_form(EnterpriseItems, "EnterpriseDownload"), media=MEDIA_TYPES, allow=POINT_READERS
)
def download_enterprises(call: Call) -> Download:
    """The enterprises that the same parameters show as items, all of them, as a file in `format`."""
    sight = sight_of(call)
    try:
        rows = list(features.every(call.session, sight, wanted_of(call, sight), most=MOST + 1))
    except BadFilter as bad:
        raise unfit(bad) from None
    if len(rows) > MOST:
        raise Refused("features.too_many", most=MOST)
    kinds: dict[str, type] = {"id": str} | {
        name: int if name in WHOLE else TYPES[kind] for name, kind in sight.properties.items()
    }
    told = [{**{name: row[name] for name in kinds}, "id": str(row["id"]), "precision": sight.name} for row in rows]
    places = shapely.points([row["lon"] for row in rows], [row["lat"] for row in rows]).tolist() if rows else []
    return _file(call, Table("enterprises", "Point", {**kinds, "precision": str}, told, places))


@units.get("/download", query=_with_form(UnitItems, "UnitDownload"), media=MEDIA_TYPES, allow=READERS)
def download_units(call: Call) -> Download:
    """The units that the same parameters show as items, all of them, with their figures, as a file in `format`."""
    candidates = candidates_of(call)
    municipalities = bounds.in_force(call.session)
    codes = chosen(municipalities, candidates, filter_of(call, FACTS), box_of(call))
    rows: list[dict[str, Any]] = []
    view = view_of_codes(call, codes) if codes else None
    for code in codes:
        if view is not None:
            figures = measured(view.figures, code)
            rows.append({**facts_of(municipalities, code), **figures, "id": code, "published": view.published})
    shapes = [row.pop(GEOMETRY) for row in rows]
    told = [{name: row[name] for name in UNIT_COLUMNS} for row in rows]
    return _file(call, Table("units", "MultiPolygon", UNIT_COLUMNS, told, shapes))


@clusters.get("/download", query=_with_form(ClusterItems, "ClusterDownload"), media=MEDIA_TYPES, allow=POINT_READERS)
def download_clusters(call: Call) -> Download:
    """The clusters that the same parameters show as items, all of them, as a file in `format`."""
    rows = chosen_by(call)
    told = [{**row, "id": str(row["number"])} for row in rows]
    return _file(call, Table("clusters", "Polygon", CLUSTER_COLUMNS, told, [row[GEOMETRY] for row in rows]))


@layers.get(f"{ONE}/download", query=_with_form(LayerItems, "LayerDownload"), media=MEDIA_TYPES, allow=READERS)
def download_layer(call: Call, layer_id: UUID) -> Download:
    """The features of a layer that the same parameters show as items, all of them, as a file in `format`."""
    asked = asked_by(call, layer_id)
    try:
        rows = list(layer_features.every(call.session, asked))
    except BadFilter as bad:
        raise unfit(bad) from None
    held = layer_features.kinds_of_file(rows, asked.kinds)
    free = dict(zip(held, free_names(list(held), _TAKEN), strict=True))
    kinds: dict[str, type] = {"id": str} | {free[name]: TYPES[kind] for name, kind in held.items()}
    told = [
        {"id": str(row["number"])}
        | {free[name]: layer_features.as_kind(kind, row["properties"].get(name)) for name, kind in held.items()}
        for row in rows
    ]
    table = Table("layer", _MULTI[asked.layer.shape or "point"], kinds, told, [_multi(row["shape"]) for row in rows])
    return _file(call, table, asked.layer.title[:60])


_MULTI = {"point": "MultiPoint", "line": "MultiLineString", "polygon": "MultiPolygon"}
_AS_MULTI: Mapping[int, Callable[..., Any]] = {
    0: shapely.multipoints,
    1: shapely.multilinestrings,
    2: shapely.multipolygons,
}


_TAKEN = frozenset({"id", "fid", "geom", "lon", "lat"})
"""Names of columns that a format keeps for itself."""


def _multi(shape: shapely.Geometry) -> shapely.Geometry:
    """The same with as many parts as it has: a column holds one kind of shape."""
    made: shapely.Geometry = _AS_MULTI[int(shapely.get_dimensions(shape))](shapely.get_parts(shape))
    return made


def _file(call: Call, table: Table, name: str = "") -> Download:
    form = call.query["format"]
    content, media_type = written(table, form)
    return Download(content, f"{name or say(call, f'ogc.{table.name}.file')}.{form}", media_type)
