"""A group learns by a version of a curriculum, and a session teaches one of its modules."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import CurriculumModule, CurriculumVersion, GroupCurriculum
from services.training.queries.group_curricula import accepted_for
from services.training.rules.curricula import WITHDRAWN, lacking, refusal
from services.training.use_cases.accept_curriculum import settle
from services.training.use_cases.confirm_group import locked_group
from services.training.use_cases.keep_curriculum import locked_version, tell
from shared import history
from shared.identity import Caller
from shared.kernel import Invalid, Refused, clock, uuid7


def choose_curriculum(session: Session, caller: Caller, *, group_id: UUID, version_id: UUID) -> GroupCurriculum:
    """From now on the group learns by this version; what it learned by another stays. Refuses a group whose training
    ended, a version that is not proposed or is over, and the one that it has.
    """
    group = locked_group(session, caller, group_id, None)
    if group.completed_on is not None:
        raise Refused("session.group_completed", day=group.completed_on)
    found = locked_version(session, caller, version_id, near=True)
    before = _standing(session, group.id)
    if before is not None and before.version_id == version_id:
        raise Refused("curriculum.chosen_already")
    found.require_open()
    if before is not None:
        before.give_way()
    made = GroupCurriculum(
        id=uuid7(),
        group_id=group.id,
        version_id=found.id,
        chosen_by=caller.subject,
        chosen_by_name=caller.name,
        chosen_at=clock.now(),
        stands=True,
    )
    session.add(made)
    session.flush()
    facts = {"version_id": found.id, "number": found.number}
    history.record(session, caller, subject=group.id, kind="group", action="choose_curriculum", after=facts)
    tell(session, caller, found, "chosen", group_id=group.id)
    settle(session, caller, found)
    return made


def require_taught(session: Session, group_id: UUID, module_id: UUID) -> None:
    """Refuses a module that is not of the group's curriculum, and one whose version is withdrawn or is not accepted by
    an expert, a teacher and an entrepreneur of this group.
    """
    chosen = _standing(session, group_id)
    module = session.get(CurriculumModule, module_id)
    if chosen is None or module is None or module.version_id != chosen.version_id:
        raise Invalid("session.module_of_no_curriculum", pointer="/module_id")
    found = session.get_one(CurriculumVersion, chosen.version_id, with_for_update=True)
    if found.state == WITHDRAWN:
        raise Invalid("session.module_withdrawn", pointer="/module_id", day=found.ended_on)
    if missing := lacking(accepted_for(session, found.id, group_id)):
        raise Invalid(refusal(missing), pointer="/module_id", title=found.curriculum.title)


def _standing(session: Session, group_id: UUID) -> GroupCurriculum | None:
    wanted = select(GroupCurriculum).where(GroupCurriculum.group_id == group_id, GroupCurriculum.stands)
    return session.scalar(wanted)
