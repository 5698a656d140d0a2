"""The published contracts: what each service announces, one module per publishing service.

An event is a frozen dataclass; its marshmallow schema is made from its annotations, so that the two cannot differ.
Inside a version only optional fields may be added: `samples/` keeps one JSON of every released form, and a test
loads each with the code of today.
"""

import dataclasses
import types
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import (
    Any,
    ClassVar,
    Literal,
    TypeVar,
    Union,
    cast,
    dataclass_transform,
    get_args,
    get_origin,
    get_type_hints,
)
from uuid import UUID

from marshmallow import EXCLUDE, Schema, fields, post_load

from shared.events import codec
from shared.kernel import Money

CATALOGUE: dict[str, type["Event"]] = {}
"""Every published event by its full type."""


class Event:
    """Something that happened. `type` is its full name, version included."""

    type: ClassVar[str]

    def payload(self) -> dict[str, Any]:
        """The facts as plain JSON values."""
        return codec.written(self)


E = TypeVar("E", bound=Event)


@dataclass_transform(frozen_default=True, kw_only_default=True)
def event(name: str) -> Callable[[type[E]], type[E]]:
    """Declares a published event: `@event("org.csem.credit.loan-disbursed.v1")`."""

    def declare(cls: type[E]) -> type[E]:
        made = dataclass(frozen=True, kw_only=True)(cls)
        made.type = name
        CATALOGUE[name] = made
        return made

    return declare


def personal() -> Any:
    """A field that a withdrawal blanks in place in every log; it reads as None afterwards."""
    return dataclasses.field(default=None, metadata={"personal": True})


def load(event_type: str, payload: dict[str, Any]) -> Event | None:
    """The event with this payload, or None for a type that this release does not know."""
    cls = CATALOGUE.get(event_type)
    if cls is None:
        return None
    try:
        return cast("Event", codec.read(cls, payload))
    except codec.NotPlainError:
        return cast("Event", schema_of(cls).load(payload))


def personal_paths(event_type: str) -> list[tuple[str, ...]]:
    """Where in the payload of this type personal data stands, as paths of keys."""
    cls = CATALOGUE.get(event_type)
    return list(_personal(cls)) if cls else []


def _personal(cls: type[Any]) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    hints = get_type_hints(cls)
    for item in dataclasses.fields(cls):
        if item.metadata.get("personal"):
            found.append((item.name,))
        elif dataclasses.is_dataclass(hints[item.name]):
            found += [(item.name, *rest) for rest in _personal(hints[item.name])]
    return found


class MoneyValue(fields.Field[Money]):
    """`{"amount": "1250.00", "currency": "GTQ"}`."""

    def _serialize(self, value: Money | None, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        del attr, obj, kwargs
        return None if value is None else {"amount": str(value), "currency": value.currency}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Money:
        del attr, data, kwargs
        return Money.parse(value["amount"], value["currency"])


_SCHEMAS: dict[type[Any], Schema] = {}
_PLAIN: dict[Any, Callable[..., fields.Field[Any]]] = {
    str: fields.String,
    int: lambda **kw: fields.Integer(strict=True, **kw),
    float: fields.Float,
    bool: fields.Boolean,
    UUID: fields.UUID,
    date: lambda **kw: fields.Date(format="iso", **kw),
    datetime: lambda **kw: fields.AwareDateTime(format="iso", **kw),
    Money: MoneyValue,
}


def schema_of(cls: type[Any]) -> Schema:
    """The marshmallow schema of an event or of a dataclass inside one; unknown fields of a newer release pass."""
    if cls not in _SCHEMAS:
        _SCHEMAS[cls] = _make_schema(cls)
    return _SCHEMAS[cls]


def _make_schema(cls: type[Any]) -> Schema:
    hints = get_type_hints(cls)
    members: dict[str, Any] = {}
    for item in dataclasses.fields(cls):
        has_default = item.default is not dataclasses.MISSING or item.default_factory is not dataclasses.MISSING
        options: dict[str, Any] = {"required": not has_default}
        if item.metadata.get("personal"):
            options["metadata"] = {"personal": True}
        members[item.name] = _field(hints[item.name], **options)

    def build(_self: Schema, data: dict[str, Any], **_: Any) -> Any:
        return cls(**data)

    members["build"] = post_load(build)
    members["Meta"] = type("Meta", (), {"unknown": EXCLUDE})
    return cast("Schema", type(f"{cls.__name__}Schema", (Schema,), members)())


def _field(hint: Any, **options: Any) -> fields.Field[Any]:
    origin = get_origin(hint)
    if origin in {Union, types.UnionType}:
        inner = next(arg for arg in get_args(hint) if arg is not type(None))
        return _field(inner, **options, allow_none=True)
    if origin is list:
        return fields.List(_field(get_args(hint)[0]), **options)
    if origin is dict:
        return fields.Dict(keys=fields.String(), values=_field(get_args(hint)[1]), **options)
    if origin is Literal:
        return fields.String(**options)
    if dataclasses.is_dataclass(hint) and hint is not Money:
        return fields.Nested(type(schema_of(cast("type[Any]", hint))), **options)
    return _PLAIN[hint](**options)
