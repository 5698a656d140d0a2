"""Fields that take a value as it is or refuse it: 3.7 is no integer, "yes" no boolean, 1.005 no cents."""

import math
import re
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, Self, cast
from uuid import UUID

from marshmallow import ValidationError, fields

from shared.kernel import CURRENCIES, Invalid, Money

INT32 = 2**31 - 1
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Told(str):
    """The code of a refusal with the facts that its sentence needs; marshmallow carries it as a message."""

    facts: Mapping[str, object]
    __slots__ = ("facts",)

    def __new__(cls, code: str, **facts: object) -> Self:
        self = super().__new__(cls, code)
        self.facts = facts
        return self


def refuse(code: str, **facts: object) -> ValidationError:
    return ValidationError(Told(code, **facts))


_MESSAGES: Any = {
    "required": Told("field.required"),
    "null": Told("field.required"),
    "invalid": Told("field.invalid"),
    "type": Told("field.invalid"),
    "unknown": Told("field.unknown"),
}


class _Strict(fields.Field[Any]):
    default_error_messages: dict[str, str] = _MESSAGES  # type: ignore[assignment]


class String(_Strict, fields.String):  # type: ignore[misc]
    """A text of `minimum` to `maximum` characters, not blank; `pattern` must match all of it."""

    def __init__(self, *, maximum: int = 200, minimum: int = 1, pattern: str | None = None, **kwargs: Any) -> None:
        facts = {"minLength": minimum, "maxLength": maximum} | ({"pattern": f"^{pattern}$"} if pattern else {})
        super().__init__(**kwargs, metadata=facts)
        self._size, self._pattern = (minimum, maximum), re.compile(pattern) if pattern else None

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        del attr, data, kwargs
        if type(value) is not str:
            raise refuse("field.not_text")
        minimum, maximum = self._size
        if len(value) > maximum:
            raise refuse("text.too_long", maximum=maximum)
        if len(value) < minimum or (minimum and not value.strip()):
            raise refuse("field.required")
        if self._pattern and not self._pattern.fullmatch(value):
            raise refuse("field.malformed")
        return value


class Integer(_Strict, fields.Integer):  # type: ignore[misc]
    """A whole number inside [minimum, maximum]."""

    def __init__(self, *, minimum: int = 0, maximum: int = INT32, **kwargs: Any) -> None:
        super().__init__(strict=True, **kwargs, metadata={"minimum": minimum, "maximum": maximum})
        self._range = (minimum, maximum)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        del attr, data, kwargs
        if type(value) is not int:
            raise refuse("field.not_integer")
        _inside(value, self._range)
        return value


class Number(_Strict, fields.Float):  # type: ignore[misc]
    """A finite number inside [minimum, maximum]; never for money."""

    def __init__(self, *, minimum: float, maximum: float, **kwargs: Any) -> None:
        super().__init__(**kwargs, metadata={"minimum": minimum, "maximum": maximum})
        self._range = (minimum, maximum)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> float:
        del attr, data, kwargs
        if type(value) not in {int, float} or (type(value) is float and not math.isfinite(value)):
            raise refuse("field.not_number")
        _inside(value, self._range)
        return float(value)


class Boolean(_Strict, fields.Boolean):  # type: ignore[misc]
    """Exactly true or false."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        del attr, data, kwargs
        if type(value) is not bool:
            raise refuse("field.not_boolean")
        return value


class Day(_Strict, fields.Date):  # type: ignore[misc]
    """A calendar day, YYYY-MM-DD, between 1900 and 2200."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        del attr, data, kwargs
        if type(value) is not str or not value.isascii() or not _DAY.fullmatch(value):
            raise refuse("field.not_day")
        try:
            day = date.fromisoformat(value)
        except ValueError:
            raise refuse("field.not_day") from None
        if not 1900 <= day.year <= 2200:
            raise refuse("field.not_day")
        return day


class Id(_Strict, fields.UUID):  # type: ignore[misc]
    """A UUID in its canonical form."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> UUID:
        del attr, data, kwargs
        if type(value) is not str or not _UUID.fullmatch(value):
            raise refuse("field.not_id")
        return UUID(value)


class Code(_Strict, fields.String):  # type: ignore[misc]
    """One of a fixed list of codes."""

    def __init__(self, choices: Collection[str], **kwargs: Any) -> None:
        super().__init__(**kwargs, metadata={"enum": list(choices)})
        self._choices = tuple(choices)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        del attr, data, kwargs
        if type(value) is not str or value not in self._choices:
            raise refuse("field.not_a_choice", choices=", ".join(self._choices))
        return value


class MoneyField(_Strict, fields.Field[Money]):
    """`{"amount": "1250.00", "currency": "GTQ"}`; the amount is a text, never a JSON number."""

    def __init__(self, *, minimum: int = 0, maximum: int = 10**15, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._range = (minimum, maximum)

    def _serialize(self, value: Money | None, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        del attr, obj, kwargs
        return None if value is None else {"amount": str(value), "currency": value.currency}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Money:
        del attr, data, kwargs
        if type(value) is not dict or set(value) != {"amount", "currency"}:
            raise refuse("money.malformed", amount="")
        amount, currency = value["amount"], value["currency"]
        if type(amount) is not str or type(currency) is not str:
            raise refuse("money.not_text")
        try:
            money = Money.parse(amount, currency)
        except Invalid as invalid:
            raise refuse(invalid.code, **invalid.facts) from None
        if not self._range[0] <= money.minor <= self._range[1]:
            raise refuse("money.out_of_range", amount=amount)
        return money


def _inside(value: float, bounds: tuple[float, float]) -> None:
    if not bounds[0] <= value <= bounds[1]:
        raise refuse("field.out_of_range", minimum=bounds[0], maximum=bounds[1])


class List(_Strict, fields.List[Any]):  # type: ignore[misc]
    """A list of at most `maximum` items."""

    def __init__(self, inner: Any, *, maximum: int = 200, minimum: int = 0, **kwargs: Any) -> None:
        super().__init__(inner, **kwargs, metadata={"maxItems": maximum, "minItems": minimum})
        self._size = (minimum, maximum)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        if type(value) is not list:
            raise refuse("field.not_list")
        if not self._size[0] <= len(value) <= self._size[1]:
            raise refuse("field.list_size", minimum=self._size[0], maximum=self._size[1])
        return cast("list[Any]", super()._deserialize(value, attr, data, **kwargs))


class Nested(_Strict, fields.Nested):  # type: ignore[misc]
    """An object of its own schema."""


class Moment(_Strict, fields.AwareDateTime):  # type: ignore[misc]
    """A moment in UTC (in answers)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="iso", **kwargs)


class Anything(_Strict, fields.Raw):
    """A JSON value that is passed on as it is (in answers)."""


MONEY_JSON_SCHEMA = {
    "type": "object",
    "required": ["amount", "currency"],
    "additionalProperties": False,
    "properties": {
        "amount": {"type": "string", "pattern": r"^-?[0-9]{1,15}(\.[0-9]{1,2})?$", "example": "1250.00"},
        "currency": {"type": "string", "enum": list(CURRENCIES)},
    },
}
