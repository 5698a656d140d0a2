"""Enterprises that go to a fair get ready for it together."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import (
    CopyFair,
    FairPreparation,
    FairReadiness,
    GroupMember,
    GroupNumber,
)
from services.training.queries.fairs import Goer, goers, require_concern
from services.training.reference.fairs import checklist
from services.training.use_cases.confirm_group import found_group, locked_group
from services.training.use_cases.finding import locked, recorder
from shared import history
from shared.identity import Caller
from shared.kernel import Invalid, NotFound, Refused, Stale, clock, uuid7

NEED = "market"
"""What a group that prepares for a fair is about."""
MOST = 60
"""Enterprises in one such group."""


def prepare_fair(
    session: Session, caller: Caller, *, fair_id: UUID, enterprise_ids: Collection[UUID] = (), name: str | None = None
) -> FairPreparation:
    """A group of the women of these enterprises, or of all of the caller's territory that go to the fair and are in no
    such group yet. Refused once the fair has begun, of who does not go there, and where nobody is left.
    """
    session.execute(select(GroupNumber).with_for_update()).scalar_one()
    require_concern(session, caller, fair_id)
    fair = _ahead(session, fair_id)
    taken = _chosen(session, caller, fair, enterprise_ids)
    members = _members(taken)
    group = found_group(
        session,
        caller,
        chain=_most_common([one.chain for one in taken]),
        need=NEED,
        municipality=_most_common([one.municipality for one in taken]),
        diameter_km=0.0,
        members=members,
        name=(name or "").strip() or fair.name[:110],
        beside_others=True,
    )
    made = FairPreparation(
        id=uuid7(),
        fair_id=fair_id,
        group_id=group.id,
        unit=group.municipality,
        list_from=checklist(clock.today()).valid_from,
        **recorder(caller),
    )
    session.add(made)
    session.flush()
    _begin(session, made, taken)
    after = {"fair": str(fair_id), "group": group.number, "enterprises": len(taken)}
    history.record(session, caller, subject=made.id, kind="fair_preparation", action="begin", after=after)
    return made


def take_into_preparation(
    session: Session, caller: Caller, *, preparation_id: UUID, enterprise_ids: Collection[UUID]
) -> FairPreparation:
    """The same of enterprises that signed up later: their women join the group."""
    session.execute(select(GroupNumber).with_for_update()).scalar_one()
    found = locked(session, FairPreparation, preparation_id, "fair_preparation.unknown", caller)
    fair = _ahead(session, found.fair_id)
    taken = _chosen(session, caller, fair, enterprise_ids)
    group = locked_group(session, caller, found.group_id, None)
    inside = {member.entrepreneur_id for member in group.members}
    if len({member.enterprise_id for member in group.members}) + len(taken) > MOST:
        raise Refused("fair_preparation.full", most=MOST)
    group.take_in([member for member in _members(taken) if member.entrepreneur_id not in inside])
    session.flush()
    _begin(session, found, taken)
    after = {"enterprises": len(taken)}
    history.record(session, caller, subject=found.id, kind="fair_preparation", action="take_in", after=after)
    return found


def note_readiness(
    session: Session,
    caller: Caller,
    *,
    preparation_id: UUID,
    enterprise_id: UUID,
    version: int | None,
    items: Mapping[str, str],
) -> FairReadiness:
    """What an enterprise has ready; what is left out stays as it was."""
    preparation = locked(session, FairPreparation, preparation_id, "fair_preparation.unknown", caller)
    wanted = select(FairReadiness).where(
        FairReadiness.preparation_id == preparation_id, FairReadiness.enterprise_id == enterprise_id
    )
    found = session.scalar(wanted.with_for_update().execution_options(populate_existing=True))
    if found is None:
        raise NotFound("fair_preparation.unknown_enterprise")
    if version is not None and version != found.version:
        raise Stale("changed_meanwhile", current=found.version)
    before = dict(found.items)
    found.note(items, checklist(preparation.list_from), _fair(session, preparation.fair_id), caller)
    session.flush()
    told = {"before": before, "after": dict(found.items)}
    history.record(session, caller, subject=preparation_id, kind="fair_preparation", action="note", **told)
    return found


def _fair(session: Session, fair_id: UUID) -> CopyFair:
    found = session.get(CopyFair, fair_id)
    if found is None:
        raise NotFound("training_fair.unknown")
    return found


def _ahead(session: Session, fair_id: UUID) -> CopyFair:
    fair = _fair(session, fair_id)
    if fair.begins_on <= clock.today():
        raise Refused("fair_preparation.fair_begun", day=fair.begins_on)
    return fair


def _chosen(session: Session, caller: Caller, fair: CopyFair, enterprise_ids: Collection[UUID]) -> list[Goer]:
    """Those named, or everybody; each of the caller's territory, with a woman who is known, and prepared by nobody."""
    free = {one.enterprise_id: one for one in goers(session, caller, fair.fair_id) if one.preparation_id is None}
    wanted = set(enterprise_ids) or free.keys()
    if strangers := wanted - free.keys():
        raise Invalid("fair_preparation.not_going", pointer="/enterprise_ids", enterprises=len(strangers))
    taken = [free[one] for one in sorted(wanted) if free[one].owner_ids]
    if not taken:
        raise Refused("fair_preparation.nobody_left")
    if len(taken) > MOST:
        raise Invalid("fair_preparation.too_many", pointer="/enterprise_ids", most=MOST, enterprises=len(taken))
    return taken


def _members(taken: Sequence[Goer]) -> list[GroupMember]:
    """Each woman once, through the first of her enterprises."""
    found: dict[UUID, GroupMember] = {}
    for one in taken:
        for owner in one.owner_ids:
            member = GroupMember(entrepreneur_id=owner, enterprise_id=one.enterprise_id, municipality=one.municipality)
            found.setdefault(owner, member)
    return list(found.values())


def _begin(session: Session, preparation: FairPreparation, taken: Sequence[Goer]) -> None:
    for one in taken:
        row = FairReadiness(
            preparation_id=preparation.id, enterprise_id=one.enterprise_id, fair_id=preparation.fair_id, items={}
        )
        session.add(row)
    session.flush()


def _most_common(codes: Sequence[str]) -> str:
    counted = Counter(codes)
    return min(counted, key=lambda code: (-counted[code], code))
