"""Women who apply side by side become a group: they answer for each other, each with a credit of her own."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.credit.models import (
    Application,
    CopyEnterprise,
    CopyMerged,
    CreditGroup,
    GroupMember,
    TrustFund,
    regulations_in_force,
)
from services.credit.rules.groups import Groups
from services.credit.use_cases import find
from shared import history, merged
from shared.identity import Caller
from shared.kernel import Invalid, NotFound, Refused, clock


def form_group(
    session: Session, caller: Caller, *, fund_id: UUID, name: str, applications: Sequence[UUID]
) -> CreditGroup:
    """The group, under its number; refuses a fund that lends to no groups, fewer or more members than it takes, and a
    member that `join_group` would refuse.
    """
    fund = find.fund(session, caller, fund_id, lock=True)
    rules = groups_of(session, fund)
    rules.check_size(len(applications))
    if len(set(applications)) < rules.minimum:
        raise Invalid("group.too_few", pointer="/applications", minimum=rules.minimum)
    group = CreditGroup(
        number=fund.numbered(session, "G"),
        fund_id=fund.id,
        name=name.strip(),
        formed_on=clock.today(),
        formed_by=caller.subject,
        formed_by_name=caller.name,
    )
    session.add(group)
    session.flush()
    for application_id in sorted(set(applications)):
        _join(session, caller, group, rules, application_id)
    facts = {"number": group.number, "members": [str(one.application_id) for one in group.members]}
    history.record(session, caller, subject=group.id, kind="group", action="form", after=facts)
    return group


def join_group(session: Session, caller: Caller, *, group_id: UUID, application_id: UUID) -> CreditGroup:
    """The group with one member more. Refuses an application of another fund, or of a product that is not lent to
    groups, one of an enterprise that is in it already, one that is before the committee or decided, one that is in a
    group, one to whom who decided on an approved member is close, and more members than a group may have.
    """
    group, rules = changing(session, caller, group_id)
    rules.check_size(len(group.members) + 1)
    _join(session, caller, group, rules, application_id)
    facts = {"joined": str(application_id)}
    history.record(session, caller, subject=group.id, kind="group", action="join", after=facts)
    return group


def leave_group(session: Session, caller: Caller, *, group_id: UUID, application_id: UUID) -> CreditGroup:
    """The group without a member; what she guarantees of the others' loans that are paid out, she goes on guaranteeing.

    Refuses one who was paid or lies before the committee, and, where all borrow or none does, once the committee has
    decided on any of them.
    """
    group, rules = changing(session, caller, group_id)
    application = find.application(session, caller, application_id, lock=True)
    if rules.all_or_none:
        group.require_nobody_decided()
    group.leave(application)
    session.flush()
    facts = {"left": str(application_id)}
    history.record(session, caller, subject=group.id, kind="group", action="leave", after=facts)
    history.record(session, caller, subject=application.id, kind="application", action="leave_group")
    return group


def require_group_ready(session: Session, application: Application) -> None:
    """Refuses to pay a member while another is not approved, has to leave, or they are too few; all of them are locked.
    The fund must be locked.
    """
    group = CreditGroup.of(session, application.id)
    if group is None:
        return
    ids = [member.application_id for member in group.members]
    session.scalars(
        select(Application).where(Application.id.in_(ids)).order_by(Application.id).with_for_update(),
        execution_options={"populate_existing": True},
    ).all()
    application.edition.read().groups.require_enough(len(ids), group.name)
    group.require_all_approved(application, clock.today())


def forget_members(session: Session, applications: Sequence[Application]) -> int:
    """Take the applications of a woman who withdrew, and that nothing was paid on, out of their groups; comes back with
    of how many.
    """
    left = 0
    for application in applications:
        member = session.get(GroupMember, application.id)
        if member is not None and application.state != "disbursed":
            session.delete(member)
            left += 1
    session.flush()
    return left


def changing(session: Session, caller: Caller, group_id: UUID) -> tuple[CreditGroup, Groups]:
    """A group that will change, with its fund locked, and the rules of today."""
    fund_id = group_of(session, caller, group_id).fund_id
    fund = find.fund(session, caller, fund_id, lock=True)
    return group_of(session, caller, group_id, fresh=True), groups_of(session, fund)


def group_of(session: Session, caller: Caller, group_id: UUID, *, fresh: bool = False) -> CreditGroup:
    """A group one of whose members is from the caller's territory."""
    group = session.get(CreditGroup, group_id, populate_existing=fresh)
    if group is None:
        raise NotFound("credit_group.unknown")
    places = [one.municipality for one in group.applications]
    if not any(caller.scope.covers(place) for place in places):
        fund = session.get_one(TrustFund, group.fund_id)
        caller.require_scope(places[0] if places else fund.units[0])
    return group


def groups_of(session: Session, fund: TrustFund) -> Groups:
    """What the regulations of today say of groups."""
    return regulations_in_force(session, fund.id, clock.today()).read().groups


def _join(session: Session, caller: Caller, group: CreditGroup, rules: Groups, application_id: UUID) -> None:
    application = find.application(session, caller, application_id, lock=True)
    application.require_new()
    rules.check_product(application.product)
    if session.get(GroupMember, application.id) is not None:
        raise Refused("group.in_one_already", number=application.number)
    family = merged.family(session, CopyMerged, application.enterprise_id)
    _require_not_close_to_deciders(session, group, application)
    group.join(application, family, clock.today())
    session.flush()
    facts = {"group": group.number}
    history.record(session, caller, subject=application.id, kind="application", action="join_group", after=facts)


def _require_not_close_to_deciders(session: Session, group: CreditGroup, application: Application) -> None:
    """Refuses her who would answer for the credit of another that was approved with the vote or the assent of
    somebody close to her.
    """
    enterprise = CopyEnterprise.standing(session, application.enterprise_id)
    owners = [] if enterprise is None else enterprise.every_owner(session)
    for other in group.applications:
        if find.decider_close_to(session, other, owners):
            raise Refused("group.close_to_voter", number=application.number, other=other.number)
