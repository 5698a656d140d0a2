"""Training groups, as they are read."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.training.models import CopyMerged, GroupMember, TrainingGroup
from services.training.queries.scope import check_units, within
from shared.identity import Caller
from shared.kernel import NotFound
from shared.merged import standing_for
from shared.web.paging import Page, keyset_page


def groups_by_woman(session: Session, need: str, besides: Collection[UUID] = ()) -> dict[UUID, int]:
    """The number of the group for this need that each woman is in, looking at none of `besides`."""
    rows = session.execute(
        select(standing_for(CopyMerged, GroupMember.entrepreneur_id).label("entrepreneur_id"), TrainingGroup.number)
        .join(TrainingGroup, TrainingGroup.id == GroupMember.group_id)
        .where(TrainingGroup.need == need, TrainingGroup.id.not_in(list(besides)))
        .order_by(TrainingGroup.number)
    )
    return {row.entrepreneur_id: row.number for row in rows}


_GROUP = (
    TrainingGroup.number.label("number"),
    TrainingGroup.id.label("id"),
    TrainingGroup.version.label("version"),
    TrainingGroup.name.label("name"),
    TrainingGroup.chain.label("chain"),
    TrainingGroup.need.label("need"),
    TrainingGroup.municipality.label("municipality"),
    TrainingGroup.diameter_km.label("diameter_km"),
    TrainingGroup.formed_on.label("formed_on"),
    TrainingGroup.formed_by_name.label("formed_by_name"),
    TrainingGroup.withdrawn.label("withdrawn"),
    TrainingGroup.completed_on.label("completed_on"),
    TrainingGroup.dissolved_on.label("dissolved_on"),
    select(func.count())
    .where(GroupMember.group_id == TrainingGroup.id)
    .correlate(TrainingGroup)
    .scalar_subquery()
    .label("women"),
)


def list_groups(session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None) -> Page:
    """The groups of the caller's territory that meet all filters, newest first."""
    statement = select(*_GROUP).where(caller.scope.condition(TrainingGroup.municipality))
    if unit := filters.get("unit"):
        check_units([unit], pointer="/unit")
        statement = statement.where(within(TrainingGroup.municipality, [unit]))
    for name in ("chain", "need"):
        if value := filters.get(name):
            statement = statement.where(getattr(TrainingGroup, name) == value)
    if (ended := filters.get("ended")) is not None:
        completed = TrainingGroup.completed_on
        statement = statement.where(completed.is_not(None) if ended else completed.is_(None))
    return keyset_page(session, statement, keys=_GROUP[:1], limit=limit, after=after, descending=True)


def show_group(session: Session, caller: Caller, group_id: UUID) -> dict[str, Any]:
    """One group with its members."""
    row = session.execute(select(*_GROUP).where(TrainingGroup.id == group_id)).mappings().one_or_none()
    if row is None:
        raise NotFound("group.unknown")
    caller.require_scope(row["municipality"])
    members = session.execute(
        select(GroupMember.entrepreneur_id, GroupMember.enterprise_id, GroupMember.municipality, GroupMember.completed)
        .where(GroupMember.group_id == group_id)
        .order_by(GroupMember.municipality, GroupMember.enterprise_id, GroupMember.entrepreneur_id)
    ).mappings()
    return {**row, "members": [dict(member) for member in members]}
