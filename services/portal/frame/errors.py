"""Pages for what went wrong: what happened, what she can do, and the number to tell."""

from collections.abc import Callable
from typing import Any

from flask import Flask, g, make_response, render_template, request
from sqlalchemy.exc import IntegrityError, OperationalError, SQLAlchemyError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from services.portal.clients import Away, Problem
from services.portal.frame import csrf, language, person
from shared import logs
from shared.kernel import Refused
from shared.web.problems import is_repetition, status_of

_MACHINES = ("/api/", "/internal/", "/.well-known/", "/livez", "/readyz", "/metrics")
_KNOWN = frozenset({400, 403, 404, 405, 413, 500, 503})


def install(app: Flask) -> None:
    """Answer people with pages; programs go on getting problem documents."""
    documents = dict(app.error_handler_spec[None][None])

    def handle(kind: type[Exception], answer: Callable[[Any], Any]) -> None:
        document = documents.get(kind)

        @app.errorhandler(kind)
        def _handled(error: Any) -> Any:
            if document is not None and request.path.startswith(_MACHINES):
                return document(error)
            return answer(error)

    handle(Refused, lambda refused: page(status_of(refused), detail=_sentence(refused)))
    handle(HTTPException, _http)
    handle(IntegrityError, _written_twice)
    handle(OperationalError, lambda error: _defect(error, 503))
    handle(Exception, lambda error: _defect(error, 500))
    app.register_error_handler(Problem, problem)


def page(status: int, *, detail: str = "", title: str = "", trace: str = "") -> Response:
    """The page for `status`; `detail` says what happened where the general words are not enough."""
    _settle()
    template = f"errors/{status}.html" if status in _KNOWN else "errors/refused.html"
    body = render_template(template, status=status, detail=detail, title=title, trace=trace or logs.trace_id())
    response = make_response(body, status)
    if status == 503:
        response.headers["Retry-After"] = "10"
    return response


def problem(refused: Problem) -> Response:
    """The page for what an API refused and no form took over."""
    if isinstance(refused, Away):
        _settle()
        kept = csrf.kept_fields() if request.method == "POST" else []
        facts = {"status": 503, "service": refused.service, "trace": logs.trace_id(), "kept": kept}
        body = render_template("errors/away.html", **facts)
        response = make_response(body, 503)
        response.headers["Retry-After"] = "10"
        return response
    if refused.status == 401:
        return person.to_sign_in()
    _settle()
    detail = language.for_people(refused.code, refused.detail, refused.facts)
    return page(refused.status, detail=detail, title=refused.title, trace=refused.trace)


def _http(error: HTTPException) -> Response:
    if isinstance(error, csrf.Expired):
        _settle()
        return make_response(render_template("errors/expired.html", status=400, kept=csrf.kept_fields()), 400)
    if error.response is not None or (error.code or 500) < 400:
        return error.get_response()
    response = page(error.code or 500)
    if error.code == 405:
        response.headers["Allow"] = ", ".join(sorted(getattr(error, "valid_methods", None) or []))
    return response


def _written_twice(error: IntegrityError) -> Response:
    if not is_repetition(error):
        return _defect(error, 500)
    return page(409, detail=_sentence(Refused("changed_meanwhile")))


def _defect(error: Exception, status: int) -> Response:
    logs.logger(service="portal").error("defect", path=request.endpoint, kind=type(error).__name__, exc_info=error)
    return page(status)


def _sentence(refused: Refused) -> str:
    _settle()
    return language.sentence(refused.code, **refused.facts)


def _settle() -> None:
    """The page must come whatever failed, even before it was known who asks."""
    if "cookie" in g and "language" in g:
        return
    try:
        person.recognise()
    except SQLAlchemyError:
        g.me = None
    language.choose()
