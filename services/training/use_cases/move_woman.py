"""A placement is changed by hand: a woman is moved, taken out or let in; every change is checked before it stands."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.training.models import CopyMerged, Placement, PlacementGroup, PlacementMove, PlacementWoman
from services.training.queries.questions import groups_of, question_of
from services.training.rules.edits import broken, typed, worth_of
from services.training.rules.placement.round import Group
from services.training.use_cases.propose_placement import locked_placement
from shared import history
from shared.identity import Caller
from shared.kernel import NotFound, Refused, clock
from shared.merged import family

BY_HAND = "by_hand"
"""The reason of a woman whom somebody took out."""


def move_woman(
    session: Session, caller: Caller, *, placement_id: UUID, version: int | None, entrepreneur_id: UUID, to: int | None
) -> Placement:
    """Move a woman into the group `to`, or out of every group; the change of the worth is kept with the move. Refused,
    with the condition, where one would be broken.
    """
    placement = locked_placement(session, caller, placement_id, version)
    placement.require_ready()
    woman = _woman(session, placement, entrepreneur_id)
    here = woman.group_number
    if here == to:
        raise Refused("placement.is_there")
    gained = _move(session, placement, woman, to, caller.name)
    last = session.scalar(
        select(func.coalesce(func.max(PlacementMove.number), 0)).where(PlacementMove.placement_id == placement_id)
    )
    session.add(
        PlacementMove(
            placement_id=placement_id,
            number=(last or 0) + 1,
            entrepreneur_id=woman.entrepreneur_id,
            from_number=here,
            to_number=to,
            gained=gained,
            moved_by_name=caller.name,
            moved_at=clock.now(),
        )
    )
    session.flush()
    facts = {"from": here, "to": to, "gained": gained}
    history.record(session, caller, subject=placement_id, kind="placement", action="move", after=facts)
    return placement


def take_back(session: Session, caller: Caller, *, placement_id: UUID, version: int | None) -> Placement:
    """Take the last move back, checked like any other."""
    placement = locked_placement(session, caller, placement_id, version)
    placement.require_ready()
    last = session.scalar(
        select(PlacementMove)
        .where(PlacementMove.placement_id == placement_id)
        .order_by(PlacementMove.number.desc())
        .limit(1)
    )
    if last is None:
        raise Refused("placement.nothing_to_undo")
    woman = _woman(session, placement, last.entrepreneur_id)
    if woman.group_number != last.from_number:
        _move(session, placement, woman, last.from_number, caller.name)
    session.delete(last)
    session.flush()
    facts = {"from": last.to_number, "to": last.from_number}
    history.record(session, caller, subject=placement_id, kind="placement", action="take_back", after=facts)
    return placement


def allow_small_group(
    session: Session, caller: Caller, *, placement_id: UUID, number: int, version: int | None, why: str
) -> PlacementGroup:
    """A group may be smaller than the least size: by the exception of a named person, with the reason."""
    placement = locked_placement(session, caller, placement_id, version)
    placement.require_ready()
    group = open_group(session, placement_id, number)
    group.except_(caller.name, why.strip())
    placement.touch(clock.now())
    session.flush()
    facts = {"number": number, "why": group.exception_why}
    history.record(session, caller, subject=placement_id, kind="placement", action="except", after=facts)
    return group


def open_group(session: Session, placement_id: UUID, number: int) -> PlacementGroup:
    """A group of a placement that is not formed yet."""
    group = session.scalar(
        select(PlacementGroup).where(PlacementGroup.placement_id == placement_id, PlacementGroup.number == number)
    )
    if group is None:
        raise NotFound("placement.unknown_group", number=number)
    group.require_open()
    return group


def _woman(session: Session, placement: Placement, entrepreneur_id: UUID) -> PlacementWoman:
    woman = session.scalar(
        select(PlacementWoman).where(
            PlacementWoman.placement_id == placement.id,
            PlacementWoman.entrepreneur_id.in_(family(session, CopyMerged, entrepreneur_id)),
        )
    )
    if woman is None:
        raise NotFound("placement.unknown_woman")
    return woman


def _move(session: Session, placement: Placement, woman: PlacementWoman, to: int | None, by: str) -> list[int]:
    """Put her there and come back with the change of the worth, part by part."""
    for number in (woman.group_number, to):
        if number is not None:
            open_group(session, placement.id, number)
    question = question_of(session, placement)
    if woman.entrepreneur_id not in question.women:
        raise Refused("placement.woman_changed")
    before = groups_of(session, placement.id)
    moved = _moved(before, woman.entrepreneur_id, to)
    after = {number: typed(question.round, group) for number, group in moved.items()}
    if found := broken(question.round, before, after, _excepted(session, placement.id)):
        raise Refused(f"placement.broken.{found.code}", **found.facts)
    was, now = worth_of(question.round, before.values()), worth_of(question.round, after.values())
    if to is None:
        woman.leave_out(BY_HAND, {"by": by})
    else:
        woman.place(to)
    for number, group in after.items():
        if group.cell.type != before[number].cell.type:
            open_group(session, placement.id, number).call(group.cell.type)
    placement.answer({"worth": now})
    placement.touch(clock.now())
    return [new - old for new, old in zip(now, was, strict=True)]


def _moved(groups: Mapping[int, Group], woman: UUID, to: int | None) -> dict[int, Group]:
    moved: dict[int, Group] = {}
    for number, group in groups.items():
        women = set(group.women) - {woman} | ({woman} if number == to else set())
        moved[number] = replace(group, women=tuple(sorted(women)))
    return moved


def _excepted(session: Session, placement_id: UUID) -> frozenset[int]:
    rows: Any = session.scalars(
        select(PlacementGroup.number).where(
            PlacementGroup.placement_id == placement_id, PlacementGroup.exception_by.is_not(None)
        )
    )
    return frozenset(rows)
