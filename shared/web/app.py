"""The Flask application of a service: its resources, and what every service answers in the same way."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

from flask import Blueprint, Flask, Response, g, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.middleware.proxy_fix import ProxyFix

from shared import i18n, logs, metrics
from shared.database import Database, lacks_migrations
from shared.incoming import check_text
from shared.tokens import Keyring
from shared.web import problems
from shared.web.call import MAX_BODY
from shared.web.description import describe
from shared.web.operation import Operation
from shared.web.problems import Unfit
from shared.web.resource import Resource

VERSION = "0.1.0"


def create_app(
    name: str,
    *,
    database: Database,
    keyring: Keyring,
    resources: Sequence[Resource],
    locale: Path,
    context: Any = None,
    internal: Sequence[Blueprint] = (),
) -> Flask:
    """The API of service `name` under `/api/<name>/v1`. `context` reaches every handler as `call.context`;
    `internal` blueprints (the feed) are served under `/internal`, which no gateway passes on.
    """
    app = Flask(name, static_folder=None)
    app.config.update(
        MAX_CONTENT_LENGTH=MAX_BODY,
        MAX_FORM_PARTS=50,
        TRAP_HTTP_EXCEPTIONS=False,
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.url_map.merge_slashes = False
    app.extensions.update(
        database=database,
        keyring=keyring,
        context=context,
        catalogue=i18n.Catalogue([locale]),
        operations=[operation for resource in resources for operation in resource.operations],
    )
    for resource in resources:
        app.register_blueprint(resource.blueprint, url_prefix=f"/api/{name}/v1{resource.blueprint.url_prefix}")
    describe(app, resources)
    for blueprint in internal:
        app.register_blueprint(blueprint, url_prefix="/internal")
    problems.install(app)
    _observe(app)
    _health(app, database)
    return app


def believe_proxies(app: Flask, hops: int) -> None:
    """Take the caller's address, and whether she came over HTTPS, from what the last `hops` gateways wrote."""
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]


def operations_of(app: Flask) -> list[Operation]:
    """Every declared operation of a service's application."""
    found: list[Operation] = app.extensions["operations"]
    return found


def _observe(app: Flask) -> None:
    """A correlation id, a log line and a measurement for each request; no query string, no personal data."""

    @app.before_request
    def _begin() -> None:
        g.started = time.perf_counter()
        g.tracing = logs.tracing(request.headers.get("traceparent"))
        g.trace = g.tracing.__enter__()
        _check_address()

    @app.after_request
    def _end(response: Response) -> Response:
        seconds = time.perf_counter() - g.started
        operation = g.get("operation") or request.endpoint or "none"
        metrics.REQUESTS.labels(app.name, operation, response.status_code).inc()
        metrics.SECONDS.labels(app.name, operation).observe(seconds)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers["X-Trace-Id"] = g.trace
        if request.endpoint not in {"livez", "readyz", "metrics"}:
            logs.logger(service=app.name).info(
                "request", operation=operation, status=response.status_code, ms=round(seconds * 1000, 1)
            )
        return response

    @app.teardown_request
    def _leave(_error: BaseException | None) -> None:
        if tracing := g.pop("tracing", None):
            tracing.__exit__(None, None, None)


def _check_address() -> None:
    """A path or a query string that is not UTF-8 is refused, not guessed at."""
    try:
        path = request.environ["PATH_INFO"].encode("latin-1").decode()
        query = unquote_to_bytes(request.query_string).decode()
    except UnicodeError:
        raise Unfit(400, "http.400") from None
    check_text(path)
    check_text(query)


def _health(app: Flask, database: Database) -> None:
    @app.get("/livez")
    def livez() -> Response:
        return Response("ok\n", content_type="text/plain")

    @app.get("/readyz")
    def readyz() -> Response:
        try:
            with database.reading() as session:
                behind = lacks_migrations(session, app.name)
        except SQLAlchemyError:
            return Response("database unavailable or without tables\n", 503, content_type="text/plain")
        if behind:
            return Response("database behind: csem migrate\n", 503, content_type="text/plain")
        return Response("ok\n", content_type="text/plain")

    @app.get("/metrics", endpoint="metrics")
    def exposition() -> Response:
        body, media_type = metrics.exposition()
        return Response(body, content_type=media_type)
