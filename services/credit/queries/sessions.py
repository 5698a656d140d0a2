"""Committees and their sessions as lists."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.credit.models import (
    Acta,
    AgendaItem,
    Committee,
    CommitteeSession,
    Seat,
)
from services.credit.queries.funds import fund_ids
from shared.identity import Caller
from shared.kernel import clock
from shared.web import Page, keyset_page


def listed(session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None) -> Page:
    """The sessions of the funds in the caller's territory, newest first."""
    items = select(AgendaItem.session_id, func.count().label("item_count")).group_by(AgendaItem.session_id).subquery()
    statement = (
        select(
            CommitteeSession.id,
            CommitteeSession.number,
            CommitteeSession.fund_id,
            CommitteeSession.committee_id,
            CommitteeSession.scheduled_for,
            CommitteeSession.place,
            CommitteeSession.state,
            CommitteeSession.version,
            Committee.name.label("committee"),
            func.coalesce(items.c.item_count, 0).label("items"),
            Acta.number.label("acta"),
        )
        .join(Committee, Committee.id == CommitteeSession.committee_id)
        .outerjoin(items, items.c.session_id == CommitteeSession.id)
        .outerjoin(Acta, Acta.session_id == CommitteeSession.id)
        .where(CommitteeSession.fund_id.in_(fund_ids(session, caller)))
    )
    if state := filters.get("state"):
        statement = statement.where(CommitteeSession.state == state)
    if fund_id := filters.get("fund"):
        statement = statement.where(CommitteeSession.fund_id == fund_id)
    return keyset_page(
        session, statement, keys=[CommitteeSession.id.expression], limit=limit, after=after, descending=True
    )


def committees(session: Session, caller: Caller) -> list[dict[str, Any]]:
    """The committees of the funds in the caller's territory, with who sits on them today."""
    rows = session.scalars(select(Committee).where(Committee.fund_id.in_(fund_ids(session, caller))))
    return [committee(row) for row in rows]


def committee(row: Committee) -> dict[str, Any]:
    """A committee with its seats of today, and the mandates to come."""
    return {
        "id": row.id,
        "fund_id": row.fund_id,
        "name": row.name,
        "version": row.version,
        "seats": [seat(item, row) for item in row.sitting(clock.today())],
        "coming": [seat(item, row) for item in row.seats if item.since > clock.today()],
    }


def seat(row: Seat, body: Committee) -> dict[str, Any]:
    """A seat, and whose alternate its holder is."""
    names = ("id", "constituency", "position", "name", "organization", "since", "until", "alternate_for_id")
    principal = next((other.name for other in body.seats if other.id == row.alternate_for_id), None)
    return {
        **{name: getattr(row, name) for name in names},
        "alternate_for": principal,
        "mandate": row.mandate_file_id is not None,
    }


def seat_with_interests(row: Seat, body: Committee) -> dict[str, Any]:
    """A seat with what its holder declared: only for herself and who keeps the committee."""
    names = ("entrepreneur_id", "relation", "degree")
    declared = [{name: getattr(interest, name) for name in names} for interest in row.interests]
    return {**seat(row, body), "interests": declared}
