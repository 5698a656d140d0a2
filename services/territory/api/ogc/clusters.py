"""Clusters as features: of exact or of masked places by role, never of fewer than five, never a home as a corner."""

from collections.abc import Sequence
from typing import Any

import shapely
from flask import Response

from services.territory.api.ogc.answers import FEATURES, PLAIN, QUERYABLES, Format
from services.territory.api.ogc.asking import ItemsQuery, box_of, days_of, filter_of, number_after
from services.territory.api.ogc.collections import CLUSTERS, about, queryables
from services.territory.api.ogc.paging import told_alone, told_page
from services.territory.api.ogc.tiles import (
    TileQuery,
    on_the_map,
    sent_tile,
    told_tilejson,
    told_tileset,
    told_tilesets,
)
from services.territory.api.places import UnitsQuery
from services.territory.queries import cluster_features as clusters
from services.territory.queries import views
from services.territory.rules.access import POINT_READERS, sees_points
from services.territory.rules.filtering.deciding import GEOMETRY
from services.territory.rules.vector_tiles import MEDIA_TYPE
from shared.events.vocabulary import CHAINS
from shared.kernel import NotFound
from shared.web import Call, Resource, fields

resource = Resource("ogc-clusters", prefix="/ogc/collections/clusters", description="Clusters as features.")


class ClustersQuery(UnitsQuery):
    chain = fields.Code(CHAINS)


class ClusterItems(ItemsQuery, ClustersQuery):  # type: ignore[misc, valid-type]
    """Which clusters are asked for."""


class OneCluster(Format, ClustersQuery):
    """Among which clusters one is asked for."""


@resource.get(query=Format, media=PLAIN, scoped=False, allow=POINT_READERS)
def show(call: Call) -> Response:
    """What the collection of clusters is."""
    return about(call, CLUSTERS)


@resource.get("/queryables", query=Format, media=QUERYABLES, scoped=False, allow=POINT_READERS)
def list_queryables(call: Call) -> Response:
    """What a filter of clusters may name: all that is shown of them."""
    return queryables(call, CLUSTERS)


@resource.get("/items", query=ClusterItems, media=FEATURES, allow=POINT_READERS)
def list_(call: Call) -> Response:
    """The clusters of the places that the caller sees, the largest first, as GeoJSON; worked out when they are asked
    for, so that their numbers hold until an enterprise comes, goes or moves.
    """
    days_of(call)  # clusters are of now, so that every time is met; one that cannot be read is refused
    rows, after = chosen_by(call), number_after(call) or 0
    limit = call.query.get("limit", 10)
    left = [row for row in rows if row["number"] > after]
    cursor = str(left[limit - 1]["number"]) if len(left) > limit else None
    return told_page(call, CLUSTERS.id, [feature(row) for row in left[:limit]], cursor)


@resource.get("/items/<int:number>", query=OneCluster, media=FEATURES, allow=POINT_READERS)
def get(call: Call, number: int) -> Response:
    """One cluster as GeoJSON, by its number among those of the same places and chain."""
    for row in _seen(call, call.query.get("chain")):
        if row["number"] == number:
            return told_alone(call, CLUSTERS.id, feature(row))
    raise NotFound("features.unknown")


@resource.get("/tiles", query=Format, media=PLAIN, scoped=False, allow=POINT_READERS)
def tilesets(call: Call) -> Response:
    """The tilesets of the clusters."""
    return told_tilesets(call, CLUSTERS)


@resource.get("/tiles/WebMercatorQuad", query=Format, media=PLAIN, scoped=False, allow=POINT_READERS)
def tileset(call: Call) -> Response:
    """The tileset of the clusters; as TileJSON at `…/tilejson`."""
    return told_tileset(call, CLUSTERS)


@resource.get("/tiles/WebMercatorQuad/tilejson", query=Format, media=PLAIN, scoped=False, allow=POINT_READERS)
def tilejson(call: Call) -> Response:
    """TileJSON 3.0 of the clusters."""
    return told_tilejson(call, CLUSTERS)


@resource.get(
    "/tiles/WebMercatorQuad/<int:zoom>/<int:row>/<int:column>",
    query=TileQuery, media=(MEDIA_TYPE,), scoped=False, allow=POINT_READERS,
)  # fmt: skip
def tile(call: Call, zoom: int, row: int, column: int) -> Response:
    """A vector tile of the clusters of the places that the caller sees, each with what is shown of it."""
    here = on_the_map(zoom, row, column)
    return sent_tile(clusters.tile_of(_seen(call, call.query.get("chain")), here))


def chosen_by(call: Call) -> Sequence[clusters.Cluster]:
    """Those that the parameters let pass."""
    rows = _seen(call, call.query.get("chain"))
    return clusters.chosen(rows, filter_of(call, clusters.FACTS), box_of(call))


def _seen(call: Call, chain: str | None) -> Sequence[clusters.Cluster]:
    selection = views.selected(call.caller, call.query.get("unit"))
    sight = sees_points(call.caller.roles) or "masked"
    return clusters.clusters_of(call.session, selection, sight, chain=chain)


def feature(row: clusters.Cluster) -> dict[str, Any]:
    """A cluster as GeoJSON."""
    told = {name: value for name, value in row.items() if name != GEOMETRY}
    return {
        "type": "Feature",
        "id": row["number"],
        "geometry": shapely.geometry.mapping(row[GEOMETRY]),
        "properties": told,
    }
