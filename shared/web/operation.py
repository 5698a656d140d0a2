"""What one operation declares, and the OpenAPI description that follows from it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from marshmallow import fields

from shared.web import idempotency
from shared.web.fields import Boolean, Day, Id, Integer, List, Number
from shared.web.paging import DEFAULT_LIMIT, MAX_LIMIT
from shared.web.schemas import Input, Output, Query

PROBLEM_TYPE = "application/problem+json"


@dataclass(frozen=True)
class Operation:
    """One operation of an API, as declared."""

    name: str
    method: str
    path: str
    allow: frozenset[str]
    public: bool = False
    body: type[Input] | None = None
    query: type[Query] | None = None
    returns: type[Output] | None = None
    status: int = 200
    paged: bool = False
    many: bool = False
    """Whether the handler returns a list, which goes out under `items`."""
    empty: bool = False
    """Whether the handler returns nothing, which is answered with 204."""
    if_match: bool = False
    idempotent: bool = False
    upload: int = 0
    download: bool = False
    media: tuple[str, ...] = ()
    """The media types of what is answered by other standards than ours; those in JSON are objects."""
    writes: bool = False
    before: Callable[..., Any] | None = None
    """Called like the handler, with a session to read with, before the transaction begins: what others are asked or a
    file is opened for waits while nothing is locked. What it returns is the handler's `call.prepared`.
    """
    scoped: bool = True
    """Whether a record outside the caller's territory is refused."""


def documentation(operation: Operation) -> dict[str, Any]:
    """The OpenAPI operation: from the same declaration that runs."""
    parameters: list[dict[str, Any]] = []
    if operation.query:
        parameters += [_parameter(name, item) for name, item in operation.query().fields.items()]
    if operation.paged:
        limit = {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}
        parameters += [
            {"in": "query", "name": "limit", "schema": limit},
            {"in": "query", "name": "after", "schema": {"type": "string", "maxLength": 1000}},
        ]
    if operation.if_match:
        parameters.append(_header("If-Match", '^"[0-9]{1,9}"$'))
    if operation.idempotent:
        parameters.append(_header("Idempotency-Key", f"^{idempotency.KEY}$"))
    told: dict[str, Any] = {
        "operationId": operation.name,
        "parameters": parameters,
        "responses": {
            str(204 if operation.empty else operation.status): _success(operation),
            "default": {"$ref": "#/components/responses/Problem"},
        },
        "x-roles": sorted(operation.allow),
    }
    if operation.public:
        told["security"] = []
    if operation.upload:
        told["requestBody"] = {
            "required": True,
            "content": {"multipart/form-data": {"schema": _upload_schema(operation)}},
        }
    elif operation.body:
        told["requestBody"] = {"required": True, "content": {"application/json": {"schema": operation.body}}}
    return told


_KINDS: tuple[tuple[type[fields.Field[Any]], dict[str, Any]], ...] = (
    (Integer, {"type": "integer"}),
    (Number, {"type": "number"}),
    (Boolean, {"type": "boolean"}),
    (Day, {"type": "string", "format": "date"}),
    (Id, {"type": "string", "format": "uuid"}),
)


def _parameter(name: str, item: fields.Field[Any]) -> dict[str, Any]:
    """A query parameter; a list is written with commas in one parameter."""
    told = {"in": "query", "name": name, "required": item.required, "schema": _schema(item)}
    return told | ({"style": "form", "explode": False} if isinstance(item, List) else {})


def _schema(item: fields.Field[Any]) -> dict[str, Any]:
    if isinstance(item, List):
        return {"type": "array", "items": _schema(item.inner), **item.metadata}
    kind = next((kind for of, kind in _KINDS if isinstance(item, of)), {"type": "string"})
    return {**kind, **item.metadata}


def _header(name: str, pattern: str) -> dict[str, Any]:
    return {"in": "header", "name": name, "required": True, "schema": {"type": "string", "pattern": pattern}}


def _success(operation: Operation) -> dict[str, Any]:
    told: dict[str, Any] = {"description": "Done."}
    if operation.empty:
        return {"description": "Done; there is nothing to tell."}
    listed = operation.paged or operation.many
    if operation.returns and not listed and "version" in operation.returns().fields:
        told["headers"] = {"ETag": {"schema": {"type": "string"}, "description": "The version of the record."}}
    if operation.media:
        told["content"] = {
            kind: {"schema": {"type": "object" if "json" in kind else "string"}} for kind in operation.media
        }
    elif operation.download:
        told["content"] = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
    elif operation.returns and listed:
        items = {
            "type": "object",
            "required": ["items"],
            "properties": {"items": {"type": "array", "items": operation.returns}},
        }
        told["content"] = {"application/json": {"schema": items}}
    elif operation.returns:
        told["content"] = {"application/json": {"schema": operation.returns}}
    return told


def _upload_schema(operation: Operation) -> dict[str, Any]:
    properties: dict[str, Any] = {"file": {"type": "string", "format": "binary"}}
    if operation.body:
        for name, item in operation.body().fields.items():
            properties[name] = {"type": "string", **{k: v for k, v in item.metadata.items() if k == "enum"}}
    return {"type": "object", "required": ["file"], "properties": properties}


PROBLEM_RESPONSE = {
    "description": "A refusal (RFC 9457).",
    "content": {
        PROBLEM_TYPE: {
            "schema": {
                "type": "object",
                "required": ["type", "status", "code", "title", "detail"],
                "properties": {
                    "type": {"type": "string"},
                    "status": {"type": "integer"},
                    "code": {"type": "string"},
                    "title": {"type": "string"},
                    "detail": {"type": "string"},
                    "trace": {"type": "string"},
                    "facts": {"type": "object", "description": "What the sentence tells, as a program reads it."},
                    "errors": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": {
                                "pointer": {"type": "string"},
                                "code": {"type": "string"},
                                "detail": {"type": "string"},
                                "facts": {"type": "object"},
                            },
                        },
                    },
                },
            }
        }
    },
}
