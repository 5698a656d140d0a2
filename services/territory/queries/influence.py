"""What the proposals of a territory came to, and the seats of women's organizations in its councils."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.territory.models import Council, CouncilSeat, Proposal, ProposalStep
from services.territory.queries.proposals import matching
from services.territory.rules.influence import (
    Course,
    HeldSeat,
    Outcome,
    grouped,
    outcome,
    paces,
    seats_on,
    still_at,
)
from services.territory.rules.proposals import Step, standing
from shared.identity import Caller
from shared.kernel import Money, clock

DIMENSIONS = ("unit", "year", "organization")
_COUNTS = ("proposals", "submitted", "included", "budgeted", "executed", "rejected")
_SHARES = ("inclusion_rate", "approved_share", "executed_share")


def influence(session: Session, caller: Caller, filters: Mapping[str, Any]) -> dict[str, Any]:
    """The indicators of the proposals that the filters leave, all together and by one dimension where it is asked for;
    the pace of every step; and the seats held in each council of the units on a day (the last of the year asked for, at
    most today).
    """
    courses = _courses(session, caller, filters)
    by = filters.get("by")
    day = _day(filters.get("year"))
    councils, seats = _seats(session, caller, filters, day)
    return {
        "as_of": clock.now(),
        "day": day,
        "total": [_told("", currency, outcome(group)) for (_, currency), group in grouped(courses, None).items()],
        "rows": [_told(key, currency, outcome(group)) for (key, currency), group in grouped(courses, by).items()]
        if by
        else [],
        "steps": [{"state": pace.state, "n": pace.n, "median_days": pace.days} for pace in paces(courses)],
        "standing": [{"state": state, "proposals": n} for state, n in still_at(courses).items()],
        "councils": councils,
        "women_seats": sum(women for women, _ in seats.values()),
        "all_seats": sum(total for _, total in seats.values()),
    }


def _told(key: str, currency: str, found: Outcome) -> dict[str, Any]:
    amounts = {
        "asked": found.asked,
        "asked_of_budgeted": found.asked_of_budgeted,
        "approved": found.approved,
        "approved_of_executed": found.approved_of_executed,
        "spent": found.spent,
    }
    return {
        "key": key,
        "currency": currency,
        **{name: getattr(found, name) for name in (*_COUNTS, *_SHARES)},
        **{name: Money(minor, currency) for name, minor in amounts.items()},
    }


def _courses(session: Session, caller: Caller, filters: Mapping[str, Any]) -> list[Course]:
    conditions = matching(caller, filters)
    taken: dict[UUID, list[Step]] = {}
    columns = (ProposalStep.proposal_id, ProposalStep.state, ProposalStep.day, ProposalStep.amount)
    steps = (
        select(*columns, ProposalStep.corrects)
        .join(Proposal, Proposal.id == ProposalStep.proposal_id)
        .where(*conditions)
        .order_by(ProposalStep.proposal_id, ProposalStep.number)
    )
    for row in session.execute(steps):
        taken.setdefault(row.proposal_id, []).append(Step(row.state, row.day, row.amount, row.corrects))
    told = (Proposal.id, Proposal.unit, Proposal.year, Proposal.organization, Proposal.currency, Proposal.asked)
    return [
        Course(row.unit, row.year, row.organization, row.currency, row.asked, standing(taken[row.id]))
        for row in session.execute(select(*told).where(*conditions).order_by(Proposal.id))
    ]


def _day(year: int | None) -> date:
    today = clock.today()
    return today if year is None else min(today, date(year, 12, 31))


def _seats(
    session: Session, caller: Caller, filters: Mapping[str, Any], day: date
) -> tuple[Sequence[dict[str, Any]], dict[str, tuple[int, int]]]:
    """The councils inside the caller's territory with the seats held in them on a day."""
    inside = [caller.scope.condition(Council.unit)]
    if unit := filters.get("unit"):
        inside.append(Council.unit.startswith(unit, autoescape=True))
    columns = (Council.id, Council.name, Council.unit, Council.kind, Council.seats_total)
    found = session.execute(select(*columns).where(*inside).order_by(Council.unit, Council.id)).all()
    of = (CouncilSeat.council_id, CouncilSeat.kind, CouncilSeat.held_from, CouncilSeat.held_until)
    held = select(*of).join(Council, Council.id == CouncilSeat.council_id).where(*inside)
    if organization := filters.get("organization"):
        held = held.where(CouncilSeat.organization.icontains(organization, autoescape=True))
    seats = [
        HeldSeat(row.council_id.hex, row.kind == "titular", row.held_from, row.held_until)
        for row in session.execute(held)
    ]
    counted = seats_on(day, seats, {row.id.hex: row.seats_total for row in found})
    rows = [
        {
            "id": row.id,
            "name": row.name,
            "unit": row.unit,
            "kind": row.kind,
            "women_seats": counted[row.id.hex][0],
            "seats_total": row.seats_total,
        }
        for row in found
    ]
    return rows, counted
