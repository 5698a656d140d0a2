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
    Notified,
    Seat,
)
from services.credit.queries.funds import fund_ids
from services.credit.use_cases.attend_session import invitation_of
from services.credit.use_cases.find import sessions_in_view
from shared.identity import Caller
from shared.kernel import clock
from shared.web import Page, keyset_page

KEEPERS = frozenset({"coordinator", "admin"})
"""Who gives the mandates of a committee, and so knows whose account holds which seat."""


def listed(session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None) -> Page:
    """The sessions of the funds in the caller's territory that she is told of, newest first."""
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
        .where(CommitteeSession.fund_id.in_(fund_ids(session, caller)), sessions_in_view(caller))
    )
    if state := filters.get("state"):
        statement = statement.where(CommitteeSession.state == state)
    if fund_id := filters.get("fund"):
        statement = statement.where(CommitteeSession.fund_id == fund_id)
    return keyset_page(
        session, statement, keys=[CommitteeSession.id.expression], limit=limit, after=after, descending=True
    )


def invitations(session: Session, caller: Caller) -> list[dict[str, Any]]:
    """The sessions to come of which a member was told and has not said whether she comes, the next first; none by whose
    day her mandate is over.
    """
    query = (
        select(CommitteeSession, Notified, Committee.name)
        .join(Notified, Notified.session_id == CommitteeSession.id)
        .join(Seat, Seat.id == Notified.seat_id)
        .join(Committee, Committee.id == CommitteeSession.committee_id)
        .where(CommitteeSession.state == "convened", Seat.subject == caller.subject, Notified.answer.is_(None))
        .order_by(CommitteeSession.scheduled_for)
    )
    return [
        {
            "session_id": meeting.id,
            **{name: getattr(meeting, name) for name in ("number", "scheduled_for", "place")},
            "committee": committee,
            **{name: getattr(told, name) for name in ("channel", "answer")},
        }
        for meeting, told, committee in session.execute(query)
        if invitation_of(session, meeting, caller.subject) is told
    ]


def committees(session: Session, caller: Caller) -> list[dict[str, Any]]:
    """The committees of the funds in the caller's territory, with who sits on them today."""
    rows = session.scalars(select(Committee).where(Committee.fund_id.in_(fund_ids(session, caller))))
    return [committee(row, caller) for row in rows]


def committee(row: Committee, caller: Caller) -> dict[str, Any]:
    """A committee with its seats of today, and the mandates to come, as the caller may know them."""
    return {
        "id": row.id,
        "fund_id": row.fund_id,
        "name": row.name,
        "kind": row.kind,
        "version": row.version,
        "seats": [seat(item, row, caller) for item in row.sitting(clock.today())],
        "coming": [seat(item, row, caller) for item in row.seats if item.since > clock.today()],
    }


def seat(row: Seat, body: Committee, caller: Caller) -> dict[str, Any]:
    """A seat, and whose alternate its holder is; her account is told to herself and to who keeps committees."""
    names = ("id", "constituency", "position", "name", "organization", "since", "until", "alternate_for_id")
    principal = next((other.name for other in body.seats if other.id == row.alternate_for_id), None)
    return {
        **{name: getattr(row, name) for name in names},
        "alternate_for": principal,
        "account": row.subject if caller.has(*KEEPERS) or row.subject == caller.subject else None,
        "mandate": row.mandate_file_id is not None,
    }


def seat_with_interests(row: Seat, body: Committee, caller: Caller) -> dict[str, Any]:
    """A seat with what its holder declared: only for herself and who keeps the committee."""
    names = ("entrepreneur_id", "relation", "degree")
    declared = [{name: getattr(interest, name) for name in names} for interest in row.interests]
    return {**seat(row, body, caller), "interests": declared}
