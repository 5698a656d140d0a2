"""The link from a page of features to the next."""

from collections.abc import Mapping
from urllib.parse import urlencode

from services.territory.api.ogc.answers import GEOJSON, HTML, link, root, say, wants_html
from shared.web import Call


def next_link(call: Call, path: str, asked: Mapping[str, str], cursor: str | None) -> list[dict[str, str]]:
    """The link to the page after `cursor`, in the form this one has; none after the last."""
    if cursor is None:
        return []
    kind = HTML if wants_html(call) else GEOJSON
    query = urlencode({**asked, "after": cursor})
    return [link("next", f"{root(call)}{path}?{query}", kind, say(call, "ogc.next"))]
