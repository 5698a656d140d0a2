"""What institutions promise in councils and dialogues is kept in mind until it is kept, or not."""

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from services.territory.models import Commitment, Council, Dialogue
from services.territory.use_cases.finding import locked, recorder
from services.territory.use_cases.follow_proposal import store_paper
from shared import files, history
from shared.identity import Caller
from shared.kernel import Invalid, NotFound, clock, uuid7


def promise_in_session(
    session: Session, caller: Caller, council_id: UUID, session_id: UUID, *, what: str, responsible: str, due_on: date
) -> Commitment:
    """What was promised in a session of a council; refuses a day before it."""
    council = locked(session, Council, council_id, "council.unknown")
    caller.require_scope(council.unit)
    held = next((one for one in council.sessions if one.id == session_id), None)
    if held is None:
        raise NotFound("council.session_unknown")
    made = Commitment(unit=council.unit, session_id=held.id, what=what, responsible=responsible, due_on=due_on)
    return _promised(session, caller, made, made_on=held.held_on)


def agree_in_dialogue(
    session: Session, caller: Caller, dialogue_id: UUID, *, what: str, responsible: str, due_on: date
) -> Commitment:
    """What was agreed in a hearing or a dialogue; refuses a day before it."""
    dialogue = locked(session, Dialogue, dialogue_id, "dialogue.unknown")
    caller.require_scope(dialogue.unit)
    made = Commitment(unit=dialogue.unit, dialogue_id=dialogue.id, what=what, responsible=responsible, due_on=due_on)
    return _promised(session, caller, made, made_on=dialogue.held_on)


def settle_commitment(
    session: Session, caller: Caller, commitment_id: UUID, *, version: int | None, state: str, note: str | None
) -> Commitment:
    """The commitment, which was kept or not; refused where the same was said already."""
    commitment = commitment_in_scope(session, caller, commitment_id)
    commitment.require_version(version)
    before = {"state": commitment.state, "note": commitment.note}
    commitment.settle(state, note)
    session.flush()
    history.record(
        session,
        caller,
        subject=commitment.id,
        kind="commitment",
        action="settle",
        before=before,
        after={"state": state, "note": note},
    )
    return commitment


def prove_commitment(
    session: Session, caller: Caller, commitment_id: UUID, *, version: int | None, name: str, content: bytes
) -> Commitment:
    """The commitment with the paper that shows it, in place of the one before."""
    commitment = commitment_in_scope(session, caller, commitment_id)
    commitment.require_version(version)
    replaced = commitment.show(store_paper(session, caller, name=name, content=content))
    session.flush()
    if replaced is not None:
        files.erase(session, replaced)
    history.record(session, caller, subject=commitment.id, kind="commitment", action="prove", after={"name": name})
    return commitment


def commitment_in_scope(session: Session, caller: Caller, commitment_id: UUID) -> Commitment:
    """A commitment of the caller's territory, locked."""
    commitment = locked(session, Commitment, commitment_id, "commitment.unknown")
    caller.require_scope(commitment.unit)
    return commitment


def _promised(session: Session, caller: Caller, made: Commitment, *, made_on: date) -> Commitment:
    if made.due_on < made_on:
        raise Invalid("commitment.due_before_made", pointer="/due_on", day=made_on)
    made.id, made.recorded_at = uuid7(), clock.now()
    made.recorded_by, made.recorded_by_name = recorder(caller).values()
    session.add(made)
    session.flush()
    facts = {"what": made.what, "responsible": made.responsible, "due_on": made.due_on}
    history.record(session, caller, subject=made.id, kind="commitment", action="promise", after=facts)
    return made
