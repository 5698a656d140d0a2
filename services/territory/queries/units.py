"""The administrative units, and those in force on a day."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from services.territory import reference
from services.territory.models import UnitEdition
from services.territory.reference.editions import Edition, editions
from shared.web import Page


def in_force(session: Session, day: date, *, level: str | None, inside: str, limit: int, after: str | None) -> Page:
    """The units in force on a day, by code: those of the laws that the project ships, and the districts and villages of
    the tables that were adopted. `inside` keeps those under a unit, whatever lies between.
    """
    after = after or ""
    shipped = [one for one in editions() if one.holds(day) and one.code > after and _wanted(one, level, inside)]
    found = sorted([*shipped, *_adopted(session, day, level, inside, limit, after)], key=lambda one: one.code)
    shown = found[:limit]
    return Page([_row(one) for one in shown], shown[-1].code if len(found) > limit else None)


def known(session: Session) -> dict[str, list[Edition]]:
    """All editions by code, shipped and adopted."""
    found: dict[str, list[Edition]] = {}
    columns = UnitEdition.__table__.c
    rows = session.execute(select(UnitEdition.__table__).order_by(columns.code, columns.number))
    for one in (*editions(), *(_edition(row) for row in rows)):
        found.setdefault(one.code, []).append(one)
    return found


def _wanted(one: Edition, level: str | None, inside: str) -> bool:
    under = not inside or one.inside == inside or (one.code.startswith(inside) and one.code != inside)
    return level in {None, one.level} and under


def _adopted(session: Session, day: date, level: str | None, inside: str, limit: int, after: str) -> Iterator[Edition]:
    columns = UnitEdition.__table__.c
    statement = select(UnitEdition.__table__).where(
        columns.code > after,
        or_(columns.parent == inside, columns.code.startswith(inside, autoescape=True)),
        or_(columns.valid_from.is_(None), columns.valid_from <= day),
        or_(columns.valid_to.is_(None), columns.valid_to >= day),
    )
    if level:
        statement = statement.where(columns.level == level)
    for row in session.execute(statement.order_by(columns.code, columns.number).limit(limit + 1)):
        if row.code != inside:
            yield _edition(row)


def _edition(row: Any) -> Edition:
    return Edition(row.code, row.name, row.level, row.parent, row.valid_from, row.valid_to)


def _row(one: Edition) -> dict[str, Any]:
    facts = reference.municipalities().get(one.code)
    return {
        "code": one.code,
        "name": one.name,
        "level": one.level,
        "inside": one.inside,
        "lon": facts and facts.lon,
        "lat": facts and facts.lat,
        "area_km2": facts and facts.area_km2,
        "valid_from": one.valid_from,
        "valid_to": one.valid_to,
    }
