"""Uploaded layers as collections of features: items, filters, tiles and files, for who reads the layer."""

from typing import Any
from uuid import UUID

import shapely
from flask import Response

from services.territory.api.ogc.answers import FEATURES, PLAIN, QUERYABLES, Format
from services.territory.api.ogc.asking import ItemsQuery, box_of, days_of, filter_of, number_after, unfit
from services.territory.api.ogc.collections import about, collection_of, queryables
from services.territory.api.ogc.paging import told_alone, told_page
from services.territory.api.ogc.tiles import on_the_map, sent_tile, told_tilejson, told_tileset, told_tilesets
from services.territory.models import ReferenceLayer
from services.territory.queries import layer_features as features
from services.territory.queries.layer_features import Asked
from services.territory.queries.layers import seen_by
from services.territory.rules.access import READERS
from services.territory.rules.filtering import BadFilter
from services.territory.rules.vector_tiles import MEDIA_TYPE
from shared.kernel import NotFound
from shared.web import Call, Resource

resource = Resource("ogc-layers", prefix="/ogc/collections", description="Uploaded layers as features.")
ONE = "/layer-<uuid:layer_id>"


class LayerItems(ItemsQuery):  # type: ignore[misc, valid-type]
    """Which features of a layer are asked for."""


@resource.get(ONE, query=Format, media=PLAIN, allow=READERS)
def show(call: Call, layer_id: UUID) -> Response:
    """What a layer is: its title, its source and licence."""
    return about(call, collection_of(layer_asked(call, layer_id)))


@resource.get(f"{ONE}/queryables", query=Format, media=QUERYABLES, allow=READERS)
def list_queryables(call: Call, layer_id: UUID) -> Response:
    """What a filter of a layer may name: its columns, and its shapes."""
    return queryables(call, collection_of(layer_asked(call, layer_id)))


@resource.get(f"{ONE}/items", query=LayerItems, media=FEATURES, allow=READERS)
def list_(call: Call, layer_id: UUID) -> Response:
    """The features of a layer as GeoJSON, in the order of its file; `next` among the links leads on."""
    days_of(call)  # features of a layer have no time, so that every time is met; one that cannot be read is refused
    asked, after = asked_by(call, layer_id), number_after(call)
    try:
        rows, cursor = features.page_of(
            call.session, asked, limit=call.query.get("limit", 10), after=-1 if after is None else after
        )
    except BadFilter as bad:
        raise unfit(bad) from None
    collection = collection_of(asked.layer)
    told = [feature(row) for row in rows]
    return told_page(call, collection.id, told, None if cursor is None else str(cursor), title=collection.title)


@resource.get(f"{ONE}/items/<int:number>", query=Format, media=FEATURES, allow=READERS)
def get(call: Call, layer_id: UUID, number: int) -> Response:
    """One feature of a layer as GeoJSON."""
    layer = layer_asked(call, layer_id)
    row = features.one(call.session, Asked(layer, {}), number) if number <= layer.features else None
    if row is None:
        raise NotFound("features.unknown")
    collection = collection_of(layer)
    return told_alone(call, collection.id, feature(row), title=collection.title)


@resource.get(f"{ONE}/tiles", query=Format, media=PLAIN, allow=READERS)
def tilesets(call: Call, layer_id: UUID) -> Response:
    """The tilesets of a layer."""
    return told_tilesets(call, collection_of(layer_asked(call, layer_id)))


@resource.get(f"{ONE}/tiles/WebMercatorQuad", query=Format, media=PLAIN, allow=READERS)
def tileset(call: Call, layer_id: UUID) -> Response:
    """The tileset of a layer; as TileJSON at `…/tilejson`."""
    return told_tileset(call, collection_of(layer_asked(call, layer_id)))


@resource.get(f"{ONE}/tiles/WebMercatorQuad/tilejson", query=Format, media=PLAIN, allow=READERS)
def tilejson(call: Call, layer_id: UUID) -> Response:
    """TileJSON 3.0 of a layer."""
    return told_tilejson(call, collection_of(layer_asked(call, layer_id)))


@resource.get(f"{ONE}/tiles/WebMercatorQuad/<int:zoom>/<int:row>/<int:column>", media=(MEDIA_TYPE,), allow=READERS)
def tile(call: Call, layer_id: UUID, zoom: int, row: int, column: int) -> Response:
    """A vector tile of a layer: its points, lines or areas, each with its number and name."""
    here = on_the_map(zoom, row, column)
    return sent_tile(features.tile_of(call.session, layer_asked(call, layer_id), here))


def layer_asked(call: Call, layer_id: UUID) -> ReferenceLayer:
    """The layer; there is none outside the caller's territory, and none before it was read."""
    found = features.layer_of(call.session, seen_by(call.caller), layer_id)
    if found is None:
        raise NotFound("features.unknown")
    return found


def asked_by(call: Call, layer_id: UUID) -> Asked:
    """What the parameters ask of it."""
    layer = layer_asked(call, layer_id)
    kinds = features.kinds_of(call.session, layer)
    return Asked(layer, kinds, box_of(call), filter_of(call, features.filterable(kinds)))


def feature(row: dict[str, Any]) -> dict[str, Any]:
    """A feature of a layer as GeoJSON."""
    return {
        "type": "Feature",
        "id": row["number"],
        "geometry": shapely.geometry.mapping(row["shape"]),
        "properties": row["properties"],
    }
