"""Whom to visit in a week, and the technical assistance that was given."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from services.registry.models import Accompaniment, Enterprise, Entrepreneur, Owner, Visit
from services.registry.models.accompaniment import WAITS
from services.registry.queries.seeing import shown_to, view_for
from services.registry.rules.hours import Assistance, totals
from services.registry.rules.visibility import View
from shared import places
from shared.database import labelled
from shared.identity import Caller
from shared.kernel import Invalid, clock
from shared.web.paging import Page, keyset_page

LONGEST_PERIOD = 400
_WEEK = (
    *labelled(Visit, "id", "due_on", "made_on", "purposes"),
    Accompaniment.id.label("accompaniment_id"),
    *labelled(Accompaniment, "phase", "technician", "technician_name"),
    Enterprise.id.label("enterprise_id"),
    Enterprise.name.label("enterprise_name"),
    Enterprise.address.label("address"),
    Enterprise.municipality.label("municipality"),
)


def monday_of(day: date) -> date:
    """The first day of the week that `day` lies in."""
    return day - timedelta(days=day.weekday())


def week_of(session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None) -> Page:
    """The visits of open cases that are due in a week, or were made in it; in this week the late ones too. In order of
    the day they are due, so that the late ones come first.
    """
    view = replace(view_for(caller), taken_back=False)
    today = clock.today()
    monday = monday_of(filters.get("week") or today)
    statement = (
        select(*_WEEK)
        .join(Accompaniment, Accompaniment.id == Visit.accompaniment_id)
        .join(Enterprise, Enterprise.id == Accompaniment.enterprise_id)
        .where(_within(monday, today), caller.scope.condition(Enterprise.municipality), *shown_to(view))
        .where(Accompaniment.closed_on.is_(None), Enterprise.active, *_whose(caller, filters))
    )
    page = keyset_page(session, statement, keys=[_WEEK[1], _WEEK[0]], limit=limit, after=after)
    rows = [dict(row) for row in page.rows]
    owners = _owners(session, view, [row["enterprise_id"] for row in rows])
    for row in rows:
        row["late"] = row["made_on"] is None and row["due_on"] < today
        row["enterprise_name"] = row["enterprise_name"] if view.names else None
        row["address"] = row["address"] if view.exact_point else None
        row["municipality_name"] = places.full_name(row["municipality"])
        row["owners"] = owners.get(row["enterprise_id"], [])
    return Page(rows, page.next)


def hours(session: Session, caller: Caller, filters: Mapping[str, Any]) -> dict[str, Any]:
    """Visits and minutes between two days, added up by what `by` names; refuses days in the wrong order, and more of
    them than a year and a month.
    """
    since, until, by = filters["since"], filters["until"], filters["by"]
    if until < since:
        raise Invalid("hours.wrong_order", pointer="/until", since=since.isoformat())
    if (until - since).days > LONGEST_PERIOD:
        raise Invalid("hours.too_long", pointer="/until", maximum=LONGEST_PERIOD)
    view = view_for(caller)
    made = (
        select(
            Visit.accompaniment_id, Visit.made_by, Visit.made_by_name, Visit.made_on, Visit.minutes, Visit.needs,
            Enterprise.name,
        )
        .join(Accompaniment, Accompaniment.id == Visit.accompaniment_id)
        .join(Enterprise, Enterprise.id == Accompaniment.enterprise_id)
        .where(Visit.made_on.between(since, until), caller.scope.condition(Enterprise.municipality), *shown_to(view))
        .order_by(Visit.made_on, Visit.id)
    )  # fmt: skip
    if who := filters.get("technician"):
        made = made.where(Visit.made_by == (caller.subject if who == "me" else who))
    if of := filters.get("accompaniment_id"):
        made = made.where(Visit.accompaniment_id == of)
    rows = session.execute(made).all()
    given = [
        Assistance(str(row.accompaniment_id), row.made_by or "", row.made_on, row.minutes or 0, tuple(row.needs))
        for row in rows
    ]
    labels = {row.made_by or "": row.made_by_name for row in rows} if by == "technician" else {}
    if by == "accompaniment" and view.names:
        labels = {str(row.accompaniment_id): row.name for row in rows}
    return {
        "since": since,
        "until": until,
        "by": by,
        "visits": len(given),
        "minutes": sum(visit.minutes for visit in given),
        "rows": [
            {"key": key, "label": labels.get(key), "visits": visits, "minutes": minutes}
            for key, (visits, minutes) in totals(given, by).items()
        ],
    }


def _within(monday: date, today: date) -> ColumnElement[bool]:
    sunday = monday + timedelta(days=6)
    planned = and_(Visit.due_on.between(monday, sunday), WAITS)
    made = Visit.made_on.between(monday, sunday)
    if monday == monday_of(today):
        return or_(planned, made, and_(Visit.due_on < monday, WAITS))
    return or_(planned, made)


def _whose(caller: Caller, filters: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    who = filters.get("technician")
    if who is None:
        return []
    if who == "nobody":
        return [Accompaniment.technician.is_(None)]
    return [Accompaniment.technician == (caller.subject if who == "me" else who)]


def _owners(session: Session, view: View, ids: Sequence[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    if not view.names:
        return {}
    found: dict[UUID, list[dict[str, Any]]] = {}
    rows = session.execute(
        select(
            Owner.enterprise_id, Entrepreneur.id, Entrepreneur.given_names, Entrepreneur.surnames, Entrepreneur.phone
        )
        .join(Entrepreneur, Entrepreneur.id == Owner.entrepreneur_id)
        .where(Owner.enterprise_id.in_(ids))
        .order_by(Owner.enterprise_id, Owner.rank)
    )
    for row in rows:
        woman = {"id": row.id, "given_names": row.given_names, "surnames": row.surnames}
        found.setdefault(row.enterprise_id, []).append(woman | {"phone": row.phone if view.contact else None})
    return found
