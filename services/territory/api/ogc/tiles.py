"""OGC API - Tiles: what tiles there are, TileJSON, and the tiles themselves."""

import hashlib
from typing import Any

from flask import Response, request

from services.territory.api.ogc.answers import JSON, PLAIN, Format, Parameters, answer, around, link, root
from services.territory.api.ogc.collections import ENTERPRISES, UNITS, Collection, title_of
from services.territory.api.ogc.enterprises import resource as enterprises
from services.territory.api.ogc.enterprises import sight_of
from services.territory.api.ogc.units import make_sure_of_figures
from services.territory.api.ogc.units import resource as units
from services.territory.queries import boundaries as bounds
from services.territory.queries import tiles, views
from services.territory.queries.map_figures import OF_ENTERPRISES, figure_of
from services.territory.queries.unit_features import codes_in
from services.territory.rules.access import POINT_READERS, READERS
from services.territory.rules.tiling import DEEPEST
from services.territory.rules.vector_tiles import MEDIA_TYPE
from shared.events.vocabulary import CHAINS
from shared.kernel import NotFound
from shared.web import Call, fields

MATRIX = "WebMercatorQuad"
MATRIX_URI = f"http://www.opengis.net/def/tilematrixset/OGC/1.0/{MATRIX}"
DEEPEST_DRAWN = 14
"""Deeper tiles are the same places on a finer grid; map programs enlarge these."""


class TileQuery(Parameters):
    chain = fields.Code(CHAINS)


@enterprises.get("/tiles", query=Format, media=PLAIN, scoped=False, allow=POINT_READERS)
def tilesets(call: Call) -> Response:
    """The tilesets of the enterprises."""
    return told_tilesets(call, ENTERPRISES)


@enterprises.get("/tiles/WebMercatorQuad", query=Format, media=PLAIN, scoped=False, allow=POINT_READERS)
def tileset(call: Call) -> Response:
    """The tileset of the enterprises; as TileJSON at `…/tilejson`."""
    return told_tileset(call, ENTERPRISES)


@enterprises.get("/tiles/WebMercatorQuad/tilejson", query=Format, media=PLAIN, scoped=False, allow=POINT_READERS)
def tilejson(call: Call) -> Response:
    """TileJSON 3.0 of the enterprises."""
    return told_tilejson(call, ENTERPRISES)


@enterprises.get(
    "/tiles/WebMercatorQuad/<int:zoom>/<int:row>/<int:column>",
    query=TileQuery, media=(MEDIA_TYPE,), scoped=False, allow=POINT_READERS,
)  # fmt: skip
def tile(call: Call, zoom: int, row: int, column: int) -> Response:
    """A vector tile: up to zoom 10 numbers by cell, below it each enterprise at the place where the caller sees it."""
    here = on_the_map(zoom, row, column)
    seen = views.units_asked(call.caller, None)
    return sent_tile(tiles.enterprises(call.session, sight_of(call), seen, here, chain=call.query.get("chain")))


@units.get("/tiles", query=Format, media=PLAIN, scoped=False, allow=READERS)
def unit_tilesets(call: Call) -> Response:
    """The tilesets of the units."""
    return told_tilesets(call, UNITS)


@units.get("/tiles/WebMercatorQuad", query=Format, media=PLAIN, scoped=False, allow=READERS)
def unit_tileset(call: Call) -> Response:
    """The tileset of the units; as TileJSON at `…/tilejson`."""
    return told_tileset(call, UNITS)


@units.get("/tiles/WebMercatorQuad/tilejson", query=Format, media=PLAIN, scoped=False, allow=READERS)
def unit_tilejson(call: Call) -> Response:
    """TileJSON 3.0 of the units."""
    return told_tilejson(call, UNITS)


