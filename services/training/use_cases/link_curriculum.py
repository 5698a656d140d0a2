"""An entrepreneur of a group, or an expert from outside, gets a personal link to a version of a curriculum."""

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from services.training.models import CurriculumLink, TrainingGroup
from services.training.reference import curricula as reference
from services.training.rules.curricula import ENTREPRENEUR, REPLACED, WITHDRAWN
from services.training.use_cases.confirm_group import locked_group
from services.training.use_cases.finding import recorder, require_near
from services.training.use_cases.keep_curriculum import locked_version, tell
from shared.identity import Caller
from shared.kernel import Invalid, NotFound, Refused, clock, uuid7


def link_entrepreneur(
    session: Session, caller: Caller, *, version_id: UUID, group_id: UUID, entrepreneur_id: UUID, expires_on: date
) -> CurriculumLink:
    """The link of a woman of a group of the caller's territory; refuses who is not of it, and a last day that is past
    or too far away.
    """
    group = locked_group(session, caller, group_id, None)
    if entrepreneur_id not in {member.entrepreneur_id for member in group.members}:
        raise Invalid("curriculum.not_a_member", pointer="/entrepreneur_id", number=group.number)
    hers = {"group_id": group.id, "entrepreneur_id": entrepreneur_id}
    return _link(session, caller, version_id, ENTREPRENEUR, expires_on, **hers)


def link_expert(
    session: Session, caller: Caller, *, version_id: UUID, voice: str, name: str, expires_on: date
) -> CurriculumLink:
    """The link of an expert or teacher without an account, by her name; refuses a last day likewise."""
    if voice == ENTREPRENEUR:
        raise Invalid("curriculum.woman_missing", pointer="/entrepreneur_id")
    return _link(session, caller, version_id, voice, expires_on, holder_name=" ".join(name.split()))


def revoke_curriculum_link(session: Session, caller: Caller, *, link_id: UUID, version: int | None) -> CurriculumLink:
    """The link, through which nothing is said any more; a woman's is revoked by the team of her group's territory."""
    link = session.get(CurriculumLink, link_id, with_for_update=True, populate_existing=True)
    if link is None:
        raise NotFound("curriculum.unknown_link")
    require_near(caller, link.curriculum_version.unit)
    if link.group_id is not None:
        caller.require_scope(session.get_one(TrainingGroup, link.group_id).municipality)
    link.require_version(version)
    link.revoke()
    session.flush()
    tell(session, caller, link.curriculum_version, "revoke_link", link=link.id)
    return link


def _link(
    session: Session, caller: Caller, version_id: UUID, voice: str, expires_on: date, **holder: object
) -> CurriculumLink:
    found = locked_version(session, caller, version_id, near=True)
    if found.state in {REPLACED, WITHDRAWN}:
        raise Refused("curriculum.version_over", day=found.ended_on)
    longest = clock.today() + timedelta(days=reference.policy().link_days)
    if not clock.today() <= expires_on <= longest:
        raise Invalid("curriculum.link_last_day", pointer="/expires_on", day=longest)
    link = CurriculumLink(
        id=uuid7(), version_id=found.id, voice=voice, expires_on=expires_on, **holder, **recorder(caller)
    )
    session.add(link)
    session.flush()
    tell(session, caller, found, "link", link=link.id, voice=voice, expires_on=expires_on)
    return link
