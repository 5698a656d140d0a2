"""What a plan made anew would change for confirmed women."""

from collections import Counter
from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session

from services.training.models import AttendanceMark, Placement, PlacementGroup, PlacementWoman, TrainingSession
from services.training.models.sessions import GROUP, PLANNED
from services.training.queries.scope import check_scope
from services.training.rules.continuing import keeps_place
from services.training.rules.rounds import venue_of
from shared.identity import Caller
from shared.kernel import Invalid, NotFound, clock
from shared.web.paging import Page

STAY, MOVE, OUT = "stay", "move", "out"


def replan_of(session: Session, placement_id: UUID, carried_out_at: datetime | None) -> dict[str, Any]:
    """How many confirmed women would keep their place, get another one, or have none; how many sessions to come of
    groups that are given up would be cancelled.
    """
    rows = _confirmed(session, placement_id)
    counted = Counter(_what(row) for row in rows)
    goes_on = select(PlacementGroup.continues_id).where(PlacementGroup.placement_id == placement_id)
    given_up = {UUID(row.was["group"]) for row in rows} - set(session.scalars(goes_on))
    sessions = select(func.count()).select_from(coming_sessions(given_up).subquery())
    return {
        **{name: counted[name] for name in (STAY, MOVE, OUT)},
        "sessions": session.scalar(sessions),
        "carried_out_at": carried_out_at,
    }


def coming_sessions(group_ids: Collection[UUID]) -> Select[TrainingSession]:
    """The sessions of groups that are planned for today or later, and at which nobody was marked yet."""
    return (
        select(TrainingSession)
        .where(
            TrainingSession.subject_kind == GROUP,
            TrainingSession.subject_id.in_(group_ids),
            TrainingSession.state == PLANNED,
            TrainingSession.last_day >= clock.today(),
            ~exists().where(AttendanceMark.session_id == TrainingSession.id),
        )
        .order_by(TrainingSession.id)
    )


def list_changes(
    session: Session, caller: Caller, placement_id: UUID, *, stay: bool = False, limit: int, after: str | None
) -> Page:
    """The confirmed women who would not keep their place (`stay`: those who would), by their id: what it was and what
    it would be.
    """
    asked = session.scalar(select(Placement.asked).where(Placement.id == placement_id))
    if asked is None:
        raise NotFound("placement.unknown")
    check_scope(caller, asked["units"])
    venues = {venue["id"]: venue["name"] for venue in asked["venues"]}
    confirmed = _confirmed(session, placement_id)
    changed = [row for row in confirmed if (_what(row) == STAY) is stay and row.woman > _begun(after)]
    rows = [
        {
            "entrepreneur_id": row.woman,
            "enterprise_id": row.enterprise_id,
            "municipality": row.municipality,
            "was": row.was,
            "group_number": row.group_number,
            "venue_name": venues[venue_of(row.venue)] if row.venue else None,
            **{name: getattr(row, name) for name in ("slot", "topic", "reason")},
        }
        for row in changed[:limit]
    ]
    return Page(rows, str(rows[-1]["entrepreneur_id"]) if len(changed) > limit else None)


def _begun(after: str | None) -> UUID:
    try:
        return UUID(after) if after else UUID(int=0)
    except ValueError:
        raise Invalid("query.cursor", pointer="/after") from None


def _what(row: Any) -> str:
    if row.group_number is None:
        return OUT
    spot = (venue_of(row.venue), row.slot, row.topic, row.language)
    return STAY if keeps_place(row.was, row.continues_id, spot) else MOVE


def _confirmed(session: Session, placement_id: UUID) -> list[Any]:
    woman, group = PlacementWoman, PlacementGroup
    rows = session.execute(
        select(
            woman.entrepreneur_id.label("woman"),
            *(woman.enterprise_id, woman.municipality, woman.was, woman.group_number, woman.reason),
            *(group.venue, group.slot, group.topic, group.language, group.continues_id),
        )
        .outerjoin(group, (group.placement_id == woman.placement_id) & (group.number == woman.group_number))
        .where(woman.placement_id == placement_id)
        .order_by(woman.entrepreneur_id)
    )
    return [row for row in rows if row.was]
