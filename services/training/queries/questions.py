"""What a placement is asked, put together from the round, its women and the groups that sit already."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import (
    GroupMember,
    Placement,
    PlacementGroup,
    PlacementWoman,
    RoundVenue,
    TrainingRound,
    WomanProfile,
)
from services.training.queries.learners import how_they_come, learners, pairs, without_what_groups_meet
from services.training.queries.licences import leaves_of
from services.training.reference import licences
from services.training.reference.rounds import policy
from services.training.rules.licences import counted
from services.training.rules.placement.round import Cell, Group, Round
from services.training.rules.rounds import Learner, Taken, question, venue_of
from shared.kernel import clock


@dataclass(frozen=True, slots=True)
class Question:
    """A round as placement takes it, and its women as training knows them."""

    round: Round
    women: Mapping[UUID, Learner]


def asked_of(session: Session, found: TrainingRound, venues: Collection[RoundVenue]) -> dict[str, Any]:
    """The round and its venues as plain values: what a placement keeps of what it was asked. A topic that needs a
    licence counts only with who holds one on all days of the round.
    """
    edition = policy()
    able = counted_on(session, found, venues)
    names = ("minimum", "maximum", "reach_km", "budget", "seed")
    return {
        **{name: getattr(found, name) for name in names},
        "units": [unit.unit for unit in found.units],
        "topics": {code: edition.topics[code].need for code in found.topics},
        "families": dict(edition.families),
        "chain_match": edition.defaults["chain_match"],
        "slots": list(edition.slots),
        "policy": edition.valid_from.isoformat(),
        "venues": [
            {
                "id": str(venue.id),
                **{name: getattr(venue, name) for name in ("name", "municipality", "lon", "lat", "slots")},
                **{name: getattr(venue, name) for name in ("rooms", "child_care")},
                "facilitators": able[venue.id],
            }
            for venue in sorted(venues, key=lambda venue: venue.id)
        ],
    }


def counted_on(
    session: Session, found: TrainingRound, venues: Collection[RoundVenue]
) -> dict[UUID, list[dict[str, Any]]]:
    """The facilitators of each venue, with the topics they may be counted on for in this round."""
    named = {UUID(one["trainer_id"]) for venue in venues for one in venue.facilitators if one.get("trainer_id")}
    leaves, needing = leaves_of(session, named), licences.policy(found.begins_on).topics_with_licence
    days = (found.begins_on, found.ends_on)
    return {venue.id: counted(venue.facilitators, needing, leaves, *days) for venue in venues}


def new_question(
    session: Session, round_id: UUID, asked: Mapping[str, Any], was: Mapping[UUID, Mapping[str, Any]] | None = None
) -> tuple[Question, int]:
    """The question about all women of the round's units who need anything and do not have a group for it (or one of
    `was`, which is planned anew), and how many are left aside because they have.
    """
    everybody = learners(session, asked["units"], policy())
    found = kept_question(session, round_id, asked, everybody, was or {})
    return found, len(everybody) - len(found.women)


def question_of(session: Session, placement: Placement) -> Question:
    """The question that a placement answers, about those of its women who still need anything."""
    everybody = learners(session, placement.asked["units"], policy())
    mine = session.scalars(select(PlacementWoman.entrepreneur_id).where(PlacementWoman.placement_id == placement.id))
    known = {woman: everybody[woman] for woman in mine if woman in everybody}
    formed = _formed(session, placement.id)
    open_ = {woman: one for woman, one in known.items() if woman not in formed}
    was = was_of(session, placement) if placement.carried_out_at is None else {}
    return kept_question(session, placement.round_id, placement.asked, open_, was)


def was_of(session: Session, placement: Placement) -> dict[UUID, dict[str, Any]]:
    """For each confirmed woman of a plan made anew, the group she is in."""
    if not placement.keeps:
        return {}
    rows = session.execute(
        select(PlacementWoman.entrepreneur_id, PlacementWoman.was).where(PlacementWoman.placement_id == placement.id)
    )
    return {row.entrepreneur_id: row.was for row in rows if row.was}


def kept_question(
    session: Session,
    round_id: UUID,
    asked: Mapping[str, Any],
    women: Mapping[UUID, Learner],
    was: Mapping[UUID, Mapping[str, Any]],
) -> Question:
    """The question in which the confirmed women of `was` wait as well, for what they were to learn: whatever their
    record says today, they said that they come.
    """
    besides = {UUID(one["group"]) for one in was.values()}
    needs = asked["topics"]
    left = without_what_groups_meet(session, women, set(needs.values()), besides)
    for woman, before in was.items():
        if woman in women and (need := needs.get(before["topic"])):
            found = left.get(woman, women[woman])
            left[woman] = replace(found, needs={**found.needs, need: max(found.needs.get(need, 0), 1)})
    return _question(session, round_id, asked, left, besides)


def groups_of(session: Session, placement_id: UUID) -> dict[int, Group]:
    """The groups of a placement that are not formed yet, by number."""
    women: dict[int, list[UUID]] = {}
    members = select(PlacementWoman.group_number, PlacementWoman.entrepreneur_id).where(
        PlacementWoman.placement_id == placement_id, PlacementWoman.group_number.is_not(None)
    )
    for row in session.execute(members.order_by(PlacementWoman.entrepreneur_id)):
        women.setdefault(row.group_number, []).append(row.entrepreneur_id)
    rows = session.scalars(
        select(PlacementGroup)
        .where(PlacementGroup.placement_id == placement_id, PlacementGroup.training_group_id.is_(None))
        .order_by(PlacementGroup.number)
    )
    return {row.number: _group(row, women.get(row.number, [])) for row in rows}


def _group(row: PlacementGroup, women: list[UUID]) -> Group:
    cell = Cell(row.venue, row.slot, row.topic, row.type, row.language)
    return Group(cell, row.room, row.facilitator, tuple(sorted(women)))


def _question(
    session: Session,
    round_id: UUID,
    asked: Mapping[str, Any],
    women: Mapping[UUID, Learner],
    besides: Collection[UUID] = (),
) -> Question:
    told = how_they_come(session)
    found = question(asked, women.values(), told, pairs(session), _taken(session, round_id, besides))
    return Question(found, women)


def _formed(session: Session, placement_id: UUID) -> set[UUID]:
    rows = session.scalars(
        select(PlacementWoman.entrepreneur_id)
        .join(
            PlacementGroup,
            (PlacementGroup.placement_id == PlacementWoman.placement_id)
            & (PlacementGroup.number == PlacementWoman.group_number),
        )
        .where(PlacementWoman.placement_id == placement_id, PlacementGroup.training_group_id.is_not(None))
    )
    return set(rows)


def _taken(session: Session, round_id: UUID, besides: Collection[UUID]) -> list[Taken]:
    """What the groups formed from placements of this round hold, but for those of `besides`."""
    groups = session.scalars(
        select(PlacementGroup)
        .join(Placement, Placement.id == PlacementGroup.placement_id)
        .where(Placement.round_id == round_id, PlacementGroup.training_group_id.is_not(None))
        .order_by(PlacementGroup.id)
    ).all()
    held = [group for group in groups if group.training_group_id not in besides]
    children = _children(session, [group.training_group_id for group in held if group.training_group_id])
    return [
        Taken(venue_of(one.venue), one.slot, one.room, one.facilitator, children.get(one.training_group_id, 0))
        for one in held
    ]


def _children(session: Session, groups: Collection[UUID]) -> dict[UUID | None, int]:
    rows = session.execute(
        select(GroupMember.group_id, WomanProfile.children)
        .join(WomanProfile, WomanProfile.entrepreneur_id == GroupMember.entrepreneur_id)
        .where(GroupMember.group_id.in_(groups))
    )
    found: dict[UUID | None, int] = {}
    for row in rows:
        found[row.group_id] = found.get(row.group_id, 0) + row.children
    return found


def is_over(found: TrainingRound) -> bool:
    """Whether its last day is past."""
    return found.ends_on < clock.today()
