"""What SQLite and PostgreSQL say differently: days between two days, the least and the greatest of two numbers."""

from typing import Any

from sqlalchemy import BigInteger, Integer
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class days_between(FunctionElement[int]):  # noqa: N801 - a function of SQL
    """`days_between(later, earlier)`: the whole days from the one to the other."""

    type = Integer()
    inherit_cache = True


class least(FunctionElement[int]):  # noqa: N801
    type = BigInteger()
    inherit_cache = True


class greatest(FunctionElement[int]):  # noqa: N801
    type = BigInteger()
    inherit_cache = True


def _arguments(element: Any, compiler: Any, **options: Any) -> list[str]:
    return [compiler.process(clause, **options) for clause in element.clauses]


@compiles(days_between)
def _days(element: Any, compiler: Any, **options: Any) -> str:
    later, earlier = _arguments(element, compiler, **options)
    return f"({later} - {earlier})"


@compiles(days_between, "sqlite")
def _days_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    later, earlier = _arguments(element, compiler, **options)
    return f"CAST(julianday({later}) - julianday({earlier}) AS INTEGER)"


@compiles(least)
def _least(element: Any, compiler: Any, **options: Any) -> str:
    return f"least({', '.join(_arguments(element, compiler, **options))})"


@compiles(least, "sqlite")
def _least_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"min({', '.join(_arguments(element, compiler, **options))})"


@compiles(greatest)
def _greatest(element: Any, compiler: Any, **options: Any) -> str:
    return f"greatest({', '.join(_arguments(element, compiler, **options))})"


@compiles(greatest, "sqlite")
def _greatest_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"max({', '.join(_arguments(element, compiler, **options))})"
