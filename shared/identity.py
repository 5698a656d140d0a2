"""Who calls: roles, territorial scope, and the signed tokens that carry them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, false, or_, true

from shared.kernel import Forbidden

ROLES = (
    "technician",
    "coordinator",
    "credit_officer",
    "cashier",
    "committee_member",
    "trust_fund_member",
    "leda_viewer",
    "planner",
    "trainer",
    "csr_reviewer",
    "organization",
    "network_coordinator",
    "auditor",
    "admin",
    "service",
)
EVERYWHERE = "*"


@dataclass(frozen=True)
class Scope:
    """The territory a caller works in: official codes of countries, departments or municipalities, or `*`."""

    units: frozenset[str] = frozenset()

    @classmethod
    def of(cls, *units: str) -> "Scope":
        return cls(frozenset(units))

    def covers(self, unit: str) -> bool:
        """Whether the administrative unit with this code lies inside the scope."""
        return EVERYWHERE in self.units or any(unit.startswith(prefix) for prefix in self.units)

    def condition(self, column: Any) -> ColumnElement[bool]:
        """The same as an SQL condition on a column that holds a unit's code."""
        if EVERYWHERE in self.units:
            return true()
        if not self.units:
            return false()
        return _inside(self.units, column)


@lru_cache(maxsize=1_000)
def _inside(units: frozenset[str], column: Any) -> ColumnElement[bool]:
    """Kept, because every list of every request asks for it again."""
    return or_(*(column.startswith(unit, autoescape=True) for unit in sorted(units)))


@dataclass(frozen=True)
class Caller:
    """A person or a service that asks for something."""

    subject: str
    name: str
    roles: frozenset[str]
    scope: Scope = field(default_factory=Scope)

    @classmethod
    def service(cls, name: str) -> "Caller":
        """One of the five services, speaking for itself."""
        return cls(name, name, frozenset({"service"}), Scope.of(EVERYWHERE))

    @classmethod
    def operator(cls, name: str) -> "Caller":
        """Who runs a `csem` command on the machine of the service; may do everything, is named in the history."""
        return cls(f"cli:{name}", name, frozenset(ROLES), Scope.of(EVERYWHERE))

    @property
    def is_service(self) -> bool:
        return "service" in self.roles

    def has(self, *roles: str) -> bool:
        """Whether the caller carries at least one of `roles`."""
        return not self.roles.isdisjoint(roles)

    def require(self, roles: Iterable[str]) -> None:
        if self.roles.isdisjoint(roles):
            raise Forbidden("permission.role_missing", needed=", ".join(sorted(roles)))

    def require_scope(self, unit: str) -> None:
        if not self.scope.covers(unit):
            raise Forbidden("permission.outside_scope", unit=unit)
