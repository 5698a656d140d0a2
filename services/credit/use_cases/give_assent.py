"""The Trust Fund Committee says yes or no to an approval beyond what the credit committee may give alone."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.credit.models import (
    Application,
    Assent,
    Committee,
    NotApart,
    Resolution,
    Seat,
    TrustFund,
    assent_state,
    assents_of,
    interested,
)
from services.credit.use_cases import find
from services.credit.use_cases.disburse_loan import approval_of
from services.credit.use_cases.lapse_approvals import lapse
from shared import history
from shared.identity import Caller
from shared.kernel import Invalid, NotFound, Refused, clock


def give_assent(
    session: Session, caller: Caller, *, fund_id: UUID, application_id: UUID, gives: bool, reason: str = ""
) -> Application:
    """The application with one member's word on its approval. As many no as there would have to be yes end the
    approval: what was promised is free, and a session may deal with it anew.

    Refuses who does not sit on the Trust Fund Committee, what needs no assent or has it, a second word of hers or of
    her seat, hers who appraised, voted or is close to who stands behind it, and a no without reason.
    """
    fund = find.fund_to_govern(session, caller, fund_id)
    find.watcher(session, caller, fund)
    application = find.application(session, caller, application_id, lock=True)
    if application.fund_id != fund.id:
        raise NotFound("application.unknown")
    application.require_approved()
    if application.expired(clock.today()):
        raise Refused("application.approval_expired", number=application.number, until=application.approved_until)
    resolution = approval_of(session, application)
    _require_word_left(session, caller, fund, application, resolution)
    if not gives and not reason.strip():
        raise Invalid("assent.reason_needed", pointer="/reason")
    said = Assent(
        resolution_id=resolution.id,
        application_id=application.id,
        subject=caller.subject,
        name=caller.name,
        gives=gives,
        reason=reason.strip(),
        said_at=clock.now(),
    )
    session.add(said)
    session.flush()
    facts = {"resolution": resolution.number, "gives": gives}
    history.record(session, caller, subject=application.id, kind="application", action="assent", after=facts)
    if assent_state(session, resolution) == "denied":
        lapse(session, caller, application)
        session.flush()
    return application


def may_say(
    session: Session, caller: Caller, fund: TrustFund, application: Application, resolution: Resolution
) -> bool:
    """Whether the caller's word on an approval would be taken."""
    if not caller.has("trust_fund_member"):
        return False
    try:
        _require_word_left(session, caller, fund, application, resolution)
    except Refused:
        return False
    return True


def _require_word_left(
    session: Session, caller: Caller, fund: TrustFund, application: Application, resolution: Resolution
) -> None:
    """Refuses who does not act for the Trust Fund Committee, what waits for no word, and a second one of hers or of her
    seat.
    """
    seat = find.watcher(session, caller, fund)
    state = assent_state(session, resolution)
    if state != "waiting":
        raise Refused(f"assent.{state}", number=application.number)
    _require_apart(session, caller, application, resolution)
    if any(one.subject == caller.subject for one in assents_of(session, resolution)):
        raise Refused("assent.said_already", number=application.number)
    if seat is not None and _said_by_seat(session, resolution, seat):
        raise Refused("assent.seat_said", number=application.number)


def _said_by_seat(session: Session, resolution: Resolution, seat: Seat) -> bool:
    """Whether her principal, or her alternate, has said the word of their seat."""
    body = session.get_one(Committee, seat.committee_id)
    holders = {one.subject for one in body.seats if one.chair_of == seat.chair_of}
    return any(one.subject in holders for one in assents_of(session, resolution))


def forget_reasons(session: Session, application_ids: Collection[UUID]) -> int:
    """Empty why members said no of applications; comes back with how many reasons."""
    found = session.scalars(select(Assent).where(Assent.application_id.in_(application_ids), Assent.reason != ""))
    emptied = 0
    for said in found:
        said.reason = ""
        emptied += 1
    return emptied


def _require_apart(session: Session, caller: Caller, application: Application, resolution: Resolution) -> None:
    """Who appraised or voted does not judge her own work, nor anybody the credit of who is close to her."""
    if application.appraised_by(caller.subject):
        raise NotApart("segregation.appraiser_assents", caller.subject, application, number=application.number)
    if caller.subject in find.voters(session, application.id):
        raise NotApart("segregation.voter_assents", caller.subject, application, number=application.number)
    if interested(session, caller.subject, application, resolution.decided_under.read().conflicts):
        raise NotApart("segregation.interested_assents", caller.subject, application, number=application.number)
