"""How features are told: a page of them with the link to the next, or one."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import orjson
from flask import Response, request

from services.territory.api.ogc.answers import GEOJSON, HTML, answer, around, link, root, say, wants_html
from services.territory.queries.ready_features import ReadyPage
from shared.web import Call


def told_page(
    call: Call, collection: str, features: Sequence[Mapping[str, Any]], cursor: str | None, *, title: str = ""
) -> Response:
    """A page of a collection; `cursor`: after which the next one begins, None on the last."""
    path = f"/collections/{collection}/items"
    value = {
        "type": "FeatureCollection",
        "features": features,
        "numberReturned": len(features),
        "links": around(call, path, GEOJSON) + next_link(call, path, request.args, cursor),
    }
    return answer(call, value, title or say(call, f"ogc.{collection}"), GEOJSON)


def told_ready(call: Call, collection: str, page: ReadyPage) -> Response:
    """The same page as GeoJSON, of features that are text already."""
    path = f"/collections/{collection}/items"
    links = around(call, path, GEOJSON) + next_link(call, path, request.args, page.next)
    body = b"".join((
        b'{"type":"FeatureCollection","features":[', page.texts.encode(),
        b'],"numberReturned":%d,"links":' % page.number, orjson.dumps(links), b"}",
    ))  # fmt: skip
    return Response(body, content_type=GEOJSON)


def told_alone(call: Call, collection: str, feature: dict[str, Any], *, title: str = "") -> Response:
    """One feature with its links; as HTML in a table of one row."""
    here = f"{root(call)}/collections/{collection}"
    links = [*around(call, f"/collections/{collection}/items/{feature['id']}", GEOJSON), link("collection", here)]
    title = title or say(call, f"ogc.{collection}")
    if wants_html(call):
        return answer(call, {"features": [feature], "links": links}, title)
    return answer(call, {**feature, "links": links}, title, GEOJSON)


def next_link(call: Call, path: str, asked: Mapping[str, str], cursor: str | None) -> list[dict[str, str]]:
    """The link to the page after `cursor`, in the form this one has; none after the last."""
    if cursor is None:
        return []
    kind = HTML if wants_html(call) else GEOJSON
    query = urlencode({**asked, "after": cursor})
    return [link("next", f"{root(call)}{path}?{query}", kind, say(call, "ogc.next"))]
