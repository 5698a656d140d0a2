"""What a resolution asks for before it is paid out: put into the motion, shown, looked at."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.credit.models import AgendaItem, Application, Condition, Resolution, earlier_terms
from services.credit.use_cases import find
from shared import files, history
from shared.identity import Caller
from shared.kernel import Forbidden, Invalid, NotFound, Refused, clock
from shared.papers import kept_of

CONVENERS = ("coordinator", "credit_officer")


def ask_condition(
    session: Session,
    caller: Caller,
    *,
    session_id: UUID,
    item_id: UUID,
    text: str,
    verifier: str,
    due_on: date | None = None,
) -> Condition:
    """A condition more in the motion of an item; refuses once somebody has voted on it, and a day that is over."""
    meeting = find.committee_session(session, caller, session_id, lock=True)
    if not caller.has(*CONVENERS):
        find.require_conductor(session, caller, meeting, clock.today())
    if due_on is not None and due_on < clock.today():
        raise Invalid("condition.day_over", pointer="/due_on")
    item = meeting.item(item_id)
    condition = item.ask(text, due_on, verifier)
    session.flush()
    facts = {"condition": condition.id, "verifier": verifier}
    history.record(session, caller, subject=item.id, kind="agenda_item", action="ask_condition", after=facts)
    return condition


def carry_conditions(session: Session, caller: Caller, *, session_id: UUID, item_id: UUID) -> AgendaItem:
    """The item with the conditions that were proposed when its application was deferred; a day that is over is not
    carried. Refuses where there are none to carry, and once somebody has voted on it.
    """
    meeting = find.committee_session(session, caller, session_id, lock=True)
    if not caller.has(*CONVENERS):
        find.require_conductor(session, caller, meeting, clock.today())
    item = meeting.item(item_id)
    carried = earlier_terms(session, item)
    if not carried:
        raise Refused("condition.none_to_carry", position=item.position)
    for one in carried:
        due = one.due_on if one.due_on is not None and one.due_on >= clock.today() else None
        item.ask(one.text, due, one.verifier)
    session.flush()
    facts = {"conditions": len(carried)}
    history.record(session, caller, subject=item.id, kind="agenda_item", action="carry_conditions", after=facts)
    return item


def drop_condition(
    session: Session, caller: Caller, *, session_id: UUID, item_id: UUID, condition_id: UUID
) -> AgendaItem:
    """The item without a condition; refuses once somebody has voted on it."""
    meeting = find.committee_session(session, caller, session_id, lock=True)
    if not caller.has(*CONVENERS):
        find.require_conductor(session, caller, meeting, clock.today())
    item = meeting.item(item_id)
    item.drop(condition_id)
    session.flush()
    facts = {"condition": condition_id}
    history.record(session, caller, subject=item.id, kind="agenda_item", action="drop_condition", after=facts)
    return item


def show_evidence(
    session: Session, caller: Caller, *, application_id: UUID, condition_id: UUID, name: str, content: bytes
) -> Condition:
    """The condition with the paper that shows it, a PDF or a picture; the one before it is erased."""
    condition = _binding(session, caller, application_id, condition_id)
    kept = kept_of(content)
    if kept is None:
        raise Invalid("file.neither_pdf_nor_picture", pointer="/file")
    stored = files.store(session, kept[1], name=name, media_type=kept[0], kind="condition_evidence", caller=caller)
    before = condition.show(stored.id)
    if before is not None:
        files.erase(session, before)
    session.flush()
    _remember(session, caller, condition, "show_evidence")
    return condition


def meet_condition(
    session: Session, caller: Caller, *, application_id: UUID, condition_id: UUID, note: str = ""
) -> Condition:
    """Say that it is met, as who was asked to look; refuses anybody else, and one of which nothing was shown."""
    condition = _binding(session, caller, application_id, condition_id)
    if not caller.has(condition.verifier):
        raise Forbidden("condition.other_verifier", position=condition.position)
    condition.meet(caller.subject, caller.name, note.strip())
    session.flush()
    _remember(session, caller, condition, "meet_condition")
    return condition


def evidence_of(session: Session, application: Application, condition_id: UUID) -> UUID:
    """The file that shows a condition of an application."""
    condition = session.get(Condition, condition_id)
    if condition is None or condition.application_id != application.id or condition.evidence_file_id is None:
        raise NotFound("condition.unknown")
    return condition.evidence_file_id


def forget_evidence(session: Session, application_ids: Collection[UUID], unlent: Collection[UUID]) -> int:
    """Erase what was said of the conditions of these applications, and what was shown of those that nothing was paid
    on (`unlent`); comes back with of how many.
    """
    shown = select(Condition).where(Condition.application_id.in_(application_ids))
    forgotten = 0
    for condition in session.scalars(shown):
        file_id = condition.evidence_file_id if condition.application_id in unlent else None
        forgotten += file_id is not None or condition.note != ""
        if file_id is not None:
            files.erase(session, file_id)
        condition.forget(shown=file_id is not None)
    return forgotten


def _binding(session: Session, caller: Caller, application_id: UUID, condition_id: UUID) -> Condition:
    """A condition of the resolution that approved the application, which is locked."""
    application = find.application(session, caller, application_id, lock=True)
    application.require_approved()
    condition = session.get(Condition, condition_id)
    if condition is None or condition.application_id != application.id:
        raise NotFound("condition.unknown")
    approved = select(Resolution.item_id).where(
        Resolution.application_id == application.id, Resolution.outcome == "approved"
    )
    if condition.item_id != session.scalar(approved.order_by(Resolution.id.desc()).limit(1)):
        raise NotFound("condition.unknown")
    return condition


def _remember(session: Session, caller: Caller, condition: Condition, action: str) -> None:
    facts = {"condition": condition.position}
    history.record(session, caller, subject=condition.application_id, kind="application", action=action, after=facts)
