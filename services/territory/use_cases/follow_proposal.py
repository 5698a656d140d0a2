"""What became of a proposal is recorded step by step, put right by later records, and shown by papers."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.territory.models import Council, Proposal, ProposalStep
from services.territory.rules.access import COUNCIL_KEEPERS, may_record
from services.territory.use_cases.finding import recorder
from services.territory.use_cases.propose import proposal_in_scope
from services.territory.use_cases.write_plan import minor_of
from shared import files, history
from shared.identity import Caller
from shared.kernel import Forbidden, Invalid, Money, NotFound, clock, uuid7
from shared.papers import kept_of


def advance_proposal(
    session: Session, caller: Caller, proposal_id: UUID, *, version: int | None, **told: Any
) -> Proposal:
    """The proposal at its next state; refuses a step that is not the caller's to record or does not follow."""
    proposal = proposal_in_scope(session, caller, proposal_id)
    proposal.require_version(version)
    if not may_record(caller.roles, told["state"], own=proposal.proposed_by == caller.subject):
        raise Forbidden("proposal.step_of_others")
    proposal.advance(_step(session, caller, proposal, **told))
    return _recorded(session, caller, proposal, "advance")


def correct_proposal(
    session: Session, caller: Caller, proposal_id: UUID, *, version: int | None, **told: Any
) -> Proposal:
    """The proposal where it really stands; what was recorded before stays beside the correction and its reason."""
    proposal = proposal_in_scope(session, caller, proposal_id)
    proposal.require_version(version)
    proposal.correct(_step(session, caller, proposal, **told))
    return _recorded(session, caller, proposal, "correct")


def show_step(
    session: Session, caller: Caller, proposal_id: UUID, step_id: UUID, *, name: str, content: bytes
) -> Proposal:
    """The proposal, a step of which has its paper (a PDF or a picture); refuses who neither recorded the step nor
    coordinates, and a second paper.
    """
    proposal = proposal_in_scope(session, caller, proposal_id)
    step = proposal.step(step_id)
    if step.recorded_by != caller.subject and not caller.has(*COUNCIL_KEEPERS):
        raise Forbidden("proposal.step_of_others")
    step.show(store_paper(session, caller, name=name, content=content))
    session.flush()
    facts = {"step": step.number}
    history.record(session, caller, subject=proposal.id, kind="proposal", action="show_step", after=facts)
    return proposal


def store_paper(session: Session, caller: Caller, *, name: str, content: bytes) -> UUID:
    """The id of a stored paper; refuses what is neither a PDF nor a picture."""
    kept = kept_of(content)
    if kept is None:
        raise Invalid("file.neither_pdf_nor_picture", pointer="/file")
    return files.store(session, kept[1], name=name, media_type=kept[0], kind="council_paper", caller=caller).id


def _step(
    session: Session,
    caller: Caller,
    proposal: Proposal,
    *,
    state: str,
    day: date,
    act: str | None,
    council_id: UUID | None,
    amount: Money | None,
    reason: str | None,
) -> ProposalStep:
    if council_id is not None:
        council = session.get(Council, council_id)
        if council is None:
            raise NotFound("council.unknown")
        if not proposal.unit.startswith(council.unit):
            raise Invalid("proposal.council_elsewhere", pointer="/council_id", name=council.name)
    minor = None if amount is None else minor_of(amount, proposal.currency, "/amount")
    return ProposalStep(
        id=uuid7(),
        state=state,
        day=day,
        act=act,
        council_id=council_id,
        amount=minor,
        reason=reason,
        recorded_at=clock.now(),
        **recorder(caller),
    )


def _recorded(session: Session, caller: Caller, proposal: Proposal, action: str) -> Proposal:
    session.flush()
    step = proposal.steps[-1]
    names = ("number", "state", "day", "act", "council_id", "amount", "reason")
    facts = {name: getattr(step, name) for name in names}
    history.record(session, caller, subject=proposal.id, kind="proposal", action=action, after=facts)
    return proposal
