"""Sessions as lists and as the room in which the committee sits."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.credit.models import (
    Acta,
    AgendaItem,
    Application,
    Committee,
    CommitteeSession,
    CreditRegulations,
    Resolution,
    RollSeat,
    Seat,
    TrustFund,
    regulations_in_force,
)
from services.credit.models.committees import CONDUCTING
from services.credit.queries.funds import fund_ids
from services.credit.rules.quorum import Rule, quorum
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
    """A committee with its seats of today."""
    return {
        "id": row.id,
        "fund_id": row.fund_id,
        "name": row.name,
        "version": row.version,
        "seats": [seat(item) for item in row.sitting(clock.today())],
    }


def seat(row: Seat) -> dict[str, Any]:
    names = ("id", "constituency", "position", "name", "organization", "since", "until")
    return {name: getattr(row, name) for name in names}


def room(session: Session, caller: Caller, meeting: CommitteeSession) -> dict[str, Any]:
    """Everything the session room shows to this caller. What others chose stays hidden until the item is decided."""
    body = session.get_one(Committee, meeting.committee_id)
    fund = session.get_one(TrustFund, meeting.fund_id)
    version = _regulations(session, meeting)
    rule = version.read().quorum
    mine = next((item for item in meeting.roll if item.subject == caller.subject), None)
    acta = session.scalar(select(Acta).where(Acta.session_id == meeting.id))
    names = ("id", "number", "fund_id", "committee_id", "state", "scheduled_for", "place", "opened_at", "closed_at")
    return {
        **{name: getattr(meeting, name) for name in (*names, "version")},
        "fund": fund.name,
        "committee": body.name,
        "regulations": {"title": version.title, "edition": version.edition},
        "rule": {
            "seats": rule.seats,
            "constituencies": list(rule.constituencies),
            "majority": rule.majority,
            "casting_vote": rule.casting_vote,
        },
        "conducts": _conducts(caller, body, meeting),
        "my_seat": mine.id if mine else None,
        "seats": [seat(item) for item in body.sitting(clock.today())] if meeting.state == "convened" else [],
        "roll": [_roll_seat(item) for item in meeting.roll],
        "agenda": [_item(session, fund, meeting, item, rule, mine) for item in meeting.agenda],
        "acta": {"number": acta.number, "hash": acta.hash} if acta else None,
    }


def _regulations(session: Session, meeting: CommitteeSession) -> CreditRegulations:
    if meeting.regulations_id:
        return session.get_one(CreditRegulations, meeting.regulations_id)
    return regulations_in_force(session, meeting.fund_id, clock.today())


def _conducts(caller: Caller, body: Committee, meeting: CommitteeSession) -> bool:
    if caller.has("coordinator"):
        return True
    if meeting.roll:
        return any(item.subject == caller.subject and item.position in CONDUCTING for item in meeting.roll)
    return body.conducted_by(caller.subject, clock.today())


def _roll_seat(row: RollSeat) -> dict[str, Any]:
    names = ("id", "constituency", "position", "name", "organization", "present", "arrived_at", "left_at")
    return {name: getattr(row, name) for name in names}


def _item(
    session: Session,
    fund: TrustFund,
    meeting: CommitteeSession,
    item: AgendaItem,
    rule: Rule,
    mine: RollSeat | None,
) -> dict[str, Any]:
    application = session.get_one(Application, item.application_id)
    resolution = session.scalar(select(Resolution).where(Resolution.item_id == item.id))
    state = quorum(meeting.members(item), rule)
    who = {seat.id: seat.name for seat in meeting.roll}
    appraisal = application.appraisal
    return {
        "id": item.id,
        "position": item.position,
        "state": item.state,
        "application": {
            "id": application.id,
            "number": application.number,
            "enterprise_id": application.enterprise_id,
            "municipality": application.municipality,
            "chain": application.chain,
            "purpose": application.purpose,
            "project": application.project,
            "amount": fund.money(application.amount),
            "state": application.state,
        },
        "recommendation": appraisal.recommendation,
        "appraised_by_name": appraisal.appraised_by_name,
        "amount": fund.money(item.amount),
        "instalments": item.instalments,
        "grace": item.grace,
        "conditions": item.conditions,
        "quorum": {
            "present": state.present,
            "needed": state.needed,
            "missing": list(state.missing),
            "reached": state.reached,
        },
        "voted": [vote.roll_seat_id for vote in item.votes],
        "recusals": [{"seat": r.roll_seat_id, "name": who[r.roll_seat_id], "reason": r.reason} for r in item.recusals],
        "votes": [_vote(vote, who) for vote in item.votes] if item.state == "decided" else [],
        "my_vote": next((vote.choice for vote in item.votes if mine and vote.roll_seat_id == mine.id), None),
        "why_not": _why_not(session, application, item, mine),
        "outcome": item.outcome,
        "resolution": resolution.number if resolution else None,
        "tally": resolution.tally if resolution else None,
    }


def _vote(vote: Any, who: Mapping[UUID, str]) -> dict[str, Any]:
    return {"name": who[vote.roll_seat_id], "choice": vote.choice, "reason": vote.reason}


def _why_not(session: Session, application: Application, item: AgendaItem, mine: RollSeat | None) -> str | None:
    """The code of why this caller may not vote on an item, or None."""
    if mine is None:
        return "committee.not_a_member"
    if item.state != "pending":
        return "session.item_closed"
    if item.is_recused(mine):
        return "committee.recused"
    if any(vote.roll_seat_id == mine.id for vote in item.votes):
        return "committee.voted_already"
    if not mine.present:
        return "committee.not_present"
    return mine.conflict_with(session, application)
