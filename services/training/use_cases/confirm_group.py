"""A proposed group is confirmed: its women will be trained together."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import (
    GroupMember,
    GroupNumber,
    Proposal,
    ProposalUnit,
    ProposedGroup,
    ProposedMember,
    TrainingGroup,
)
from services.training.queries.groups import groups_by_woman
from services.training.queries.needs import women_in_need
from services.training.queries.scope import check_scope
from shared import history, places
from shared.bus import log
from shared.events.training import GroupFormed
from shared.identity import Caller
from shared.kernel import NotFound, Refused, Stale, clock, uuid7


def confirm_group(
    session: Session, caller: Caller, *, proposal_id: UUID, number: int, name: str | None = None
) -> TrainingGroup:
    """Form group `number` of a proposal. Refuses one that was confirmed already, and one whose women are no longer
    those of the proposal: some joined another group for that need, changed their need or withdrew.
    """
    proposal = _proposal(session, caller, proposal_id)
    # Whoever confirms holds this row to the end: two proposals cannot take the same woman at the same moment.
    numbers = session.execute(select(GroupNumber).with_for_update()).scalar_one()
    proposed = _proposed(session, proposal_id, number)
    for municipality in sorted({member.municipality for member in proposed.members}):
        caller.require_scope(municipality)
    _check_women(session, proposal, proposed)
    return found_group(
        session,
        caller,
        chain=proposed.chain,
        need=proposed.need,
        municipality=proposed.municipality,
        diameter_km=proposed.diameter_km,
        members=[_member(member) for member in proposed.members],
        name=name,
        proposed_group_id=proposed.id,
        numbers=numbers,
    )


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
    proposed_group_id: UUID | None = None,
    numbers: GroupNumber | None = None,
    beside_others: bool = False,
) -> TrainingGroup:
    """A new group with the next number; the other services hear of its enterprises. Refused where one of its women is
    in a group for that need, unless it is for an occasion `beside_others`.
    """
    numbers = numbers or session.execute(select(GroupNumber).with_for_update()).scalar_one()
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
        proposed_group_id=proposed_group_id,
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


def _proposal(session: Session, caller: Caller, proposal_id: UUID) -> Proposal:
    proposal = session.get(Proposal, proposal_id)
    if proposal is None:
        raise NotFound("proposal.unknown")
    units = session.scalars(select(ProposalUnit.unit).where(ProposalUnit.proposal_id == proposal_id))
    check_scope(caller, sorted(units))
    return proposal


def _proposed(session: Session, proposal_id: UUID, number: int) -> ProposedGroup:
    proposed = session.execute(
        select(ProposedGroup).where(ProposedGroup.proposal_id == proposal_id, ProposedGroup.number == number)
    ).scalar_one_or_none()
    if proposed is None:
        raise NotFound("proposal.unknown_group", number=number)
    formed = session.scalar(select(TrainingGroup.number).where(TrainingGroup.proposed_group_id == proposed.id))
    if formed is not None:
        raise Refused("group.confirmed_already", number=formed)
    return proposed


def _check_women(session: Session, proposal: Proposal, proposed: ProposedGroup) -> None:
    women = {member.entrepreneur_id for member in proposed.members}
    if len(women) < proposal.minimum:
        raise Refused("group.too_small", women=len(women), minimum=proposal.minimum)
    if taken := women & set(groups_by_woman(session, proposed.need)):
        raise Refused("group.members_taken", women=len(taken))
    municipalities = sorted({member.municipality for member in proposed.members})
    rows = women_in_need(session, municipalities, chain=proposed.chain, need=proposed.need)
    still = {(row["entrepreneur_id"], row["enterprise_id"]) for row in rows}
    changed = {(member.entrepreneur_id, member.enterprise_id) for member in proposed.members} - still
    if changed:
        raise Refused("group.members_changed", women=len(changed))


def _member(proposed: ProposedMember) -> GroupMember:
    return GroupMember(
        entrepreneur_id=proposed.entrepreneur_id,
        enterprise_id=proposed.enterprise_id,
        municipality=proposed.municipality,
    )
