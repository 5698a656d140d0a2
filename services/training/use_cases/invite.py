"""Women of a group are invited; who declines leaves it, and somebody of the waiting list comes instead."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import GroupMember, GroupNumber, Invitation, TrainingGroup
from services.training.queries.groups import groups_by_woman
from services.training.queries.invitations import fitting
from services.training.use_cases.confirm_group import locked_group
from services.training.use_cases.form_placed_group import placed_group_of, seats_of
from shared import history
from shared.identity import Caller
from shared.kernel import NotFound, Refused, clock

DECLINED = "declined"


def answer_invitation(
    session: Session, caller: Caller, *, group_id: UUID, entrepreneur_id: UUID, state: str
) -> Invitation:
    """Note what a woman said: who declines leaves the group, who accepts after all comes back while there is room."""
    group = _open(session, caller, group_id)
    invitation = session.get(Invitation, (group_id, entrepreneur_id))
    if invitation is None:
        raise NotFound("invitation.unknown")
    inside = [member for member in group.members if member.entrepreneur_id == entrepreneur_id]
    if state == DECLINED:
        for member in inside:
            group.members.remove(member)
    elif not inside:
        _let_in(session, group, invitation)
    invitation.answer(state, clock.now())
    session.flush()
    history.record(session, caller, subject=group_id, kind="group", action="invitation", after={"state": state})
    return invitation


def invite_instead(session: Session, caller: Caller, *, group_id: UUID, entrepreneur_id: UUID) -> Invitation:
    """Invite a woman of the waiting list; refused where she does not fit or the group is full."""
    group = _open(session, caller, group_id)
    fits = {one.woman: one for one in fitting(session, placed_group_of(session, group_id), group)}
    if entrepreneur_id not in fits:
        raise Refused("invitation.does_not_fit")
    one = fits[entrepreneur_id]
    invitation = Invitation(
        group_id=group_id,
        entrepreneur_id=entrepreneur_id,
        enterprise_id=one.enterprise_id,
        municipality=one.municipality,
        state="invited",
    )
    _let_in(session, group, invitation)
    session.merge(invitation)
    session.flush()
    history.record(session, caller, subject=group_id, kind="group", action="invite_instead")
    return invitation


def _open(session: Session, caller: Caller, group_id: UUID) -> TrainingGroup:
    """The group, locked, with the row that every change of who is in which group waits for."""
    group = locked_group(session, caller, group_id, None)
    session.execute(select(GroupNumber).with_for_update()).scalar_one()
    placed_group_of(session, group_id)
    if group.completed_on is not None:
        raise Refused("group.completed_already", day=group.completed_on)
    return group


def _let_in(session: Session, group: TrainingGroup, invitation: Invitation) -> None:
    if (number := groups_by_woman(session, group.need).get(invitation.entrepreneur_id)) is not None:
        raise Refused("invitation.in_another_group", number=number)
    placed = placed_group_of(session, group.id)
    if len(group.members) >= seats_of(session, placed):
        raise Refused("invitation.full")
    group.members.append(
        GroupMember(
            entrepreneur_id=invitation.entrepreneur_id,
            enterprise_id=invitation.enterprise_id,
            municipality=invitation.municipality,
        )
    )
