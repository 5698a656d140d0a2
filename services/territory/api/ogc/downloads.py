"""Downloads: what a filter shows, as a file, for who may see it."""

from datetime import date
from typing import Any, cast

import shapely

from services.territory.api.ogc.answers import Format, say
from services.territory.api.ogc.asking import box_of, filter_of, unfit
from services.territory.api.ogc.enterprises import EnterpriseItems, sight_of, wanted_of
from services.territory.api.ogc.enterprises import resource as enterprises
from services.territory.api.ogc.tiles import RESOURCES
from services.territory.api.ogc.units import UnitItems, candidates_of, view_of_codes
from services.territory.api.ogc.units import resource as units
from services.territory.documents.features import FORMS, MEDIA_TYPES, Table, written
from services.territory.queries import boundaries as bounds
from services.territory.queries import features
from services.territory.queries.map_figures import measured
from services.territory.queries.unit_features import FACTS, chosen, facts_of
from services.territory.rules.access import POINT_READERS, READERS
from services.territory.rules.filtering import BadFilter, Kind
from services.territory.rules.filtering.deciding import GEOMETRY
from shared.kernel import Refused
from shared.web import Call, Download, fields

__all__ = ["RESOURCES"]

MOST = 200_000
TYPES = {Kind.TEXT: str, Kind.NUMBER: float, Kind.TRUTH: bool, Kind.DAY: date}
WHOLE = frozenset({"jobs_women", "jobs_men", "started_year"})
UNIT_COLUMNS: dict[str, type] = {
    "id": str, "name": str, "level": str, "inside": str, "area_km2": float, "boundaries": str, "enterprises": int,
    "women": int, "trained": int, "loans": int, "published": str,
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


def _file(call: Call, table: Table) -> Download:
    form = call.query["format"]
    content, media_type = written(table, form)
    return Download(content, f"{say(call, f'ogc.{table.name}.file')}.{form}", media_type)
