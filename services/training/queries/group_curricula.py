"""By which curriculum a group learns, and how far it is."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import CurriculumAcceptance, CurriculumVersion, GroupCurriculum, TrainingSession
from services.training.models.sessions import CANCELLED, CLOSED, GROUP
from services.training.queries.curricula import acceptances, modules_of
from services.training.queries.groups import show_group
from services.training.rules.curricula import ENTREPRENEUR, WITHDRAWN, lacking
from shared.identity import Caller
from shared.kernel import clock


def accepted_for(session: Session, version_id: UUID, group_id: UUID) -> frozenset[str]:
    """The voices that accepted a version for a group: its own entrepreneur's, and those of experts and teachers."""
    wanted = select(CurriculumAcceptance.voice).where(
        CurriculumAcceptance.version_id == version_id,
        (CurriculumAcceptance.voice != ENTREPRENEUR) | (CurriculumAcceptance.group_id == group_id),
    )
    return frozenset(session.scalars(wanted))


def show_group_curriculum(session: Session, caller: Caller, group_id: UUID) -> dict[str, Any]:
    """The version that a group learns by (None: none), who accepted it for this group and who still must, and of each
    module the minutes planned and held beside those of the curriculum. `other_minutes`: planned without a module of
    it.
    """
    show_group(session, caller, group_id)
    chosen = session.scalar(select(GroupCurriculum).where(GroupCurriculum.group_id == group_id, GroupCurriculum.stands))
    if chosen is None:
        return {"group_id": group_id, "curriculum": None}
    found = session.get_one(CurriculumVersion, chosen.version_id)
    planned, held, other = _minutes(session, group_id, {one.id for one in found.modules})
    given = [one for one in acceptances(session, found.id) if one["group_id"] in {None, group_id}]
    missing = lacking({one["voice"] for one in given})
    modules = [
        {**one, "planned_minutes": planned.get(one["id"], 0), "held_minutes": held.get(one["id"], 0)}
        for one in modules_of(session, found)
    ]
    curriculum = {
        "curriculum_id": found.curriculum_id,
        "version_id": found.id,
        "title": found.curriculum.title,
        "number": found.number,
        "state": found.state,
        "minutes": found.minutes,
        "planned_minutes": sum(planned.values()),
        "held_minutes": sum(held.values()),
        "other_minutes": other,
        "chosen_at": chosen.chosen_at,
        "chosen_by_name": chosen.chosen_by_name,
        "acceptances": given,
        "lacking": list(missing),
        "taught": not missing and found.state != WITHDRAWN,
        "modules": modules,
    }
    return {"group_id": group_id, "curriculum": curriculum}


def _minutes(session: Session, group_id: UUID, modules: set[UUID]) -> tuple[dict[UUID, int], dict[UUID, int], int]:
    """Minutes planned and held by module, and those planned for none of them; a session is held once it is over or
    closed.
    """
    rows = session.execute(
        select(
            TrainingSession.module_id, TrainingSession.minutes, TrainingSession.state, TrainingSession.last_day
        ).where(
            TrainingSession.subject_kind == GROUP,
            TrainingSession.subject_id == group_id,
            TrainingSession.state != CANCELLED,
        )
    )
    planned: dict[UUID, int] = {}
    held: dict[UUID, int] = {}
    other = 0
    for module_id, minutes, state, last_day in rows:
        if module_id not in modules:
            other += minutes
            continue
        planned[module_id] = planned.get(module_id, 0) + minutes
        if state == CLOSED or last_day < clock.today():
            held[module_id] = held.get(module_id, 0) + minutes
    return planned, held, other
