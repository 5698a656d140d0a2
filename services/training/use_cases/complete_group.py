"""The training of a group ends, and who completed it is written down."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from services.training.models import TrainingGroup
from services.training.use_cases.confirm_group import locked_group
from shared import history
from shared.bus import log
from shared.events.training import GroupCompleted
from shared.identity import Caller


def complete_group(
    session: Session,
    caller: Caller,
    *,
    group_id: UUID,
    version: int | None,
    completed_on: date,
    entrepreneur_ids: Collection[UUID],
) -> TrainingGroup:
    """The group, completed by these of its women, once; the other services hear of their enterprises."""
    group = locked_group(session, caller, group_id, version)
    group.complete(completed_on, entrepreneur_ids)
    session.flush()
    women = {"completed_on": completed_on, "women": len(entrepreneur_ids)}
    history.record(session, caller, subject=group.id, kind="group", action="complete", after=women)
    completed = GroupCompleted(
        group_id=group.id,
        chain=group.chain,
        need=group.need,
        municipality=group.municipality,
        enterprise_ids=sorted({member.enterprise_id for member in group.members if member.completed}),
        completed_on=completed_on,
    )
    log.append(session, completed, group.id)
    return group
