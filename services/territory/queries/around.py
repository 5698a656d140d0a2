"""Whose territory a record belongs to, as a condition on the column of its unit."""

from typing import Any

from sqlalchemy import ColumnElement, or_

from services.territory.models.plans import LEVELS
from shared.identity import Caller
from shared.kernel import Forbidden


def seen_by(caller: Caller, column: Any) -> ColumnElement[bool]:
    """Units of the caller's territory, and the departments and countries around it."""
    return or_(caller.scope.condition(column), column.in_(_around(caller)))


def require_seen(caller: Caller, unit: str) -> None:
    """Refuses a unit that is neither of her territory nor around it."""
    if not caller.scope.covers(unit) and unit not in _around(caller):
        raise Forbidden("permission.outside_scope", unit=unit)


def _around(caller: Caller) -> list[str]:
    return sorted({unit[:length] for unit in caller.scope.units for length in LEVELS})
