"""One declaration per operation: who may call it, what it reads, what it answers, whether it runs once."""

import functools
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, get_origin

from flask import Response, current_app, g, request
from flask_smorest import Blueprint

from shared.database import Database
from shared.identity import ROLES, Caller
from shared.kernel import Forbidden
from shared.tokens import Keyring, Unauthenticated
from shared.web import idempotency
from shared.web.call import MAX_UPLOAD, Call, if_match, read_body, read_query, read_upload
from shared.web.operation import Operation, documentation
from shared.web.paging import Page
from shared.web.problems import Unfit, language
from shared.web.schemas import to_json


@dataclass(frozen=True)
class Download:
    """A file to send; `inline` shows it in the browser. A large one comes in pieces, and says how large it is."""

    content: bytes | Iterable[bytes]
    name: str
    media_type: str
    inline: bool = False
    size: int | None = None


Handler = Callable[..., Any]


class Resource:
    """The operations on one kind of thing; a thin layer over a flask-smorest blueprint, which documents them."""

    def __init__(self, name: str, *, prefix: str, description: str = "") -> None:
        self.blueprint = Blueprint(name, name, url_prefix=prefix, description=description)
        self.operations: list[Operation] = []
        self._name, self._prefix = name, prefix

    def get(self, path: str = "", **options: Any) -> Callable[[Handler], Handler]:
        return self._operation("GET", path, **options)

    def post(self, path: str = "", *, status: int = 201, **options: Any) -> Callable[[Handler], Handler]:
        return self._operation("POST", path, status=status, writes=options.pop("writes", True), **options)

    def put(self, path: str = "", **options: Any) -> Callable[[Handler], Handler]:
        return self._operation("PUT", path, writes=True, if_match=options.pop("if_match", True), **options)

    def patch(self, path: str = "", **options: Any) -> Callable[[Handler], Handler]:
        return self._operation("PATCH", path, writes=True, if_match=options.pop("if_match", True), **options)

    def delete(self, path: str = "", **options: Any) -> Callable[[Handler], Handler]:
        return self._operation("DELETE", path, writes=True, if_match=options.pop("if_match", True), **options)

    def _operation(
        self, method: str, path: str, *, allow: Iterable[str] = (), upload: bool | int = False, **options: Any
    ) -> Callable[[Handler], Handler]:
        roles = frozenset(allow)
        if unknown := roles - set(ROLES):
            raise ValueError(f"{self._name}: unknown roles {unknown}")
        if not roles and not options.get("public"):
            raise ValueError(f"{self._name} {method} {path}: says nobody who may call it")

        def declare(handler: Handler) -> Handler:
            name = handler.__name__.rstrip("_")
            returned: Any = handler.__annotations__.get("return", Any)
            operation = Operation(
                many=get_origin(returned) is list,
                empty=returned is None,
                name=f"{self._name}.{name}",
                method=method,
                path=self._prefix + path,
                allow=roles,
                upload=MAX_UPLOAD if upload is True else int(upload),
                **options,
            )
            self.operations.append(operation)
            view = functools.partial(_serve, operation, handler)
            documented = self.blueprint.doc(**documentation(operation))(functools.update_wrapper(view, handler))
            self.blueprint.route(path, methods=[method], endpoint=name)(documented)
            return handler

        return declare


def _serve(operation: Operation, handler: Handler, **path: Any) -> Response:
    """Authorise, read, run the use case in its transaction, answer.

    A handler may be called again with the same arguments, where its transaction lost a race (`Database.insist`).
    """
    g.operation = operation.name
    caller = _authorise(operation)
    call = Call(None, caller, language(), current_app.extensions["context"])  # type: ignore[arg-type]
    read_query(operation, call)
    if operation.if_match:
        call.if_match = if_match()
    if operation.upload:
        read_upload(operation, call)
    read = [_arguments(operation, path)]

    def arguments() -> dict[str, Any]:
        """Read anew for every further call: a handler may have taken apart what it was given."""
        return read.pop() if read else _arguments(operation, path)

    database: Database = current_app.extensions["database"]
    if operation.idempotent:
        key = _key()
        _prepare(operation, call, database, path)
        with idempotency.turn(database.url, caller.subject, key):
            return database.insist(
                lambda session: _once(operation, handler, replace(call, session=session), key, arguments(), path)
            )
    if operation.writes:
        _prepare(operation, call, database, path)
        return database.insist(
            lambda session: _answer(operation, handler(replace(call, session=session), **arguments()))
        )
    with database.reading() as session:
        call.session = session
        return _answer(operation, handler(call, **arguments()))


