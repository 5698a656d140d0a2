"""What a set of regulations must be so that it can be lent under."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from shared.kernel import Invalid

LARGEST = 2**53
_PLAIN = re.compile(r"[0-9]{1,9}(\.[0-9]{1,4})?")


def demand(condition: bool, pointer: str) -> None:
    """Refuses regulations of which `condition` does not hold at `pointer`, a JSON pointer into their parameters."""
    if not condition:
        raise Invalid("regulations.contradictory", pointer=f"/parameters{pointer}", field=pointer)


def too_large(value: Any, at: str = "") -> str | None:
    """Where in it, as a JSON pointer, a number stands that cannot be written down exactly wherever it is read; None
    where none does.
    """
    if isinstance(value, Mapping | list | tuple):
        items = value.items() if isinstance(value, Mapping) else enumerate(value)
        found = (too_large(one, f"{at}/{name}") for name, one in items)
        return next((place for place in found if place is not None), None)
    return None if not isinstance(value, int | float) or abs(value) <= LARGEST else at


def plain(value: Any) -> bool:
    """Whether a number of no less than nothing is written as everybody reads it: in plain digits, with at most four
    decimals.
    """
    return type(value) is not bool and _PLAIN.fullmatch(str(value)) is not None


def rate(value: Any, pointer: str) -> Decimal:
    """A rate or a share, in per cent; refuses one that is not written plainly."""
    demand(plain(value), pointer)
    return Decimal(str(value))
