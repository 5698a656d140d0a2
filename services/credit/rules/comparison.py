"""An instrument's parameters line by line, and what changes from one version of them to the next."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_NAMES = ("code", "name", "to")
"""The fields by which the parts of a list go, the first that all of them have; else they go by their place."""


@dataclass(frozen=True, slots=True)
class Change:
    """What stands at a path before and after; None where nothing does."""

    path: str
    before: Any
    after: Any


def lines(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Each single value by its path (`/products/capital/annual_rate`); a list of plain values is one value."""
    return dict(_walk("", parameters)) if parameters else {}


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """What differs, in the order of `after`, then what is gone; nothing where both say the same."""
    old, new = lines(before), lines(after)
    paths = [*new, *(path for path in old if path not in new)]
    return [Change(path, old.get(path), new.get(path)) for path in paths if old.get(path) != new.get(path)]


def _walk(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and value:
        for name, inner in value.items():
            yield from _walk(f"{path}/{name}", inner)
    elif isinstance(value, list) and value and all(isinstance(one, Mapping) for one in value):
        for name, inner in zip(_called(value), value, strict=True):
            yield from _walk(f"{path}/{name}", inner)
    else:
        yield path, value


def _called(rows: list[Any]) -> list[str]:
    for name in _NAMES:
        found = [str(row.get(name, "")).replace("/", "-") for row in rows]
        if all(found) and len(set(found)) == len(found):
            return found
    return [str(number) for number in range(1, len(rows) + 1)]
