"""What arrives from outside, read strictly: nothing is repaired, nothing is guessed."""

import json
import math
import re
from typing import Any

from shared.kernel import Invalid

MAX_DEPTH = 32
MAX_TEXT = 10_000

# Controls other than tab and line ends, invisible and zero-width characters, direction overrides, lone surrogates,
# noncharacters, invisible tags, and the sign that a text was damaged on its way (U+FFFD).
_HOSTILE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufdd0-\ufdef\ufeff\uffa0\ufff0-\uffff\U000e0000-\U000e0fff]"
)
# A text with its quotation marks, or open to the end; possessive, so that no body is read more than once.
_QUOTED = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_ONE_KIND = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


class _RepeatedKeyError(ValueError):
    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def parse_json(body: bytes) -> Any:
    """The JSON value in `body`; raises `Invalid` for anything that is not exactly one well-formed value:
    undecodable bytes, repeated keys, NaN, more than 32 levels, hostile or overlong text.
    """
    _check_depth(body)
    try:
        text = body.decode("utf-8")
        value = json.loads(text, object_pairs_hook=_unrepeated, parse_constant=_no_constant, parse_float=_finite)
    except _RepeatedKeyError as repeated:
        check_text(repeated.key)
        raise Invalid("body.repeated_key", pointer=pointer_to("", repeated.key), key=repeated.key[:40]) from None
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise Invalid("body.not_json") from None
    if len(text) > MAX_TEXT or "\\" in text or _HOSTILE.search(text):
        check_text(value)  # without an escape in it, a body is as harmless as its bytes, and no text is longer
    return value


def check_text(value: Any, pointer: str = "") -> None:
    """Raises `Invalid` where a text inside `value` holds invisible, overriding or undecodable characters."""
    _check(value, (pointer,))


def _check(value: Any, where: tuple[Any, ...]) -> None:
    """`where` is the pointer as a chain of (outer, key): it is written only when something is wrong."""
    if isinstance(value, str):
        if len(value) > MAX_TEXT:
            raise Invalid("text.too_long", pointer=_written(where), maximum=MAX_TEXT)
        if _HOSTILE.search(value):
            raise Invalid("text.hostile", pointer=_written(where))
    elif isinstance(value, dict):
        for key, inner in value.items():
            _check(key, (where, "…"))
            _check(inner, (where, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            _check(inner, (where, index))


def _written(where: tuple[Any, ...]) -> str:
    return pointer_to(_written(where[0]), where[1]) if len(where) == 2 else str(where[0])


def pointer_to(parent: str, key: object) -> str:
    """The JSON pointer (RFC 6901) of what stands under `key` in `parent`."""
    return f"{parent}/{str(key).replace('~', '~0').replace('/', '~1')}"


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        seen: set[str] = set()
        raise _RepeatedKeyError(next(key for key, _ in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value]
    return result


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text[:40])
    return number


def _check_depth(body: bytes) -> None:
    """Takes the innermost pair of brackets away as often as levels are allowed; what is left then lies too deep."""
    brackets = _QUOTED.sub(b"", body).translate(_ONE_KIND, _NO_BRACKETS)
    for _ in range(MAX_DEPTH):
        brackets = brackets.replace(b"[]", b"")
    if brackets.count(b"[") != brackets.count(b"]"):
        raise Invalid("body.not_json")
    if brackets:
        raise Invalid("body.too_deep", maximum=MAX_DEPTH)
