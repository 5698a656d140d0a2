"""What the schemas of events do, as functions made once for each type: every change writes an event, and every
service that listens reads it.

The schema stays the contract: whatever is not evidently what it should be is left to it (`NotPlainError`), to refuse
or to accept.
"""

import dataclasses
import types
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from shared.kernel import Money, Refused

Turn = Callable[[Any], Any]


class NotPlainError(Exception):
    """A value that only the schema can judge."""


def written(event: Any) -> dict[str, Any]:
    """The facts of `event` as plain JSON values."""
    cls = type(event)
    if cls not in _WRITERS:
        _WRITERS[cls] = _writer_of(cls)
    plain: dict[str, Any] = _WRITERS[cls](event)
    return plain


def read(cls: type[Any], payload: Any) -> Any:
    """The event of class `cls` that `payload` tells of; fields of a newer release are passed over."""
    if cls not in _READERS:
        _READERS[cls] = _reader_of(cls)
    return _READERS[cls](payload)


_WRITERS: dict[type[Any], Turn] = {}
_READERS: dict[type[Any], Turn] = {}


def _writer_of(cls: type[Any]) -> Turn:
    hints = get_type_hints(cls)
    writers = [(item.name, _writer(hints[item.name])) for item in dataclasses.fields(cls)]
    return lambda event: {name: write(getattr(event, name)) for name, write in writers}


def _writer(hint: Any) -> Turn:
    origin, inner = _parts(hint)
    if origin is None:
        return _writer_of(hint) if _is_object(hint) else _WRITTEN.get(hint, lambda value: value)
    write = _writer(inner)
    if origin is list:
        return lambda values: [write(value) for value in values]
    if origin is dict:
        return lambda values: {name: write(value) for name, value in values.items()}
    return lambda value: None if value is None else write(value)


def _reader_of(cls: type[Any]) -> Turn:
    hints = get_type_hints(cls)
    readers = [(item.name, _reader(hints[item.name]), _may_be_absent(item)) for item in dataclasses.fields(cls)]

    def read_object(payload: Any) -> Any:
        if type(payload) is not dict:
            raise NotPlainError
        given = {}
        for name, read_one, may_be_absent in readers:
            if name in payload:
                given[name] = read_one(payload[name])
            elif not may_be_absent:
                raise NotPlainError
        return cls(**given)

    return read_object


def _may_be_absent(item: dataclasses.Field[Any]) -> bool:
    return item.default is not dataclasses.MISSING or item.default_factory is not dataclasses.MISSING


def _reader(hint: Any) -> Turn:
    origin, inner = _parts(hint)
    if origin is None:
        return _reader_of(hint) if _is_object(hint) else _READ[str if get_origin(hint) is Literal else hint]
    read_one = _reader(inner)
    if origin is list:
        return lambda value: [read_one(item) for item in _only(list, value)]
    if origin is dict:
        return lambda value: {_only(str, name): read_one(item) for name, item in _only(dict, value).items()}
    return lambda value: None if value is None else read_one(value)


def _parts(hint: Any) -> tuple[Any, Any]:
    """`list`, `dict` or `Union` with what is inside; None for everything that is not made of parts."""
    origin = get_origin(hint)
    if origin in {Union, types.UnionType}:
        return Union, next(arg for arg in get_args(hint) if arg is not type(None))
    if origin is Literal:
        return None, None
    return (origin, get_args(hint)[-1]) if origin else (None, None)


def _is_object(hint: Any) -> bool:
    return dataclasses.is_dataclass(hint) and hint is not Money


def _only(kind: type[Any], value: Any) -> Any:
    if type(value) is not kind:
        raise NotPlainError
    return value


def _plainly(turn: Turn, length: int = 0) -> Turn:
    """`turn` for a text (of this length); whatever it refuses is left to the schema."""

    def read_text(value: Any) -> Any:
        if type(value) is not str or (length and len(value) != length):
            raise NotPlainError
        try:
            return turn(value)
        except ValueError:
            raise NotPlainError from None

    return read_text


def _moment(value: str) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError(value)
    return moment


def _number(value: Any) -> float:
    if type(value) is not float and type(value) is not int:
        raise NotPlainError
    return float(value)


def _money(value: Any) -> Money:
    try:
        return Money.parse(_only(str, value["amount"]), value["currency"])
    except (KeyError, TypeError, Refused):
        raise NotPlainError from None


_WRITTEN: dict[Any, Turn] = {
    UUID: str,
    date: date.isoformat,
    datetime: datetime.isoformat,
    float: float,
    Money: lambda money: {"amount": str(money), "currency": money.currency},
}

_READ: dict[Any, Turn] = {
    str: lambda value: _only(str, value),
    int: lambda value: _only(int, value),
    bool: lambda value: _only(bool, value),
    float: _number,
    UUID: _plainly(UUID, 36),
    date: _plainly(date.fromisoformat, 10),
    datetime: _plainly(_moment),
    Money: _money,
}
