"""Where a caller works: units, and whether they are hers."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, or_

from shared import places
from shared.identity import Caller
from shared.kernel import Forbidden, Invalid


def within(column: Any, units: Sequence[str]) -> ColumnElement[bool]:
    """Whether the place in `column` lies in one of `units`."""
    return or_(*(column.startswith(unit, autoescape=True) for unit in units))


def check_units(units: Sequence[str], *, pointer: str) -> None:
    """Refuses a code that is no country, department or municipality."""
    for unit in units:
        if unit not in places.names():
            raise Invalid("municipality.unknown", pointer=pointer, value=unit)


def check_scope(caller: Caller, units: Sequence[str]) -> None:
    for unit in units:
        if not caller.scope.covers(unit):
            raise Forbidden("permission.outside_scope", unit=unit)


def near(caller: Caller, column: Any) -> ColumnElement[bool]:
    """Inside the caller's territory, or what it lies in: both concern her."""
    around = {unit[:size] for unit in caller.scope.units for size in (2, 4) if len(unit) > size}
    return or_(caller.scope.condition(column), column.in_(sorted(around)))
