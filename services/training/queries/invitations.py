"""Who was invited to a group formed from a round, and who without a group fits into it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import Invitation, Placement, PlacementGroup, TrainingGroup
from services.training.queries.questions import new_question
from services.training.rules.edits import fits, match_and_metres
from services.training.rules.placement.round import Cell
from services.training.rules.rounds import venue_of
from shared.database import labelled
from shared.identity import Caller
from shared.kernel import NotFound

MOST_LISTED = 30
_INVITED = labelled(Invitation, "entrepreneur_id", "enterprise_id", "municipality", "state", "answered_at")


@dataclass(frozen=True, slots=True)
class Fitting:
    """A woman who could come instead: what she would learn weighs `match`, and she would travel `metres`."""

    woman: UUID
    enterprise_id: UUID
    municipality: str
    chain: str
    match: int
    metres: int


def list_invitations(session: Session, caller: Caller, group_id: UUID) -> list[dict[str, Any]]:
    """The women invited to a group, and what they said; nobody for a group that was not formed from a round."""
    _group(session, caller, group_id)
    rows = session.execute(
        select(*_INVITED)
        .where(Invitation.group_id == group_id)
        .order_by(Invitation.municipality, Invitation.entrepreneur_id)
    ).mappings()
    return [dict(row) for row in rows]


def list_replacements(session: Session, caller: Caller, group_id: UUID) -> list[dict[str, Any]]:
    """The women without a group for it who fit into this one: what weighs most first, then the nearest;
    nobody for a group that was not formed from a round.
    """
    group = _group(session, caller, group_id)
    placed = session.scalar(select(PlacementGroup).where(PlacementGroup.training_group_id == group_id))
    if placed is None:
        return []
    return [
        {
            "entrepreneur_id": one.woman,
            "enterprise_id": one.enterprise_id,
            "municipality": one.municipality,
            "chain": one.chain,
            "match": one.match,
            "metres": one.metres,
        }
        for one in fitting(session, placed, group)[:MOST_LISTED]
    ]


def fitting(session: Session, placed: PlacementGroup, group: TrainingGroup) -> list[Fitting]:
    """Who fits, the best first: who was invited already is not among them."""
    placement = session.get_one(Placement, placed.placement_id)
    question, _ = new_question(session, placement.round_id, placement.asked)
    invited = set(session.scalars(select(Invitation.entrepreneur_id).where(Invitation.group_id == group.id)))
    cell = Cell(venue_of(placed.venue), placed.slot, placed.topic, placed.type, placed.language)
    venue = next(one for one in placement.asked["venues"] if one["id"] == cell.venue)
    place, care = (venue["lon"], venue["lat"]), venue["child_care"].get(placed.slot, 0)
    found = []
    for woman in question.round.women:
        if woman.id in invited or not fits(question.round, woman, cell, place, care):
            continue
        learner = question.women[woman.id]
        match, metres = match_and_metres(question.round, woman, cell, place)
        found.append(Fitting(woman.id, learner.enterprise_id, learner.municipality, learner.chain, match, metres))
    return sorted(found, key=lambda one: (-one.match, one.metres, one.woman))


def _group(session: Session, caller: Caller, group_id: UUID) -> TrainingGroup:
    group = session.get(TrainingGroup, group_id)
    if group is None:
        raise NotFound("group.unknown")
    caller.require_scope(group.municipality)
    return group
