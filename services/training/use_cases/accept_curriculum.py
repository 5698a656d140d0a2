"""A version of a curriculum is accepted: by an expert, a teacher, and for each group by one of its entrepreneurs."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import (
    CurriculumAcceptance,
    CurriculumLink,
    CurriculumVersion,
    GroupCurriculum,
    GroupMember,
)
from services.training.models.curriculum_voices import as_spoken
from services.training.models.smes import name_key
from services.training.rules.curricula import ENTREPRENEUR
from services.training.use_cases.contribute import require_voice
from services.training.use_cases.finding import locked
from services.training.use_cases.keep_curriculum import locked_version, tell
from shared.bus import log
from shared.events.training import CurriculumAccepted
from shared.identity import Caller
from shared.kernel import Refused, uuid7


def accept_version(
    session: Session, caller: Caller, *, version_id: UUID, voice: str, content_hash: str
) -> CurriculumVersion:
    """The version, accepted by somebody of the team in her voice. Refuses a voice that is not hers, other content than
    the version's, a second acceptance in that voice, and somebody who accepted in another.
    """
    found = locked_version(session, caller, version_id, near=True)
    require_voice(caller, voice)
    return _accept(session, caller, found, voice, content_hash)


def accept_by_link(session: Session, link: CurriculumLink, caller: Caller, *, content_hash: str) -> CurriculumVersion:
    """The version, accepted by the holder of a link; an entrepreneur accepts it for her group."""
    found = locked(session, CurriculumVersion, link.version_id, "curriculum.unknown_version", caller)
    hers = {"group_id": link.group_id, "entrepreneur_id": link.entrepreneur_id}
    if link.voice == ENTREPRENEUR and session.get(GroupMember, (link.group_id, link.entrepreneur_id)) is None:
        raise Refused("curriculum.left_group")
    return _accept(session, caller, found, link.voice, content_hash, **hers)


def settle(session: Session, caller: Caller, found: CurriculumVersion) -> None:
    """The version takes the state that its acceptances and its groups give it. Accepted for the first time, it
    replaces the versions before it, and the other services hear of it.
    """
    given = session.scalars(select(CurriculumAcceptance).where(CurriculumAcceptance.version_id == found.id)).all()
    groups = {one.group_id for one in given if one.voice == ENTREPRENEUR}
    chosen = session.scalars(
        select(GroupCurriculum.group_id).where(GroupCurriculum.version_id == found.id, GroupCurriculum.stands)
    )
    first = found.settle(frozenset(one.voice for one in given), used=not groups.isdisjoint(chosen))
    if first:
        for one in found.curriculum.versions:
            if one.number < found.number:
                one.replace()
    session.flush()
    if first:
        tell(session, caller, found, "accepted")
        log.append(session, _told(found), found.curriculum_id)


def _accept(
    session: Session,
    caller: Caller,
    found: CurriculumVersion,
    voice: str,
    content_hash: str,
    **hers: UUID | None,
) -> CurriculumVersion:
    found.require_open(content_hash)
    _check(session, found, caller, voice, hers.get("group_id"))
    told = as_spoken(voice, caller, **hers)
    session.add(CurriculumAcceptance(id=uuid7(), version_id=found.id, content_hash=content_hash, **told))
    session.flush()
    tell(session, caller, found, "accept", voice=voice, group_id=hers.get("group_id"), content_hash=content_hash)
    settle(session, caller, found)
    return found


def _check(session: Session, found: CurriculumVersion, caller: Caller, voice: str, group_id: UUID | None) -> None:
    given = session.scalars(select(CurriculumAcceptance).where(CurriculumAcceptance.version_id == found.id)).all()
    if any(one.voice == voice and one.group_id == group_id for one in given):
        raise Refused("curriculum.voice_accepted_already")
    if voice == ENTREPRENEUR:
        return
    name = name_key(caller.name)
    others = [one for one in given if one.voice not in {voice, ENTREPRENEUR}]
    if any(one.by == caller.subject or name_key(one.by_name or "") == name for one in others):
        raise Refused("curriculum.accepted_in_other_voice")


def _told(found: CurriculumVersion) -> CurriculumAccepted:
    curriculum = found.curriculum
    return CurriculumAccepted(
        curriculum_id=curriculum.id,
        version_id=found.id,
        number=found.number,
        unit=curriculum.unit,
        topic=curriculum.topic,
        kind=curriculum.type,
        language=curriculum.language,
        minutes=found.minutes,
        accepted_on=found.accepted_on or found.recorded_at.date(),
    )
