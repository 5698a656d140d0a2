"""A round is planned anew after groups were formed: as few confirmed women as possible move, and only once somebody has
seen who would.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import (
    CopyMerged,
    GroupMember,
    GroupNumber,
    Invitation,
    Placement,
    PlacementGroup,
    PlacementWoman,
    TrainingGroup,
)
from services.training.models.sessions import GIVEN_UP
from services.training.queries.formed_groups import women_of_formed
from services.training.queries.learners import learners
from services.training.queries.replans import coming_sessions
from services.training.reference.rounds import policy
from services.training.rules.continuing import keeps_place
from services.training.rules.rounds import venue_of
from services.training.use_cases.form_placed_group import form_placed_group
from services.training.use_cases.propose_placement import locked_placement
from shared import history
from shared.identity import Caller
from shared.kernel import Refused, clock
from shared.merged import family, standing


def carry_out(session: Session, caller: Caller, *, placement_id: UUID, version: int | None) -> Placement:
    """Do what a plan made anew says: women leave groups and come into others, where they are invited; groups go on,
    are formed or given up; what was planned before for the round is closed. Refused where somebody joined or left one
    of its groups since, and a second time. Groups without a confirmed woman stay to be formed by hand; the sessions to
    come of those given up are cancelled.
    """
    placement = locked_placement(session, caller, placement_id, version)
    placement.require_open_plan()
    session.execute(select(GroupNumber).with_for_update()).scalar_one()
    women = {row.entrepreneur_id: row for row in placement.women}
    was = {woman: row.was for woman, row in women.items() if row.was}
    _require_unchanged(session, placement, was)
    before = _groups(session, {UUID(one["group"]) for one in was.values()})
    _close_others(session, placement)
    moved = _leave(session, placement, women, before)
    placement.carry_out(clock.now())
    session.flush()
    given_up = _go_on(session, caller, placement, women, before)
    cancelled = _cancel_sessions(session, caller, given_up)
    placement.touch(clock.now())
    session.flush()
    after = {"moved": moved, "given_up": len(given_up), "sessions_cancelled": cancelled}
    history.record(session, caller, subject=placement.id, kind="placement", action="carry_out", after=after)
    return placement


def _stays(group: PlacementGroup | None, was: Mapping[str, Any]) -> bool:
    if group is None:
        return False
    return keeps_place(was, group.continues_id, (venue_of(group.venue), group.slot, group.topic, group.language))


def _require_unchanged(session: Session, placement: Placement, was: Mapping[UUID, Mapping[str, Any]]) -> None:
    """Who has no enterprise any more that waits for anything was not planned for, and stays in her group."""
    known = learners(session, placement.asked["units"], policy())
    groups = women_of_formed(session, placement.round_id).items()
    today = {woman: one["group"] for woman, one in groups if woman in known or woman in was}
    planned = {woman: one["group"] for woman, one in was.items()}
    if changed := {woman for woman, _ in today.items() ^ planned.items()}:
        raise Refused("replan.changed_meanwhile", women=len(changed))


def _groups(session: Session, ids: set[UUID]) -> dict[UUID, TrainingGroup]:
    rows = session.scalars(
        select(TrainingGroup).where(TrainingGroup.id.in_(ids)).order_by(TrainingGroup.id).with_for_update()
    )
    return {group.id: group for group in rows}


def _close_others(session: Session, placement: Placement) -> None:
    """The plans before it are changed no more; their groups that it changes are handed over."""
    others = session.scalars(
        select(Placement)
        .where(Placement.round_id == placement.round_id, Placement.id != placement.id)
        .order_by(Placement.id)
        .with_for_update()
    ).all()
    mine = {UUID(row.was["group"]) for row in placement.women if row.was}
    for other in others:
        for group in other.groups:
            if group.training_group_id in mine:
                group.hand_over()
        other.replace()
    session.flush()


def _leave(
    session: Session, placement: Placement, women: Mapping[UUID, PlacementWoman], before: Mapping[UUID, TrainingGroup]
) -> int:
    """Those who do not stay leave their groups and are no longer invited there; how many they are."""
    groups = {group.number: group for group in placement.groups}
    going = {
        woman: UUID(row.was["group"])
        for woman, row in women.items()
        if row.was and not _stays(groups.get(row.group_number or 0), row.was)
    }
    goes_on = {group.number: group.continues_id for group in placement.groups}
    for woman, group_id in going.items():
        if goes_on.get(women[woman].group_number or 0) == group_id:
            continue
        group = before[group_id]
        hers = family(session, CopyMerged, woman)
        group.members[:] = [one for one in group.members if one.entrepreneur_id not in hers]
        if (invitation := _invited(session, group_id, woman)) is not None:
            session.delete(invitation)
    session.flush()
    return len(going)


def _go_on(
    session: Session,
    caller: Caller,
    placement: Placement,
    women: Mapping[UUID, PlacementWoman],
    before: Mapping[UUID, TrainingGroup],
) -> list[UUID]:
    """Groups go on with those who come new, groups of women who moved are formed; those that are given up."""
    inside: dict[int, list[PlacementWoman]] = {}
    for row in women.values():
        if row.group_number is not None:
            inside.setdefault(row.group_number, []).append(row)
    going = {group.continues_id for group in placement.groups}
    gone = [group for id_, group in before.items() if id_ not in going]
    for group in gone:
        group.give_up(clock.today())
    session.flush()
    for placed in placement.groups:
        here = sorted(inside.get(placed.number, []), key=lambda row: row.entrepreneur_id)
        if placed.continues_id is not None and placed.continues_id in before:
            placed.form(placed.continues_id)
            _join(session, before[placed.continues_id], placed, here)
        elif any(row.was for row in here):
            form_placed_group(session, caller, placement_id=placement.id, number=placed.number)
    return [group.id for group in gone]


def _cancel_sessions(session: Session, caller: Caller, group_ids: list[UUID]) -> int:
    """The sessions to come of groups that are given up will not be; how many they are."""
    found = session.scalars(coming_sessions(group_ids).with_for_update()).all()
    for one in found:
        one.cancel(GIVEN_UP, caller)
        history.record(session, caller, subject=one.id, kind="session", action="cancel", after={"reason": GIVEN_UP})
    return len(found)


def _join(session: Session, group: TrainingGroup, placed: PlacementGroup, women: list[PlacementWoman]) -> None:
    """Those who are not in a group yet come into it, and are invited; who is asked to another place is asked anew."""
    there = {standing(session, CopyMerged, member.entrepreneur_id) for member in group.members}
    for row in women:
        new = row.entrepreneur_id not in there
        if not new and (not row.was or _stays(placed, row.was)):
            continue
        who = {name: getattr(row, name) for name in ("entrepreneur_id", "enterprise_id", "municipality")}
        if new:
            group.members.append(GroupMember(**who))
        if (invitation := _invited(session, group.id, row.entrepreneur_id)) is not None:
            invitation.ask_again()
        else:
            session.add(Invitation(group_id=group.id, **who, state="invited"))
    session.flush()


def _invited(session: Session, group_id: UUID, woman: UUID) -> Invitation | None:
    """How she was invited, under whichever of her ids."""
    hers = family(session, CopyMerged, woman)
    return session.scalar(
        select(Invitation).where(Invitation.group_id == group_id, Invitation.entrepreneur_id.in_(hers))
    )
