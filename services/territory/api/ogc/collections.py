"""The collections of features: what they are, what they have, and which of them a caller sees."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response

from services.territory.api.ogc.answers import GEOJSON, HTML, PLAIN, Format, answer, around, link, root, say
from services.territory.models import ReferenceLayer
from services.territory.queries import cluster_features, features, layer_features
from services.territory.queries import unit_features as units
from services.territory.queries.layers import seen_by as seen_layers_by
from services.territory.queries.tiles import MUNICIPALITIES_FROM
from services.territory.rules.access import POINT_READERS, READERS, sees_points
from services.territory.rules.filtering import Kind, Properties
from shared.web import Call, Resource

resource = Resource("ogc", prefix="/ogc", description="OGC API: features and tiles of the territory.")

CONFORMS = [
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
    *(f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{one}" for one in ("core", "geojson", "html")),
    *(
        f"http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/{one}"
        for one in ("filter", "features-filter", "queryables")
    ),
    *(
        f"http://www.opengis.net/spec/cql2/1.0/conf/{one}"
        for one in ("cql2-text", "cql2-json", "basic-cql2", "advanced-comparison-operators",
                    "case-insensitive-comparison", "accent-insensitive-comparison", "basic-spatial-functions",
                    "basic-spatial-functions-plus", "spatial-functions", "temporal-functions", "arithmetic")
    ),
    *(
        f"http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/{one}"
        for one in ("core", "tileset", "tilesets-list", "geodata-tilesets", "mvt")
    ),
]  # fmt: skip
OPENAPI = "application/vnd.oai.openapi+json;version=3.1"
EXTENT = {"spatial": {"bbox": [[-92.3, 12.9, -82.3, 17.9]], "crs": ["http://www.opengis.net/def/crs/OGC/1.3/CRS84"]}}
SCHEMA = {
    Kind.TEXT: {"type": "string"},
    Kind.NUMBER: {"type": "number"},
    Kind.TRUTH: {"type": "boolean"},
    Kind.DAY: {"type": "string", "format": "date"},
}


@dataclass(frozen=True)
class Collection:
    """A kind of feature. `filterable` is what a caller's filter may name; `vector_layers` are the layers of its tiles,
    as TileJSON has them (none: no tiles); `title` and `about` are those of an uploaded layer.
    """

    id: str
    allow: frozenset[str]
    filterable: Callable[[Call], Properties]
    geometry: str
    vector_layers: Sequence[Mapping[str, Any]] = ()
    title: str = ""
    about: str = ""


def _enterprises(call: Call) -> Properties:
    return features.filterable(features.SIGHTS[sees_points(call.caller.roles) or "masked"])


ENTERPRISES = Collection(
    "enterprises", POINT_READERS, _enterprises, "geometry-point",
    [{"id": "enterprises", "fields": {"number": "Number", "women": "Number", "chain": "String",
                                      "validation": "String", "id": "String"}}],
)  # fmt: skip
_UNIT = {"code": "String", "name": "String", "enterprises": "Number", "women": "Number"}
UNITS = Collection(
    "units", READERS, lambda _: units.FACTS, "geometry-multipolygon",
    [{"id": "departments", "fields": _UNIT},
     {"id": "municipalities", "minzoom": MUNICIPALITIES_FROM, "fields": _UNIT}],
)  # fmt: skip
CLUSTERS = Collection(
    "clusters", POINT_READERS, lambda _: cluster_features.FACTS, "geometry-polygon",
    [{"id": "clusters", "fields": {"number": "Number", "municipality": "String", "name": "String",
                                   "enterprises": "Number", "women": "Number", "main_chain": "String",
                                   "chains": "Number"}}],
)  # fmt: skip
COLLECTIONS = [ENTERPRISES, UNITS, CLUSTERS]
"""What the doors show besides uploaded layers; a further kind is entered here and brings its own items and tiles."""
_SHAPES = {"point": "geometry-multipoint", "line": "geometry-multilinestring", "polygon": "geometry-multipolygon"}


def collection_of(layer: ReferenceLayer) -> Collection:
    """An uploaded layer as a collection."""

    def columns(call: Call) -> Properties:
        return layer_features.filterable(layer_features.kinds_of(call.session, layer))

    return Collection(
        f"layer-{layer.id}", READERS, columns, _SHAPES[layer.shape or "point"],
        [{"id": "features", "fields": {"number": "Number", "name": "String"}}],
        layer.title, f"{layer.source}. {layer.licence}",
    )  # fmt: skip


def seen_by(call: Call) -> list[Collection]:
    """The collections that the caller's roles may see, and the layers of her territory."""
    found = [one for one in COLLECTIONS if not one.allow.isdisjoint(call.caller.roles)]
    return found + [collection_of(one) for one in layer_features.seen_layers(call.session, seen_layers_by(call.caller))]


