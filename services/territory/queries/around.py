"""Whose territory a record belongs to, as a condition on the column of its unit."""

from typing import Any

from sqlalchemy import ColumnElement, or_

from shared import places
from shared.identity import Caller
from shared.kernel import Forbidden


def seen_by(caller: Caller, column: Any) -> ColumnElement[bool]:
    """Units of the caller's territory, and the departments and countries around it."""
    return or_(caller.scope.condition(column), column.in_(places.around(*caller.scope.units)))


def require_seen(caller: Caller, unit: str) -> None:
    """Refuses a unit that is neither of her territory nor around it."""
    if not caller.scope.covers(unit) and unit not in places.around(*caller.scope.units):
        raise Forbidden("permission.outside_scope", unit=unit)
