"""A group of a placement is formed: its women will be trained together, and are invited."""

from collections import Counter
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import (
    CopyEnterprise,
    GroupMember,
    Invitation,
    Placement,
    PlacementGroup,
    PlacementWoman,
    TrainingGroup,
)
from services.training.queries.learners import learners
from services.training.reference.rounds import policy
from services.training.rules.nearness import diameter_km, distances_km
from services.training.rules.rounds import venue_of
from services.training.use_cases.confirm_group import found_group
from services.training.use_cases.move_woman import open_group
from services.training.use_cases.propose_placement import locked_placement
from shared import history, places
from shared.identity import Caller
from shared.kernel import Refused, clock


def form_placed_group(
    session: Session, caller: Caller, *, placement_id: UUID, number: int, name: str | None = None
) -> TrainingGroup:
    """Form group `number`. Refused while the placement is being improved, under the least size without an exception,
    where it was formed already, and where some of its women are in another group for that need or do not need it now.
    """
    placement = locked_placement(session, caller, placement_id, None)
    placement.require_ready()
    if placement.keeps and placement.carried_out_at is None:
        raise Refused("replan.carry_out_first")
    placed = open_group(session, placement_id, number)
    members = session.scalars(
        select(PlacementWoman)
        .where(PlacementWoman.placement_id == placement_id, PlacementWoman.group_number == number)
        .order_by(PlacementWoman.entrepreneur_id)
    ).all()
    if not members or (len(members) < placement.asked["minimum"] and placed.exception_by is None):
        raise Refused("placement.group_too_small", women=len(members), minimum=placement.asked["minimum"])
    need = placement.asked["topics"][placed.topic]
    today = learners(session, placement.asked["units"], policy())
    waiting = [one for one in members if not one.was]
    changed = [one for one in waiting if need not in getattr(today.get(one.entrepreneur_id), "needs", {})]
    if changed:
        raise Refused("group.members_changed", women=len(changed))
    municipality = _most_common([one.municipality for one in members])
    group = found_group(
        session,
        caller,
        chain=_most_common([one.chain for one in members]),
        need=need,
        municipality=municipality,
        diameter_km=_diameter(session, [one.enterprise_id for one in members]),
        members=[_member(one) for one in members],
        name=name or f"{policy().topics[placed.topic].names['es']}, {places.name_of(municipality)}"[:110],
    )
    placed.form(group.id)
    for one in members:
        session.add(_invitation(group.id, one))
    placement.touch(clock.now())
    session.flush()
    after = {"number": number, "group": group.number}
    history.record(session, caller, subject=placement_id, kind="placement", action="form", after=after)
    return group


def placed_group_of(session: Session, group_id: UUID) -> PlacementGroup:
    """The placement's group from which a training group was formed; refused for one that was formed otherwise."""
    found = session.scalar(select(PlacementGroup).where(PlacementGroup.training_group_id == group_id))
    if found is None:
        raise Refused("invitation.not_of_a_round")
    return found


def seats_of(session: Session, placed: PlacementGroup) -> int:
    """How many women such a group holds: what its room seats, and never more than the round's largest group."""
    asked = session.get_one(Placement, placed.placement_id).asked
    venue = next(one for one in asked["venues"] if one["id"] == venue_of(placed.venue))
    return int(min(asked["maximum"], *(room["seats"] for room in venue["rooms"] if room["name"] == placed.room)))


def _most_common(codes: list[str]) -> str:
    counted = Counter(codes)
    return min(counted, key=lambda code: (-counted[code], code))


def _diameter(session: Session, enterprises: list[UUID]) -> float:
    """The largest distance between two known points of the members, in km."""
    rows = session.execute(
        select(CopyEnterprise.lon, CopyEnterprise.lat).where(
            CopyEnterprise.enterprise_id.in_(enterprises), CopyEnterprise.lon.is_not(None)
        )
    )
    points = [(row.lon, row.lat) for row in rows]
    return round(diameter_km(distances_km(points), range(len(points))), 3) if points else 0.0


def _member(one: PlacementWoman) -> GroupMember:
    return GroupMember(
        entrepreneur_id=one.entrepreneur_id, enterprise_id=one.enterprise_id, municipality=one.municipality
    )


def _invitation(group_id: UUID, one: PlacementWoman) -> Invitation:
    return Invitation(
        group_id=group_id,
        entrepreneur_id=one.entrepreneur_id,
        enterprise_id=one.enterprise_id,
        municipality=one.municipality,
        state="invited",
    )
