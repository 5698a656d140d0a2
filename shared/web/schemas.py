"""Schemas at the edge: what a call may send, and how rows go out."""

import functools
import itertools
import re
from collections.abc import Callable, Mapping
from operator import attrgetter, itemgetter
from typing import Any, ClassVar, TypeVar

import orjson
from marshmallow import RAISE, Schema, ValidationError, fields, missing

from shared.incoming import check_text, pointer_to
from shared.kernel import Invalid, Money
from shared.web.fields import Boolean, Integer, List, Number, Told

S = TypeVar("S", bound=Schema)

MAX_MISTAKES = 100

_INTEGER = re.compile(r"-?[0-9]{1,12}")
_NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,12})?")


class Input(Schema):
    """A request body: unknown fields are refused."""

    error_messages = {"unknown": Told("field.unknown"), "type": Told("body.not_object")}  # noqa: RUF012

    class Meta:
        unknown = RAISE


class Query(Input):
    """Query parameters: texts that stand for numbers, booleans or comma-separated lists are read strictly."""

    status: ClassVar[int] = 422
    """What wrong parameters are answered with."""

    def from_text(self, raw: Mapping[str, list[str]]) -> dict[str, Any]:
        """The validated parameters of a parsed query string."""
        values: dict[str, Any] = {}
        for name, given in raw.items():
            check_text(given, pointer_to("", name))
            if len(given) > 1:
                raise Invalid("query.repeated", pointer=pointer_to("", name), name=name)
            values[name] = _read(self.fields.get(name), given[0])
        loaded: dict[str, Any] = load(self, values)
        return loaded


def _read(field: fields.Field[Any] | None, text: str) -> Any:
    if isinstance(field, List):
        return [_read(field.inner, part) for part in text.split(",")] if text else []
    if isinstance(field, Integer) and _INTEGER.fullmatch(text):
        return int(text)
    if isinstance(field, Number) and _NUMBER.fullmatch(text):
        return float(text)
    if isinstance(field, Boolean) and text in {"true", "false"}:
        return text == "true"
    return text


@functools.cache
def reader(schema: type[S]) -> S:
    """The one instance of an input schema: making one copies all its fields, and loading leaves it as it was."""
    return schema()


def load(schema: Schema, value: Any) -> Any:
    """The value read by `schema`; raises `InvalidFields` with every mistake."""
    read = _read_well_formed(schema, value)
    if read is not _ODD:
        return read
    try:
        return schema.load(value)
    except ValidationError as error:
        raise InvalidFields(list(itertools.islice(_flatten(error.messages, ""), MAX_MISTAKES))) from None


_ODD = object()


def _read_well_formed(schema: Schema, value: Any) -> Any:
    """The value read field by field, as long as nothing is wrong with it; `_ODD` where marshmallow has to say what."""
    if type(value) is not dict or not _is_plain(schema):
        return _ODD
    read: dict[str, Any] = {}
    known = 0
    for name, field in schema.load_fields.items():
        given = value.get(name, missing)
        if given is missing:
            if field.required:
                return _ODD
            default = field.load_default
            if default is not missing:
                read[name] = default() if callable(default) else default
            continue
        known += 1
        try:
            # What `deserialize` calls, once it has found neither a null nor validators.
            read[name] = None if given is None else field._deserialize(given, name, value)  # noqa: SLF001
        except ValidationError:
            return _ODD
        if given is None and not field.allow_none:
            return _ODD
    return read if known == len(value) else _ODD


@functools.cache
def _is_plain(schema: Schema) -> bool:
    """Whether a schema has nothing but fields of our own kinds under their own names."""
    return (
        schema.unknown == RAISE
        and not any(schema._hooks.values())  # noqa: SLF001 - marshmallow's list of decorated methods
        and not (schema.many or schema.partial)
        and all(
            not (field.data_key or field.attribute or field.validators or field.pre_load or field.post_load)
            for field in schema.load_fields.values()
        )
    )


class InvalidFields(Invalid):
    """Several fields cannot be right; `mistakes` are (pointer, code, facts). `status` is what it is answered with."""

    def __init__(self, mistakes: list[tuple[str, str, Mapping[str, object]]], *, status: int = 422) -> None:
        super().__init__("body.invalid_fields")
        self.mistakes, self.status = mistakes, status


def _flatten(messages: Any, pointer: str) -> Any:
    if isinstance(messages, dict):
        for key, inner in messages.items():
            yield from _flatten(inner, pointer if key == "_schema" else pointer_to(pointer, key))
    elif isinstance(messages, list):
        for inner in messages:
            yield from _flatten(inner, pointer)
    else:
        yield pointer, str(messages), getattr(messages, "facts", {})


class Output(Schema):
    """How rows go out. Only the declared fields leave the house; a row that lacks one is a defect."""

    _compiled: ClassVar[dict[type[Schema], Callable[[Any], dict[str, Any]]]] = {}

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        for field in self.fields.values():
            field.required = True  # a row always has them all, and the published contract says so
            _without_limits(field)

    @classmethod
    def row(cls, row: Any) -> dict[str, Any]:
        """One row (a mapping or an object) as the plain value that `to_json` writes."""
        return cls.picker()(row)

    @classmethod
    def picker(cls) -> Callable[[Any], dict[str, Any]]:
        """What `row` does, for many rows."""
        if cls not in cls._compiled:
            cls._compiled[cls] = _compile(cls())
        return cls._compiled[cls]


_LIMITS = ("minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems")


def _without_limits(field: fields.Field[Any]) -> None:
    """The limits of a field are those of what is taken in; what goes out is whatever stands in the row."""
    field.metadata = {name: value for name, value in field.metadata.items() if name not in _LIMITS}
    if isinstance(field, fields.List):
        _without_limits(field.inner)


def _compile(schema: Schema) -> Callable[[Any], dict[str, Any]]:
    """One function that picks the schema's fields from a row; leaves are written by orjson."""
    plain: list[str] = []
    nested: list[tuple[str, Callable[[Any], Any]]] = []
    for name, field in schema.fields.items():
        inner = field.inner if isinstance(field, fields.List) else field
        if isinstance(inner, fields.Nested):
            pick = _compile(inner.schema)
            nested.append((name, _each(pick) if field is not inner else _optional(pick)))
        else:
            plain.append(name)

    # One call takes all leaves out of a row; it gives a tuple where there are at least two.
    from_mapping, from_object = (itemgetter(*plain), attrgetter(*plain)) if len(plain) > 1 else (None, None)

    def dump(row: Any) -> dict[str, Any]:
        is_mapping = type(row) is dict or isinstance(row, Mapping)
        take = from_mapping if is_mapping else from_object
        if take:
            result = dict(zip(plain, take(row), strict=True))
        else:
            result = {name: row[name] if is_mapping else getattr(row, name) for name in plain}
        for name, pick in nested:
            result[name] = pick(row[name] if is_mapping else getattr(row, name))
        return result

    return dump


def _each(pick: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda rows: [pick(row) for row in rows]


def _optional(pick: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda row: None if row is None else pick(row)


def to_json(value: Any) -> bytes:
    """JSON bytes: money as amount and currency, moments in UTC, days as YYYY-MM-DD."""
    return orjson.dumps(value, default=_plain, option=orjson.OPT_UTC_Z | orjson.OPT_PASSTHROUGH_DATACLASS)


def _plain(value: Any) -> Any:
    if isinstance(value, Money):
        return {"amount": str(value), "currency": value.currency}
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(type(value).__name__)
