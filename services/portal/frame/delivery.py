"""How answers leave: compressed for slow lines, with static files that browsers keep, under a strict policy."""

import gzip
import hashlib
import mimetypes
from functools import cache
from pathlib import Path

from flask import Flask, Response, abort, request
from werkzeug.security import safe_join

STATIC = Path(__file__).parent.parent / "static"
_COMPRESSIBLE = ("text/", "application/javascript", "application/json", "image/svg+xml", "application/problem+json")
_SERVED = (".css", ".js", ".svg", ".png", ".json", ".woff2", ".LICENSE")
_WORTH_IT = 700
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "worker-src 'self' blob:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def asset(name: str) -> str:
    """The address of a static file; it changes with the content, so that browsers may keep it for ever."""
    return f"/static/{name}?v={_version(name)}"


def install(app: Flask) -> None:
    """Serve `/static` and finish every response of `app`."""

    @app.get("/static/<path:filename>", endpoint="static")
    def static_file(filename: str) -> Response:
        path = safe_join(str(STATIC), filename)
        if path is None or not filename.endswith(_SERVED) or not Path(path).is_file():
            abort(404)
        response = Response(Path(path).read_bytes(), content_type=_media_type(filename))
        response.set_etag(_version(filename))
        kept = "max-age=31536000, immutable" if request.args.get("v") else "max-age=300"
        response.headers["Cache-Control"] = f"public, {kept}"
        response.make_conditional(request)
        return response

    @app.after_request
    def finish(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", _POLICY)
        headers["Referrer-Policy"] = "same-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(self), interest-cohort=()"
        if app.config["SESSION_COOKIE_SECURE"]:
            headers["Strict-Transport-Security"] = "max-age=31536000"
        return _compressed(response)


def _compressed(response: Response) -> Response:
    worth_it = (
        response.status_code == 200 or response.status_code >= 400
    ) and "Content-Encoding" not in response.headers
    if not worth_it or not (response.mimetype or "").startswith(_COMPRESSIBLE):
        return response
    response.vary.add("Accept-Encoding")
    if not request.accept_encodings["gzip"] or request.method == "HEAD":
        return response
    content = response.get_data()
    if len(content) < _WORTH_IT:
        return response
    kept = request.endpoint == "static"
    response.set_data(_static_gzip(content) if kept else gzip.compress(content, 5, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
    if (etag := response.headers.get("ETag", "")) and not etag.startswith("W/"):
        response.headers["ETag"] = f"W/{etag}"
    return response


def _media_type(name: str) -> str:
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


_static_gzip = cache(lambda content: gzip.compress(content, 9, mtime=0))


@cache
def _version(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]