def title_of(call: Call, collection: Collection) -> str:
    """What a collection is called."""
    return collection.title or say(call, f"ogc.{collection.id}")


def told(call: Call, collection: Collection) -> dict[str, Any]:
    """A collection as the standard describes it."""
    here = f"{root(call)}/collections/{collection.id}"
    links = [
        link("self", here),
        link("items", f"{here}/items", GEOJSON, say(call, "ogc.items")),
        link("items", f"{here}/items?f=html", HTML, say(call, "ogc.items")),
        link("http://www.opengis.net/def/rel/ogc/1.0/queryables", f"{here}/queryables", "application/schema+json",
             say(call, "ogc.queryables")),
        link("http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector", f"{here}/tiles"),
    ]  # fmt: skip
    return {
        "id": collection.id,
        "title": title_of(call, collection),
        "description": collection.about or say(call, f"ogc.{collection.id}.description"),
        "itemType": "feature",
        "extent": EXTENT,
        "crs": EXTENT["spatial"]["crs"],
        "links": links if collection.vector_layers else links[:-1],
    }


@resource.get(query=Format, media=PLAIN, scoped=False, allow=READERS)
def landing(call: Call) -> Response:
    """The landing page of the standard doors, as JSON or HTML."""
    here = root(call)
    links = [
        *around(call, ""),
        link("service-desc", here.removesuffix("/ogc") + "/openapi.json", OPENAPI),
        link("conformance", f"{here}/conformance", title=say(call, "ogc.conformance")),
        link("data", f"{here}/collections", title=say(call, "ogc.collections")),
        *(link("items", f"{here}/collections/{one.id}/items?f=html", HTML, title_of(call, one))
          for one in seen_by(call)),
    ]  # fmt: skip
    title = say(call, "ogc.title")
    return answer(call, {"title": title, "description": say(call, "ogc.description"), "links": links}, title)


@resource.get("/conformance", query=Format, media=PLAIN, scoped=False, allow=READERS)
def conformance(call: Call) -> Response:
    """The classes of the standards that the doors conform to."""
    return answer(call, {"conformsTo": CONFORMS}, say(call, "ogc.conformance"))


@resource.get("/collections", query=Format, media=PLAIN, scoped=False, allow=READERS)
def collections(call: Call) -> Response:
    """The collections that the caller sees."""
    listed = [told(call, one) for one in seen_by(call)]
    links = around(call, "/collections") + [
        link("data", f"{one['links'][0]['href']}?f=html", HTML, one["title"]) for one in listed
    ]
    return answer(call, {"collections": listed, "links": links}, say(call, "ogc.collections"))


def about(call: Call, collection: Collection) -> Response:
    """What a collection is."""
    value = told(call, collection)
    return answer(call, value, value["title"])


def queryables(call: Call, collection: Collection) -> Response:
    """What the caller's filter may name of a collection, as a JSON schema."""
    properties: dict[str, Any] = {
        name: {"format": collection.geometry} if kind is Kind.SHAPE else SCHEMA[kind]
        for name, kind in collection.filterable(call).items()
    }
    value = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{root(call)}/collections/{collection.id}/queryables",
        "type": "object",
        "title": title_of(call, collection),
        "properties": properties,
        "additionalProperties": False,
    }
    return answer(call, value, say(call, "ogc.queryables"), "application/schema+json")
