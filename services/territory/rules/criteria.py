"""The numbers that analyses judge by: each by its name, and how an edition changes them."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from shared.kernel import Invalid

LARGEST = 1_000_000
"""Where a record does not say how far one of its numbers may go."""


def numbers(values: Mapping[str, Any]) -> dict[str, int | float]:
    """Every number of a record by its name: those inside others as `weights.credit`, `breaks.0`."""
    return dict(_numbers(values, ()))


def changed(
    values: Mapping[str, Any], told: Mapping[str, int | float], limits: Mapping[str, tuple[float, float]]
) -> dict[str, Any]:
    """The record with these numbers in the place of its own; what is not named stays. Refuses a name that is none of
    its numbers, a fraction where whole ones are expected, and what lies outside its limits.
    """
    known = numbers(values)
    for name, number in told.items():
        if name not in known:
            raise Invalid("criteria.unknown_number", pointer="/values", name=name[:80])
        least, most = limits.get(name, (0, LARGEST))
        if not math.isfinite(number) or not least <= number <= most:
            raise Invalid("criteria.out_of_range", pointer=f"/values/{name}", name=name, least=least, most=most)
        if isinstance(known[name], int) and number != int(number):
            raise Invalid("criteria.not_whole", pointer=f"/values/{name}", name=name)
    return {key: _with(value, (key,), told) for key, value in values.items()}


def _numbers(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, int | float]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _numbers(inner, (*path, str(key)))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _numbers(inner, (*path, str(place)))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield ".".join(path), value


def _with(value: Any, path: tuple[str, ...], told: Mapping[str, int | float]) -> Any:
    if isinstance(value, Mapping):
        return {key: _with(inner, (*path, str(key)), told) for key, inner in value.items()}
    if isinstance(value, list):
        return [_with(inner, (*path, str(place)), told) for place, inner in enumerate(value)]
    number = told.get(".".join(path), value)
    return int(number) if isinstance(value, int) and not isinstance(value, bool) else number
