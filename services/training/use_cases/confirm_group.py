"""A group is confirmed: its women will be trained together."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import GroupMember, GroupNumber, TrainingGroup
from services.training.queries.groups import groups_by_woman
from shared import history, places
from shared.bus import log
from shared.events.training import GroupFormed
from shared.identity import Caller
from shared.kernel import NotFound, Refused, Stale, clock, uuid7


def found_group(
    session: Session,
    caller: Caller,
    *,
    chain: str,
    need: str,
    municipality: str,
    diameter_km: float,
    members: list[GroupMember],
    name: str | None,
    beside_others: bool = False,
) -> TrainingGroup:
    """A new group with the next number; the other services hear of its enterprises. Refused where one of its women is
    in a group for that need, unless it is for an occasion `beside_others`.
    """
    # Whoever founds holds this row to the end: two groups cannot take the same woman at the same moment.
    numbers = session.execute(select(GroupNumber).with_for_update()).scalar_one()
    women = {member.entrepreneur_id for member in members}
    if not beside_others and (taken := women & set(groups_by_woman(session, need))):
        raise Refused("group.members_taken", women=len(taken))
    group = TrainingGroup(
        id=uuid7(),
        number=numbers.take(),
        name="",
        chain=chain,
        need=need,
        municipality=municipality,
        diameter_km=diameter_km,
        formed_on=clock.today(),
        formed_by=caller.subject,
        formed_by_name=caller.name,
        members=members,
    )
    group.rename(name or f"{places.name_of(municipality)} {group.number}")
    session.add(group)
    session.flush()
    facts = {"number": group.number, "name": group.name, "women": len(members), "chain": chain}
    history.record(session, caller, subject=group.id, kind="group", action="form", after=facts)
    formed = GroupFormed(
        group_id=group.id,
        chain=chain,
        need=need,
        municipality=municipality,
        enterprise_ids=sorted({member.enterprise_id for member in members}),
        formed_on=group.formed_on,
    )
    log.append(session, formed, group.id)
    return group


def rename_group(session: Session, caller: Caller, *, group_id: UUID, version: int | None, name: str) -> TrainingGroup:
    """Give a group another name."""
    group = locked_group(session, caller, group_id, version)
    before = group.name
    group.rename(name)
    session.flush()
    history.record(
        session,
        caller,
        subject=group.id,
        kind="group",
        action="rename",
        before={"name": before},
        after={"name": group.name},
    )
    return group


def locked_group(session: Session, caller: Caller, group_id: UUID, version: int | None) -> TrainingGroup:
    """A group of the caller's territory, locked; refuses an old version of it."""
    group = session.execute(
        select(TrainingGroup).where(TrainingGroup.id == group_id).with_for_update()
    ).scalar_one_or_none()
    if group is None:
        raise NotFound("group.unknown")
    caller.require_scope(group.municipality)
    if version is not None and version != group.version:
        raise Stale("changed_meanwhile", current=group.version)
    return group