@units.get(
    "/tiles/WebMercatorQuad/<int:zoom>/<int:row>/<int:column>",
    query=Parameters, media=(MEDIA_TYPE,), scoped=False, allow=READERS,
)  # fmt: skip
def unit_tile(call: Call, zoom: int, row: int, column: int) -> Response:
    """A vector tile of the caller's departments and, from zoom 7, municipalities, with enterprises and women at work:
    live, or as published this month; a figure that is withheld is left out.
    """
    here = on_the_map(zoom, row, column)
    codes = frozenset(codes_in(call.caller, "department") + codes_in(call.caller, "municipality"))
    if views.may_see_live(call.caller):
        figures: dict[str, Any] = tiles.live_figures(call.session, views.units_asked(call.caller, None))
        figures = {code: figures.get(code, {"enterprises": 0, "women": 0}) for code in codes}
    else:
        figures = _published(call, sorted(codes))
    return sent_tile(tiles.units(bounds.in_force(call.session), codes, figures, here))


def _published(call: Call, codes: list[str]) -> dict[str, Any]:
    make_sure_of_figures(call, codes)
    view = views.published(call.session, views.selected(call.caller, None))
    return {code: {name: figure_of(view.figures, code, name).value for name in OF_ENTERPRISES} for code in codes}


def on_the_map(zoom: int, row: int, column: int) -> tiles.Tile:
    """The tile asked for; refuses one that there is not."""
    if zoom > DEEPEST or row >= 1 << zoom or column >= 1 << zoom:
        raise NotFound("tiles.off_the_map", zoom=min(zoom, 99), deepest=DEEPEST)
    return zoom, column, row


def sent_tile(content: bytes) -> Response:
    """The tile with the hash of its content as ETag: who has it asks again and is told that it is the same."""
    etag = hashlib.sha256(content).hexdigest()[:24]
    if request.if_none_match.contains_weak(etag):
        response = Response(status=304)
    else:
        response = Response(content or None, 200 if content else 204, content_type=MEDIA_TYPE)
    response.set_etag(etag)
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Authorization"
    return response


def told_tilesets(call: Call, collection: Collection) -> Response:
    """The tilesets of a collection: one."""
    here = f"/collections/{collection.id}/tiles"
    one = _told(call, collection) | {"links": [link("self", f"{root(call)}{here}/{MATRIX}")]}
    return answer(call, {"tilesets": [one], "links": around(call, here)}, title_of(call, collection))


def told_tileset(call: Call, collection: Collection) -> Response:
    """What the tileset of a collection is."""
    here = f"{root(call)}/collections/{collection.id}/tiles/{MATRIX}"
    links = [
        link("self", here),
        link("describedby", f"{here}/tilejson", JSON, "TileJSON"),
        link("http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme", MATRIX_URI),
        {**link("item", here + "/{tileMatrix}/{tileRow}/{tileCol}", MEDIA_TYPE), "templated": True},
    ]
    layers = [{"id": one["id"], "dataType": "vector"} for one in collection.vector_layers]
    value: dict[str, Any] = {**_told(call, collection), "layers": layers, "links": links}
    return answer(call, value, title_of(call, collection))


def _told(call: Call, collection: Collection) -> dict[str, Any]:
    return {
        "title": title_of(call, collection),
        "dataType": "vector",
        "crs": "http://www.opengis.net/def/crs/EPSG/0/3857",
        "tileMatrixSetURI": MATRIX_URI,
    }


def told_tilejson(call: Call, collection: Collection) -> Response:
    """The same as TileJSON 3.0."""
    template = f"{root(call)}/collections/{collection.id}/tiles/{MATRIX}" + "/{z}/{y}/{x}"
    value = {
        "tilejson": "3.0.0",
        "name": title_of(call, collection),
        "tiles": [template],
        "minzoom": 0,
        "maxzoom": DEEPEST_DRAWN,
        "bounds": [-92.3, 12.9, -82.3, 17.9],
        "vector_layers": collection.vector_layers,
    }
    return answer(call, value, title_of(call, collection))
