"""Every answer that says no, as RFC 9457 `application/problem+json`, in the caller's language."""

from collections.abc import Iterable, Mapping
from datetime import date
from types import NoneType
from typing import Any

from flask import Flask, Response, current_app, g, request
from sqlalchemy.exc import IntegrityError, OperationalError
from werkzeug.exceptions import HTTPException

from shared import i18n, logs
from shared.kernel import Forbidden, Invalid, Money, NotFound, Refused, Stale
from shared.tokens import Unauthenticated
from shared.web.operation import PROBLEM_TYPE
from shared.web.schemas import InvalidFields, to_json

_STATUS: tuple[tuple[type[Refused], int], ...] = (
    (Unauthenticated, 401),
    (Forbidden, 403),
    (NotFound, 404),
    (Stale, 412),
    (Invalid, 422),
)


class Unfit(Refused):
    """The request itself is not one the house can read: `status` says which way."""

    def __init__(self, status: int, code: str, **facts: object) -> None:
        super().__init__(code, **facts)
        self.status = status


def status_of(refused: Refused) -> int:
    """The HTTP status that a refusal has."""
    if isinstance(refused, Unfit | InvalidFields):
        return refused.status
    return next((status for kind, status in _STATUS if isinstance(refused, kind)), 409)


def language() -> str:
    """The language of the request's `Accept-Language`, Spanish where it names none of ours."""
    return i18n.choose(request.headers.get("Accept-Language"))


def problem(
    status: int, code: str, facts: Mapping[str, object], *, errors: Iterable[Mapping[str, Any]] = ()
) -> Response:
    """The problem document of a refusal; its `type` and `code` are stable, its sentences are translated."""
    catalogue: i18n.Catalogue = current_app.extensions["catalogue"]
    spoken = language()
    body: dict[str, Any] = {
        "type": f"urn:csem:problem:{code}",
        "status": status,
        "code": code,
        "title": catalogue.sentence(f"status.{status}", {}, spoken),
        "detail": catalogue.sentence(code, facts, spoken),
        "trace": logs.trace_id(),
    }
    if named := _readable(catalogue.named(code, facts)):
        body["facts"] = named
    if listed := list(errors):
        body["errors"] = listed
    response = Response(to_json(body), status, content_type=PROBLEM_TYPE)
    response.headers["Content-Language"] = spoken
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if status in {429, 503}:
        response.headers["Retry-After"] = str(facts.get("retry_after", 2))
    return response


def refusal(refused: Refused) -> Response:
    """The problem document of a `Refused`."""
    catalogue: i18n.Catalogue = current_app.extensions["catalogue"]

    def entry(pointer: str, code: str, facts: Mapping[str, object]) -> dict[str, Any]:
        told = {"pointer": pointer, "code": code, "detail": catalogue.sentence(code, facts, language())}
        return told | ({"facts": named} if (named := _readable(catalogue.named(code, facts))) else {})

    errors = []
    if isinstance(refused, InvalidFields):
        errors = [entry(*mistake) for mistake in refused.mistakes]
    elif isinstance(refused, Invalid):
        errors = [entry(refused.pointer, refused.code, refused.facts)]
    return problem(status_of(refused), refused.code, refused.facts, errors=errors)


def _readable(facts: Mapping[str, object]) -> dict[str, object]:
    """Facts as JSON holds them: what it has no kind for is told as text."""
    kinds = (str, int, float, bool, date, Money, NoneType)
    return {name: value if isinstance(value, kinds) else str(value) for name, value in facts.items()}


def install(app: Flask) -> None:
    """Answer every exception of `app` with a problem document."""

    @app.errorhandler(Refused)
    def _refused(refused: Refused) -> Response:
        return refusal(refused)

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> Response:
        status = error.code or 500
        known = current_app.extensions["catalogue"].knows(f"http.{status}", "en")
        response = problem(status, f"http.{status}" if known else "http.400", {})
        if status == 405 and error.response is None:
            response.headers["Allow"] = ", ".join(sorted(getattr(error, "valid_methods", None) or []))
        return response

    @app.errorhandler(OperationalError)
    def _database(error: OperationalError) -> Response:
        logs.logger(service=app.name).error("database_unavailable", kind=type(error.orig).__name__)
        return problem(503, "service.busy", {})

    @app.errorhandler(IntegrityError)
    def _twice(error: IntegrityError) -> Response:
        if not is_repetition(error):
            return _defect(error)
        logs.logger(service=app.name).warning("written_twice", operation=g.get("operation"))
        return problem(409, "changed_meanwhile", {})

    @app.errorhandler(Exception)
    def _defect(error: Exception) -> Response:
        logs.logger(service=app.name).error(
            "defect", operation=g.get("operation"), kind=type(error).__name__, exc_info=error
        )
        return problem(500, "http.500", {})


def is_repetition(error: IntegrityError) -> bool:
    """Whether somebody else wrote the same unique key a moment before."""
    return getattr(error.orig, "sqlstate", "") == "23505" or "UNIQUE constraint failed" in str(error.orig)