def _prepare(operation: Operation, call: Call, database: Database, path: Mapping[str, Any]) -> None:
    if operation.before:
        with database.reading() as session:
            call.prepared = operation.before(replace(call, session=session), **_arguments(operation, path))


def _arguments(operation: Operation, path: Mapping[str, Any]) -> dict[str, Any]:
    return dict(path) | ({"body": read_body(operation)} if operation.body and not operation.upload else {})


def _authorise(operation: Operation) -> Caller:
    header = request.headers.get("Authorization", "")
    if operation.public and not header:
        return Caller("anonymous", "", frozenset())
    if not header.startswith("Bearer "):
        raise Unauthenticated("token.missing")
    keyring: Keyring = current_app.extensions["keyring"]
    caller = keyring.verify(header.removeprefix("Bearer "))
    g.caller = caller
    if not operation.public and caller.roles.isdisjoint(operation.allow):
        raise Forbidden("permission.role_missing", needed=", ".join(sorted(operation.allow)))
    return caller


def _key() -> str:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        raise Unfit(400, "idempotency.key_missing")
    if not re.fullmatch(idempotency.KEY, key):
        raise Unfit(400, "idempotency.key_malformed")
    return key


def _once(
    operation: Operation, handler: Handler, call: Call, key: str, arguments: dict[str, Any], path: Mapping[str, Any]
) -> Response:
    subject = call.caller.subject
    print_ = idempotency.fingerprint(operation.name, path, request.get_data())
    known = idempotency.claim(call.session, subject=subject, key=key, operation=operation.name, print_=print_)
    if known:
        response = _json(known.body.encode(), known.status)
        response.headers["Idempotent-Replay"] = "true"
        if known.etag:
            response.headers["ETag"] = known.etag
        return response
    response = _answer(operation, handler(call, **arguments))
    answer = idempotency.Answer(response.status_code, response.headers.get("ETag"), response.get_data(as_text=True))
    idempotency.keep(call.session, subject=subject, key=key, answer=answer)
    return response


def _answer(operation: Operation, result: Any) -> Response:
    if isinstance(result, Response):
        return result
    if isinstance(result, Download):
        return _file(result)
    if result is None:
        return Response(status=204)
    row = operation.returns.picker() if operation.returns else _as_it_is
    if isinstance(result, Page):
        response = _json(to_json({"items": [row(item) for item in result.rows]}), operation.status)
        if result.next:
            query = request.args.to_dict() | {"after": result.next}
            link = f"{request.path}?{'&'.join(f'{name}={_quote(value)}' for name, value in query.items())}"
            response.headers["Link"] = f'<{link}>; rel="next"'
        return response
    if isinstance(result, list | tuple):
        return _json(to_json({"items": [row(item) for item in result]}), operation.status)
    return _record(operation, row(result))


def _record(operation: Operation, value: Any) -> Response:
    """One record, with its version as ETag."""
    response = _json(to_json(value), operation.status)
    version = value.get("version") if isinstance(value, Mapping) else None
    if version is not None:
        response.set_etag(str(version))
        if operation.method == "GET" and request.if_none_match.contains_weak(str(version)):
            return Response(status=304, headers={"ETag": response.headers["ETag"]})
    return response


def _as_it_is(value: Any) -> Any:
    return value


def _quote(value: str) -> str:
    from urllib.parse import quote

    return quote(value, safe="")


def _json(body: bytes, status: int) -> Response:
    return Response(body, status, content_type="application/json")


def _file(download: Download) -> Response:
    response = Response(download.content, content_type=download.media_type)
    if download.size is not None:
        response.content_length = download.size
    kind = "inline" if download.inline else "attachment"
    response.headers["Content-Disposition"] = f"{kind}; filename*=UTF-8''{_quote(download.name)}"
    return response
