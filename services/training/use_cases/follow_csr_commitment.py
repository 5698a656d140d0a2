"""What was promised in a dialogue is kept in mind until it is kept, or not."""

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from services.training.models import Activity, CommitmentNote, CsrCommitment
from services.training.models.activities import HELD, WORKSHOP
from services.training.models.csr_commitments import OPEN
from services.training.use_cases.finding import locked, recorder
from shared import history
from shared.identity import Caller
from shared.kernel import Invalid, Refused, uuid7


def promise_in_dialogue(
    session: Session, caller: Caller, activity_id: UUID, *, what: str, owner: str, due_on: date
) -> CsrCommitment:
    """The commitment; refuses a workshop, a dialogue that was not held, and a day before it."""
    dialogue = locked(session, Activity, activity_id, "csr_activity.unknown", caller)
    if dialogue.kind == WORKSHOP:
        raise Refused("csr_activity.no_dialogue")
    if dialogue.state != HELD:
        raise Refused("csr_commitment.not_held_yet")
    if due_on < dialogue.starts_on:
        raise Invalid("csr_commitment.due_before_made", pointer="/due_on", day=dialogue.starts_on)
    told = {"what": what, "owner": owner, "due_on": due_on}
    made = CsrCommitment(
        id=uuid7(), activity_id=dialogue.id, unit=dialogue.unit, state=OPEN, **told, **recorder(caller)
    )
    session.add(made)
    session.flush()
    after = told | {"due_on": due_on.isoformat()}
    history.record(session, caller, subject=made.id, kind="csr_commitment", action="promise", after=after)
    return made


def follow_commitment(
    session: Session, caller: Caller, commitment_id: UUID, *, version: int | None, day: date, state: str, note: str
) -> CsrCommitment:
    """The commitment with what was found on a day, and how it stands since."""
    commitment = locked(session, CsrCommitment, commitment_id, "csr_commitment.unknown", caller)
    commitment.require_version(version)
    before = {"state": commitment.state}
    commitment.follow(CommitmentNote(day=day, state=state, note=note, **recorder(caller)))
    session.flush()
    after = {"state": state, "day": day.isoformat(), "note": note}
    history.record(
        session, caller, subject=commitment.id, kind="csr_commitment", action="follow", before=before, after=after
    )
    return commitment
