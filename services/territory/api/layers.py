"""Reference layers: roads, markets, banks, schools and the like."""

from typing import Any
from uuid import UUID

from services.territory.api import lists
from services.territory.models import ReferenceLayer
from services.territory.models.layers import KINDS, LAYER_STATES, SHAPES
from services.territory.queries import boundaries as bounds
from services.territory.queries import layers as queries
from services.territory.rules.access import LAYER_KEEPERS, READERS
from services.territory.rules.layer_drawing import draw_layer
from services.territory.use_cases.send_layer import delete_layer, send_layer
from shared import places
from shared.kernel import Refused
from shared.spreadsheets import Sheet
from shared.web import Call, Download, Input, Output, Page, Query, Resource, fields, keyset_page

resource = Resource("layers", prefix="/layers", description="Reference layers: roads, markets, banks, schools.")
FORMATS = ("geojson", "gpkg", *lists.FORMATS)
_MEDIA = {"geojson": "application/geo+json", "gpkg": "application/geopackage+sqlite3"}


class LayersQuery(Query):
    kind = fields.Code(KINDS)


class LayerIn(Input):
    """`units`: the codes of the units it is of, with commas. `layer`: which of the file, where it has several."""

    kind = fields.Code(KINDS, required=True)
    title = fields.String(maximum=120, required=True)
    source = fields.String(maximum=200, required=True)
    licence = fields.String(maximum=200, load_default="", minimum=0)
    units = fields.String(maximum=400, pattern=f"{places.UNIT}(,{places.UNIT})*", required=True)
    layer = fields.String(maximum=100, load_default=None, allow_none=True)


class LayerRow(Output):
    id = fields.Id()
    kind = fields.Code(KINDS)
    title = fields.String()
    source = fields.String()
    licence = fields.String()
    units = fields.List(fields.String())
    state = fields.Code(LAYER_STATES)
    shape = fields.Code(SHAPES, allow_none=True)
    features = fields.Integer()
    sent_by_name = fields.String()
    sent_at = fields.Moment()
    version = fields.Integer()


class LayerOut(LayerRow):
    """`report`: the layers of the file, its columns, what was left out, cut, mended, lies outside. `problem`: why it
    cannot be read, as a code and a sentence. `job`: how its reading stands.
    """

    report = fields.Anything()
    problem = fields.Anything(allow_none=True)
    job = fields.Anything(allow_none=True)


@resource.get(query=LayersQuery, returns=LayerRow, paged=True, allow=READERS)
def list_(call: Call) -> Page:
    """The layers of the caller's territory, of parts of it and of what it lies in, latest first."""
    statement, keys = queries.list_layers(call.caller, call.query.get("kind")), [queries.LAYER_ID]
    page = keyset_page(call.session, statement, keys=keys, limit=call.limit, after=call.after, descending=True)
    units = queries.units_of(call.session, [row["id"] for row in page.rows])
    return Page([{**row, "units": units[row["id"]]} for row in page.rows], page.next)


@resource.post(status=202, upload=True, body=LayerIn, returns=LayerOut, allow=LAYER_KEEPERS)
def send(call: Call) -> dict[str, Any]:
    """Send a layer (GeoPackage, GeoJSON, zipped Shapefile); it is read in the background. Columns that could name a
    person are left out.
    """
    if call.upload is None:
        raise Refused("upload.missing")
    told = {name: call.form.get(name) or "" for name in ("kind", "title", "source", "licence")}
    made = send_layer(
        call.session, call.caller, content=call.upload.content, name=call.upload.name,
        units=call.form["units"].split(","), layer=call.form.get("layer") or None, **told,
    )  # fmt: skip
    return _shown(call, made)


@resource.get("/<uuid:layer_id>", returns=LayerOut, allow=READERS)
def show(call: Call, layer_id: UUID) -> dict[str, Any]:
    """How a layer stands, and what was found when it was read."""
    return _shown(call, queries.layer_for(call.session, call.caller, layer_id))


class FeatureOut(Output):
    """A feature, with the box around it in degrees."""

    number = fields.Integer()
    name = fields.String(allow_none=True)
    properties = fields.Anything()
    west = fields.Number(minimum=-180, maximum=180)
    south = fields.Number(minimum=-90, maximum=90)
    east = fields.Number(minimum=-180, maximum=180)
    north = fields.Number(minimum=-90, maximum=90)


@resource.get("/<uuid:layer_id>/features", returns=FeatureOut, paged=True, allow=READERS)
def features(call: Call, layer_id: UUID) -> Page:
    """The features of a layer in the order of its file."""
    queries.layer_for(call.session, call.caller, layer_id)
    statement = queries.features_of(layer_id)
    return keyset_page(call.session, statement, keys=[queries.NUMBER], limit=call.limit, after=call.after)


class DrawingOut(Output):
    """`drawing` is an SVG; `drawn`: how many of the features are in it."""

    drawing = fields.String()
    drawn = fields.Integer()


@resource.get("/<uuid:layer_id>/drawing", returns=DrawingOut, allow=READERS)
def drawing(call: Call, layer_id: UUID) -> dict[str, Any]:
    """The layer over the outlines of its departments."""
    found = queries.layer_for(call.session, call.caller, layer_id)
    in_force = bounds.in_force(call.session)
    frame = tuple(dict.fromkeys(one.unit[:4] for one in found.units))
    level = "municipality" if len(in_force.under(*frame)) <= 120 else "department"
    drawn, number = draw_layer(
        bounds.drawn(in_force, frame, level),
        queries.shapes_of(call.session, layer_id),
        title=found.title,
        about=call.context.words(call.language)("layers.about", number=found.features, source=found.source),
        names=places.names(),
    )
    return {"drawing": drawn, "drawn": number}


class DocumentQuery(Query):
    format = fields.Code(FORMATS)


@resource.get("/<uuid:layer_id>/document", query=DocumentQuery, download=True, allow=READERS)
def document(call: Call, layer_id: UUID) -> Download:
    """The layer as GeoJSON or GeoPackage, or its features as a table (CSV, XLSX) with a point that represents each."""
    found = queries.layer_for(call.session, call.caller, layer_id)
    kind = call.query.get("format", FORMATS[0])
    if kind in lists.FORMATS:
        speak = call.context.words(call.language)
        columns, rows = queries.table_of(call.session, found)
        heads = [speak("layers.column.number"), *columns, speak("layers.column.lon"), speak("layers.column.lat")]
        return lists.sent(Sheet(speak("layers.sheet"), heads, rows), found.title[:60], kind)
    write = queries.as_geojson if kind == "geojson" else queries.geopackage_of
    return Download(write(call.session, found), f"{found.title[:60]}.{kind}", _MEDIA[kind])


@resource.delete("/<uuid:layer_id>", allow=LAYER_KEEPERS)
def remove(call: Call, layer_id: UUID) -> None:
    """Delete a layer and its file; its history stays."""
    queries.layer_for(call.session, call.caller, layer_id)
    delete_layer(call.session, call.caller, layer_id, version=call.if_match)


def _shown(call: Call, found: ReferenceLayer) -> dict[str, Any]:
    speak = call.context.words(call.language)
    problem = dict(found.problem) or None
    if problem:
        problem["detail"] = speak(problem["code"], **problem["facts"])
    job = bounds.job_of(call.session, found.job_id) if found.job_id else None
    if job and job["error"]:
        job["detail"] = speak(job["error"]["code"], **job["error"]["facts"])
    return {**queries.layer_row(found), "report": found.report, "problem": problem, "job": job}
