"""A curriculum is begun, its head changed, a version revised, proposed and withdrawn."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.training.models import Curriculum, CurriculumContribution, CurriculumVersion
from services.training.models.curricula import HEAD
from services.training.models.curriculum_voices import OPEN
from services.training.queries.scope import check_units
from services.training.rules.curricula import PROPOSED
from services.training.use_cases.finding import locked, recorder
from shared import history
from shared.identity import Caller
from shared.kernel import Refused, uuid7


def begin_curriculum(session: Session, caller: Caller, *, unit: str, **head: str) -> Curriculum:
    """A curriculum of the caller's territory with an empty draft as its first version."""
    check_units([unit], pointer="/unit")
    caller.require_scope(unit)
    begun = Curriculum(id=uuid7(), unit=unit, versions=[], **recorder(caller))
    begun.change(head)
    begun.versions.append(CurriculumVersion.begin(uuid7(), 1, "", caller))
    session.add(begun)
    session.flush()
    history.record(session, caller, subject=begun.id, kind="curriculum", action="begin", after={"unit": unit, **head})
    return begun


def change_curriculum(
    session: Session, caller: Caller, *, curriculum_id: UUID, version: int | None, **head: str
) -> Curriculum:
    """The curriculum with another head; refused once a version was proposed."""
    found = locked(session, Curriculum, curriculum_id, "curriculum.unknown", caller)
    found.require_version(version)
    before = {name: getattr(found, name) for name in HEAD}
    found.change(head)
    session.flush()
    history.record(session, caller, subject=found.id, kind="curriculum", action="change", before=before, after=head)
    return found


def revise_curriculum(session: Session, caller: Caller, *, curriculum_id: UUID, change: str) -> CurriculumVersion:
    """A new draft that begins with what the latest version says; who accepted that one accepts this one anew."""
    found = locked(session, Curriculum, curriculum_id, "curriculum.unknown", caller)
    made = found.revise(uuid7(), change, caller)
    session.flush()
    told = {"number": made.number, "change": made.change}
    history.record(session, caller, subject=found.id, kind="curriculum", action="revise", after=told)
    return made


def propose_version(session: Session, caller: Caller, *, version_id: UUID, version: int | None) -> CurriculumVersion:
    """The version, which from now on says what it says. Refused without a module, and while a contribution has no
    answer; an earlier one that was never accepted is replaced.
    """
    found = locked_version(session, caller, version_id, version)
    waiting = select(func.count()).where(
        CurriculumContribution.version_id == version_id, CurriculumContribution.state == OPEN
    )
    if open_ones := session.scalar(waiting):
        raise Refused("curriculum.contributions_open", open=open_ones)
    found.propose(caller)
    for one in found.curriculum.versions:
        if one.state == PROPOSED and one is not found:
            one.replace()
    session.flush()
    tell(session, caller, found, "propose", content_hash=found.content_hash, minutes=found.minutes)
    return found


def withdraw_version(
    session: Session, caller: Caller, *, version_id: UUID, version: int | None, reason: str
) -> CurriculumVersion:
    """The version, with which nothing more is planned."""
    found = locked_version(session, caller, version_id, version)
    found.withdraw(reason)
    session.flush()
    tell(session, caller, found, "withdraw", reason=reason.strip())
    return found


def locked_version(
    session: Session, caller: Caller, version_id: UUID, version: int | None = None, *, near: bool = False
) -> CurriculumVersion:
    """A version of the caller's territory, locked; `near`: of what that lies in too. Refuses an old row of it."""
    found = locked(session, CurriculumVersion, version_id, "curriculum.unknown_version", caller, near=near)
    found.require_version(version)
    return found


def tell(session: Session, caller: Caller, found: CurriculumVersion, action: str, **facts: Any) -> None:
    """Write it into the history of the curriculum; nothing of who is no account stands in it."""
    told = {"number": found.number, **facts}
    history.record(session, caller, subject=found.curriculum_id, kind="curriculum", action=action, after=told)
