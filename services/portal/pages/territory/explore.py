"""The interactive map, above the drawing that needs neither JavaScript nor WebGL, and the tiles it is made of."""

import re
from collections.abc import Mapping
from typing import Any

from flask import Response, abort, render_template, request

from services.portal.clients import api
from services.portal.frame import _, for_roles, me
from services.portal.frame.sending import send
from services.portal.pages.registry.codes import CHAINS
from services.portal.pages.territory.area import LIVE, POINTS, READERS, TECHNICAL, blueprint

FORMS = {"gpkg": "GeoPackage", "geojson": "GeoJSON", "fgb": "FlatGeobuf", "csv": "CSV", "xlsx": "Excel (XLSX)"}
TILES = {"enterprises": POINTS, "units": READERS}
FILES = TILES | {"clusters": POINTS}
LAYER = re.compile(r"layer-[0-9a-f-]{36}")
MOST_LAYERS = 20
"""Uploaded layers that are drawn over each other; more would hide the places."""


@blueprint.get("/map/explore")
@for_roles(*READERS)
def explore() -> Any:
    """The map to move about in; it is fetched when its button is pressed."""
    person = me()
    points = person.has(*POINTS)
    shown = api("territory").get("/map", {"points": points or None})
    return render_template(
        "territory/explore.html",
        map=shown,
        words=_words(),
        points=points,
        forms=FORMS,
        masked=points and not person.has(*TECHNICAL),
        records="/registry/enterprises/" if person.has(*LIVE) else "",
        bounds=_bounds(shown["unit"]),
        layers=_layers(),
    )


@blueprint.get("/map/tiles/<collection>/<int:zoom>/<int:row>/<int:column>")
@for_roles(*READERS)
def tile(collection: str, zoom: int, row: int, column: int) -> Response:
    """A vector tile as the person signed in may see it; the browser keeps it and asks whether it is still the same."""
    _require(collection, TILES)
    path = f"/ogc/collections/{collection}/tiles/WebMercatorQuad/{zoom}/{row}/{column}"
    taken = api("territory").kept(path, etag=request.headers.get("If-None-Match", "").removeprefix("W/"))
    response = Response(taken.content or None, taken.status, content_type=taken.media_type or None)
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Cookie"
    if taken.etag:
        response.headers["ETag"] = taken.etag
    return response


@blueprint.get("/map/download/<collection>.<form>")
@for_roles(*READERS)
def download(collection: str, form: str) -> Any:
    """Enterprises, units, clusters or a layer of the person's territory as a file, as far as she may see them."""
    _require(collection, FILES)
    if form not in FORMS:
        abort(404)
    asked = {name: request.args.get(name) for name in ("unit", "chain", "filter") if collection == "enterprises"}
    return send(api("territory").file(f"/ogc/collections/{collection}/download", {"format": form, **asked}))


def _require(collection: str, known: Mapping[str, tuple[str, ...]]) -> None:
    """There is such a collection, and the person signed in may see it; whose layer it is the service knows."""
    if LAYER.fullmatch(collection):
        return
    if collection not in known:
        abort(404)
    if not me().has(*known[collection]):
        abort(403)


def _layers() -> list[dict[str, Any]]:
    """The uploaded layers to draw: areas lowest, then lines, then points."""
    rows = [row for row in api("territory").get("/layers", {"limit": MOST_LAYERS}).rows if row["state"] == "ready"]
    order = ["polygon", "line", "point"]
    told = [{"id": f"layer-{row['id']}", **{name: row[name] for name in ("title", "kind", "shape")}} for row in rows]
    return sorted(told, key=lambda row: order.index(row["shape"]))


def _bounds(units: list[str]) -> list[float]:
    """What the map shows at first: west, south, east, north of the municipalities in `units`."""
    rows = [row for unit in units for row in _municipalities(unit)]
    if not rows:
        return [-92.3, 12.9, -83.1, 17.9]
    lons, lats = [row["lon"] for row in rows], [row["lat"] for row in rows]
    return [min(lons) - 0.15, min(lats) - 0.15, max(lons) + 0.15, max(lats) + 0.15]


def _municipalities(unit: str) -> list[dict[str, Any]]:
    if len(unit) == 2:
        return []
    asked = {"inside": unit[:4], "level": "municipality", "limit": 200}
    return [row for row in api("territory").get("/units", asked).rows if row["code"].startswith(unit)]


def _words() -> dict[str, Any]:
    """What the map says, in the reader's language."""
    return {
        "map": _("Interactive map of the territory"),
        "wait": _("The map is being fetched…"),
        "keys": _("Move with the arrow keys, zoom with + and -. Press a place to see what is there."),
        "without": _(
            "This browser cannot draw the interactive map (it has no WebGL). The drawing below shows the same."
        ),
        "lost": _("The device stopped drawing the interactive map. The drawing below shows the same."),
        "trouble": _("A part of the map did not arrive. Check your connection and try again."),
        "nothing": _("Nothing is drawn there."),
        "enterprises": _("Enterprises"),
        "women": _("Women at work"),
        "chain": _("Value chain"),
        "chains": {code: _(label) for code, label in CHAINS.items()},
        "masked": _("At a place near its own."),
        "nearer": _("Zoom in to see each one."),
        "open": _("Open the record"),
        "withheld": _("withheld"),
        "locale": {
            "NavigationControl.ZoomIn": _("Zoom in"),
            "NavigationControl.ZoomOut": _("Zoom out"),
            "Popup.Close": _("Close what is told of this place"),
            "Map.Title": _("Interactive map of the territory"),
        },
    }
