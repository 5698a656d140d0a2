"""Experts, teachers and entrepreneurs contribute to a curriculum; the team says what it made of it."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import CurriculumContribution, CurriculumLink, CurriculumVersion
from services.training.models.curriculum_voices import OPEN, as_spoken
from services.training.rules.curricula import REPLACED, SIGNED_IN, WITHDRAWN
from services.training.use_cases.finding import locked
from services.training.use_cases.keep_curriculum import locked_version, tell
from shared.identity import Caller
from shared.kernel import Invalid, NotFound, Refused, uuid7


def contribute(
    session: Session, caller: Caller, *, version_id: UUID, voice: str, text: str, module_id: UUID | None = None
) -> CurriculumContribution:
    """What somebody of the team says of a version or a module. Refuses a voice that is not hers."""
    found = locked_version(session, caller, version_id, near=True)
    require_voice(caller, voice)
    return _contribute(session, caller, found, voice, text, module_id)


def contribute_by_link(
    session: Session, link: CurriculumLink, caller: Caller, *, text: str, module_id: UUID | None = None
) -> CurriculumContribution:
    """What the holder of a link says of its version."""
    found = locked(session, CurriculumVersion, link.version_id, "curriculum.unknown_version", caller)
    hers = {"group_id": link.group_id, "entrepreneur_id": link.entrepreneur_id}
    return _contribute(session, caller, found, link.voice, text, module_id, **hers)


def answer_contribution(
    session: Session, caller: Caller, *, version_id: UUID, contribution_id: UUID, state: str, answer: str
) -> CurriculumContribution:
    """The contribution with what was made of it; refused a second time."""
    found = locked_version(session, caller, version_id)
    wanted = select(CurriculumContribution).where(
        CurriculumContribution.id == contribution_id, CurriculumContribution.version_id == version_id
    )
    said = session.scalar(wanted.execution_options(populate_existing=True))
    if said is None:
        raise NotFound("curriculum.unknown_contribution")
    said.reply(state, answer, caller)
    session.flush()
    tell(session, caller, found, "answer", contribution=said.id, state=state)
    return said


def require_voice(caller: Caller, voice: str) -> None:
    """Refuses a voice that the caller's account does not have; an entrepreneur speaks through her link."""
    if voice not in SIGNED_IN:
        raise Invalid("curriculum.voice_by_link", pointer="/voice")
    if SIGNED_IN[voice].isdisjoint(caller.roles):
        raise Refused("curriculum.voice_of_another")


def _contribute(
    session: Session,
    caller: Caller,
    found: CurriculumVersion,
    voice: str,
    text: str,
    module_id: UUID | None,
    **hers: UUID | None,
) -> CurriculumContribution:
    if found.state in {REPLACED, WITHDRAWN}:
        raise Refused("curriculum.version_over", day=found.ended_on)
    if module_id is not None:
        found.module(module_id)
    said = CurriculumContribution(
        id=uuid7(),
        version_id=found.id,
        module_id=module_id,
        text=text.strip(),
        state=OPEN,
        answer="",
        **as_spoken(voice, caller, **hers),
    )
    session.add(said)
    session.flush()
    tell(session, caller, found, "contribute", contribution=said.id, voice=voice)
    return said
