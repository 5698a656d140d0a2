"""Files on their way from an API to the browser."""

from urllib.parse import quote

from flask import Response

from services.portal.clients import Taken


def send(taken: Taken, *, inline: bool = False) -> Response:
    """The file, to be saved or, `inline`, shown in the browser."""
    response = Response(taken.content, content_type=taken.media_type)
    kind = "inline" if inline else "attachment"
    response.headers["Content-Disposition"] = f"{kind}; filename*=UTF-8''{quote(taken.name, safe='')}"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response
