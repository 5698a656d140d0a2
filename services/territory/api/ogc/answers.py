"""How the standard doors answer: JSON or plain HTML of the same, with absolute links."""

import html
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import orjson
from flask import Response, request

from services.territory.composition import Composition
from shared.kernel import Invalid
from shared.web import Call, Query, fields
from shared.web.schemas import InvalidFields

GEOJSON = "application/geo+json"
JSON = "application/json"
HTML = "text/html; charset=utf-8"
PLAIN = (JSON, "text/html")
FEATURES = (GEOJSON, "text/html")
QUERYABLES = ("application/schema+json", "text/html")
FORMATS = ("json", "html")


class Parameters(Query):
    """What is asked for in the address."""

    status = 400

    def from_text(self, raw: Mapping[str, list[str]]) -> dict[str, Any]:
        """The validated parameters; one that is unknown or wrong makes a bad request (OGC 17-069r4, 7.5 and 7.6)."""
        try:
            return super().from_text(raw)
        except InvalidFields as wrong:
            raise InvalidFields(wrong.mistakes, status=self.status) from None
        except Invalid as wrong:
            raise InvalidFields([(wrong.pointer, wrong.code, wrong.facts)], status=self.status) from None


class Format(Parameters):
    f = fields.Code(FORMATS)


def root(call: Call) -> str:
    """The address of the landing page, as the outside knows it."""
    context: Composition = call.context
    return f"{context.public_url}/api/territory/v1/ogc"


def link(rel: str, href: str, kind: str = JSON, title: str = "") -> dict[str, str]:
    return {"rel": rel, "href": href, "type": kind} | ({"title": title} if title else {})


def around(call: Call, path: str, kind: str = JSON) -> list[dict[str, str]]:
    """A page's links to itself, in the form that is sent, and to itself in the other form."""
    here = f"{root(call)}{path}"
    query = {name: value for name, value in request.args.items() if name != "f"}
    plain = here + (f"?{urlencode(query)}" if query else "")
    page = f"{here}?{urlencode({**query, 'f': 'html'})}"
    if wants_html(call):
        data = f"{here}?{urlencode({**query, 'f': 'json'})}"
        return [link("self", page, HTML), link("alternate", data, kind)]
    return [link("self", plain, kind), link("alternate", page, HTML)]


def answer(call: Call, value: Mapping[str, Any], title: str, kind: str = JSON) -> Response:
    """The value in the form that was asked for: by `f`, or by what the browser accepts best."""
    if wants_html(call):
        return Response(_page(call, value, title), content_type=HTML)
    return Response(orjson.dumps(value), content_type=kind)


def wants_html(call: Call) -> bool:
    asked = call.query.get("f")
    if asked:
        return bool(asked == "html")
    best = request.accept_mimetypes.best_match([JSON, GEOJSON, "text/html"], JSON)
    return best == "text/html"


def say(call: Call, code: str, **facts: Any) -> str:
    context: Composition = call.context
    return context.words(call.language)(code, **facts)


def _page(call: Call, value: Mapping[str, Any], title: str) -> str:
    """A page without style and script: links, and the value as tables."""
    shown = {name: one for name, one in value.items() if name not in {"links", "features"}}
    parts = [_links(value.get("links", [])), _table([shown])]
    if "features" in value:
        parts.append(_table([{"id": one["id"], **one["properties"]} for one in value["features"]]))
    return (
        f'<!doctype html><html lang="{call.language}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{html.escape(title)}</title></head>'
        f"<body><main><h1>{html.escape(title)}</h1>{''.join(parts)}</main></body></html>"
    )


def _links(links: Sequence[Mapping[str, str]]) -> str:
    items = (
        f'<li><a href="{html.escape(one["href"])}">{html.escape(one.get("title") or one["rel"])}</a> '
        f"({html.escape(one.get('type', ''))})</li>"
        for one in links
    )
    return f"<ul>{''.join(items)}</ul>"


def _table(rows: Sequence[Mapping[str, Any]]) -> str:
    heads = list(dict.fromkeys(name for row in rows for name in row))
    if not heads:
        return ""
    top = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in heads)
    lines = (
        "<tr>" + "".join(f"<td>{html.escape(_told(row.get(name)))}</td>" for name in heads) + "</tr>" for row in rows
    )
    return f"<table><thead><tr>{top}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


def _told(value: Any) -> str:
    if value is None:
        return ""
    return orjson.dumps(value).decode() if isinstance(value, dict | list) else str(value)
