"""The groups formed from a round that a plan made anew may change."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from services.training.models import (
    AttendanceMark,
    CopyMerged,
    GroupMember,
    Placement,
    PlacementGroup,
    TrainingGroup,
    TrainingSession,
)
from services.training.models.sessions import CLOSED
from services.training.rules.continuing import Formed
from services.training.rules.placement.round import Cell, Round
from services.training.rules.rounds import PART, venue_of
from shared.merged import standing_for


def women_of_formed(session: Session, round_id: UUID) -> dict[UUID, dict[str, Any]]:
    """For each woman of a group formed from the round, what that group is: `group` (id), `number`, `name` and its cell.
    Groups whose training began or ended, and those under the least size by exception, are left as they are.
    """
    woman = standing_for(CopyMerged, GroupMember.entrepreneur_id).label("woman")
    rows = session.execute(
        select(woman, TrainingGroup.id, TrainingGroup.number, TrainingGroup.name, PlacementGroup, Placement.asked)
        .join(TrainingGroup, TrainingGroup.id == GroupMember.group_id)
        .join(PlacementGroup, PlacementGroup.training_group_id == TrainingGroup.id)
        .join(Placement, Placement.id == PlacementGroup.placement_id)
        .where(
            Placement.round_id == round_id,
            TrainingGroup.completed_on.is_(None),
            PlacementGroup.exception_by.is_(None),
            ~_begun(),
        )
        .order_by(TrainingGroup.number, woman)
    )
    return {row.woman: _what(row) for row in rows}


def formed_of(round_: Round, was: Mapping[UUID, Mapping[str, Any]]) -> list[Formed]:
    """The groups of `was` in terms of today's round, where a venue may be told in parts."""
    known = {venue.id: venue for venue in round_.venues}
    women: dict[UUID, set[UUID]] = {}
    cells: dict[UUID, Cell] = {}
    for woman, before in was.items():
        group = UUID(before["group"])
        women.setdefault(group, set()).add(woman)
        part = f"{before['venue']}{PART}{before['slot']}"
        place = part if part in known else before["venue"]
        cells[group] = Cell(place, *(before[name] for name in ("slot", "topic", "type", "language")))
    return [Formed(group, cells[group], frozenset(inside)) for group, inside in sorted(women.items())]


def _what(row: Any) -> dict[str, Any]:
    venue, placed = venue_of(row.PlacementGroup.venue), row.PlacementGroup
    name = next(one["name"] for one in row.asked["venues"] if one["id"] == venue)
    cell = {part: getattr(placed, part) for part in ("slot", "topic", "type", "language")}
    return {"group": str(row.id), "number": row.number, "name": row.name, "venue": venue, "venue_name": name, **cell,
            "room": placed.room, "facilitator": placed.facilitator}  # fmt: skip


def _begun() -> Any:
    """Whether a session of the group is closed, or somebody was marked in one."""
    marked = exists().where(AttendanceMark.session_id == TrainingSession.id)
    return exists().where(
        TrainingSession.subject_kind == "group",
        TrainingSession.subject_id == TrainingGroup.id,
        or_(TrainingSession.state == CLOSED, marked),
    )
